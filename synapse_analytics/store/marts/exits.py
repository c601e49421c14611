"""When and why each episode left the risk set of its first injection and of its first surgery, and its score until then."""

from __future__ import annotations

from synapse_analytics import vocabulary as v
from synapse_analytics.store.marts.codes import listed, mask_of, of_stage
from synapse_analytics.store.tables import HORIZON

CENSORED, EVENT, COMPETING = 0, 1, 2
FINAL = listed(v.position(v.STATUSES, code) for code in ("resolved", "discharged", "died"))
AFTER = HORIZON + 1
TWELVE_WEEKS = 84
BEFORE_DAYS = 60  # how old the last answer before an escalation may be


def exits() -> str:
    """One row per episode: exit day and cause of injection and surgery, the first escalation, and whether it waits at 12 weeks:
    conservative care begun on day 0 or later by then (a course need not run any more), neither escalated nor closed.

    Definition: escalation. Of an event and a competing end on one day the event counts. Resolved, discharged and died compete, and
    surgery competes with an injection. Lost, referred and the end of follow-up are censored. An episode that had the event before
    day 0 was never at risk.
    """
    return f"""
WITH waiting AS (
  SELECT e.episode_key, s.first_injection_day AS injection, s.first_surgery_day AS surgery,
         least(s.first_injection_day, s.first_surgery_day) AS first_escalation_day,
         CASE WHEN e.status IN ({FINAL}) THEN e.closed_day END AS final_day,
         least(e.closed_day, f.follow_up_end) AS end_day, e.closed_day,
         NOT coalesce(s.operated_before_day_0, FALSE) AND f.follow_up_end >= 0 AND coalesce(e.closed_day, 0) >= 0 AS surgery_at_risk,
         surgery_at_risk AND NOT coalesce(s.injected_before_day_0, FALSE) AS injection_at_risk,
         coalesce(s.treatments, 0) & {mask_of(of_stage("conservative"))} <> 0 AND s.first_treatment_day <= {TWELVE_WEEKS} AS treated
  FROM episodes e JOIN follow_up f USING (episode_key) LEFT JOIN treatment_summary s USING (episode_key)),
firsts AS (
  SELECT *, coalesce(injection, {AFTER}) AS injection_ours, least(final_day, surgery, {AFTER}) AS injection_rival,
         coalesce(surgery, {AFTER}) AS surgery_ours, least(final_day, {AFTER}) AS surgery_rival
  FROM waiting)
SELECT episode_key, first_escalation_day, {_exit("injection")}, {_exit("surgery")},
       coalesce(treated AND injection_at_risk AND coalesce(first_escalation_day, {AFTER}) > {TWELVE_WEEKS}
                AND coalesce(closed_day, {AFTER}) > {TWELVE_WEEKS}, FALSE) AS conservative_at_12_weeks
FROM firsts"""


def _exit(event: str) -> str:
    """The day and the cause of an exit; the event or its rival counts before the end of observation and within the horizon."""
    first = f"least({event}_ours, {event}_rival)"
    happened = f"{first} <= end_day AND {first} <= {HORIZON}"
    cause = f"CASE WHEN {event}_ours <= {event}_rival THEN {EVENT} ELSE {COMPETING} END"
    return f"""
       CASE WHEN {event}_at_risk THEN
         CASE WHEN {happened} THEN {first} WHEN end_day <= {HORIZON} THEN end_day ELSE {AFTER} END END AS {event}_exit_day,
       CASE WHEN {event}_at_risk THEN CASE WHEN {happened} THEN {cause} ELSE {CENSORED} END END AS {event}_exit_cause"""


def scores_before(headline: int) -> str:
    """One row per escalated episode: the last headline answer from day 1 on, in the 60 days up to the first injection and surgery.

    An answer of the first visit itself is the baseline and says nothing about a response.
    """
    last = ", ".join(
        f"arg_max(value, day) FILTER (WHERE day BETWEEN greatest(1, first_{event}_day - {BEFORE_DAYS}) AND first_{event}_day) AS score_before_{event}"
        for event in ("injection", "surgery")
    )
    return f"""
SELECT episode_key, {last} FROM scores JOIN treatment_summary USING (episode_key)
WHERE instrument = {headline} AND day >= 1 AND coalesce(first_injection_day, first_surgery_day) IS NOT NULL
GROUP BY episode_key"""
