"""Many counts over the episodes of a cohort in one scan, per key and as a whole, with the distinct patients behind each.

Patients with one episode are counted by the scan itself, which is split by `only_episode`; the few others are reduced
to one row per patient. That keeps the overview at two passes over one narrow table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.queries.counting import count_where
from synapse_analytics.store.tables import episode_facts

FACTS = episode_facts.c
WHOLE = None  # the key of the whole cohort
Conditions = Mapping[str, sa.ColumnElement[bool]]


@dataclass(slots=True)
class Tally:
    """Per condition the episodes and distinct patients that meet it, and sums by name."""

    episodes: dict[str, int] = field(default_factory=dict)
    patients: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted over which episodes: `key` splits them, `sums` are aggregates of whole numbers."""

    key: sa.ColumnElement[Any]
    conditions: Conditions
    sums: Mapping[str, sa.ColumnElement[Any]] = field(default_factory=dict)
    where: tuple[sa.ColumnElement[bool], ...] = ()


def tally(clinic: Clinic, cohort: Cohort, asked: Counting) -> dict[int | None, Tally]:
    """Key -> Tally; under WHOLE the cohort as a whole, whose patients may lie under several keys."""
    found: dict[int | None, Tally] = {WHOLE: _empty(asked)}
    for row in clinic.rows(_scan(cohort, asked)):
        for into in (found.setdefault(row["key"], _empty(asked)), found[WHOLE]):
            for name in asked.conditions:
                into.episodes[name] += row[f"met_{name}"]
                into.patients[name] += row[f"met_{name}"] if row["only"] else 0
            for name in asked.sums:
                into.sums[name] += int(row[f"sum_{name}"] or 0)
    for row in clinic.rows(_others(cohort, asked)):
        into = found[WHOLE] if row["whole"] else found[row["key"]]
        for name in asked.conditions:
            into.patients[name] += row[f"met_{name}"]
    return found


def _empty(asked: Counting) -> Tally:
    zeros = dict.fromkeys(asked.conditions, 0)
    return Tally(dict(zeros), dict(zeros), dict.fromkeys(asked.sums, 0))


def _scan(cohort: Cohort, asked: Counting) -> sa.Select[Any]:
    key, only = asked.key.label("key"), FACTS.only_episode.label("only")
    met = [count_where(condition).label(f"met_{name}") for name, condition in asked.conditions.items()]
    sums = [total.label(f"sum_{name}") for name, total in asked.sums.items()]
    return sa.select(key, only, *met, *sums).where(*asked.where, *cohort.where()).group_by(key, only)


def _others(cohort: Cohort, asked: Counting) -> sa.CompoundSelect[Any]:
    """Patients with several episodes: per key, and once more over all keys."""
    key = asked.key.label("key")
    met = [sa.func.max(sa.case((condition, 1))).label(f"met_{name}") for name, condition in asked.conditions.items()]
    wanted = (FACTS.only_episode.is_(False), *asked.where, *cohort.where())
    each = sa.select(key, FACTS.patient_key, *met).where(*wanted).group_by(key, FACTS.patient_key).cte("each")
    names = [f"met_{name}" for name in asked.conditions]
    per_key = sa.select(each.c.key, sa.false().label("whole"), *(sa.func.count(each.c[name]).label(name) for name in names)).group_by(
        each.c.key
    )
    once = sa.select(each.c.patient_key, *(sa.func.max(each.c[name]).label(name) for name in names)).group_by(each.c.patient_key).subquery()
    nothing = sa.cast(sa.null(), sa.Integer).label("key")
    whole = sa.select(nothing, sa.true().label("whole"), *(sa.func.count(once.c[name]).label(name) for name in names))
    return sa.union_all(per_key, whole)
