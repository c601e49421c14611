"""What the answers about pathways are counted from, the same whether it comes from the marts or is built on request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics import vocabulary as v
from synapse_analytics.counts import add_up
from synapse_analytics.pathways.links import Paths
from synapse_analytics.pathways.numbering import Codes
from synapse_analytics.pathways.scores import NO_SCORE

Array = np.ndarray
STATES = len(v.END_STATES)
ALONE = -1  # instead of a patient who has no other episode


@dataclass(frozen=True, slots=True)
class Values:
    """A value of each row, by key, and how often it occurs there (None: once)."""

    key: Array
    value: Array
    n: Array | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """The score change of each row (thousandths, NO_SCORE = none), by key and patient, and how often it occurs (None: once)."""

    key: Array
    value: Array
    patient: Array  # ALONE where the patient has no other episode
    n: Array | None = None


class PathwaySource(Protocol):
    """Where the counts come from. The key of an episode is its pathway * STATES + end state, that of a step the number of its link."""

    @property
    def paths(self) -> Paths:
        """The links of every pathway."""

    def codes(self, pathways: Array) -> list[Codes]:
        """The codes of these pathways."""

    def episodes(self) -> Changes:
        """Changes of the episodes from baseline to the last answer, a row for each episode."""

    def durations(self) -> Values:
        """Days of the episodes from the start of the first step to the start of the last, negative without steps."""

    def link_days(self) -> Values:
        """Days from start to start, by link."""

    def link_changes(self) -> Changes:
        """Changes over the target step, by link; of steps with both scores only."""


@dataclass(frozen=True, slots=True)
class Patients:
    """Distinct patients per row: those with a single episode are counted, of the others every row is listed.

    They are listed in parts (row, patient), in order of the patients; no row occurs in two parts.
    """

    alone: Array
    others: tuple[tuple[Array, Array], ...]

    def counted(self, row_of: Array | None = None, rows: int | None = None) -> Array:
        """Distinct patients of each row, or of each of the `rows` new rows that `row_of` maps the old ones to; -1 = none."""
        target = np.arange(len(self.alone)) if row_of is None else row_of
        size = len(self.alone) if rows is None else rows
        found = add_up(target, self.alone, size)
        for row, patient in self.others:
            found += distinct(target[row], patient, size)
        return found


@dataclass(frozen=True, slots=True)
class Cells:
    """Episodes by pathway and end state, one entry for each that occurs; changes from baseline to the last answer."""

    pathway: Array
    end_state: Array
    episodes: Array
    pairs: Array
    total: Array
    squares: Array
    patients: Patients
    paired: Patients  # patients with a change

    @classmethod
    def of(cls, found: Changes, pathways: int) -> Cells:
        """Count what there is of each pathway and end state."""
        known = np.flatnonzero(np.bincount(found.key, minlength=pathways * STATES))
        place = np.zeros(pathways * STATES, dtype=np.int32)
        place[known] = np.arange(len(known))
        cell, size = place[found.key], len(known)
        has_pair = found.value != NO_SCORE
        kinds = np.bincount(cell * 4 + has_pair * 2 + (found.patient == ALONE), minlength=4 * size).reshape(size, 4)
        paired, change = cell[has_pair], found.value[has_pair].astype(np.int64)
        others = in_order(found.patient)
        both = others[has_pair[others]]
        return cls(
            known // STATES,
            known % STATES,
            kinds.sum(axis=1),
            kinds[:, 2:].sum(axis=1),
            add_up(paired, change, size),
            add_up(paired, change * change, size),
            Patients(kinds[:, 1] + kinds[:, 3], ((cell[others], found.patient[others]),)),
            Patients(kinds[:, 3], ((cell[both], found.patient[both]),)),
        )


def in_order(patient: Array) -> Array:
    """The rows of patients with several episodes, patient by patient."""
    several = np.flatnonzero(patient != ALONE)
    return several[np.argsort(patient[several])]


def distinct(row: Array, patient: Array, rows: int) -> Array:
    """Distinct patients of each row; patients come in order, and -1 is no row.

    A patient has few rows, so looking back at the last ones is several times faster than a sort.
    """
    kept = row >= 0
    row, patient = row[kept], patient[kept]
    first = np.ones(len(row), dtype=bool)
    for back in range(1, len(row)):
        same = patient[back:] == patient[:-back]
        if not same.any():
            break
        first[back:] &= ~(same & (row[back:] == row[:-back]))
    return np.bincount(row[first], minlength=rows)


def filled(column: pa.ChunkedArray, absent: int) -> Array:
    """A column of whole numbers with something else instead of null."""
    return pc.fill_null(column, absent).to_numpy()
