"""The figures of who answered: follow-up by visit, and how those who did not answer differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import lines_by_group, series_by_group
from synapse_analytics.figures.panels import Panel, Shared, narrow, side_by_side
from synapse_analytics.figures.theme import Figure, Look, axis, figure, layout, note
from synapse_analytics.findings import non_response as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import NOTABLE, in_order

Row = Mapping[str, Any]
ENOUGH = 0.6  # of those expected; with fewer answers a mean is read with care


@figure(said.followed_up)
def followed_up(released: Released, look: Look, *, shown: str = "") -> Figure:
    """Who answered of those who were expected, by visit; of several groups each has a panel, or the one that is `shown`."""
    rows, by = [{**row, "low": None, "high": None} for row in said.follow_ups(released)], released.options.get("by")
    order = [visit.code for visit in v.VISITS if any(row["visit"] == visit.code for row in rows)]
    given = series_by_group(look, rows, by, x=lambda row: order.index(row["visit"]), columns=("share", "low", "high"), hover=_answered)
    lines = dict(zip(in_order(rows, "group"), given, strict=True))
    if len(lines) > 1:
        return _by_group(look, by, {group: ([row for row in rows if row["group"] == group], line) for group, line in lines.items()}, shown)
    wide, short = ({"tickvals": list(range(len(order))), "ticktext": _expected(rows, short=short)} for short in (False, True))
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": ENOUGH, "y1": ENOUGH}
    care = f"{w.share(ENOUGH)}: below this, read with care"
    across = axis(look, "", showgrid=False, range=[-0.25, len(order) - 0.75], tickangle=0, **wide)
    title = across["title"] | {"text": "Below each time: patients expected"}
    drawn = lines_by_group(
        look,
        given,
        across,
        axis(look, "Answered, of those expected<br>(higher is better)", range=[0, 1.02], tickformat=".0%"),
        height=320,
        below=66,
        notes=[note(look, care, x=0, xref="paper", xanchor="left", y=ENOUGH, yanchor="top")],
        shapes=[line | {"line": {"color": look.same, "width": 1.2, "dash": "dot"}}],
    )
    narrow(drawn["layout"], wide | {"title": across["title"]}, short | {"title": title})
    return drawn


def _by_group(look: Look, by: str | None, given: Mapping[str, tuple[Sequence[Row], m.Series]], shown: str) -> Figure:
    """A panel for each group, with how many were expected under each time point."""
    order = list(dict.fromkeys(row["visit"] for rows, _ in given.values() for row in rows))
    ends = [-0.25, len(order) - 0.75]
    panels = {}
    for group, (rows, line) in given.items():
        size = max((row["expected"] for row in rows if row["expected"] is not None), default=None)
        ticks = {"tickvals": [order.index(row["visit"]) for row in rows], "ticktext": _expected(rows, short=True)}
        panels[group] = Panel(line, size, ticks, ((ends[0], ENOUGH), (ends[1], ENOUGH)))
    words = [f"Answered, of those expected. Dashed: {w.share(ENOUGH)}. Below it, read with care. Under each time: patients expected."]
    up = {"range": [0, 1.02], "tickformat": ".0%", "tickvals": [0, 0.5, 1]}
    return side_by_side(look, panels, Shared({"range": ends, "showgrid": False}, up, words), by, shown)


def _answered(name: str, row: Row) -> str:
    counts = w.part_of(row["answered"], row["expected"], "expected")
    return m.hover(f"{name}, {w.visit(row['visit']).lower()}", w.share_who(row["share"], "answered"), counts)


def _expected(rows: Sequence[Row], *, short: bool) -> list[str]:
    """Under each time point of one group its name and how many were expected."""
    if short:
        return [f"{w.SHORT_VISITS[row['visit']]}<br>{'few' if row['expected'] is None else format(row['expected'], ',')}" for row in rows]
    return [f"{w.visit(row['visit'])}<br>{w.count(row['expected'])} expected" for row in rows]


@figure(said.missing)
def missing(released: Released, look: Look) -> Figure:
    """How far those who answered differ from those who did not, in standard deviations, with both values under each name."""
    pairs = said.answered_or_not(released)[::-1]
    given = [_difference(row, other, look) for row, other in pairs]
    reach = max(0.3, *(abs(bar.value) * 1.2 for bar in given if bar.value is not None))
    within = {"type": "rect", "yref": "paper", "x0": -NOTABLE, "x1": NOTABLE, "y0": 0, "y1": 1}
    shared = layout(
        look,
        height=m.bar_height(len(given), extra=90) + 6 * len(given),
        xaxis=axis(look, "Difference in SD", range=[-reach, reach], tickangle=0),
        yaxis=m.names(look, {bar.label: bar.text for bar in given}),
        annotations=[gaps.word(look, bar.label) for bar in given if bar.value is None],
        shapes=[within | {"fillcolor": look.grid, "line": {"width": 0}, "layer": "below"}],
    )
    return {"data": [m.dots(given, size=11)], "layout": shared}


def _difference(row: Row, other: Row | None, look: Look) -> m.Bar:
    name, smd, answered, did_not = said.ASKED[row["variable"]], row["smd"], _typical(row), _typical(other)
    apart = "difference withheld" if smd is None else f"difference {w.number(smd, 2)} SD"
    hover = m.hover(name, f"answered: {answered}", f"did not: {did_not}", apart)
    return m.Bar(name, smd, None, None, look.one, f"{answered} against {did_not}", hover)


def _typical(row: Row | None) -> str:
    value = None if row is None else row["share"] if row["mean"] is None else row["mean"]
    if row is None or value is None:
        return "a withheld number"
    return w.share(value) if row["mean"] is None else w.number(value)
