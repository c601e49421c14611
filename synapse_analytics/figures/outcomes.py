"""The figures of scores over time: the trajectory at the reference visits, and week by week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import findings as f
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures import words as w
from synapse_analytics.figures.theme import Figure, Look, axis, figure, in_order, layout, nothing

Row = Mapping[str, Any]
HEIGHT = 400
FEW = "Too few answers to say how it changed."
MEASURES = {"mean": "Mean with 95 % interval", "median": "Median with quartiles"}


def _decimals(instrument: str) -> int:
    return 2 if v.find(v.INSTRUMENTS, instrument).decimals == 3 else 1


@figure
def trajectory(released: Released, look: Look, *, measure: str = "mean") -> Figure:
    """Mean (or median with quartiles) at the reference visits, with n and follow-up under every time point."""
    instrument, by = released.options["instrument"], released.options.get("by")
    answered = [row for row in released.tables["visits"] if row["n"] is None or row["n"] > 0]
    if not answered:
        return nothing(look, "Nobody in this cohort answered this score.", f"How does {w.thing(instrument)} change over time?")
    groups = in_order(answered, "group")
    order = [visit.code for visit in v.VISITS if any(row["visit"] == visit.code for row in answered)]
    # A visit that others answered stays a gap of a group in which nobody did.
    rows = [row for row in released.tables["visits"] if row["group"] in groups and row["visit"] in order]
    columns = ("mean", "low", "high") if measure == "mean" else ("median", "q1", "q3")
    looks = [(w.group(by, group), w.colour(by, group, place, look.one)) for place, group in enumerate(groups)]
    given = [
        _series([row for row in rows if row["group"] == group], order, look_of, columns, _decimals(instrument))
        for group, look_of in zip(groups, looks, strict=True)
    ]
    if all(value is None for series in given for value in series.y):
        return nothing(look, FEW, f"How does {w.thing(instrument)} change over time?")
    span = _span(given, instrument)
    shared = layout(
        look,
        f"How does {w.thing(instrument)} change over time?",
        _changed(rows, instrument, by, measure),
        height=HEIGHT,
        margin={"l": 12, "r": m.label_margin(given) if len(groups) > 1 else 24, "t": 12, "b": 60},
        xaxis=axis(
            look,
            _since(released),
            tickvals=list(range(len(order))),
            ticktext=_under(rows, order, groups),
            showgrid=False,
            range=[-0.25, len(order) - 0.75],
        ),
        yaxis=axis(look, w.wrapped(f"{MEASURES[measure]}: {w.scale(instrument)}", 60), range=list(span)),
        annotations=[*(m.end_labels(look, given, span, HEIGHT) if len(groups) > 1 else []), *gaps.crosses(look, given)],
    )
    return {"data": m.lines(look, given), "layout": shared}


def _series(rows: Sequence[Row], order: Sequence[str], look_of: tuple[str, str], columns: tuple[str, str, str], decimals: int) -> m.Series:
    name, colour = look_of
    hovers = [_visit_hover(name, row, columns, decimals) for row in rows]
    y, low, high = ([row[column] for row in rows] for column in columns)
    return m.Series(name, colour, [order.index(row["visit"]) for row in rows], y, low, high, hovers)


def _visit_hover(name: str, row: Row, columns: tuple[str, str, str], decimals: int) -> str:
    value, low, high = columns
    kind = "mean with 95 % interval" if value == "mean" else "median with quartiles"
    text = w.with_interval(row[value], row[low], row[high], lambda x: w.number(x, decimals))
    followed = (
        ""
        if row["visit"] == "baseline" or row["completeness"] is None
        else f"{w.share(row['completeness'])} of {w.those(row['expected'])} expected answered"
    )
    said = f"{text} {kind}" if row[value] is not None else f"{value} withheld"
    return m.hover(f"{name}, {w.visit(row['visit']).lower()}", said, m.n_of(row["n"]), followed)


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


def _span(given: Sequence[m.Series], instrument: str) -> tuple[float, float]:
    """The whole scale for 0 to 10; otherwise from 0 to a little beyond what is drawn."""
    term = v.find(v.INSTRUMENTS, instrument)
    if term.high == 10:
        return (0.0, 10.0)
    ends = [value for series in given for value in (*series.y, *series.low, *series.high) if value is not None]
    return min([0.0, *ends]) if term.low < 0 else 0.0, min(term.high, max(ends, default=term.high) * 1.12)


def _since(released: Released) -> str:
    index = released.options.get("index", "first_visit")
    return "Time since first visit" if index == "first_visit" else f"Time since the start of {w.treatment(index).lower()}"


def _changed(rows: Sequence[Row], instrument: str, by: str | None, measure: str) -> str:
    """The answer: the mean change at 12 months (else at the last visit that has one), n and follow-up."""
    visits = [row["visit"] for row in rows if row["change"] is not None]
    if not visits:
        return FEW
    code = "month_12" if "month_12" in visits else max(visits, key=v.codes(v.VISITS).index)
    mine = [row for row in rows if row["visit"] == code]
    if by is None:
        (row,) = mine
        how, name = "" if measure == "mean" else " on average", w.instrument(instrument).label.split(" (")[0]
        said = f"{w.moved(instrument, row['change'], row['change_low'], row['change_high'], how)} at {w.visit(code)}"
        if row["change_low"] is None:
            change = w.number(row["change"], _decimals(instrument))
            said = f"changed by {change} points on average at {w.visit(code)}, of too few patients for an interval"
        followed = "" if row["completeness"] is None else f", {w.share_who(row['completeness'], 'followed up')}"
        return f"{name} {said}, {w.n_of(row['n'])}{followed}."
    known = f.compared(mine, by, "change", "n")
    if not known.may_be_said:
        return known.none
    change = known.ends(lambda value: w.number(value, _decimals(instrument)))
    return f"Mean change at {w.visit(code)}, in points: {change}; {w.BETTER[w.instrument(instrument).better]}.{known.rest}"


@figure
def weekly(released: Released, look: Look) -> Figure:
    """The mean of each week with its interval: what lies between the visits."""
    instrument, by = released.options["instrument"], released.options.get("by")
    rows = released.tables["weeks"]
    question = f"What does {w.thing(instrument)} look like week by week?"
    if all(row["mean"] is None for row in rows):
        return nothing(look, "No week has enough answers to be shown.", question)
    groups = in_order(rows, "group")
    given = []
    for place, group in enumerate(groups):
        mine = _every_week([row for row in rows if row["group"] == group])
        name = w.group(by, group)
        ends = [(week, row) for row in mine for week in dict.fromkeys((row["week"], row["to_week"]))]  # of a span of weeks a flat piece
        hovers = [m.hover(f"{name}, {_weeks(r)}", w.with_interval(r["mean"], r["low"], r["high"]), m.n_of(r["n"])) for _, r in ends]
        mean, low, high = ([row[column] for _, row in ends] for column in ("mean", "low", "high"))
        colour = w.colour(by, group, place, look.one)
        given.append(
            m.Series(
                name,
                colour,
                [week for week, _ in ends],
                mean,
                low,
                high,
                hovers,
            )
        )
    span = _span(given, instrument)
    shared = layout(
        look,
        question,
        _by_week([row for row in rows if row["mean"] is not None], by),
        height=340,
        margin={"l": 12, "r": m.label_margin(given) if len(groups) > 1 else 24, "t": 12, "b": 48},
        xaxis=axis(look, f"Weeks {_since(released).removeprefix('Time ')}", showgrid=False),
        yaxis=axis(look, w.wrapped(w.scale(instrument), 40), range=list(span)),
        annotations=[*(m.end_labels(look, given, span, 340) if len(groups) > 1 else []), *gaps.crosses(look, given)],
    )
    return {"data": m.lines(look, given, points=False), "layout": shared}


def _by_week(rows: Sequence[Row], by: str | None) -> str:
    """How the chart is to be read, and of how many weeks (or spans of weeks) it is."""
    spans = any(row["week"] != row["to_week"] for row in rows)
    what = (
        f"{len(rows)} weeks{' or spans of weeks' if spans else ''} with enough answers"
        if by is None
        else "for each group where enough answered"
    )
    flat = " A flat piece is one mean of several weeks, in which few answered." if spans else ""
    return f"Mean of all answers of a week, {what}.{flat} Weeks between visits hold fewer and other patients."


def _every_week(rows: Sequence[Row]) -> list[Row]:
    """The rows with empty weeks filled in, so that a line does not bridge what is not known."""
    known = {row["week"]: row for row in rows}
    none = {"n": 0, "mean": None, "low": None, "high": None}
    inside = {week for row in rows for week in range(row["week"] + 1, row["to_week"] + 1)}
    weeks = [week for week in range(min(known), max(known) + 1) if week not in inside]
    return [known.get(week, none | {"week": week, "to_week": week}) for week in weeks]


def _weeks(row: Row) -> str:
    return f"week {row['week']}" if row["week"] == row["to_week"] else f"weeks {row['week']} to {row['to_week']}"
