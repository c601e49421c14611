"""Who a cohort is: its patients and episodes, and how many are left after each of its filters."""

from __future__ import annotations

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


def attrition(clinic: Clinic, cohort: Cohort) -> list[dict[str, object]]:
    """filter, patients, episodes after each filter, from "all" on: cumulative conditions of one scan."""
    check_allowed(cohort, clinic.policy.name)
    clauses = cohort.clauses()
    conditions = [sa.true(), *(sa.and_(*(clause for _, _, clause in clauses[: k + 1])) for k in range(len(clauses)))]
    columns = [
        column
        for k, held in enumerate(conditions)
        for column in (distinct_patients(episode_facts, held).label(f"patients_{k}"), count_where(held).label(f"episodes_{k}"))
    ]
    (row,) = clinic.rows(sa.select(*columns).select_from(episode_facts))
    names = ["all", *(name for name, _, _ in clauses)]
    return [{"filter": name, "patients": row[f"patients_{k}"], "episodes": row[f"episodes_{k}"]} for k, name in enumerate(names)]
