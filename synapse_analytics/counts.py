"""The one way this product counts: episodes, exact patients and sums per key, for any number of facts at once.

What is true of an episode is a bit of a whole number, so one statement of one GROUP BY counts every fact there is. Rows are
grouped by `repeat_patient` too, which is null where the patient has no other episode: those rows are a patient each, and of the
few others every row comes along, so that patients are distinct whatever keys are put together afterwards. Counts are
remembered (remembered.py): answers of one page that ask for the same cohort never fetch the same counts twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.remembered import remembered
from synapse_analytics.store.tables import episode_facts

Array = np.ndarray
Column = sa.ColumnElement[Any]
Key = tuple[Any, ...]
Names = tuple[str, ...]
Made = TypeVar("Made")
SQUARES = ":squares"
DENSE = 2_000_000  # cells of a table of keys by numbers of flags


@dataclass(frozen=True, slots=True)
class Relation:
    """What is counted: rows of a table, at most one for each episode and key.

    `keys` split the rows, `flags` is a whole number of which bit `bits[name]` says whether `name` is true of a row; `sums` are
    whole numbers that are added up, with their squares. `code` names the relation: equal codes are equal questions.
    """

    code: Key
    table: sa.Table = episode_facts
    keys: tuple[sa.ColumnElement[Any], ...] = ()
    flags: sa.ColumnElement[Any] | None = None
    bits: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, sa.ColumnElement[Any]] = field(default_factory=dict)
    where: tuple[sa.ColumnElement[bool], ...] = ()
    needs_facts: bool = False  # a key or clause names episode_facts beside another table


class Counted(NamedTuple):
    """Episodes, and the distinct patients behind them."""

    episodes: int
    patients: int


class Counts:
    """Episodes, distinct patients and sums by key; the order of `keys` is that of all arrays given back."""

    def __init__(self, keys: Sequence[Key], rows: _Rows, bits: Mapping[str, int], sums: Mapping[str, Array]) -> None:
        self.keys = tuple(keys)
        self.bits = bits
        self._rows, self._sums = rows, sums
        self._known: dict[Any, Any] = {}

    @cached_property
    def place(self) -> dict[Key, int]:
        """Where each key stands."""
        return {key: place for place, key in enumerate(self.keys)}

    def episodes(self, *names: str) -> Array:
        """Episodes of each key of which all these facts are true; without a fact all episodes."""
        if len(names) == 1:
            return self._of_each[0][:, self._column[names[0]]]
        return self._once(("n", names), lambda: self._rows.episodes(self._held(names), len(self.keys)))

    def patients(self, *names: str) -> Array:
        """Distinct patients behind these episodes."""
        if len(names) == 1:
            return self._of_each[1][:, self._column[names[0]]]
        return self._once(("p", names), lambda: self._rows.patients(self._held(names), len(self.keys)))

    def outside(self, name: str, *of: str) -> Array:
        """Distinct patients with an episode of which `of` is true and `name` is not."""
        return self._once(("o", name, of), lambda: self._rows.patients(self._held(of) & ~self._held((name,)), len(self.keys)))

    def total(self, name: str) -> Array:
        """The sum of a number over the episodes of each key; `name:squares` is that of its squares."""
        return self._sums[name]

    def fold(self, new_key: Callable[[Key], Key | None]) -> Counts:
        """The same counts under coarser keys; rows whose new key is None are left out. Patients stay distinct."""
        renamed = [new_key(key) for key in self.keys]
        keys = list(dict.fromkeys(key for key in renamed if key is not None))
        place = {key: number for number, key in enumerate(keys)}
        target = np.array([-1 if key is None else place[key] for key in renamed], dtype=np.int64)
        sums = {name: _add_up(target, values, len(keys)) for name, values in self._sums.items()}
        return Counts(keys, self._rows.under(target), self.bits, sums)

    def uniting(self, name: str, names: Sequence[str]) -> Counts:
        """The same counts with one more fact: that any of these facts is true."""
        bit = max(self.bits.values()) + 1
        held = np.logical_or.reduce([self._held((each,)) for each in names])
        rows = replace(self._rows, flags=self._rows.flags | (held.astype(np.int64) << bit))
        return Counts(self.keys, rows, {**self.bits, name: bit}, self._sums)

    def whole(self) -> Counts:
        """All keys together: one key, even of nobody."""
        return self._once("whole", self._together)

    def view(self, name: Any, made: Callable[[], Counts]) -> Counts:
        """Counts that are derived from these, made once."""
        return self._once(("view", name), made)

    def derived(self, name: Any, made: Callable[[], Made]) -> Made:
        """Anything small that is made of these counts, made once; `name` holds all it depends on beside them."""
        return self._once(("derived", name), made)

    def holds(self, relation: Relation) -> bool:
        """True if every fact and every sum of a relation is among these."""
        return relation.bits.keys() <= self.bits.keys() and relation.sums.keys() <= self._sums.keys()

    def covers(self, other: Counts) -> bool:
        """True if every fact and every sum of other counts of the same rows is among these."""
        return other.bits.keys() <= self.bits.keys() and other._sums.keys() <= self._sums.keys()

    @property
    def nbytes(self) -> int:
        """What the rows take, with those of the views that were derived from them."""
        return self._rows.nbytes + sum(view.nbytes for view in list(self._known.values()) if isinstance(view, Counts))

    def _together(self) -> Counts:
        found = self.fold(lambda _key: ())
        if found.keys:
            return found
        return Counts([()], self._rows, self.bits, {name: np.zeros(1, dtype=np.int64) for name in self._sums})

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def _held(self, names: Names) -> Array:
        mask = sum(1 << bit for bit in {self.bits[name] for name in names})
        return np.ones(len(self._rows.n), dtype=bool) if not mask else (self._rows.flags & mask) == mask

    @cached_property
    def _places(self) -> Array:
        return np.array(sorted(set(self.bits.values())), dtype=np.int64)

    @cached_property
    def _column(self) -> dict[str, int]:
        return {name: int(np.searchsorted(self._places, bit)) for name, bit in self.bits.items()}

    @cached_property
    def _of_each(self) -> tuple[Array, Array]:
        """Episodes and patients of every fact at once (keys in rows, bits in columns)."""
        return self._rows.of_each(self._places, len(self.keys))


@dataclass(frozen=True)
class _Rows:
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
        """Where each patient and key begins among the rows after the singles."""
        key = self.key[self.singles :]
        return np.flatnonzero(np.append(True, (key[1:] != key[:-1]) | (self.patient[1:] != self.patient[:-1])))[: len(key)]

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

    def under(self, target: Array) -> _Rows:
        """The rows under other keys; those of key -1 are left out."""
        new = target[self.key]
        kept = new >= 0
        rows = _Rows(new[kept], self.flags[kept], self.n[kept], self.patient[kept[self.singles :]], int(kept[: self.singles].sum()))
        moved = target[target >= 0]
        return rows if (moved[1:] >= moved[:-1]).all() else rows.in_order()

    def in_order(self) -> _Rows:
        """The rows after the singles by patient and key."""
        key = self.key[self.singles :]
        order = np.argsort(self.patient * (int(key.max(initial=0)) + 1) + key)
        key, flags, n = (np.concatenate([rows[: self.singles], rows[self.singles :][order]]) for rows in (self.key, self.flags, self.n))
        return _Rows(key, flags, n, self.patient[order], self.singles)

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
    # Counts stay far below 2^53, so the sums are exact; whole numbers are multiplied without BLAS, whose threads cost more.
    table = np.bincount(key * len(values) + code, n, size * len(values)).reshape(size, len(values))
    return table.astype(np.int64) @ bits


def count(clinic: Clinic, cohort: Cohort, relation: Relation) -> Counts:
    """The counts of a relation over the episodes of a cohort, fetched or remembered; counts of more facts serve for fewer."""
    asked = (clinic.generation.id, cohort, "counts", relation.code)
    return remembered(asked, lambda found: found.holds(relation), lambda: _fetched(clinic, cohort, relation))


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
        """Of which rows this fact is true."""
        return (self.flags >> self.bits[name]) & 1 == 1

    @property
    def nbytes(self) -> int:
        """What the rows take."""
        return self.key.nbytes + self.value.nbytes + self.flags.nbytes + self.n.nbytes


def distribution(clinic: Clinic, cohort: Cohort, relation: Relation) -> Distribution:
    """The distribution of the second key of a relation by its first, fetched or remembered."""
    asked = (clinic.generation.id, cohort, "distribution", relation.code)
    return remembered(asked, lambda _found: True, lambda: _distributed(clinic, cohort, relation))


def where(cohort: Cohort, relation: Relation) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
    """What to select from and which rows; the facts of the episodes are joined only where a filter or a key needs them."""
    clauses, source = cohort.where(), relation.table
    if source is not episode_facts and (clauses or relation.needs_facts):
        return source.join(episode_facts, episode_facts.c.episode_key == source.c.episode_key), [*relation.where, *clauses]
    return source, [*relation.where, *clauses]


def _fetched(clinic: Clinic, cohort: Cohort, relation: Relation) -> Counts:
    source, clauses = where(cohort, relation)
    keys = [key.label(f"key_{number}") for number, key in enumerate(relation.keys)]
    columns = [*keys, *([] if relation.flags is None else [_masked(relation).label("flags")]), relation.table.c.repeat_patient]
    groups: list[Column] = [sa.literal_column(str(number)) for number in range(1, len(columns) + 1)]
    rows = clinic.arrow(sa.select(*columns, sa.func.count().label("n")).select_from(source).where(*clauses).group_by(*groups))
    found, place = _keys([rows.column(key.name) for key in keys], rows.num_rows)
    sums: dict[str, Array] = {}
    if relation.sums:
        totals = [total for name, column in relation.sums.items() for total in _totals(name, column)]
        by = groups[: len(keys)]
        table = clinic.arrow(sa.select(*keys, *totals).select_from(source).where(*clauses).group_by(*by))
        known, order = _keys([table.column(key.name) for key in keys], table.num_rows)
        index = {key: number for number, key in enumerate(found)}
        target = np.array([index.get(key, -1) for key in known], dtype=np.int64)[order]  # -1: the sum of nobody, which has no key
        sums = {total.name: _add_up(target, _whole(table.column(total.name)), len(found)) for total in totals}
    return Counts(found, _rows(rows, place), relation.bits, sums)


def _distributed(clinic: Clinic, cohort: Cohort, relation: Relation) -> Distribution:
    source, clauses = where(cohort, relation)
    flags = sa.literal_column("0") if relation.flags is None else _masked(relation)
    columns = [*(key.label(name) for key, name in zip(relation.keys, ("key", "value"), strict=True)), flags.label("flags")]
    by: list[Column] = [sa.literal_column(str(number)) for number in range(1, len(columns) + 1)]
    table = clinic.arrow(sa.select(*columns, sa.func.count().label("n")).select_from(source).where(*clauses).group_by(*by))
    key, value, held, n = (_whole(table.column(name)) for name in ("key", "value", "flags", "n"))
    return Distribution(key, value, held, n, relation.bits)


def _masked(relation: Relation) -> sa.ColumnElement[Any]:
    """The flags that are asked for, no others: what nobody asks would only split the groups."""
    mask = sum(1 << bit for bit in set(relation.bits.values()))
    return sa.cast(relation.flags, sa.BigInteger).bitwise_and(sa.literal_column(str(mask)))


def _totals(name: str, column: sa.ColumnElement[Any]) -> list[sa.Label[Any]]:
    wide = sa.cast(column, sa.BigInteger)
    return [sa.func.sum(wide).label(name), sa.func.sum(wide * wide).label(name + SQUARES)]


def _rows(table: pa.Table, place: Array) -> _Rows:
    patient = table.column("repeat_patient")
    owner = patient.fill_null(-1).to_numpy().astype(np.int64)
    order = np.argsort(owner >= 0, kind="stable")
    singles = patient.null_count
    flags = _whole(table.column("flags")) if "flags" in table.column_names else np.zeros(table.num_rows, dtype=np.int64)
    return _Rows(place[order], flags[order], _whole(table.column("n"))[order], owner[order][singles:], singles).in_order()


def _keys(columns: Sequence[pa.ChunkedArray], rows: int) -> tuple[list[Key], Array]:
    """The distinct keys of a table's rows in order (what is absent last), and the place of each row's among them."""
    if not columns:
        return [()] if rows else [], np.zeros(rows, dtype=np.int64)
    code, values = np.zeros(rows, dtype=np.int64), []
    for column in columns:
        encoded = column.combine_chunks().dictionary_encode("encode")
        known = encoded.dictionary.to_pylist()
        order = sorted(range(len(known)), key=lambda place: (known[place] is None, known[place] if known[place] is not None else 0))
        values.append([known[place] for place in order])
        rank = np.empty(len(known), dtype=np.int64)
        rank[order] = np.arange(len(known))
        code = code * max(len(known), 1) + rank[encoded.indices.to_numpy()]
    there = np.zeros(int(code.max(initial=-1)) + 1, dtype=np.int64)
    there[code] = 1
    keys = []
    for one in np.flatnonzero(there).tolist():
        key, rest = [], one
        for known in reversed(values):
            rest, position = divmod(rest, len(known))
            key.append(known[position])
        keys.append(tuple(reversed(key)))
    return keys, (there.cumsum() - 1)[code]


def _whole(column: pa.ChunkedArray) -> Array:
    """A column of whole numbers; the sum of nothing is 0."""
    return (pc.fill_null(column, 0) if column.null_count else column).to_numpy().astype(np.int64)


def _add_up(target: Array, values: Array, size: int) -> Array:
    """Sums of whole numbers for each new place, exact beyond 2^53; what goes to -1 is left out."""
    found = np.zeros(size, dtype=np.int64)
    kept = target >= 0
    np.add.at(found, target[kept], values[kept])
    return found
