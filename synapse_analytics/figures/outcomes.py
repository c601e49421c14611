"""The figures of scores over time: the trajectory at the reference visits, and week by week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import lines_by_group, series_by_group
from synapse_analytics.figures.theme import Figure, Look, axis, figure
from synapse_analytics.findings import outcomes as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]
MEASURES = {"mean": "Mean with 95 % interval", "median": "Median with quartiles"}
COLUMNS = {"mean": ("mean", "low", "high"), "median": ("median", "q1", "q3")}


@figure(said.trajectory)
def trajectory(released: Released, look: Look, *, measure: str = "mean") -> Figure:
    """Mean (or median with quartiles) at the reference visits, with n and follow-up under every time point."""
    instrument, by = released.options["instrument"], released.options.get("by")
    answered = [row for row in released.tables["visits"] if row["n"] is None or row["n"] > 0]
    groups = in_order(answered, "group")
    order = [visit.code for visit in v.VISITS if any(row["visit"] == visit.code for row in answered)]
    # A visit that others answered stays a gap of a group in which nobody did.
    rows = [row for row in released.tables["visits"] if row["group"] in groups and row["visit"] in order]
    columns, decimals = COLUMNS[measure], w.decimals(instrument)
    hover = partial(_visit_hover, columns=columns, decimals=decimals)
    given = series_by_group(look, rows, by, x=lambda row: order.index(row["visit"]), columns=columns, hover=hover)
    ticks = {"tickvals": list(range(len(order))), "ticktext": _under(rows, order, groups)}
    return lines_by_group(
        look,
        given,
        axis(look, _since(released), showgrid=False, range=[-0.25, len(order) - 0.75], **ticks),
        axis(look, w.wrapped(f"{MEASURES[measure]}: {w.scale(instrument)}", 60), range=_span(given, instrument)),
        height=400,
        below=82,
    )


def _visit_hover(name: str, row: Row, columns: tuple[str, str, str], decimals: int) -> str:
    value, low, high = columns
    kind = "mean with 95 % interval" if value == "mean" else "median with quartiles"
    text = w.with_interval(row[value], row[low], row[high], lambda x: w.number(x, decimals))
    followed = (
        ""
        if row["visit"] == "baseline" or row["completeness"] is None
        else f"{w.share(row['completeness'])} of {w.those(row['expected'])} expected answered"
    )
    written = f"{text} {kind}" if row[value] is not None else f"{value} withheld"
    return m.hover(f"{name}, {w.visit(row['visit']).lower()}", written, w.n_of(row["n"]), followed)


def _under(rows: Sequence[Row], order: Sequence[str], groups: Sequence[str]) -> list[str]:
    """Under each time point its name, n and follow-up (of all groups together only where there is one)."""
    texts = []
    for code in order:
        mine = [row for row in rows if row["visit"] == code]
        ns = [row["n"] for row in mine]
        total = None if None in ns else sum(ns)
        follow = ""
        if len(groups) == 1 and mine and code != "baseline" and mine[0]["completeness"] is not None:
            follow = f"<br>{w.share(mine[0]['completeness'])} followed up"
        texts.append(f"{w.visit(code)}<br>n = {total:,}{follow}" if total is not None else f"{w.visit(code)}<br>n partly withheld")
    return texts


def _span(given: Sequence[m.Series], instrument: str) -> list[float]:
    """The whole scale for 0 to 10; otherwise from 0 to a little beyond what is drawn."""
    term = w.instrument(instrument)
    if term.high == 10:
        return [0.0, 10.0]
    ends = [value for series in given for value in (*series.y, *series.low, *series.high) if value is not None]
    return [min([0.0, *ends]) if term.low < 0 else 0.0, min(term.high, max(ends, default=term.high) * 1.12)]


def _since(released: Released) -> str:
    index = released.options.get("index", "first_visit")
    return "Time since first visit" if index == "first_visit" else f"Time since the start of {w.treatment(index).lower()}"


@figure(said.weekly)
def weekly(released: Released, look: Look) -> Figure:
    """The mean of each week with its interval: what lies between the visits."""
    instrument, by = released.options["instrument"], released.options.get("by")
    given = series_by_group(
        look, _drawn_weeks(released.tables["weeks"]), by, x=lambda row: row["at"], columns=COLUMNS["mean"], hover=_week_hover
    )
    return lines_by_group(
        look,
        given,
        axis(look, f"Weeks {_since(released).removeprefix('Time ')}", showgrid=False),
        axis(look, w.wrapped(w.scale(instrument), 40), range=_span(given, instrument)),
        height=340,
        points=False,
    )


def _drawn_weeks(rows: Sequence[Row]) -> list[Row]:
    """The rows of each group with its empty weeks filled in, so that a line does not bridge what is not known; a span of weeks is a flat piece."""
    drawn: list[Row] = []
    for group in in_order(rows, "group"):
        known = {row["week"]: row for row in rows if row["group"] == group}
        inside = {week for row in known.values() for week in range(row["week"] + 1, row["to_week"] + 1)}
        for week in range(min(known), max(known) + 1):
            none = {"group": group, "week": week, "to_week": week, "n": 0, "mean": None, "low": None, "high": None}
            row = known.get(week, none)
            drawn += [{**row, "at": at} for at in dict.fromkeys((week, row["to_week"])) if week not in inside]
    return drawn


def _week_hover(name: str, row: Row) -> str:
    weeks = f"week {row['week']}" if row["week"] == row["to_week"] else f"weeks {row['week']} to {row['to_week']}"
    return m.hover(f"{name}, {weeks}", w.with_interval(row["mean"], row["low"], row["high"]), w.n_of(row["n"]))
