"""Many counts over the episodes of a cohort in one scan, per key and as a whole, with the distinct patients behind each.

Everything that is true of an episode becomes a bit of one whole number, and episodes are counted per number: a statement
of one short expression, where a count per condition made statements whose planning alone took longer than their run. A
patient's number is the union of the bits of the patient's episodes, so distinct patients are counted exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.queries.counting import sum_of, sum_of_squares
from synapse_analytics.store.tables import episode_facts

FACTS = episode_facts.c
SQUARES = "_squares"
WHOLE = None  # the key of the whole cohort
Names = tuple[str, ...]
Case = Sequence[tuple[sa.ColumnElement[bool], Names]]  # the first condition that fits says what is true of the episode


@dataclass(slots=True)
class Tally:
    """By name the episodes and distinct patients of which it is true, and sums."""

    episodes: dict[str, int] = field(default_factory=dict)
    patients: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted over which episodes: `key` splits them, `sums` adds up whole numbers and, under
    their name with SQUARES, their squares."""

    key: sa.ColumnElement[Any]
    cases: Sequence[Case]
    sums: Mapping[str, sa.ColumnElement[Any]] = field(default_factory=dict)
    where: tuple[sa.ColumnElement[bool], ...] = ()

    @property
    def names(self) -> Names:
        """Every name there is; its place is its bit."""
        return tuple(dict.fromkeys(name for case in self.cases for _, names in case for name in names))

    def flags(self) -> sa.ColumnElement[int]:
        """The number whose bits say what is true of an episode."""
        bit = {name: 1 << place for place, name in enumerate(self.names)}
        numbers = [
            sa.cast(sa.case(*((held, sum(bit[name] for name in names)) for held, names in case), else_=0), sa.BigInteger)
            for case in self.cases
        ]
        return sum(numbers[1:], numbers[0])


Columns = Mapping[str, np.ndarray]


def tally(clinic: Clinic, cohort: Cohort, asked: Counting) -> dict[int | None, Tally]:
    """Key -> Tally; under WHOLE the cohort as a whole, whose patients may lie under several keys."""
    facts = _facts(cohort, asked)
    scan = _arrays(clinic, _scan(facts, asked))
    several = _arrays(clinic, _several(facts))
    found: dict[int | None, Tally] = {WHOLE: _tally(asked, scan, {name: column[several["whole"]] for name, column in several.items()})}
    for key in np.unique(scan["key"]).tolist():
        theirs = ~several["whole"] & (several["key"] == key)
        of_key = {name: column[scan["key"] == key] for name, column in scan.items()}
        found[key] = _tally(asked, of_key, {name: column[theirs] for name, column in several.items()})
    return found


def _tally(asked: Counting, scan: Columns, several: Columns) -> Tally:
    """Episodes from the scan; patients from its only episodes and from the patients with several."""
    single = np.where(scan["only"], scan["n"], 0)
    made = Tally(sums={name + end: int(scan[name + end].sum()) for name in asked.sums for end in ("", SQUARES)})
    for place, name in enumerate(asked.names):
        held, theirs = (scan["flags"] >> place) & 1 == 1, (several["flags"] >> place) & 1 == 1
        made.episodes[name] = int(scan["n"][held].sum())
        made.patients[name] = int(single[held].sum() + several["n"][theirs].sum())
    return made


def _arrays(clinic: Clinic, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> Columns:
    """Columns as arrays; an absent sum or key (there is none of either) is 0."""
    table = clinic.arrow(statement)
    columns = dict(zip(table.column_names, table.columns, strict=True))
    return {name: (column.fill_null(0) if column.null_count else column).to_numpy() for name, column in columns.items()}


def _facts(cohort: Cohort, asked: Counting) -> sa.Subquery:
    """key, only, patient_key, flags and what is summed, one row per episode: every expression is written once."""
    summed = [value.label(name) for name, value in asked.sums.items()]
    columns = (asked.key.label("key"), FACTS.only_episode.label("only"), FACTS.patient_key, asked.flags().label("flags"), *summed)
    return sa.select(*columns).where(*asked.where, *cohort.where()).subquery("facts")


def _scan(facts: sa.Subquery, asked: Counting) -> sa.Select[Any]:
    keys = (facts.c.key, facts.c.only, facts.c.flags)
    totals = [
        total.label(f"{name}{end}")
        for name in asked.sums
        for end, total in (("", sum_of(facts.c[name])), (SQUARES, sum_of_squares(facts.c[name])))
    ]
    return sa.select(*keys, sa.func.count().label("n"), *totals).group_by(*keys)


def _several(facts: sa.Subquery) -> sa.CompoundSelect[Any]:
    """Patients with several episodes by what is true of any of them: per key, and once more over all keys."""
    union = sa.func.bit_or(facts.c.flags).label("flags")
    each = sa.select(facts.c.key, facts.c.patient_key, union).where(facts.c.only.is_(False)).group_by(facts.c.key, facts.c.patient_key)
    per_key = each.cte("per_key")
    once = sa.select(per_key.c.patient_key, sa.func.bit_or(per_key.c.flags).label("flags")).group_by(per_key.c.patient_key).subquery("once")
    nothing = sa.cast(sa.null(), sa.Integer).label("key")
    return sa.union_all(
        sa.select(per_key.c.key, per_key.c.flags, sa.false().label("whole"), sa.func.count().label("n")).group_by(
            per_key.c.key, per_key.c.flags
        ),
        sa.select(nothing, once.c.flags, sa.true().label("whole"), sa.func.count().label("n")).group_by(once.c.flags),
    )
