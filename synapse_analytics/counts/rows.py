"""Rows that are counted in numpy: episodes and distinct patients by key and fact, and whole numbers added up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.counts.relation import Key
from synapse_analytics.estimates.blocks import UNTHREADED, blocks
from synapse_analytics.pathways.keys import first_of_run

Array = np.ndarray
DENSE = 2_000_000  # most cells a table of keys by numbers of flags may have


@dataclass(frozen=True)
class Rows:
    """One row for each key, number of flags and repeat patient: first the `singles`, whose patients have no other episode.

    The others are in order of patient and key.
    """

    key: Array
    flags: Array
    n: Array
    patient: Array  # of the rows after the singles
    singles: int

    @cached_property
    def begin(self) -> Array:
        """The places, among the rows after the singles, at which the rows of each patient and key begin."""
        return np.flatnonzero(first_of_run(self.key[self.singles :]) | first_of_run(self.patient))

    def episodes(self, held: Array, size: int) -> Array:
        """Episodes of each key among the rows that are held."""
        return np.bincount(self.key, self.n * held, size).astype(np.int64)

    def patients(self, held: Array, size: int) -> Array:
        """Distinct patients: rows of patients with one episode count as they are, of the others each counts once for each key."""
        alone = np.bincount(self.key[: self.singles], self.n[: self.singles] * held[: self.singles], size).astype(np.int64)
        if not len(self.begin):
            return alone
        any_of = np.logical_or.reduceat(held[self.singles :], self.begin)
        return alone + np.bincount(self.key[self.singles :][self.begin][any_of], minlength=size)

    def of_each(self, places: Array, size: int) -> tuple[Array, Array]:
        """Episodes and patients of each key (row) and bit (column)."""
        episodes = _by_bit(self.key, self.flags, self.n, places, size)
        if not len(self.begin):
            return episodes, episodes
        united = np.bitwise_or.reduceat(self.flags[self.singles :], self.begin)  # what is true of any episode of the patient
        key = np.concatenate([self.key[: self.singles], self.key[self.singles :][self.begin]])
        n = np.concatenate([self.n[: self.singles], np.ones(len(united), dtype=np.int64)])
        return episodes, _by_bit(key, np.concatenate([self.flags[: self.singles], united]), n, places, size)

    def under(self, target: Array) -> Rows:
        """The rows under other keys; those of key -1 are left out."""
        new = target[self.key]
        kept = new >= 0
        rows = Rows(new[kept], self.flags[kept], self.n[kept], self.patient[kept[self.singles :]], int(kept[: self.singles].sum()))
        moved = target[target >= 0]
        return rows if (moved[1:] >= moved[:-1]).all() else rows.in_order()

    def in_order(self) -> Rows:
        """The rows after the singles by patient and key."""
        key = self.key[self.singles :]
        order = np.argsort(self.patient * (int(key.max(initial=0)) + 1) + key)
        key, flags, n = (np.concatenate([rows[: self.singles], rows[self.singles :][order]]) for rows in (self.key, self.flags, self.n))
        return Rows(key, flags, n, self.patient[order], self.singles)

    @property
    def nbytes(self) -> int:
        return self.key.nbytes + self.flags.nbytes + self.n.nbytes + self.patient.nbytes


def _by_bit(key: Array, flags: Array, n: Array, places: Array, size: int) -> Array:
    """How many of each key have each bit: rows by key and number of flags, times the bits of the numbers."""
    encoded = pa.array(flags).dictionary_encode()
    values, code = encoded.dictionary.to_numpy(), encoded.indices.to_numpy()
    bits = (values[:, None] >> places) & 1
    if size * len(values) > DENSE:
        return np.stack([np.bincount(key, n * bits[code, column], size) for column in range(len(places))], axis=1).astype(np.int64)
    # Counts stay far below 2^53, so that products of floating numbers are exact. They are multiplied in parts, for which BLAS starts no threads.
    table = np.bincount(key * len(values) + code, n, size * len(values)).reshape(size, len(values))
    held, found = bits.astype(float), np.zeros((size, len(places)), dtype=np.int64)
    for part in blocks(size, max(1, UNTHREADED // max(bits.size, 1))):
        found[part] = table[part] @ held
    return found


def whole(column: pa.ChunkedArray, absent: int = 0) -> Array:
    """A column of whole numbers, with another number instead of null; the sum of nothing is 0."""
    return (pc.fill_null(column, absent) if column.null_count else column).to_numpy().astype(np.int64)


def add_up(target: Array, values: Array, size: int) -> Array:
    """Sums of whole numbers for each new place, exact beyond 2^53; a value that maps to -1 is left out."""
    found = np.zeros(size + 1, dtype=np.int64)  # -1 is the last place
    np.add.at(found, target, values)
    return found[:size]


def new_places(keys: Sequence[Key], new_key: Callable[[Key], Key | None]) -> tuple[list[Key], Array]:
    """The distinct new keys in the order of the old ones, and of each old key the place of its new one; -1 where that is None."""
    renamed = [new_key(key) for key in keys]
    distinct = list(dict.fromkeys(key for key in renamed if key is not None))
    place = {key: number for number, key in enumerate(distinct)}
    return distinct, np.array([-1 if key is None else place[key] for key in renamed], dtype=np.int64)
