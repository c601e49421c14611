"""When and why each episode left the risk set of its first injection and of its first surgery, and how it stood until then."""

from __future__ import annotations

from synapse_analytics.store.marts.codes import of_stage, status
from synapse_analytics.store.tables import HORIZON

CENSORED, EVENT, COMPETING = 0, 1, 2
FINAL = ", ".join(str(status(code)) for code in ("resolved", "discharged", "died"))
TWELVE_WEEKS = 84
BEFORE_DAYS = 60  # how old the last answer before an escalation may be
CONSERVATIVE = sum(1 << place for place in of_stage("conservative"))


def exits() -> str:
    """One row per episode: exit day and cause of injection and surgery, the first escalation, and whether it waits at 12 weeks:
    conservative care begun on day 0 or later by then (whether a course still runs is not asked), not escalated, not closed.

    Definition: escalation. Of two things on one day the event counts, then what competes: resolved, discharged and died do, and
    surgery does with an injection. Lost, referred and the end of follow-up are censored. Who had it before day 0 was never at risk.
    """
    after = HORIZON + 1
    return f"""
WITH waiting AS (
  SELECT e.episode_key, s.first_injection_day AS injection, s.first_surgery_day AS surgery,
         least(s.first_injection_day, s.first_surgery_day) AS first_escalation_day,
         CASE WHEN e.status IN ({FINAL}) THEN e.closed_day END AS final_day,
         least(e.closed_day, f.follow_up_end) AS end_day, e.closed_day,
         NOT coalesce(s.operated_before_day_0, FALSE) AND f.follow_up_end >= 0 AND coalesce(e.closed_day, 0) >= 0 AS at_risk,
         coalesce(s.injected_before_day_0, FALSE) AS injected_before,
         coalesce(s.treatments, 0) & {CONSERVATIVE} <> 0 AND s.first_treatment_day <= {TWELVE_WEEKS} AS treated
  FROM episodes e JOIN follow_up f USING (episode_key) LEFT JOIN treatment_summary s USING (episode_key)),
firsts AS (
  SELECT *, coalesce(injection, {after}) AS injection_ours, least(final_day, surgery, {after}) AS injection_rival,
         coalesce(surgery, {after}) AS surgery_ours, least(final_day, {after}) AS surgery_rival
  FROM waiting)
SELECT episode_key, first_escalation_day,
       {_day("injection")} AS injection_exit_day, {_cause("injection")} AS injection_exit_cause,
       {_day("surgery")} AS surgery_exit_day, {_cause("surgery")} AS surgery_exit_cause,
       coalesce(treated AND at_risk AND NOT injected_before AND coalesce(first_escalation_day, {after}) > {TWELVE_WEEKS}
                AND coalesce(closed_day, {after}) > {TWELVE_WEEKS}, FALSE) AS conservative_at_12_weeks
FROM firsts"""


def _at_risk(event: str) -> str:
    return "at_risk AND NOT injected_before" if event == "injection" else "at_risk"


def _happened(event: str) -> str:
    """The event or a rival came before the end of observation and within the horizon."""
    first = f"least({event}_ours, {event}_rival)"
    return f"{first} <= end_day AND {first} <= {HORIZON}"


def _day(event: str) -> str:
    first = f"least({event}_ours, {event}_rival)"
    day = f"CASE WHEN {_happened(event)} THEN {first} WHEN end_day <= {HORIZON} THEN end_day ELSE {HORIZON + 1} END"
    return f"CASE WHEN {_at_risk(event)} THEN {day} END"


def _cause(event: str) -> str:
    ours = f"{event}_ours <= {event}_rival"
    cause = f"CASE WHEN {_happened(event)} THEN CASE WHEN {ours} THEN {EVENT} ELSE {COMPETING} END ELSE {CENSORED} END"
    return f"CASE WHEN {_at_risk(event)} THEN {cause} END"


def scores_before(headline: int) -> str:
    """One row per escalated episode: the last headline answer from day 1 on, in the 60 days up to the first injection and surgery.

    An answer of the first visit itself is the baseline and says nothing about a response.
    """
    last = {
        event: f"arg_max(a.value, a.day) FILTER (WHERE a.day BETWEEN greatest(1, s.first_{event}_day - {BEFORE_DAYS}) AND s.first_{event}_day)"
        for event in ("injection", "surgery")
    }
    columns = ", ".join(f"{value} AS score_before_{event}" for event, value in last.items())
    return f"""
SELECT a.episode_key, {columns}
FROM scores a JOIN treatment_summary s USING (episode_key)
WHERE a.instrument = {headline} AND a.day >= 1 AND coalesce(s.first_injection_day, s.first_surgery_day) IS NOT NULL
GROUP BY a.episode_key"""
