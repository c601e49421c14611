"""The control chart of an indicator: its course with the limits of usual variation, and what lies outside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, Note, axis, faded, figure, layout, note, written
from synapse_analytics.figures.verdicts import MARKS, colour_of
from synapse_analytics.findings import control_chart as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.control_chart import Chart, Point
from synapse_analytics.findings.verdicts import OPEN, USUAL
from synapse_analytics.vocabulary.periods import MONTHS_IN, period_of, spoken

HEIGHT = 400
MOST_TICKS = 14
ROOM = 0.08  # of the span of the values, left free above and below
BEYOND = 0.7  # of a period: how far the chart reaches beyond its first and last point


@figure(said.control_chart)
def control_chart(released: Released, look: Look) -> Figure:
    """One indicator by month, quarter or so: is it getting better, or is it noise?"""
    chart = said.read(released)
    low, high = span(chart)
    ends = _named_lines(look, chart)
    percent = {"tickformat": ".1~%"} if chart.unit == "share" else {}
    shared = layout(
        look,
        height=HEIGHT,
        margin={"l": 12, "r": m.label_margin(ends), "t": 34, "b": 66},
        xaxis=_time(look, chart),
        yaxis=axis(look, w.wrapped(_scale(chart), 44), range=[low, high], **percent),
        shapes=_shapes(look, chart),
        annotations=[
            *_key(look, chart),
            *m.end_labels(look, ends, (low, high), HEIGHT),
            *_step_notes(look, chart),
            *_change_note(look, chart),
            *_gaps(look, chart),
        ],
    )
    return {"data": [*_limits(look, chart), _course(look, chart), *_points(look, chart)], "layout": shared}


def span(chart: Chart) -> tuple[float, float]:
    """Lowest and highest of everything drawn, with room; a share stays within 0 and 1, a count above 0."""
    drawn = [value for point in chart.points for value in (point.value, point.low, point.high)]
    known = [value for value in (*drawn, chart.summary["target"]) if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    room = ((high - low) or abs(high) or 1.0) * ROOM
    floor = low - room if chart.unit == "points" else max(low - room, -room / 2)
    return floor, min(high + room, 1 + room / 2) if chart.unit == "share" else high + room


def _scale(chart: Chart) -> str:
    """The name of the value axis: title, unit where it is not said, and which way is better."""
    unit = {"points": ", points", "days": ", days"}.get(chart.unit, "")
    better = "" if chart.declared.direction == "none" else f", {chart.declared.direction} is better"
    drawn = f", {chart.declared.drawn_as}" if chart.declared.drawn_as else ""
    return f"{chart.declared.title}{drawn}{unit}{better}"


def ticks(points: Sequence[Point], most: int = MOST_TICKS) -> list[tuple[Point, str, str]]:
    """The points that are named under the axis: the point, its month, quarter or so, and its year where that is new."""
    per_year = 12 // MONTHS_IN[period_of(points[0].period)] if points else 1
    steps = [step for step in (1, 2, 3, 4, 6, 12) if per_year % step == 0] + [per_year * years for years in (2, 5, 10)]
    step = next((step for step in steps if len(points) <= most * step), steps[-1])
    named, year = [], ""
    for point in points:
        if point.x % step == 0:
            parts = spoken(point.period).split()  # of a year there is but one
            named.append((point, parts[0], parts[-1] if len(parts) > 1 and parts[-1] != year else ""))
            year = parts[-1]
    return named


def _time(look: Look, chart: Chart) -> dict[str, Any]:
    """Months, quarters or so by name; n under each where there is room, else its range in the name of the axis."""
    few = len(chart.points) <= MOST_TICKS and chart.unit != "patients"
    named, sizes = ticks(chart.points), said.sizes(chart)
    texts = [f"{part}<br>{year}" + (f"<br>{w.n_of(point.n)}" if few and not point.waits else "") for point, part, year in named]
    counted = chart.declared.over_time.replace("month", chart.period)
    name = w.capital(counted) + ("" if few or not sizes else f", {sizes}")
    ends = [chart.points[0].x - BEYOND, chart.points[-1].x + BEYOND]
    return axis(look, name, tickvals=[point.x for point, _, _ in named], ticktext=texts, tickangle=0, showgrid=False, range=ends)


def _limits(look: Look, chart: Chart) -> list[m.Trace]:
    """Centre and limits as steps, carried on faintly through the open periods for the eye."""
    traces: list[m.Trace] = []
    closed = [point for point in chart.points if not point.is_open]
    for column, dash, width in (("low", "dash", 1.2), ("high", "dash", 1.2), ("centre", "solid", 1.4)):
        known = [(point.x, getattr(point, column)) for point in chart.points if getattr(point, column) is not None]
        if known:
            y = [getattr(point, column) for point in closed]
            steps = m.line([point.x for point in closed], y, color=look.quiet, width=width, dash=dash, shape="hvh")
            last, level = known[-1]
            on = m.line([last, chart.points[-1].x + BEYOND], [level, level], color=look.quiet, width=1, dash="dot")
            traces += [steps | {"connectgaps": False}, on]
    return traces


def _course(look: Look, chart: Chart) -> m.Trace:
    """The line that joins the points of closed periods."""
    closed = [point for point in chart.points if not point.is_open]
    course = m.line([point.x for point in closed], [point.value for point in closed], color=faded(look.quiet, 0.55), width=1.4)
    return course | {"connectgaps": False}


def _points(look: Look, chart: Chart) -> list[m.Trace]:
    """One trace for each kind of point, each with its own colour and symbol."""
    traces = []
    for mark in chart.marks:
        drawn, own = MARKS[mark], [point for point in chart.points if point.mark == mark and point.value is not None]
        colour = colour_of(look, mark)
        edge = {"color": look.paper, "width": 1} if mark != OPEN else {"color": colour, "width": 2}
        look_of = {"color": colour, "symbol": drawn.symbol, "size": 9 if mark in (USUAL, OPEN) else 11, "line": edge}
        hovers = [_hover(chart, point) for point in own]
        points = m.points([point.x for point in own], [point.value for point in own], hovers, **look_of)
        traces.append(points | {"name": drawn.words, "cliponaxis": False})
    return traces


def _gaps(look: Look, chart: Chart) -> list[Note]:
    """A cross over each period of which nothing may be shown, or that had nothing to count; not where nothing can be known yet."""
    points = [point for point in chart.points if not point.waits]
    none = [None] * len(points)
    hovers = [m.hover(spoken(point.period), "too few patients") for point in points]
    x, y = [point.x for point in points], [point.value for point in points]
    return gaps.crosses(look, [m.Series("", look.quiet, x, y, none, none, hovers)])


def _hover(chart: Chart, point: Point) -> str:
    meaning = MARKS[point.mark].words
    told = f"{point.rule.replace('mean', chart.middle)}: {meaning}" if point.rule else meaning
    limits = w.amounts_between(point.low, point.high, chart.unit, point.centre)
    within = f"{chart.middle.capitalize()} {w.amount(point.centre, chart.unit)}, limits {limits}" if limits else ""
    size = "" if chart.unit == "patients" else w.n_of(point.n)
    return m.hover(spoken(point.period), w.amount(point.value, chart.unit), size, within, w.capital(told))


def _named_lines(look: Look, chart: Chart) -> list[m.Series]:
    """The lines that are named at their right end: mean, limits and target."""
    last, target = chart.last_closed, chart.summary["target"]
    lines = [] if last is None else [("upper limit", last.high), (chart.middle, last.centre), ("lower limit", last.low)]
    like = None if last is None else last.centre
    levels = [m.level(f"{words} {w.amount(value, chart.unit, like)}", look.quiet, value) for words, value in lines if value is not None]
    return levels if target is None else [*levels, m.level(f"target {w.amount(target, chart.unit)}", look.text, target)]


def _shapes(look: Look, chart: Chart) -> list[dict[str, Any]]:
    shapes: list[dict[str, Any]] = []
    if chart.open_from is not None:
        wide = {"x0": chart.open_from - 0.5, "x1": chart.points[-1].x + BEYOND, "y0": 0, "y1": 1, "yref": "paper"}
        shapes.append(wide | {"type": "rect", "layer": "below", "line": {"width": 0}, "fillcolor": faded(look.line, 0.2)})
    target = chart.summary["target"]
    if target is not None:
        level = {"type": "line", "y0": target, "y1": target, "x0": 0, "x1": 1, "xref": "paper"}
        shapes.append(level | {"line": {"color": look.text, "width": 1.6, "dash": "dot"}})
    return [*shapes, *_levels(look, chart), *(m.upright(step.x - 0.5, color=look.quiet, width=1, dash="dashdot") for step in chart.steps)]


def _levels(look: Look, chart: Chart) -> list[dict[str, Any]]:
    """The levels before and after a recent change, as broad pale lines behind the points."""
    if chart.change is None or chart.last_closed is None:
        return []
    since = chart.change.x - 0.5
    first = next(point.x for point in chart.points if point.value is not None)
    colour = faded(colour_of(look, str(chart.summary["course"])), 0.45)
    ends = ((first - 0.5, since, chart.change.before), (since, chart.last_closed.x + 0.5, chart.change.after))
    line = {"type": "line", "layer": "below", "line": {"color": colour, "width": 7}}
    return [line | {"x0": begin, "x1": end, "y0": level, "y1": level} for begin, end, level in ends]


def _key(look: Look, chart: Chart) -> list[Note]:
    """What the symbols mean, above the chart, and over the shaded part that its follow-up is still open."""
    named = {mark: m.signed(colour_of(look, mark), own.glyph, own.words) for mark, own in MARKS.items()}
    key = m.key(look, [named[mark] for mark in chart.marks if mark != OPEN])
    still = named[OPEN] if OPEN in chart.marks else MARKS[OPEN].words
    return key if chart.open_from is None else [*key, *m.key(look, [still], right=True)]


def _change_note(look: Look, chart: Chart) -> list[Note]:
    """Since when another level holds, at the foot of the chart."""
    if chart.change is None:
        return []
    way = "higher" if chart.change.after > chart.change.before else "lower"
    below = {"xanchor": "center", "y": 0, "yref": "paper", "yanchor": "bottom"}
    return [note(look, f"{way} since {spoken(str(chart.summary['since']))}", x=chart.change.x, **below)]


def _step_notes(look: Look, chart: Chart) -> list[Note]:
    """At each recalculation a few words, and the reason on hover; the sentence above the chart holds it too."""
    below = {"xanchor": "left", "xshift": 4, "y": 0, "yref": "paper", "yanchor": "bottom", "captureevents": True}
    return [
        note(look, "limits recalculated", x=step.x - 0.5, hovertext=f"{spoken(step.period)}: {written(step.reason)}", **below)
        for step in chart.steps
    ]
