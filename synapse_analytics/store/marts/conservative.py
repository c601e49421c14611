"""The scores under each class of conservative care, week by week from its start until care escalates."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.store.functions import int_div
from synapse_analytics.store.tables import CARE_WEEKS, PERIOD_WEEKS, conservative_weeks, episode_facts, index_days, week_scores

FACTS, INDEX, WEEK, CARE = episode_facts.c, index_days.c, week_scores.c, conservative_weeks.c
CODES = len(v.TREATMENTS) + 1  # of an index: the first visit, and each treatment
CLASS_OF = {
    place + 1: v.position(v.TREATMENT_CLASSES, term.treatment_class)
    for place, term in enumerate(v.TREATMENTS)
    if term.stage == "conservative"
}


def weeks(headline: int) -> sa.Select[Any]:
    """conservative_weeks: the last headline score of each week, as long as nothing had escalated by its last day."""
    given = sa.case(CLASS_OF, value=INDEX.index_code).label("treatment_class")
    begun = (
        sa.select(INDEX.episode_key, given, sa.func.min(INDEX.index_day * CODES + INDEX.index_code).label("packed"))
        .where(INDEX.index_code.in_(list(CLASS_OF)))
        .group_by(INDEX.episode_key, given)
        .subquery("begun")
    )
    last_day = int_div(begun.c.packed, CODES) + 7 * WEEK.week + 6
    return (
        sa.select(
            sa.cast(begun.c.treatment_class, sa.SmallInteger).label("treatment_class"),
            sa.cast(int_div(WEEK.week, PERIOD_WEEKS), sa.SmallInteger).label("period"),
            WEEK.episode_key,
            WEEK.repeat_patient,
            WEEK.value,
        )
        .select_from(begun)
        .join(week_scores, sa.and_(WEEK.episode_key == begun.c.episode_key, WEEK.index_code == begun.c.packed % CODES))
        .join(episode_facts, FACTS.episode_key == begun.c.episode_key)
        .where(
            WEEK.index_code.in_(list(CLASS_OF)),
            WEEK.instrument == headline,
            WEEK.week.between(0, CARE_WEEKS - 1),
            sa.or_(FACTS.first_escalation_day.is_(None), FACTS.first_escalation_day > last_day),
        )
    )


def periods() -> sa.Select[Any]:
    """conservative_periods: in which periods an episode was scored under a class, as bits."""
    bits = sa.func.bit_or(sa.cast(1, sa.Integer).bitwise_lshift(sa.cast(CARE.period, sa.Integer)))
    return sa.select(
        CARE.treatment_class,
        CARE.episode_key,
        sa.func.min(CARE.repeat_patient).label("repeat_patient"),
        sa.cast(bits, sa.SmallInteger).label("periods"),
    ).group_by(CARE.treatment_class, CARE.episode_key)
