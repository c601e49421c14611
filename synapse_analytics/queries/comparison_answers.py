"""What the arms of a comparison answered at the reference visits after their index."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.store.functions import ordered_value, value_of
from synapse_analytics.store.tables import scores, visit_scores

SCORES, VISITS = scores.c, visit_scores.c


def answers_of_mart(arm: sa.CTE, place: int, instrument: int, visits: tuple[int, int]) -> sa.Select[Any]:
    """arm, episode_key, visit, value, whatever happened after the index (treatment policy)."""
    same = sa.and_(VISITS.episode_key == arm.c.episode_key, VISITS.index_code == arm.c.index_code)
    return (
        sa.select(sa.literal(place).label("arm"), VISITS.episode_key, VISITS.visit, VISITS.value)
        .join(arm, same)
        .where(VISITS.instrument == instrument, VISITS.visit.between(*visits))
    )


def answers_before(arm: sa.CTE, place: int, instrument: int, visits: tuple[int, int]) -> sa.Select[Any]:
    """The same, but only from answers given up to the day of the crossover; whether a visit was expected is not asked here."""
    first, last = (v.VISITS[visit] for visit in visits)
    day = SCORES.day - arm.c.index_day
    given = (
        sa.select(SCORES.episode_key, day.label("day"), SCORES.value)
        .join(arm, arm.c.episode_key == SCORES.episode_key)
        .where(
            SCORES.instrument == instrument,
            day.between(first.first, last.last),
            sa.or_(arm.c.crossover_day.is_(None), SCORES.day <= arm.c.crossover_day),
        )
        .subquery()
    )
    terms = list(enumerate(v.VISITS))[visits[0] : visits[1] + 1]
    visit = sa.case(*((given.c.day <= term.last, number) for number, term in terms))
    target = sa.case(*((given.c.day <= term.last, term.target) for _, term in terms))
    # Nearest to the target, of two as near the earlier, as the marts choose.
    distance = sa.case((given.c.day > target, 2 * (given.c.day - target) + 1), else_=2 * (target - given.c.day))
    nearest = (
        sa.select(given.c.episode_key, visit.label("visit"), sa.func.min(ordered_value(distance, given.c.value)).label("packed"))
        .group_by(given.c.episode_key, visit)
        .subquery()
    )
    return sa.select(sa.literal(place).label("arm"), nearest.c.episode_key, nearest.c.visit, value_of(nearest.c.packed).label("value"))
