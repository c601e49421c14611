"""The overview as HTML, for the page and for the printed report: sentences, what needs attention, and one table of all its indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from synapse_analytics.figures.sparkline import LARGE, Changed, sparkline
from synapse_analytics.figures.theme import Look
from synapse_analytics.figures.verdicts import assurance_icon, colour_of
from synapse_analytics.findings import words as w
from synapse_analytics.findings.overview import Sentence, Standing
from synapse_analytics.findings.verdicts import MISSED, TOO_FEW, USUAL
from synapse_analytics.vocabulary.periods import spoken

Row = Mapping[str, Any]
LATEST, ALL_YEARS = "Latest year", "All years"
# name of the column, its class; on a phone a row is a small card of name, value, course, change and target
COLUMNS = (
    ("Indicator", "name"),
    (LATEST, "value"),
    ("95 % interval", "interval"),
    ("n", "n"),
    ("Followed up", "followed"),
    ("Over time", "course"),
    ("Change", "change"),
    ("Target", "target"),
)
SHOWS = ' data-shows="card_control_chart"'  # a click brings the chart into sight
GLYPHS = {"higher": "\u2191", "lower": "\u2193"}
NEEDLESS = {USUAL: "\u25cf", TOO_FEW: "\u25cb"}  # before the words of a course without a change
STYLE = """<style>
.overview, .sentences, .attention { font-size: 14px; line-height: 1.35; color: %(text)s }
.sentences { margin: 0; padding-left: 1.2em; font-size: 15px; line-height: 1.55; list-style: disc }
.sentences li { margin: 0; font-size: inherit }
.linked .sentences button, .linked .sentences a { color: %(link)s; text-decoration: underline; margin-left: .4em; white-space: nowrap }
.attention { display: grid; grid-template-columns: repeat(auto-fit, minmax(250px, 520px)); gap: 12px; margin: 8px 0 0 }
.attention > div { border: 1px solid %(grid)s; border-left-width: 4px; border-radius: 6px; padding: 8px 14px; display: flex; gap: 14px;
 align-items: center; justify-content: space-between; flex-wrap: wrap }
.attention > div > div { flex: 1 1 180px } .attention strong { display: block; font-size: 22px; line-height: 1.2 } .attention small { font-size: 13px; color: %(quiet)s; display: block }
.attention svg, .overview svg { display: block; max-width: 100%% }
.overview table { border-collapse: collapse; width: 100%%; font-variant-numeric: tabular-nums; table-layout: fixed; margin: 0 }
.overview th, .overview td { padding: 2px 8px; text-align: left; font-weight: 400; border: 0; border-bottom: 1px solid %(grid)s;
 vertical-align: middle; height: 25px; overflow-wrap: break-word; color: inherit; font-size: 14px }
.overview thead th { font-weight: 600; font-size: 13px; color: %(quiet)s; height: 22px; border-bottom-color: %(line)s }
.overview .value, .overview .interval, .overview .n, .overview .followed { text-align: right }
.overview td.value { font-weight: 600 } .overview td small { color: %(quiet)s; font-size: 12px; font-weight: 400 }
.overview col.name { width: 26%% } .overview col.value { width: 10%% } .overview col.interval { width: 9%% } .overview col.n { width: 5.5%% }
.overview col.followed { width: 6.5%% } .overview col.course { width: 12%% } .overview col.change { width: 14.5%% } .overview col.target { width: 16.5%% }
.linked .overview tbody tr:hover { background: %(panel)s } .overview tr.open { background: %(panel)s }
.overview .quiet { color: %(quiet)s } .overview thead.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%%) }
.overview .unset { color: %(quiet)s } .overview td img { vertical-align: -4px; width: 16px; height: 16px }
@media print { .linked .sentences button, .linked .sentences a { display: none } }
.linked .overview { container: board / inline-size } .linked .overview .interval, .linked .overview .n { white-space: nowrap }
@container board (max-width: 860px) {
 .overview .followed { display: none } .overview th, .overview td { padding: 2px 5px; font-size: 13px }
 .overview col.name { width: 34%% } .overview col.value { width: 11%% } .overview col.interval { width: 12%% } .overview col.n { width: 6%% }
 .overview col.course { width: 11%% } .overview col.change { width: 13%% } .overview col.target { width: 13%% }
}
@media screen and (max-width: 640px) {
 .overview thead, .overview colgroup, .overview .interval, .overview .n, .overview .followed { display: none }
 .overview table, .overview tbody { display: block }
 .overview tbody tr { display: grid; grid-template-columns: 1fr 132px; padding: 6px 2px; border-bottom: 1px solid %(grid)s }
 .overview th, .overview td { border: 0; padding: 0; height: auto; min-height: 0 } .overview .name { grid-column: 1 }
 .overview .value { grid-column: 2; grid-row: 1 } .overview .course { grid-column: 2; grid-row: 2 / span 2 } .overview .course svg { width: 132px }
 .overview .unset { display: none } .overview .change, .overview .target { grid-column: 1; font-size: 13px }
}
</style>"""


def style(look: Look) -> str:
    """How the pieces below look in a mode; stands once before them."""
    return STYLE % {"text": look.text, "quiet": look.quiet, "grid": look.grid, "line": look.line, "panel": look.panel, "link": look.link}


def sentences(points: Sequence[Sequence[Sentence]], funnels: str | None = None) -> str:
    """The sentences as a list. With the address of the `funnels` each leads to what shows it: a chart of this page, or funnels of units."""
    items = (" ".join(_sentence(sentence, funnels) for sentence in point) for point in points)
    return f'<ul class="sentences">{"".join(f"<li>{item}</li>" for item in items)}</ul>'


def _sentence(sentence: Sentence, funnels: str | None) -> str:
    strong = f"<strong>{escape(sentence.strong)}</strong> " if sentence.strong else ""
    return f"{strong}{escape(sentence.text)}{_link(sentence, funnels) if funnels and sentence.about else ''}"


def _link(sentence: Sentence, funnels: str) -> str:
    if sentence.by:
        where = f"{funnels}&funnel_by={sentence.by}&indicator={sentence.about}"
        return f'<a href="{escape(where)}" target="_self">See the funnel</a>'
    return f'<button data-code="{escape(sentence.about)}"{SHOWS}>See the chart</button>'


def attention(calling: Sequence[Standing], look: Look) -> str:
    """The indicators that need attention, each with its value, why, and its course; empty where none does."""
    return f'<div class="attention">{"".join(_tile(standing, look) for standing in calling)}</div>' if calling else ""


def _tile(standing: Standing, look: Look) -> str:
    mark = "concern" if standing.calls == MISSED else str(standing.calls)
    title, colour = standing.declared.title, colour_of(look, mark)
    value = standing.amount(standing.row["after"]) if standing.has_changed else standing.value()
    target = [f"target {standing.target()}"] if standing.target() else []
    changed = [f"{standing.change()} ({standing.amount(standing.row['before'])} before)"] if standing.has_changed else []
    latest = [f"latest year {standing.value()}"] if standing.has_changed and standing.latest else []
    why = "; ".join([*changed, *latest, *target])
    picture = sparkline(standing.points, look, f"{title} by {standing.row['judged_by']}", size=LARGE, changed=_changed(standing))
    button = f'<button data-code="{standing.declared.name}">{escape(title)}</button>'
    said_of = f"<strong>{escape(value)}</strong>{button}<small>{escape(why)}</small>"
    return f'<div data-code="{standing.declared.name}"{SHOWS} style="border-left-color:{colour}"><div>{said_of}</div>{picture}</div>'


@dataclass(frozen=True, slots=True)
class Column:
    """A column in the place of the small courses: its head, and its texts by the name of the indicator."""

    head: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of the table: which is open, whether the part goes on below an open row, and whether rows lead to their charts."""

    rows: Sequence[Standing]
    opened: str = ""
    goes_on: bool = False
    links: bool = True
    instead: Column | None = None


def table(every: Sequence[Standing], look: Look, part: Part) -> str:
    """A part of the table of all indicators. One that goes on shows no head again; it is there for who listens."""
    first = LATEST if any(standing.latest for standing in every) else ALL_YEARS
    heads = {"value": first} | ({"course": part.instead.head} if part.instead else {})
    head = "".join(f'<th scope="col" class="{kind}">{escape(heads.get(kind, name))}</th>' for name, kind in COLUMNS)
    widths = "".join(f'<col class="{kind}">' for _, kind in COLUMNS)
    body = "".join(_row(standing, look, part, told=first == LATEST) for standing in part.rows)
    unseen = ' class="unseen"' if part.goes_on else ""
    thead = f"<thead{unseen}><tr>{head}</tr></thead>"
    return f'<div class="overview"><table><colgroup>{widths}</colgroup>{thead}<tbody>{body}</tbody></table></div>'


def _row(standing: Standing, look: Look, part: Part, *, told: bool) -> str:
    name, title, is_open = standing.declared.name, escape(standing.declared.title), standing.declared.name == part.opened
    if part.links:
        title = f'<button data-code="{name}" aria-expanded="{str(is_open).lower()}">{title}</button>'
    own = f' data-code="{name}"{"" if is_open else SHOWS}' if part.links else ""
    texts = _cells(standing, look, told=told) | ({"course": escape(part.instead.texts[name])} if part.instead else {})
    cells = "".join(f'<td class="{kind}">{texts[kind]}</td>' for _, kind in COLUMNS[1:])
    return f'<tr{own}{" class=open" if is_open else ""}><th scope="row" class="name">{title}</th>{cells}</tr>'


def _cells(standing: Standing, look: Look, *, told: bool) -> dict[str, str]:
    """The cells after the name; where other rows have a value of the latest year (`told`), one of all years says so."""
    shown, row = standing.shown, standing.row
    years = "" if standing.latest or not told else " <small>all years</small>"
    unknown = shown["completeness"] is None and "completeness" not in shown["withheld"]
    return {
        "value": f"{escape(standing.value())}{years}",
        "interval": w.amounts_between(shown["low"], shown["high"], str(row["unit"]), shown["value"]),
        "n": "" if row["unit"] == "patients" else w.count(shown["n"]),
        "followed": "" if unknown else w.share(shown["completeness"]),
        "course": sparkline(standing.points, look, f"By {row['judged_by']}", changed=_changed(standing)),
        "change": change(standing, look),
        "target": _target(standing, look),
    }


def _changed(standing: Standing) -> Changed | None:
    return Changed(str(standing.row["since"]), str(standing.course)) if standing.has_changed else None


def change(standing: Standing, look: Look) -> str:
    """What an indicator's course says, with its sign, as HTML."""
    if not standing.has_changed:
        return f'<span class="quiet"><span aria-hidden="true">{NEEDLESS.get(str(standing.course), "")}</span> {escape(standing.change())}</span>'
    glyph, colour = GLYPHS[standing.way], colour_of(look, str(standing.course))
    return f'<span aria-hidden="true" style="color:{colour}">{glyph}</span> {escape(standing.change())}'


def _target(standing: Standing, look: Look) -> str:
    if standing.row["target"] is None:
        return '<span class="unset">\u2013</span>'
    icon = assurance_icon(look, standing.row["assurance"]) if standing.row["assurance"] else ""
    return f'<span title="{escape(str(standing.row["target_source"]))}">{icon} {escape(standing.target())}</span>'


def reading(every: Sequence[Standing]) -> str:
    """How to read the table: what the latest year is, and what the small pictures show."""
    latest = [standing.latest for standing in every if standing.latest]
    if not latest:
        which = "Values are for all years."
    else:
        first, last = (spoken(str(min(latest, key=lambda row: str(row["last"]))[end])) for end in ("first", "last"))
        newest = spoken(str(max(str(row["last"]) for row in latest)))
        which = f"Latest year: the last twelve months with complete follow-up; for results at one year {first} to {last}, for others up to {newest}."
    told = [
        f"{one.declared.title}: the value allows for patients lost to follow-up; the line counts them as if it had not happened."
        for one in every
        if one.declared.told_as
    ]
    return " ".join([which, "Grey band: usual variation; dashed line: mean.", said_of_change(), *told])


def said_of_change() -> str:
    """What counts as a change, in one sentence."""
    return "A change is named if it began in the latest two years of an indicator and is larger than chance would explain among so many indicators."
