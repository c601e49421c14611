"""Who answered at a visit and who was expected but did not: what both were like at baseline."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.queries.counting import count_where, distinct_patients, sum_of, sum_of_squares
from synapse_analytics.queries.scored import ScoreRows
from synapse_analytics.store.tables import episode_facts, index_scores, visit_scores

FACTS = episode_facts.c
BASELINE = index_scores.c
NUMBERS: dict[str, sa.ColumnElement[Any]] = {
    "age_years": FACTS.age_years,
    "symptom_weeks": FACTS.symptom_weeks,
    "bmi": FACTS.bmi,
    "baseline": BASELINE.baseline,
}
FLAGS: dict[str, tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]] = {  # (holds, is recorded)
    "female": (FACTS.sex == v.position(v.SEXES, "female"), FACTS.sex.is_not(None)),
    "smoker": (FACTS.smoker.is_(True), FACTS.smoker.is_not(None)),
    "operated": (FACTS.highest_stage == v.position(v.STAGES, "surgery"), FACTS.highest_stage.is_not(None)),
}


def baselines_by_answer(clinic: Clinic, rows: ScoreRows, visit: int) -> dict[bool, dict[str, int]]:
    """Expected episodes by whether they answered the visit: `<variable>_n` recorded, with `_total` and `_squares`, or `_yes`.

    `<variable>_n_patients` and `<variable>_yes_patients` are the distinct patients of both.
    """
    answers = (
        sa.select(visit_scores.c.episode_key)
        .where(visit_scores.c.index_code == rows.index, visit_scores.c.instrument == rows.instrument, visit_scores.c.visit == visit)
        .subquery()
    )
    answered = sa.case((answers.c.episode_key.is_(None), 0), else_=1).label("answered")
    source = index_scores.join(episode_facts, FACTS.episode_key == BASELINE.episode_key).outerjoin(
        answers, answers.c.episode_key == BASELINE.episode_key
    )
    expected = (BASELINE.index_code == rows.index, BASELINE.instrument == rows.instrument, BASELINE.closed_visits >= visit)
    columns = [column.label(name) for name, column in _columns().items()]
    statement = sa.select(answered, *columns).select_from(source).where(*expected, *rows.cohort.where()).group_by(answered)
    return {bool(row["answered"]): {name: int(value or 0) for name, value in row.items()} for row in clinic.rows(statement)}


def _columns() -> dict[str, sa.ColumnElement[Any]]:
    columns: dict[str, sa.ColumnElement[Any]] = {}
    for name, value in NUMBERS.items():
        known = value.is_not(None)
        columns[f"{name}_n"] = count_where(known)
        columns[f"{name}_n_patients"] = distinct_patients(episode_facts, known)
        columns[f"{name}_total"] = sum_of(value)
        columns[f"{name}_squares"] = sum_of_squares(value)
    for name, (holds, recorded) in FLAGS.items():
        for end, condition in (("n", recorded), ("yes", sa.and_(recorded, holds))):
            columns[f"{name}_{end}"] = count_where(condition)
            columns[f"{name}_{end}_patients"] = distinct_patients(episode_facts, condition)
    return columns
