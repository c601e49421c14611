"""Scores of a cohort: the episodes that were expected and that answered, and the distributions of values and changes.

Values stay in thousandths, so that sums are whole numbers and thresholds exact; units are made in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, Split, group_keys, group_label, group_order
from synapse_analytics.counts import COUNTED, Column, Counts, Key, Relation, count, grouped, new_places, whole
from synapse_analytics.store.characteristics import BITS
from synapse_analytics.store.functions import int_div
from synapse_analytics.store.score_flags import FOLLOW_UPS, bit_of
from synapse_analytics.store.tables import episode_facts, index_days, index_scores, visit_scores

Array = np.ndarray
FACTS, WIDE, ANSWER = episode_facts.c, index_scores.c, visit_scores.c
FIRST_VISIT = "first_visit"
BEFORE_A_YEAR = FOLLOW_UPS[: FOLLOW_UPS.index(v.find(v.VISITS, "month_12"))]
SHIFT = 1_000_000  # makes changes positive for whole division; a multiple of every bin width


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores that are asked for: clinic, cohort, instrument, the index from which time is counted, and the split."""

    clinic: Clinic
    cohort: Cohort
    instrument: v.Instrument
    index: str = FIRST_VISIT
    by: Split = None

    def relation(
        self, name: str, table: sa.Table, *keys: Column, held: tuple[sa.ColumnElement[bool], ...] = (), **counted: Any
    ) -> Relation:
        """The rows of a score mart for this instrument and index, by group and by these keys."""
        split = group_keys(self.by)
        meant = (table.c.index_code == self.index_code, table.c.instrument == v.position(v.INSTRUMENTS, self.instrument.code))
        code = (table.name, name, self.index, self.instrument.code, self.by)
        return Relation(code, table, (*split, *keys), where=(*meant, *held), **counted)

    def count(self, relation: Relation) -> Counts:
        """The counts of a relation over the cohort."""
        return count(self.clinic, self.cohort, relation)

    @property
    def index_code(self) -> int:
        """The stored code of the index from which time is counted."""
        return 0 if self.index == FIRST_VISIT else v.position(v.TREATMENTS, self.index) + 1

    def bit(self, name: str) -> int:
        """The bit of `index_scores.flags` that holds a fact about the instrument."""
        return bit_of(self.instrument.code, name)

    def groups(self, keys: Iterable[Key]) -> list[tuple[Key, str]]:
        """(key, code) of the groups among these keys, in clinical order; without a split always "all"."""
        if self.by is None:
            return [((), group_label(None, None))]
        return [((value,), group_label(self.by, value)) for value in group_order(self.by, {key[0] for key in keys})]


@dataclass(frozen=True, slots=True)
class Values:
    """How often each value occurs, by group and by visit or bin: row k belongs to `keys[place[k]]`; `sums` are added up."""

    keys: list[Key]
    place: Array
    value: Array
    n: Array
    sums: dict[str, Array]

    def fold(self, new_key: Callable[[Key], Key | None]) -> Values:
        """The same values under coarser keys; those whose new key is None are left out."""
        keys, places = new_places(self.keys, new_key)
        new = places[self.place]
        kept = new >= 0
        return Values(keys, new[kept], self.value[kept], self.n[kept], {name: column[kept] for name, column in self.sums.items()})


def followed(asked: Scored) -> Counts:
    """By group and baseline: the episodes expected and those that answered at each follow-up visit."""
    names = [f"{what}_{visit.code}" for what in ("expected", "answered") for visit in FOLLOW_UPS]
    bits = {name: asked.bit(name) for name in names}
    return asked.count(asked.relation("followed", index_scores, WIDE.baseline, flags=WIDE.flags, bits=bits))


def indexed(asked: Scored) -> Counts:
    """By group: all episodes with the index, and as `baseline` those with a baseline before it."""
    split = group_keys(asked.by)
    code = ("indexed", asked.index, asked.instrument.code, asked.by)
    if asked.index == FIRST_VISIT:  # every episode has one
        bits = {"baseline": BITS[f"baseline_{asked.instrument.code}"]}
        return asked.count(Relation(code, keys=split, flags=FACTS.characteristics, bits=bits))
    known = sa.select(WIDE.episode_key).where(*asked.relation("known", index_scores).where)
    flags = sa.case((index_days.c.episode_key.in_(known), 1), else_=0)
    meant = (index_days.c.index_code == asked.index_code,)
    return asked.count(Relation(code, index_days, split, flags, {"baseline": 0}, where=meant))


def visit_values(asked: Scored) -> Values:
    """By group and visit the answers, and their change from the baseline."""
    change = sa.cast(ANSWER.value - ANSWER.baseline, sa.BigInteger)
    sums = {"change": total_of(change), "change_squares": total_of(change * change)}
    return _values(asked.clinic.arrow(selected(asked, visit_scores, (ANSWER.visit, ANSWER.value), sums)))


def further_sums(asked: Scored) -> dict[Key, tuple[int, int, int]]:
    """(group, visit) -> n, total and squares of the change from an earlier follow-up to 12 months, of the episodes that answered both."""
    sums: dict[str, Column] = {}
    for visit in BEFORE_A_YEAR:
        change = sa.cast(WIDE.month_12 - WIDE[visit.code], sa.BigInteger)
        sums |= {
            f"n {visit.code}": sa.func.count(change),
            f"total {visit.code}": total_of(change),
            f"squares {visit.code}": total_of(change * change),
        }
    found: dict[Key, tuple[int, int, int]] = {}
    for row in asked.clinic.rows(selected(asked, index_scores, (), sums)):
        group = tuple(value for name, value in row.items() if name.startswith("key_"))
        for place, visit in enumerate(BEFORE_A_YEAR, start=1):
            n, total, squares = (row[f"{name} {visit.code}"] or 0 for name in ("n", "total", "squares"))
            found[*group, place] = n, total, squares
    return found


def values_by_baseline(asked: Scored, visit: int, width: int, last: int) -> Values:
    """By group and bin of the baseline the answers at a visit."""
    columns = (_bin(ANSWER.baseline, width, last), ANSWER.value)
    return _values(asked.clinic.arrow(selected(asked, visit_scores, columns, {}, (ANSWER.visit == visit,))))


def change_bins(asked: Scored, visit: int, width: int, last: tuple[int, int]) -> Counts:
    """By group, bin of the change and bin of the baseline: the answers at a visit. `last` are the last bins of both."""
    keys = (_bin(ANSWER.value - ANSWER.baseline, width, last[0]), _bin(ANSWER.baseline, width, last[1]))
    return asked.count(asked.relation(f"bins {visit} {width} {last}", visit_scores, *keys, held=(ANSWER.visit == visit,)))


def _bin(column: Column, width: int, last: int) -> Column:
    """Number of the half-open bin of `width` thousandths a value falls in; the last bin holds its upper end, too."""
    return sa.cast(sa.func.least(int_div(column + SHIFT, width) - SHIFT // width, last), sa.Integer)


def total_of(wide: Column) -> Column:
    """The sum of a column of whole numbers that are wide enough not to overflow."""
    return sa.cast(sa.func.sum(wide), sa.BigInteger)


def selected(
    asked: Scored, table: sa.Table, columns: tuple[Column, ...], sums: dict[str, Column], held: tuple[sa.ColumnElement[bool], ...] = ()
) -> sa.Select[Any]:
    """Group, columns, n and sums of the rows of a score mart, one row for each group and value of the columns."""
    keys = {f"key_{number}": key for number, key in enumerate((*group_keys(asked.by), *columns))}
    return grouped(asked.cohort, asked.relation("", table, held=held), keys, {**COUNTED, **sums})


def _values(table: pa.Table) -> Values:
    """The rows of a statement: keys, of which the last is the value, n and sums."""
    names = [name for name in table.column_names if name.startswith("key_")]
    found: dict[Key, int] = {}
    rows = zip(*(table.column(name).to_pylist() for name in names[:-1]), strict=True)
    place = np.fromiter((found.setdefault(key, len(found)) for key in rows), dtype=np.int64, count=table.num_rows)
    columns = {name: whole(table.column(name)) for name in table.column_names if name not in names[:-1]}
    value, n = columns.pop(names[-1]), columns.pop("n")
    return Values(list(found), place, value, n, columns)
