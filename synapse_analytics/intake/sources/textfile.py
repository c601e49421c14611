"""CSV, TSV and TXT: encoding, separator, header and decimal sign are found and stated; rows that do not fit are faults with their line."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from synapse_analytics.intake.faults import Faults, Spot
from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.raw import RawTable, unread
from synapse_analytics.intake.sources import encodings
from synapse_analytics.intake.sources.footers import ABOVE, BLANK, footer_kind, sort_out
from synapse_analytics.intake.sources.headers import check_names, no_header
from synapse_analytics.intake.sources.members import FOUND, GIGABYTE, Member
from synapse_analytics.intake.sources.separators import SEPARATORS, Start, decimal_of, is_prose, separator_of, start_of
from synapse_analytics.intake.sources.texts import table_of_texts
from synapse_analytics.intake.sources.two_rows import find_header

MOST_BYTES = GIGABYTE  # of one text file: read whole, it needs about three times its size
_LINES_IN_A_CELL = 200
_BLANKS = " \t\r\n\f\v\x1a"  # the last one ended files of old systems
_OPEN = "quotation mark"
_NOT_CLOSED = "A cell holds whole rows: a quotation mark is opened and not closed."
_ONE_SEPARATOR = "Put cells that hold the separator or a line break into quotation marks, or export the table again."


@dataclass(slots=True)
class _Misfits:
    """Rows with more or fewer cells than the header; those at the end that are totals or notes are kept apart."""

    first: int  # row of the header
    separator: str
    found: list[tuple[int, int, str]] = field(default_factory=list)  # number below the header, cells, kind of footer

    def take(self, row: arrow_csv.InvalidRow) -> str:
        try:
            cells = next(csv.reader([row.text], delimiter=self.separator), [])
        except csv.Error:  # a cell that is too long for it is neither a total nor a note
            cells = []
        cells += [""] * max(row.expected_columns - row.actual_columns, 0)
        self.found.append((row.number, row.actual_columns, self._kind(row.text.strip(_BLANKS), cells)))
        return "skip"

    @staticmethod
    def _kind(text: str, cells: Sequence[str]) -> str:
        if not text:
            return BLANK
        return _OPEN if "\n" in text else footer_kind(cells)

    def others(self, count: int) -> np.ndarray:
        """The numbers of the rows that fit, from 1 below the header."""
        fit = np.ones(count + len(self.found), bool)
        fit[[number - 1 for number, *_ in self.found]] = False
        return np.flatnonzero(fit) + 1


def read_text(member: Member, reading: Reading, faults: Faults) -> RawTable | None:
    """The table of a text file; None when it cannot be read, and the reasons are then in the faults."""
    if member.size > MOST_BYTES:
        sentence = f"The file is larger than {MOST_BYTES // GIGABYTE} GB, which is more than is read at once."
        faults.add(sentence, "Export it in parts, such as one file for each year, or as Parquet.", [Spot(member.name)])
        return None
    with member.open() as handle:
        data = handle.read(MOST_BYTES + 1)
    if _is_no_text(data, member.name, faults):
        return None
    if member.ending == ".txt" and reading == FOUND and is_prose(data):
        return unread(member.name, "no separator makes columns of this text")
    decoded = encodings.to_utf8(data, reading.encoding, member.name, faults)
    del data
    return _Text(member.name, *decoded, reading, faults).table() if decoded else None


def _is_no_text(data: bytes, name: str, faults: Faults) -> bool:
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not data.strip():
        faults.add("The file is empty.", "Export it again, or take it out of the source.", [Spot(name)])
    elif start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        faults.add("The file is a workbook, although its name says it is text.", "Rename it to end with .xlsx or .xls.", [Spot(name)])
    elif start[:1] == b"<":
        faults.add("The file is a web page, although its name says it is a table.", "Export it as CSV or XLSX.", [Spot(name)])
    elif start.startswith((b"\x1f\x8b", b"PAR1", b"%PDF", b"SQLite format 3")):
        faults.add("The file is no text, although its name says so.", "Export it as CSV or XLSX.", [Spot(name)])
    else:
        return False
    return True


class _Text:
    """One text file in UTF-8 while it is read."""

    def __init__(self, name: str, text: bytes, encoding: str, reading: Reading, faults: Faults) -> None:
        self.name, self.text, self.encoding, self.reading, self.faults = name, text, encoding, reading, faults
        stated = reading.separator or separator_of(text)
        self.separator = "\t" if stated in {"tab", "\\t"} else stated[:1]
        self.start: Start = start_of(text, self.separator)

    def table(self) -> RawTable | None:
        """The whole table, or None with the reasons in the faults."""
        header = find_header(self.start.rows, self.reading, {})
        if header is None:
            no_header(Spot(self.name), self.reading.header, self.faults)
            return None
        place, line = header.place, self.start.lines[header.place]
        names = header.names(self._padded(place))
        if not check_names(names, Spot(self.name, row=line), self.faults):
            return None
        misfits = _Misfits(line, self.separator)
        cells = self._parsed(names, self.start.ends[place], misfits)
        if cells is None:
            return None
        below = misfits.others(cells.num_rows)
        done = sort_out(cells, below + line, self.reading.rows_below)
        left = Counter(done.left) + self._judged(misfits, int(done.rows[-1]) - line if done.rows.size else 0, len(names))
        left[ABOVE] = sum(any(cell.strip() for cell in row) for row in self.start.rows[: header.above])
        return self._named(done.cells, done.rows, {reason: count for reason, count in left.items() if count}, header.said(line))

    def _padded(self, place: int) -> list[str]:
        """The header, with a cell more where every row below ends with a separator and the header does not."""
        header, below = self.start.rows[place], self.start.rows[place + 1 :]
        width = max(Counter(len(row) for row in below if row).items(), key=lambda item: item[1], default=(0, 0))[0]
        ends_empty = all(not cell.strip() for row in below for cell in row[len(header) :])
        return [*header, *[""] * (width - len(header))] if ends_empty else header

    def _parsed(self, names: Sequence[str], begin: int, misfits: _Misfits) -> pa.Table | None:
        body = memoryview(self.text)[begin:]
        if not body:
            return pa.table({name: pa.array([], pa.string()) for name in names})
        quoted = b'"' in self.text
        try:
            cells = arrow_csv.read_csv(
                pa.py_buffer(body),
                arrow_csv.ReadOptions(use_threads=False, column_names=list(names), block_size=1 << 24),
                arrow_csv.ParseOptions(
                    delimiter=self.separator, newlines_in_values=quoted, ignore_empty_lines=False, invalid_row_handler=misfits.take
                ),
                arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True, check_utf8=False
                ),
            )
        except (pa.ArrowException, ValueError):
            self.faults.add("The file cannot be read as rows and columns.", _ONE_SEPARATOR, [Spot(self.name)])
            return None
        return None if quoted and self._swallowed(cells, misfits.first) else table_of_texts(cells)

    def _swallowed(self, cells: pa.Table, first: int) -> bool:
        """True (a fault) when a quotation mark that is never closed makes many rows one cell."""
        sign = re.escape(self.separator)
        row = rf"\n[^{sign}\n]*({sign}[^{sign}\s][^{sign}\n]*|{sign}){{{max(cells.num_columns - 1, 1)}}}\n"  # in prose a space follows a comma
        whole = rf"{row}|(\n[^\n]*){{{_LINES_IN_A_CELL}}}"
        for name, column in zip(cells.column_names, cells.columns, strict=True):
            odd = pc.match_substring_regex(column, whole)
            if pc.any(odd).as_py():
                place = pc.index(odd, value=True).as_py()
                self.faults.add(_NOT_CLOSED, _ONE_SEPARATOR, [Spot(self.name, row=first + place + 1, column=name)])
                return True
        return False

    def _judged(self, misfits: _Misfits, last: int, width: int) -> Counter[str]:
        """Rows that do not fit: totals and notes below the last record are counted; all others are faults."""
        aside: Counter[str] = Counter()
        for number, count, kind in misfits.found:
            if kind == _OPEN:
                self.faults.add(_NOT_CLOSED, _ONE_SEPARATOR, [Spot(self.name, row=misfits.first + number)])
            elif kind == BLANK or (kind and number > last):
                aside[kind] += 1
            else:
                than = "fewer" if count < width else "more"
                sentence = f"A row has {than} cells than the header, which has {width:,}."
                self.faults.add(sentence, _ONE_SEPARATOR, [Spot(self.name, row=misfits.first + number)])
        return aside

    def _named(self, cells: pa.Table, rows: np.ndarray, left: dict[str, int], header: str) -> RawTable:
        unnamed = [name for place, name in enumerate(cells.column_names, 1) if name == f"column {place}"]
        empty = [name for name in unnamed if cells.column(name).null_count == cells.num_rows]
        cells = cells.drop_columns(empty)
        decimal = self.reading.decimal or decimal_of(cells)
        said = {".": "point", ",": "comma"}[decimal]
        how = f"{SEPARATORS.get(self.separator, self.separator)} between columns, encoding {self.encoding}, decimal {said}, {header}"
        return RawTable(self.name, self.name, cells, rows, how=how, decimal=decimal, left=left)
