"""Who is under care and not operated on a landmark day, and when surgery came after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counts, Relation, count
from synapse_analytics.queries.arms import Arm, landmark, unoperated
from synapse_analytics.store.tables import episode_facts

FACTS = episode_facts.c
Array = np.ndarray
REASONS = ("operated_by_then", "closed_by_then", "not_observed_so_long", "injected_before")  # the first that fits counts


@dataclass(frozen=True, slots=True)
class Exits:
    """Of each episode the day since the first visit on which it left the risk set of surgery, and why: see store/marts/exits.py."""

    episode: Array
    day: Array
    cause: Array


def arms(day: int) -> tuple[Arm, Arm]:
    """With and without an injection by this day, among those who were not operated by then."""
    with_, without = (v.Strategy(f"{code}injection_by_day_{day}", "", stage="injection", day=day, done=not code) for code in ("", "no_"))
    return Arm(with_.code, strategy=with_, unoperated=True), Arm(without.code, strategy=without, unoperated=True)


def whom(clinic: Clinic, cohort: Cohort, day: int) -> Counts:
    """Every episode of the cohort under the place of the reason in REASONS for which it is not compared, or under their number."""
    operated, closed = ~sa.and_(*unoperated(day)), FACTS.closed_day <= day
    tests = (operated, closed, FACTS.days_surely_observed < day, FACTS.injected_before_day_0)
    reason = sa.case(*((test, place) for place, test in enumerate(tests)), else_=len(REASONS))
    return count(clinic, cohort, Relation(("landmark", day), keys=(reason,)))


def exits(clinic: Clinic, cohort: Cohort, day: int) -> Exits:
    """When the episodes that are under care and not operated on the landmark day left the risk set of surgery."""
    columns = (FACTS.episode_key, FACTS.surgery_exit_day, FACTS.surgery_exit_cause)
    table = clinic.arrow(sa.select(*columns).where(*landmark(arms(day)[0]), *cohort.where()))
    return Exits(*(table.column(place).to_numpy() for place in range(len(columns))))
