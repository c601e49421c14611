"""Rows about diagnoses, symptoms and baseline characteristics: counts per group over episode_facts, one scan each."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.queries.counting import sum_of, sum_of_squares
from synapse_analytics.queries.grouped import FACTS, Counted, Flags, count_groups
from synapse_analytics.store.functions import bit

# Variables of the baseline table with a mean: code -> column and how many stored units make one.
NUMBERS: Mapping[str, tuple[sa.Column, int]] = {
    "age_years": (FACTS.age_years, 1),
    "bmi": (FACTS.bmi, 1000),
    "comorbidities": (FACTS.comorbidities, 1),
    "symptom_weeks": (FACTS.symptom_weeks, 1),
    **{f"baseline_{term.code}": (FACTS[f"baseline_{term.code}"], 1000) for term in v.INSTRUMENTS},
}
# Variables with levels: code -> column and its closed list.
LEVELS: Mapping[str, tuple[sa.Column, tuple[v.Term, ...]]] = {"sex": (FACTS.sex, v.SEXES), "occupation": (FACTS.occupation, v.OCCUPATIONS)}
FLAGS: Mapping[str, sa.Column] = {"smoker": FACTS.smoker, "red_flags": FACTS.red_flags}


def primary_diagnoses(clinic: Clinic, cohort: Cohort, by: str | None) -> list[Counted]:
    """Per group the episodes and patients of each primary diagnosis (by its code)."""
    return count_groups(clinic, cohort, [by], Flags(bit(FACTS.diagnosis, len(v.DIAGNOSES)), v.codes(v.DIAGNOSES)))


def symptoms_present(clinic: Clinic, cohort: Cohort, by: str | None) -> list[Counted]:
    """Per group the episodes and patients with each symptom."""
    return count_groups(clinic, cohort, [by], Flags(FACTS.symptoms, v.codes(v.SYMPTOMS)))


def any_diagnoses(clinic: Clinic, cohort: Cohort, by: str | None) -> list[Counted]:
    """Per group and primary diagnosis (a position) the episodes and patients that have each diagnosis at all."""
    return count_groups(clinic, cohort, [by, "diagnosis"], Flags(FACTS.diagnoses, v.codes(v.DIAGNOSES)))


def baseline_numbers(clinic: Clinic, cohort: Cohort, by: str | None) -> list[Counted]:
    """Per group: conditions `variable` (recorded), sums `variable` and `variable:squares`."""
    recorded = {name: column.is_not(None) for name, (column, _) in NUMBERS.items()}
    sums: dict[str, sa.ColumnElement] = {}
    for name, (column, _) in NUMBERS.items():
        sums[name], sums[f"{name}:squares"] = sum_of(column), sum_of_squares(column)
    return count_groups(clinic, cohort, [by], recorded, sums)


def baseline_levels(clinic: Clinic, cohort: Cohort, by: str | None) -> list[Counted]:
    """Per group: conditions `variable` (recorded) and `variable:level` of the closed lists and the yes/no."""
    conditions: dict[str, sa.ColumnElement[bool]] = {}
    for name, (column, terms) in LEVELS.items():
        conditions[name] = column.is_not(None)
        conditions |= {f"{name}:{term.code}": column == k for k, term in enumerate(terms)}
    for name, column in FLAGS.items():
        conditions[name], conditions[f"{name}:yes"] = column.is_not(None), column.is_(True)
    return count_groups(clinic, cohort, [by], conditions)
