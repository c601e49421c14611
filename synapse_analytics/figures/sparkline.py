"""The course of an indicator as a small picture: its points with the mean and the limits of usual variation, the points since a change marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

from synapse_analytics.figures.theme import Look, faded
from synapse_analytics.figures.verdicts import colour_of
from synapse_analytics.findings.verdicts import USUAL

Row = Mapping[str, Any]
MANY = 30  # points; more have no dots of their own


@dataclass(frozen=True, slots=True)
class Size:
    """Of the picture, in px."""

    wide: int
    tall: int


@dataclass(frozen=True, slots=True)
class Changed:
    """The period since which the points are marked, and the mark they get."""

    since: str
    mark: str  # as in verdicts.MARKS


SMALL, LARGE = Size(150, 20), Size(250, 46)
BAND = 0.2  # how strong the band of usual variation is
EDGE = 3  # px around the drawing, so that no dot is cut


@dataclass(frozen=True, slots=True)
class _Scale:
    size: Size
    count: int
    low: float
    high: float

    def x(self, place: int) -> str:
        return f"{EDGE + place * (self.size.wide - 2 * EDGE) / max(self.count - 1, 1):.0f}"

    def y(self, value: float) -> str:
        room, inside = (self.high - self.low) or 1, min(max(value, self.low), self.high)
        return f"{self.size.tall - EDGE - (inside - self.low) / room * (self.size.tall - 2 * EDGE):.1f}"


def sparkline(points: Sequence[Row], look: Look, words: str, *, size: Size = SMALL, changed: Changed | None = None) -> str:
    """The picture as SVG, read out as `words`; empty with fewer than two points. The points since a change are marked."""
    if sum(point["value"] is not None for point in points) < 2:
        return ""
    scale = _scale(points, size)
    shapes = [_band(points, scale, look), _mean(points, scale, look), *_course(points, scale, look), *_dots(points, scale, look, changed)]
    box = f'viewBox="0 0 {size.wide} {size.tall}" width="{size.wide}" height="{size.tall}"'
    return f'<svg {box} role="img" aria-label="{escape(words)}">{"".join(shapes)}</svg>'


def _scale(points: Sequence[Row], size: Size) -> _Scale:
    """All values and the limits in force; wider limits of small periods are cut, or the course would be a flat line."""
    last = next((point for point in reversed(points) if point["low"] is not None), {"low": None, "high": None})
    known = [value for value in (last["low"], last["high"], *(point["value"] for point in points)) if value is not None]
    return _Scale(size, len(points), min(known), max(known))


def _band(points: Sequence[Row], scale: _Scale, look: Look) -> str:
    told = [(place, point["low"], point["high"]) for place, point in enumerate(points) if point["low"] is not None]
    if not told:
        return ""
    lower = [f"{scale.x(place)},{scale.y(low)}" for place, low, _ in told]
    upper = [f"{scale.x(place)},{scale.y(high)}" for place, _, high in reversed(told)]
    return f'<polygon points="{" ".join([*lower, *upper])}" fill="{faded(look.line, BAND)}"/>'


def _mean(points: Sequence[Row], scale: _Scale, look: Look) -> str:
    """Dashed, as the limits in force have it."""
    last = next((point["centre"] for point in reversed(points) if point["centre"] is not None), None)
    if last is None:
        return ""
    ends = f'x1="{scale.x(0)}" x2="{scale.x(scale.count - 1)}" y1="{scale.y(last)}" y2="{scale.y(last)}"'
    return f'<line {ends} stroke="{look.quiet}" stroke-width="1" stroke-dasharray="3 3"/>'


def _course(points: Sequence[Row], scale: _Scale, look: Look) -> Iterator[str]:
    """A line through the points, broken where one is missing."""
    places = [(scale.x(place), point["value"]) for place, point in enumerate(points)]
    for shown, run in groupby(places, key=lambda place: place[1] is not None):
        ends = [f"{x},{scale.y(value)}" for x, value in run] if shown else []
        if len(ends) > 1:
            yield f'<polyline points="{" ".join(ends)}" fill="none" stroke="{look.quiet}" stroke-width="1.2"/>'


def _dots(points: Sequence[Row], scale: _Scale, look: Look, changed: Changed | None) -> Iterator[str]:
    """All points of a short course; of a long one those since the change, the last, and those that stand alone."""
    last = max(place for place, point in enumerate(points) if point["value"] is not None)
    for place, point in enumerate(points):
        after = changed is not None and point["period"] >= changed.since
        if point["value"] is not None and (after or place == last or len(points) <= MANY or _is_alone(points, place)):
            colour = colour_of(look, changed.mark if changed and after else USUAL)
            yield f'<circle cx="{scale.x(place)}" cy="{scale.y(point["value"])}" r="2.2" fill="{colour}"/>'


def _is_alone(points: Sequence[Row], place: int) -> bool:
    beside = [points[other]["value"] for other in (place - 1, place + 1) if 0 <= other < len(points)]
    return all(value is None for value in beside)
