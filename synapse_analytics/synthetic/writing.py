"""Columns of integers to CSV bytes, fast and the same everywhere: no number is ever formatted from a floating value."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from synapse_analytics.synthetic.parameters import NONE

ID_DIGITS = 8
_PLAIN = csv.WriteOptions(include_header=False, quoting_style="none")
_LOWEST = -923  # thousandths: the lowest value of any instrument


def ids(letter: str, numbers: np.ndarray) -> pa.Array:
    """Ids of fixed width, such as P00000042; NONE becomes an empty field."""
    width, n = ID_DIGITS + 1, len(numbers)
    text = np.empty((n, width), dtype=np.uint8)
    text[:, 0] = ord(letter)
    rest = np.maximum(numbers, 0)
    for place in range(ID_DIGITS, 0, -1):
        text[:, place] = 48 + rest % 10
        rest = rest // 10
    offsets = np.arange(0, (n + 1) * width, width, dtype=np.int32)
    array = pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(text))
    return pa.compute.if_else(pa.array(numbers != NONE), array, None) if (numbers == NONE).any() else array


def words(terms: tuple[str, ...], positions: np.ndarray) -> pa.Array:
    """The code at each position; NONE becomes an empty field."""
    return pa.array(terms).take(pa.array(positions.astype(np.int32), mask=positions == NONE))


def whole(numbers: np.ndarray) -> pa.Array:
    """Whole numbers; NONE becomes an empty field."""
    return pa.array(numbers.astype(np.int32), mask=numbers == NONE)


def _decimal(thousandths: int) -> str:
    sign, size = ("-" if thousandths < 0 else ""), abs(thousandths)
    return f"{sign}{size // 1000}.{size % 1000:03d}".rstrip("0").rstrip(".")


_DECIMALS = pa.array([_decimal(number) for number in range(_LOWEST, 100_001)])


def decimals(thousandths: np.ndarray) -> pa.Array:
    """Decimal text of thousandths, from -0.923 to 100; NONE becomes an empty field."""
    return _DECIMALS.take(pa.array((thousandths - _LOWEST).astype(np.int32), mask=thousandths == NONE))


class BundleFile:
    """One CSV file being written: counts its rows and digests its bytes on the way."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        self.rows = 0
        self._columns = columns
        self._digest = hashlib.sha256()
        self._handle = path.open("wb")
        self._put(",".join(columns).encode() + b"\n")

    def _put(self, text: bytes | memoryview) -> None:
        self._digest.update(text)
        self._handle.write(text)

    def add(self, columns: dict[str, pa.Array]) -> None:
        """Append rows; the columns must be the declared ones, in any order."""
        table = pa.table({name: columns[name] for name in self._columns})
        buffer = BytesIO()
        csv.write_csv(table, buffer, _PLAIN)
        self._put(buffer.getbuffer())
        self.rows += table.num_rows

    def close(self) -> dict[str, int | str]:
        """Finish and give the manifest entry."""
        self._handle.close()
        return {"rows": self.rows, "sha256": self._digest.hexdigest()}
