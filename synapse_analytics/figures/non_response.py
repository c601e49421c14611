"""The figures of who answered: follow-up by visit, and how those who did not answer differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, axis, in_order, layout, note, nothing, old_figure
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]


@old_figure
def followed_up(released: Released, look: Look) -> Figure:
    """Who answered of those who were expected, by visit."""
    rows, by = [row for row in released.tables["visits"] if row["visit"] != "baseline"], released.options.get("by")
    if not rows:
        return nothing(look, "No follow-up visit is due yet.", ANSWERED)
    groups = in_order(rows, "group")
    order = [visit.code for visit in v.VISITS if any(row["visit"] == visit.code for row in rows)]
    given = [
        _line([row for row in rows if row["group"] == group], by, look.colour(by, group, place), order)
        for place, group in enumerate(groups)
    ]
    low = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0.6, "y1": 0.6, "line": {"color": look.line, "width": 1, "dash": "dot"}}
    ticks = [_expected(rows, code) for code in order]
    shared = layout(
        look,
        ANSWERED,
        _answered(rows, order, groups, by),
        height=320,
        margin={"l": 12, "r": m.label_margin(given) if len(groups) > 1 else 24, "t": 12, "b": 56},
        xaxis=axis(look, "", tickvals=list(range(len(order))), ticktext=ticks, showgrid=False, range=[-0.25, len(order) - 0.75]),
        yaxis=axis(look, "Answered, of those expected (higher is better)", range=[0, 1.02], tickformat=".0%"),
        annotations=[
            *(m.end_labels(look, given, (0, 1), 320) if len(groups) > 1 else []),
            note(look, "60 %: below this, read with care", x=0, xref="paper", xanchor="left", y=0.6, yanchor="bottom"),
            *gaps.crosses(look, given),
        ],
        shapes=[low],
    )
    return {"data": m.lines(look, given), "layout": shared}


def _line(rows: Sequence[Row], by: str | None, colour: str, order: Sequence[str]) -> m.Series:
    name = w.group(by, rows[0]["group"])
    hovers = [
        m.hover(
            f"{name}, {w.visit(r['visit']).lower()}",
            w.share_who(r["share"], "answered"),
            w.part_of(r["answered"], r["expected"], "expected"),
        )
        for r in rows
    ]
    none: list[float | None] = [None] * len(rows)
    return m.Series(name, colour, [order.index(row["visit"]) for row in rows], [row["share"] for row in rows], none, none, hovers)


def _expected(rows: Sequence[Row], code: str) -> str:
    mine = [row["expected"] for row in rows if row["visit"] == code]
    return f"{w.visit(code)}<br>{sum(mine):,} expected" if None not in mine else f"{w.visit(code)}<br>expected: partly withheld"


def _answered(rows: Sequence[Row], order: Sequence[str], groups: Sequence[str], by: str | None) -> str:
    code = "month_12" if "month_12" in order else order[-1]
    mine = [row for row in rows if row["visit"] == code and row["share"] is not None]
    if not mine:
        return "Too few patients were expected for this to be shown."
    if len(groups) == 1:
        return (
            f"At {w.visit(code)} {w.share(mine[0]['share'])} answered: {w.part_of(mine[0]['answered'], mine[0]['expected'], 'expected')}."
        )
    known = f.compared([row for row in rows if row["visit"] == code], by, "share", "expected")
    return f"Answered at {w.visit(code)}: {known.ends(w.share)}.{known.rest}" if known.may_be_said else known.none


NOTABLE = 0.1  # a standardised difference beyond this is commonly called an imbalance (Austin 2009)
ANSWERED = "How many of the expected patients answered?"
ASKED = {
    "age_years": "Age, years",
    "female": "Women",
    "baseline": "Score at the first visit",
    "symptom_weeks": "Symptoms, weeks",
    "bmi": "BMI",
    "smoker": "Smokers",
    "operated": "Operated",
}


@old_figure
def missing(released: Released, look: Look) -> Figure:
    """How far those who answered differ from those who did not, as standardised differences."""
    every = [row for row in released.tables["baselines"] if row["group"] == "answered" and _is_asked(row)]
    rows = [row for row in every if row["smd"] is not None]
    question = "Do those who did not answer differ?"
    if not rows:
        return nothing(look, "Too few patients in one of the two groups to compare them.", question)
    other = {row["variable"]: row for row in released.tables["baselines"] if row["group"] != "answered"}
    far = [ASKED[row["variable"]].split(",")[0] for row in rows if abs(row["smd"]) > NOTABLE]
    few = min(row["n"] or 0 for row in (*rows, *(other[row["variable"]] for row in rows if row["variable"] in other))) < f.ENOUGH
    said = (
        f"Fewer than {f.ENOUGH} patients in one of the two groups: distances beyond 0.1 arise by chance."
        if few
        else f"Notably different: {', '.join(far)} (beyond 0.1)."
        if far
        else "No characteristic differs notably (all standardised differences within 0.1)."
    )
    reach = max(0.3, *(abs(row["smd"]) * 1.2 for row in rows))
    within = {
        "type": "rect",
        "yref": "paper",
        "x0": -NOTABLE,
        "x1": NOTABLE,
        "y0": 0,
        "y1": 1,
        "fillcolor": look.grid,
        "line": {"width": 0},
        "layer": "below",
    }
    beside = {"x": 1, "xref": "paper", "xanchor": "right", "yanchor": "bottom", "yshift": 2}
    pairs = {ASKED[row["variable"]]: (row, other.get(row["variable"])) for row in every[::-1]}
    colours = [look.worse if abs(row["smd"] or 0) > NOTABLE else look.one for row, _ in pairs.values()]
    data = {
        "type": "scatter",
        "mode": "markers",
        "x": [row["smd"] for row, _ in pairs.values()],
        "y": list(pairs),
        "marker": {"color": colours, "size": 11},
        "hoverinfo": "text",
        "hovertext": [_both(name, *pair) for name, pair in pairs.items()],
    }
    shared = layout(
        look,
        question,
        said,
        height=m.bar_height(len(every), extra=90),
        xaxis=axis(look, "Standardised difference, answered minus not answered", range=[-reach, reach]),
        yaxis=m.names(look),
        annotations=[
            *(note(look, f"{_typical(row)} against {_typical(second)}", y=name, **beside) for name, (row, second) in pairs.items()),
            *(gaps.word(look, name) for name, (row, _) in pairs.items() if row["smd"] is None),
        ],
        shapes=[within],
    )
    return {"data": [data], "layout": shared}


def _is_asked(row: Row) -> bool:
    """Whether a characteristic can differ: it does, or it may not be told."""
    return row["smd"] is not None or "smd" in row["withheld"]


def _both(name: str, answered: Row, did_not: Row | None) -> str:
    return m.hover(
        name, f"answered: {_typical(answered)}", f"did not: {_typical(did_not)}", f"standardised difference {w.number(answered['smd'], 2)}"
    )


def _typical(row: Row | None) -> str:
    value = None if row is None else row["share"] if row["mean"] is None else row["mean"]
    if row is None or value is None:
        return "a withheld number"
    return w.share(value) if row["mean"] is None else w.number(value)
