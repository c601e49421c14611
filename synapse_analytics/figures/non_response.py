"""The figures of who answered: follow-up by visit, and how those who did not answer differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import lines_by_group, series_by_group
from synapse_analytics.figures.theme import Figure, Look, axis, figure, layout, note
from synapse_analytics.findings import non_response as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import NOTABLE

Row = Mapping[str, Any]
ENOUGH = 0.6  # of those expected; with fewer answers a mean is read with care


@figure(said.followed_up)
def followed_up(released: Released, look: Look) -> Figure:
    """Who answered of those who were expected, by visit."""
    rows, by = [{**row, "low": None, "high": None} for row in said.follow_ups(released)], released.options.get("by")
    order = [visit.code for visit in v.VISITS if any(row["visit"] == visit.code for row in rows)]
    given = series_by_group(look, rows, by, x=lambda row: order.index(row["visit"]), columns=("share", "low", "high"), hover=_answered)
    ticks = {"tickvals": list(range(len(order))), "ticktext": [_expected(rows, code) for code in order]}
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": ENOUGH, "y1": ENOUGH}
    care = f"{w.share(ENOUGH)}: below this, read with care"
    return lines_by_group(
        look,
        given,
        axis(look, "", showgrid=False, range=[-0.25, len(order) - 0.75], **ticks),
        axis(look, "Answered, of those expected (higher is better)", range=[0, 1.02], tickformat=".0%"),
        height=320,
        below=66,
        notes=[note(look, care, x=0, xref="paper", xanchor="left", y=ENOUGH, yanchor="bottom")],
        shapes=[line | {"line": {"color": look.line, "width": 1, "dash": "dot"}}],
    )


def _answered(name: str, row: Row) -> str:
    counts = w.part_of(row["answered"], row["expected"], "expected")
    return m.hover(f"{name}, {w.visit(row['visit']).lower()}", w.share_who(row["share"], "answered"), counts)


def _expected(rows: Sequence[Row], code: str) -> str:
    mine = [row["expected"] for row in rows if row["visit"] == code]
    return f"{w.visit(code)}<br>{sum(mine):,} expected" if None not in mine else f"{w.visit(code)}<br>expected: partly withheld"


@figure(said.missing)
def missing(released: Released, look: Look) -> Figure:
    """How far those who answered differ from those who did not, as standardised differences."""
    pairs = said.answered_or_not(released)[::-1]
    given = [_difference(row, other, look) for row, other in pairs]
    reach = max(0.3, *(abs(bar.value) * 1.2 for bar in given if bar.value is not None))
    within = {"type": "rect", "yref": "paper", "x0": -NOTABLE, "x1": NOTABLE, "y0": 0, "y1": 1}
    beside = {"x": 1, "xref": "paper", "xanchor": "right", "yanchor": "bottom", "yshift": 2}
    shared = layout(
        look,
        height=m.bar_height(len(given), extra=90),
        xaxis=axis(look, "Standardised difference, answered minus not answered", range=[-reach, reach]),
        yaxis=m.names(look),
        annotations=[
            *(note(look, bar.text, y=bar.label, **beside) for bar in given),
            *(gaps.word(look, bar.label) for bar in given if bar.value is None),
        ],
        shapes=[within | {"fillcolor": look.grid, "line": {"width": 0}, "layer": "below"}],
    )
    return {"data": [m.dots(given, size=11)], "layout": shared}


def _difference(row: Row, other: Row | None, look: Look) -> m.Bar:
    name, smd, answered, did_not = said.ASKED[row["variable"]], row["smd"], _typical(row), _typical(other)
    hover = m.hover(name, f"answered: {answered}", f"did not: {did_not}", f"standardised difference {w.number(smd, 2)}")
    colour = look.worse if abs(smd or 0) > NOTABLE else look.one
    return m.Bar(name, smd, None, None, colour, f"{answered} against {did_not}", hover)


def _typical(row: Row | None) -> str:
    value = None if row is None else row["share"] if row["mean"] is None else row["mean"]
    if row is None or value is None:
        return "a withheld number"
    return w.share(value) if row["mean"] is None else w.number(value)
