"""Rows about investigations: an episode counts once per kind, from its first day; confirmed when any of that kind confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_column
from synapse_analytics.queries.counting import count_where, distinct_patients
from synapse_analytics.store.tables import episode_facts, investigations

CONFIRMED = v.position(v.FINDINGS, "confirmed")
Key = tuple[Any, int]  # value of the grouping column, position of the investigation


@dataclass(frozen=True, slots=True)
class Done:
    """One kind of investigation in one group: episodes and patients, those it confirmed, and its first days as counts."""

    episodes: int
    confirmed: int
    patients: int
    confirmed_patients: int
    days: np.ndarray
    counts: np.ndarray


NOT_DONE = Done(0, 0, 0, 0, np.array([], dtype=np.int64), np.array([], dtype=np.int64))


def investigations_done(clinic: Clinic, cohort: Cohort, by: str | None) -> Mapping[Key, Done]:
    """Per group and kind what was done; kinds nobody had are absent."""
    table = clinic.arrow(_days(_first_done(cohort, by)))
    columns = {name: np.asarray(table.column(name).to_numpy(zero_copy_only=False)) for name in table.column_names if name != "group_0"}
    groups = table.column("group_0").to_pylist()
    places: dict[Key, list[int]] = {}
    for place, key in enumerate(zip(groups, columns["investigation"].tolist(), strict=True)):
        places.setdefault(key, []).append(place)
    others = {(row["group_0"], row["investigation"]): row for row in clinic.rows(_other_patients(_first_done(cohort, by)))}
    return {key: _done(columns, np.asarray(found), others.get(key, {})) for key, found in places.items()}


def _done(columns: Mapping[str, np.ndarray], places: np.ndarray, others: Mapping[str, int]) -> Done:
    total = {name: int(columns[name][places].sum()) for name in ("episodes", "confirmed", "patients", "confirmed_patients")}
    return Done(
        total["episodes"],
        total["confirmed"],
        total["patients"] + others.get("patients", 0),
        total["confirmed_patients"] + others.get("confirmed_patients", 0),
        columns["first_day"][places],
        columns["episodes"][places],
    )


def _first_done(cohort: Cohort, by: str | None) -> sa.Subquery:
    """One row per episode of the cohort and kind of investigation: its group, first day and whether any confirmed."""
    facts, done = episode_facts.c, investigations.c
    carried = [
        group_column(by).label("group_0"),
        done.investigation,
        done.episode_key,
        facts.patient_key.label("patient_key"),
        facts.only_episode.label("only_episode"),
    ]
    return (
        sa.select(
            *carried,
            sa.func.min(done.day).label("first_day"),
            sa.func.max(sa.case((done.finding == CONFIRMED, 1), else_=0)).label("confirmed"),
        )
        .join(episode_facts, facts.episode_key == done.episode_key)
        .where(*cohort.where())
        .group_by(*carried)
        .subquery("first_done")
    )


def _days(first: sa.Subquery) -> sa.Select[Any]:
    """Counts per group, kind and first day; patients are those with a single episode."""
    confirmed, only = first.c.confirmed == 1, first.c.only_episode.is_(True)
    return sa.select(
        first.c.group_0,
        first.c.investigation,
        first.c.first_day,
        sa.func.count().label("episodes"),
        count_where(confirmed).label("confirmed"),
        count_where(only).label("patients"),
        count_where(sa.and_(only, confirmed)).label("confirmed_patients"),
    ).group_by(first.c.group_0, first.c.investigation, first.c.first_day)


def _other_patients(first: sa.Subquery) -> sa.Select[Any]:
    """Distinct patients with several episodes, per group and kind."""
    return (
        sa.select(
            first.c.group_0,
            first.c.investigation,
            distinct_patients(first).label("patients"),
            distinct_patients(first, first.c.confirmed == 1).label("confirmed_patients"),
        )
        .where(first.c.only_episode.is_(False))
        .group_by(first.c.group_0, first.c.investigation)
    )
