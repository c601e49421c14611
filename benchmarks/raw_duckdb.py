# ruff: noqa: S608 - the SQL is made of our own vocabulary
"""The numbers of four pages in plain DuckDB SQL over the Parquet files of the base tables: no marts, nothing prepared.

Each question is one or more statements; benchmarks/plain_pandas.py gives the same columns, tests hold both against our answers.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from synapse_analytics import vocabulary as v

TABLES = ("patients", "episodes", "treatments", "scores", "adverse_events")
PAIN, ODI = v.position(v.INSTRUMENTS, "nrs_pain"), v.position(v.INSTRUMENTS, "odi")
ENOUGH = {PAIN: 2_000, ODI: 10_000}  # thousandths of a point that make a responder
DIED = v.position(v.STATUSES, "died")
BASELINE, MONTH_3, MONTH_12 = (v.find(v.VISITS, code) for code in ("baseline", "month_3", "month_12"))
OF_STAGE = {stage.code: [place for place, term in enumerate(v.TREATMENTS) if term.stage == stage.code] for stage in v.STAGES[1:]}
COURSES = [place for place, term in enumerate(v.TREATMENTS) if term.kind == "course"]
CLASS_OF = [v.position(v.TREATMENT_CLASSES, term.treatment_class) for term in v.TREATMENTS]


def listed(places: list[int]) -> str:
    """Places of a closed list, as SQL."""
    return f"({', '.join(map(str, places))})"


def nearest(visit: v.Visit) -> str:
    """The answer nearest the target of a visit, of two as near the earlier; the baseline is the last before day 0."""
    days = f"2 * abs(day - {visit.target}) + (day > {visit.target})::integer"
    return f"arg_min(value, {days}) filter (day between {visit.first} and {visit.last}) as {visit.code}"


SURGERY = listed(OF_STAGE["surgery"])
# Days that are surely observed, and until when the window of a visit must have closed for an answer to be expected.
SEEN = f"""seen as (
  select *, case when status = {DIED} and closed_day is not null then least(days, closed_day) else days end as closes from (
    select episode_key, patient_key, diagnosis, first_visit_month as month, status, closed_day,
           last_day($until::date) - last_day(make_date(first_visit_month // 12, first_visit_month % 12 + 1, 1)) as days from episodes))"""
OF_AN_OUTCOME = """count(*) filter (due_{m}) as expected_{m}, count(gain_{m}) as answered_{m},
       count(distinct patient_key) filter (gain_{m} is not null) as patients_{m},
       avg(gain_{m}) / 1000 as improvement_{m}, stddev_samp(gain_{m}) / 1000 as sd_{m},
       count(gain_{m}) filter (baseline >= enough) as able_{m}, count(*) filter (gain_{m} >= enough) as responders_{m},
       count(distinct patient_key) filter (gain_{m} >= enough) as responding_{m}"""
OUTCOMES_BY_MONTH = f"""with {SEEN}, answers as (
  select episode_key, instrument, {", ".join(map(nearest, (BASELINE, MONTH_3, MONTH_12)))}
  from scores where instrument in ({PAIN}, {ODI}) group by all),
known as (
  select instrument, month, patient_key, baseline, closes >= {MONTH_3.last} as due_3,
         closes >= {MONTH_12.last} as due_12,
         case when due_3 then baseline - month_3 end as gain_3, case when due_12 then baseline - month_12 end as gain_12,
         case instrument when {PAIN} then {ENOUGH[PAIN]} else {ENOUGH[ODI]} end as enough
  from answers join seen using (episode_key) where baseline is not null)
select instrument, month, {", ".join(OF_AN_OUTCOME.format(m=months) for months in (3, 12))}
from known group by grouping sets ((instrument, month), (instrument))"""
SEEN_BY_MONTH = f"""with {SEEN}, treated as (
  select episode_key, min(start_day) filter (start_day >= 0) as first_day,
         min(start_day) filter (start_day >= 0 and treatment in {SURGERY}) as surgery_day,
         bool_or(start_day < 0 and treatment in {SURGERY}) as operated_before from treatments group by all)
select month, count(*) as episodes, count(distinct patient_key) as patients, median(first_day) as wait,
       count(*) filter (days >= 365 and operated_before is not true) as a_year,
       count(*) filter (days >= 365 and operated_before is not true and surgery_day <= 365) as operated
from seen left join treated using (episode_key) group by grouping sets ((month), ())"""
SURGERY_BY_MONTH = f"""with {SEEN}, surgery as (
  select episode_key, min(start_day) as day from treatments where treatment in {SURGERY} and start_day >= 0 group by all),
again as (
  select t.episode_key, min(t.start_day - s.day) as days from treatments t join surgery s using (episode_key)
  where t.treatment in {SURGERY} and t.start_day > s.day group by all),
harm as (
  select a.episode_key, min(a.day - s.day) as days from adverse_events a join surgery s using (episode_key)
  where a.day >= s.day group by all),
known as (
  select make_date(month // 12, month % 12 + 1, 15) + day as date, patient_key, seen.days >= day + 90 as watched_90,
         seen.days >= day + 365 as watched_365, harm.days as harmed, again.days as again
  from surgery join seen using (episode_key) left join again using (episode_key) left join harm using (episode_key))
select least(year(date) * 12 + month(date), year($until::date) * 12 + month($until::date)) - 1 as month,
       count(*) filter (watched_90) as n_90, count(*) filter (watched_90 and harmed <= 90) as complications,
       count(*) filter (watched_90 and again <= 90) as again_90, count(*) filter (watched_365) as n_365,
       count(*) filter (watched_365 and again <= 365) as again_365,
       count(distinct patient_key) filter (watched_90) as patients_90, count(distinct patient_key) filter (watched_365) as patients_365
from known group by grouping sets ((1), ())"""

BAND = "case when age_years < 18 then 0 when age_years < 40 then 1 when age_years < 65 then 2 else 3 end"
MIX = "select diagnosis, count(*) as n, count(distinct patient_key) as patients from episodes group by grouping sets ((diagnosis), ())"
MIX_BY = f"""select {BAND} as age_band, sex, diagnosis, count(*) as n, count(distinct patient_key) as patients
from episodes join patients using (patient_key) group by grouping sets ((1, sex, diagnosis), (1, sex))"""

CARED = [f"coalesce(bool_or(treatment in {listed(places)}), false) as {stage}" for stage, places in OF_STAGE.items()]
REACHED = [f"count(*) filter ({stage}) as {stage}, count(distinct patient_key) filter ({stage}) as {stage}_patients" for stage in OF_STAGE]
CARE = f"""with care as (
  select episode_key, {", ".join(CARED)} from treatments
  where start_day <= 730 and (start_day >= 0 or treatment in {listed(COURSES)} and coalesce(end_day, 0) >= 0) group by all)
select count(*) as episodes, count(distinct patient_key) as patients, {", ".join(REACHED)},
       count(*) filter (conservative and injection) as conservative_injection, count(*) filter (injection and surgery) as injection_surgery
from episodes left join care using (episode_key)"""
WAYS = f"""with started as (
  select episode_key, {CLASS_OF}[treatment + 1] as class, start_day from treatments where start_day between 0 and 730),
steps as (
  select *, lag(class) over (partition by episode_key order by start_day, class) as former from started),
ways as (
  select episode_key, list(class order by start_day, class)[:6] as way, max(start_day) - min(start_day) as days
  from steps where class is distinct from former group by episode_key)
select way, count(*) as n, count(distinct patient_key) as patients, median(days) as median_days
from ways join episodes using (episode_key) group by way order by n desc, way limit 150"""


def outcomes(by: str = "") -> tuple[str, str]:
    """Pain at the reference visits and by week, for everyone or by a column of the episodes with a comma after it."""
    visits = ", ".join(f"('{visit.code}', {visit.last})" for visit in v.VISITS)
    at_visits = f"""with {SEEN}, wide as (
  select episode_key, {", ".join(map(nearest, v.VISITS))} from scores where instrument = {PAIN} group by all),
long as (
  from (select *, baseline as before from wide where baseline is not null)
  unpivot include nulls (value for visit in ({", ".join(v.codes(v.VISITS))})))
select {by} visit, count(*) as expected, count(value) as n, count(distinct patient_key) as expected_patients,
       count(distinct patient_key) filter (value is not null) as patients, avg(value) / 1000 as mean, stddev_samp(value) / 1000 as sd,
       quantile_cont(value, [0.25, 0.5, 0.75]) as quartiles, avg(value - before) / 1000 as change
from long join (values {visits}) visits(visit, last) using (visit) join seen using (episode_key)
where visit = 'baseline' or closes >= last group by {by} visit"""
    by_week = f"""with weeks as (
  select episode_key, (day + 56) // 7 - 8 as week, arg_max(value, day) as value
  from scores where instrument = {PAIN} and day between -56 and 734 group by all)
select {by} week, count(*) as n, count(distinct patient_key) as patients, avg(value) / 1000 as mean, stddev_samp(value) / 1000 as sd
from weeks join episodes using (episode_key) group by {by} week"""
    return at_visits, by_week


QUESTIONS: dict[str, tuple[str, ...]] = {
    "overview": (SEEN_BY_MONTH, OUTCOMES_BY_MONTH, SURGERY_BY_MONTH),
    "diagnoses": (MIX, MIX_BY),
    "pathways": (CARE, WAYS),
    "outcomes": outcomes(),
    "pain over time by diagnosis": outcomes("diagnosis,"),
}


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection with a view on the file of every base table."""
    connection = duckdb.connect()
    for name in TABLES:
        connection.execute(f"create view {name} as from read_parquet('{folder / name}*.parquet')")
    return connection


def ask(connection: duckdb.DuckDBPyConnection, statement: str, until: str) -> duckdb.DuckDBPyConnection:
    """Run one statement; `until` is the last month with complete data, as 2025-12."""
    return connection.execute(statement, {"until": f"{until}-01"} if "$until" in statement else None)
