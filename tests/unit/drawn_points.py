"""A drawn figure read back: its points, its lines, and what stands at a place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from synapse_analytics.figures.panels import BEHIND

Point = tuple[str, str, str, Any, Any]  # kind of trace, its axes, its colour, x and y


def points(drawn: dict[str, Any]) -> Iterator[Point]:
    """Every point, bar and cell with a value; the lines of other panels are read there."""
    for trace in drawn["data"]:
        if trace.get("meta") == BEHIND:
            continue
        if trace["type"] == "heatmap":
            yield from (
                ("heatmap", where(trace), "", x, y)
                for y, row in zip(trace["y"], trace["z"], strict=True)
                for x, value in zip(trace["x"], row, strict=True)
                if value is not None
            )
        elif trace["type"] == "sankey":
            link = trace["link"]
            named = [label.rpartition(" ")[0] for label in trace["node"]["label"]]
            yield from (("sankey", "", "", named[a], named[b]) for a, b in zip(link["source"], link["target"], strict=True))
        elif trace.get("mode") != "text":
            for at, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
                if x is not None and y is not None:
                    yield trace["type"], where(trace), colour_of(trace, at), x, name_of(drawn, where(trace), y)


def lost(whole: dict[str, Any], drawn: dict[str, Any]) -> list[Point]:
    """What is drawn where nothing is withheld and gone where something is; a place is gone if nothing of its series stands there."""
    left = {place(point) for point in points(drawn)}
    return [point for point in points(whole) if place(point) not in left]


def place(point: Point) -> tuple[Any, ...]:
    """Where a value belongs, whatever the value is: its name, else its x."""
    kind, axes, colour, x, y = point
    return (axes, x, y) if kind in {"heatmap", "sankey"} else (axes, y) if isinstance(y, str) else (axes, colour, x)


def is_course(trace: dict[str, Any]) -> bool:
    """Whether a trace is a line through points; dots carry a level on for the eye, where there are no points yet."""
    return trace["type"] == "scatter" and "lines" in trace["mode"] and trace["line"].get("dash") != "dot"


def is_upright(drawn: dict[str, Any], axes: str) -> bool:
    """Whether values stand above their place in time, not beside a name."""
    own = drawn["layout"].get(f"yaxis{ends_of(axes)[1][1:]}", {})
    return own.get("type") != "category" and not _numbered(own)


def name_of(drawn: dict[str, Any], axes: str, y: Any) -> Any:
    """The name beside a row; the value itself where values stand upright."""
    own = drawn["layout"].get(f"yaxis{ends_of(axes)[1][1:]}", {})
    if own.get("type") != "category" and not _numbered(own):
        return y
    known = dict(zip(own.get("tickvals", ()), own.get("ticktext", ()), strict=True)) if "ticktext" in own else {}
    return str(known.get(y, y)).partition("<br>")[0]


def _numbered(axis: dict[str, Any]) -> bool:
    """Whether rows are numbered on this axis, and named by its ticks."""
    return "ticktext" in axis and list(axis["tickvals"]) == list(range(len(axis["tickvals"])))


def ends_of(axes: str) -> tuple[str, str]:
    """The names of the two axes of a trace."""
    xaxis, yaxis = re.findall(r"[xy]\d*", axes)
    return xaxis, yaxis


def where(trace: dict[str, Any]) -> str:
    return trace.get("xaxis", "x") + trace.get("yaxis", "y")


def colour_of(trace: dict[str, Any], at: int = 0) -> str:
    colour = trace["line"]["color"] if "lines" in trace.get("mode", "") else trace.get("marker", {}).get("color", "")
    return "" if trace["type"] == "bar" else colour if isinstance(colour, str) else colour[at]


def segments(trace: dict[str, Any]) -> Iterator[tuple[float, float]]:
    known = list(zip(trace["x"], trace["y"], strict=True))
    for (a, before), (b, after) in zip(known, known[1:], strict=False):
        if before is not None and after is not None:
            yield a, b
    if trace.get("connectgaps"):
        yield known[0][0], known[-1][0]


def names(drawn: dict[str, Any]) -> set[str]:
    """What is named on the axes of time."""
    layout = drawn["layout"]
    return {str(text).partition("<br>")[0] for text in layout["xaxis"].get("ticktext", ())}


def everything(drawn: dict[str, Any]) -> list[str]:
    """Every text that is read without pointing at it."""
    layout = drawn["layout"]
    texts = [layout["title"]["subtitle"]["text"], *(note["text"] for note in layout.get("annotations", ()))]
    texts += [str(text) for name in layout if name.startswith(("xaxis", "yaxis")) for text in layout[name].get("ticktext", ())]
    return [*texts, *(str(text) for trace in drawn["data"] if trace.get("mode") == "text" for text in trace["text"])]


def texts_at(drawn: dict[str, Any], point: Point, known: list[Point]) -> list[str]:
    """What stands at the place of a point: notes and texts in its row, column or cell; `known` are the points of the figure."""
    kind, axes, _, x, y = point
    xaxis, yaxis = ends_of(axes)
    if kind == "heatmap":
        (trace,) = (trace for trace in drawn["data"] if where(trace) == axes)
        return [trace["text"][trace["y"].index(y)][trace["x"].index(x)]]
    found = []
    for note in drawn["layout"].get("annotations", ()):
        across = note.get("xref", "x")
        if isinstance(y, str):
            beside = note.get("yref", "y") == yaxis and across in {xaxis, f"{xaxis} domain", "paper"}
            if beside and named_row(drawn, axes, note["y"]) == y:
                found.append(note["text"])
        elif across == xaxis and note.get("x") is not None and stands_for(known, point, note["x"]):
            found.append(note["text"])
    for trace in drawn["data"]:
        if trace.get("mode") == "text" and where(trace) == axes:
            found += [text for text, name in zip(trace["text"], trace["y"], strict=True) if name == y]
    return found


def stands_for(known: list[Point], point: Point, x: float) -> bool:
    """Whether a note at x is about a point: it stands there, or in the middle of a stretch in which the whole series is missing."""
    _, axes, colour, at, _ = point
    low, high = min(x, at) - 1e-9, max(x, at) + 1e-9
    return not any(low <= there <= high for _, other, own, there, _ in known if (other, own) == (axes, colour))


def named_row(drawn: dict[str, Any], axes: str, y: Any) -> Any:
    """The name of the row in which a note stands: Plotly takes the place of a name for the name."""
    yaxis = ends_of(axes)[1]
    own = drawn["layout"].get(f"yaxis{yaxis[1:]}", {})
    if own.get("type") != "category":
        return name_of(drawn, axes, y)
    traces = (trace for trace in drawn["data"] if trace.get("yaxis", "y") == yaxis)
    order = list(dict.fromkeys([*own.get("categoryarray", ()), *(name for trace in traces for name in trace["y"])]))
    return name_of(drawn, axes, order[y] if isinstance(y, int) and y < len(order) else y)


def looks_like_zero(drawn: dict[str, Any], point: Point) -> bool:
    """Whether a bar of nought stands where a value is missing."""
    _, axes, _, x, y = point
    bars = [trace for trace in drawn["data"] if trace["type"] == "bar" and where(trace) == axes]
    return any(
        (b == y and a == 0) if isinstance(y, str) else (a == x and b == 0)
        for trace in bars
        for a, b in zip(trace["x"], trace["y"], strict=True)
    )
