"""The figures of who answered: follow-up by visit, and how those who did not answer differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures import words as w
from synapse_analytics.figures.theme import Figure, Look, axis, figure, in_order, layout, note, nothing

Row = Mapping[str, Any]


@figure
def followed_up(released: Released, look: Look) -> Figure:
    """Who answered of those who were expected, by visit."""
    rows, by = [row for row in released.tables["visits"] if row["visit"] != "baseline"], released.options.get("by")
    if not rows:
        return nothing(look, "No follow-up visit is due yet.")
    groups = in_order(rows, "group")
    order = [visit.code for visit in v.VISITS if any(row["visit"] == visit.code for row in rows)]
    given = []
    for place, group in enumerate(groups):
        mine = [row for row in rows if row["group"] == group]
        name = w.group(by, group)
        hovers = [
            m.hover(
                f"{name}, {w.visit(r['visit']).lower()}",
                f"{w.share(r['share'])} answered",
                f"{w.count(r['answered'])} of {w.count(r['expected'])} expected",
            )
            for r in mine
        ]
        none = [None] * len(mine)
        given.append(
            m.Series(
                name,
                w.colour(by, group, place, look.one),
                [order.index(r["visit"]) for r in mine],
                [r["share"] for r in mine],
                none,
                none,
                hovers,
            )
        )
    ticks = [_expected(rows, code) for code in order]
    shared = layout(
        look,
        "How many of the expected patients answered?",
        _answered(rows, order, groups, by),
        height=320,
        margin={"l": 12, "r": m.label_margin(given) if len(groups) > 1 else 24, "t": 12, "b": 56},
        xaxis=axis(look, "", tickvals=list(range(len(order))), ticktext=ticks, showgrid=False, range=[-0.25, len(order) - 0.75]),
        yaxis=axis(look, "Answered, of those expected (higher is better)", range=[0, 1.02], tickformat=".0%"),
        annotations=[
            *(m.end_labels(look, given, (0, 1), 320) if len(groups) > 1 else []),
            note(look, "60 %: below this, read with care", x=0, xref="paper", xanchor="left", y=0.6, yanchor="bottom"),
        ],
        shapes=[
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": 0.6,
                "y1": 0.6,
                "line": {"color": look.line, "width": 1, "dash": "dot"},
            }
        ],
    )
    return {"data": m.lines(look, given), "layout": shared}


def _expected(rows: Sequence[Row], code: str) -> str:
    mine = [row["expected"] for row in rows if row["visit"] == code]
    return f"{w.visit(code)}<br>{sum(mine):,} expected" if None not in mine else f"{w.visit(code)}<br>partly withheld"


def _answered(rows: Sequence[Row], order: Sequence[str], groups: Sequence[str], by: str | None) -> str:
    code = "month_12" if "month_12" in order else order[-1]
    mine = [row for row in rows if row["visit"] == code and row["share"] is not None]
    if not mine:
        return "Too few patients were expected for this to be shown."
    if len(groups) == 1:
        return f"At {w.visit(code)} {w.share(mine[0]['share'])} answered: {w.count(mine[0]['answered'])} of {w.count(mine[0]['expected'])} expected."
    low, high = min(mine, key=lambda r: r["share"]), max(mine, key=lambda r: r["share"])
    return f"At {w.visit(code)} from {w.share(low['share'])} ({w.group(by, low['group'])}) to {w.share(high['share'])} ({w.group(by, high['group'])})."


ASKED = {
    "age_years": "Age, years",
    "female": "Women",
    "baseline": "Score at the first visit",
    "symptom_weeks": "Symptoms, weeks",
    "bmi": "BMI",
    "smoker": "Smokers",
    "operated": "Operated",
}


@figure
def missing(released: Released, look: Look) -> Figure:
    """How far those who answered differ from those who did not, as standardised differences."""
    rows = [row for row in released.tables["baselines"] if row["group"] == "answered" and row["smd"] is not None]
    question = "Do those who did not answer differ?"
    if not rows:
        return nothing(look, "Too few patients in one of the two groups to compare them.", question)
    other = {row["variable"]: row for row in released.tables["baselines"] if row["group"] != "answered"}
    labels = [ASKED.get(row["variable"], row["variable"]) for row in rows][::-1]
    hovers = [
        m.hover(
            ASKED.get(r["variable"], r["variable"]),
            f"answered: {_typical(r)}",
            f"did not: {_typical(other.get(r['variable']))}",
            f"standardised difference {w.number(r['smd'], 2)}",
        )
        for r in rows
    ][::-1]
    far = [row for row in rows if abs(row["smd"]) > 0.1]
    said = (
        "No characteristic differs notably (all standardised differences within 0.1)."
        if not far
        else f"Notably different: {', '.join(ASKED.get(r['variable'], r['variable']).split(',')[0] for r in far)} (beyond 0.1)."
    )
    reach = max(0.3, *(abs(row["smd"]) * 1.2 for row in rows))
    data = {
        "type": "scatter",
        "mode": "markers",
        "x": [row["smd"] for row in rows][::-1],
        "y": labels,
        "marker": {"color": [look.worse if abs(row["smd"]) > 0.1 else look.one for row in rows][::-1], "size": 11},
        "hoverinfo": "text",
        "hovertext": hovers,
    }
    texts = [
        note(
            look,
            f"{_typical(r)} against {_typical(other.get(r['variable']))}",
            x=1,
            xref="paper",
            xanchor="right",
            y=ASKED.get(r["variable"], r["variable"]),
            yanchor="bottom",
            yshift=2,
        )
        for r in rows
    ]
    shared = layout(
        look,
        question,
        said,
        height=m.bar_height(len(rows), extra=90),
        xaxis=axis(look, "Standardised difference, answered minus not answered", range=[-reach, reach]),
        yaxis=axis(look, "", tickfont={"size": 13, "color": look.text}),
        annotations=texts,
        shapes=[
            {
                "type": "rect",
                "yref": "paper",
                "x0": -0.1,
                "x1": 0.1,
                "y0": 0,
                "y1": 1,
                "fillcolor": look.grid,
                "line": {"width": 0},
                "layer": "below",
            }
        ],
    )
    return {"data": [data], "layout": shared}


def _typical(row: Row | None) -> str:
    if row is None:
        return w.WITHHELD
    return w.share(row["share"]) if row["mean"] is None else w.number(row["mean"])
