"""The figures of how differently patients change: the distribution, and the score afterwards against the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import lines_by_group, series_by_group
from synapse_analytics.figures.theme import Figure, Look, Note, axis, figure, layout
from synapse_analytics.findings import changes as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]


@figure(said.changes)
def changes(released: Released, look: Look) -> Figure:
    """How the changes are distributed: bins, better on one side, worse on the other."""
    rows, by, instrument = released.tables["bins"], released.options.get("by"), released.options["instrument"]
    better = w.instrument(instrument).better
    groups = in_order(rows, "group")
    shown = {row["group"] for row in rows if row["share"] is not None}
    names = [w.group(by, group) + ("" if group in shown else ": too few") for group in groups]
    title = f"Change in {w.thing(instrument)}, {'negative' if better == 'lower' else 'positive'} is better"
    axes, headings = m.panels(look, names, title, _span(rows))
    data: list[m.Trace] = []
    hidden: list[Note] = []
    for place, group in enumerate(groups):
        mine, xaxis = [row for row in rows if row["group"] == group], m.axis_name("x", place)
        data.append(_bins(mine, xaxis, better, look))
        hidden += _hidden(look, mine, xaxis) if group in shown else []
    several = len(groups) > 1
    shared = layout(
        look,
        height=320,
        margin={"l": 12, "r": 18, "t": 34 if several else 12, "b": 54},
        yaxis=axis(look, "Share of those who answered", tickformat=".0%", rangemode="tozero"),
        annotations=[*(headings if several else []), *hidden],
        bargap=0.06,
        **axes,
    )
    return {"data": data, "layout": shared}


def _span(rows: Sequence[Row]) -> tuple[float, float]:
    """From the first to the last bin that holds anybody, and one more on each side."""
    drawn = [row for row in rows if row["share"] != 0] or rows
    width = min(row["to"] - row["from"] for row in rows)  # where neighbours are one bin, the bar is as wide as both
    return min(row["from"] for row in drawn) - width, max(row["to"] for row in drawn) + width


def _bins(rows: Sequence[Row], xaxis: str, better: str, look: Look) -> m.Trace:
    return {
        "type": "bar",
        "xaxis": xaxis,
        "yaxis": "y",
        "x": [_middle(row) for row in rows],
        "width": [(row["to"] - row["from"]) * 0.92 for row in rows],
        "y": [row["share"] for row in rows],
        "marker": {"color": [_colour(row, better, look) for row in rows]},
        "hoverinfo": "text",
        "hovertext": [m.hover(_ends(row), w.share(row["share"]), w.n_of(row["n"])) for row in rows],
    }


def _middle(row: Row) -> float:
    return float(row["from"] + row["to"]) / 2


def _ends(row: Row) -> str:
    return f"{w.number(row['from'], 1)} to {w.number(row['to'], 1)}"


def _hidden(look: Look, rows: Sequence[Row], xref: str) -> list[Note]:
    """A cross in the place of each bar that is withheld: an empty place would be nobody."""
    hovers = [f"{_ends(row)}: {w.share(row['share'])}" for row in rows]
    y, none = [row["share"] for row in rows], [None] * len(rows)
    return gaps.crosses(look, [m.Series("", look.quiet, [_middle(row) for row in rows], y, none, none, hovers)], xref=xref)


def _colour(row: Row, better: str, look: Look) -> str:
    if row["from"] <= 0 < row["to"]:
        return look.same
    return look.better if (_middle(row) < 0) == (better == "lower") else look.worse


@figure(said.against_baseline)
def against_baseline(released: Released, look: Look) -> Figure:
    """The follow-up score for each baseline score: mean with 95 % interval, and the line of no change."""
    rows, by = released.tables["by_baseline"], released.options.get("by")
    answered = [row for group in in_order(rows, "group") for row in _answered([row for row in rows if row["group"] == group])]
    term = w.instrument(released.options["instrument"])
    same = {"type": "line", "x0": term.low, "y0": term.low, "x1": term.high, "y1": term.high}
    return lines_by_group(
        look,
        series_by_group(look, answered, by, x=_middle, columns=("mean", "low", "high"), hover=_later),
        axis(look, f"{term.label} at the first visit", range=[term.low, term.high]),
        axis(look, w.wrapped(f"After {released.options['month']} months, {w.BETTER[term.better]}", 44), range=[term.low, term.high]),
        height=380,
        shapes=[same | {"line": {"color": look.line, "width": 1.2, "dash": "dot"}}],
    )


def _later(name: str, row: Row) -> str:
    mean = f"mean {w.with_interval(row['mean'], row['low'], row['high'])} later"
    return m.hover(f"{name}, baseline {w.number(row['from'], 0)} to {w.number(row['to'], 0)}", mean, w.n_of(row["n"]))


def _answered(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows from the first to the last baseline that anybody had."""
    there = [place for place, row in enumerate(rows) if row["n"] != 0]
    return rows[there[0] : there[-1] + 1] if there else ()
