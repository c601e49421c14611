"""The order of the stages of care as rows of boxes: each box stands on the one it goes on from, and widths add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.stacks import LETTERS, Part, ink, squares
from synapse_analytics.figures.theme import FONT, LINE, Figure, Look, axis, figure, layout, mixed
from synapse_analytics.findings import branching as said
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
Way = tuple[str, ...]
STAGES = {"conservative": "Conservative care", "injection": "Injection", "surgery": "Surgery"}
REST = {"none": "No further care", "pooled": "Other pathways"}
PLACES = ("first_stage", "second_stage", "third_stage")
ROWS = ("All", "First", "Then", "Then")  # the name of each row; the last two stand at two places
TALL, GAP = 52, 0.1  # px of a row, and the part of it that is air
NARROW = 0.05  # of the width
AIR = 0.0012  # of the width, between two boxes


@dataclass(frozen=True, slots=True)
class Box:
    """One way so far: where it begins and how wide it is (0 to 1), and its row (None: everybody)."""

    way: Way
    left: float
    width: float
    row: Row | None


@figure(said.branching)
def branching(released: Released, look: Look) -> Figure:
    """Everybody, the first stage, the next and the third, from the top; what few took is left open where it is withheld."""
    boxes = list(_boxes(released))
    shared = layout(
        look,
        height=TALL * len(ROWS) + 22 + LINE,
        margin={"l": 12, "r": 12, "t": 12 + LINE, "b": 10},
        barmode="overlay",
        uniformtext={"minsize": LETTERS, "mode": "hide"},
        xaxis=axis(look, "", range=[0, 1], visible=False),
        yaxis=m.names(look, tickvals=[*range(len(ROWS))], ticktext=ROWS, range=[len(ROWS) - 0.5, -0.5], showgrid=False, ticklen=0),
        annotations=_key(look),
    )
    data = [_halves(look, boxes, released, upper=upper) for upper in (True, False)]
    return {"data": data, "layout": shared}


def _boxes(released: Released) -> Iterator[Box]:
    """A box for each way, from left to right in the order of the table; as wide as its number, or as what goes on from it where that is more."""
    rows = {_way(row): row for row in released.tables["branches"]}
    sizes: dict[Way, int] = {}
    for way in sorted({(), *rows}, key=len, reverse=True):
        own = released.episodes if way == () else rows[way]["n"]
        sizes[way] = max(own or 0, sum(size for other, size in sizes.items() if other[:-1] == way and other))
    begins: dict[Way, int] = {(): 0}
    for way in ((), *rows):
        if sizes[way]:
            yield Box(way, begins[way] / sizes[()], sizes[way] / sizes[()], rows.get(way))
        following = begins[way]
        for other in (other for other in rows if other[:-1] == way):
            begins[other] = following
            following += sizes[other]


def _way(row: Row) -> Way:
    return tuple(row[place] for place in PLACES if row[place] is not None)


def _halves(look: Look, boxes: Sequence[Box], released: Released, *, upper: bool) -> m.Trace:
    """The upper or the lower half of all boxes: above stands the name, below the share, so that in a narrow box the share may stay alone."""
    high = (1 - GAP) / 2
    colours = [_colour(look, box.way) for box in boxes]
    texts = [_name(box.way) if upper else _share(box, released) for box in boxes]
    return {
        "type": "bar",
        "orientation": "h",
        "base": [box.left for box in boxes],
        "x": [max(box.width - AIR, box.width / 2) for box in boxes],
        "y": [len(box.way) + (-high / 2 if upper else high / 2) for box in boxes],
        "width": high,
        "marker": {"color": colours, "line": {"width": 0}},
        "text": texts,
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"size": LETTERS, "color": [ink(colour) for colour in colours], "family": FONT},
        "hoverinfo": "text",
        "hovertext": [_hover(box, released) for box in boxes],
    }


def _name(way: Way) -> str:
    if not way:
        return "All episodes"
    if way == ("none",):
        return "No treatment"
    name = (STAGES | REST)[way[-1]]
    return f"{name} first" if len(way) == 1 and way[-1] in STAGES else name


def _share(box: Box, released: Released) -> str:
    """The share of all; in a narrow box without the sign, for which there is no room."""
    if box.row is None:
        return w.count(released.episodes)
    text = w.share_of(box.row["share_of_all"], box.row["n"])
    return text.removesuffix(" %") if box.width < NARROW else text


def _hover(box: Box, released: Released) -> str:
    row = box.row
    if row is None:
        return m.hover("All episodes", w.n_of(released.episodes))
    steps = " \u2192 ".join(_name(box.way[: place + 1]).removesuffix(" first") for place in range(len(box.way)))
    before = "" if len(box.way) == 1 or row["share_of_former"] is None else f"{w.share(row['share_of_former'])} of the step before"
    return m.hover(steps, w.n_of(row["n"]), w.share_who(row["share_of_all"], "of all"), before)


def _colour(look: Look, way: Way) -> str:
    if way and way[-1] in STAGES:
        return look.treatment(way[-1])
    strength = {(): 0.12, ("none",): 0.4}.get(way, 0.3 if way and way[-1] == "pooled" else 0.18)
    return mixed(look.quiet, look.paper, strength)


def _key(look: Look) -> list[dict[str, Any]]:
    stages = [Part(code, name, _colour(look, (code,))) for code, name in STAGES.items()]
    nothing = [("No further care", ("", "none")), ("No treatment", ("none",))]
    return squares(look, [[*stages, *(Part("none", name, _colour(look, way), pale=True) for name, way in nothing)]])
