"""The clinic's own episodes of one diagnosis, with what makes them alike and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.queries.escalation import at_risk_on_day_0, day_and_cause
from synapse_analytics.store.tables import FIRST_VISIT, episode_facts, index_days, pathway_names, visit_scores

FACTS, SCORES = episode_facts.c, visit_scores.c
Array = np.ndarray
ATTRIBUTES = {
    "age": FACTS.age_years,
    "sex": FACTS.sex,
    "symptom_weeks": FACTS.symptom_weeks,
    "pain": FACTS.headline_baseline,
    "odi": FACTS.baseline_odi,
    "bmi": FACTS.bmi,
}


@dataclass(frozen=True, slots=True)
class Candidates:
    """One entry per episode, in order of its key; attributes and baselines are NaN where not recorded (thousandths where stored so)."""

    episode: Array
    patient: Array
    attributes: dict[str, Array]
    stage: Array
    pathway: Array
    closed_visits: Array
    surgery_day: Array  # the day an episode leaves the risk set of surgery ...
    surgery_cause: Array  # ... and why; -1 where it was never at risk

    def where(self, chosen: Array) -> Candidates:
        """Some of them."""
        columns = (self.stage, self.pathway, self.closed_visits, self.surgery_day, self.surgery_cause)
        attributes = {name: values[chosen] for name, values in self.attributes.items()}
        return Candidates(self.episode[chosen], self.patient[chosen], attributes, *(column[chosen] for column in columns))


def candidates(clinic: Clinic, cohort: Cohort, diagnosis: int) -> Candidates:
    """Every episode of the cohort with this diagnosis."""
    day, cause = day_and_cause("surgery")
    waiting = sa.and_(*at_risk_on_day_0("surgery"))
    table = clinic.arrow(
        sa.select(
            FACTS.episode_key,
            FACTS.patient_key,
            *(column.label(name) for name, column in ATTRIBUTES.items()),
            sa.case((FACTS.smoker.is_(True), 1), (FACTS.smoker.is_(False), 0)).label("smoker"),
            FACTS.highest_stage,
            FACTS.pathway,
            index_days.c.closed_visits,
            day.label("day"),
            sa.case((waiting, cause), else_=-1).label("cause"),
        ).join(index_days, sa.and_(index_days.c.episode_key == FACTS.episode_key, index_days.c.index_code == FIRST_VISIT)).where(FACTS.diagnosis == diagnosis, *cohort.where())
    )
    order = np.argsort(_whole(table, "episode_key"))
    attributes = {name: table[name].cast(pa.float64()).to_numpy()[order] for name in (*ATTRIBUTES, "smoker")}
    whole = {name: _whole(table, name)[order] for name in table.column_names if name not in attributes}
    return Candidates(
        whole["episode_key"],
        whole["patient_key"],
        attributes,
        whole["highest_stage"],
        whole["pathway"],
        whole["closed_visits"],
        whole["day"],
        whole["cause"],
    )


def answers(clinic: Clinic, cohort: Cohort, diagnosis: int, found: Candidates, wanted: tuple[int, int]) -> Array:
    """Scores (thousandths) of these episodes at every reference visit (columns, the first is the baseline), NaN where not answered.

    `wanted` is the diagnosis's instrument and the latest visit.
    """
    instrument, last = wanted
    table = clinic.arrow(
        sa.select(SCORES.episode_key, SCORES.visit, SCORES.value)
        .join(episode_facts, FACTS.episode_key == SCORES.episode_key)
        .where(
            SCORES.index_code == FIRST_VISIT,
            SCORES.instrument == instrument,
            SCORES.visit <= last,
            FACTS.diagnosis == diagnosis,
            *cohort.where(),
        )
    )
    scores = np.full((len(found.episode), last + 1), np.nan)
    if table.num_rows and len(found.episode):
        key = _whole(table, "episode_key")
        place = np.minimum(np.searchsorted(found.episode, key), len(found.episode) - 1)
        held = found.episode[place] == key
        scores[place[held], _whole(table, "visit")[held]] = _whole(table, "value")[held]
    return scores


def names_of_pathways(clinic: Clinic, pathways: list[int]) -> dict[int, str]:
    """The steps of these pathways in words."""
    names = pathway_names.c
    return {row["pathway"]: row["steps"] for row in clinic.rows(sa.select(names.pathway, names.steps).where(names.pathway.in_(pathways)))}


def headline_of(clinic: Clinic) -> int:
    """Position of the headline instrument."""
    return v.position(v.INSTRUMENTS, clinic.generation.headline)


def _whole(table: pa.Table, name: str) -> Array:
    return table[name].to_numpy().astype(np.int64)
