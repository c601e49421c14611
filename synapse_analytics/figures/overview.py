"""The tiles of the overview: one indicator each with a sparkline; below it, its target and what its control chart says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures.theme import Look
from synapse_analytics.figures.verdicts import image, target_words, variation_icon
from synapse_analytics.findings import words as w
from synapse_analytics.indicators import indicator
from synapse_analytics.vocabulary.periods import spoken

Row = Mapping[str, Any]
WIDE, TALL = 220, 44  # px of a sparkline


def sparkline(values: Sequence[float | None], look: Look, words: str) -> str:
    """A small line as an SVG image: periods in order, gaps where there is no point, a dot on the last and on one that stands alone."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    room, step = (high - low) or abs(high) or 1, WIDE / (len(values) - 1)
    places = [
        (place * step, None if value is None else TALL - 5 - (value - low) / room * (TALL - 10)) for place, value in enumerate(values)
    ]
    runs = [list(run) for shown, run in groupby(places, key=lambda place: place[1] is not None) if shown]
    lines = (" ".join(f"{x:.1f},{y:.1f}" for x, y in run) for run in runs if len(run) > 1)
    drawn = "".join(f'<polyline points="{points}" fill="none" stroke="{look.one}" stroke-width="2"/>' for points in lines)
    dots = [(*run[0], 2.0) for run in runs if len(run) == 1] + [(*runs[-1][-1], 3.5)]
    drawn += "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" fill="{look.one}"/>' for x, y, r in dots)
    box = f'viewBox="-4 0 {WIDE + 8} {TALL}" width="{WIDE + 8}" height="{TALL}"'
    return image(f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{drawn}</svg>', WIDE + 8, TALL, words)


def tiles(names: Sequence[str], seen: Released, judged: Released, look: Look) -> str:
    """The tiles of the indicators with their verdicts, as many beside each other as fit."""
    rows, verdicts = ({row["name"]: row for row in answer.tables["indicators"]} for answer in (seen, judged))
    border = f"border:1px solid {look.grid};border-radius:8px;padding:15px"
    drawn = []
    for name in names:
        periods = [row for row in seen.tables["periods"] if row["name"] == name]
        drawn.append(
            f'<div style="{border}">{tile(rows[name], periods, look)}<div style="margin-top:1rem">{verdict(verdicts[name], look)}</div></div>'
        )
    return (
        f'<div class="tiles" style="display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:1rem">{"".join(drawn)}</div>'
    )


def tile(row: Row, periods: Sequence[Row], look: Look) -> str:
    """One indicator as HTML: name, value, interval, n, completeness and its course by the period by which it is judged."""
    declared, unit = indicator(str(row["name"])), str(row["unit"])
    limits = w.amounts_between(row["low"], row["high"], unit)
    of = [
        declared.told_as,
        f"n = {w.count(row['n'])}" if row["n"] is not None and unit != "patients" else "",
        f"{w.share(row['completeness'])} followed up" if row["completeness"] is not None else "",
    ]
    support = " \u00b7 ".join(fact for fact in of if fact)
    quiet = f'style="color:{look.quiet};font-size:13px;line-height:1.45"'
    interval = f"95 % interval {limits}" if limits else ""
    values, words = [period["value"] for period in periods], f"{declared.title} by {row['judged_by']}"
    spark = sparkline(values, look, words) if _is_drawn(row, periods) else ""
    return (
        f'<div style="color:{look.text};font-size:15px;font-weight:600;line-height:1.3;min-height:1.3em">{escape(declared.title)}</div>'
        f'<div style="color:{look.text};font-size:30px;font-weight:600;line-height:1.25;margin:2px 0">{escape(w.standing(row, unit))}</div>'
        f"<div {quiet}>{escape(interval) or '&nbsp;'}<br>{escape(support) or '&nbsp;'}</div>"
        f'<div style="margin-top:8px;height:{TALL}px">{spark}</div>'
        f"<div {quiet}>{escape(_span(row, periods))}</div>"
    )


def _span(row: Row, periods: Sequence[Row]) -> str:
    """Under the line: what its points are, and from when to when; else why there is none."""
    if not _is_drawn(row, periods):
        return "No line yet"
    drawn = indicator(str(row["name"])).drawn_as
    span = f"By {row['judged_by']}, {spoken(periods[0]['period'])} to {spoken(periods[-1]['period'])}"
    gaps = "gaps: too few patients" if any(period["value"] is None for period in periods) else ""
    return "; ".join(part for part in (span, drawn, gaps) if part)


def _is_drawn(row: Row, periods: Sequence[Row]) -> bool:
    """A line is drawn where its control chart is, from two points on."""
    return row["chart"] is not None and sum(period["value"] is not None for period in periods) > 1


def verdict(row: Row, look: Look) -> str:
    """What stands under a tile: the sentence of the control chart and the target, each with its icon; the source of the target on hover."""
    icon = variation_icon(row["variation"], row["direction"]) if row["variation"] else ""
    said = row["sentence"] or "Its course is withheld: too few patients."
    lines = [f"<div>{icon} {escape(said)}</div>"]
    if row["target"] is not None:
        target = target_words(f"Target {w.amount(row['target'], row['unit'])}", row["assurance"])
        lines.append(f'<div style="margin-top:4px" title="{escape(row["target_source"])}">{target}</div>')
    return f'<div style="color:{look.text};font-size:14px;line-height:1.4">{"".join(lines)}</div>'
