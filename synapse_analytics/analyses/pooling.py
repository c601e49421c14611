"""Rare rows pooled as "other" before the gate, so that little is withheld; and distinct patients of pooled rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
        place = target[self.other_row]
        room = int(self.other_patient.max()) + 1
        key = np.unique(place[place >= 0] * room + self.other_patient[place >= 0])
        return counts + np.bincount(key // room, minlength=size)


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
    for row in order:
        if within[row] != owner:
            owner, size = within[row], 0
        if 0 < counts[row] < limit or 0 < size < limit:
            pooled[row] = True
            size += int(counts[row])
    return pooled
