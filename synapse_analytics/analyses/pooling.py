"""Rare rows pooled as "other" before the gate, so that little is withheld; and distinct patients of pooled rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics.disclosure import Policy

RARE = 0.001  # of all patients: a thinner band or a row further down is not read


@dataclass(frozen=True, slots=True)
class Patients:
    """Distinct patients per row: those with a single episode counted, the episodes of the others listed."""

    only: np.ndarray  # per row
    other_row: np.ndarray
    other_patient: np.ndarray

    def counted(self, row_of: np.ndarray | None = None, rows: int | None = None) -> np.ndarray:
        """Distinct patients of each row, or of each of the `rows` new rows that `row_of` maps the old ones to; -1 = none."""
        target = np.arange(len(self.only)) if row_of is None else row_of
        size = len(self.only) if rows is None else rows
        counts = add_up(target, self.only, size)
        if not len(self.other_row) or not size:
            return counts
        place, room = target[self.other_row], int(self.other_patient.max()) + 1
        kept = place >= 0
        key = np.sort(place[kept] * room + self.other_patient[kept])  # a sort is several times faster than np.unique
        first = np.ones(len(key), dtype=bool)
        np.not_equal(key[1:], key[:-1], out=first[1:])
        return counts + np.bincount(key[first] // room, minlength=size)


def add_up(target: np.ndarray, values: np.ndarray, rows: int) -> np.ndarray:
    """Sums of whole numbers per new row; what maps to -1 is left out."""
    found = np.zeros(rows, dtype=np.int64)
    kept = target >= 0
    np.add.at(found, target[kept], values[kept])
    return found


def rare(counts: np.ndarray, within: np.ndarray, limit: int) -> np.ndarray:
    """Which rows to pool, in each `within`: those under the limit, and the next smallest until the pool reaches it.

    A pool under the limit would be withheld, and with it the next smallest row beside a shown total.
    """
    order = np.lexsort((counts, within))
    pooled = np.zeros(len(counts), dtype=bool)
    owner, size = None, 0
    for row, count, owned in zip(order.tolist(), counts[order].tolist(), within[order].tolist(), strict=True):
        if owned != owner:
            owner, size = owned, 0
        if 0 < count < limit or 0 < size < limit:
            pooled[row] = True
            size += count
    return pooled


def rare_limit(policy: Policy, patients: int) -> int:
    """Fewer patients than this are rare in a cohort of so many."""
    return max(policy.group, int(patients * RARE))
