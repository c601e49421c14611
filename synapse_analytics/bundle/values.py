"""From the texts of a column to stored values, block after block: judged once per distinct text, looked up for every row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.cells import Cell, read_cell
from synapse_analytics.bundle.identity import AADHAAR_FORM, is_verhoeff
from synapse_analytics.bundle.schema import Column, Kind

TYPES: dict[Kind, pa.DataType] = {
    Kind.ID: pa.string(),
    Kind.UNIT: pa.string(),
    Kind.ICD10: pa.string(),
    Kind.CODE: pa.int16(),
    Kind.YES_NO: pa.bool_(),
    Kind.MONTH: pa.int32(),
    Kind.DAY: pa.int32(),
    Kind.COUNT: pa.int32(),
    Kind.NUMBER: pa.int32(),
    Kind.SCORE: pa.int32(),
}
_REMEMBERED = 200_000  # distinct texts per column; a real column has a few thousand
JUDGED_CLOSELY = 10_000  # distinct wrong texts per column; the reason of more is not looked for, nor are they kept apart


@dataclass(frozen=True, slots=True)
class CellFault:
    """One text that breaks a rule, and the rows of the block (from 0) it stands in."""

    rule: str
    text: str
    hint: str
    rows: np.ndarray


@dataclass(frozen=True, slots=True)
class Values:
    """One column of one block: stored values, whether each is there, its size before rounding, and the faults."""

    stored: pa.Array
    numbers: np.ndarray
    present: np.ndarray
    reach: np.ndarray
    faults: list[CellFault]


class AadhaarWatch:
    """Counts 12-digit values and how many end in a right check digit: 10 % by chance, all when they are Aadhaar numbers."""

    def __init__(self) -> None:
        self.candidates = self.passed = 0

    def see(self, text: str) -> None:
        """Note one distinct text."""
        if 12 <= len(text) <= 14 and AADHAAR_FORM.fullmatch(text):
            self.candidates += 1
            self.passed += is_verhoeff(text)

    def alarmed(self) -> bool:
        """Whether more pass than chance allows; with one or two values, all must pass."""
        return self.candidates > 0 and self.passed >= max(0.5 * self.candidates, min(self.candidates, 2))


class ColumnReader:
    """Reads one column of closed or numeric values; remembers what each text meant."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.aadhaar = AadhaarWatch()
        self._seen: dict[str, Cell] = {}
        self._wrong = 0

    def read(self, texts: pa.DictionaryArray) -> Values:
        """The values of one block."""
        distinct = texts.dictionary.to_pylist()
        cells = [self._cell(text) for text in distinct]
        codes = pc.fill_null(texts.indices, len(cells)).to_numpy(zero_copy_only=False)
        legal = np.array([not cell.rule for cell in cells] + [False], bool)[codes]
        numbers = np.array([cell.value for cell in cells] + [0], np.int64)[codes]
        reach = np.array([cell.reach for cell in cells] + [0], np.int64)[codes]
        return Values(self._stored(texts, numbers, legal), numbers, legal, reach, _faults(distinct, cells, codes))

    def _cell(self, text: str) -> Cell:
        cell = self._seen.get(text)
        if cell is None:
            closely = self._wrong < JUDGED_CLOSELY
            cell = read_cell(self.column, text, closely=closely)
            if cell.rule and not closely:
                return cell
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[text] = cell
            if cell.rule:
                self._wrong += 1
                self.aadhaar.see(text)
        return cell

    def _stored(self, texts: pa.DictionaryArray, numbers: np.ndarray, legal: np.ndarray) -> pa.Array:
        kind = TYPES[self.column.kind]
        if pa.types.is_string(kind):
            return texts.cast(pa.string())
        return pa.array(numbers, mask=~legal).cast(kind)


def _faults(distinct: list[str], cells: list[Cell], codes: np.ndarray) -> list[CellFault]:
    """The wrong texts of a block with their rows; beyond the first thousands only the rows, by rule."""
    bad = [i for i, cell in enumerate(cells) if cell.rule]
    faults = [CellFault(cells[i].rule, distinct[i], cells[i].hint, rows) for i, rows in rows_of(codes, bad[:JUDGED_CLOSELY], len(cells))]
    rest = bad[JUDGED_CLOSELY:]
    for rule in sorted({cells[i].rule for i in rest}):
        is_rule = np.zeros(len(cells) + 1, bool)
        is_rule[[i for i in rest if cells[i].rule == rule]] = True
        faults.append(CellFault(rule, "", "", np.flatnonzero(is_rule[codes])))
    return faults


def rows_of(codes: np.ndarray, wanted: list[int], size: int) -> list[tuple[int, np.ndarray]]:
    """The rows of each wanted code; one sort however many are wanted."""
    if not wanted:
        return []
    is_wanted = np.zeros(size + 1, bool)
    is_wanted[wanted] = True
    rows = np.flatnonzero(is_wanted[codes])
    rows = rows[np.argsort(codes[rows], kind="stable")]
    found, first = np.unique(codes[rows], return_index=True)
    return list(zip(found.tolist(), np.split(rows, first[1:]), strict=True))


_SCALE = 1000
LOWEST = np.array([round(term.low * _SCALE) for term in v.INSTRUMENTS])
HIGHEST = np.array([round(term.high * _SCALE) for term in v.INSTRUMENTS])


def outside_instrument(instrument: Values, value: Values) -> np.ndarray:
    """Rows (from 0) whose score is outside its instrument's range, judged before rounding."""
    code = instrument.numbers
    outside = (value.reach < LOWEST[code]) | (value.reach > HIGHEST[code])
    return np.flatnonzero(outside & instrument.present & value.present)


def instrument_range(code: int) -> str:
    """The legal range of an instrument, in words."""
    term = v.INSTRUMENTS[code]
    return f"{term.code} {term.low:g} to {term.high:g}"
