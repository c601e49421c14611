"""Who received which stage of care, when care escalated, and how much conservative care came before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, Split, group_column, group_keys
from synapse_analytics.counts import Counts, Relation, count
from synapse_analytics.store.tables import HORIZON, episode_facts

FACTS = episode_facts.c
EVENTS = ("injection", "surgery")
CARE = ("conservative", *EVENTS)


@dataclass(frozen=True, slots=True)
class Times:
    """One group: how many episodes left on which day for which cause, and the patients still at risk on each day."""

    group: Any
    days: np.ndarray
    causes: np.ndarray
    episodes: np.ndarray
    last_days: np.ndarray  # the last day each patient is at risk in any episode ...
    patients: np.ndarray  # ... and how many patients share it
    event_days: np.ndarray  # the first day each patient has the event in any episode ...
    event_patients: np.ndarray  # ... and how many patients share it

    def patients_at_risk(self, days: np.ndarray) -> np.ndarray:
        """Distinct patients with an episode under observation just before each of these days."""
        left = np.bincount(self.last_days, self.patients, HORIZON + 2).astype(np.int64)
        return left[::-1].cumsum()[::-1][days]

    def patients_with_event(self, days: np.ndarray) -> np.ndarray:
        """Distinct patients who had the event by each of these days."""
        return np.bincount(self.event_days, self.event_patients, HORIZON + 2).astype(np.int64).cumsum()[days]


def care_received(clinic: Clinic, cohort: Cohort, by: Split) -> Counts:
    """Episodes by group; a fact for each stage of care they received."""
    bits = {stage: v.position(v.STAGES, stage) for stage in CARE}
    return count(clinic, cohort, Relation(("care", by), keys=group_keys(by), flags=FACTS.care, bits=bits))


def conservative_care_before(clinic: Clinic, cohort: Cohort, by: Split, *, event: str) -> Counts:
    """Episodes by group, red flags and the days of conservative care before the event; null where it never came."""
    keys = (*group_keys(by), FACTS.red_flags, FACTS[f"conservative_days_before_{event}"])
    return count(clinic, cohort, Relation(("conservative days", event, by), keys=keys))


def days_to_escalation(clinic: Clinic, cohort: Cohort, by: Split, *, event: str) -> list[Times]:
    """When episodes had the event, a competing one, or left observation; one Times per group, in no particular order."""
    day, cause = FACTS[f"{event}_exit_day"], FACTS[f"{event}_exit_cause"]
    columns = (group_column(by).label("group"), day.label("day"), cause.label("cause"), FACTS.repeat_patient)
    statement = sa.select(*columns, sa.func.count().label("n")).where(cause.is_not(None), *cohort.where())
    table = clinic.arrow(statement.group_by(*(sa.literal_column(str(place)) for place in range(1, 5))))
    encoded = table.column("group").combine_chunks().dictionary_encode("encode")
    owner = encoded.indices.to_numpy()
    patient = table.column("repeat_patient").fill_null(-1).to_numpy()
    columns_ = [table.column(name).to_numpy().astype(np.int64) for name in ("day", "cause", "n")]
    return [
        _times(group, patient[owner == place], *(column[owner == place] for column in columns_))
        for place, group in enumerate(encoded.dictionary.to_pylist())
    ]


def _times(group: Any, patient: np.ndarray, day: np.ndarray, cause: np.ndarray, n: np.ndarray) -> Times:
    """Patients with one episode leave with it; the others with the last of theirs, and have the event with the first that has it."""
    had = cause == 1
    return Times(group, day, cause, n, *_each_once(patient, day, n, last=True), *_each_once(patient[had], day[had], n[had], last=False))


def _each_once(patient: np.ndarray, day: np.ndarray, n: np.ndarray, *, last: bool) -> tuple[np.ndarray, np.ndarray]:
    """Days, and how many patients share each: of patients with several episodes (a key from 0 on) the first or the last day."""
    alone = patient < 0
    order = np.lexsort((day[~alone], patient[~alone]))
    owners, days = patient[~alone][order], day[~alone][order]
    other = owners[1:] != owners[:-1]
    kept = days[np.append(other, True) if last else np.append(True, other)] if len(owners) else days
    return np.concatenate([day[alone], kept]), np.concatenate([n[alone], np.ones(len(kept), dtype=np.int64)])
