"""The flow of pathways: nodes in columns by step, width = patients, colour = change, end states on the right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.ends import end_colour
from synapse_analytics.figures.flow_links import START, Link, Node, drawn_links, name_of, order
from synapse_analytics.figures.flow_table import flow_table
from synapse_analytics.figures.theme import FONT, Figure, Look, faded, figure, layout
from synapse_analytics.findings import care
from synapse_analytics.findings import flow as said
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
Sizes = Mapping[Node, int]
PAD = 16  # px between nodes
SMALL, CLEAR = 0.05, 0.2  # of the range of a score: below the one a change is grey, from the other on in full colour


@figure(said.flow)
def flow(released: Released, look: Look, *, chosen: Sequence[str] = ()) -> Figure:
    """The Sankey of the pathways; `chosen` steps (from the table) stay coloured while the others fade.

    It is made of the table of pathways, so that what is drawn adds up to the cohort at every step and in its end states.
    Where a page is narrow a table of the same numbers stands in its place (web/style.py says where).
    """
    links = drawn_links(released)
    sizes = _sizes(links)
    nodes = sorted(sizes, key=order)
    x, y, height = _places(nodes, sizes)
    trace = {
        "type": "sankey",
        "arrangement": "fixed",
        "node": _drawn_nodes(nodes, sizes, look) | {"x": x, "y": y},
        "link": _bands(links, nodes, released, look, chosen),
        "textfont": {"size": 12, "color": look.text, "family": FONT, "shadow": f"0 0 3px {look.paper}"},
    }
    alt = f"Flow of patients from the first visit through their treatments to their end state. {said.flow(released).above_picture}"
    shared = layout(look, height=height, margin={"l": 8, "r": 8, "t": 12, "b": 12}, alt=alt)
    return {"data": [trace], "layout": shared, "instead": flow_table(released, look)}


def _sizes(links: Sequence[Link]) -> Sizes:
    """The episodes of each node: what flows in or what flows out, where the first visit and the ends have one of them only."""
    out, into = Counter[Node](), Counter[Node]()
    for link in links:
        out[link.source] += link.n
        into[link.target] += link.n
    return out | into


def _drawn_nodes(nodes: Sequence[Node], sizes: Sizes, look: Look) -> dict[str, Any]:
    return {
        "label": [_label(node, sizes) for node in nodes],
        "color": [end_colour(look, code) if code in said.ENDS else _step_colour(look, care.units_of(code)[0]) for _, code in nodes],
        "pad": PAD,
        "thickness": 14,
        "line": {"color": look.same, "width": 0.7},
        "customdata": [f"<b>{name_of(node)}</b><br>n = {sizes[node]:,}" for node in nodes],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _step_colour(look: Look, code: str) -> str:
    return look.quiet if code == "none" else look.treatment(code)


def _bands(links: Sequence[Link], nodes: Sequence[Node], released: Released, look: Look, chosen: Sequence[str]) -> dict[str, Any]:
    instrument = w.instrument(released.options.get("instrument") or v.HEADLINE)
    return {
        "source": [nodes.index(link.source) for link in links],
        "target": [nodes.index(link.target) for link in links],
        "value": [link.n for link in links],
        "color": [_colour(link, instrument, look) if _is_chosen(link, chosen) else faded(look.quiet, 0.12) for link in links],
        "customdata": [_hover(link, instrument, released.episodes) for link in links],
        "hovertemplate": "%{customdata}<extra></extra>",
        "line": {"width": 0},
    }


def _label(node: Node, sizes: Sizes) -> str:
    return f"{w.wrapped(name_of(node), 24)} {sizes[node]:,}"


def _places(nodes: Sequence[Node], sizes: Sizes) -> tuple[list[float], list[float], int]:
    """The x and y of each node from 0 to 1, and the height of the figure in which each has room for its bar and its name."""
    last = max(column for column, _ in nodes)
    columns = [[node for node in nodes if node[0] == column] for column in range(last + 1)]
    height = 420.0
    while any(sum(room) > height for room in _rooms(columns, sizes, height)):
        height *= 1.08
    middle: dict[Node, float] = {}
    for column, room in zip(columns, _rooms(columns, sizes, height), strict=True):
        air = (height - sum(room)) / (len(column) + 1)
        top = air
        for node, size in zip(column, room, strict=True):
            middle[node] = (top + size / 2) / height
            top += size + air
    x = [min(max(column / last, 0.001), 0.999) for column, _ in nodes]
    return x, [min(max(middle[node], 0.001), 0.999) for node in nodes], round(height) + 24


def _rooms(columns: Sequence[Sequence[Node]], sizes: Sizes, height: float) -> list[list[float]]:
    """The room in px of each node of each column, in a drawing of this height."""
    # as Plotly scales it: the fullest column fills the height
    scale = min((height - PAD * (len(column) - 1)) / sum(sizes[node] for node in column) for column in columns if column)
    # a node that is alone in its column may fill the height; no room beside it is needed
    return [[min(max(scale * sizes[node] + 4, _name_height(_label(node, sizes))), height) for node in column] for column in columns]


def _name_height(label: str) -> int:
    return 16 * (label.count("<br>") + 1) + 3


def _is_chosen(link: Link, chosen: Sequence[str]) -> bool:
    """True if a link is part of the chosen pathway, or no pathway is chosen."""
    path = list(enumerate((START, *chosen)))
    return not chosen or (link.source in path and (link.target in path or link.target[1] in said.ENDS))


def _colour(link: Link, instrument: v.Instrument, look: Look) -> str:
    """Better or worse as the score means it, and the fuller the larger the change is on its scale."""
    if link.change is None or abs(link.change) < SMALL * instrument.reach:
        return faded(look.same, 0.38)
    strength = 0.3 + 0.35 * min(abs(link.change) / (CLEAR * instrument.reach), 1)
    is_better = (link.change < 0) == (instrument.better == "lower")
    return faded(look.better if is_better else look.worse, round(strength, 2))


def _hover(link: Link, instrument: v.Instrument, episodes: int | None) -> str:
    of_all, whole, row = f"{w.share(link.n / episodes)} of the cohort" if episodes else "", "", link.everybody
    if row is not None:
        days = "" if row["median_days"] is None else f"median {row['median_days']:.0f} days"
        change = "" if row["change"] is None else f"{w.name(instrument.code)} {w.moved(instrument.code, row['change'])}"
        known = ", ".join(part for part in (days, change) if part)
        whole = f"all {w.count(row['n'])} who went this way: {known}" if known else ""
    return m.hover(f"{name_of(link.source)} \u2192 {name_of(link.target)}", w.n_of(link.n), of_all, whole)
