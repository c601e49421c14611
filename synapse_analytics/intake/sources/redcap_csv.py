"""A CSV file of REDCap as texts: notes of many lines inside quotes, the line of each record, UTF-8 or what Excel makes of it."""

from __future__ import annotations

import csv
import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from synapse_analytics.intake.faults import Faults, spot_of
from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.sources.standard_files import File

_SEPARATORS = ",;\t|^"
Read = tuple[list[str], pa.Table, np.ndarray, str]  # header, cells by position, line of each row, how it was read


def read_csv(file: File, reading: Reading | None, faults: Faults) -> Read:
    """The file, with its columns named by position as labels may repeat; what is wrong goes to the faults."""
    with file.open() as stream:
        content = stream.read()
    text, encoding = _decoded(content, reading.encoding if reading else None)
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    first = text.partition("\n")[0]
    separator = (reading and reading.separator) or max(_SEPARATORS, key=first.count)
    header = _header(text, separator)
    if not header:
        faults.add("The file is empty.", "Export it again.", [spot_of(file.name, "", None, "", None)])
        return [], pa.table({}), np.zeros(0, int), ""
    cells = _cells(text, separator, len(header), (file, faults))
    signs = {",": "commas", ";": "semicolons", "\t": "tabs"}
    return (
        [name.strip() for name in header],
        cells.slice(1),
        _lines(cells),
        f"{encoding}, {signs.get(separator, separator)} between columns",
    )


def _header(text: str, separator: str) -> list[str]:
    """The names in the first record; none where it is no CSV, such as one cell of a hundred thousand signs."""
    try:
        return next(csv.reader(io.StringIO(text), delimiter=separator), [])
    except csv.Error:
        return []


def _decoded(content: bytes, encoding: str | None) -> tuple[str, str]:
    for one in [encoding] if encoding else ["utf-8-sig", "windows-1252"]:
        try:
            return content.decode(one), one.removesuffix("-sig").upper()
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("latin-1"), "LATIN-1"


def _cells(text: str, separator: str, width: int, report: tuple[File, Faults]) -> pa.Table:
    names = [str(number) for number in range(width)]
    options = pa_csv.ParseOptions(delimiter=separator, newlines_in_values=True)
    options.invalid_row_handler = lambda row: _odd(row, report)
    try:
        return pa_csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=pa_csv.ReadOptions(use_threads=False, column_names=names, block_size=max(1 << 20, min(len(text) * 4, 1 << 30))),
            parse_options=options,
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""], quoted_strings_can_be_null=True
            ),
        )
    except pa.ArrowException:  # its message would hold the row
        advice = "Export it from REDCap again: a quotation mark may be missing."
        report[1].add("The file cannot be read as CSV.", advice, [spot_of(report[0].name, "", None, "", None)])
        return pa.table({name: pa.array([], pa.string()) for name in names})


def _odd(row: pa_csv.InvalidRow, report: tuple[File, Faults]) -> str:
    sentence = f"A row has {row.actual_columns} columns where the header has {row.expected_columns}."
    report[1].add(sentence, "Export the file from REDCap again.", [spot_of(report[0].name, "", row.number, "", None)])
    return "skip"


def _lines(cells: pa.Table) -> np.ndarray:
    """The line on which each record begins: a note of three lines moves all records below it by two."""
    inside = np.zeros(cells.num_rows, int)
    for column in cells.columns:
        inside += pc.fill_null(pc.count_substring(column, "\n"), 0).to_numpy()
    return np.arange(1, cells.num_rows + 1)[1:] + np.cumsum(inside)[:-1]
