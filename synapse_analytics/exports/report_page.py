"""How the printed report looks: the frame of the page, its style for screen and A4, and the words on how to read it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from synapse_analytics.figures.svg import cross, symbol
from synapse_analytics.figures.verdicts import MARKS, assurance_icon, variation_icon
from synapse_analytics.findings.verdicts import ASSURANCE, VARIATION

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 190mm; padding: 8mm 6mm; background: #fff; color: #1c2733;
  font: 10pt/1.4 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", Arial, sans-serif; }
h1 { font-size: 20pt; line-height: 1.15; margin: 0 0 2mm; }
h2 { font-size: 13pt; margin: 8mm 0 2mm; break-after: avoid; }
h3 { font-size: 10pt; line-height: 1.25; margin: 0 0 1mm; break-after: avoid; }
p { margin: 0 0 2mm; }
.synthetic { border: 1px solid #52606d; border-left-width: 4px; padding: 1.5mm 3mm; font-weight: 600; }
.stamp { color: #52606d; font-size: 9pt; margin: 0 0 3mm; }
.clinic { color: #52606d; margin: 0; }
.facts { display: flex; flex-wrap: wrap; gap: 1mm 7mm; margin: 0; color: #52606d; font-size: 9pt; }
.facts div { display: flex; gap: 1.5mm; } .facts dt::after { content: ":"; } .facts dd { margin: 0; color: #1c2733; }
table { border-collapse: collapse; width: 100%; }
section table, section table * { font-size: 8.5pt; line-height: 1.3; }
section th, section td { padding: 1.1mm 2mm 1.1mm 0 !important; }
section thead th { vertical-align: bottom !important; }
thead { display: table-header-group; } tr { break-inside: avoid; }
td img { width: 15px; height: 15px; vertical-align: -3px !important; }
.columns { columns: 2; column-gap: 7mm; } .columns dl { margin: 0 0 3mm; font-size: 7.5pt; line-height: 1.35; }
.columns dt { font-weight: 600; break-after: avoid; } .columns dd { margin: 0 0 1.2mm; break-inside: avoid; }
.key { display: flex; flex-wrap: wrap; gap: 1mm 5mm; margin: 0 0 3mm; padding: 0; list-style: none; font-size: 9pt; }
.key svg { width: 14px; height: 14px; vertical-align: -2px; } .key img { vertical-align: -6px; }
.cards { display: grid; grid-template-columns: 1fr 1fr; gap: 4mm; margin: 0 0 4mm; }
.card { border: 1px solid #dbe2e9; border-radius: 2mm; padding: 3mm; break-inside: avoid; display: flex; flex-direction: column; }
.card p { font-size: 8.5pt; line-height: 1.35; flex: 1; margin: 0 0 2mm; }
.card svg { width: 100%; height: auto; display: block; }
footer { margin-top: 8mm; color: #52606d; font-size: 8.5pt; }
@media (max-width: 640px) { .cards { grid-template-columns: 1fr; } .columns { columns: 1; } }
@media print {
  body { max-width: none; padding: 0; }
  section > div[role=region] { overflow: visible !important; }
  .charts { break-before: page; } .reading, .privacy { break-inside: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@page { size: A4; margin: 14mm 13mm 16mm;
  @bottom-left { content: STAMP; width: 150mm; font: 8pt sans-serif; color: #52606d; }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font: 8pt sans-serif; color: #52606d; } }
"""
BY_PERIOD = (
    "Each indicator is judged by one period, the same in tables and charts: the finest of month, quarter, half-year and year of which nine of "
    "ten points may be shown. It is named in every verdict."
)
ONLY_ITSELF = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
READING = (
    (
        "A control chart shows what an indicator does by itself. Between the dashed limits (three standard deviations around the mean) it "
        "varies as usual, and no single point there has a cause worth looking for. A point gets a mark where it lies outside the limits, where seven "
        "points in a row lie on one side of the mean or rise or fall, or where two of three lie close to a limit."
    ),
    (
        "The limits come from periods whose follow-up is over. Hollow points are open: they will still change, and nothing is concluded from them. "
        "Limits are calculated anew only at a dated step whose reason is written down."
    ),
    "A target is consistently met or missed where it lies outside the limits; inside them it is sometimes met and sometimes missed by chance alone.",
    (
        "Improvement is positive: three points of improvement means pain fell by three points. The interval in brackets holds the true value in 95 of "
        "100 such samples. Followed up is the share of those expected who answered; those who did not may fare worse."
    ),
    "These are observations. They show what happened, not what a treatment caused, and nobody is ranked.",
)


def document(title: str, head: str, sections: Sequence[str], *, stamp: str) -> str:
    """The whole file: nothing in it is fetched, and nothing in it can run. The stamp stands at the foot of every printed page."""
    style = STYLE.replace("STAMP", css_text(stamp))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{ONLY_ITSELF}"><title>{escape(title)}</title><style>{style}</style></head>'
        f"<body><header>{head}</header><main>{''.join(sections)}</main></body></html>\n"
    )


def css_text(text: str) -> str:
    """Text as a CSS string in which nothing can end the string or the style: every other letter than these is written as its number."""
    return '"' + "".join(letter if letter.isalnum() or letter in " .,:-" else f"\\{ord(letter):06x}" for letter in text) + '"'


def section(title: str, body: str, *, name: str) -> str:
    """A part of the report under its heading."""
    return f'<section class="{name}" aria-labelledby="{name}"><h2 id="{name}">{escape(title)}</h2>{body}</section>'


def definitions(theme: str, entries: Sequence[tuple[str, str]]) -> str:
    """Names and what they mean, under the name of their theme."""
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{kept(meaning)}</dd>" for name, meaning in entries)
    return f"<h3>{escape(theme)}</h3><dl>{listed}</dl>"


def kept(text: str) -> str:
    """Text in which a number is not parted from its per cent sign."""
    return escape(text.replace(" %", "\u00a0%"))


def key() -> str:
    """What the points of the charts mean."""
    drawn = [(symbol(mark, 7, 7), own.words) for mark, own in MARKS.items()] + [(cross(7, 7), "too few patients to be shown")]
    listed = (f'<li><svg viewBox="0 0 14 14" aria-hidden="true">{picture}</svg> {words}</li>' for picture, words in drawn)
    return f'<ul class="key">{"".join(listed)}</ul>'


def reading() -> str:
    """How to read charts and icons."""
    icons = [(variation_icon(code, "higher"), words) for code, words in VARIATION.items()]
    icons += [(assurance_icon(code), f"Target {words}") for code, words in ASSURANCE.items()]
    listed = "".join(f"<li>{icon} {escape(words)}</li>" for icon, words in icons)
    words = "".join(f"<p>{escape(text)}</p>" for text in READING)
    return section("How to read this", f'<ul class="key">{listed}</ul>{words}', name="reading")
