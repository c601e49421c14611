"""The right bundle with the columns of one file taken out, renamed, doubled, emptied or put in another's place, as CSV or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from synapse_analytics.bundle.schema import RecordFile
from tests.examples import DEEP
from tests.faults.drawn import RIGHT

Table = list[list[str]]  # the header first
Counts = dict[str, int]


def table_of(file: str) -> Table:
    """The right file as rows of texts."""
    return list(csv.reader(io.StringIO(RIGHT[file])))


def write_table(folder: Path, file: str, table: Table, form: str) -> None:
    """Put this table in place of the file, as csv or parquet."""
    (folder / file).unlink()
    if form == "csv":
        with (folder / file).open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows(table)
        return
    columns = [pa.array([row[at] or None for row in table[1:]], pa.string()) for at in range(len(table[0]))]
    parquet.write_table(pa.Table.from_arrays(columns, names=table[0]), folder / file.replace(".csv", ".parquet"))


def spoilt_columns(file: RecordFile) -> Iterator[tuple[str, Table, Counts]]:
    """(what was done, the table, what must be reported) for every column of a file, and for two that are gone.

    What one rule reads together stands side by side in a file; the deep run takes every two.
    """
    right = table_of(file.name)
    names = right[0]
    for column in names:
        at = names.index(column)
        gone = without(file, right, (column,))
        yield f"without {column}", *gone
        renamed = [[name if name != column else "work_kind" for name in names], *right[1:]]
        yield f"{column} renamed", renamed, gone[1] | {"extra_column": 1}
        yield f"{column} twice", [[*row, row[at]] for row in right], {"duplicate_column": 1}
        emptied = [names, *([cell if place != at else "" for place, cell in enumerate(row)] for row in right[1:])]
        yield f"{column} empty", emptied, _empty(file, column, len(right) - 1)
    for pair in combinations(names, 2) if DEEP else pairwise(names):
        yield f"without {pair[0]} and {pair[1]}", *without(file, right, pair)


def without(file: RecordFile, right: Table, gone: tuple[str, ...]) -> tuple[Table, Counts]:
    """The table without these columns, and what must be said of it."""
    kept = [at for at, name in enumerate(right[0]) if name not in gone]
    missing = sum(file.column(name).required for name in gone)
    counts = {"missing_column": missing} if missing else {}
    if "closed_day" in gone and "status" not in gone:
        counts["missing_closed_day"] = 2  # two episodes are not open
    return [[row[at] for at in kept] for row in right], counts


def _empty(file: RecordFile, column: str, rows: int) -> Counts:
    if column == "closed_day":
        return {"missing_closed_day": 2}
    if not file.column(column).required:
        return {}
    lost = {("patients.csv", "patient_id"): 3, ("episodes.csv", "episode_id"): 17, ("treatments.csv", "treatment_id"): 1}
    orphans = lost.get((file.name, column))
    return {"missing_value": rows} | ({"orphan": orphans} if orphans else {})
