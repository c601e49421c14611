"""The figures of how differently patients change: the distribution, and the score afterwards against the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import lines_by_group, series_by_group
from synapse_analytics.figures.panels import Panel, Shared, fewer, grid, largest, side_by_side
from synapse_analytics.figures.theme import Figure, Look, Note, axis, figure, layout
from synapse_analytics.findings import changes as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]


@figure(said.changes)
def changes(released: Released, look: Look, *, shown: str = "") -> Figure:
    """How the changes are distributed: bins, better on one side, worse on the other; a panel for each group (or the one that is `shown`)."""
    rows, by, instrument = released.tables["bins"], released.options.get("by"), released.options["instrument"]
    better = w.instrument(instrument).better
    own = {group: [row for row in rows if row["group"] == group] for group in in_order(rows, "group")}
    told = {group for group, mine in own.items() if any(row["share"] is not None for row in mine)} or set(own)
    sizes = {group: _size(mine) for group, mine in own.items() if group in told}
    kept = largest(sizes, shown)
    data: list[m.Trace] = []
    notes = [*fewer(look, len(kept), len(sizes)), *gaps.not_drawn(look, [w.group(by, one) for one in own if one not in told], len(own))]
    for place, group in enumerate(kept):
        x, y = m.axis_name("x", place), m.axis_name("y", place)
        data.append(_bins(own[group], (x, y), better, look))
        notes += _hidden(look, own[group], (x, y))
    title = f"Change in {w.thing(instrument)}, {'negative' if better == 'lower' else 'positive'} is better"
    up = {"tickformat": ".0%", "range": [0, 1.06 * max((row["share"] for row in rows if row["share"]), default=1.0)]}
    if len(own) == 1:
        across = axis(look, title, range=list(_span(rows)), nticks=12)
        shared = layout(look, height=320, margin={"l": 12, "r": 18, "t": 12, "b": 54}, xaxis=across, annotations=notes)
        shared["yaxis"] = axis(look, "Share of patients who answered", **up)
    else:
        words = [w.wrapped(f"Share of patients who answered. {title}", 88)]
        shared = grid(
            look, [(w.group(by, group), sizes[group]) for group in kept], Shared({"range": list(_span(rows)), "nticks": 6}, up, words)
        )
        shared["annotations"] += notes
    return {"data": data, "layout": shared | {"bargap": 0.06}}


def _size(rows: Sequence[Row]) -> int | None:
    """How many of a group answered; None where a bar is withheld."""
    return None if any(row["n"] is None for row in rows) else sum(row["n"] for row in rows)


def _span(rows: Sequence[Row]) -> tuple[float, float]:
    """From the first to the last bin that holds anybody, and one more on each side."""
    drawn = [row for row in rows if row["share"] != 0] or rows
    width = min(row["to"] - row["from"] for row in rows)  # where neighbours are one bin, the bar is as wide as both
    return min(row["from"] for row in drawn) - width, max(row["to"] for row in drawn) + width


def _bins(rows: Sequence[Row], axes: tuple[str, str], better: str, look: Look) -> m.Trace:
    return {
        "type": "bar",
        "xaxis": axes[0],
        "yaxis": axes[1],
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
    low, high = (f"{row[end]:g}".replace("-", "\u2212") for end in ("from", "to"))
    return f"{low} to {high}"


def _hidden(look: Look, rows: Sequence[Row], axes: tuple[str, str]) -> list[Note]:
    """A cross in the place of each bar that is withheld: an empty place would be nobody."""
    hovers = [f"{_ends(row)}: {w.share(row['share'])}" for row in rows]
    y, none = [row["share"] for row in rows], [None] * len(rows)
    return gaps.crosses(
        look, [m.Series("", look.quiet, [_middle(row) for row in rows], y, none, none, hovers)], xref=axes[0], yref=f"{axes[1]} domain"
    )


def _colour(row: Row, better: str, look: Look) -> str:
    if row["from"] <= 0 < row["to"]:
        return look.same
    return look.better if (_middle(row) < 0) == (better == "lower") else look.worse


@figure(said.against_baseline)
def against_baseline(released: Released, look: Look, *, shown: str = "") -> Figure:
    """The follow-up score for each baseline score: mean with 95 % interval, and the line of no change; of several groups each has a panel."""
    rows, by = released.tables["by_baseline"], released.options.get("by")
    own = {group: _answered([row for row in rows if row["group"] == group]) for group in in_order(rows, "group")}
    own = {group: mine for group, mine in own.items() if mine}
    term = w.instrument(released.options["instrument"])
    ends = [term.low, term.high]
    answered = [row for mine in own.values() for row in mine]
    given = series_by_group(look, answered, by, x=_middle, columns=("mean", "low", "high"), hover=_later)
    before, after = f"{term.label} at the first visit", f"At {released.options['month']} months, {w.BETTER[term.better]}"
    if len(own) == 1:
        same = {"type": "line", "x0": term.low, "y0": term.low, "x1": term.high, "y1": term.high}
        across, up = axis(look, w.wrapped(before, 40), range=ends), axis(look, w.wrapped(after, 44), range=ends)
        shapes = [same | {"line": {"color": look.same, "width": 1.2, "dash": "dash"}}]
        return lines_by_group(look, given, across, up, height=380, shapes=shapes)
    same_line = ((term.low, term.low), (term.high, term.high))
    lines = zip(own.items(), given, strict=True)
    panels = {group: Panel(line, _size(mine), dashed=same_line) for (group, mine), line in lines}
    words = [w.wrapped(f"Upright: {after}. Across: {before}", 88)]
    return side_by_side(look, panels, Shared({"range": ends, "nticks": 6}, {"range": ends}, words), by, shown)


def _later(name: str, row: Row) -> str:
    mean = f"mean {w.with_interval(row['mean'], row['low'], row['high'])} at follow-up"
    return m.hover(f"{name}, first score {w.number(row['from'], 0)} to {w.number(row['to'], 0)}", mean, w.n_of(row["n"]))


def _answered(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows from the first to the last baseline that anybody had."""
    there = [place for place, row in enumerate(rows) if row["n"] != 0]
    return rows[there[0] : there[-1] + 1] if there else ()
