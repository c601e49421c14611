"""How patients stood just before their care escalated, and at 12 weeks where it had not; and when conservative care stops helping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_column
from synapse_analytics.queries.escalation import at_risk_on_day_0
from synapse_analytics.store.functions import ordered_value, value_of
from synapse_analytics.store.tables import FIRST_VISIT, episode_facts, index_days, scores, visit_scores, week_scores

FACTS, SCORES, INDEX, WEEKS = episode_facts.c, scores.c, index_days.c, week_scores.c
Array = np.ndarray
BEFORE_DAYS = 60
TWELVE_WEEKS = 84
LAST_WEEK = 51
NEVER = 100_000


@dataclass(frozen=True, slots=True)
class Standing:
    """One entry per episode: scores in thousandths, NaN where there is none; `day` is that of the first escalation, NaN = never."""

    group: list[Any]
    patient: Array
    baseline: Array
    score: Array
    day: Array


def before_escalation(clinic: Clinic, cohort: Cohort, by: str | None, event: str) -> Standing:
    """Episodes that escalated on day 1 or later: baseline at the first visit, and the last answer in the 60 days up to it, day 0 left out.

    An answer of the first visit itself is the baseline and says nothing about a response.
    """
    day = FACTS[f"first_{event}_day"]
    instrument = v.position(v.INSTRUMENTS, clinic.generation.headline)
    before = (
        sa.select(SCORES.episode_key, sa.func.max(ordered_value(SCORES.day, SCORES.value)).label("packed"))
        .join(episode_facts, FACTS.episode_key == SCORES.episode_key)
        .where(SCORES.instrument == instrument, SCORES.day >= 1, SCORES.day.between(day - BEFORE_DAYS, day), *cohort.where())
        .group_by(SCORES.episode_key)
        .subquery()
    )
    statement = (
        sa.select(
            group_column(by).label("group"),
            FACTS.patient_key,
            FACTS.headline_baseline.label("baseline"),
            value_of(before.c.packed).label("score"),
            day.label("day"),
        )
        .outerjoin(before, before.c.episode_key == FACTS.episode_key)
        .where(day >= 1, *at_risk_on_day_0(event), *cohort.where())
    )
    return _standing(clinic.arrow(statement))


def at_twelve_weeks(clinic: Clinic, cohort: Cohort, by: str | None) -> Standing:
    """Episodes still under conservative care 12 weeks after the first visit, with their score at 3 months; `day` as in Standing.

    Under care: neither injection nor surgery nor closed up to day 84, and some conservative treatment begun by then.
    """
    conservative = sum(1 << place for place, term in enumerate(v.TREATMENTS) if term.stage == "conservative")
    escalated = sa.case(
        (sa.func.coalesce(FACTS.first_injection_day, NEVER) <= sa.func.coalesce(FACTS.first_surgery_day, NEVER), FACTS.first_injection_day),
        else_=FACTS.first_surgery_day,
    )
    statement = (
        sa.select(
            group_column(by).label("group"),
            FACTS.patient_key,
            visit_scores.c.baseline,
            visit_scores.c.value.label("score"),
            escalated.label("day"),
        )
        .join(episode_facts, FACTS.episode_key == visit_scores.c.episode_key)
        .where(
            visit_scores.c.index_code == FIRST_VISIT,
            visit_scores.c.instrument == v.position(v.INSTRUMENTS, clinic.generation.headline),
            visit_scores.c.visit == v.position(v.VISITS, "month_3"),
            FACTS.treatments.bitwise_and(conservative) != 0,
            FACTS.first_treatment_day <= TWELVE_WEEKS,
            sa.func.coalesce(escalated, NEVER) > TWELVE_WEEKS,
            sa.func.coalesce(FACTS.closed_day, NEVER) > TWELVE_WEEKS,
            *at_risk_on_day_0("injection"),
            *cohort.where(),
        )
    )
    return _standing(clinic.arrow(statement))


def _standing(table: pa.Table) -> Standing:
    numbers = [table[name].cast(pa.float64()).to_numpy() for name in ("baseline", "score", "day")]
    return Standing(table["group"].to_pylist(), table["patient_key"].to_numpy(), *numbers)


@dataclass(frozen=True, slots=True)
class WeeklyScores:
    """Answers by diagnosis, class (position) and week since the class was begun; thousandths."""

    diagnosis: Array
    treatment_class: Array
    week: Array
    value: Array
    patient: Array


def weeks_of_conservative_care(clinic: Clinic, cohort: Cohort) -> WeeklyScores:
    """The last answer of every week from the start of each conservative class, as long as nothing had escalated."""
    parts = []
    for place, term in enumerate(v.TREATMENT_CLASSES):
        codes = [number + 1 for number, one in enumerate(v.TREATMENTS) if one.treatment_class == term.code]
        if term.stage == "conservative":
            parts.append(_weeks_of_class(clinic, cohort, place, codes))
    table = clinic.arrow(sa.union_all(*parts))
    names = ("diagnosis", "treatment_class", "week", "value", "patient_key")
    return WeeklyScores(*(table[name].to_numpy().astype(np.int64) for name in names))


def _weeks_of_class(clinic: Clinic, cohort: Cohort, place: int, codes: list[int]) -> sa.Select[Any]:
    packed = sa.func.min(ordered_value(INDEX.index_day, INDEX.index_code)).label("packed")
    first = sa.select(INDEX.episode_key, packed).where(INDEX.index_code.in_(codes)).group_by(INDEX.episode_key).subquery()
    last_day = INDEX.index_day + 7 * WEEKS.week + 6
    return (
        sa.select(FACTS.diagnosis, sa.literal(place).label("treatment_class"), WEEKS.week, WEEKS.value, FACTS.patient_key)
        .select_from(first)
        .join(index_days, sa.and_(INDEX.episode_key == first.c.episode_key, INDEX.index_code == value_of(first.c.packed)))
        .join(week_scores, sa.and_(WEEKS.episode_key == INDEX.episode_key, WEEKS.index_code == INDEX.index_code))
        .join(episode_facts, FACTS.episode_key == INDEX.episode_key)
        .where(
            WEEKS.instrument == v.position(v.INSTRUMENTS, clinic.generation.headline),
            WEEKS.week.between(0, LAST_WEEK),
            sa.func.coalesce(FACTS.first_injection_day, NEVER) > last_day,
            sa.func.coalesce(FACTS.first_surgery_day, NEVER) > last_day,
            *cohort.where(),
        )
    )
