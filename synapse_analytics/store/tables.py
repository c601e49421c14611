"""Every stored table: base tables (one per file of the bundle) and the marts derived from them once per load.

Codes are stored as their position in the vocabulary, scores in thousandths of their unit (so that sums, changes and
thresholds are exact on every engine), months as year * 12 + month - 1. Nothing here reads or writes.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import fields, is_dataclass
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, SmallInteger, String, Table

from synapse_analytics import vocabulary as v
from synapse_analytics.indicators import most_amounts, schema_lines
from synapse_analytics.pathways import PathwayDefinition
from synapse_analytics.store.characteristics import CHARACTERISTICS

metadata = MetaData()


def _table(name: str, *columns: Column) -> Table:
    return Table(name, metadata, *columns)


def _columns(kind: type, *names: str) -> list[Column]:
    """Neighbouring columns of one type that need no comment."""
    return [Column(name, kind) for name in names]


patients = _table(
    "patients",
    Column("patient_key", Integer),
    Column("patient_id", String),
    *_columns(SmallInteger, "sex", "age_years"),
    Column("bmi", Integer),  # thousandths
    Column("smoker", Boolean),
    *_columns(SmallInteger, "comorbidities", "occupation"),
)
episodes = _table(
    "episodes",
    Column("episode_key", Integer),
    Column("episode_id", String),
    *_columns(Integer, "patient_key", "first_visit_month"),
    *_columns(String, "site", "clinician"),
    Column("diagnosis", SmallInteger),
    Column("icd10", String),
    *_columns(SmallInteger, "side", "symptom_weeks"),
    Column("red_flags", Boolean),
    Column("status", SmallInteger),
    Column("closed_day", Integer),
)
other_diagnoses = _table("other_diagnoses", Column("episode_key", Integer), Column("diagnosis", SmallInteger), Column("icd10", String))
symptoms = _table("symptoms", Column("episode_key", Integer), Column("symptom", SmallInteger))
investigations = _table(
    "investigations",
    *_columns(Integer, "episode_key", "day"),
    *_columns(SmallInteger, "investigation", "finding"),
)
treatments = _table(
    "treatments",
    Column("treatment_key", Integer),
    Column("treatment_id", String),
    Column("episode_key", Integer),
    Column("treatment", SmallInteger),
    *_columns(Integer, "start_day", "end_day"),
    Column("clinician", String),
    Column("sessions", SmallInteger),
    Column("reoperation", Boolean),
)
scores = _table(
    "scores",
    *_columns(Integer, "episode_key", "day"),
    Column("instrument", SmallInteger),
    Column("value", Integer),  # thousandths
)
adverse_events = _table(
    "adverse_events",
    *_columns(Integer, "episode_key", "day"),
    Column("event", SmallInteger),
    Column("treatment_key", Integer),
    Column("severity", SmallInteger),
)

# --- marts -------------------------------------------------------------------------------------------------------
# `repeat_patient` is the patient of an episode whose patient has other episodes too, and null where the patient has no
# other. Rows grouped by it count patients exactly: the rows of null are one patient each (counts.py).

episode_facts = _table(
    "episode_facts",
    *_columns(Integer, "episode_key", "patient_key", "repeat_patient"),
    # cohort attributes
    *_columns(SmallInteger, "diagnosis", "sex", "age_years"),
    Column("age_band", SmallInteger),  # position in vocabulary.AGE_BANDS; likewise the other bands; null = not recorded
    Column("age_sex", SmallInteger),  # age_band * number of sexes + sex
    Column("first_visit_month", Integer),
    Column("year", SmallInteger),  # of the first visit
    *_columns(String, "site", "clinician"),
    Column("highest_stage", SmallInteger),  # position in STAGES; 0 = no treatment from day 0 on
    Column("first_treatment", SmallInteger),  # position in TREATMENTS, of the first start >= 0 (tie: vocabulary order); null = none
    Column("pain_band", SmallInteger),  # of the headline baseline
    *_columns(SmallInteger, "odi_band", "bmi_band", "symptom_weeks", "symptom_band"),
    Column("smoker", Boolean),
    Column("comorbidities", SmallInteger),
    Column("comorbidities_band", SmallInteger),  # 0, 1, 2, 3 = 3 or more
    *_columns(SmallInteger, "occupation", "side"),
    Column("bmi", Integer),  # thousandths
    Column("red_flags", Boolean),
    Column("status", SmallInteger),
    # sets as bit masks: bit k is position k of the closed list
    Column("diagnoses", Integer),  # primary and secondary
    *_columns(Integer, "symptoms", "investigations"),
    Column("confirmed_investigations", Integer),  # those of which any confirmed the diagnosis
    *(Column(f"first_{term.code}_day", Integer) for term in v.INVESTIGATIONS),
    Column("characteristics", Integer),  # what is recorded and its level: characteristics.py says what each bit means
    Column("treatments", Integer),  # started on day 0 or later, or running on day 0
    Column("care", SmallInteger),  # the stages of these treatments: bit k is position k of STAGES
    # times, in days from the first visit; null = never
    Column("first_treatment_day", Integer),
    Column("first_conservative_day", Integer),  # of these treatments; negative where the first was running on day 0
    Column("first_injection_day", Integer),  # first on day >= 0
    Column("first_surgery_day", Integer),
    Column("first_escalation_day", Integer),  # the first of these two
    *_columns(Boolean, "injected_before_day_0", "operated_before_day_0"),
    Column("closed_day", Integer),
    Column("days_surely_observed", Integer),  # last day of first_visit_month to the end of data_until; may be negative
    Column("follow_up_end", Integer),  # max(days_surely_observed, last recorded day)
    # when and why an episode left the risk set of its first injection and of its first surgery; null = never at risk
    Column("injection_exit_day", SmallInteger),  # 731 = after two years
    Column("injection_exit_cause", SmallInteger),  # 0 censored, 1 the event, 2 a competing end
    *_columns(SmallInteger, "surgery_exit_day", "surgery_exit_cause"),
    # escalation and surgery
    # union of conservative courses in the 180 days before the first injection or surgery
    Column("conservative_days_before_escalation", Integer),
    *_columns(Integer, "conservative_days_before_injection", "conservative_days_before_surgery"),
    Column("score_before_injection", Integer),  # last headline answer from day 1 on, in the 60 days up to it; null = none
    Column("score_before_surgery", Integer),
    Column("conservative_at_12_weeks", Boolean),  # begun by day 84; neither escalated nor closed by then
    Column("next_surgery_days", Integer),  # days from the first surgery (>= 0) to the next surgery row; null = none
    Column("complication_days", Integer),  # days from the first surgery (>= 0) to the first adverse event on or after it; null = none
    # headline outcome and default pathway
    Column("headline_baseline", Integer),
    Column("headline_last", Integer),  # last answer on day 1..min(730, follow-up end); null = none
    Column("headline_month_3", Integer),  # answer at 3 months, where it was expected
    Column("end_state", SmallInteger),  # position in END_STATES
    Column("pathway", Integer),  # row of pathway_names
    Column("pathway_days", Integer),  # start of the first step to the start of the last
    # first-visit baseline of each instrument, thousandths
    *(Column(f"baseline_{term.code}", Integer) for term in v.INSTRUMENTS),
)
# What most cohorts are narrowed by. Every other mart of an episode's rows carries it, so that a click is a filter and no join.
CARRIED = ("diagnosis", "sex", "age_years", "age_band", "first_visit_month", "site", "highest_stage")


def _carried(*more: str) -> list[Column]:
    """What is carried, and these columns too: each holds the same as the one of its name in episode_facts."""
    return [Column(name, episode_facts.c[name].type) for name in (*CARRIED, *more)]


pathway_names = _table(
    "pathway_names",
    Column("pathway", Integer),
    Column("steps", String),  # "medication|medication+physical_therapy|discectomy"; "untreated"
    Column("times", String),  # "1|1|2", merged repeats of each step
)
treatment_steps = _table(
    "treatment_steps",
    *_columns(Integer, "episode_key", "repeat_patient"),
    Column("link", Integer),  # from the step before, in its place: its number among those of pathway_names (pathways/links.py)
    Column("days", SmallInteger),  # start to start; from day 0 for the first step
    Column("change", Integer),  # of the headline score over the step, thousandths; null without both answers
    *_carried(),
)
# An index is the first visit (0) or the first start on day >= 0 of a treatment (position in TREATMENTS + 1).
index_days = _table(
    "index_days",
    Column("index_code", SmallInteger),
    *_columns(Integer, "episode_key", "patient_key", "repeat_patient", "index_day"),
    Column("closed_visits", SmallInteger),  # how many follow-up visits (week_6 first) have a surely closed window the patient lived through
    *_carried(),
)
# One wide row for each index and instrument with a baseline: the answers at the reference visits where they were expected.
index_scores = _table(
    "index_scores",
    *_columns(SmallInteger, "index_code", "instrument"),
    *_columns(Integer, "episode_key", "repeat_patient"),
    Column("closed_visits", SmallInteger),
    Column("baseline", Integer),
    *(Column(visit.code, Integer) for visit in v.VISITS[1:]),
    Column("flags", BigInteger),  # score_flags.py says what each bit means
    *_carried(),
)
# The same answers one by one, to be counted per value.
visit_scores = _table(
    "visit_scores",
    *_columns(SmallInteger, "index_code", "instrument"),
    Column("visit", SmallInteger),  # position in VISITS, 1 = week_6 .. 5 = month_24; only expected visits that were answered
    *_columns(Integer, "episode_key", "repeat_patient", "baseline", "value"),
    *_carried(),
)
WEEK_STEPS = (1, 2, 4, 8)  # so many weeks may be taken together, as one step
STEPS_FROM = -20  # the week, before all others, with which a step of each width begins: a visit at 0, 12 or 24 months lies inside a step
week_scores = _table(
    "week_scores",
    *_columns(SmallInteger, "index_code", "instrument"),
    Column("week", SmallInteger),  # floor(day since index / 7), -8..104; the last answer of the week
    Column("last_of", SmallInteger),  # the widest of WEEK_STEPS of which it is the last answer, too
    *_columns(Integer, "episode_key", "repeat_patient", "value"),
    *_carried(),
)
# Under each class of conservative care, from its first start until care escalates: the headline score of each week, and in
# which periods of weeks there is one (bit k: in period k).
CARE_WEEKS, PERIOD_WEEKS = 52, 4  # weeks that are looked at; weeks taken together, as medians of single weeks are noise
conservative_weeks = _table(
    "conservative_weeks",
    *_columns(SmallInteger, "treatment_class", "period"),
    *_columns(Integer, "episode_key", "repeat_patient", "value"),
    *_carried(),
)
conservative_periods = _table(
    "conservative_periods",
    Column("treatment_class", SmallInteger),
    *_columns(Integer, "episode_key", "repeat_patient"),
    Column("periods", SmallInteger),
    *_carried(),
)
CASE_MIX = ("clinician", "symptom_band", "red_flags", "symptoms")  # by which units are compared and adjusted, beside what is carried
# One row for each index of the indicators that an episode has: what is true of it, and what is added up (indicators/).
indicator_rows = _table(
    "indicator_rows",
    Column("index_code", SmallInteger),  # position in indicators.INDEXES
    Column("month", Integer),  # of the index; none lies after the data
    *_columns(Integer, "episode_key", "repeat_patient"),
    Column("flags", BigInteger),  # bit k: fact k of the index holds
    *(Column(f"amount_{number}", Integer) for number in range(1, most_amounts() + 1)),
    Column("pain", SmallInteger),  # before the index: pain in whole points, ODI in tens; null = not recorded
    Column("odi", SmallInteger),
    *_carried(*CASE_MIX),
)
# What may leave in rows: one row per episode, null = blanked, so that every combination is shared by at least five patients.
# The rows are in no order: that of the other marts would tell the month.
anonymous_episodes = _table(
    "anonymous_episodes",
    *_columns(Integer, "patient_key", "episode_key"),
    Column("age_band", SmallInteger),  # position in vocabulary.FIVE_YEAR_BANDS
    *_columns(SmallInteger, "sex", "diagnosis"),
    Column("year", SmallInteger),  # of the first visit
    Column("site", String),
)

BASE_TABLES = (patients, episodes, other_diagnoses, symptoms, investigations, treatments, scores, adverse_events)
CARRIERS = (  # a column that is named as one of episode_facts holds the same
    treatment_steps,
    index_days,
    index_scores,
    visit_scores,
    week_scores,
    conservative_weeks,
    conservative_periods,
    indicator_rows,
)
MARTS = (episode_facts, pathway_names, *CARRIERS, anonymous_episodes)
FIRST_VISIT = 0
HORIZON = 730  # days to an escalation; what happens later is not told apart: the episode is still at risk when the curve ends
WORDING = {"label", "source", "icd10"}  # fields of a term that change no stored number
# The order in which the rows of a statement are stored; those of the other marts come in the order they are to have.
SORTED_BY = {
    "index_days": ("index_code", "episode_key"),
    "index_scores": ("index_code", "instrument", "episode_key"),
    "visit_scores": ("index_code", "instrument", "visit", "episode_key"),
    "week_scores": ("index_code", "instrument", "week", "episode_key"),
}


@functools.cache
def schema_digest() -> str:
    """A short sha256 of every stored column and the meaning of its codes: a generation built to another one cannot be read."""
    columns = [f"{table.name}.{column.name} {column.type!r}" for table in (*BASE_TABLES, *MARTS) for column in table.columns]
    lists = [f"{name}: {[_meaning(term) for term in terms]}" for name, terms in sorted(vars(v).items()) if isinstance(terms, tuple)]
    pathways = repr(PathwayDefinition())
    return hashlib.sha256("\n".join([*columns, *lists, *CHARACTERISTICS, pathways, *schema_lines()]).encode()).hexdigest()[:16]


def _meaning(term: Any) -> Any:
    """The fields of a term that decide stored numbers: all but its wording."""
    if not is_dataclass(term):
        return term
    return {field.name: getattr(term, field.name) for field in fields(term) if field.name not in WORDING}
