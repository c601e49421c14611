"""Counts of diagnoses, symptoms, investigations and baseline characteristics by group: one scan of episode_facts each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, Split, group_column, group_keys
from synapse_analytics.counts import Counts, Relation, count, grouped
from synapse_analytics.store.characteristics import BITS, NUMBERS
from synapse_analytics.store.tables import episode_facts

FACTS = episode_facts.c
INVESTIGATIONS = v.codes(v.INVESTIGATIONS)
CONFIRMED = ":confirmed"
Days = tuple[np.ndarray, np.ndarray]  # days, and in how many episodes


def bits_of(terms: tuple[Any, ...]) -> dict[str, int]:
    """The bits of a set that is stored as a mask: bit k is position k of the closed list."""
    return {code: place for place, code in enumerate(v.codes(terms))}


def primary_diagnoses(clinic: Clinic, cohort: Cohort, by: Split) -> Counts:
    """Episodes by group; a fact for each primary diagnosis."""
    flags = sa.cast(sa.literal_column("1"), sa.BigInteger).bitwise_lshift(FACTS.diagnosis)
    return count(clinic, cohort, Relation(("diagnosis", by), keys=group_keys(by), flags=flags, bits=bits_of(v.DIAGNOSES)))


def symptoms_present(clinic: Clinic, cohort: Cohort, by: Split) -> Counts:
    """Episodes by group; a fact for each symptom."""
    return count(clinic, cohort, Relation(("symptoms", by), keys=group_keys(by), flags=FACTS.symptoms, bits=bits_of(v.SYMPTOMS)))


def any_diagnoses(clinic: Clinic, cohort: Cohort, by: Split) -> Counts:
    """Episodes by group and primary diagnosis (a position); a fact for each diagnosis they have at all."""
    keys = (*group_keys(by), FACTS.diagnosis)
    return count(clinic, cohort, Relation(("diagnoses", by), keys=keys, flags=FACTS.diagnoses, bits=bits_of(v.DIAGNOSES)))


def characteristics(clinic: Clinic, cohort: Cohort, by: Split) -> Counts:
    """Episodes by group; the facts of store/characteristics.py, and the sums of its numbers."""
    sums = {name: FACTS[name] for name in NUMBERS}
    return count(clinic, cohort, Relation(("characteristics", by), keys=group_keys(by), flags=FACTS.characteristics, bits=BITS, sums=sums))


def investigations_done(clinic: Clinic, cohort: Cohort, by: Split) -> Counts:
    """Episodes by group; facts `investigation` (done) and `investigation:confirmed` (any of that kind confirmed the diagnosis)."""
    room = len(INVESTIGATIONS)
    bits = bits_of(v.INVESTIGATIONS) | {f"{code}{CONFIRMED}": room + place for place, code in enumerate(INVESTIGATIONS)}
    flags = FACTS.investigations + (1 << room) * FACTS.confirmed_investigations
    return count(clinic, cohort, Relation(("investigations", by), keys=group_keys(by), flags=flags, bits=bits))


def first_days(clinic: Clinic, cohort: Cohort, by: Split) -> Mapping[tuple[Any, str], Days]:
    """(value of the grouping column, investigation) -> its first days as counts; kinds nobody had are absent."""
    table = clinic.arrow(sa.union_all(*(_days(cohort, by, place) for place in range(len(INVESTIGATIONS)))))
    days, episodes = (table.column(name).to_numpy().astype(np.int64) for name in ("day", "n"))
    places: dict[tuple[Any, str], list[int]] = {}
    for row, (group, kind) in enumerate(zip(table.column("group").to_pylist(), table.column("kind").to_pylist(), strict=True)):
        places.setdefault((group, INVESTIGATIONS[kind]), []).append(row)
    return {key: (days[found], episodes[found]) for key, found in places.items()}


def _days(cohort: Cohort, by: Split, place: int) -> sa.Select[Any]:
    day = FACTS[f"first_{INVESTIGATIONS[place]}_day"]
    columns = {"group": group_column(by), "kind": sa.literal_column(str(place)), "day": day}
    return grouped(cohort, Relation(("first days",), where=(day.is_not(None),)), columns)
