"""One side of a comparison: the treatments or the strategy that are judged, what makes a crossover, and the clauses that say who belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.store.tables import FIRST_VISIT, episode_facts, treatments

FACTS = episode_facts.c
BEFORE = {"injection": FACTS.injected_before_day_0, "surgery": FACTS.operated_before_day_0}  # stages whose starts are columns


@dataclass(frozen=True, slots=True)
class Arm:
    """One side of a comparison: treatments (positions) and their rivals, whose start is a crossover; or a strategy.

    Where a strategy is `unoperated`, only episodes without surgery up to its landmark belong to it.
    """

    code: str
    treatments: tuple[int, ...] = ()
    rivals: tuple[int, ...] = ()
    strategy: v.Strategy | None = None
    unoperated: bool = False

    @property
    def rival_stages(self) -> tuple[str, ...]:
        """The stages of which every treatment is a rival."""
        return tuple(stage for stage in BEFORE if set(_of_stage(stage)) <= set(self.rivals))

    @property
    def other_rivals(self) -> tuple[int, ...]:
        """The rivals that belong to none of these."""
        return tuple(place for place in self.rivals if v.TREATMENTS[place].stage not in self.rival_stages)


def indexes_of(arm: Arm) -> tuple[int, ...]:
    """The codes of the indexes of an arm."""
    return (FIRST_VISIT,) if arm.strategy else tuple(place + 1 for place in arm.treatments)


def first_rivals(rivals: tuple[int, ...]) -> sa.Subquery:
    """episode_key, start_day: the first start of any of these treatments, on whichever day."""
    given = treatments.c
    first = sa.func.min(given.start_day).label("start_day")
    return sa.select(given.episode_key, first).where(given.treatment.in_(rivals)).group_by(given.episode_key).subquery()


def rival_columns(arm: Arm) -> dict[str, sa.ColumnElement[Any]]:
    """The first day of the stages that are rivals and whether they were there before day 0; of a strategy the day that decides."""
    if arm.strategy:
        return {f"first_{arm.strategy.stage}": FACTS[f"first_{arm.strategy.stage}_day"]}
    days = {f"first_{stage}": FACTS[f"first_{stage}_day"] for stage in arm.rival_stages}
    return days | {f"{stage}_before": BEFORE[stage] for stage in arm.rival_stages}


def landmark(arm: Arm) -> list[sa.ColumnElement[bool]]:
    """Alive, under care and observed on the day of a strategy; those who had it before the first visit belong to neither side."""
    if arm.strategy is None:
        return []
    day = arm.strategy.day
    alive = sa.or_(FACTS.closed_day.is_(None), FACTS.closed_day > day)
    clauses = [BEFORE[arm.strategy.stage].is_not(True), alive, FACTS.days_surely_observed >= day]
    return [*clauses, *unoperated(day)] if arm.unoperated else clauses


def unoperated(day: int) -> list[sa.ColumnElement[bool]]:
    """No surgery up to this day, nor before the first visit."""
    return [FACTS.operated_before_day_0.is_not(True), sa.or_(FACTS.first_surgery_day.is_(None), FACTS.first_surgery_day > day)]


def _of_stage(stage: str) -> tuple[int, ...]:
    return tuple(place for place, term in enumerate(v.TREATMENTS) if term.stage == stage)
