"""Names beside points without collisions: each takes the nearest free place around its point, with a thin line to it where that is further away.

A line crosses no other point and no name, or nobody could say whose it is: a point without such a place has no name beside it.

A chart is as wide as its page. Names keep their distance to their points in px, so that what is apart in the narrowest and in the
widest drawing, on the same side in both, is apart in every drawing between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LETTERS = (12, 11)  # px; where many are named the letters are smaller, never smaller than this
MANY = 20  # names; where there are more the letters are the smaller ones
WIDE, TALL = 7 / 12, 1.25  # of the size of a letter: the width of a letter, the height of a line
POINT = 6.5  # px from the middle of a point to its edge
BESIDE = 9.0  # px from the middle of a point to the name beside it
FAR = np.arange(20.0, 150.0, 10.0)  # px from the middle of a point to that of a name with a line
AROUND = np.arange(16) * np.pi / 8
STEP = 12  # px between the places that are tried over the whole drawing
STEPS = 14  # places along a line that are looked at
TRIED = 160  # free places of which one is looked for whose line crosses nothing
Array = np.ndarray  # of areas: left edge in the narrowest and the widest drawing, right edge in both, lower and upper edge, in px


@dataclass(frozen=True, slots=True)
class Box:
    """The drawing: the ranges of its axes, its height, and its smallest and largest width in px."""

    x: tuple[float, float]
    y: tuple[float, float]
    height: float
    widths: tuple[float, float]

    def at(self, x: float, y: float) -> Array:
        """A value's place in px from the lower left corner: across in the narrowest and in the widest drawing, and up."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0] or 1)
        up = (y - self.y[0]) / (self.y[1] - self.y[0] or 1) * self.height
        return np.array([across * self.widths[0], across * self.widths[1], up])


@dataclass(frozen=True, slots=True)
class Place:
    """Where the middle of a name stands, in px to the right of its point and above it, and if a line leads there."""

    right: float
    above: float
    line: bool


def letter(names: int) -> int:
    """The size of the letters in px, where so many points are named."""
    return LETTERS[names > MANY]


def width(text: str, size: int) -> float:
    """The width of a name in px."""
    return WIDE * size * len(text)


def labels(
    box: Box, points: Sequence[tuple[float, float, str]], wanted: Sequence[int], *, always: int = 0, levels: Sequence[float] = ()
) -> dict[int, Place]:
    """Where the names of the wanted points go; the first `always` are named even where there is no room, or a line crosses something.

    `levels` are the heights of level lines, which no name is written over.
    """
    at = [box.at(x, y) for x, y, _ in points]
    taken = [areas(point[None], POINT, POINT) for point in at]  # no name and no line to one leads over these
    lines = [_level(box, y) for y in levels]  # no name stands on these
    size = letter(len(wanted))
    placed: dict[int, Place] = {}
    for rank, number in enumerate(wanted):
        wide = width(points[number][2], size)
        place = _free(box, at[number], (wide, TALL * size), (np.vstack(taken), np.vstack([*taken, *lines])), anyhow=rank < always)
        if place is None and rank < always:
            place = Place(BESIDE + wide / 2, 0.0, line=False)
        if place is not None:
            placed[number] = place
            there = np.array([[place.right, place.above]])
            taken.append(areas(_moved(at[number], there), wide / 2, TALL * size / 2))
            lines += [_path(at[number], there)] if place.line else []
    return placed


def _level(box: Box, y: float) -> Array:
    up = box.at(box.x[0], y)[2]
    return np.array([[0.0, 0.0, *box.widths, up - 1, up + 1]])


def areas(at: Array, aside: float, over: float) -> Array:
    """What is covered around each place, so far to both sides and so far up and down."""
    return np.column_stack([at[:, :2] - aside, at[:, :2] + aside, at[:, 2] - over, at[:, 2] + over])


def meet(one: Array, other: Array) -> Array:
    """For each of the one areas and each of the others: True if they may overlap in a drawing of some width."""
    first, second = one[:, None], other[None]
    level = (first[..., 4] < second[..., 5]) & (second[..., 4] < first[..., 5])
    before = (first[..., 2:4] <= second[..., 0:2]).all(-1)
    after = (second[..., 2:4] <= first[..., 0:2]).all(-1)
    return np.asarray(level & ~before & ~after)


def _moved(at: Array, by: Array) -> Array:
    return np.column_stack([at[0] + by[:, 0], at[1] + by[:, 0], at[2] + by[:, 1]])


def _free(box: Box, at: Array, name: tuple[float, float], taken: tuple[Array, Array], *, anyhow: bool) -> Place | None:
    """The nearest free place whose line crosses nothing; `anyhow` a line that crosses something is better than no name."""
    for tried, line in ((_beside, False), (_rings, True), (_anywhere, True)):
        places = tried(box, at, name)
        own = areas(_moved(at, places), name[0] / 2, name[1] / 2)
        free = places[_inside(own, box) & ~meet(own, taken[1]).any(1)]
        if len(free):
            clear = free[:TRIED][~_crosses(at, free[:TRIED], taken[0])] if line else free
            if len(clear) or anyhow:
                right, above = (clear if len(clear) else free)[0]
                return Place(float(right), float(above), line=line)
    return None


def _beside(_box: Box, _at: Array, name: tuple[float, float]) -> Array:
    """To the right, left, above and below."""
    aside, over = BESIDE + name[0] / 2, 8 + name[1] / 2
    return np.array([[aside, 0], [-aside, 0], [0, over], [0, -over]])


def _rings(_box: Box, _at: Array, name: tuple[float, float]) -> Array:
    """All around the point, the nearest first."""
    far, turn = (part.ravel() for part in np.meshgrid(FAR, AROUND, indexing="ij"))
    return np.column_stack([(far + name[0] / 2) * np.cos(turn), far * np.sin(turn)])


def _anywhere(box: Box, at: Array, _name: tuple[float, float]) -> Array:
    """All over the drawing, the nearest first."""
    grid = np.meshgrid(np.arange(0, box.widths[0], STEP) - at[0], np.arange(0, box.height, STEP) - at[2])
    places = np.column_stack([part.ravel() for part in grid])
    return np.asarray(places[np.argsort(np.hypot(places[:, 0], places[:, 1]), kind="stable")])


def _inside(own: Array, box: Box) -> Array:
    across = (own[:, 0:2] >= 0).all(1) & (own[:, 2:4] <= np.array(box.widths)).all(1)
    return np.asarray(across & (own[:, 4] >= 0) & (own[:, 5] <= box.height))


def _crosses(at: Array, places: Array, taken: Array) -> Array:
    """For each place of a name: True if the line from its point there leads over another point or name."""
    others = taken[~meet(areas(at[None], 0.5, 0.5), taken)[0]]
    return np.asarray(meet(_path(at, places), others).any(1).reshape(STEPS, -1).any(0))


def _path(at: Array, places: Array) -> Array:
    """What the lines from a point to each of these places cover, step by step."""
    steps = (np.linspace(0.1, 1, STEPS)[:, None, None] * places).reshape(-1, 2)
    return areas(_moved(at, steps), 0.5, 0.5)
