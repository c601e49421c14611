"""The control chart for half a page of A4: the figure of the page with fewer words around it, and a frame around one quarter."""

from __future__ import annotations

from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.exports.svg import svg
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.control_chart import control_chart, span, ticks
from synapse_analytics.figures.theme import CROSS, LIGHT, note
from synapse_analytics.findings import control_chart as c
from synapse_analytics.findings import words as w
from synapse_analytics.vocabulary.periods import overlap

WIDE, TALL = 440, 200  # px; printed at 84 mm, letters of 12 px are 6.5 points tall
MARGIN = {"l": 46, "t": 20, "b": 34}
FEW_TICKS = 8
SMALLER = 0.7  # of the points on a page
THIN = {"color": LIGHT.quiet, "width": 0.7}  # the edge of a point, so that pale points are seen when they are printed


def chart_on_paper(released: Released, *, marked: str | None = None) -> str:
    """The control chart as SVG; empty where too few periods may be shown. The periods of the quarter `marked` get a frame."""
    figure = control_chart(released, LIGHT)
    if not figure["data"]:
        return ""
    chart, layout = c.read(released), figure["layout"]
    ends = _lines(chart)
    layout["title"]["subtitle"]["text"] = f"{c.control_chart(released).answer} {c.sizes(chart)}".strip()
    layout |= {"height": TALL, "margin": MARGIN | {"r": m.label_margin(ends)}}
    named = ticks(chart.points, FEW_TICKS)
    layout["xaxis"] |= {"tickvals": [point.x for point, *_ in named], "ticktext": [f"{part}<br>{year}" for _, part, year in named]}
    layout["shapes"] += _frame(chart, marked)
    crosses = [text for text in layout["annotations"] if text["text"] == CROSS]
    names = [label | {"text": line.label} for label, line in zip(m.end_labels(LIGHT, ends, span(chart), TALL), ends, strict=True)]
    layout["annotations"] = [*_heads(chart), *names, *crosses]
    for trace in figure["data"]:
        if "marker" in trace:
            edge = trace["marker"]["line"] if trace["marker"]["symbol"].endswith("open") else THIN
            trace["marker"] |= {"size": SMALLER * trace["marker"]["size"], "line": edge}
    return svg(figure, WIDE)


def _lines(chart: c.Chart) -> list[m.Series]:
    """Limits, mean and target by short names, the lowest first; the unit is in the sentence above the chart."""
    last, target = chart.last_closed, chart.summary["target"]
    lines = [] if last is None else [("upper", last.high), (chart.middle, last.centre), ("lower", last.low)]
    known = sorted((value, name) for name, value in [*lines, ("target", target)] if value is not None)
    return [m.level(f"{name} {_short(value, chart.unit)}", "", value) for value, name in known]


def _short(value: float, unit: str) -> str:
    return w.amount(value, unit).removesuffix(" points").removesuffix(" per 100")


def _heads(chart: c.Chart) -> list[dict[str, Any]]:
    """Above the chart which way is better, and over the shaded part that its follow-up is still open."""
    above = {"xref": "paper", "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 3}
    better = (
        [] if chart.declared.direction == "none" else [note(LIGHT, f"{chart.declared.direction} is better", x=0, xanchor="left", **above)]
    )
    return better if chart.open_from is None else [*better, note(LIGHT, "follow-up still open", x=1, xanchor="right", **above)]


def _frame(chart: c.Chart, marked: str | None) -> list[dict[str, Any]]:
    inside = [point.x for point in chart.points if marked is not None and overlap(point.period, marked)]
    if not inside:
        return []
    ends = {"x0": inside[0] - 0.5, "x1": inside[-1] + 0.5, "y0": 0, "y1": 1, "yref": "paper"}
    return [ends | {"type": "rect", "line": {"color": LIGHT.text, "width": 0.8}}]
