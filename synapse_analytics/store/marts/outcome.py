"""The headline outcome of each episode: baselines at the first visit, the last answer, and the end state."""

from __future__ import annotations

from synapse_analytics import vocabulary as v
from synapse_analytics.store.marts.codes import COURSES, PROCEDURES, THOUSAND, ordered_value, value_of
from synapse_analytics.store.tables import FIRST_VISIT

LAST_DAY = 730  # the end state is that of day 730, or of the end of follow-up when it comes sooner
RECENT_PROCEDURE = 90  # an episode is still in treatment this many days after a procedure (definition: end state)


def first_answers(headline: int) -> str:
    """The first-visit baseline of every instrument, and the headline answer at 3 months where it was expected and given."""
    baselines = ", ".join(
        f"max(baseline) FILTER (WHERE instrument = {place}) AS baseline_{term.code}" for place, term in enumerate(v.INSTRUMENTS)
    )
    return f"""
SELECT episode_key, {baselines}, max(month_3) FILTER (WHERE instrument = {headline}) AS headline_month_3
FROM index_scores WHERE index_code = {FIRST_VISIT} GROUP BY episode_key"""


def outcomes(headline: int) -> str:
    """Headline baseline, last headline answer and end state of every episode."""
    return f"""
WITH horizons AS (
  SELECT episode_key, status, closed_day, least(follow_up_end, {LAST_DAY}) AS horizon FROM episodes JOIN follow_up USING (episode_key)),
last_answers AS (
  SELECT episode_key, {value_of(f"max({ordered_value('day', 'value')})")} AS headline_last FROM scores JOIN horizons USING (episode_key)
  WHERE instrument = {headline} AND day BETWEEN 1 AND horizon GROUP BY episode_key),
treated AS (
  SELECT DISTINCT episode_key, TRUE AS in_treatment FROM treatments JOIN horizons USING (episode_key)
  WHERE (treatment IN ({COURSES}) AND start_day <= horizon AND (end_day IS NULL OR end_day >= horizon))
     OR (treatment IN ({PROCEDURES}) AND start_day BETWEEN horizon - {RECENT_PROCEDURE} AND horizon)),
states AS (
  SELECT episode_key, status, in_treatment, headline_last, baseline_{v.INSTRUMENTS[headline].code} AS headline_baseline,
         headline_last - headline_baseline AS change, coalesce(closed_day <= horizon, FALSE) AS closed
  FROM horizons LEFT JOIN first_answers USING (episode_key) LEFT JOIN last_answers USING (episode_key) LEFT JOIN treated USING (episode_key))
SELECT episode_key, headline_baseline, headline_last, CASE {_end_states(headline)} END AS end_state FROM states"""


def _end_states(headline: int) -> str:
    """The first state that fits at the horizon (definition: end state)."""
    clear = int(v.clear_change(v.INSTRUMENTS[headline].code) * THOUSAND)
    closed = {code: f"closed AND status = {v.position(v.STATUSES, code)}" for code in ("died", "resolved", "lost")}
    held = closed | {
        "in_treatment": "in_treatment AND NOT closed",
        "unknown": "change IS NULL",
        "improved": f"change <= {-clear}",
        "worse": f"change >= {clear}",
        "unchanged": "TRUE",
    }
    return " ".join(f"WHEN {clause} THEN {v.position(v.END_STATES, state)}" for state, clause in held.items())
