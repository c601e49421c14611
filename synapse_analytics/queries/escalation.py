"""Counts of escalations, and of the conservative care before them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, Split, group_column, group_keys
from synapse_analytics.counts import Counts, Relation, count, grouped, whole
from synapse_analytics.pathways.keys import first_of_run
from synapse_analytics.store.tables import HORIZON, episode_facts

FACTS = episode_facts.c
EVENTS = ("injection", "surgery")
CARE = ("conservative", *EVENTS)
HAD = "had"
EVENT = 1  # the cause with which an episode leaves when it had the event


@dataclass(frozen=True, slots=True)
class Times:
    """One group: how many episodes left on which day for which cause, and the patients still at risk on each day."""

    group: Any
    days: np.ndarray
    causes: np.ndarray
    episodes: np.ndarray
    last_days: np.ndarray  # the last day each patient is at risk in any episode ...
    patients: np.ndarray  # ... and how many patients share it
    event_days: np.ndarray  # the first day on which each patient had the event, by patient

    def patients_at_risk(self, days: np.ndarray) -> np.ndarray:
        """Distinct patients with an episode under observation just before each of these days."""
        left = np.bincount(self.last_days, self.patients, HORIZON + 2).astype(np.int64)
        return left[::-1].cumsum()[::-1][days]

    def patients_with_event(self, days: np.ndarray) -> np.ndarray:
        """Distinct patients who had the event by the end of each of these days."""
        return np.searchsorted(self.event_days, days, side="right")


def conservative_care_before(clinic: Clinic, cohort: Cohort, by: Split, *, event: str) -> Counts:
    """Episodes by group, red flags and the days of conservative care before the event; null where it never came."""
    keys = (*group_keys(by), FACTS.red_flags, FACTS[f"conservative_days_before_{event}"])
    return count(clinic, cohort, Relation(("conservative days", event, by), keys=keys))


def escalations(clinic: Clinic, cohort: Cohort, by: Split, *, event: str) -> Counts:
    """Episodes at risk by group; the fact HAD is true of those that had the event."""
    cause = FACTS[f"{event}_exit_cause"]
    flags = sa.case((cause == EVENT, 1), else_=0)
    relation = Relation(("escalations", event, by), keys=group_keys(by), flags=flags, bits={HAD: 0}, where=(cause.is_not(None),))
    return count(clinic, cohort, relation)


def days_to_escalation(clinic: Clinic, cohort: Cohort, by: Split, *, event: str) -> list[Times]:
    """When episodes had the event, a competing one, or left observation; one Times per group, in no particular order."""
    day, cause = FACTS[f"{event}_exit_day"], FACTS[f"{event}_exit_cause"]
    columns = {"group": group_column(by), "day": day, "cause": cause, "repeat_patient": FACTS.repeat_patient}
    table = clinic.arrow(grouped(cohort, Relation(("days to escalation",), where=(cause.is_not(None),)), columns))
    encoded = table.column("group").combine_chunks().dictionary_encode("encode")
    owner = encoded.indices.to_numpy()
    found = [whole(table.column(name), -1) for name in ("repeat_patient", "day", "cause", "n")]
    return [_times(group, *(column[owner == place] for column in found)) for place, group in enumerate(encoded.dictionary.to_pylist())]


def _times(group: Any, patient: np.ndarray, day: np.ndarray, cause: np.ndarray, n: np.ndarray) -> Times:
    """The times of a group: a patient with several episodes leaves with the last of them."""
    alone = patient < 0
    order = np.lexsort((-day[~alone], patient[~alone]))
    last = day[~alone][order][first_of_run(patient[~alone][order])]
    left, patients = np.concatenate([day[alone], last]), np.concatenate([n[alone], np.ones(len(last), dtype=np.int64)])
    return Times(group, day, cause, n, left, patients, _first_days(patient, day, n, cause == EVENT))


def _first_days(patient: np.ndarray, day: np.ndarray, n: np.ndarray, had: np.ndarray) -> np.ndarray:
    """The first day on which each patient had the event, in order of the days."""
    alone, several = had & (patient < 0), had & (patient >= 0)
    order = np.lexsort((day[several], patient[several]))
    first = day[several][order][first_of_run(patient[several][order])]
    return np.sort(np.concatenate([np.repeat(day[alone], n[alone]), first]))
