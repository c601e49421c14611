"""The rows of the export tables, as they are stored: codes as positions, scores in thousandths, keys of the store beside.

Every exported column is declared once here; the data dictionary of an export is made from it. Only the cells of
anonymous_episodes describe the person of a row, and they choose the rows. A column that is not declared cannot leave: clinicians
and ICD-10 codes (they reveal the site and the diagnosis), months and follow-up ends (they reveal the month of the first visit),
ids of treatments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.anonymity import Selection
from synapse_analytics.bundle.schema import PATIENTS, Kind, record_file
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, five_year_bands
from synapse_analytics.store.tables import (
    FIRST_VISIT,
    anonymous_episodes,
    episode_facts,
    pathway_names,
    patients,
    scores,
    treatments,
    visit_scores,
)

FACTS, CELLS = episode_facts.c, anonymous_episodes.c
# Each patient once, with the cells that are the same in all of the patient's rows.
PEOPLE = sa.select(CELLS.patient_key, CELLS.age_band, CELLS.sex).distinct().subquery("people")
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
AGE_BAND = RecordColumn("age_band", Kind.COUNT, "age at first visit in bands of 5 years", CELLS.age_band)
SEX = _declared("patients", "sex", CELLS.sex)
DIAGNOSIS = _declared("episodes", "diagnosis", CELLS.diagnosis)
YEAR = RecordColumn("year", Kind.COUNT, "year of the first visit", CELLS.year)
SITE = RecordColumn("site", Kind.UNIT, "short code of the site", CELLS.site)
ANONYMOUS = (AGE_BAND, SEX, DIAGNOSIS, YEAR, SITE)
ATTRIBUTES = tuple(column.name for column in ANONYMOUS)  # what k-anonymity is over
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
        "patients": (PATIENT_ID, AGE_BAND, SEX, *_PERSON),
        "episodes": (EPISODE_ID, PATIENT_ID, *ANONYMOUS, *OF_EPISODE),
        "treatments": (EPISODE_ID, PATIENT_ID, *ANONYMOUS, *_GIVEN),
        "scores": (EPISODE_ID, PATIENT_ID, *ANONYMOUS, *_SCORE),
        "wide": (
            EPISODE_ID,
            PATIENT_ID,
            *ANONYMOUS,
            *OF_PERSON,
            *OF_EPISODE,
            *DERIVED,
            *BASELINES,
            *(declared for declared, _ in VISITS.values()),
        ),
    }
)
# The tables with several rows of an episode, and what these are ordered by.
ROWS_OF = {"treatments": (treatments, treatments.c.start_day), "scores": (scores, scores.c.day)}


def count_records(clinic: Clinic, cohort: Cohort, table: str, columns: Sequence[str]) -> Selection:
    """Counts of the rows of an export table for a cohort, made in the anonymous table."""
    source, cells = _source(table)
    chosen = _chosen(cohort, cells)
    shown = [column for column in cells if column.name in ATTRIBUTES]
    people, rows = sa.func.count(sa.distinct(cells.patient_key)).label("patients"), sa.func.count().label("rows")
    # Patients are counted without the joined rows: a distinct count over millions of scores needs more memory than a store has.
    combinations = clinic.rows(sa.select(*shown, people).where(*chosen.values()).group_by(*shown))
    classes = clinic.rows(sa.select(*shown, rows).select_from(source).where(*chosen.values()).group_by(*shown))
    episodes = sa.null() if table == "patients" else sa.func.count(sa.distinct(cells.episode_key))
    totals = clinic.rows(sa.select(people, episodes.label("episodes")).where(*chosen.values()))[0]
    open_ = [sa.or_(cells[name].is_(None), clause) for name, clause in chosen.items()]
    hidden = sa.or_(sa.false(), *(cells[name].is_(None) for name in chosen))
    left_out = sa.select(rows).select_from(source).where(*open_, hidden)
    return Selection(
        rows=sum(row["rows"] for row in classes),
        patients=totals["patients"],
        episodes=totals["episodes"],
        smallest=min((row["patients"] for row in combinations), default=0),
        blanked={
            column.name: sum(row["rows"] for row in classes if row[column.name] is None) for column in shown if column.name in columns
        },
        left_out=clinic.rows(left_out)[0]["rows"] if chosen else 0,
    )


def record_rows(clinic: Clinic, cohort: Cohort, table: str, columns: Sequence[str], *, few: int | None = None) -> pa.Table:
    """The rows of an export table for a cohort: the stored values of these columns beside the keys, in no order.

    An episode without a treatment (a score) has one row with empty cells in that table: with only those that have one, a
    combination of cells could belong to fewer patients than it is shared by. `few` reads that many rows only.
    """
    source, cells = _source(table)
    chosen = list(_chosen(cohort, cells).values())
    wanted = [column for column in RECORD_TABLES[table] if column.name in columns]
    stored: list[sa.ColumnElement[Any]] = [
        cells[c.name] if c.name in ATTRIBUTES else c.stored.label(c.name) for c in wanted if c.stored is not None
    ]
    keys = [cells.patient_key] if table == "patients" else [cells.patient_key, cells.episode_key]
    among = None
    if few is not None:  # chosen before they are joined: the anonymous table is in no order, the others would tell the month
        among = clinic.arrow(sa.select(keys[-1]).where(*chosen).limit(few)).column(0).to_pylist()
        chosen = [keys[-1].in_(among)]
    if table == "patients":
        source = source.join(patients, patients.c.patient_key == cells.patient_key)
    if table in ("episodes", "wide"):
        source = source.join(episode_facts, FACTS.episode_key == cells.episode_key)
    if table in ROWS_OF:
        keys.append(ROWS_OF[table][1].label("order_within"))
    if "pathway" in columns:
        source = source.outerjoin(pathway_names, pathway_names.c.pathway == FACTS.pathway)
    visits = [name for name in columns if name in VISITS]
    if visits:
        answers = _answers(visits, among)
        source = source.outerjoin(answers, answers.c.episode_key == cells.episode_key)
        stored += [answers.c[name] for name in visits]
    return clinic.arrow(sa.select(*keys, *stored).select_from(source).where(*chosen).limit(few))


def _source(table: str) -> tuple[sa.FromClause, sa.ColumnCollection]:
    """The anonymous table with the rows of an export table, and the cells by which they are chosen."""
    if table == "patients":
        return PEOPLE, PEOPLE.c
    if table in ROWS_OF:
        rows = ROWS_OF[table][0]
        return anonymous_episodes.outerjoin(rows, rows.c.episode_key == CELLS.episode_key), CELLS
    return anonymous_episodes, CELLS


def _chosen(cohort: Cohort, cells: sa.ColumnCollection) -> dict[str, sa.ColumnElement[bool]]:
    """By cell the clause that a cohort puts on it; NotAllowed was raised before for every other filter. A blank cell is not chosen."""
    found: dict[str, sa.ColumnElement[bool]] = {}
    for name, terms in (("diagnosis", v.DIAGNOSES), ("sex", v.SEXES)):
        if codes := getattr(cohort, name):
            found[name] = cells[name].in_([v.position(terms, code) for code in codes])
    if cohort.site:
        found["site"] = cells.site.in_(cohort.site)
    if {"age_band", "age_from", "age_to"} & set(cohort.in_use()):
        found["age_band"] = cells.age_band.in_(five_year_bands(cohort))
    first, last = (int(month[:4]) if month else None for month in (cohort.month_from, cohort.month_to))
    if first or last:
        found["year"] = cells.year.between(first or 0, last or 9999)
    return found


def _answers(names: Sequence[str], among: Sequence[int] | None) -> sa.Subquery:
    """One row per episode (of those `among`) with its scores at the later reference visits, a column each."""
    picked = [sa.func.max(sa.case((VISITS[name][1], visit_scores.c.value))).label(name) for name in names]
    wanted = [visit_scores.c.index_code == FIRST_VISIT, *([] if among is None else [visit_scores.c.episode_key.in_(among)])]
    statement = sa.select(visit_scores.c.episode_key, *picked).where(*wanted)
    return statement.group_by(visit_scores.c.episode_key).subquery()
