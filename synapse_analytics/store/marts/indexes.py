"""What an index sees: its day, the baseline before it, the answers at the reference visits and week by week.

An index is the first visit (day 0) or the first start on day >= 0 of a treatment. The statements below take one index
code at a time: each part of a mart is small enough to sort in memory, and pages mostly ask for one index.
"""

from __future__ import annotations

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.store.functions import int_div, ordered_value, value_of
from synapse_analytics.store.tables import FIRST_VISIT, index_baselines, index_days, scores, treatments

INDEX_CODES = (FIRST_VISIT, *range(1, len(v.TREATMENTS) + 1))
BASELINE, FOLLOW_UPS = v.VISITS[0], v.VISITS[1:]
FIRST_WEEK, LAST_WEEK = -8, 104


def indexes(follow_up: sa.TableClause) -> sa.Select:
    """Every index of every episode, with how many follow-up windows have surely closed in the patient's lifetime."""
    first_visits = sa.select(sa.literal(FIRST_VISIT).label("index_code"), follow_up.c.episode_key, sa.literal(0).label("index_day"))
    first_starts = (
        sa.select(
            (treatments.c.treatment + 1).label("index_code"),
            treatments.c.episode_key,
            sa.func.min(treatments.c.start_day).label("index_day"),
        )
        .where(treatments.c.start_day >= 0)
        .group_by(treatments.c.treatment, treatments.c.episode_key)
    )
    found = sa.union_all(first_visits, first_starts).subquery()
    closed = [sa.case((found.c.index_day + visit.last <= follow_up.c.windows_close_by, 1), else_=0) for visit in FOLLOW_UPS]
    return sa.select(
        sa.cast(found.c.index_code, sa.SmallInteger).label("index_code"),
        found.c.episode_key,
        follow_up.c.patient_key,
        follow_up.c.only_episode,
        sa.cast(found.c.index_day, sa.Integer).label("index_day"),
        sa.cast(sum(closed[1:], closed[0]), sa.SmallInteger).label("closed_visits"),
    ).join(follow_up, follow_up.c.episode_key == found.c.episode_key)


def _answers(index_code: int, first: int, last: int) -> sa.Subquery:
    """Answers of the episodes with this index, on days `first` to `last` from it."""
    day = scores.c.day - index_days.c.index_day
    return (
        sa.select(scores.c.episode_key, scores.c.instrument, scores.c.value, day.label("day"))
        .join(index_days, index_days.c.episode_key == scores.c.episode_key)
        .where(index_days.c.index_code == index_code, day.between(first, last))
        .subquery()
    )


def baselines(index_code: int) -> sa.Select:
    """The answer nearest to the index in the 60 days up to it, per instrument."""
    answers = _answers(index_code, BASELINE.first, BASELINE.last)
    latest = (
        sa.select(
            answers.c.episode_key,
            answers.c.instrument,
            sa.func.max(ordered_value(answers.c.day - BASELINE.first, answers.c.value)).label("packed"),
        )
        .group_by(answers.c.episode_key, answers.c.instrument)
        .subquery()
    )
    return (
        sa.select(
            index_days.c.index_code,
            latest.c.instrument,
            latest.c.episode_key,
            index_days.c.patient_key,
            index_days.c.only_episode,
            index_days.c.closed_visits,
            value_of(latest.c.packed).label("baseline"),
        )
        .join(index_days, index_days.c.episode_key == latest.c.episode_key)
        .where(index_days.c.index_code == index_code)
    )


def visits(index_code: int) -> sa.Select:
    """Expected reference visits that were answered: the answer nearest the target day, of two as near the earlier."""
    answers = _answers(index_code, FOLLOW_UPS[0].first, FOLLOW_UPS[-1].last)
    # The windows adjoin, so the visit is decided by each window's last day.
    visit = sa.case(*((answers.c.day <= term.last, place) for place, term in enumerate(FOLLOW_UPS, start=1)))
    target = sa.case(*((answers.c.day <= term.last, term.target) for term in FOLLOW_UPS))
    distance = sa.case((answers.c.day > target, 2 * (answers.c.day - target) + 1), else_=2 * (target - answers.c.day))
    nearest = (
        sa.select(
            answers.c.episode_key,
            answers.c.instrument,
            visit.label("visit"),
            sa.func.min(ordered_value(distance, answers.c.value)).label("packed"),
        )
        .group_by(answers.c.episode_key, answers.c.instrument, visit)
        .subquery()
    )
    value = value_of(nearest.c.packed)
    found = index_baselines
    return (
        sa.select(
            found.c.index_code,
            found.c.instrument,
            sa.cast(nearest.c.visit, sa.SmallInteger).label("visit"),
            found.c.episode_key,
            found.c.patient_key,
            found.c.only_episode,
            found.c.baseline,
            value.label("value"),
            (value - found.c.baseline).label("change"),
        )
        .join(nearest, sa.and_(nearest.c.episode_key == found.c.episode_key, nearest.c.instrument == found.c.instrument))
        .where(found.c.index_code == index_code, nearest.c.visit <= found.c.closed_visits)
    )


def weeks(index_code: int) -> sa.Select:
    """The last answer of each week from the index, from 8 weeks before it to 104 weeks after."""
    answers = _answers(index_code, 7 * FIRST_WEEK, 7 * LAST_WEEK + 6)
    week = int_div(answers.c.day - 7 * FIRST_WEEK, 7) + FIRST_WEEK
    last = (
        sa.select(
            answers.c.episode_key,
            answers.c.instrument,
            week.label("week"),
            sa.func.max(ordered_value(answers.c.day - 7 * FIRST_WEEK, answers.c.value)).label("packed"),
        )
        .group_by(answers.c.episode_key, answers.c.instrument, week)
        .subquery()
    )
    return (
        sa.select(
            index_days.c.index_code,
            last.c.instrument,
            sa.cast(last.c.week, sa.SmallInteger).label("week"),
            last.c.episode_key,
            index_days.c.patient_key,
            index_days.c.only_episode,
            value_of(last.c.packed).label("value"),
        )
        .join(index_days, index_days.c.episode_key == last.c.episode_key)
        .where(index_days.c.index_code == index_code)
    )
