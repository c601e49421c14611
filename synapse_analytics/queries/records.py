"""The rows of the export tables, as they are stored: codes as positions, scores in thousandths, keys of the store beside.

Every exported column is declared once here; the data dictionary of an export is made from it. What is not declared
cannot leave: clinicians and ICD-10 codes (they tell the site and the diagnosis), months and follow-up ends (they tell
the month of the first visit), ids of treatments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.records import PATIENTS, Kind, record_file
from synapse_analytics.store.tables import FIRST_VISIT, episode_facts, pathway_names, patients, scores, treatments, visit_scores

FACTS = episode_facts.c
ID_COLUMNS = ("patient_id", "episode_id")
PATIENT_KEY, EPISODE_KEY = "patient_key", "episode_key"


@dataclass(frozen=True, slots=True)
class RecordColumn:
    """An exported column: how it is stored and what it means; ids have no stored column, they are drawn anew."""

    name: str
    kind: Kind
    meaning: str
    stored: sa.ColumnElement[Any] | None = None
    terms: tuple[Any, ...] = ()
    decimals: int = 1


def _declared(file: str, name: str, stored: sa.ColumnElement[Any]) -> RecordColumn:
    column = record_file(file).column(name)
    return RecordColumn(name, column.kind, column.meaning, stored, column.terms)


def _day(name: str, meaning: str) -> RecordColumn:
    return RecordColumn(name, Kind.DAY, f"{meaning}, in days from the first visit", FACTS[name])


PATIENT_ID = RecordColumn("patient_id", Kind.ID, "surrogate id of the patient, drawn anew for this export")
EPISODE_ID = RecordColumn("episode_id", Kind.ID, "surrogate id of the episode, drawn anew for this export")
SEX = _declared("patients", "sex", FACTS.sex)
AGE_BAND = RecordColumn("age_band", Kind.COUNT, "age at first visit in bands of 5 years", FACTS.age_years)
DIAGNOSIS = _declared("episodes", "diagnosis", FACTS.diagnosis)
YEAR = RecordColumn("year", Kind.COUNT, "year of the first visit", FACTS.year)
SITE = RecordColumn("site", Kind.UNIT, "short code of the site", FACTS.site)
ATTRIBUTES = (AGE_BAND, SEX, DIAGNOSIS, YEAR, SITE)  # what k-anonymity is over
OF_PATIENT = frozenset({"age_band", "sex"})
OF_PERSON = tuple(_declared("patients", name, FACTS[name]) for name in ("bmi", "smoker", "comorbidities", "occupation"))
OF_EPISODE = tuple(_declared("episodes", name, FACTS[name]) for name in ("side", "symptom_weeks", "red_flags", "status", "closed_day"))
DERIVED = (
    RecordColumn("highest_stage", Kind.CODE, "highest stage of treatment reached", FACTS.highest_stage, v.STAGES),
    RecordColumn("first_treatment", Kind.CODE, "first treatment from day 0 on", FACTS.first_treatment, v.TREATMENTS),
    _day("first_treatment_day", "start of the first treatment"),
    _day("first_injection_day", "first injection"),
    _day("first_surgery_day", "first surgery"),
    RecordColumn("pathway", Kind.UNIT, "steps of treatment by class, in order; default parameters", pathway_names.c.steps),
    RecordColumn("end_state", Kind.CODE, "state at the end of the pathway", FACTS.end_state, v.END_STATES),
)
BASELINES = tuple(
    RecordColumn(f"{term.code}_baseline", Kind.SCORE, f"{term.label}, baseline", FACTS[f"baseline_{term.code}"], decimals=term.decimals)
    for term in v.INSTRUMENTS
)


def _visit_columns() -> dict[str, tuple[RecordColumn, sa.ColumnElement[Any]]]:
    """Per column of a later visit its declaration and the condition that picks it from visit_scores."""
    found = {}
    for i, term in enumerate(v.INSTRUMENTS):
        for k, visit in enumerate(v.VISITS[1:], start=1):
            name = f"{term.code}_{visit.code}"
            picked = sa.and_(visit_scores.c.instrument == i, visit_scores.c.visit == k)
            found[name] = (RecordColumn(name, Kind.SCORE, f"{term.label}, {visit.label}", decimals=term.decimals), picked)
    return found


VISITS: Mapping[str, tuple[RecordColumn, sa.ColumnElement[Any]]] = MappingProxyType(_visit_columns())
_GIVEN = tuple(
    _declared("treatments", name, treatments.c[name]) for name in ("treatment", "start_day", "end_day", "sessions", "reoperation")
)
_SCORE = (
    _declared("scores", "day", scores.c.day),
    _declared("scores", "instrument", scores.c.instrument),
    RecordColumn("value", Kind.SCORE, "the score, in the instrument's own unit", scores.c.value, decimals=3),
)
_PERSON = tuple(
    _declared("patients", column.name, patients.c[column.name]) for column in PATIENTS.columns if column.name in {c.name for c in OF_PERSON}
)
RECORD_TABLES: Mapping[str, tuple[RecordColumn, ...]] = MappingProxyType(
    {
        "patients": (
            PATIENT_ID,
            RecordColumn("age_band", Kind.COUNT, AGE_BAND.meaning, patients.c.age_years),
            _declared("patients", "sex", patients.c.sex),
            *_PERSON,
        ),
        "episodes": (EPISODE_ID, PATIENT_ID, *ATTRIBUTES, *OF_EPISODE),
        "treatments": (EPISODE_ID, PATIENT_ID, *ATTRIBUTES, *_GIVEN),
        "scores": (EPISODE_ID, PATIENT_ID, *ATTRIBUTES, *_SCORE),
        "wide": (
            EPISODE_ID,
            PATIENT_ID,
            *ATTRIBUTES,
            *OF_PERSON,
            *OF_EPISODE,
            *DERIVED,
            *BASELINES,
            *(declared for declared, _ in VISITS.values()),
        ),
    }
)
ORDER_WITHIN = {"treatments": "start_day", "scores": "day"}


def record_rows(clinic: Clinic, cohort: Cohort, table: str, columns: Sequence[str]) -> pa.Table:
    """The rows of an export table for a cohort: the stored values of these columns beside the keys, in no order."""
    wanted = [column for column in RECORD_TABLES[table] if column.name in columns]
    stored: list[sa.ColumnElement[Any]] = [column.stored.label(column.name) for column in wanted if column.stored is not None]
    if table == "patients":
        chosen = sa.select(FACTS.patient_key).where(*cohort.where())
        return clinic.arrow(sa.select(patients.c.patient_key, *stored).where(patients.c.patient_key.in_(chosen)))
    source: sa.FromClause = episode_facts
    extra: list[sa.ColumnElement[Any]] = []
    if table in ORDER_WITHIN:
        rows = {"treatments": treatments, "scores": scores}[table]
        source = source.join(rows, rows.c.episode_key == FACTS.episode_key)
        extra.append(rows.c[ORDER_WITHIN[table]].label("order_within"))
    if "pathway" in columns:
        source = source.outerjoin(pathway_names, pathway_names.c.pathway == FACTS.pathway)
    visits = [name for name in columns if name in VISITS]
    if visits:
        answers = _answers(visits)
        source = source.outerjoin(answers, answers.c.episode_key == FACTS.episode_key)
        stored += [answers.c[name] for name in visits]
    return clinic.arrow(sa.select(FACTS.patient_key, FACTS.episode_key, *extra, *stored).select_from(source).where(*cohort.where()))


def _answers(names: Sequence[str]) -> sa.Subquery:
    """One row per episode with its scores at the later reference visits, a column each."""
    picked = [sa.func.max(sa.case((VISITS[name][1], visit_scores.c.value))).label(name) for name in names]
    statement = sa.select(visit_scores.c.episode_key, *picked).where(visit_scores.c.index_code == FIRST_VISIT)
    return statement.group_by(visit_scores.c.episode_key).subquery()
