"""Distinct patients among rows of which a patient may have several."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


class Distinct:
    """Counts the patients behind any of some rows; only the rows of patients with several are looked at closely."""

    def __init__(self, patients: Array) -> None:
        order = np.argsort(patients)
        ordered = patients[order]
        same = ordered[1:] == ordered[:-1]
        shared = np.append(False, same) | np.append(same, False) if len(patients) else np.zeros(0, dtype=bool)
        self._rows = order[shared]
        owner = ordered[shared]
        self._begin = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])) if len(owner) else np.empty(0, dtype=np.int64)

    def count(self, chosen: Array) -> int:
        """The patients of the chosen rows (a mask)."""
        n = int(np.count_nonzero(chosen))
        if not len(self._rows):
            return n
        several = chosen[self._rows]
        return n - int(np.count_nonzero(several)) + int(np.count_nonzero(np.logical_or.reduceat(several, self._begin)))
