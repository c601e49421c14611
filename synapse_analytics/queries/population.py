"""The patients and episodes of a cohort, and how many are left after each of its filters."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, check_allowed
from synapse_analytics.counts import Counts, Relation, count
from synapse_analytics.queries.rest import check_rest


@dataclass(frozen=True, slots=True)
class Step:
    """The patients and episodes left after a filter, and how many patients lost an episode by it."""

    name: str
    patients: int
    episodes: int
    touched: int


def population(clinic: Clinic, cohort: Cohort, *, by: str | None = None) -> tuple[int, int]:
    """(patients, episodes) of a cohort; NotAllowed when the policy forbids the cohort or a split `by` this attribute."""
    check_allowed(cohort, clinic.policy.name, by=by)
    passed, last = _passed(clinic, cohort), str(len(cohort.in_use()))
    patients, episodes = int(passed.patients(last)[0]), int(passed.episodes(last)[0])
    if clinic.policy.rounds and patients >= clinic.policy.group:
        check_rest(clinic, cohort)
    return patients, episodes


def attrition(clinic: Clinic, cohort: Cohort) -> list[Step]:
    """The patients and episodes left after each filter, from "all" on. A patient who loses one of two episodes counts as touched."""
    check_allowed(cohort, clinic.policy.name)
    passed = _passed(clinic, cohort)
    names = ["all", *(name for name, _, _ in cohort.clauses())]
    if clinic.policy.rounds and int(passed.patients(str(len(names) - 1))[0]) >= clinic.policy.group:
        check_rest(clinic, cohort)
    return [
        Step(
            name,
            int(passed.patients(str(place))[0]),
            int(passed.episodes(str(place))[0]),
            int(passed.outside(str(place), str(place - 1))[0]) if place else 0,
        )
        for place, name in enumerate(names)
    ]


def _passed(clinic: Clinic, cohort: Cohort) -> Counts:
    """All episodes, counted by the filters they pass."""
    return count(clinic, Cohort(), _filters(cohort)).whole()


@functools.lru_cache(maxsize=64)  # every answer of a page asks it
def _filters(cohort: Cohort) -> Relation:
    """The fact k holds where an episode passes the first k filters."""
    clauses = [clause for _, _, clause in cohort.clauses()]
    flags: sa.ColumnElement[Any] = sa.literal_column(str((2 << len(clauses)) - 1))
    for place in reversed(range(len(clauses))):  # an unknown (null) attribute passes no filter
        flags = sa.case((clauses[place], flags), else_=sa.literal_column(str((2 << place) - 1)))
    return Relation(("passed", cohort), flags=flags, bits={str(place): place for place in range(len(clauses) + 1)})
