"""Products of tall matrices, a block of rows at a time, and rows added up by patient.

A block fits into the processor's cache, no copy of all rows is made, and BLAS starts no threads for it: on a busy machine a
fit of 20,000 rows took 0.2 to 5 s as one product, mostly because threads waited for each other, and 10 ms in blocks.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ROWS = 512
UNTHREADED = 400_000  # multiplications of a product up to which BLAS uses one thread (measured: from 440,000 on it starts more)


def blocks(rows: int, size: int = ROWS) -> Iterator[slice]:
    """Slices of `size` rows that together cover all `rows`."""
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))


def side_by_side(*parts: Array) -> Iterator[tuple[slice, Array]]:
    """Columns and matrices of equal length side by side, in blocks; the buffer of a block is used again for the next one."""
    widths = [1 if part.ndim == 1 else part.shape[1] for part in parts]
    ends = np.cumsum(widths).tolist()
    size = max(1, min(ROWS, UNTHREADED // max(ends[-1], 1) ** 2))
    if len(parts) == 1 and parts[0].ndim == 2:
        yield from ((rows, parts[0][rows]) for rows in blocks(len(parts[0]), size))
        return
    buffer = np.empty((size, ends[-1]))
    for rows in blocks(len(parts[0]), size):
        block = buffer[: rows.stop - rows.start]
        for part, width, end in zip(parts, widths, ends, strict=True):
            if part.ndim == 1:
                block[:, end - 1] = part[rows]
            else:
                block[:, end - width : end] = part[rows]
        yield rows, block


def products(*parts: Array) -> Array:
    """The cross products of columns and matrices side by side."""
    size = sum(1 if part.ndim == 1 else part.shape[1] for part in parts)
    found = np.zeros((size, size))
    for _, block in side_by_side(*parts):
        found += block.T @ block
    return found


class Clusters:
    """Which rows belong to the same patient."""

    def __init__(self, patients: NDArray[np.integer]) -> None:
        self._order = np.argsort(patients, kind="stable")
        sorted_patients = patients[self._order]
        self._begin = np.flatnonzero(np.append(True, sorted_patients[1:] != sorted_patients[:-1]))[: len(patients)]

    def summed(self, rows: Array) -> Array:
        """The rows added up within each patient."""
        return np.add.reduceat(rows[self._order], self._begin) if len(self._begin) else rows


def spread(rows: Array, clusters: Clusters | None) -> Array:
    """Cross products of rows, which with `clusters` are first added up within each cluster."""
    return products(clusters.summed(rows) if clusters else rows)
