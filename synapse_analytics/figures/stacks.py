"""Bars that add up: one line for each group, cut into parts side by side, with the names of the parts above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import FONT, LINE, Figure, Look, axis, layout
from synapse_analytics.findings import words as w

SQUARE = "\u25a0"
EDGE = 0.002  # of all, beyond the last part, whose edge would be cut
A_LINE = 4  # parts in a line of the key
LETTERS = 12  # px; a number that does not fit at this size is left to the hover
DARK_INK, LIGHT_INK = "#000000", "#ffffff"  # one of them has a contrast of 4.5 on every colour


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of part: its code, its name in the key and its colour; a `pale` one has an edge, so that it is seen on the page."""

    code: str
    label: str
    colour: str
    pale: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """One bar: its name, a quiet line below it (its n), the share of each part by code (None = withheld) and what a hover says of it."""

    label: str
    under: str
    shares: Mapping[str, float | None]
    hover: Mapping[str, str]


def stacks(look: Look, given: Sequence[Stack], parts: Sequence[Part], title: str, **more: Any) -> Figure:
    """The bars, the first at the top. A bar of which a part is withheld shows the parts it has, and says so beside its name."""
    used = [part for part in parts if any(part.code in stack.shares for stack in given)]
    names = [stack.label for stack in given]
    bare = [gaps.word(look, stack.label) for stack in given if all(share is None for share in stack.shares.values())]
    gapped = any(None in stack.shares.values() for stack in given)
    told = [gaps.explained(look, "a gap is withheld: too few patients")] if gapped else []
    lines = -(-len(used) // A_LINE)
    most = max((stack.label.count("<br>") for stack in given), default=0)  # lines of a name beyond the first
    shared = layout(
        look,
        height=m.bar_height(len(given)) + (12 + 8 * most) * len(given) + LINE * lines,
        margin={"l": 12, "r": 18, "t": 14 + LINE * lines, "b": 51},
        barmode="stack",
        uniformtext={"minsize": LETTERS, "mode": "hide"},
        xaxis=axis(
            look,
            title,
            range=[0, max(1.0, *map(_length, given)) + EDGE],
            tickformat=".0%",
            tickvals=[0, 0.25, 0.5, 0.75, 1],
            showgrid=False,
        ),
        yaxis=m.names(look, {stack.label: stack.under for stack in given}, showgrid=False, autorange="reversed"),
        annotations=[*_key(look, used, lines), *bare, *told],
        **more,
    )
    return {"data": [_part(look, part, given, names) for part in used], "layout": shared}


def _length(stack: Stack) -> float:
    """How far a bar reaches: rounded shares may add up to a little more than all."""
    return sum(share or 0 for share in stack.shares.values())


def _part(look: Look, part: Part, given: Sequence[Stack], names: Sequence[str]) -> m.Trace:
    shares = [stack.shares.get(part.code) for stack in given]
    return {
        "type": "bar",
        "orientation": "h",
        "name": part.label,
        "y": list(names),
        "x": shares,
        "width": 0.62,
        "marker": {"color": part.colour, "line": {"color": look.same if part.pale else look.paper, "width": 1 if part.pale else 1.5}},
        "text": [w.share(share) if share else "" for share in shares],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"size": LETTERS, "color": ink(part.colour), "family": FONT},
        "hoverinfo": "text",
        "hovertext": [stack.hover.get(part.code, "") for stack in given],
    }


def _key(look: Look, parts: Sequence[Part], lines: int) -> list[dict[str, Any]]:
    """The names of the parts with their squares, in so many lines above the bars."""
    each = -(-len(parts) // max(lines, 1))
    return squares(look, [parts[place : place + each] for place in range(0, len(parts), each)])


def squares(look: Look, lines: Sequence[Sequence[Part]]) -> list[dict[str, Any]]:
    """Names with squares in their colours, line by line; on a telephone the browser lets it begin above the names of the rows."""
    texts = ["&#160;&#160;".join(_square(look, part) for part in line) for line in lines]
    return [text | {"align": "left", "name": "squares"} for text in m.key(look, ["<br>".join(texts)])]


def _square(look: Look, part: Part) -> str:
    return m.signed(part.colour, SQUARE, part.label, edge=look.same if part.pale else "")


def ink(colour: str) -> str:
    """Dark or light letters, whichever stand out more on a colour (WCAG 2.2, relative luminance)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    light = sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return LIGHT_INK if 1.05 / (light + 0.05) > (light + 0.05) / 0.05 else DARK_INK
