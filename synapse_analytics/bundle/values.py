"""From the texts of a column to stored values, block after block: each distinct text is judged once, each row looks up its value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.cells import THOUSANDTHS, Cell, read_cell
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
JUDGED_CLOSELY = 10_000  # distinct wrong texts per column; for more, nobody needs the exact reason or each text by itself


@dataclass(frozen=True, slots=True)
class CellFault:
    """A text that breaks a rule, and its rows in the block (from 0)."""

    rule: str
    text: str
    hint: str
    rows: np.ndarray


@dataclass(frozen=True, slots=True)
class Values:
    """One column of one block: the stored values, the same as numbers, where there is one, their size before rounding, and the faults."""

    stored: pa.Array
    numbers: np.ndarray
    present: np.ndarray
    reach: np.ndarray
    faults: list[CellFault]


class AadhaarWatch:
    """Counts values of 12 digits, and those of them that end in a right check digit: 10 % do by chance, all Aadhaar numbers do."""

    def __init__(self) -> None:
        self.candidates = self.passed = 0

    def see(self, text: str) -> None:
        """Count one distinct text."""
        if 12 <= len(text) <= 14 and AADHAAR_FORM.fullmatch(text):
            self.candidates += 1
            self.passed += is_verhoeff(text)

    def alarmed(self) -> bool:
        """True if more pass than chance allows: half of many values, both of two, or the only one."""
        return self.candidates > 0 and self.passed >= max(0.5 * self.candidates, min(self.candidates, 2))


class ColumnReader:
    """Reads one column of any kind but ids, and remembers the meaning of each text."""

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
        kind = TYPES[self.column.kind]
        stored = texts.cast(kind) if pa.types.is_string(kind) else pa.array(numbers, mask=~legal).cast(kind)
        return Values(stored, numbers, legal, reach, _faults(distinct, cells, codes))

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


def _faults(distinct: list[str], cells: list[Cell], codes: np.ndarray) -> list[CellFault]:
    """The wrong texts of a block with their rows; after the first JUDGED_CLOSELY of them only the rows, rule by rule."""
    bad = [i for i, cell in enumerate(cells) if cell.rule]
    faults = [CellFault(cells[i].rule, distinct[i], cells[i].hint, rows) for i, rows in rows_of(codes, bad[:JUDGED_CLOSELY], len(cells))]
    rest = bad[JUDGED_CLOSELY:]
    for rule in sorted({cells[i].rule for i in rest}):
        is_rule = np.zeros(len(cells) + 1, bool)
        is_rule[[i for i in rest if cells[i].rule == rule]] = True
        faults.append(CellFault(rule, "", "", np.flatnonzero(is_rule[codes])))
    return faults


def rows_of(codes: np.ndarray, wanted: list[int], size: int) -> list[tuple[int, np.ndarray]]:
    """Each wanted code with its rows; one sort, however many codes are wanted."""
    if not wanted:
        return []
    is_wanted = np.zeros(size + 1, bool)
    is_wanted[wanted] = True
    rows = np.flatnonzero(is_wanted[codes])
    rows = rows[np.argsort(codes[rows], kind="stable")]
    found, first = np.unique(codes[rows], return_index=True)
    return list(zip(found.tolist(), np.split(rows, first[1:]), strict=True))


LOWEST = np.array([round(term.low * THOUSANDTHS) for term in v.INSTRUMENTS])
HIGHEST = np.array([round(term.high * THOUSANDTHS) for term in v.INSTRUMENTS])


def outside_instrument(instrument: Values, value: Values) -> np.ndarray:
    """Rows (from 0) whose score is outside the range of its instrument, judged before rounding."""
    code = instrument.numbers
    outside = (value.reach < LOWEST[code]) | (value.reach > HIGHEST[code])
    return np.flatnonzero(outside & instrument.present & value.present)
