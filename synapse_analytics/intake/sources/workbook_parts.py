"""What the reader of workbooks does not tell: cells in error, formulas without a result, and sheets that would not fit into memory; xls_parts.py the same of old ones."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from synapse_analytics.intake.faults import LISTED
from synapse_analytics.intake.sources.headers import MOST_COLUMNS
from synapse_analytics.intake.sources.ods_parts import OdsContent

MOST_CELLS = 16_000_000  # of one sheet, from its first to its last used row and column: about 2 GB while it is read
MOST_UNPACKED = 2 << 30
_PIECE = 1 << 22
_OVERLAP = 20_000  # bytes; the longest formula has 8,192 letters
_CELL = rb'<(?:\w+:)?c r="([A-Z]{1,3})'
_COLUMN = re.compile(_CELL)
_ERROR = re.compile(_CELL + rb'(\d{1,7})"[^>]*? t="e"')
_NO_RESULT = re.compile(_CELL + rb'(\d{1,7})"[^>]*>\s*<(?:\w+:)?f(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*</(?:\w+:)?c>')
_ROW = re.compile(rb'<(?:\w+:)?row[^>]*? r="(\d{1,7})"')
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
Places = list[tuple[int, int]]  # row and column, from 1


@dataclass(slots=True)
class Parts:
    """Cells in error and formulas without a result by name of sheet (`` where it is not known); why the workbook must not be opened."""

    errors: dict[str, Places] = field(default_factory=dict)
    no_results: dict[str, Places] = field(default_factory=dict)
    refused: str = ""

    def refuse(self, columns: int, rows: int) -> None:
        """Say so when a sheet has too many columns or cells."""
        if columns > MOST_COLUMNS:
            self.refused = f"A sheet has {columns:,} columns. Allowed: {MOST_COLUMNS} at most."
        elif columns * rows > MOST_CELLS:
            self.refused = f"A sheet has {columns * rows:,} cells. Allowed: {MOST_CELLS:,} at most."


def parts_of(handle: IO[bytes]) -> Parts:
    """Looks through the sheets of an XLSX, or the content of an ODS, without unpacking it to disk."""
    with zipfile.ZipFile(handle) as archive:
        infos = archive.infolist()
        if sum(info.file_size for info in infos) > MOST_UNPACKED:
            return Parts(refused="The workbook unpacks to more than 2 GB.")
        parts = Parts()
        named = _names_of_sheets(archive)
        for info in infos:
            if info.filename == "content.xml":
                _look_through_ods(archive, parts)
            elif re.fullmatch(r"xl/worksheets/[^/]+\.xml", info.filename):
                _look_through(archive, info.filename, named.get(info.filename, ""), parts)
    return parts


def _names_of_sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """The name of each sheet by the file that it stands in: the order of the files is not that of the sheets."""
    members = archive.namelist()
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(members):
        return {}
    texts = [archive.read(name).decode("utf-8", "replace") for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")]
    files = {_said(tag, "Id"): _said(tag, "Target").rpartition("/")[2] for tag in _RELATION.findall(texts[1])}
    return {f"xl/worksheets/{files.get(_said(tag, 'r:id'))}": html.unescape(_said(tag, "name")) for tag in _SHEET.findall(texts[0])}


def _said(tag: str, attribute: str) -> str:
    found = re.search(rf'\s{attribute}="([^"]*)"', tag)
    return found[1] if found else ""


def _look_through(archive: zipfile.ZipFile, file: str, sheet: str, parts: Parts) -> None:
    letters: set[bytes] = set()
    rows = 0
    for piece in _pieces(archive, file):
        letters |= set(_COLUMN.findall(piece))
        rows = max([rows, *map(int, _ROW.findall(piece))])
        _note(_ERROR, piece, parts.errors, sheet, b't="e"')
        _note(_NO_RESULT, piece, parts.no_results, sheet, b"</f></")
    parts.refuse(max(map(column_number, letters), default=0), rows)


def _note(pattern: re.Pattern[bytes], piece: bytes, found: dict[str, Places], sheet: str, mark: bytes) -> None:
    """Add the places of a pattern; `mark` is a quick look whether there can be any."""
    if mark in piece and len(found.get(sheet, ())) <= LISTED:
        places = [(int(row), column_number(letters)) for letters, row in pattern.findall(piece)]
        if places:
            found[sheet] = list(dict.fromkeys([*found.get(sheet, ()), *places]))  # pieces overlap


def _look_through_ods(archive: zipfile.ZipFile, parts: Parts) -> None:
    with archive.open("content.xml") as handle:
        content = OdsContent().walk(handle)
    parts.errors |= content.errors
    parts.refuse(content.columns, content.rows)


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


def letters_of(number: int) -> str:
    """The letters of a column from its number: 1 is A, 27 is AA."""
    before, last = divmod(number - 1, 26)
    return (letters_of(before) if before else "") + chr(65 + last)
