"""Formulas in every column that a file can hold, in every format that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pyarrow as pa

from synapse_analytics.clinic import open_clinic
from synapse_analytics.exports import table_bytes
from synapse_analytics.exports.spreadsheets import csv_header, csv_rows, safe_table, write_xlsx
from synapse_analytics.queries.records import RECORD_TABLES
from synapse_analytics.terminal import Format, write_rows
from tests.faults.counted import SURVIVED, End, Faults, Inject
from tests.faults.formulas import FORMULAS
from tests.faults.inside import at_home, drawn_home
from tests.faults.shown_places import answer_with, is_live
from tests.twins.open_policy import changed

EXPECTED = (
    "No cell of the file is a formula, whichever column holds the text: it begins with an apostrophe, or the workbook says that it is text."
)
HEAD = (b"# ", b"\xef\xbb\xbf# ")
OF_ANSWER, OF_ROWS, OF_COMMAND = "an answer", "rows that are exported", "a command"
FILES = ((OF_ANSWER, "csv"), (OF_ANSWER, "excel"), (OF_ANSWER, "xlsx"), (OF_ROWS, "csv"), (OF_ROWS, "xlsx"), (OF_COMMAND, "csv"))


@contextmanager
def _prepare(_folder: Path) -> Iterator[Inject]:
    with at_home(drawn_home()):
        clinic = open_clinic()

        def inject(number: int) -> End:
            formula, (of, form) = FORMULAS[number % len(FORMULAS)], FILES[number // len(FORMULAS)]
            if of == OF_ANSWER:
                handle = changed(clinic, generation=replace(clinic.generation, id="g", clinic=formula))
                return _judged(table_bytes(answer_with(formula), "t", handle, form), form)
            return _judged(_rows(formula, form) if of == OF_ROWS else _command(formula), form)

        yield inject


def _rows(formula: str, form: str) -> bytes:
    """Every column of every table of rows, each holding the formula, as texts and as a dictionary; a column is called so, too."""
    names = [*dict.fromkeys(column.name for columns in RECORD_TABLES.values() for column in columns), formula]
    columns = [pa.array(["S01", formula, None], pa.string()) for _ in names]
    rows = pa.table([column.dictionary_encode() if place % 2 else column for place, column in enumerate(columns)], names=names)
    if form == "csv":
        return csv_header(names) + csv_rows(safe_table(rows))
    written = io.BytesIO()
    write_xlsx(written, [(formula, names, zip(*(column.to_pylist() for column in rows.columns), strict=True))])
    return written.getvalue()


def _command(formula: str) -> bytes:
    """What a command writes with --format csv: names and words of people stand in it, too."""
    with redirect_stdout(io.StringIO()) as written:
        write_rows([{"user": formula, "detail": (formula, "a"), "rows": 3}], Format.CSV)
    return written.getvalue().encode()


def _judged(content: bytes, form: str) -> End:
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
            odd = [name for name in archive.namelist() if "externalLink" in name or "vba" in name.lower()]
        tags = {element.tag.rpartition("}")[2] for sheet in sheets for element in ET.fromstring(sheet).iter()}  # noqa: S314 - made here
        return End("a cell of the workbook is a formula or a link" if odd or tags & {"f", "hyperlink"} else "")
    for mark in ",;\t" if content.startswith(HEAD) else ",":  # the lines of a head are not quoted, and some spreadsheets part at others
        cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=mark) for cell in row]
        if live := [cell for cell in cells if is_live(cell.removeprefix("# "))]:
            return End(f"a cell is {live[0][:30]!r} where {mark!r} parts them")
    return SURVIVED


CLASSES = (Faults("formulas in files for spreadsheets", EXPECTED, len(FORMULAS) * len(FILES), 24, _prepare),)
