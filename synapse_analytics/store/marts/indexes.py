"""What an index sees: its day, the baseline before it, the answers at the reference visits and week by week.

An index is the first visit (day 0) or the first start on day >= 0 of a treatment. The statements below take a
few index codes at a time: each part of a mart is small enough to sort in memory, and pages mostly ask for one index.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.store.functions import int_div, ordered_value, value_of
from synapse_analytics.store.tables import FIRST_VISIT, index_baselines, index_days, scores, treatments

PART = 400_000  # indexes built at a time; their answers within two years are about ten times as many
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


def parts_of(counts: Mapping[int, int]) -> list[tuple[int, int]]:
    """Ranges (first, last) of index codes that together hold about PART indexes, from the indexes each code has."""
    parts: list[list[int]] = [[]]
    for code in sorted(counts):
        if parts[-1] and sum(counts[held] for held in parts[-1]) + counts[code] > PART:
            parts.append([])
        parts[-1].append(code)
    return [(part[0] if part else FIRST_VISIT, part[-1] if part else FIRST_VISIT) for part in parts]


def _answers(codes: tuple[int, int], first: int, last: int) -> sa.Subquery:
    """Answers on days `first` to `last` from the index, for the indexes of a range of codes."""
    day = scores.c.day - index_days.c.index_day
    return (
        sa.select(index_days.c.index_code, scores.c.episode_key, scores.c.instrument, scores.c.value, day.label("day"))
        .join(index_days, index_days.c.episode_key == scores.c.episode_key)
        .where(index_days.c.index_code.between(*codes), day.between(first, last))
        .subquery()
    )


def baselines(codes: tuple[int, int]) -> sa.Select:
    """The answer nearest to the index in the 60 days up to it, per instrument."""
    answers = _answers(codes, BASELINE.first, BASELINE.last)
    latest = _chosen(answers, {}, sa.func.max(ordered_value(answers.c.day - BASELINE.first, answers.c.value)))
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
        .join(latest, _same_index(latest, index_days))
        .where(index_days.c.index_code.between(*codes))
    )


def visits(codes: tuple[int, int]) -> sa.Select:
    """Expected reference visits that were answered: the answer nearest the target day, of two as near the earlier."""
    answers = _answers(codes, FOLLOW_UPS[0].first, FOLLOW_UPS[-1].last)
    # The windows adjoin, so the visit is decided by each window's last day.
    visit = sa.case(*((answers.c.day <= term.last, place) for place, term in enumerate(FOLLOW_UPS, start=1)))
    target = sa.case(*((answers.c.day <= term.last, term.target) for term in FOLLOW_UPS))
    distance = sa.case((answers.c.day > target, 2 * (answers.c.day - target) + 1), else_=2 * (target - answers.c.day))
    nearest = _chosen(answers, {"visit": visit}, sa.func.min(ordered_value(distance, answers.c.value)))
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
        .join(nearest, sa.and_(_same_index(nearest, found), nearest.c.instrument == found.c.instrument))
        .where(found.c.index_code.between(*codes), nearest.c.visit <= found.c.closed_visits)
    )


def weeks(codes: tuple[int, int]) -> sa.Select:
    """The last answer of each week from the index, from 8 weeks before it to 104 weeks after."""
    answers = _answers(codes, 7 * FIRST_WEEK, 7 * LAST_WEEK + 6)
    week = int_div(answers.c.day - 7 * FIRST_WEEK, 7) + FIRST_WEEK
    last = _chosen(answers, {"week": week}, sa.func.max(ordered_value(answers.c.day - 7 * FIRST_WEEK, answers.c.value)))
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
        .join(last, _same_index(last, index_days))
        .where(index_days.c.index_code.between(*codes))
    )


def _chosen(answers: sa.Subquery, when: Mapping[str, sa.ColumnElement[int]], choice: sa.ColumnElement[int]) -> sa.Subquery:
    """One answer per index, instrument and, where given, visit or week."""
    keys = (answers.c.index_code, answers.c.episode_key, answers.c.instrument)
    columns = [expression.label(name) for name, expression in when.items()]
    return sa.select(*keys, *columns, choice.label("packed")).group_by(*keys, *when.values()).subquery()


def _same_index(one: sa.FromClause, other: sa.FromClause) -> sa.ColumnElement[bool]:
    return sa.and_(one.c.episode_key == other.c.episode_key, one.c.index_code == other.c.index_code)
