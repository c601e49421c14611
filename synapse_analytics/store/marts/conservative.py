"""The scores under each class of conservative care, week by week from its start until care escalates."""

from __future__ import annotations

from synapse_analytics import vocabulary as v
from synapse_analytics.store.marts.codes import listed, of_stage
from synapse_analytics.store.tables import CARE_WEEKS, CARRIED, PERIOD_WEEKS

INDEX_CODES = len(v.TREATMENTS) + 1  # the first visit, and each treatment
CLASS_OF = {place + 1: v.position(v.TREATMENT_CLASSES, v.TREATMENTS[place].treatment_class) for place in of_stage("conservative")}


def conservative_weeks(headline: int) -> str:
    """The last headline score of each week, as long as nothing had escalated by the last day of the week.

    Of an episode's treatments of one class the first start counts: day and code are ordered as one number.
    """
    of_episode = ", ".join(f"w.{name}" for name in CARRIED)
    classes = " ".join(f"WHEN {code} THEN {position}" for code, position in CLASS_OF.items())
    return f"""
WITH begun AS (
  SELECT episode_key, CASE index_code {classes} END AS treatment_class, min(index_day * {INDEX_CODES} + index_code) AS first_start
  FROM index_days WHERE index_code IN ({listed(CLASS_OF)}) GROUP BY ALL)
SELECT treatment_class, week // {PERIOD_WEEKS} AS period, episode_key, w.repeat_patient, value, {of_episode}
FROM begun JOIN week_scores w USING (episode_key) JOIN episode_facts USING (episode_key)
WHERE w.index_code = first_start % {INDEX_CODES} AND w.index_code IN ({listed(CLASS_OF)}) AND instrument = {headline}
  AND week BETWEEN 0 AND {CARE_WEEKS - 1}
  AND (first_escalation_day IS NULL OR first_escalation_day > first_start // {INDEX_CODES} + 7 * week + 6)"""


def conservative_periods() -> str:
    """The periods in which an episode was scored under a class, as bits."""
    of_episode = ", ".join(f"any_value({name}) AS {name}" for name in CARRIED)
    return f"""
SELECT treatment_class, episode_key, min(repeat_patient) AS repeat_patient, bit_or(1::INTEGER << period::INTEGER) AS periods, {of_episode}
FROM conservative_weeks GROUP BY treatment_class, episode_key"""
