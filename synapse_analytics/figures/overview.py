"""The figures of the overview: one tile per indicator with a sparkline, and one indicator quarter by quarter."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures import words as w
from synapse_analytics.figures.theme import Figure, Look, axis, figure, layout, nothing

Row = Mapping[str, Any]
UNITS = {"points": ", points", "days": ", days"}
WIDE, TALL = 220, 44  # px of a sparkline


def sparkline(values: Sequence[float | None], look: Look, words: str) -> str:
    """A small line as an SVG image: quarters in order, gaps where nothing may be shown, a point on the last."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    room = (high - low) or abs(high) or 1
    step = WIDE / max(len(values) - 1, 1)
    points = [
        None if value is None else (place * step, TALL - 5 - (value - low) / room * (TALL - 10)) for place, value in enumerate(values)
    ]
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    drawn = "".join(
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in run)}" fill="none" stroke="{look.one}" stroke-width="2"/>'
        for run in runs
        if len(run) > 1
    )
    x, y = next(point for point in reversed(points) if point is not None)
    end = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{look.one}"/>'
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 0 {WIDE + 8} {TALL}" width="{WIDE + 8}" height="{TALL}">{drawn}{end}</svg>'
    )
    source = base64.b64encode(picture.encode()).decode()  # Streamlit strips svg elements from HTML, not images
    return f'<img src="data:image/svg+xml;base64,{source}" width="{WIDE + 8}" height="{TALL}" style="max-width:100%" alt="{escape(words)}">'


def written(row: Row, column: str = "value") -> str:
    """The value of an indicator in its unit."""
    value, unit = row[column], row.get("unit") or ""
    if value is None:
        return w.WITHHELD
    if unit in ("share", "percent", "%"):
        return w.share(value)
    if unit in ("patients", "episodes", "count", "n"):
        return w.count(round(value))
    return f"{w.number(value)} {unit}".strip()


def tile(row: Row, quarters: Sequence[Row], look: Look, words: tuple[str, str]) -> str:
    """One indicator as HTML: name, value, interval, n, completeness, sparkline and one sentence."""
    label, sentence = words
    limits = w.between(
        row["low"], row["high"], lambda value: written({"value": value, "unit": "share"}) if row.get("unit") == "share" else w.number(value)
    )
    interval = f"95 % interval {limits}" if limits else ""
    of = [
        f"n = {w.count(row['n'])}" if row.get("n") is not None and row["unit"] != "patients" else "",
        f"{w.share(row['completeness'])} followed up" if row.get("completeness") is not None else "",
    ]
    support = " \u00b7 ".join(fact for fact in of if fact)
    values = [quarter["value"] for quarter in quarters]
    spark = sparkline(values, look, f"{label} by quarter") if mostly_shown(quarters) else ""
    span = f"{_quarter(quarters[0]['quarter'])} to {_quarter(quarters[-1]['quarter'])}, by quarter" if spark else ""
    styles = f'style="color:{look.quiet};font-size:13px;line-height:1.45"'
    return (
        f'<div style="color:{look.text};font-size:15px;font-weight:600;line-height:1.3;min-height:1.3em">{escape(label)}</div>'
        f'<div style="color:{look.text};font-size:30px;font-weight:600;line-height:1.25;margin:2px 0">{escape(written(row))}</div>'
        f"<div {styles}>{escape(interval) or '&nbsp;'}<br>{escape(support) or '&nbsp;'}</div>"
        f'<div style="margin-top:8px;height:{TALL}px">{spark}</div>'
        f"<div {styles}>{escape(span) or 'Too many quarters are too small for a line'}</div>"
        f'<div style="color:{look.text};font-size:14px;line-height:1.4;margin-top:6px">{escape(sentence)}</div>'
    )


def _quarter(code: Any) -> str:
    return str(code).replace("-", " ")


@figure
def by_quarter(released: Released, look: Look, *, name: str, label: str, direction: str = "none") -> Figure:
    """One indicator quarter by quarter, with the n of each quarter under it."""
    row = next((row for row in released.tables["indicators"] if row["name"] == name), None)
    quarters = [quarter for quarter in released.tables["quarters"] if quarter["name"] == name]
    if row is None or not mostly_shown(quarters):
        return nothing(look, "Too many quarters have too few patients to be shown.", f"{label}, quarter by quarter")
    unit = row.get("unit") or ""
    texts = [written(quarter | {"unit": unit}) for quarter in map(dict, quarters)]
    hovers = [m.hover(_quarter(q["quarter"]), text, m.n_of(q["n"])) for q, text in zip(quarters, texts, strict=True)]
    none: list[float | None] = [None] * len(quarters)
    series = m.Series(label, look.one, [_quarter(q["quarter"]) for q in quarters], [q["value"] for q in quarters], none, none, hovers)
    share = unit == "share"
    shared = layout(
        look,
        f"{label}, quarter by quarter",
        f"Over all quarters {w.with_interval(row['value'], row['low'], row['high'], w.share if unit == 'share' else w.number)}. By quarter of the first visit.",
        height=320,
        margin={"l": 12, "r": 24, "t": 12, "b": 48},
        xaxis=axis(
            look,
            "",
            tickvals=list(series.x),
            ticktext=[f"{x.replace(' ', '<br>') if p % max(1, len(series.x) // 12) == 0 else ''}" for p, x in enumerate(series.x)],
            showgrid=False,
        ),
        yaxis=axis(
            look,
            w.wrapped(f"{label}{UNITS.get(unit, '')}{'' if direction == 'none' else f', {direction} is better'}", 34),
            rangemode="tozero",
            **({"tickformat": ".0%"} if share else {}),
        ),
    )
    return {"data": m.lines(look, [series]), "layout": shared}


def sentence(row: Row, quarters: Sequence[Row]) -> str:
    """One sentence by rule: the latest quarter that may be shown, beside the whole period."""
    known = [quarter for quarter in quarters if quarter["value"] is not None]
    if row["value"] is None:
        return "Too few patients to be shown."
    if not known:
        return "No single quarter has enough patients to be shown."
    if not mostly_shown(quarters):
        return "By quarter too few patients to be shown."
    last = known[-1]
    said = written({"value": last["value"], "unit": row["unit"]})
    return (
        f"Last: {said} in {_quarter(last['quarter'])}, {m.n_of(last['n'])}."
        if row["unit"] != "patients"
        else f"Last: {said} in {_quarter(last['quarter'])}."
    )


def mostly_shown(quarters: Sequence[Row]) -> bool:
    """Whether a line is honest, from four fifths on: where quarters are withheld, those left are the ones in which nothing happened."""
    return 5 * sum(quarter["value"] is not None for quarter in quarters) >= 4 * len(quarters)
