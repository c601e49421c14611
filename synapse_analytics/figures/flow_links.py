"""The rows of the flow: from the released table of pathways to the links that are drawn, which add up to the cohort at every step."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from synapse_analytics.disclosure import Released

Row = Mapping[str, Any]
Node = tuple[int, str]  # column and code
Ways = dict[tuple[tuple[str, ...], str], int]  # the steps that are drawn and the end state -> episodes
Links = dict[tuple[Node, Node], int]
START = "first_visit"
OTHER, OTHER_ENDS, MORE = "other", "other_ends", "more"
DRAWN = 3  # steps told apart in the picture: with more columns their names collide; the table has all
NAMED = 0.02  # a step that fewer of all take at its place is one of the "other ways", so that every name can be read


def drawn_links(released: Released) -> tuple[list[dict[str, Any]], int]:
    """The links of the picture, and the column of the end states; no link where no pathway may be shown."""
    ways = _ways(released)
    if not ways:
        return [], 0
    known = {(row["step"], row["source"], row["target"]): row for row in released.tables["links"]}
    last = 1 + max(len(steps) for steps, _ in ways)
    return [_link(*link, n, known) for link, n in _with_rare(_between(ways, last), last, released).items()], last


def _ways(released: Released) -> Ways:
    """(the steps that are drawn, end state) -> episodes, of all whose number is shown.

    Steps beyond the third are one node, "further steps". A step that few take at its place is one of the other ways.
    """
    found: Ways = {}
    for row in released.tables["pathways"]:
        if row["n"]:
            steps = tuple(row["steps"])
            steps = steps if len(steps) <= DRAWN else (*steps[:DRAWN], MORE)
            end = OTHER_ENDS if row["end_state"] == OTHER else row["end_state"]
            found[steps, end] = found.get((steps, end), 0) + row["n"]
    at = _sizes(found)
    fewest = NAMED * sum(found.values())
    ways: Ways = {}
    for (steps, end), n in found.items():
        drawn = tuple(code if at[column, code] >= fewest or code == MORE else OTHER for column, code in enumerate(steps))
        ways[drawn, end] = ways.get((drawn, end), 0) + n
    return ways


def _sizes(ways: Ways) -> dict[Node, int]:
    """Episodes of each step at each place."""
    sizes: dict[Node, int] = {}
    for (steps, _), n in ways.items():
        for node in enumerate(steps):
            sizes[node] = sizes.get(node, 0) + n
    return sizes


def _between(ways: Ways, last: int) -> Links:
    """Episodes that went from one node to the next."""
    links: Links = {}
    for (steps, end), n in ways.items():
        nodes = [(0, START), *((column, code) for column, code in enumerate(steps, start=1)), (last, end)]
        for link in pairwise(nodes):
            links[link] = links.get(link, 0) + n
    return links


def _with_rare(links: Links, last: int, released: Released) -> Links:
    """The same links, with the rare pathways behind the step they began with, where the links of the first step tell it exactly."""
    named: dict[str, int] = {}
    rare = {row["end_state"]: row["n"] for row in released.tables["pathways"] if tuple(row["steps"]) == (OTHER,) and row["n"]}
    for row in released.tables["pathways"]:
        named[row["steps"][0]] = named.get(row["steps"][0], 0) + (row["n"] or 0)
    first = {row["target"]: row["n"] for row in released.tables["links"] if row["step"] == 0 and row["n"]}
    began = {code: n - named.get(code, 0) for code, n in first.items() if code != OTHER}
    if not rare or min(began.values()) < 0 or sum(began.values()) + first.get(OTHER, 0) != sum(rare.values()):
        return links  # numbers that are rounded or withheld do not tell it
    moved = dict(links)

    def move(source: Node, target: Node, n: int) -> None:
        moved[source, target] = moved.get((source, target), 0) + n

    for end, n in rare.items():
        move((1, OTHER), (last, end), -n)
        move((2, OTHER), (last, end), n)
    for code, n in began.items():
        drawn = (1, code) if ((0, START), (1, code)) in links else (1, OTHER)
        move((0, START), (1, OTHER), -n)
        move((0, START), drawn, n)
        move(drawn, (2, OTHER), n)
    move((1, OTHER), (2, OTHER), first.get(OTHER, 0))
    return {link: n for link, n in moved.items() if n}


def _link(source: Node, target: Node, n: int, known: Mapping[tuple[int, str, str], Row]) -> dict[str, Any]:
    """A drawn link; `all` is the row of everybody who went this way, rare pathways too, where both ends are told apart."""
    mine = known.get((source[0], source[1], target[1])) if OTHER not in (source[1], target[1]) else None
    change = None if mine is None else mine["change"]
    return {
        "step": source[0],
        "source": source[1],
        "target": target[1],
        "n": n,
        "change": change,
        "all": mine,
        "from": source,
        "to": target,
    }
