"""The counts behind the indicators of the overview: a few passes over episode_facts, split by quarter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.queries.calendar import month_of_event, quarter
from synapse_analytics.queries.counting import sum_of, sum_of_squares
from synapse_analytics.queries.escalation import at_risk_on_day_0, day_and_cause
from synapse_analytics.queries.response import can_respond, responded
from synapse_analytics.queries.tallies import Counting, Tally, tally
from synapse_analytics.store.tables import episode_facts

FACTS = episode_facts.c
YEAR = 365
CONSERVATIVE_DAYS = 42  # of conservative care before the first injection or surgery
SAFETY_DAYS = 90
VISITS = {"3_months": "month_3", "12_months": "month_12"}
Tallies = dict[int | None, Tally]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A score of the overview: `prefix` of its columns in episode_facts, its baseline, instrument and responder preset."""

    name: str
    prefix: str
    baseline: sa.ColumnElement[int]
    instrument: v.Instrument
    preset: v.Preset


def first_visit_quarter() -> sa.ColumnElement[Any]:
    """Quarter of the first visit."""
    return quarter(FACTS.first_visit_month)


def lost_before(day: sa.ColumnElement[Any] | int) -> sa.ColumnElement[bool]:
    """Whether the episode left observation (lost or referred) before a day."""
    away = [v.position(v.STATUSES, code) for code in ("lost", "referred")]
    return sa.and_(FACTS.status.in_(away), FACTS.closed_day < day)


def episode_tallies(clinic: Clinic, cohort: Cohort, outcomes: tuple[Outcome, ...]) -> Tallies:
    """Counts by quarter of the first visit: seen, treated, stepped care, time to surgery, and each outcome.

    Conditions of an outcome and visit: `_expected`, `_missing`, `_n` answered, `_able`, `_hit`, `_miss`; sums `_change`, `_squares`.
    """
    plain = sa.and_(FACTS.conservative_days_before_escalation.is_not(None), FACTS.red_flags.is_not(True))
    enough = FACTS.conservative_days_before_escalation >= CONSERVATIVE_DAYS
    day, cause = day_and_cause("surgery")
    waiting = sa.and_(*at_risk_on_day_0("surgery"))
    operated = sa.and_(cause == 1, day <= YEAR)
    conditions: dict[str, sa.ColumnElement[bool]] = {
        "seen": sa.true(),
        "treated": FACTS.first_treatment_day.is_not(None),
        "stepped_n": plain,
        "stepped_hit": sa.and_(plain, enough),
        "stepped_miss": sa.and_(plain, sa.not_(enough)),
        "surgery_n": waiting,
        "surgery_hit": sa.and_(waiting, operated),
        "surgery_miss": sa.and_(waiting, sa.not_(operated)),
        "surgery_watched": sa.and_(waiting, sa.or_(operated, sa.not_(sa.func.coalesce(lost_before(YEAR), sa.false())))),
    }
    sums: dict[str, sa.ColumnElement[Any]] = {}
    for outcome in outcomes:
        for name, visit in VISITS.items():
            _add_outcome(conditions, sums, outcome, name, visit)
    return tally(clinic, cohort, Counting(first_visit_quarter(), conditions, sums))


def _add_outcome(conditions: dict[str, Any], sums: dict[str, Any], outcome: Outcome, name: str, visit: str) -> None:
    stem = f"{outcome.name}_{name}"
    value = FACTS[f"{outcome.prefix}_{visit}"]
    answered = value.is_not(None)
    able = sa.and_(answered, can_respond(outcome.preset, outcome.instrument, outcome.baseline))
    met = responded(outcome.preset, outcome.instrument, outcome.baseline, value)
    expected = sa.and_(outcome.baseline.is_not(None), FACTS.closed_visits >= v.position(v.VISITS, visit))
    conditions |= {
        f"{stem}_expected": expected,
        f"{stem}_missing": sa.and_(expected, sa.not_(answered)),
        f"{stem}_n": answered,
        f"{stem}_able": able,
        f"{stem}_hit": sa.and_(able, met),
        f"{stem}_miss": sa.and_(able, sa.not_(met)),
    }
    change = value - outcome.baseline
    sums |= {f"{stem}_change": sum_of(change), f"{stem}_squares": sum_of_squares(change)}


def surgery_tallies(clinic: Clinic, cohort: Cohort) -> Tallies:
    """Counts by calendar quarter of the first surgery: what followed within a window that is surely closed."""
    conditions: dict[str, sa.ColumnElement[bool]] = {}
    events = {
        "complications_90": (FACTS.complication_days, SAFETY_DAYS),
        "reoperation_90": (FACTS.next_surgery_days, SAFETY_DAYS),
        "reoperation_365": (FACTS.next_surgery_days, YEAR),
    }
    for name, (days, window) in events.items():
        end = FACTS.first_surgery_day + window
        closed = FACTS.days_surely_observed >= end
        happened = sa.func.coalesce(days <= window, sa.false())
        watched = sa.or_(happened, sa.not_(sa.func.coalesce(lost_before(end), sa.false())))
        conditions |= {
            f"{name}_n": closed,
            f"{name}_hit": sa.and_(closed, happened),
            f"{name}_miss": sa.and_(closed, sa.not_(happened)),
            f"{name}_watched": sa.and_(closed, watched),
        }
    month = month_of_event(FACTS.first_visit_month, FACTS.first_surgery_day)
    return tally(clinic, cohort, Counting(quarter(month), conditions, where=(FACTS.first_surgery_day.is_not(None),)))


def surgery_times(clinic: Clinic, cohort: Cohort) -> list[dict[str, Any]]:
    """key (quarter of the first visit), day, cause, n: when episodes were operated, had a competing end or were censored.

    Whatever happens after a year is one entry, still at risk.
    """
    day, cause = day_and_cause("surgery")
    key = first_visit_quarter().label("key")
    within = day <= YEAR
    shown = sa.case((within, day), else_=YEAR + 1).label("day")
    why = sa.case((within, cause), else_=0).label("cause")
    statement = sa.select(key, shown, why, sa.func.count().label("n")).where(*at_risk_on_day_0("surgery"), *cohort.where())
    return clinic.rows(statement.group_by(key, shown, why))


def waits(clinic: Clinic, cohort: Cohort) -> list[dict[str, Any]]:
    """key (quarter of the first visit), value (days to the first treatment), n."""
    key = first_visit_quarter().label("key")
    value = FACTS.first_treatment_day.label("value")
    statement = sa.select(key, value, sa.func.count().label("n")).where(value.is_not(None), *cohort.where())
    return clinic.rows(statement.group_by(key, value))
