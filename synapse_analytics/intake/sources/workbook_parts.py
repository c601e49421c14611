"""What the reader of workbooks does not tell: cells in error, and sheets whose used area would not fit into memory."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from synapse_analytics.intake.faults import LISTED
from synapse_analytics.intake.sources.headers import MOST_COLUMNS
from synapse_analytics.intake.sources.ods_parts import OdsContent

MOST_CELLS = 30_000_000  # of one sheet, from its first to its last used row and column
MOST_UNPACKED = 2 << 30
_PIECE = 1 << 22
_OVERLAP = 300
_ERROR = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*? t="e"')
_COLUMN = re.compile(rb'<c r="([A-Z]{1,3})')
_ROW = re.compile(rb'<row[^>]*? r="(\d{1,7})"')


@dataclass(frozen=True, slots=True)
class Parts:
    """Cells in error by sheet file (row, column from 1), and why the workbook must not be opened; empty when it may."""

    errors: dict[str, list[tuple[int, int]]]
    refused: str = ""


def parts_of(handle: IO[bytes]) -> Parts:
    """Looks through the sheets of an XLSX, or the content of an ODS, without unpacking it to disk."""
    with zipfile.ZipFile(handle) as archive:
        infos = archive.infolist()
        if sum(info.file_size for info in infos) > MOST_UNPACKED:
            return Parts({}, "The workbook unpacks to more than 2 GB.")
        sheets = sorted((info.filename for info in infos if re.fullmatch(r"xl/worksheets/[^/]+\.xml", info.filename)), key=_number)
        errors = {}
        contents = [info.filename for info in infos if info.filename == "content.xml"]
        for name in [*sheets, *contents]:
            found, columns, rows = _looked_through(archive, name) if name in sheets else _content(archive, name)
            if columns > MOST_COLUMNS:
                return Parts({}, f"A sheet has {columns:,} columns. Allowed: {MOST_COLUMNS} at most.")
            if columns * rows > MOST_CELLS:
                return Parts({}, f"A sheet has {columns * rows:,} cells. Allowed: {MOST_CELLS:,} at most.")
            errors[name] = found
    return Parts(errors)


def _content(archive: zipfile.ZipFile, name: str) -> tuple[list[tuple[int, int]], int, int]:
    with archive.open(name) as handle:
        content = OdsContent().walk(handle)
    return content.errors, content.columns, content.rows


def _number(name: str) -> tuple[int, str]:
    """Sheets in the order of their numbers, as sheet10.xml comes after sheet9.xml."""
    digits = re.sub(r"\D", "", name.rpartition("/")[2])
    return int(digits or 0), name


def _looked_through(archive: zipfile.ZipFile, name: str) -> tuple[list[tuple[int, int]], int, int]:
    errors: list[tuple[int, int]] = []
    letters: set[bytes] = set()
    rows = 0
    for piece in _pieces(archive, name):
        letters |= set(_COLUMN.findall(piece))
        rows = max([rows, *map(int, _ROW.findall(piece))])
        if b't="e"' in piece and len(errors) <= LISTED:
            errors += [(int(row), column_number(column)) for column, row in _ERROR.findall(piece)]
    return list(dict.fromkeys(errors)), max(map(column_number, letters), default=0), rows


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The sheet in pieces that overlap, so that no cell is cut."""
    before = b""
    with archive.open(name) as handle:
        while piece := handle.read(_PIECE):
            yield before + piece
            before = piece[-_OVERLAP:]


def column_number(letters: bytes) -> int:
    """The number of a column from its letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
