"""CSV and XLSX that are safe to open in a spreadsheet: no cell is ever taken for a formula, and numbers stay numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from synapse_analytics.errors import UsageError
from synapse_analytics.terminal import FORMULA_STARTS, safe_text

FORMATS = {"csv": "csv", "excel": "csv", "parquet": "parquet", "xlsx": "xlsx"}  # the ending of a file; excel is CSV with a BOM
BOM = b"\xef\xbb\xbf"  # tells Excel that the file is UTF-8
# The beginning of a text, or of a cell in a spreadsheet that parts cells at semicolons, before the start of a formula.
BEGINS_CELL = re.compile(rf"((?:^|;)\s*)(?=[{re.escape(''.join(FORMULA_STARTS))}])")
MOST_XLSX_ROWS = 50_000
LONGEST_XLSX_TEXT = 32_767
QUOTED = pa_csv.WriteOptions(include_header=False, quoting_style="all_valid", eol="\r\n")


def check_format(name: str) -> str:
    """The name of a format itself; UsageError if there is no such format."""
    if name not in FORMATS:
        raise UsageError(f"There is no format '{name}'. Allowed: {', '.join(FORMATS)}.")
    return name


def csv_opening(about: Mapping[str, str]) -> bytes:
    """Facts about the file, in lines that start with "# ": `pandas.read_csv(..., comment="#")`, DuckDB and R skip them.

    Such a line is not quoted, or no reader would see the "#". So nothing in it may part cells: a comma becomes a semicolon, and
    a text that would then begin a formula gets an apostrophe.
    """
    return "".join(f"# {_one_cell(name)}: {_one_cell(text)}\r\n" for name, text in about.items()).encode()


def _one_cell(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in text).replace('"', "'").replace(",", ";")
    return BEGINS_CELL.sub(r"\1'", plain)


def csv_header(names: Sequence[str]) -> bytes:
    """The header line, everything quoted."""
    return (",".join(_quoted(safe_text(name)) for name in names) + "\r\n").encode()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def safe_table(rows: pa.Table) -> pa.Table:
    """The table with every text made safe; of a dictionary column only the few values of the dictionary are touched."""
    return pa.table([_safe_column(column) for column in rows.columns], names=rows.column_names)


def csv_rows(safe: pa.Table) -> bytes:
    """The lines of a table of safe texts (or of a part of it): CRLF, every value quoted, null empty."""
    buffer = io.BytesIO()
    pa_csv.write_csv(safe, buffer, QUOTED)
    return buffer.getvalue()


def _safe_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type):
        column = column.unify_dictionaries()
        chunks = [pa.DictionaryArray.from_arrays(chunk.indices, _safe_texts(chunk.dictionary)) for chunk in column.chunks]
        return pa.chunked_array(chunks, column.type)
    if pa.types.is_string(column.type):
        return pa.chunked_array([_safe_texts(chunk) for chunk in column.chunks], column.type)
    return column


def _safe_texts(texts: pa.Array) -> pa.Array:
    """If all texts start with a letter or digit, which is the usual case, no value is touched one by one."""
    usual = pc.all(pc.match_substring_regex(texts, "^[0-9A-Za-z]"), min_count=0).as_py()
    return texts if usual else pa.array([None if text is None else safe_text(text) for text in texts.to_pylist()], pa.string())


def write_xlsx(target: BinaryIO | Path, sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]) -> None:
    """Write sheets (name, columns, rows) with write_string and write_number only, so that no cell can be a formula."""
    import xlsxwriter  # noqa: PLC0415 - a fifth of a second that only a workbook needs

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        for name, columns, rows in sheets:
            sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", name)[:31])
            for place, column in enumerate(columns):
                sheet.write_string(0, place, column)
            for line, row in enumerate(rows, start=1):
                _write_row(sheet, line, row)


def _write_row(sheet: Any, line: int, row: Sequence[Any]) -> None:
    if line > MOST_XLSX_ROWS:
        raise UsageError(f"XLSX takes up to {MOST_XLSX_ROWS:,} rows. Choose CSV or Parquet.")
    for place, value in enumerate(row):
        if isinstance(value, bool):
            sheet.write_string(line, place, "yes" if value else "no")
        elif isinstance(value, int | float):
            sheet.write_number(line, place, value)
        elif value is not None:
            sheet.write_string(line, place, str(value)[:LONGEST_XLSX_TEXT])
