"""Courses and procedures around the first injection and the first surgery of an episode."""

from __future__ import annotations

from synapse_analytics import vocabulary as v
from synapse_analytics.store.marts.codes import CONSERVATIVE, COURSES, INJECTIONS, STAGE_OF, SURGERIES, set_of

LOOK_BACK = 180  # days before the first injection or surgery in which conservative care counts (definition: stepped care)
TREATMENTS = len(v.TREATMENTS)


def treatment_summary() -> str:
    """One row per treated episode: its treatments, the first of them, and when care escalated.

    Counted is what started on day 0 or later, and a course that was still running on day 0. Of the first starts on one day
    that of the lower position in the vocabulary comes first: day and position are ordered as one number.
    """
    return f"""
WITH counted AS (
  SELECT *, start_day >= 0 AS started,
         start_day >= 0 OR (treatment IN ({COURSES}) AND (end_day IS NULL OR end_day >= 0)) AS counts
  FROM treatments),
summary AS (
  SELECT episode_key, coalesce({set_of("treatment")} FILTER (WHERE counts), 0) AS treatments,
         coalesce(max({STAGE_OF}) FILTER (WHERE counts), 0) AS highest_stage,
         min(start_day * {TREATMENTS} + treatment) FILTER (WHERE started) AS first_start,
         min(start_day) FILTER (WHERE counts AND treatment IN ({CONSERVATIVE})) AS first_conservative_day,
         min(start_day) FILTER (WHERE started AND treatment IN ({INJECTIONS})) AS first_injection_day,
         min(start_day) FILTER (WHERE started AND treatment IN ({SURGERIES})) AS first_surgery_day,
         bool_or(NOT started AND treatment IN ({INJECTIONS})) AS injected_before_day_0,
         bool_or(NOT started AND treatment IN ({SURGERIES})) AS operated_before_day_0
  FROM counted GROUP BY episode_key)
SELECT *, first_start % {TREATMENTS} AS first_treatment, first_start // {TREATMENTS} AS first_treatment_day FROM summary"""


def after_surgery() -> str:
    """Days from the first surgery to the next one on a later day and to the first complication; one row per operated episode.

    Surgery rows of one day are one operation.
    """
    return f"""
WITH again AS (
  SELECT episode_key, min(start_day - first_surgery_day) AS next_surgery_days
  FROM treatments JOIN treatment_summary USING (episode_key)
  WHERE treatment IN ({SURGERIES}) AND start_day > first_surgery_day GROUP BY episode_key),
complicated AS (
  SELECT episode_key, min(day - first_surgery_day) AS complication_days
  FROM adverse_events JOIN treatment_summary USING (episode_key)
  WHERE day >= first_surgery_day GROUP BY episode_key)
SELECT episode_key, next_surgery_days, complication_days
FROM treatment_summary LEFT JOIN again USING (episode_key) LEFT JOIN complicated USING (episode_key)
WHERE first_surgery_day IS NOT NULL"""


def conservative_days() -> str:
    """Days covered by the union of conservative courses in the 180 days before each event; one row per treated episode.

    Sorted by start, each course adds what reaches past the furthest end so far: the length of the union.
    """
    return f"""
WITH events AS (
  SELECT episode_key, 'injection' AS event, first_injection_day AS event_day FROM treatment_summary
  UNION ALL SELECT episode_key, 'surgery', first_surgery_day FROM treatment_summary),
courses AS (
  SELECT episode_key, event, treatment_key, greatest(start_day, event_day - {LOOK_BACK}) AS start_day,
         least(coalesce(end_day, follow_up_end), event_day) AS end_day
  FROM treatments t JOIN events USING (episode_key) JOIN follow_up USING (episode_key)
  WHERE treatment IN ({CONSERVATIVE}) AND t.start_day < event_day AND coalesce(t.end_day, follow_up_end) > event_day - {LOOK_BACK}),
added AS (
  SELECT episode_key, event, greatest(end_day - greatest(start_day, max(end_day) OVER earlier), 0) AS days
  FROM courses WINDOW earlier AS (
    PARTITION BY episode_key, event ORDER BY start_day, end_day, treatment_key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
covered AS (
  SELECT episode_key, sum(days) FILTER (WHERE event = 'injection') AS injection, sum(days) FILTER (WHERE event = 'surgery') AS surgery
  FROM added GROUP BY episode_key),
before AS (
  SELECT *, CASE WHEN first_injection_day IS NOT NULL THEN coalesce(injection, 0) END AS conservative_days_before_injection,
         CASE WHEN first_surgery_day IS NOT NULL THEN coalesce(surgery, 0) END AS conservative_days_before_surgery
  FROM treatment_summary LEFT JOIN covered USING (episode_key))
SELECT episode_key, conservative_days_before_injection, conservative_days_before_surgery,
       CASE WHEN first_injection_day <= coalesce(first_surgery_day, first_injection_day) THEN conservative_days_before_injection
            ELSE conservative_days_before_surgery END AS conservative_days_before_escalation
FROM before"""
