"""A table of a clinic as it was found: every cell as text, with the row that a person finds it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa


@dataclass(frozen=True, slots=True)
class RawTable:
    """One table of a source.

    `name` is what the mapping calls it: the name of the file, for a workbook with the sheet (`visits.xlsx#Scores`), or the name of a
    resource or table (`Observation`, `measurement`). `cells` holds every column as text (`string`); null is an empty cell, and texts are
    stripped of spaces at both ends. `rows` gives the number of each row as a person finds it: in a spreadsheet its row, in a text file its
    line, elsewhere 1, 2, 3. `how` says in a sentence how it was read (separator, encoding, decimal sign, row of the header).
    """

    name: str
    file: str
    cells: pa.Table
    rows: np.ndarray
    sheet: str = ""
    how: str = ""
    decimal: str = "."
    labels: Mapping[str, str] = field(default_factory=dict)  # column -> what a data dictionary calls it
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # column -> code -> label, of a data dictionary
    identifiers: frozenset[str] = frozenset()  # columns that the source itself says identify people
    free_text: frozenset[str] = frozenset()  # columns that a data dictionary says hold whatever somebody wrote
    date_formats: Mapping[str, str] = field(default_factory=dict)  # column -> how its dates are written, as the mapping says it
    left: Mapping[str, int] = field(default_factory=dict)  # rows that were read but are no records, by reason (totals, blank rows)

    @property
    def n(self) -> int:
        """How many rows there are to use."""
        return int(self.cells.num_rows)

    @property
    def read(self) -> int:
        """How many rows were read: those to use, and those that are no records."""
        return self.n + sum(self.left.values())

    def column(self, name: str) -> pa.Array:
        """One column as one array of texts; KeyError when there is none."""
        if name not in self.cells.column_names:
            raise KeyError(name)
        chunked = self.cells.column(name)
        return chunked.chunk(0) if chunked.num_chunks == 1 else chunked.combine_chunks()


def unread(name: str, why: str) -> RawTable:
    """A file of a source that is no table: it is named, with the reason, and has no columns and no rows."""
    return RawTable(name, name, pa.table({}), np.empty(0, np.int64), how=f"not read: {why}")
