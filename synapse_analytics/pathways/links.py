"""The links between the nodes of pathways, numbered once for all pathways there are: no cohort changes them.

A node is the bit mask of a step, or one of the codes below. A link leads from the node in one place to the next, from the
first visit (place 0) to the first step, and from the last step to an end state; its key is one whole number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.pathways.steps import Steps

Array = np.ndarray
FIRST_VISIT, NOT_TREATED, OTHER, NOBODY = -1, -2, -3, -4
END_STATE = 1 << 19  # an end state is this plus its position; masks have at most 17 bits
NODE_BITS, _SHIFT = 20, 8


def link_key(place: Array | int, source: Array | int, target: Array | int) -> Array:
    """The key of a link; `place` is that of its source, 0 = the first visit."""
    wide = np.asarray(place, dtype=np.int64) << NODE_BITS | (np.asarray(source, dtype=np.int64) + _SHIFT)
    return wide << NODE_BITS | (np.asarray(target, dtype=np.int64) + _SHIFT)


def link_parts(key: Any) -> tuple[Any, Any, Any]:
    """(place, source, target) of link keys."""
    node = (1 << NODE_BITS) - 1
    return key >> (2 * NODE_BITS), (key >> NODE_BITS & node) - _SHIFT, (key & node) - _SHIFT


@dataclass(frozen=True)
class Paths:
    """The links of every pathway; the number of a link is its place among the keys."""

    unit: str
    key: Array  # every link there may be, in order
    into: Array  # (pathway, place): the link that leads to the step there, -1 after the last; one column more than steps
    length: Array  # steps of each pathway
    final: Array  # of each pathway its link to the first end state; those to the other end states follow

    @classmethod
    def of(cls, unit: str, nodes: Array) -> Paths:
        """From the nodes of each pathway (row) in each place (column), NOBODY after its end."""
        there = nodes != NOBODY
        length = there.sum(axis=1)
        before = np.column_stack([np.full(len(nodes), FIRST_VISIT), nodes[:, :-1]])
        steps = link_key(np.arange(nodes.shape[1]), before, nodes)[there]
        final = link_key(length, nodes[np.arange(len(nodes)), length - 1], END_STATE)
        key = np.unique(np.append(np.unique(steps), np.unique(final)[:, None] + np.arange(len(v.END_STATES))))
        into = np.full((len(nodes), nodes.shape[1] + 1), -1, dtype=np.int32)
        into[:, :-1][there] = np.searchsorted(key, steps)
        return cls(unit, key, into, length, np.searchsorted(key, final))

    @classmethod
    def of_steps(cls, unit: str, steps: Steps, examples: Array) -> Paths:
        """From the steps of one episode of each pathway, as number_pathways gives them."""
        first = examples[1:]
        nodes = np.full((len(examples), int(steps.step.max(initial=1))), NOBODY, dtype=np.int64)
        nodes[0, 0] = NOT_TREATED
        for place in range(nodes.shape[1]):
            row = np.minimum(first + place, max(len(steps.step) - 1, 0))
            here = (first + place < len(steps.step)) & (steps.step[row] == place + 1)
            nodes[1:, place][here] = steps.units[row[here]]
        return cls.of(unit, nodes)

    def of_each_step(self, steps: Steps, pathway: Array) -> Array:
        """The link that leads to each step; `pathway` is that of each episode that has steps."""
        length = np.diff(np.flatnonzero(steps.step == 1), append=len(steps.step))
        return self.into.ravel()[np.repeat(pathway * self.into.shape[1] - 1, length) + steps.step]

    @cached_property
    def way(self) -> Array:
        """Of each pathway the number of its steps: pathways of the same steps differ in how often one was repeated."""
        way = np.zeros(len(self.into), dtype=np.int64)
        for link in self.into.T:
            way = np.unique(way * (len(self.key) + 1) + link + 1, return_inverse=True)[1]
        return way

    def taken(self, pathway: Array, end_state: Array) -> Array:
        """The links of some pathways with their end states: a row each, a column for each place."""
        found = self.into[pathway]
        found[np.arange(len(pathway)), self.length[pathway]] = self.final[pathway] + end_state
        return found
