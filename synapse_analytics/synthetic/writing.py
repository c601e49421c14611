"""Rows of whole numbers to CSV bytes, fast and the same everywhere: no number is ever formatted from a floating value."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.schema import Column, Kind, RecordFile
from synapse_analytics.synthetic.parameters import LISTS, NONE
from synapse_analytics.synthetic.people import Columns
from synapse_analytics.vocabulary.periods import MONTH, name_of

ID_DIGITS = 8
_PLAIN = csv.WriteOptions(include_header=False, quoting_style="none")
_LOWEST = -923  # thousandths: the lowest value of any instrument


def ids(letter: str, first: int, count: int) -> pa.Array:
    """So many consecutive ids of fixed width, such as P00000042."""
    width = ID_DIGITS + 1
    text = np.empty((count, width), dtype=np.uint8)
    text[:, 0] = ord(letter)
    rest = np.arange(first, first + count)
    for place in range(ID_DIGITS, 0, -1):
        text[:, place] = ord("0") + rest % 10
        rest = rest // 10
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text))


def _decimal(thousandths: int) -> str:
    sign, size = ("-" if thousandths < 0 else ""), abs(thousandths)
    return f"{sign}{size // 1000}.{size % 1000:03d}".rstrip("0").rstrip(".")


_DECIMALS = pa.array([_decimal(number) for number in range(_LOWEST, 100_001)])


def _texts(column: Column, values: np.ndarray, known_ids: Mapping[str, pa.Array]) -> pa.Array:
    """The fields of one column as its kind is written."""
    missing = values == NONE
    if column.kind in (Kind.COUNT, Kind.DAY):
        return pa.array(values.astype(np.int32), mask=missing)
    terms, first = _terms(column, values, known_ids)
    return terms.take(pa.array((values - first).astype(np.int32), mask=missing))


def _terms(column: Column, values: np.ndarray, known_ids: Mapping[str, pa.Array]) -> tuple[pa.Array, int]:
    """The texts that the values of a column stand for, in order of these values, and the value of the first text."""
    if column.kind is Kind.ID:
        return known_ids[column.name], 0
    if column.kind in (Kind.NUMBER, Kind.SCORE):
        return _DECIMALS, _LOWEST
    if column.kind is Kind.MONTH:
        first = int(values.min())
        return pa.array([name_of(month, MONTH) for month in range(first, int(values.max()) + 1)]), first
    return pa.array(LISTS.get(column.name) or v.codes(column.terms or v.YES_NO)), 0


class BundleFile:
    """One CSV file being written: counts its rows and digests its bytes on the way."""

    def __init__(self, folder: Path, file: RecordFile) -> None:
        self.rows = 0
        self._columns = file.columns
        self._digest = hashlib.sha256()
        self._handle = (folder / file.name).open("wb")
        self._put(",".join(column.name for column in file.columns).encode() + b"\n")

    def _put(self, text: bytes | memoryview) -> None:
        self._digest.update(text)
        self._handle.write(text)

    def add(self, rows: Columns, known_ids: Mapping[str, pa.Array]) -> None:
        """Append rows; `known_ids` holds the texts of this chunk's ids by the name of their column."""
        table = pa.table({column.name: _texts(column, rows[column.name], known_ids) for column in self._columns})
        buffer = BytesIO()
        csv.write_csv(table, buffer, _PLAIN)
        self._put(buffer.getbuffer())
        self.rows += table.num_rows

    def close(self) -> dict[str, int | str]:
        """Finish and give the manifest entry."""
        self._handle.close()
        return {"rows": self.rows, "sha256": self._digest.hexdigest()}
