"""Many counts over the episodes of a cohort in one scan, per key and as a whole, with the distinct patients behind each.

Everything that is true of an episode becomes a bit of one whole number, and episodes are counted per number: a statement
of one short expression, where a count per condition made statements whose planning alone took longer than their run. A
patient's number is the union of the bits of the patient's episodes, so distinct patients are counted exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.queries.counting import sum_of, sum_of_squares
from synapse_analytics.queries.scored import has_few
from synapse_analytics.store.tables import episode_facts

FACTS = episode_facts.c
SQUARES = "_squares"
WHOLE = None  # the key of the whole cohort
Key = int | str | None  # a month, a quarter, a unit
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
    exact: Names = ()  # whose patients are shown, not only held against a limit
    source: sa.FromClause = episode_facts  # the facts, or the facts joined to one row more per episode

    def only(self, names: Names) -> list[Case]:
        """The cases that say something about these names."""
        kept = [[(held, tuple(name for name in found if name in names)) for held, found in case] for case in self.cases]
        return [case for case in kept if any(found for _, found in case)]

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


def tally(clinic: Clinic, cohort: Cohort, asked: Counting) -> dict[Key, Tally]:
    """Key -> Tally; under WHOLE the cohort as a whole, whose patients may lie under several keys.

    Where no number of patients is small, only those of `asked.exact` are exact; the others are a lower limit (has_few).
    """
    facts = _facts(cohort, asked)
    scan, sums = _arrays(clinic, _scan(facts)), _arrays(clinic, _sums(facts, asked)) if asked.sums else None
    found = {key: _tally(asked, scan, sums, key) for key in (WHOLE, *np.unique(scan["key"]).tolist())}
    counts = ((tally.episodes[name], tally.patients[name]) for tally in found.values() for name in asked.names)
    names = asked.names if has_few(clinic, counts) else asked.exact
    if names:
        told = replace(asked, cases=asked.only(names), sums={})
        several = _arrays(clinic, _several(_facts(cohort, told)))
        for key, made in found.items():
            theirs = several["whole"] if key is WHOLE else ~several["whole"] & (several["key"] == key)
            for place, name in enumerate(told.names):
                made.patients[name] += int(several["n"][theirs & _has(several["flags"], place)].sum())
    return found


def _tally(asked: Counting, scan: Columns, sums: Columns | None, key: Key) -> Tally:
    """Episodes of a key, those of patients with one episode as its patients, and its sums."""
    made = Tally()
    inside = np.ones(len(scan["key"]), dtype=bool) if key is WHOLE else scan["key"] == key
    flags, n, only = (scan[name][inside] for name in ("flags", "n", "only"))
    for place, name in enumerate(asked.names):
        held = _has(flags, place)
        made.episodes[name], made.patients[name] = int(n[held].sum()), int(n[held & only].sum())
    if sums is not None:
        added = np.ones(len(sums["key"]), dtype=bool) if key is WHOLE else sums["key"] == key
        made.sums = {name: int(column[added].sum()) for name, column in sums.items() if name != "key"}
    return made


def _has(flags: np.ndarray, place: int) -> np.ndarray:
    return (flags >> place) & 1 == 1


def _arrays(clinic: Clinic, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> Columns:
    """Columns as arrays; an absent sum or key (there is none of either) is 0."""
    table = clinic.arrow(statement)
    columns = dict(zip(table.column_names, table.columns, strict=True))
    return {name: (column.fill_null(_absent(column)) if column.null_count else column).to_numpy() for name, column in columns.items()}


def _absent(column: Any) -> int | str:
    """What stands for null in a column of an Arrow table; no column of numbers or units holds it otherwise where it matters."""
    return "" if str(column.type) in ("string", "large_string") else 0


def _facts(cohort: Cohort, asked: Counting) -> sa.Subquery:
    """key, only, patient_key, flags and what is summed, one row per episode: every expression is written once."""
    summed = [value.label(name) for name, value in asked.sums.items()]
    columns = (asked.key.label("key"), FACTS.only_episode.label("only"), FACTS.patient_key, asked.flags().label("flags"), *summed)
    return sa.select(*columns).select_from(asked.source).where(*asked.where, *cohort.where()).subquery("facts")


def _scan(facts: sa.Subquery) -> sa.Select[Any]:
    keys = (facts.c.key, facts.c.only, facts.c.flags)
    return sa.select(*keys, sa.func.count().label("n")).group_by(*keys)


def _sums(facts: sa.Subquery, asked: Counting) -> sa.Select[Any]:
    """Sums and squares per key: kept out of the scan, whose many groups would each carry them."""
    ends = (("", sum_of), (SQUARES, sum_of_squares))
    return sa.select(facts.c.key, *(total(facts.c[name]).label(f"{name}{end}") for name in asked.sums for end, total in ends)).group_by(
        facts.c.key
    )


def _several(facts: sa.Subquery) -> sa.CompoundSelect[Any]:
    """Patients with several episodes by what is true of any of them: per key, and once more over all keys."""
    union = sa.func.bit_or(facts.c.flags).label("flags")
    each = sa.select(facts.c.key, facts.c.patient_key, union).where(facts.c.only.is_(False)).group_by(facts.c.key, facts.c.patient_key)
    per_key = each.cte("per_key")
    once = sa.select(per_key.c.patient_key, sa.func.bit_or(per_key.c.flags).label("flags")).group_by(per_key.c.patient_key).subquery("once")
    nothing = sa.cast(sa.null(), facts.c.key.type).label("key")
    return sa.union_all(
        sa.select(per_key.c.key, per_key.c.flags, sa.false().label("whole"), sa.func.count().label("n")).group_by(
            per_key.c.key, per_key.c.flags
        ),
        sa.select(nothing, once.c.flags, sa.true().label("whole"), sa.func.count().label("n")).group_by(once.c.flags),
    )
