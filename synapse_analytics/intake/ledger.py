"""The book of an anonymisation while it runs: what became of each row of each table, and which values were left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from synapse_analytics.intake.raw import RawTable

_UNTOUCHED, _EMPTY, _NO_BOX, _UNUSABLE, _MERGED, _KEPT = 0, 1, 2, 3, 30_000, 30_001
NOTHING = "nothing is recorded in the columns that are used"
NO_BOX = "no box has a yes"
UNUSABLE = "what is recorded in the columns that are used gives no value"
NO_RULE = "no rule of the mapping takes this row"
NO_TABLE = "no rule of the mapping reads this table"


class Ledger:
    """For each row the best that became of it: kept, else merged with another row, else the first reason for leaving it out."""

    def __init__(self, tables: Sequence[RawTable]) -> None:
        self._state = [np.zeros(table.n, np.int16) for table in tables]
        self._reasons: list[str] = [NO_RULE, NOTHING, NO_BOX, UNUSABLE]
        self._read: set[int] = set()
        self.values: Counter[tuple[int, str, str]] = Counter()  # (table, column, why) -> values left out
        self.unmapped: Counter[tuple[int, str, str, str]] = Counter()  # (table, column, code, nearest) -> times
        self.conflicts: Counter[tuple[int, str, str, str]] = Counter()  # (table, instrument, what, done) -> times

    def reads(self, table: int) -> None:
        """A rule reads this table."""
        self._read.add(table)

    def drop(self, table: np.ndarray | int, row: np.ndarray, reason: str) -> None:
        """These rows were left out for this reason, unless something else became of them."""
        if reason not in self._reasons:
            self._reasons.append(reason)
        code = self._reasons.index(reason)
        for state, rows in self._parts(table, row):
            # Another rule may say more of a row than that it is empty, or that its values cannot be used.
            state[rows] = np.where(state[rows] <= _UNUSABLE, np.maximum(code, state[rows]), state[rows])

    def merge(self, table: np.ndarray | int, row: np.ndarray) -> None:
        """These rows say what another row says."""
        for state, rows in self._parts(table, row):
            state[rows] = np.maximum(state[rows], _MERGED)

    def keep(self, table: np.ndarray | int, row: np.ndarray) -> None:
        """Something of these rows is in the bundle."""
        for state, rows in self._parts(table, row):
            state[rows] = _KEPT

    def leave_values(self, tables: np.ndarray, column: str, why: str) -> None:
        """A value of this column was left out for each of these records, of which the tables are given."""
        for table, n in zip(*np.unique(tables, return_counts=True), strict=True):
            self.values[int(table), column, why] += int(n)

    def counts(self, table: int) -> tuple[int, int, dict[str, int]]:
        """How many rows were kept, merged, and left out by reason."""
        state = self._state[table]
        found = (
            Counter(state.tolist())
            if state.size < 1_000
            else dict(zip(*(part.tolist() for part in np.unique(state, return_counts=True)), strict=True))
        )
        kept, merged = int(found.pop(_KEPT, 0)), int(found.pop(_MERGED, 0))
        names = [NO_RULE if table in self._read else NO_TABLE, *self._reasons[1:]]
        return kept, merged, {names[code]: int(n) for code, n in sorted(found.items())}

    def _parts(self, table: np.ndarray | int, row: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        if isinstance(table, (int, np.integer)):
            return [(self._state[int(table)], row)]
        return [(self._state[one], row[table == one]) for one in np.unique(table).tolist()]
