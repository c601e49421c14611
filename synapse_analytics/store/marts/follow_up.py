"""How long each episode was watched: days surely observed, follow-up end, and until when a visit could be expected.

Definitions: day 0 lies somewhere in the month of the first visit, so the days surely observed run from the last day
of that month to the end of `data_until`; follow-up ends at that day or at the last recorded day, whichever is later.
"""

from __future__ import annotations

from synapse_analytics import vocabulary as v


def follow_up(data_until: str) -> str:
    """One row per episode: patient, days surely observed, follow-up end, and the last day on which a window may close.

    A window closes only in the patient's lifetime. The first visit itself is a recorded day 0.
    """
    died = v.position(v.STATUSES, "died")
    return f"""
WITH recorded AS (
  SELECT episode_key, max(greatest(start_day, end_day)) AS day FROM treatments GROUP BY episode_key
  UNION ALL SELECT episode_key, max(day) FROM scores GROUP BY episode_key
  UNION ALL SELECT episode_key, max(day) FROM investigations GROUP BY episode_key
  UNION ALL SELECT episode_key, max(day) FROM adverse_events GROUP BY episode_key),
last_days AS (SELECT episode_key, max(day) AS day FROM recorded GROUP BY episode_key),
watched AS (
  SELECT *, (last_day(DATE '{data_until}-01') - last_day(make_date(first_visit_month // 12, first_visit_month % 12 + 1, 1)))::INTEGER AS days
  FROM episodes)
SELECT episode_key, patient_key, CASE WHEN count(*) OVER (PARTITION BY patient_key) > 1 THEN patient_key END AS repeat_patient,
       days AS days_surely_observed, greatest(days, last_days.day, closed_day, 0) AS follow_up_end,
       least(days, CASE WHEN status = {died} THEN closed_day END) AS windows_close_by
FROM watched LEFT JOIN last_days USING (episode_key)"""
