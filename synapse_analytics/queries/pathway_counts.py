"""What the answers about pathways are counted from, the same whether it comes from the marts or is built on request.

A node is the bit mask of a step, or one of the codes below. A link leads from the step in one place to the next, from
the first visit (place 0) to the first step, and from the last step to the end state; its key is one whole number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from synapse_analytics.pathways import MORE, UNTREATED, unit_terms
from synapse_analytics.pathways.names import Name

FIRST_VISIT, NOT_TREATED, OTHER, NOBODY = -1, -2, -3, -4
END_STATE = 1 << 19  # an end state is this plus its position; masks have at most 17 bits
NODE_BITS, _SHIFT = 20, 8


@dataclass(frozen=True, slots=True)
class Cells:
    """Episodes by pathway and end state; one entry per combination that occurs.

    `only` counts the patients with no other episode; the episodes of the others are listed one by one, so that distinct
    patients can be counted over any set of cells. Changes are in thousandths, baseline to last answer.
    """

    pathway: np.ndarray
    end_state: np.ndarray
    episodes: np.ndarray
    only: np.ndarray
    pairs: np.ndarray
    only_pairs: np.ndarray
    total: np.ndarray
    squares: np.ndarray
    other_cell: np.ndarray
    other_patient: np.ndarray
    other_has_pair: np.ndarray


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many episodes have each value, per key (a link, or a row of the answer); `only` as in Cells."""

    key: np.ndarray
    value: np.ndarray
    episodes: np.ndarray
    only: np.ndarray


@dataclass(frozen=True, slots=True)
class LinkChanges:
    """Score changes over the target step of each link, and the patients behind them who have other episodes."""

    changes: Histogram
    other_key: np.ndarray
    other_patient: np.ndarray


class PathwaySource(Protocol):
    """Where the counts come from."""

    @property
    def unit(self) -> str:
        """treatment, class or stage."""

    def cells(self) -> Cells:
        """Episodes by pathway and end state."""

    def steps(self) -> np.ndarray:
        """The nodes of each pathway (row) in each place (column), NOBODY after its end."""

    def names(self, pathways: np.ndarray) -> list[Name]:
        """The words of these pathways."""

    def durations(self, pathways: np.ndarray) -> Histogram:
        """Days from the start of the first step to the start of the last, of these pathways; key = pathway * 8 + end state."""

    def link_days(self) -> Histogram:
        """Days from start to start, per link."""

    def link_changes(self) -> LinkChanges:
        """Score changes over the target step, per link."""


def link_key(place: np.ndarray | int, source: np.ndarray | int, target: np.ndarray | int) -> np.ndarray:
    """The key of a link; `place` is that of its source, 0 = the first visit."""
    wide = np.asarray(place, dtype=np.int64) << NODE_BITS | (np.asarray(source, dtype=np.int64) + _SHIFT)
    return wide << NODE_BITS | (np.asarray(target, dtype=np.int64) + _SHIFT)


def link_parts(key: Any) -> tuple[Any, Any, Any]:
    """(place, source, target) of link keys."""
    node = (1 << NODE_BITS) - 1
    return key >> (2 * NODE_BITS), (key >> NODE_BITS & node) - _SHIFT, (key & node) - _SHIFT


def node_of(words: str, unit: str) -> int:
    """The node that a step in words is."""
    if words in {UNTREATED, MORE}:
        return NOT_TREATED if words == UNTREATED else 0
    places = {term.code: place for place, term in enumerate(unit_terms(unit))}
    return sum(1 << places[code] for code in words.split("+"))


def histogram(key: np.ndarray, value: np.ndarray, only: np.ndarray) -> Histogram:
    """Count rows per key and value."""
    order = np.lexsort((value, key))
    key, value, only = key[order], value[order], only[order]
    first = np.ones(len(key), dtype=bool)
    first[1:] = (key[1:] != key[:-1]) | (value[1:] != value[:-1])
    begin = np.flatnonzero(first)
    single = np.add.reduceat(only.astype(np.int64), begin) if len(begin) else begin
    return Histogram(key[begin], value[begin], np.diff(begin, append=len(key)), single)
