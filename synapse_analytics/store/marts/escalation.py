"""Courses and procedures around the first injection and the first surgery of an episode."""

from __future__ import annotations

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.store.functions import bits, larger, order_of, ordered_value, smaller, value_of
from synapse_analytics.store.marts.codes import COURSES, PROCEDURES, STAGE_OF, of_stage
from synapse_analytics.store.tables import adverse_events, treatments

LOOK_BACK = 180  # days before the first injection or surgery in which conservative care counts (definition: stepped care)
RECENT_PROCEDURE = 90  # an episode is still in treatment this many days after a procedure (definition: end state)
CONSERVATIVE, INJECTIONS, SURGERIES = of_stage("conservative"), of_stage("injection"), of_stage("surgery")


def treatment_summary() -> sa.Select:
    """One row per treated episode: what was received, what came first, and when it escalated."""
    day, given = treatments.c.start_day, treatments.c.treatment
    still_running = sa.and_(given.in_(COURSES), sa.or_(treatments.c.end_day.is_(None), treatments.c.end_day >= 0))
    counted = sa.case((sa.or_(day >= 0, still_running), given))
    started = day >= 0
    first = sa.func.min(ordered_value(day, given)).filter(started)
    before = [sa.func.max(sa.case((sa.and_(given.in_(kind), day < 0), 1), else_=0)) == 1 for kind in (INJECTIONS, SURGERIES)]
    return sa.select(
        treatments.c.episode_key,
        sa.func.coalesce(bits(counted, len(v.TREATMENTS)), 0).label("treatments"),
        sa.func.coalesce(sa.func.max(sa.case(STAGE_OF, value=counted)), 0).label("highest_stage"),
        value_of(first).label("first_treatment"),
        order_of(first).label("first_treatment_day"),
        sa.func.min(day).filter(counted.in_(CONSERVATIVE)).label("first_conservative_day"),
        sa.func.min(day).filter(started, given.in_(INJECTIONS)).label("first_injection_day"),
        sa.func.min(day).filter(started, given.in_(SURGERIES)).label("first_surgery_day"),
        before[0].label("injected_before_day_0"),
        before[1].label("operated_before_day_0"),
    ).group_by(treatments.c.episode_key)


def after_surgery(summary: sa.TableClause) -> sa.Select:
    """Days from the first surgery to the next one on a later day and to the first complication; one row per operated episode.

    Surgery rows of one day are one operation.
    """
    gap = treatments.c.start_day - summary.c.first_surgery_day
    again = (
        sa.select(treatments.c.episode_key, sa.func.min(gap).label("days"))
        .join(summary, summary.c.episode_key == treatments.c.episode_key)
        .where(treatments.c.treatment.in_(SURGERIES), gap > 0)
        .group_by(treatments.c.episode_key)
        .subquery()
    )
    delay = adverse_events.c.day - summary.c.first_surgery_day
    complicated = (
        sa.select(adverse_events.c.episode_key, sa.func.min(delay).label("days"))
        .join(summary, summary.c.episode_key == adverse_events.c.episode_key)
        .where(delay >= 0)
        .group_by(adverse_events.c.episode_key)
        .subquery()
    )
    return (
        sa.select(summary.c.episode_key, again.c.days.label("next_surgery_days"), complicated.c.days.label("complication_days"))
        .outerjoin(again, again.c.episode_key == summary.c.episode_key)
        .outerjoin(complicated, complicated.c.episode_key == summary.c.episode_key)
        .where(summary.c.first_surgery_day.is_not(None))
    )


def conservative_days(summary: sa.TableClause, follow_up: sa.TableClause) -> sa.Select:
    """Days covered by the union of conservative courses in the 180 days before each event; one row per escalated episode."""
    pieces = _courses_before_events(summary, follow_up).subquery()
    # Sorted by start, each course adds what reaches past the furthest end so far: the length of the union.
    furthest = sa.func.max(pieces.c.end_day).over(
        partition_by=(pieces.c.episode_key, pieces.c.event),
        order_by=(pieces.c.start_day, pieces.c.end_day, pieces.c.treatment_key),
        rows=(None, -1),
    )
    begin = larger(pieces.c.start_day, sa.func.coalesce(furthest, pieces.c.start_day))
    added = sa.select(pieces.c.episode_key, pieces.c.event, larger(pieces.c.end_day - begin, sa.literal(0)).label("days")).subquery()
    covered = (
        sa.select(
            added.c.episode_key,
            *(sa.func.sum(added.c.days).filter(added.c.event == event).label(f"days_{event}") for event in (1, 2)),
        )
        .group_by(added.c.episode_key)
        .subquery()
    )
    before = [
        sa.case((day.is_not(None), sa.cast(sa.func.coalesce(days, 0), sa.Integer)))
        for day, days in ((summary.c.first_injection_day, covered.c.days_1), (summary.c.first_surgery_day, covered.c.days_2))
    ]
    injected_first = sa.and_(
        summary.c.first_injection_day.is_not(None),
        sa.or_(summary.c.first_surgery_day.is_(None), summary.c.first_injection_day <= summary.c.first_surgery_day),
    )
    return sa.select(
        summary.c.episode_key,
        sa.case((injected_first, before[0]), else_=before[1]).label("conservative_days_before_escalation"),
        before[0].label("conservative_days_before_injection"),
        before[1].label("conservative_days_before_surgery"),
    ).outerjoin(covered, covered.c.episode_key == summary.c.episode_key)


def _courses_before_events(summary: sa.TableClause, follow_up: sa.TableClause) -> sa.CompoundSelect:
    """Conservative courses clipped to the 180 days before the first injection (event 1) and the first surgery (event 2)."""
    end = sa.func.coalesce(treatments.c.end_day, follow_up.c.follow_up_end)
    selects = []
    for event, day in ((1, summary.c.first_injection_day), (2, summary.c.first_surgery_day)):
        selects.append(
            sa.select(
                treatments.c.episode_key,
                treatments.c.treatment_key,
                sa.literal(event).label("event"),
                larger(treatments.c.start_day, day - LOOK_BACK).label("start_day"),
                smaller(end, day).label("end_day"),
            )
            .join(summary, summary.c.episode_key == treatments.c.episode_key)
            .join(follow_up, follow_up.c.episode_key == treatments.c.episode_key)
            .where(treatments.c.treatment.in_(CONSERVATIVE), treatments.c.start_day < day, end > day - LOOK_BACK)
        )
    return sa.union_all(*selects)


def in_treatment(follow_up: sa.TableClause, horizon: sa.ColumnElement[int]) -> sa.Select:
    """Episodes with a course running at the horizon, or a procedure in the 90 days before it."""
    start, given = treatments.c.start_day, treatments.c.treatment
    running = sa.and_(given.in_(COURSES), start <= horizon, sa.or_(treatments.c.end_day.is_(None), treatments.c.end_day >= horizon))
    recent = sa.and_(given.in_(PROCEDURES), start.between(horizon - RECENT_PROCEDURE, horizon))
    return (
        sa.select(treatments.c.episode_key)
        .join(follow_up, follow_up.c.episode_key == treatments.c.episode_key)
        .where(sa.or_(running, recent))
        .group_by(treatments.c.episode_key)
    )
