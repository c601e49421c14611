"""Names beside points without collisions: each takes the first free place around its point, or goes unnamed (the hover has it)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LETTER, TALL = 7.0, 15.0  # px of a letter and of a line at 12 px
POINT = 6.0  # px from the middle of a point to its edge
# (xanchor, yanchor, xshift, yshift): right, left, above, below
PLACES = (("left", "middle", 9, 0), ("right", "middle", -9, 0), ("center", "bottom", 0, 7), ("center", "top", 0, -7))
Place = tuple[str, str, int, int]
Area = tuple[float, float, float, float]  # left, lower, right, upper edge in px


@dataclass(frozen=True, slots=True)
class Box:
    """The drawing: the ranges of its axes and its size in px."""

    x: tuple[float, float]
    y: tuple[float, float]
    size: tuple[float, float]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A value's place in px from the lower left corner."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0] or 1) * self.size[0]
        up = (y - self.y[0]) / (self.y[1] - self.y[0] or 1) * self.size[1]
        return across, up


def labels(box: Box, points: Sequence[tuple[float, float, str]], wanted: Sequence[int], *, always: int = 0) -> dict[int, Place]:
    """Where the names of the wanted points go; the first `always` are named even where it is tight."""
    at = [box.at(x, y) for x, y, _ in points]
    taken: list[Area] = [(x - POINT, y - POINT, x + POINT, y + POINT) for x, y in at]
    placed: dict[int, Place] = {}
    for rank, number in enumerate(wanted):
        free = [place for place in PLACES if _is_free(_area(at[number], points[number][2], place), box, taken)]
        if not free and rank >= always:
            continue
        placed[number] = free[0] if free else PLACES[0]
        taken.append(_area(at[number], points[number][2], placed[number]))
    return placed


def _area(at: tuple[float, float], text: str, place: Place) -> Area:
    xanchor, yanchor, xshift, yshift = place
    wide = LETTER * len(text)
    left = at[0] + xshift - {"left": 0.0, "center": wide / 2, "right": wide}[xanchor]
    low = at[1] + yshift - {"bottom": 0.0, "middle": TALL / 2, "top": TALL}[yanchor]
    return left, low, left + wide, low + TALL


def _is_free(area: Area, box: Box, taken: Sequence[Area]) -> bool:
    inside = area[0] >= 0 and area[2] <= box.size[0] and area[1] >= 0 and area[3] <= box.size[1]
    return inside and not any(area[0] < other[2] and other[0] < area[2] and area[1] < other[3] and other[1] < area[3] for other in taken)
