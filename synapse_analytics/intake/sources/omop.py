"""An OMOP CDM 5.3 or 5.4: a folder or zip of CSV or Parquet files, or a database; only the columns that are needed leave it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.intake.faults import Faults, spot_of
from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources.births import MIDDLE, composed
from synapse_analytics.intake.sources.members import Source, name_of
from synapse_analytics.intake.sources.omop_columns import COLUMNS, CONCEPT, NEEDED, is_concept, is_date, is_number_of_a_row
from synapse_analytics.intake.sources.omop_database import is_database, read_database
from synapse_analytics.intake.sources.omop_files import ENDINGS, tables_of, texts
from synapse_analytics.intake.sources.standard_files import files_of
from synapse_analytics.progress import Progress, quiet

Cells = dict[str, tuple[pa.Table, str, str]]  # name of the table -> its cells, its file, and how it was read


def read(source: Source, readings: Mapping[str, Reading] | None = None, progress: Progress = quiet) -> list[RawTable]:
    """The tables of an OMOP CDM that say something about care, with the names of their concepts as choices, and the concepts used.

    `source` is a folder, a zip or a database URL (`postgresql://user@host/name?schema=cdm`). Raises IntakeRefused when it is no OMOP CDM.
    """
    faults = Faults()
    cells = read_database(source, faults, progress) if is_database(source) else _read_files(source, readings or {}, faults, progress)
    for name, column in NEEDED.items():
        if not faults and (name not in cells or column not in cells[name][0].column_names):
            advice = "Give the folder with the files person.csv, condition_occurrence.csv and so on, or the database and its `schema`."
            faults.add(f"The source has no table {name} with a column {column}.", advice, [spot_of(name_of(source), "", None, "", None)])
    faults.raise_if_any("The source cannot be used as an OMOP CDM.")
    with_births(cells)
    concepts = cells.pop("concept", (pa.table({name: pa.array([], pa.string()) for name in CONCEPT}), "", ""))
    names = dict(zip(concepts[0]["concept_id"].to_pylist(), concepts[0]["concept_name"].to_pylist(), strict=True))
    tables = [_table(name, found, names) for name, found in cells.items()]
    return [*tables, _table("concept", concepts, {})] if concepts[0].num_rows else tables


def _read_files(source: Source, readings: Mapping[str, Reading], faults: Faults, progress: Progress) -> Cells:
    cells: Cells = {}
    with files_of(source, ENDINGS) as files:
        found = tables_of(files, readings, faults)
        wanted = [name for name in COLUMNS if name in found]
        for number, name in enumerate(wanted):
            progress(f"Reading {name}", number, len(wanted) + 1)
            read_so_far, how = texts(found[name], COLUMNS[name], faults)
            cells[name] = tidy(read_so_far), found[name].file.name, how
        if "concept" in found:
            progress("Reading concept", len(wanted), len(wanted) + 1)
            used = pa.array(sorted(concepts_used(cells)), pa.string())
            concepts, how = texts(found["concept"], CONCEPT, faults, lambda batch: _of(batch, used))
            cells["concept"] = concepts, found["concept"].file.name, how
    return cells


def _of(batch: pa.RecordBatch, used: pa.Array) -> pa.RecordBatch:
    return batch.filter(pc.is_in(batch.column("concept_id"), value_set=used))


def concepts_used(cells: Cells) -> set[str]:
    """The numbers of all concepts that any row names."""
    columns = [table[column] for table, _, _ in cells.values() for column in table.column_names if is_concept(column)]
    return {number for column in columns for number in pc.unique(column).to_pylist() if number and number != "0"}


def tidy(cells: pa.Table) -> pa.Table:
    """Dates without their time, and whole numbers without the `.0` that spreadsheets and data frames leave behind."""
    return pa.table({name: _tidy(name, cells[name]) for name in cells.column_names})


def with_births(cells: Cells) -> None:
    """The column birth_date of the persons, out of what the CDM has of a date of birth."""
    person, file, how = cells["person"]
    if (dates := composed(person)) is not None:
        cells["person"] = person.append_column("birth_date", dates), file, f"{how}; {MIDDLE}"


def _tidy(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if is_date(name):
        return pc.utf8_slice_codeunits(column, 0, 10)
    return pc.replace_substring_regex(column, r"\.0$", "") if is_number_of_a_row(name) else column


def _table(name: str, found: tuple[pa.Table, str, str], names: Mapping[str, str]) -> RawTable:
    cells, file, how = found
    first = 2 if file.lower().endswith((".csv", ".tsv", ".txt")) else 1  # a text file has its header in line 1
    columns = cells.column_names
    return RawTable(
        name,
        file,
        cells,
        np.arange(first, first + cells.num_rows),
        how=how,
        choices={column: _choices(cells[column], names) for column in columns if is_concept(column)} if names else {},
        date_formats={column: "year-month-day" for column in columns if is_date(column)},
    )


def _choices(column: pa.ChunkedArray, names: Mapping[str, str]) -> dict[str, str]:
    return {number: names[number] for number in pc.unique(column).to_pylist() if number in names}
