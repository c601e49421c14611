"""Who a cohort is: its patients and episodes, and how many are left after each of its filters."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, check_allowed
from synapse_analytics.queries.counting import count_where, distinct_patients
from synapse_analytics.store.tables import episode_facts


def population(clinic: Clinic, cohort: Cohort, *, by: str | None = None) -> tuple[int, int]:
    """(patients, episodes) of a cohort; NotAllowed when the policy forbids the cohort or a split `by` this attribute."""
    check_allowed(cohort, clinic.policy.name, by=by)
    (row,) = clinic.rows(
        sa.select(distinct_patients(episode_facts).label("patients"), sa.func.count().label("episodes"))
        .select_from(episode_facts)
        .where(*cohort.where())
    )
    return row["patients"], row["episodes"]


def attrition(clinic: Clinic, cohort: Cohort) -> list[dict[str, Any]]:
    """filter, patients, episodes after each filter, from "all" on, and the patients each filter touched: one scan.

    A patient of whom only one of two episodes is left out is touched, too.
    """
    check_allowed(cohort, clinic.policy.name)
    clauses = cohort.clauses()
    columns = _step("0", sa.true(), sa.false())
    for k, (_, _, clause) in enumerate(clauses, start=1):
        before = [earlier for _, _, earlier in clauses[: k - 1]]
        # An unknown (null) attribute leaves the cohort too, which `not` would miss.
        columns += _step(str(k), sa.and_(*before, clause), sa.and_(*before, sa.case((clause, 0), else_=1) == 1))
    (row,) = clinic.rows(sa.select(*columns).select_from(episode_facts))
    names = ["all", *(name for name, _, _ in clauses)]
    return [{"filter": name} | {what: row[f"{what}_{k}"] for what in ("patients", "episodes", "touched")} for k, name in enumerate(names)]


def _step(suffix: str, left: sa.ColumnElement[bool], lost: sa.ColumnElement[bool]) -> list[sa.ColumnElement[int]]:
    return [
        distinct_patients(episode_facts, left).label(f"patients_{suffix}"),
        count_where(left).label(f"episodes_{suffix}"),
        distinct_patients(episode_facts, lost).label(f"touched_{suffix}"),
    ]
