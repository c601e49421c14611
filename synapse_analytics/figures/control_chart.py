"""The control chart of an indicator: its course with the limits of usual variation, and what lies outside them."""

from __future__ import annotations

from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import control_points as c
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import FONT, Figure, Look, Note, axis, faded, layout, note, nothing, old_figure, written
from synapse_analytics.figures.verdicts import MARKS, OPEN
from synapse_analytics.findings import words as w
from synapse_analytics.vocabulary.periods import spoken

HEIGHT = 400
GAP = "&#160;&#160;&#160;"


@old_figure
def control_chart(released: Released, look: Look) -> Figure:
    """One indicator by month, quarter or so: is it getting better, or is it noise?"""
    chart = c.read(released)
    if not c.is_shown(released):
        return nothing(look, c.refusal(released), chart.declared.question)
    span = chart.span()
    ends = _named_lines(look, chart)
    return {
        "data": [*_limits(look, chart), _course(look, chart), *_points(look, chart)],
        "layout": layout(
            look,
            chart.declared.question,
            c.answer(chart),
            height=HEIGHT,
            margin={"l": 12, "r": m.label_margin(ends), "t": 34, "b": 60},
            xaxis=_time(look, chart),
            yaxis=axis(look, w.wrapped(c.scale(chart), 44), range=list(span), **({"tickformat": ".1~%"} if chart.unit == "share" else {})),
            shapes=_shapes(look, chart),
            annotations=[*_key(look, chart), *m.end_labels(look, ends, span, HEIGHT), *_step_notes(look, chart), *_gaps(look, chart)],
        ),
    }


def _time(look: Look, chart: c.Chart) -> dict[str, Any]:
    """Months, quarters or so by name; n under each where there is room, else its range in the name of the axis."""
    few = len(chart.points) <= c.MOST_TICKS and chart.unit != "patients"
    named = c.ticks(chart.points)
    texts = [f"{part}<br>{year}" + (f"<br>{w.n_of(point.n)}" if few and not point.waits else "") for point, part, year in named]
    counted = chart.declared.over_time.replace("month", chart.period)
    name = f"{counted[0].upper()}{counted[1:]}" + ("" if few or not c.sizes(chart) else f", {c.sizes(chart)}")
    ends = [chart.points[0].x - 0.7, chart.points[-1].x + 0.7]
    return axis(look, name, tickvals=[point.x for point, _, _ in named], ticktext=texts, tickangle=0, showgrid=False, range=ends)


def _limits(look: Look, chart: c.Chart) -> list[m.Trace]:
    """Centre and limits as steps, carried on faintly through the open periods for the eye."""
    traces = []
    closed = [point for point in chart.points if not point.is_open]
    x = [point.x for point in closed]
    for column, dash, width in (("low", "dash", 1.2), ("high", "dash", 1.2), ("centre", "solid", 1.4)):
        known = [point for point in chart.points if getattr(point, column) is not None]
        if not known:
            continue
        line = {"color": look.quiet, "width": width, "dash": dash, "shape": "hvh"}
        y = [getattr(point, column) for point in closed]
        traces.append({"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip", "connectgaps": False})
        last, end = known[-1], chart.points[-1].x + 0.7
        on = {"color": look.quiet, "width": 1, "dash": "dot"}
        level = getattr(last, column)
        traces.append({"type": "scatter", "mode": "lines", "x": [last.x, end], "y": [level, level], "line": on, "hoverinfo": "skip"})
    return traces


def _course(look: Look, chart: c.Chart) -> m.Trace:
    """The line that joins the points of closed periods."""
    closed = [point for point in chart.points if not point.is_open]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [point.x for point in closed],
        "y": [point.value for point in closed],
        "line": {"color": faded(look.quiet, 0.55), "width": 1.4},
        "hoverinfo": "skip",
        "connectgaps": False,
    }


def _points(look: Look, chart: c.Chart) -> list[m.Trace]:
    """One trace for each kind of point, each with its own colour and symbol."""
    traces = []
    for mark in chart.marks:
        drawn, own = MARKS[mark], [point for point in chart.points if point.mark == mark and point.value is not None]
        edge = {"color": look.paper, "width": 1} if mark != OPEN else {"color": drawn.colour, "width": 2}
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": drawn.words,
                "x": [point.x for point in own],
                "y": [point.value for point in own],
                "marker": {"color": drawn.colour, "symbol": drawn.symbol, "size": 9 if mark in ("usual", OPEN) else 11, "line": edge},
                "hoverinfo": "text",
                "hovertext": [_said(chart, point) for point in own],
                "cliponaxis": False,
            }
        )
    return traces


def _gaps(look: Look, chart: c.Chart) -> list[Note]:
    """A cross over each period of which nothing may be shown, or that had nothing to count; not where nothing can be known yet."""
    points = [point for point in chart.points if not point.waits]
    none = [None] * len(points)
    hovers = [m.hover(spoken(point.period), "too few patients") for point in points]
    x, y = [point.x for point in points], [point.value for point in points]
    return gaps.crosses(look, [m.Series("", look.quiet, x, y, none, none, hovers)])


def _said(chart: c.Chart, point: c.Point) -> str:
    meaning = MARKS[point.mark].words
    told = f"{point.rule.replace('mean', chart.middle)}: {meaning}" if point.rule else meaning
    limits = w.amounts_between(point.low, point.high, chart.unit)
    within = f"{chart.middle.capitalize()} {w.amount(point.centre, chart.unit)}, limits {limits}" if limits else ""
    size = "" if chart.unit == "patients" else m.n_of(point.n)
    return m.hover(spoken(point.period), w.amount(point.value, chart.unit), size, within, f"{told[0].upper()}{told[1:]}")


def _named_lines(look: Look, chart: c.Chart) -> list[m.Series]:
    """The lines that are named at their right end: mean, limits and target."""
    last, target = chart.last_closed, chart.summary["target"]
    lines = [] if last is None else [("upper limit", last.high), (chart.middle, last.centre), ("lower limit", last.low)]
    named = [(words, value, look.quiet) for words, value in lines] + [("target", target, look.text)]
    return [
        m.Series(f"{words} {w.amount(value, chart.unit)}", colour, [0], [value], [None], [None], [""])
        for words, value, colour in named
        if value is not None
    ]


def _shapes(look: Look, chart: c.Chart) -> list[dict[str, Any]]:
    shapes: list[dict[str, Any]] = []
    if chart.open_from is not None:
        wide = {"x0": chart.open_from - 0.5, "x1": chart.points[-1].x + 0.7, "y0": 0, "y1": 1, "yref": "paper"}
        shapes.append(wide | {"type": "rect", "layer": "below", "line": {"width": 0}, "fillcolor": faded(look.line, 0.28)})
    if chart.summary["target"] is not None:
        level = {"y0": chart.summary["target"], "y1": chart.summary["target"], "x0": 0, "x1": 1, "xref": "paper"}
        shapes.append(level | {"type": "line", "line": {"color": look.text, "width": 1.6, "dash": "dot"}})
    for step in chart.steps:
        upright = {"x0": step.x - 0.5, "x1": step.x - 0.5, "y0": 0, "y1": 1, "yref": "paper"}
        shapes.append(upright | {"type": "line", "line": {"color": look.quiet, "width": 1, "dash": "dashdot"}})
    return shapes


def _key(look: Look, chart: c.Chart) -> list[dict[str, Any]]:
    """What the symbols mean, above the chart, and over the shaded part that its follow-up is still open."""
    above = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 8, "font": {"size": 12, "color": look.text, "family": FONT}}
    named = {mark: f'<span style="color:{MARKS[mark].colour}">{MARKS[mark].glyph}</span> {MARKS[mark].words}' for mark in MARKS}
    symbols = GAP.join(named[mark] for mark in chart.marks if mark != OPEN)
    key = [note(look, symbols, x=0, xref="paper", xanchor="left", **above)] if symbols else []
    still = named[OPEN] if OPEN in chart.marks else MARKS[OPEN].words
    return key if chart.open_from is None else [*key, note(look, still, x=1, xref="paper", xanchor="right", **above)]


def _step_notes(look: Look, chart: c.Chart) -> list[dict[str, Any]]:
    """At each recalculation a few words, and the reason on hover; the sentence above the chart holds it too."""
    return [
        note(
            look,
            "limits anew",
            x=step.x - 0.5,
            xanchor="left",
            xshift=4,
            y=0,
            yref="paper",
            yanchor="bottom",
            hovertext=f"{spoken(step.period)}: {written(step.reason)}",
            captureevents=True,
        )
        for step in chart.steps
    ]
