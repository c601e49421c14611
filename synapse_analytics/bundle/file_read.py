"""What is known of one file of a bundle once it was read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.bundle.problems import Report
from synapse_analytics.bundle.rows import Rows
from synapse_analytics.bundle.schema import RecordFile
from synapse_analytics.bundle.values import TYPES


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file as far as it could be read: its kept rows as a typed table, and the declared columns that the file really has."""

    file: RecordFile
    rows: Rows
    table: pa.Table
    columns: frozenset[str]

    def numbers(self, column: str) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of a column (0 where none is), and where there is one."""
        array = self.table.column(column)
        return np.asarray(pc.fill_null(array.cast(pa.int32()), 0), np.int32), np.asarray(pc.is_valid(array))

    def tell_each(self, rule: str, column: str, rows: np.ndarray, hint: str = "") -> None:
        """Report those of the kept rows (from 0) that have no problem in this column yet, each with its own value.

        The file's own text of a number is gone; stars of its length stand for it, as it is too short to be shown even masked.
        """
        rows = self.rows.unmarked(column, rows)
        self.rows.mark(column, rows)
        listed = rows[: self.rows.report.room(rule)]
        values = self.table.column(column).take(pa.array(listed)).to_pylist()
        for place, value in zip(self.rows.places(column, listed), values, strict=True):
            text = value if isinstance(value, str) else "*" * len(str(value)) if value is not None else ""
            self.rows.report.add(rule, place, text, hint)
        self.rows.report.count(rule, rows.size - listed.size)


def unread(file: RecordFile, name: str, report: Report) -> FileRead:
    """A file that is not there, or whose rows could not be matched to columns."""
    empty = pa.table({column.name: pa.array([], TYPES[column.kind]) for column in file.columns})
    return FileRead(file, Rows(name, report), empty, frozenset())
