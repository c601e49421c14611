"""How long each episode was watched: days surely observed, follow-up end, and until when a visit could be expected.

Definitions: day 0 lies somewhere in the month of the first visit, so the days surely observed run from the last day
of that month to the end of `data_until`; follow-up ends at that day or at the last recorded day, whichever is later.
"""

from __future__ import annotations

import calendar
from datetime import date

import pyarrow as pa
import sqlalchemy as sa

from synapse_analytics.store.functions import larger, smaller
from synapse_analytics.store.marts.codes import status
from synapse_analytics.store.tables import adverse_events, episodes, investigations, scores, treatments


def last_day_of(month: int) -> date:
    """The last day of a month counted as year * 12 + month - 1."""
    year, month_of_year = divmod(month, 12)
    return date(year, month_of_year + 1, calendar.monthrange(year, month_of_year + 1)[1])


def observed_days(months: list[int], data_until: str) -> pa.Table:
    """Per month of first visit: days from its last day to the end of `data_until`."""
    year, month_of_year = map(int, data_until.split("-"))
    end = last_day_of(year * 12 + month_of_year - 1)
    days = [(end - last_day_of(month)).days for month in months]
    return pa.table({"month": pa.array(months, pa.int32()), "days": pa.array(days, pa.int32())})


def follow_up(observed: sa.TableClause) -> sa.Select:
    """One row per episode: patient, days surely observed, follow-up end, and the last day a window may close."""
    last = _last_days()
    # The first visit itself is a recorded day 0.
    end = larger(larger(observed.c.days, sa.func.coalesce(last.c.day, 0)), sa.func.coalesce(episodes.c.closed_day, 0))
    died = sa.and_(episodes.c.status == status("died"), episodes.c.closed_day.is_not(None))
    watched = sa.case((died, smaller(observed.c.days, episodes.c.closed_day)), else_=observed.c.days)
    several = sa.func.count().over(partition_by=episodes.c.patient_key) > 1
    return (
        sa.select(
            episodes.c.episode_key,
            episodes.c.patient_key,
            sa.case((several, episodes.c.patient_key)).label("repeat_patient"),
            observed.c.days.label("days_surely_observed"),
            end.label("follow_up_end"),
            watched.label("windows_close_by"),
        )
        .join(observed, observed.c.month == episodes.c.first_visit_month)
        .outerjoin(last, last.c.episode_key == episodes.c.episode_key)
    )


def _last_days() -> sa.Subquery:
    """The last recorded day of each episode in its dated rows."""
    days = [
        (treatments, sa.func.coalesce(larger(treatments.c.start_day, treatments.c.end_day), treatments.c.start_day)),
        (scores, scores.c.day),
        (investigations, investigations.c.day),
        (adverse_events, adverse_events.c.day),
    ]
    each = sa.union_all(
        *(sa.select(t.c.episode_key, sa.func.max(day).label("day")).group_by(t.c.episode_key) for t, day in days)
    ).subquery()
    return sa.select(each.c.episode_key, sa.func.max(each.c.day).label("day")).group_by(each.c.episode_key).subquery()
