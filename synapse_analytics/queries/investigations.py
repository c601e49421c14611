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
from synapse_analytics.queries.counting import count_where
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
    table = clinic.arrow(_days(cohort, by))
    names = [name for name in table.column_names if name != "group_0"]
    columns = {name: np.asarray(table.column(name).to_numpy(zero_copy_only=False)).astype(np.int64) for name in names}
    places: dict[Key, list[int]] = {}
    for place, key in enumerate(zip(table.column("group_0").to_pylist(), columns["investigation"].tolist(), strict=True)):
        places.setdefault(key, []).append(place)
    several = {(row["group_0"], row["investigation"]): row for row in clinic.rows(_several(cohort, by))}
    return {key: _done({name: column[found] for name, column in columns.items()}, several.get(key, {})) for key, found in places.items()}


def _done(columns: Mapping[str, np.ndarray], several: Mapping[str, int]) -> Done:
    episodes, confirmed, only = columns["episodes"], columns["confirmed"] == 1, columns["only_episode"] == 1
    return Done(
        int(episodes.sum()),
        int(episodes[confirmed].sum()),
        int(episodes[only].sum()) + several.get("patients", 0),
        int(episodes[only & confirmed].sum()) + several.get("confirmed_patients", 0),
        columns["first_day"],
        episodes,
    )


def _confirmed() -> sa.ColumnElement[int]:
    return sa.func.max(sa.case((investigations.c.finding == CONFIRMED, 1), else_=0)).label("confirmed")


def _days(cohort: Cohort, by: str | None) -> sa.Select[Any]:
    """Episodes per group, kind, first day, whether confirmed, and whether the patient has no other episode.

    Kinds are reduced to one row per episode before they meet the cohort: two short keys instead of five.
    """
    done, facts = investigations.c, episode_facts.c
    first = (
        sa.select(done.episode_key, done.investigation, sa.func.min(done.day).label("first_day"), _confirmed())
        .group_by(done.episode_key, done.investigation)
        .subquery("first_done")
    )
    keys = [
        group_column(by).label("group_0"),
        first.c.investigation,
        first.c.first_day,
        first.c.confirmed,
        facts.only_episode.label("only_episode"),
    ]
    return (
        sa.select(*keys, sa.func.count().label("episodes"))
        .select_from(first)
        .join(episode_facts, facts.episode_key == first.c.episode_key)
        .where(*cohort.where())
        .group_by(*keys)
    )


def _several(cohort: Cohort, by: str | None) -> sa.Select[Any]:
    """Distinct patients with several episodes, per group and kind."""
    done, facts = investigations.c, episode_facts.c
    keys = [group_column(by).label("group_0"), done.investigation, facts.patient_key.label("patient_key")]
    each = (
        sa.select(*keys, _confirmed())
        .select_from(investigations)
        .join(episode_facts, facts.episode_key == done.episode_key)
        .where(facts.only_episode.is_(False), *cohort.where())
        .group_by(*keys)
        .subquery("several")
    )
    patients, confirmed = sa.func.count().label("patients"), count_where(each.c.confirmed == 1).label("confirmed_patients")
    return sa.select(each.c.group_0, each.c.investigation, patients, confirmed).group_by(each.c.group_0, each.c.investigation)
