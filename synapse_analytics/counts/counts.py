"""Counts: episodes, distinct patients and sums per key, for any number of facts at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numpy as np

from synapse_analytics.counts.relation import Key, Relation
from synapse_analytics.counts.rows import Array, Rows, add_up, new_places

Made = TypeVar("Made")


class Counted(NamedTuple):
    """Episodes, and the distinct patients behind them."""

    episodes: int
    patients: int


class Counts:
    """Episodes, distinct patients and sums by key; the order of `keys` is that of all arrays given back."""

    def __init__(self, keys: Sequence[Key], rows: Rows, bits: Mapping[str, int], sums: Mapping[str, Array]) -> None:
        self.keys = tuple(keys)
        self.bits = bits
        self._rows, self._sums = rows, sums
        self._known: dict[Any, Any] = {}

    @cached_property
    def place(self) -> dict[Key, int]:
        """The place of each key in the arrays."""
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
        keys, target = new_places(self.keys, new_key)
        sums = {name: add_up(target, values, len(keys)) for name, values in self._sums.items()}
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
        """A small result computed from these counts, computed once; `name` holds all it depends on beside them."""
        return self._once(("derived", name), made)

    def holds(self, relation: Relation) -> bool:
        """True if every fact and every sum of a relation is among these."""
        return relation.bits.keys() <= self.bits.keys() and relation.sums.keys() <= self._sums.keys()

    def covers(self, other: Counts) -> bool:
        """True if every fact and every sum of other counts of the same rows is among these."""
        return other.bits.keys() <= self.bits.keys() and other._sums.keys() <= self._sums.keys()

    @property
    def nbytes(self) -> int:
        """Bytes of the rows, with those of the views that were derived from them."""
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

    def _held(self, names: tuple[str, ...]) -> Array:
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
