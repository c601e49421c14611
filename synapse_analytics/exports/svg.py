"""A figure as SVG: the dict that Plotly draws on a page is drawn on paper without scripts and without a browser.

It knows the parts of a control chart: lines, points, ticks, shapes and notes. A figure with another kind of trace raises KeyError,
so that no part of a figure can be missing on paper unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import groupby, pairwise
from math import floor, log10
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

Part = Mapping[str, Any]  # a trace, shape, note or axis as Plotly declares it
Place = tuple[float, float]
DASHES = {"dash": "5 3", "dot": "2 2", "dashdot": "6 2 1 2"}
ANCHORS = {"left": "start", "center": "middle", "right": "end"}
BASELINES = {"top": 0.8, "middle": 0.35, "bottom": -0.2}  # of the height of the letters, from the anchor down to the line they stand on
LINE = 1.15  # of the height of the letters, from one line to the next
# Corners of the symbols, in half sizes from the middle; the triangle is as high as the circle around it.
CORNERS = {
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "triangle-up": ((0, -1.2), (1.2, 1), (-1.2, 1)),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """The rectangle that traces are drawn in, in px of the drawing, and the values at its ends."""

    left: float
    top: float
    wide: float
    tall: float
    x: Place
    y: Place

    def across(self, value: float, ref: str = "x") -> float:
        """The px at which a value of x lies; by `paper` 0 is the left end and 1 the right."""
        return self.left + self.wide * (value if ref == "paper" else _part(value, self.x))

    def down(self, value: float, ref: str = "y") -> float:
        """The px at which a value of y lies; by `paper` 0 is the lower end and 1 the upper."""
        return self.top + self.tall * (1 - (value if ref == "paper" else _part(value, self.y)))


def _part(value: float, ends: Place) -> float:
    return (value - ends[0]) / (ends[1] - ends[0])


def svg(figure: dict[str, Any], width: int) -> str:
    """The figure as an SVG of so many px; a screen reader reads its question and answer."""
    layout = figure["layout"]
    margin, tall = layout["margin"], layout["height"]
    wide, high = width - margin["l"] - margin["r"], tall - margin["t"] - margin["b"]
    frame = Frame(margin["l"], margin["t"], wide, high, layout["xaxis"]["range"], layout["yaxis"]["range"])
    heading = layout["title"]
    named = {"role": "img", "aria-label": heading["text"], "font-size": str(layout["font"]["size"])}
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {width} {tall}", **named})
    SubElement(root, "desc").text = heading["subtitle"]["text"]
    in_front = [shape for shape in layout["shapes"] if shape.get("layer") != "below"]
    for shape in layout["shapes"]:
        if shape not in in_front:
            _shape(root, frame, shape)
    _axes(root, frame, layout["xaxis"], layout["yaxis"])
    for shape in in_front:
        _shape(root, frame, shape)
    for trace in figure["data"]:
        DRAWN[trace["mode"]](root, frame, trace)
    for note in layout["annotations"]:
        _note(root, frame, note)
    return tostring(root, encoding="unicode")


def _shape(root: Element, frame: Frame, shape: Part) -> None:
    x = [frame.across(shape[end], shape.get("xref", "x")) for end in ("x0", "x1")]
    y = [frame.down(shape[end], shape.get("yref", "y")) for end in ("y0", "y1")]
    if shape["type"] == "line":
        _line(root, list(zip(x, y, strict=True)), shape["line"])
        return
    size = {"x": x[0], "y": y[1], "width": x[1] - x[0], "height": y[0] - y[1]}
    paint = {"fill": shape.get("fillcolor", "none")} | _stroke(shape["line"])
    SubElement(root, "rect", {name: f"{value:.1f}" for name, value in size.items()} | paint)


def _axes(root: Element, frame: Frame, x: Part, y: Part) -> None:
    """A line across the drawing at every round value, and the named periods below it."""
    right, foot = frame.left + frame.wide, frame.top + frame.tall
    for value in round_values(*frame.y):
        at = frame.down(value)
        words = f"{100 * value:.3g} %" if "%" in y.get("tickformat", "") else f"{value:.4g}".replace("-", "\u2212")
        _line(root, [(frame.left, at), (right, at)], {"color": y["gridcolor"], "width": 1})
        _text(root, (frame.left - 5, at), words, y["tickfont"], ("right", "middle"))
    _line(root, [(frame.left, foot), (right, foot)], {"color": x["linecolor"], "width": 1})
    for value, words in zip(x["tickvals"], x["ticktext"], strict=True):
        _text(root, (frame.across(value), foot + 4), words, x["tickfont"], ("center", "top"))


def round_values(low: float, high: float) -> list[float]:
    """Three to six round values between two ends: steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / 4
    power = 10 ** floor(log10(rough))
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power) if rough <= step)
    first = -floor(-low / step)
    return [round(step * place, 10) for place in range(first, floor(high / step) + 1)]


def _course(root: Element, frame: Frame, trace: Part) -> None:
    for run in _runs(trace["x"], trace["y"]):
        places = [(frame.across(x), frame.down(y)) for x, y in run]
        _line(root, _steps(places) if trace["line"].get("shape") == "hvh" else places, trace["line"])


def _runs(x: Sequence[float], y: Sequence[float | None]) -> list[list[Place]]:
    """Neighbours with a value; where a value is missing the line has a gap."""
    places: Iterable[Any] = zip(x, y, strict=True)
    return [list(run) for is_known, run in groupby(places, key=lambda place: place[1] is not None) if is_known]


def _steps(places: list[Place]) -> list[Place]:
    """The corners of a line that goes level and steps half-way between two points."""
    corners = places[:1]
    for (x, y), (next_x, next_y) in pairwise(places):
        corners += [((x + next_x) / 2, y), ((x + next_x) / 2, next_y)]
    return [*corners, places[-1]]


def _markers(root: Element, frame: Frame, trace: Part) -> None:
    marker = trace["marker"]
    hollow = marker["symbol"].endswith("-open")
    paint = {"fill": "none" if hollow else marker["color"]} | _stroke(marker["line"])
    half = marker["size"] / 2
    for x, y in zip(trace["x"], trace["y"], strict=True):
        at = frame.across(x), frame.down(y)
        if marker["symbol"].startswith("circle"):
            SubElement(root, "circle", {"cx": f"{at[0]:.1f}", "cy": f"{at[1]:.1f}", "r": f"{half:g}"} | paint)
        else:
            corners = [(at[0] + half * across, at[1] + half * down) for across, down in CORNERS[marker["symbol"]]]
            SubElement(root, "polygon", {"points": _points(corners)} | paint)


def _note(root: Element, frame: Frame, note: Part) -> None:
    x = frame.across(note["x"], note.get("xref", "x")) + note.get("xshift", 0)
    y = frame.down(note["y"], note.get("yref", "y")) - note.get("yshift", 0)
    _text(root, (x, y), note["text"], note["font"], (note.get("xanchor", "center"), note.get("yanchor", "middle")))


def _text(root: Element, place: Place, words: str, font: Part, anchor: tuple[str, str]) -> None:
    size = font["size"]
    style = {"x": f"{place[0]:.1f}", "text-anchor": ANCHORS[anchor[0]], "font-size": f"{size:g}", "fill": font["color"]}
    for line, written in enumerate(words.split("<br>")):
        y = place[1] + size * (BASELINES[anchor[1]] + LINE * line)
        SubElement(root, "text", style | {"y": f"{y:.1f}"}).text = unescape(written)


def _line(root: Element, places: Sequence[Place], line: Part) -> None:
    SubElement(root, "polyline", {"points": _points(places), "fill": "none"} | _stroke(line))


def _points(places: Sequence[Place]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _stroke(line: Part) -> dict[str, str]:
    if not line["width"]:
        return {}
    dash = DASHES.get(line.get("dash", "solid"))
    return {"stroke": line["color"], "stroke-width": f"{line['width']:g}"} | ({"stroke-dasharray": dash} if dash else {})


DRAWN = {"lines": _course, "markers": _markers}  # by the mode of a trace
