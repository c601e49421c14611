"""The sign between columns of a text file, the rows at its start, and its decimal sign."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.intake.sources.headers import LOOKED_AT

SEPARATORS = {";": "semicolon", "\t": "tab", "|": "|", ",": "comma"}  # in the order of preference, and what they are called
_LOOKED_AT_BYTES = 1 << 20
_OF_A_TABLE = 0.6  # of the first rows have the same number of cells
_SAMPLE = 20_000  # rows whose decimal signs are counted


@dataclass(frozen=True, slots=True)
class Start:
    """The first rows of a text file: their cells, and after each the count of bytes and lines up to its end."""

    rows: list[list[str]]
    ends: list[int]
    lines: list[int]


def start_of(text: bytes, separator: str) -> Start:
    """The first rows, read with this separator; a quoted cell may hold line breaks."""
    head = text[:_LOOKED_AT_BYTES].decode("utf-8", "ignore")
    lines = list(io.StringIO(head, newline=""))
    reader = csv.reader(lines, delimiter=separator)
    rows: list[list[str]] = []
    ends: list[int] = []
    numbers: list[int] = []
    at = 0
    try:
        for row in reader:
            at += sum(len(line.encode()) for line in lines[numbers[-1] if numbers else 0 : reader.line_num])
            rows.append(row)
            ends.append(at)
            numbers.append(reader.line_num)
            if len(rows) == 2 * LOOKED_AT:
                break
    except csv.Error:
        pass  # the rows before it are enough to find the separator; what is wrong is found when all is read
    return Start(rows, ends, numbers)


def separator_of(text: bytes) -> str:
    """The separator by which most of the first rows have the same number of cells; a comma when each has one."""
    scored = [(*_agreement(start_of(text, separator).rows), separator) for separator in SEPARATORS]
    best = max(scored, key=lambda one: one[:2])
    return best[2] if best[0] else ","


def is_prose(data: bytes) -> bool:
    """True for a text in which no separator makes columns, such as a letter or a licence; in any encoding."""
    start = data[:_LOOKED_AT_BYTES].replace(b"\0", b"")
    return max(_agreement(start_of(start, separator).rows)[0] for separator in SEPARATORS) < _OF_A_TABLE


def _agreement(rows: Sequence[Sequence[str]]) -> tuple[float, int]:
    """Share of the rows that have the most common number of cells, and this number; nothing when it is one."""
    filled = [len(row) for row in rows if any(cell.strip() for cell in row)]
    several = Counter(width for width in filled if width > 1)
    if not several:
        return 0.0, 0
    width, times = max(several.items(), key=lambda item: (item[1], item[0]))
    return times / len(filled), width


def decimal_of(cells: pa.Table) -> str:
    """The decimal sign that most numbers have: a comma only where more numbers have it than a point."""
    sample = cells if cells.num_rows <= _SAMPLE else cells.take(pa.array(range(0, cells.num_rows, cells.num_rows // _SAMPLE)))
    commas = sum(_matches(column, r"^[+-]?\d+,(\d{1,2}|\d{4,})$") for column in sample.columns)
    points = sum(_matches(column, r"^[+-]?\d+\.\d+$") for column in sample.columns)
    return "," if commas > points else "."


def _matches(column: pa.ChunkedArray, pattern: str) -> int:
    return int(pc.sum(pc.match_substring_regex(column, pattern)).as_py() or 0)
