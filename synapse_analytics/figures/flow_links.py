"""The rows of the flow: from the released table of pathways to the links that are drawn, which add up to the cohort at every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import care
from synapse_analytics.findings.flow import ENDS, OTHER

Row = Mapping[str, Any]
Node = tuple[int, str]  # column and code
Ways = Counter[tuple[tuple[str, ...], str]]  # the steps that are drawn and the end state -> episodes
Links = Counter[tuple[Node, Node]]
START = "first_visit"
STEPS = (*v.TREATMENT_CLASSES, *v.TREATMENTS, *v.STAGES)
OTHER_ENDS, MORE = "other_ends", "more"
DRAWN = 3  # steps told apart in the picture: with more columns their names collide; the table has all
NAMED = 0.02  # a step that fewer of all take at its place is one of the "other ways", so that every name can be read


@dataclass(frozen=True, slots=True)
class Link:
    """So many episodes went from one node to another; `everybody` is the row of all who went this way, rare pathways too."""

    source: Node
    target: Node
    n: int
    everybody: Row | None  # None where an end of the link stands for several steps

    @property
    def change(self) -> float | None:
        """The mean change of the score over the step."""
        return None if self.everybody is None else self.everybody["change"]


def drawn_links(released: Released) -> Sequence[Link]:
    """The links of the picture; none where no pathway may be shown. The last column is that of the end states."""
    ways = _ways(released)
    if not ways:
        return ()
    known = {(row["step"], row["source"], row["target"]): row for row in released.tables["links"]}
    last = 1 + max(len(steps) for steps, _ in ways)
    links = _with_rare(_between(ways, last), last, released)
    return [Link(*ends, n, None if OTHER in (ends[0][1], ends[1][1]) else known.get((*ends[0], ends[1][1]))) for ends, n in links.items()]


def _ways(released: Released) -> Ways:
    """(the steps that are drawn, end state) -> episodes, of all whose number is shown.

    Steps beyond the third are one node, "further steps". A step that few take at its place is one of the other ways.
    """
    found: Ways = Counter()
    for row in released.tables["pathways"]:
        if row["n"]:
            steps = tuple(row["steps"])
            steps = steps if len(steps) <= DRAWN else (*steps[:DRAWN], MORE)
            found[steps, OTHER_ENDS if row["end_state"] == OTHER else row["end_state"]] += row["n"]
    at: Counter[Node] = Counter()
    for (steps, _), n in found.items():
        at.update(dict.fromkeys(enumerate(steps), n))
    ways: Ways = Counter()
    fewest = NAMED * found.total()
    for (steps, end), n in found.items():
        drawn = tuple(code if at[column, code] >= fewest or code == MORE else OTHER for column, code in enumerate(steps))
        ways[drawn, end] += n
    return ways


def _between(ways: Ways, last: int) -> Links:
    """Episodes that went from one node to the next."""
    links: Links = Counter()
    for (steps, end), n in ways.items():
        links.update(dict.fromkeys(pairwise([*enumerate((START, *steps)), (last, end)]), n))
    return links


def _with_rare(links: Links, last: int, released: Released) -> Links:
    """The same links, with the rare pathways behind the step they began with, where the links of the first step tell it exactly."""
    named: Counter[str] = Counter()
    rare = {row["end_state"]: row["n"] for row in released.tables["pathways"] if tuple(row["steps"]) == (OTHER,) and row["n"]}
    for row in released.tables["pathways"]:
        named[row["steps"][0]] += row["n"] or 0
    first = {row["target"]: row["n"] for row in released.tables["links"] if row["step"] == 0 and row["n"]}
    began = {code: n - named[code] for code, n in first.items() if code != OTHER}
    if not rare or min(began.values(), default=0) < 0 or sum(began.values()) + first.get(OTHER, 0) != sum(rare.values()):
        return links  # numbers that are rounded or withheld do not tell it
    moved = links.copy()
    for end, n in rare.items():
        moved[(1, OTHER), (last, end)] -= n
        moved[(2, OTHER), (last, end)] += n
    for code, n in began.items():
        drawn = (1, code) if ((0, START), (1, code)) in links else (1, OTHER)
        moved[(0, START), (1, OTHER)] -= n
        moved[(0, START), drawn] += n
        moved[drawn, (2, OTHER)] += n
    moved[(1, OTHER), (2, OTHER)] += first.get(OTHER, 0)
    return Counter({link: n for link, n in moved.items() if n})


def name_of(node: Node) -> str:
    """What people read for a node."""
    return {OTHER: "Other pathways", OTHER_ENDS: "Other ends"}.get(node[1]) or care.step(node[1])


def order(node: Node) -> tuple[int, int, str]:
    """The order of nodes: by column, in it as the vocabulary has them."""
    column, code = node
    ends, known = (*ENDS, OTHER_ENDS), v.codes(STEPS)
    first = care.units_of(code)[0]
    place = ends.index(code) if code in ends else known.index(first) if first in known else len(known)
    return column, place, code
