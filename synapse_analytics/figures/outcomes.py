"""The figures of scores over time: the course at the reference visits, and between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import lines_by_group, series_by_group
from synapse_analytics.figures.panels import Panel, Shared, narrow, side_by_side
from synapse_analytics.figures.theme import Figure, Look, Note, axis, figure, note
from synapse_analytics.findings import care
from synapse_analytics.findings import outcomes as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]
MEASURES = {"mean": "Mean with 95 % interval", "median": "Median with the middle half"}
COLUMNS = {"mean": ("mean", "low", "high"), "median": ("median", "q1", "q3")}
YEARS = {"tickvals": [0, 26, 52, 78, 104]}  # weeks


@figure(said.trajectory)
def trajectory(released: Released, look: Look, *, measure: str = "mean", shown: str = "") -> Figure:
    """Mean (or median with quartiles) at the reference visits, with n under every time point and the smallest important change drawn in.

    Of several groups each has a panel; `shown` is the one that alone has its panel, before all others in grey.
    """
    instrument, by = released.options["instrument"], released.options.get("by")
    answered = [row for row in released.tables["visits"] if row["n"] is None or row["n"] > 0]
    groups = in_order(answered, "group")
    order = [visit.code for visit in v.VISITS if any(row["visit"] == visit.code for row in answered)]
    # A visit that others answered stays a gap of a group in which nobody did.
    rows = [row for row in released.tables["visits"] if row["group"] in groups and row["visit"] in order]
    columns = COLUMNS[measure]
    hover = partial(_visit_hover, columns=columns, decimals=w.decimals(instrument))
    given = series_by_group(look, rows, by, x=lambda row: order.index(row["visit"]), columns=columns, hover=hover)
    ends = [-0.25, len(order) - 0.75]
    across: dict[str, Any] = {"range": ends, "showgrid": False}
    up: dict[str, Any] = {"range": _span(given, instrument)}
    if len(groups) == 1:
        return _one_course(look, released, (rows, given[0]), measure, (across, up))
    own = {group: [row for row in rows if row["group"] == group] for group in groups}
    panels = {
        group: Panel(line, _size(own[group]), _counted(own[group], order), _dashed(line, instrument, ends))
        for group, line in zip(groups, given, strict=True)
    }
    words = [w.wrapped(f"{MEASURES[measure]}: {w.scale(instrument)}", 88)]
    return side_by_side(look, panels, Shared(across, up, words), by, shown)


def _one_course(
    look: Look, released: Released, course: tuple[Sequence[Row], m.Series], measure: str, axes: tuple[dict[str, Any], dict[str, Any]]
) -> Figure:
    """The course of one group, with n and follow-up under every time point; on a narrow page in short words."""
    (rows, line), (across, up), instrument = course, axes, released.options["instrument"]
    wide, short = (_followed(rows, short=short) for short in (False, True))
    scale = w.wrapped(f"{MEASURES[measure]}: {w.scale(instrument)}", 60)
    dashed = _dashed(line, instrument, across["range"])
    since = axis(look, _since(released), tickangle=0, **across, **wide)
    drawn = lines_by_group(look, [line], since, axis(look, scale, **up), height=400, below=82, notes=_named(look, instrument, dashed))
    if dashed is not None:
        xs, ys = zip(*dashed, strict=True)
        drawn["data"].insert(0, m.line(xs, ys, color=look.quiet, width=1.2, dash="dash"))
    title = since["title"] | {"text": w.wrapped(f"{_since(released)}; below: n and share followed up", 40)}
    narrow(drawn["layout"], wide | {"title": since["title"]}, short | {"title": title})
    return drawn


def _size(rows: Sequence[Row]) -> int | None:
    """How many of a group had a score at the start, or answered in its fullest step of weeks."""
    return max((row["n"] for row in rows if row["n"] is not None), default=None)


def _clearly_better(series: m.Series, instrument: str) -> float | None:
    """The start moved by the smallest important change for the better; None without one, without a start or beyond the scale."""
    preset, term = v.important_change(instrument), w.instrument(instrument)
    if preset is None or not series.y or series.y[0] is None or series.x[0] != 0:
        return None
    at = series.y[0] + (preset.threshold if term.better == "higher" else -preset.threshold)
    return at if term.low <= at <= term.high else None


def _dashed(series: m.Series, instrument: str, ends: Sequence[float]) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The line at the start moved by the smallest important change, over the whole chart."""
    at = _clearly_better(series, instrument)
    return None if at is None else ((ends[0], at), (ends[1], at))


def _named(look: Look, instrument: str, dashed: tuple[tuple[float, float], tuple[float, float]] | None) -> list[Note]:
    if dashed is None:
        return []
    ((start, at), _), text = dashed, w.important(instrument)
    below = w.instrument(instrument).better == "lower"
    place = {"x": start, "xanchor": "left", "xshift": 6, "align": "left", "y": at, "yanchor": "top" if below else "bottom"}
    return [note(look, f"{text[0].upper()}{text[1:]}".replace(": ", ":<br>"), **place)]


def _visit_hover(name: str, row: Row, columns: tuple[str, str, str], decimals: int) -> str:
    value, low, high = columns
    limits = "" if row[low] is None else " with 95 % interval" if value == "mean" else " with the middle half"
    text = w.with_interval(row[value], row[low], row[high], lambda x: w.number(x, decimals))
    followed = (
        ""
        if row["visit"] == "baseline" or row["completeness"] is None
        else f"{w.share(row['completeness'])} of {w.those(row['expected'])} expected answered"
    )
    written = f"{text} {value}{limits}" if row[value] is not None else f"{value} withheld"
    return m.hover(f"{name}, {w.visit(row['visit']).lower()}", written, w.n_of(row["n"]), followed)


def _counted(rows: Sequence[Row], order: Sequence[str]) -> dict[str, Any]:
    """Under each time point of a panel its short name and how many answered."""
    n = {row["visit"]: row["n"] for row in rows}
    texts = [f"{w.SHORT_VISITS[code]}<br>{'few' if n.get(code, 0) is None else format(n.get(code, 0), ',')}" for code in order]
    return {"tickvals": list(range(len(order))), "ticktext": texts}


def _followed(rows: Sequence[Row], *, short: bool) -> dict[str, Any]:
    """Under each time point of one group its name, how many answered and the share followed up."""
    texts = []
    for row in rows:
        share = "" if row["visit"] == "baseline" or row["completeness"] is None else f"<br>{w.share(row['completeness'])}"
        if short:
            texts.append(f"{w.SHORT_VISITS[row['visit']]}<br>{'few' if row['n'] is None else format(row['n'], ',')}{share}")
        else:
            texts.append(f"{w.visit(row['visit'])}<br>{w.n_of(row['n'])}{share and share + ' followed up'}")
    return {"tickvals": list(range(len(rows))), "ticktext": texts}


def _span(given: Sequence[m.Series], instrument: str) -> list[float]:
    """The whole scale for 0 to 10; otherwise from 0 to a little beyond what is drawn."""
    term = w.instrument(instrument)
    if term.high == 10:
        return [0.0, 10.0]
    lines = [value for series in given if (value := _clearly_better(series, instrument)) is not None]
    ends = [value for series in given for value in (*series.y, *series.low, *series.high) if value is not None] + lines
    return [min([0.0, *ends]) if term.low < 0 else 0.0, min(term.high, max(ends, default=term.high) * 1.12)]


def _since(released: Released) -> str:
    index = released.options.get("index", "first_visit")
    return "Time since first visit" if index == "first_visit" else f"Time since the start of {care.treatment(index).lower()}"


@figure(said.weekly)
def weekly(released: Released, look: Look, *, shown: str = "") -> Figure:
    """The mean of each step of weeks with its interval: what lies between the visits. Of several groups each has a panel."""
    instrument, by = released.options["instrument"], released.options.get("by")
    rows = released.tables["weeks"]
    given = series_by_group(look, _drawn_weeks(rows), by, x=lambda row: row["at"], columns=COLUMNS["mean"], hover=_week_hover)
    weeks = f"Weeks {_since(released).removeprefix('Time ')}"
    up = {"range": _span(given, instrument)}
    if len(given) == 1:
        upright = axis(look, w.wrapped(w.scale(instrument), 40), **up)
        return lines_by_group(look, given, axis(look, weeks, showgrid=False), upright, height=340, points=False)
    across = {"range": [min(row["week"] for row in rows) - 1.0, max(row["to_week"] for row in rows) + 1.0], "showgrid": False}
    panels = {
        group: Panel(line, _size([row for row in rows if row["group"] == group]))
        for group, line in zip(in_order(rows, "group"), given, strict=True)
    }
    words = [w.wrapped(f"{MEASURES['mean']}: {w.scale(instrument)}. {weeks}", 88)]
    return side_by_side(look, panels, Shared(across | YEARS, up, words, points=False), by, shown)


def _drawn_weeks(rows: Sequence[Row]) -> list[Row]:
    """The rows of each group in the middle of their weeks; what the policy joined is a flat piece.

    A step that is empty, or has too few patients for its interval, is a gap: its mean would jump by chance, and look like a course.
    """
    drawn: list[Row] = []
    for group in in_order(rows, "group"):
        mine = [row if row["low"] is not None else {**row, "mean": None} for row in rows if row["group"] == group]
        for before, row in zip((mine[0], *mine), mine, strict=False):
            first, last = before["to_week"] + 1, row["week"] - 1
            if first <= last:
                empty = {"group": group, "n": 0, "mean": None, "low": None, "high": None, "week": first, "to_week": last}
                drawn.append(empty | {"at": (first + last) / 2})
            joined = row["to_week"] - row["week"] >= row["step"]
            drawn += [{**row, "at": at} for at in ((row["week"], row["to_week"]) if joined else ((row["week"] + row["to_week"]) / 2,))]
    return drawn


def _week_hover(name: str, row: Row) -> str:
    weeks = f"week {row['week']}" if row["week"] == row["to_week"] else f"weeks {row['week']} to {row['to_week']}"
    return m.hover(f"{name}, {weeks}".replace(" -", " \u2212"), w.with_interval(row["mean"], row["low"], row["high"]), w.n_of(row["n"]))
