"""Who received which stage of care, when care escalated, and how much conservative care came before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_column
from synapse_analytics.queries.grouped import Counted, count_groups
from synapse_analytics.store.tables import episode_facts

FACTS = episode_facts.c
HORIZON = 730  # what happens later is not told apart: the episode is still at risk when the curve ends
CENSORED, EVENT, COMPETING = 0, 1, 2
EVENTS = ("injection", "surgery")
CARE = ("conservative", "injection", "surgery")


@dataclass(frozen=True, slots=True)
class Times:
    """One group: how many episodes left on which day for which cause, and the patients still at risk on each day."""

    group: Any
    days: np.ndarray
    causes: np.ndarray
    episodes: np.ndarray
    last_days: np.ndarray  # the last day each patient is at risk in any episode ...
    patients: np.ndarray  # ... and how many patients share it

    def patients_at_risk(self, day: int) -> int:
        """Distinct patients with an episode under observation just before this day."""
        return int(self.patients[self.last_days >= day].sum())


def care_received(clinic: Clinic, cohort: Cohort, by: str | None) -> list[Counted]:
    """Episodes and patients that received each stage of care, and both it and the stage before it (`conservative` has none)."""
    received = {stage: FACTS.treatments.bitwise_and(_mask(stage)) != 0 for stage in CARE}
    both = {f"{later}_after": sa.and_(received[former], received[later]) for former, later in zip(CARE, CARE[1:], strict=False)}
    return count_groups(clinic, cohort, [by], {**received, **both})


def conservative_care_before(clinic: Clinic, cohort: Cohort, by: str | None, *, event: str, min_days: int) -> list[Counted]:
    """Episodes that escalated without red flags, those of them with enough conservative care before, and those with red flags."""
    escalated = sa.or_(*(day.is_not(None) for day in _days(event)))
    plain = sa.and_(escalated, FACTS.red_flags.is_not(True))
    days = FACTS[f"conservative_days_before_{event}"]
    conditions = {
        "escalated": plain,
        "adherent": sa.and_(plain, days >= min_days),
        "short": sa.and_(plain, sa.func.coalesce(days, 0) < min_days),
        "red_flags": sa.and_(escalated, FACTS.red_flags.is_(True)),
    }
    return count_groups(clinic, cohort, [by], conditions)


def days_to_escalation(clinic: Clinic, cohort: Cohort, by: str | None, *, event: str) -> list[Times]:
    """When episodes had the event, a competing one, or left observation; one Times per group, in no particular order."""
    day, cause = day_and_cause(event)
    group, asked = group_column(by).label("group"), (*cohort.where(), *at_risk_on_day_0(event))
    counted = clinic.arrow(
        sa.select(
            group,
            day.label("day"),
            cause.label("cause"),
            sa.func.count().label("episodes"),
            sa.func.count(sa.case((FACTS.repeat_patient.is_(None), 1))).label("only"),
        )
        .where(*asked)
        .group_by(group, day, cause)
    ).to_pydict()
    others = (
        sa.select(group, sa.func.max(day).label("day"))
        .where(*asked, FACTS.repeat_patient.is_not(None))
        .group_by(group, FACTS.patient_key)
        .subquery("others")
    )
    last = clinic.arrow(
        sa.select(others.c.group, others.c.day, sa.func.count().label("patients")).group_by(others.c.group, others.c.day)
    ).to_pydict()
    return _per_group(counted, last)


def _per_group(counted: Mapping[str, Sequence[Any]], last: Mapping[str, Sequence[Any]]) -> list[Times]:
    groups = dict.fromkeys(counted["group"])
    rows = {group: [k for k, owner in enumerate(counted["group"]) if owner == group] for group in groups}
    more = {group: [k for k, owner in enumerate(last["group"]) if owner == group] for group in groups}
    return [
        Times(
            group,
            np.array([counted["day"][k] for k in rows[group]], dtype=np.int64),
            np.array([counted["cause"][k] for k in rows[group]], dtype=np.int64),
            np.array([counted["episodes"][k] for k in rows[group]], dtype=np.int64),
            np.array([counted["day"][k] for k in rows[group]] + [last["day"][k] for k in more[group]], dtype=np.int64),
            np.array([counted["only"][k] for k in rows[group]] + [last["patients"][k] for k in more[group]], dtype=np.int64),
        )
        for group in groups
    ]


def _mask(stage: str) -> int:
    return sum(1 << place for place, treatment in enumerate(v.TREATMENTS) if treatment.stage == stage)


def _days(event: str) -> tuple[sa.ColumnElement[Any], ...]:
    """The columns with the first day of the event; `escalation` is either."""
    both = {"injection": FACTS.first_injection_day, "surgery": FACTS.first_surgery_day}
    return tuple(both.values()) if event == "escalation" else (both[event],)


def at_risk_on_day_0(event: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Neither the event nor surgery, which competes with an injection, before the first visit; not closed before it."""
    clauses = [FACTS.operated_before_day_0.is_not(True), FACTS.follow_up_end >= 0]
    clauses.append(sa.or_(FACTS.closed_day.is_(None), FACTS.closed_day >= 0))
    if event == "injection":
        clauses.append(FACTS.injected_before_day_0.is_not(True))
    return tuple(clauses)


def day_and_cause(event: str) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """The day an episode leaves the risk set and why; of two things on one day the event counts, then what competes.

    Resolved, discharged and died compete, and surgery does with an injection; lost, referred and the end of follow-up
    are censored.
    """
    ours = sa.func.coalesce(_days(event)[0], HORIZON + 1)
    rivals: list[sa.ColumnElement[Any]] = [sa.func.coalesce(FACTS.first_surgery_day, HORIZON + 1)] if event == "injection" else []
    final = [v.position(v.STATUSES, code) for code in ("resolved", "discharged", "died")]
    rivals.append(sa.case((FACTS.status.in_(final), sa.func.coalesce(FACTS.closed_day, HORIZON + 1)), else_=HORIZON + 1))
    rival = rivals[0] if len(rivals) == 1 else sa.case((rivals[0] <= rivals[1], rivals[0]), else_=rivals[1])
    closed = sa.func.coalesce(FACTS.closed_day, HORIZON + 1)
    end = sa.case((closed < FACTS.follow_up_end, closed), else_=FACTS.follow_up_end)
    first = sa.case((ours <= rival, ours), else_=rival)
    happened = sa.and_(first <= end, first <= HORIZON)
    day = sa.case((happened, first), (end <= HORIZON, end), else_=HORIZON + 1)
    cause = sa.case((sa.and_(happened, ours <= rival), EVENT), (happened, COMPETING), else_=CENSORED)
    return day, cause
