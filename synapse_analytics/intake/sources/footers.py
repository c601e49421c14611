"""Rows that are no records: blank ones, the header again on a new page, and totals or notes below the table. They are counted, never lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

BLANK, TOTALS, NOTES, AGAIN, BELOW, ABOVE = (
    "blank rows",
    "totals below the table",
    "notes below the table",
    "the header again",
    "rows below the table, as the mapping says",
    "rows above the header",
)
_LAST = 12  # rows from the end that may be totals or notes
_TOTAL = re.compile(
    r"(grand |sub|sub-)?totals?\b.*|sum\b.*|(mean|average|median|minimum|maximum|min|max|std|sd|standard deviation)\b( \(.*\))?:?"
    r"|n ?[=:].*|count\b.*|number of .*|(rows|records|patients|cases)[:=].*|summe\b.*|gesamt\b.*",
    re.IGNORECASE,
)
_SURE_TOTAL = re.compile(r"((grand |sub)?total|sum|summe|gesamt):?|n ?= ?\d*", re.IGNORECASE)  # even where all cells are filled
_NUMBER = re.compile(r"[-+]?\d[\d.,' ]*%?")
_NOTE = re.compile(
    r"(end of|generated|exported|printed|created|extracted|report|page|source|notes?|legend|confidential|copyright|\u00a9|\*|\u2020)(\W.*)?",
    re.IGNORECASE,
)
_SENTENCE = 4  # words: a lone cell that long is a note


@dataclass(frozen=True, slots=True)
class Sorted:
    """The rows that are records, their numbers, and how many are not, by reason."""

    cells: pa.Table
    rows: np.ndarray
    left: dict[str, int]


def sort_out(cells: pa.Table, rows: np.ndarray, rows_below: int = 0) -> Sorted:
    """Set aside the rows that are no records; `rows_below` more at the end where the mapping says so."""
    left: dict[str, int] = {}
    steps: dict[str, Callable[[pa.Table], np.ndarray]] = {
        BLANK: _blank,
        AGAIN: _again,
        BELOW: partial(_last, below=rows_below),
    }
    for reason, mark in steps.items():
        aside = mark(cells)
        if count := int(aside.sum()):
            left[reason] = count
            cells, rows = cells.filter(pa.array(~aside)), rows[~aside]
    kinds = _footers(cells)
    ends = cells.num_rows - len(kinds)
    return Sorted(cells.slice(0, ends), rows[:ends], left | Counter(kinds))


def _mask(flags: pa.ChunkedArray) -> np.ndarray:
    return pc.fill_null(flags, fill_value=False).to_numpy(zero_copy_only=False).astype(bool)


def _blank(cells: pa.Table) -> np.ndarray:
    blank = np.ones(cells.num_rows, bool)
    for column in cells.columns:
        if not blank.any():
            break
        blank &= _mask(pc.is_null(column))
    return blank


def _again(cells: pa.Table) -> np.ndarray:
    same = np.ones(cells.num_rows, bool)
    for name, column in zip(cells.column_names, cells.columns, strict=True):
        if not same.any():
            break
        same &= _mask(pc.equal(column, name))
    return same


def _last(cells: pa.Table, below: int) -> np.ndarray:
    return np.arange(cells.num_rows) >= cells.num_rows - below


def _footers(cells: pa.Table) -> list[str]:
    """What the rows at the very end are, from the last one up, as long as each is a total or a note."""
    last = cells.slice(max(cells.num_rows - _LAST, 0)).to_pydict()
    kinds = (footer_kind(row) for row in reversed(list(zip(*last.values(), strict=True))))
    return list(takewhile(bool, kinds))


def footer_kind(row: Sequence[str | None]) -> str:
    """What a row at the end of a table is when it is no record: totals or notes; empty for a record."""
    filled = [cell.strip() for cell in row if cell and cell.strip()]
    if not filled:
        return ""
    if _SURE_TOTAL.fullmatch(filled[0]) and all(map(_NUMBER.fullmatch, filled[1:])):
        return TOTALS
    if 2 * len(filled) > max(len(row), 2):
        return ""
    if _TOTAL.fullmatch(filled[0]):
        return TOTALS
    lone = len(filled) == 1 and len(row) > 2 and len(filled[0].split()) >= _SENTENCE
    return NOTES if lone or _NOTE.fullmatch(filled[0]) else ""
