"""Scores of a cohort by reference visit and by week: counts per value, sums, and who was expected to answer.

Values stay in thousandths, so that sums are whole numbers and thresholds exact; units are made in Python.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.queries.counting import sum_of, sum_of_squares
from synapse_analytics.queries.scored import Key, ScoreRows, counted, grouped, has_few, patients
from synapse_analytics.store.functions import int_div
from synapse_analytics.store.tables import index_scores, index_days, visit_scores, week_scores

EVERY = "patients"
SHIFT = 1_000_000  # makes changes positive for whole division; a multiple of every bin width


def visit_values(clinic: Clinic, rows: ScoreRows) -> list[dict[str, Any]]:
    """group, visit, value, n, single, change and change_squares (sums) of the answers at the reference visits."""
    score = visit_scores.c
    sums = {"change": sum_of((score.value - score.baseline)), "change_squares": sum_of_squares((score.value - score.baseline))}
    return grouped(clinic, rows, {"visit": score.visit, "value": score.value}, sums)


def visit_patients(clinic: Clinic, rows: ScoreRows) -> dict[Key, int]:
    """(group, visit) -> distinct patients who answered."""
    found = patients(clinic, rows, {"visit": visit_scores.c.visit}, {EVERY: sa.true()})
    return {key: counts[EVERY] for key, counts in found.items()}


def baseline_values(clinic: Clinic, rows: ScoreRows) -> list[dict[str, Any]]:
    """group, closed_visits, value, n, single: baselines by how many follow-up visits of theirs are surely over."""
    return grouped(clinic, rows, {"closed_visits": index_scores.c.closed_visits, "value": index_scores.c.baseline}, {})


def expected_patients(clinic: Clinic, rows: ScoreRows) -> dict[Key, int]:
    """(group, visit) -> distinct patients with a baseline who were expected at it; visit 0: who have a baseline."""
    closed = index_scores.c.closed_visits
    found = patients(clinic, rows, {}, {str(visit): closed >= visit for visit in range(6)})
    return {(*key, int(visit)): n for key, counts in found.items() for visit, n in counts.items()}


def index_episodes(clinic: Clinic, rows: ScoreRows) -> dict[Key, dict[str, int]]:
    """(group,) -> episodes (`every`) and patients (`every_patients`) that have the index, with or without a baseline."""
    return counted(clinic, rows, {}, {"every": sa.true()})


def week_values(clinic: Clinic, rows: ScoreRows) -> list[dict[str, Any]]:
    """group, week, value, n, single of the last answers of each week."""
    return grouped(clinic, rows, {"week": week_scores.c.week, "value": week_scores.c.value}, {})


def week_patients(clinic: Clinic, rows: ScoreRows) -> dict[Key, int]:
    """(group, week) -> distinct patients who answered."""
    found = patients(clinic, rows, {"week": week_scores.c.week}, {EVERY: sa.true()})
    return {key: counts[EVERY] for key, counts in found.items()}


def _bin(column: sa.ColumnElement[int], width: int, last: int) -> sa.ColumnElement[int]:
    """Number of the half-open bin of `width` a value falls in; the top value of the range falls in the last bin."""
    number = int_div(column + SHIFT, width) - SHIFT // width
    return sa.cast(sa.case((number > last, last), else_=number), sa.Integer)


def change_bins(clinic: Clinic, rows: ScoreRows, width: int, last: int) -> dict[Key, dict[str, int]]:
    """(group, bin) -> `every` and `every_patients`: changes in bins of `width` thousandths, `last` holding its upper end too."""
    return counted(clinic, rows, {"bin": _bin((visit_scores.c.value - visit_scores.c.baseline), width, last)}, {"every": sa.true()})


def follow_up_by_baseline(clinic: Clinic, rows: ScoreRows, width: int, last: int) -> tuple[list[dict[str, Any]], dict[Key, int]]:
    """(group, bin, value, n of follow-up answers by bin of the baseline; (group, bin) -> distinct patients)."""
    keys = {"bin": _bin(visit_scores.c.baseline, width, last)}
    found = counted(clinic, rows, keys, {"every": sa.true()})
    values = grouped(clinic, rows, {**keys, "value": visit_scores.c.value}, {})
    return values, {key: counts["every_patients"] for key, counts in found.items()}


def answered_patients(clinic: Clinic, rows: ScoreRows) -> dict[Key, int]:
    """(group,) -> distinct patients of these answers."""
    return {key: counts["every_patients"] for key, counts in counted(clinic, rows, {}, {"every": sa.true()}).items()}


__all__ = [
    "ScoreRows",
    "answered_patients",
    "baseline_values",
    "change_bins",
    "expected_patients",
    "follow_up_by_baseline",
    "has_few",
    "index_scores",
    "index_days",
    "index_episodes",
    "visit_patients",
    "visit_scores",
    "visit_values",
    "week_patients",
    "week_scores",
    "week_values",
]
