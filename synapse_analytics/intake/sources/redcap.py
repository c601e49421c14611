"""A REDCap project: its export with codes or with labels, and its data dictionary, which says what identifies people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.bundle.problems import shown_name
from synapse_analytics.intake.faults import Faults, Spot
from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources.members import Source
from synapse_analytics.intake.sources.redcap_columns import ARM, arms_of, coded, is_iso, is_prose, named
from synapse_analytics.intake.sources.redcap_csv import Read, read_csv
from synapse_analytics.intake.sources.redcap_dictionary import SYSTEM, Column, Dictionary, dictionary, is_dictionary
from synapse_analytics.intake.sources.standard_files import files_of
from synapse_analytics.progress import Progress, quiet

EVENT = "redcap_event_name"
ENDINGS = (".csv", ".tsv", ".txt")
OTHER = "not a record: the file lists arms, events or forms of the project"
BOTH = "the same rows stand in the export with codes"
_UNKNOWN = "Download the data dictionary under Designer and the data as CSV, and put both in one folder."
_FITS = 0.6  # of the columns of a file: so many are in the dictionary, or it is another project's


def read(source: Source, readings: Mapping[str, Reading] | None = None, progress: Progress = quiet) -> list[RawTable]:
    """One table for each export in the folder or zip, with labels, choices and identifiers of the data dictionary.

    An export with labels gets the names and codes of one without, so that one mapping fits both; where both are there, the one with codes
    is used. Raises IntakeRefused when there is no dictionary, no export, or an export of another project.
    """
    faults, found = Faults(), {}
    with files_of(source, ENDINGS) as files:
        for number, file in enumerate(files):
            progress(f"Reading {shown_name(file.name)}", number, len(files))
            found[file.name] = read_csv(file, (readings or {}).get(file.name), faults)
    faults.raise_if_any("The REDCap project cannot be read.")
    dictionaries = {name: one for name, one in found.items() if is_dictionary(one[0])}
    exports = {name: one for name, one in found.items() if name not in dictionaries}
    known = _one_dictionary(dictionaries, exports, faults)
    records = _records(exports, known)
    tables = [_table(name, one, known, faults) for name, one in records.items()]
    faults.raise_if_any("The REDCap project cannot be used as it is.")
    others = [_counted_only(name, one) for name, one in exports.items() if name not in records]
    return [*_once(tables, [_is_raw(one, known) for one in records.values()]), *others]


def _records(exports: Mapping[str, Read], known: Dictionary) -> dict[str, Read]:
    """The files with the field of the record id, the first of the dictionary; all of them if none has it, so that this is said."""
    first = known.columns[0].name
    return {name: one for name, one in exports.items() if first in named(one[0], known)} or dict(exports)


def _counted_only(name: str, one: Read) -> RawTable:
    """A file beside the records, such as the list of events: its rows are counted, and nothing of them is read."""
    _, cells, _, how = one
    return RawTable(
        name, name, pa.table({}), np.zeros(0, int), how=f"REDCap, {how}", left={OTHER: cells.num_rows} if cells.num_rows else {}
    )


def _one_dictionary(dictionaries: Mapping[str, Read], exports: Mapping[str, Read], faults: Faults) -> Dictionary:
    if len(dictionaries) != 1:
        what = "No file is a data dictionary." if not dictionaries else "Several files are data dictionaries."
        faults.add(
            what,
            _UNKNOWN if not dictionaries else "Keep only the one of this project in the folder.",
            [Spot(name) for name in dictionaries],
        )
    if not exports:
        faults.add("No file is an export of the records.", _UNKNOWN)
    faults.raise_if_any("The REDCap project cannot be used as it is.")
    header, cells, _, _ = next(iter(dictionaries.values()))
    return dictionary(header, list(zip(*(column.to_pylist() for column in cells.columns), strict=True)))


def _is_raw(one: Read, known: Dictionary) -> bool:
    return bool(one[0]) and one[0][0] in known.by_name


def _once(tables: list[RawTable], raw: list[bool]) -> list[RawTable]:
    """Without the rows of an export with labels where one of the same rows with codes is there."""
    sizes = {table.n for table, is_raw in zip(tables, raw, strict=True) if is_raw}
    return [table if is_raw or table.n not in sizes else _left(table) for table, is_raw in zip(tables, raw, strict=True)]


def _left(table: RawTable) -> RawTable:
    return RawTable(table.name, table.file, table.cells.slice(0, 0), np.zeros(0, int), how=table.how, left={BOTH: table.n})


def _table(name: str, one: Read, known: Dictionary, faults: Faults) -> RawTable:
    header, read_cells, rows, how = one
    names = named(header, known)
    columns = {column: known.by_name.get(column, Column(column, column)) for column in names}
    strangers = [column for column in names if column not in known.by_name]
    if len(strangers) > (1 - _FITS) * len(names):
        faults.add("The data dictionary does not have most columns of this file.", "Give the dictionary of the same project.", [Spot(name)])
    arrays = [coded(_whole(cells), columns[column]) for column, cells in zip(names, read_cells.columns, strict=True)]
    cells = {column: pc.utf8_trim_whitespace(array) for column, array in zip(names, arrays, strict=True)}
    arms = arms_of(cells[EVENT]) if EVENT in cells else None
    cells |= {ARM: arms} if arms is not None else {}
    dates = {column for column in names if columns[column].is_date and is_iso(cells[column])}
    return RawTable(
        name,
        name,
        pa.table(cells),
        rows,
        how=f"REDCap, {how}" + ("; labels became names and codes" if header != names else ""),
        labels={column: _label(columns[column]) for column in names if columns[column].label != column},
        choices={column: columns[column].choices for column in names if columns[column].choices},
        identifiers=frozenset(column for column in names if columns[column].identifies),
        free_text=frozenset(column for column in names if _is_free(columns[column], cells[column])),
        date_formats=dict.fromkeys(sorted(dates), "year-month-day"),
    )


def _whole(cells: pa.ChunkedArray) -> pa.Array:
    whole = cells.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _label(column: Column) -> str:
    return column.label.replace("(choice=", "(") if column.option else column.label


def _is_free(column: Column, cells: pa.Array) -> bool:
    """Notes and files always; texts without a rule unless every one is a number or a date; what the dictionary does not know as well."""
    if column.is_notes:
        return True
    unknown = column.label == column.name and column.name not in SYSTEM and not column.choices
    return (column.is_text or unknown) and is_prose(cells)
