"""Counts and distributions out of the database, each fetched once and then remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts.counts import Counts
from synapse_analytics.counts.relation import COUNTED, Column, Key, Relation, grouped
from synapse_analytics.counts.rows import Array, Rows, add_up, whole
from synapse_analytics.remembered import remembered

SQUARES = ":squares"


@dataclass(frozen=True)
class Distribution:
    """How many episodes have each value of a number, by key (one whole number) and by which of the asked facts are true of them."""

    key: Array
    value: Array
    flags: Array
    n: Array
    bits: Mapping[str, int]

    def covers(self, other: Distribution) -> bool:
        """True if every fact of another distribution of the same values is among these."""
        return other.bits.keys() <= self.bits.keys()

    def having(self, name: str) -> Array:
        """True for the rows of which this fact holds."""
        return (self.flags >> self.bits[name]) & 1 == 1

    def between(self, keys: range) -> Distribution:
        """The rows of some keys that follow each other."""
        held = (self.key >= keys.start) & (self.key < keys.stop)
        return Distribution(self.key[held], self.value[held], self.flags[held], self.n[held], self.bits)

    @property
    def nbytes(self) -> int:
        """Bytes of the rows."""
        return self.key.nbytes + self.value.nbytes + self.flags.nbytes + self.n.nbytes


def count(clinic: Clinic, cohort: Cohort, relation: Relation) -> Counts:
    """The counts of a relation over the episodes of a cohort, fetched or remembered; counts of more facts serve for fewer."""
    asked = (clinic.generation.id, cohort, "counts", relation.code)
    return remembered(asked, lambda found: found.holds(relation), lambda: _fetched(clinic, cohort, relation))


def distribution(clinic: Clinic, cohort: Cohort, relation: Relation) -> Distribution:
    """The distribution of the second key of a relation by its first, fetched or remembered."""
    asked = (clinic.generation.id, cohort, "distribution", relation.code)
    return remembered(asked, lambda _found: True, lambda: _distributed(clinic, cohort, relation))


def _fetched(clinic: Clinic, cohort: Cohort, relation: Relation) -> Counts:
    keys = {f"key_{number}": key for number, key in enumerate(relation.keys)}
    columns = keys | _flags(relation) | {"repeat_patient": relation.table.c.repeat_patient}
    rows = clinic.arrow(grouped(cohort, relation, columns))
    found, place = _keys([rows.column(name) for name in keys], rows.num_rows)
    sums: dict[str, Array] = {}
    if relation.sums:
        totals = {name: total for sum_, column in relation.sums.items() for name, total in _totals(sum_, column).items()}
        table = clinic.arrow(grouped(cohort, relation, keys, totals))
        known, order = _keys([table.column(name) for name in keys], table.num_rows)
        index = {key: number for number, key in enumerate(found)}
        target = np.array([index.get(key, -1) for key in known], dtype=np.int64)[order]  # -1: the sum of nobody, which has no key
        sums = {name: add_up(target, whole(table.column(name)), len(found)) for name in totals}
    return Counts(found, _rows(rows, place), relation.bits, sums)


def _distributed(clinic: Clinic, cohort: Cohort, relation: Relation) -> Distribution:
    keys = dict(zip(("key", "value"), relation.keys, strict=True))
    table = clinic.arrow(grouped(cohort, relation, keys | (_flags(relation) or {"flags": sa.literal_column("0")})))
    key, value, held, n = (whole(table.column(name)) for name in ("key", "value", "flags", *COUNTED))
    return Distribution(key, value, held, n, relation.bits)


def _flags(relation: Relation) -> dict[str, Column]:
    """The flags that are asked for, no others: a fact nobody asks for would only split the groups."""
    if relation.flags is None:
        return {}
    mask = sum(1 << bit for bit in set(relation.bits.values()))
    return {"flags": sa.cast(relation.flags, sa.BigInteger).bitwise_and(sa.literal_column(str(mask)))}


def _totals(name: str, column: Column) -> dict[str, Column]:
    wide = sa.cast(column, sa.BigInteger)
    return {name: sa.func.sum(wide), name + SQUARES: sa.func.sum(wide * wide)}


def _rows(table: pa.Table, place: Array) -> Rows:
    patient = table.column("repeat_patient")
    owner = patient.fill_null(-1).to_numpy().astype(np.int64)
    order = np.argsort(owner >= 0, kind="stable")
    singles = patient.null_count
    flags = whole(table.column("flags")) if "flags" in table.column_names else np.zeros(table.num_rows, dtype=np.int64)
    return Rows(place[order], flags[order], whole(table.column("n"))[order], owner[order][singles:], singles).in_order()


def _keys(columns: Sequence[pa.ChunkedArray], rows: int) -> tuple[list[Key], Array]:
    """The distinct keys of a table's rows in order (what is absent last), and the place of each row's among them."""
    if not columns:
        return [()] if rows else [], np.zeros(rows, dtype=np.int64)
    code, values = np.zeros(rows, dtype=np.int64), []
    for column in columns:
        encoded = column.combine_chunks().dictionary_encode("encode")
        known = encoded.dictionary.to_pylist()
        order = sorted(range(len(known)), key=lambda place: (known[place] is None, known[place]))
        values.append([known[place] for place in order])
        rank = np.empty(len(known), dtype=np.int64)
        rank[order] = np.arange(len(known))
        code = code * max(len(known), 1) + rank[encoded.indices.to_numpy()]
    there = np.bincount(code) > 0
    keys = []
    for one in np.flatnonzero(there).tolist():
        key, rest = [], one
        for known in reversed(values):
            rest, position = divmod(rest, len(known))
            key.append(known[position])
        keys.append(tuple(reversed(key)))
    return keys, (there.cumsum() - 1)[code]
