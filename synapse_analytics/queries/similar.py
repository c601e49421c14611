"""Episodes of one diagnosis: the attributes by which they are similar, and the outcomes of the similar ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import whole
from synapse_analytics.store.tables import FIRST_VISIT, episode_facts, index_scores, pathway_names

FACTS, SCORES = episode_facts.c, index_scores.c
Array = np.ndarray
NUMBERS = {
    "age": FACTS.age_years,
    "symptom_weeks": FACTS.symptom_weeks,
    "pain": FACTS.headline_baseline,
    "odi": FACTS.baseline_odi,
    "bmi": FACTS.bmi,
}
ATTRIBUTES = {**NUMBERS, "sex": FACTS.sex, "smoker": FACTS.smoker}


@dataclass(frozen=True, slots=True)
class Candidates:
    """One entry per episode: its patient and its attributes as stored (scores and BMI in thousandths), NaN where not recorded."""

    episode: Array
    patient: Array
    attributes: Mapping[str, Array]

    def where(self, chosen: Array) -> Candidates:
        """The chosen candidates."""
        known = {name: values[chosen] for name, values in self.attributes.items()}
        return Candidates(self.episode[chosen], self.patient[chosen], known)


@dataclass(frozen=True, slots=True)
class Alike:
    """One entry per similar episode: its patient, its treatment, and the scores by instrument (position).

    A row of `scores` (thousandths) holds the baseline and the answers at the visits asked for, NaN where there is none;
    `closed_visits` counts the visits of the instrument whose window has closed, 0 without a baseline. `surgery_cause` is -1 where
    the episode was never at risk of surgery.
    """

    patient: Array
    stage: Array
    steps: pa.DictionaryArray
    surgery_day: Array
    surgery_cause: Array
    scores: Mapping[int, Array]
    closed_visits: Mapping[int, Array]


def candidates(clinic: Clinic, cohort: Cohort, diagnosis: int, attributes: Sequence[str]) -> Candidates:
    """Every episode of the cohort with this diagnosis, with these attributes."""
    columns = (ATTRIBUTES[name].label(name) for name in attributes)
    keys = (FACTS.episode_key, FACTS.patient_key)
    table = clinic.arrow(sa.select(*keys, *columns).where(FACTS.diagnosis == diagnosis, *cohort.where()))
    known = {name: _decimal(table, name) for name in attributes}
    return Candidates(table.column("episode_key").to_numpy(), table.column("patient_key").to_numpy(), known)


def what_became(clinic: Clinic, cohort: Cohort, diagnosis: int, chosen: Candidates, visits: Sequence[int]) -> Alike:
    """The treatment and the scores in pain and ODI of the chosen candidates; one statement.

    It asks for the range of every chosen number, then drops the few episodes that lie inside all ranges but are not chosen.
    """
    source: sa.FromClause = episode_facts.outerjoin(pathway_names, pathway_names.c.pathway == FACTS.pathway)
    columns: list[sa.ColumnElement[Any]] = [pathway_names.c.steps]
    instruments = dict.fromkeys((headline_of(clinic), v.position(v.INSTRUMENTS, "odi")))
    codes = ["baseline", *(v.VISITS[visit].code for visit in visits)]
    for place in instruments:
        one = index_scores.alias(f"scores_{place}")
        same = sa.and_(one.c.episode_key == FACTS.episode_key, one.c.index_code == FIRST_VISIT, one.c.instrument == place)
        source = source.outerjoin(one, same)
        columns += [one.c[name].label(f"{name}_{place}") for name in ("closed_visits", *codes)]
    plain = (FACTS.episode_key, FACTS.patient_key, FACTS.highest_stage, FACTS.surgery_exit_day, FACTS.surgery_exit_cause)
    ranges = [_within(NUMBERS[name], values) for name, values in chosen.attributes.items() if name in NUMBERS]
    clauses = (FACTS.diagnosis == diagnosis, *ranges, *cohort.where())
    table = clinic.arrow(sa.select(*plain, *columns).select_from(source).where(*clauses))
    table = table.filter(pa.array(np.isin(table.column("episode_key").to_numpy(), chosen.episode)))
    return Alike(
        _whole(table, "patient_key"),
        _whole(table, "highest_stage"),
        table.column("steps").combine_chunks().dictionary_encode(),
        _whole(table, "surgery_exit_day"),
        _whole(table, "surgery_exit_cause"),
        {place: np.column_stack([_decimal(table, f"{name}_{place}") for name in codes]) for place in instruments},
        {place: np.nan_to_num(_decimal(table, f"closed_visits_{place}")) for place in instruments},
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """One entry per episode that answered at a visit, in order of its key: its attributes as stored and the score (thousandths)."""

    diagnosis: Array
    patient: Array
    attributes: Mapping[str, Array]
    score: Array


def answered(clinic: Clinic, cohort: Cohort, instrument: int, visit: int, attributes: Sequence[str]) -> Answered:
    """The episodes of the cohort that answered an instrument at a reference visit where it was expected."""
    score = SCORES[v.VISITS[visit].code]
    columns = (ATTRIBUTES[name].label(name) for name in attributes)
    table = clinic.arrow(
        sa.select(FACTS.diagnosis, FACTS.episode_key, FACTS.patient_key, *columns, score.label("score"))
        .join(index_scores, SCORES.episode_key == FACTS.episode_key)
        .where(SCORES.index_code == FIRST_VISIT, SCORES.instrument == instrument, score.is_not(None), *cohort.where())
    )
    table = table.take(np.argsort(table.column("episode_key").to_numpy()))
    known = {name: _decimal(table, name) for name in attributes}
    return Answered(_whole(table, "diagnosis"), _whole(table, "patient_key"), known, _decimal(table, "score"))


def headline_of(clinic: Clinic) -> int:
    """Position of the headline instrument."""
    return v.position(v.INSTRUMENTS, clinic.generation.headline)


def _within(column: sa.ColumnElement[Any], values: Array) -> sa.ColumnElement[bool]:
    """The range of some values of a column; rows without a value only where some of them have none."""
    known = values[~np.isnan(values)]
    clauses = [column.between(int(known.min()), int(known.max()))] if len(known) else []
    return sa.or_(sa.false(), *clauses, *([column.is_(None)] if len(known) < len(values) else []))


def _whole(table: pa.Table, name: str) -> Array:
    """A column of whole numbers, -1 where null."""
    return whole(table.column(name), -1)


def _decimal(table: pa.Table, name: str) -> Array:
    """A column of numbers or flags, NaN where null."""
    return table.column(name).cast(pa.float64()).to_numpy()
