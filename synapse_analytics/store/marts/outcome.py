"""The headline outcome of each episode: baselines at the first visit, the last answer, and the end state."""

from __future__ import annotations

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.store.functions import ordered_value, smaller, value_of
from synapse_analytics.store.marts.codes import THOUSAND, end_state, status
from synapse_analytics.store.marts.escalation import in_treatment
from synapse_analytics.store.tables import FIRST_VISIT, episodes, index_scores, scores

LAST_DAY = 730  # the end state is that of day 730, or of the end of follow-up when it comes sooner


def first_baselines() -> sa.Select:
    """The first-visit baseline of every instrument, one column each."""
    chosen = [
        sa.func.max(sa.case((index_scores.c.instrument == place, index_scores.c.baseline))).label(f"baseline_{term.code}")
        for place, term in enumerate(v.INSTRUMENTS)
    ]
    return (
        sa.select(index_scores.c.episode_key, *chosen).where(index_scores.c.index_code == FIRST_VISIT).group_by(index_scores.c.episode_key)
    )


def three_months(headline: int) -> sa.Select:
    """The headline answer 3 months after the first visit, where it was expected and given."""
    score = index_scores.c
    wanted = (score.index_code == FIRST_VISIT, score.instrument == headline, score.month_3.is_not(None))
    return sa.select(score.episode_key, score.month_3.label("headline_month_3")).where(*wanted)


def outcomes(follow_up: sa.TableClause, baselines: sa.TableClause, headline: int) -> sa.Select:
    """Headline baseline, last headline answer and end state of every episode."""
    horizon = smaller(follow_up.c.follow_up_end, sa.literal(LAST_DAY))
    last = _last_answers(follow_up, horizon, headline).subquery()
    treated = in_treatment(follow_up, horizon).subquery()
    baseline = baselines.c[f"baseline_{v.INSTRUMENTS[headline].code}"]
    value = value_of(last.c.packed)
    return (
        sa.select(
            episodes.c.episode_key,
            baseline.label("headline_baseline"),
            value.label("headline_last"),
            _end_state(horizon, treated.c.episode_key.is_not(None), value - baseline, headline).label("end_state"),
        )
        .join(follow_up, follow_up.c.episode_key == episodes.c.episode_key)
        .outerjoin(baselines, baselines.c.episode_key == episodes.c.episode_key)
        .outerjoin(last, last.c.episode_key == episodes.c.episode_key)
        .outerjoin(treated, treated.c.episode_key == episodes.c.episode_key)
    )


def _last_answers(follow_up: sa.TableClause, horizon: sa.ColumnElement[int], headline: int) -> sa.Select:
    return (
        sa.select(scores.c.episode_key, sa.func.max(ordered_value(scores.c.day, scores.c.value)).label("packed"))
        .join(follow_up, follow_up.c.episode_key == scores.c.episode_key)
        .where(scores.c.instrument == headline, scores.c.day.between(1, horizon))
        .group_by(scores.c.episode_key)
    )


def _end_state(
    horizon: sa.ColumnElement[int], treated: sa.ColumnElement[bool], change: sa.ColumnElement[int], headline: int
) -> sa.ColumnElement[int]:
    """The first state that fits at the horizon (definition: end state)."""
    clear = int(v.clear_change(v.INSTRUMENTS[headline].code) * THOUSAND)
    closed = sa.and_(episodes.c.closed_day.is_not(None), episodes.c.closed_day <= horizon)
    by_status = [
        (sa.and_(episodes.c.status == status(code), closed), end_state(state))
        for code, state in (("died", "died"), ("resolved", "resolved"), ("lost", "lost"))
    ]
    return sa.case(
        *by_status,
        (sa.and_(treated, sa.not_(closed)), end_state("in_treatment")),
        (change.is_(None), end_state("unknown")),
        (change <= -clear, end_state("improved")),
        (change >= clear, end_state("worse")),
        else_=end_state("unchanged"),
    )
