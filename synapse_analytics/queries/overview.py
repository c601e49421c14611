"""The counts behind the indicators of the overview: a few passes over episode_facts, split by quarter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.queries.calendar import quarter
from synapse_analytics.queries.escalation import at_risk_on_day_0
from synapse_analytics.queries.response import can_respond, responded
from synapse_analytics.queries.tallies import Case, Counting, Tally, tally
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

    Of an outcome and visit: `_expected`, `_missing`, `_n` answered, `_able`, `_hit`, `_miss`; sums `_change` and their squares.
    """
    plain = sa.and_(FACTS.conservative_days_before_escalation.is_not(None), FACTS.red_flags.is_not(True))
    enough = FACTS.conservative_days_before_escalation >= CONSERVATIVE_DAYS
    cases: list[Case] = [
        [(FACTS.first_treatment_day.is_not(None), ("seen", "treated")), (sa.true(), ("seen",))],
        [(sa.not_(plain), ()), (enough, ("stepped_n", "stepped_hit")), (sa.true(), ("stepped_n", "stepped_miss"))],
        _operated_within_a_year(),
    ]
    sums: dict[str, sa.ColumnElement[Any]] = {}
    for outcome in outcomes:
        for name, visit in VISITS.items():
            cases.append(_outcome_case(outcome, name, visit))
            change = FACTS[f"{outcome.prefix}_{visit}"] - outcome.baseline
            sums[f"{outcome.name}_{name}_change"] = change
    return tally(clinic, cohort, Counting(first_visit_quarter(), cases, sums, exact=("seen",)))


def _operated() -> sa.ColumnElement[bool]:
    """Operated before the episode closed: what queries.escalation says of surgery, shorter because follow-up never ends before."""
    return sa.and_(FACTS.first_surgery_day.is_not(None), sa.or_(FACTS.closed_day.is_(None), FACTS.first_surgery_day <= FACTS.closed_day))


def _operated_within_a_year() -> Case:
    """Who is waiting on day 0, who was operated first of all by day 365, and who was not lost before."""
    waiting = sa.and_(*at_risk_on_day_0("surgery"))
    return [
        (sa.not_(waiting), ()),
        (sa.and_(FACTS.first_surgery_day <= YEAR, _operated()), ("surgery_n", "surgery_hit", "surgery_watched")),
        (lost_before(YEAR), ("surgery_n", "surgery_miss")),
        (sa.true(), ("surgery_n", "surgery_miss", "surgery_watched")),
    ]


def _outcome_case(outcome: Outcome, name: str, visit: str) -> Case:
    def named(*ends: str) -> tuple[str, ...]:
        return tuple(f"{outcome.name}_{name}_{end}" for end in ends)

    value = FACTS[f"{outcome.prefix}_{visit}"]
    expected = sa.and_(outcome.baseline.is_not(None), FACTS.closed_visits >= v.position(v.VISITS, visit))
    return [
        (sa.not_(expected), ()),
        (value.is_(None), named("expected", "missing")),
        (sa.not_(can_respond(outcome.preset, outcome.instrument, outcome.baseline)), named("expected", "n")),
        (responded(outcome.preset, outcome.instrument, outcome.baseline, value), named("expected", "n", "able", "hit")),
        (sa.true(), named("expected", "n", "able", "miss")),
    ]


def surgery_tallies(clinic: Clinic, cohort: Cohort) -> Tallies:
    """Counts by calendar quarter of the first surgery: what followed within a window that is surely closed."""
    cases = [
        _after_surgery_case("complications_90", FACTS.complication_days, SAFETY_DAYS),
        _after_surgery_case("reoperation_90", FACTS.next_surgery_days, SAFETY_DAYS),
        _after_surgery_case("reoperation_365", FACTS.next_surgery_days, YEAR),
    ]
    return tally(clinic, cohort, Counting(quarter(FACTS.first_surgery_month), cases, where=(FACTS.first_surgery_day.is_not(None),)))


def _after_surgery_case(name: str, days: sa.ColumnElement[int], window: int) -> Case:
    end = FACTS.first_surgery_day + window
    return [
        (FACTS.days_surely_observed < end, ()),
        (days <= window, (f"{name}_n", f"{name}_hit", f"{name}_watched")),
        (lost_before(end), (f"{name}_n", f"{name}_miss")),
        (sa.true(), (f"{name}_n", f"{name}_miss", f"{name}_watched")),
    ]


def surgery_times(clinic: Clinic, cohort: Cohort) -> list[dict[str, Any]]:
    """key (quarter of the first visit), day, cause, n: when episodes were operated (1), had a competing end (2), were censored (0).

    Whatever happens after a year is one entry, still at risk.
    """
    final = [v.position(v.STATUSES, code) for code in ("resolved", "discharged", "died")]
    ended = sa.and_(FACTS.closed_day.is_not(None), FACTS.status.in_(final))
    day = sa.case((_operated(), FACTS.first_surgery_day), else_=sa.func.coalesce(FACTS.closed_day, FACTS.follow_up_end))
    columns = (first_visit_quarter().label("key"), day.label("day"), sa.case((_operated(), 1), (ended, 2), else_=0).label("cause"))
    left = sa.select(*columns).where(*at_risk_on_day_0("surgery"), *cohort.where()).subquery("left_on")
    within = left.c.day <= YEAR
    capped = sa.select(
        left.c.key, sa.case((within, left.c.day), else_=YEAR + 1).label("day"), sa.case((within, left.c.cause), else_=0).label("cause")
    ).subquery("capped")
    keys = (capped.c.key, capped.c.day, capped.c.cause)
    return clinic.rows(sa.select(*keys, sa.func.count().label("n")).group_by(*keys))


def waits(clinic: Clinic, cohort: Cohort) -> list[dict[str, Any]]:
    """key (quarter of the first visit), value (days to the first treatment), n."""
    key = first_visit_quarter().label("key")
    value = FACTS.first_treatment_day.label("value")
    statement = sa.select(key, value, sa.func.count().label("n")).where(value.is_not(None), *cohort.where())
    return clinic.rows(statement.group_by(key, value))
