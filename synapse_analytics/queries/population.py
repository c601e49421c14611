"""Who a cohort is: its patients and episodes, and how many are left after each of its filters."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, check_allowed
from synapse_analytics.queries.counting import count_where
from synapse_analytics.queries.grouped import tallies
from synapse_analytics.store.tables import episode_facts


def population(clinic: Clinic, cohort: Cohort, *, by: str | None = None) -> tuple[int, int]:
    """(patients, episodes) of a cohort; NotAllowed when the policy forbids the cohort or a split `by` this attribute."""
    check_allowed(cohort, clinic.policy.name, by=by)
    (row,) = clinic.rows(_population(cohort))
    return row["patients"], row["episodes"]


def _population(cohort: Cohort) -> sa.Select[Any]:
    """Two scans that read one short column each: a distinct count beside the scan of all rows takes twice as long."""
    facts = episode_facts.c
    held = cohort.where()
    only = count_where(facts.repeat_patient.is_(None)).label("only")
    scan = sa.select(sa.func.count().label("episodes"), only).select_from(episode_facts).where(*held).subquery("scan")
    several = (
        sa.select(sa.func.count(sa.distinct(facts.patient_key)).label("patients"))
        .where(facts.repeat_patient.is_not(None), *held)
        .subquery("several")
    )
    return sa.select((scan.c.only + several.c.patients).label("patients"), scan.c.episodes).select_from(scan.join(several, sa.true()))


def attrition(clinic: Clinic, cohort: Cohort) -> list[dict[str, Any]]:
    """filter, patients, episodes after each filter, from "all" on, and the patients each filter touched: one scan.

    A patient of whom only one of two episodes is left out is touched, too.
    """
    check_allowed(cohort, clinic.policy.name)
    clauses = cohort.clauses()
    # Bit k is set where exactly the first k filters let an episode through; an unknown (null) attribute stops it.
    passed: sa.ColumnElement[Any] = sa.literal_column(str(1 << len(clauses)))
    for k in reversed(range(len(clauses))):
        passed = sa.case((clauses[k][2], passed), else_=sa.literal_column(str(1 << k)))
    counted = tallies(clinic, Cohort(), [None], sa.cast(passed, sa.BigInteger)).values()
    steps = []
    for k, name in enumerate(["all", *(name for name, _, _ in clauses)]):
        stopped = 1 << (k - 1) if k else 0
        steps.append(
            {
                "filter": name,
                "patients": sum(int(found.patients[found.patient_flags >> k > 0].sum()) for found in counted),
                "episodes": sum(int(found.episodes[found.flags >> k > 0].sum()) for found in counted),
                "touched": sum(int(found.patients[found.patient_flags & stopped > 0].sum()) for found in counted),
            }
        )
    return steps
