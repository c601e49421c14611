"""A share as one hundred people: ten rows of ten dots, of which so many are filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, axis, layout, note

SIDE = 10
DOT, ACROSS = 11, 18  # px of a dot, and from one to the next where there is room
TOP, FOOT = -3.4, 12.6  # where the panel ends, in rows: two lines of words have room above and below the dots on a narrow screen too


@dataclass(frozen=True, slots=True)
class Hundred:
    """One share: what it is of in one or two lines, how many of 100 (`filled`), what is said below it, and the colour of the filled dots."""

    label: Sequence[str]
    filled: int
    below: Sequence[str]
    colour: str

    @property
    def said(self) -> str:
        """What a screen reader reads."""
        return f"{' '.join(self.label)}: {', '.join(self.below)}"


def places(filled: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Column and row of the filled dots and of the others, row by row from the upper left."""
    every = [(place % SIDE, place // SIDE) for place in range(SIDE * SIDE)]
    return every[:filled], every[filled:]


def icons(look: Look, given: Sequence[Hundred]) -> Figure:
    """Up to two shares side by side, with their words above and below; the dots keep their distances on any screen."""
    data: list[m.Trace] = []
    notes: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for at, one in enumerate(given[:2]):
        names = {"xaxis": m.axis_name("x", at), "yaxis": m.axis_name("y", at)}
        axes |= _axes(look, at, names)
        for dots, fill, edge in zip(places(one.filled), (one.colour, look.paper), (one.colour, look.same), strict=True):
            x, y = [column for column, _ in dots], [row for _, row in dots]
            data.append(names | m.points(x, y, [one.said] * len(dots), color=fill, size=DOT, line={"color": edge, "width": 1}))
        beside = {"xref": names["xaxis"], "yref": names["yaxis"], "x": -0.5, "xanchor": "left", "align": "left"}
        title = note(look, f"<b>{'<br>'.join(one.label)}</b>", y=-0.9, yanchor="bottom", **beside)
        notes += [
            title | {"font": title["font"] | {"color": look.text}},
            note(look, "<br>".join(one.below), y=9.7, yanchor="top", **beside),
        ]
    height, margin = round((FOOT - TOP) * ACROSS), {"l": 4, "r": 4, "t": 0, "b": 0}
    return {"data": data, "layout": layout(look, height=height, margin=margin, annotations=notes, **axes)}


def _axes(look: Look, at: int, names: dict[str, str]) -> dict[str, Any]:
    """Unseen axes of one panel on which across and down are as far as each other."""
    unseen = axis(look, "", visible=False, constrain="domain")
    x = unseen | {"range": [-0.6, 9.6], "domain": [0.52 * at, 0.52 * at + 0.48], "constraintoward": "left", "anchor": names["yaxis"]}
    y = unseen | {"range": [FOOT, TOP], "scaleanchor": names["xaxis"], "constraintoward": "top", "anchor": names["xaxis"]}
    return {m.axis_name("xaxis", at): x, m.axis_name("yaxis", at): y}


def icon_svg(one: Hundred, empty: str) -> str:
    """The same dots as SVG for paper, each with an edge, so that they are told apart without colours too."""
    circles = [
        f'<circle cx="{10 * column + 5}" cy="{10 * row + 5}" r="3.8" fill="{fill}" stroke="{one.colour}" stroke-width="0.7"/>'
        for dots, fill in zip(places(one.filled), (one.colour, empty), strict=True)
        for column, row in dots
    ]
    return f'<svg viewBox="0 0 100 100" role="img" aria-label="{escape(one.said)}">{"".join(circles)}</svg>'
