"""XLSX, XLS and ODS: every sheet a table named `file.xlsx#Sheet`; cells in error, passwords and sheets that are too wide are faults."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetMetadata, SheetVisibleEnum

from synapse_analytics.intake.faults import LISTED, Faults, Spot
from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources.footers import ABOVE, sort_out
from synapse_analytics.intake.sources.headers import LOOKED_AT, check_names, no_header
from synapse_analytics.intake.sources.members import BROKEN, Member, reading_of
from synapse_analytics.intake.sources.ods_parts import NotWholeError
from synapse_analytics.intake.sources.separators import decimal_of
from synapse_analytics.intake.sources.texts import array_of_cells, text_of
from synapse_analytics.intake.sources.two_rows import Merged, find_header
from synapse_analytics.intake.sources.workbook_parts import Parts, Places, letters_of, parts_of
from synapse_analytics.intake.sources.xls_parts import DAMAGED, errors_of
from synapse_analytics.vocabulary.plurals import counted

MOST_BYTES = 300 << 20  # packed; unpacked see workbook_parts
_OLD = b"\xd0\xcf\x11\xe0"  # an .xls, or an .xlsx that is protected by a password
_PROTECTED = ("The workbook is protected by a password.", "Save a copy without the password, and delete it when the bundle is made.")
_DAMAGED = ("The workbook cannot be opened: it is damaged or no workbook.", "Open it in a spreadsheet program and save it as .xlsx.")
_ERROR = (
    "A cell holds an error of a formula, such as #REF! or #DIV/0!.",
    "Mend the formula in the workbook, or clear the cell, and save it again.",
)
_NO_RESULT = (
    "A formula was saved without its result, so the cell would be read as empty.",
    "Open the workbook in a spreadsheet program and save it again.",
)
Readings = dict[str, Reading]


def read_workbook(member: Member, readings: Readings, faults: Faults) -> list[RawTable]:
    """The sheets of a workbook that can be read; what is wrong with the others is in the faults."""
    if member.size > MOST_BYTES:
        sentence = f"The workbook is larger than {MOST_BYTES >> 20} MB, which is more than is read at once."
        faults.add(sentence, "Save its sheets as CSV.", [Spot(member.name)])
        return []
    with member.open() as handle:
        data = handle.read(MOST_BYTES + 1)
    if not data.strip():
        faults.add("The file is empty.", "Export it again, or take it out of the source.", [Spot(member.name)])
        return []
    return list(_sheets(data, member, readings, faults)) if _parts(data, member, faults) else []


def _parts(data: bytes, member: Member, faults: Faults) -> Parts | None:
    """What stands in the workbook beside values; None (and a fault) when it must not be opened."""
    spot = Spot(member.name)
    old = data.startswith(_OLD)
    if old and member.ending != ".xls":
        faults.add(*_PROTECTED, [spot])
        return None
    if old:
        return _old_parts(data, spot, faults)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        faults.add("The file is a web page, although its name says it is a workbook.", _DAMAGED[1], [spot])
        return None
    try:
        parts = parts_of(io.BytesIO(data))
    except (*BROKEN, NotWholeError):
        faults.add(*_DAMAGED, [spot])
        return None
    if parts.refused:
        faults.add(parts.refused, "Save only what is needed, or save its sheets as CSV.", [spot])
        return None
    _refuse_cells(parts.errors, _ERROR, member.name, faults)
    _refuse_cells(parts.no_results, _NO_RESULT, member.name, faults)
    return parts


def _old_parts(data: bytes, spot: Spot, faults: Faults) -> Parts | None:
    try:
        parts = Parts(errors=errors_of(data))
    except DAMAGED:
        faults.add(*_DAMAGED, [spot])
        return None
    _refuse_cells(parts.errors, _ERROR, spot.file, faults)
    return parts


def _sheets(data: bytes, member: Member, readings: Readings, faults: Faults) -> Iterator[RawTable]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for about in book.sheets_metadata:
            name = f"{member.name}#{about.name}"
            reading = reading_of(readings, name, member.name)
            table = _Sheet(member.name, book.get_sheet_by_name(about.name), about, reading, faults).table()
            if table is not None:
                yield table
    except PasswordError:
        faults.add(*_PROTECTED, [Spot(member.name)])
    except (CalamineError, OSError, ValueError):
        faults.add(*_DAMAGED, [Spot(member.name)])


def _refuse_cells(found: Mapping[str, Places], fault: tuple[str, str], file: str, faults: Faults) -> None:
    """Say which cells of which sheets cannot be read; their places are as a spreadsheet counts them."""
    for sheet, places in found.items():
        spots = [Spot(file, sheet, row, letters_of(column)) for row, column in places]
        faults.add(*fault, spots[:LISTED], len(spots))


class _Sheet:
    """One sheet while it is read."""

    def __init__(self, file: str, sheet: CalamineSheet, about: SheetMetadata, reading: Reading, faults: Faults) -> None:
        self.file, self.sheet, self.about, self.reading, self.faults = file, sheet, about, reading, faults

    def spot(self, row: int | None = None, column: str = "") -> Spot:
        return Spot(self.file, self.about.name, row, column)

    def table(self) -> RawTable | None:
        """The sheet as a table; one without columns when it is empty; None with the reasons in the faults."""
        if self.sheet.start is None:
            return self._named(pa.table({}), np.empty(0, np.int64), {}, ["an empty sheet"])
        rows = self._filled(list(self.sheet.iter_rows()))
        first = [list(map(text_of, row)) for row in rows[: max(LOOKED_AT, self.reading.header or 0)]]
        header = find_header(first, self.reading, self._sideways())
        if header is None:
            no_header(self.spot(), self.reading.header, self.faults)
            return None
        place = header.place
        names = header.names(first[place])
        if not check_names(names, self.spot(place + 1), self.faults):
            return None
        columns = zip(*rows[place + 1 :], strict=True) if rows[place + 1 :] else ([] for _ in names)
        cells = pa.table([array_of_cells(column) for column in columns], names=names)
        done = sort_out(cells, np.arange(place + 2, len(rows) + 1), self.reading.rows_below)
        above = sum(any(cell != "" for cell in row) for row in rows[: header.above])
        return self._named(done.cells, done.rows, done.left | ({ABOVE: above} if above else {}), [header.said(place + 1)])

    def _named(self, cells: pa.Table, rows: np.ndarray, left: dict[str, int], said: list[str]) -> RawTable:
        unnamed = [name for place, name in enumerate(cells.column_names, 1) if name == f"column {place}"]
        cells = cells.drop_columns([name for name in unnamed if cells.column(name).null_count == cells.num_rows])
        decimal = self.reading.decimal or decimal_of(cells)
        said += ["a hidden sheet"] if self.about.visible != SheetVisibleEnum.Visible else []
        said += [self._merged()] if self._merged() else []
        said += ["decimal comma"] if decimal == "," else []
        name = f"{self.file}#{self.about.name}"
        return RawTable(name, self.file, cells, rows, sheet=self.about.name, how=", ".join(said), decimal=decimal, left=left)

    def _filled(self, rows: list[list[Any]]) -> list[list[Any]]:
        """The rows with the value of each area that is merged downwards in all of its cells: an area has one value."""
        width = len(rows[0])
        for first, last in self.sheet.merged_cell_ranges or []:
            if first[1] == last[1] < width and last[0] > first[0]:  # an area without any value may lie beside the table
                for row in rows[first[0] + 1 : last[0] + 1]:
                    row[first[1]] = rows[first[0]][first[1]]
        return rows

    def _sideways(self) -> Merged:
        """The areas that are merged over several columns of one row."""
        found: dict[int, dict[int, int]] = {}
        for first, last in self.sheet.merged_cell_ranges or []:
            if first[0] == last[0]:
                found.setdefault(first[0], {})[first[1]] = last[1]
        return found

    def _merged(self) -> str:
        """The merged areas in words: each has one value, which stands in the first of its cells."""
        areas = self.sheet.merged_cell_ranges or []
        rows = [f"{first[0] + 1}-{last[0] + 1}" for first, last in areas[:LISTED] if last[0] > first[0]]
        where = f" (rows {', '.join(rows)})" if rows else ""
        return f"{counted(len(areas), 'merged area')}{where}: those that go down have their value in every row" if areas else ""
