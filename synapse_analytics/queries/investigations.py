"""Rows about investigations: an episode counts once per kind, from its first day; confirmed when any of that kind confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_column
from synapse_analytics.queries.grouped import FACTS, Counted, Flags, count_groups

CODES = v.codes(v.INVESTIGATIONS)
DONE = Flags(FACTS.investigations + (1 << len(CODES)) * FACTS.confirmed_investigations, (*CODES, *(f"{code}:confirmed" for code in CODES)))
Days = tuple[np.ndarray, np.ndarray]  # days, and in how many episodes


def investigations_done(clinic: Clinic, cohort: Cohort, by: str | None) -> list[Counted]:
    """Per group: conditions `investigation` (done) and `investigation:confirmed`."""
    return count_groups(clinic, cohort, [by], DONE)


def first_days(clinic: Clinic, cohort: Cohort, by: str | None) -> Mapping[tuple[Any, str], Days]:
    """(value of the grouping column, investigation) -> its first days as counts; kinds nobody had are absent."""
    table = clinic.arrow(sa.union_all(*(_days(cohort, by, place) for place in range(len(CODES)))))
    days, episodes = (np.asarray(table.column(name).to_numpy(zero_copy_only=False), dtype=np.int64) for name in ("day", "episodes"))
    places: dict[tuple[Any, str], list[int]] = {}
    for row, (group, kind) in enumerate(zip(table.column("group_0").to_pylist(), table.column("kind").to_pylist(), strict=True)):
        places.setdefault((group, CODES[kind]), []).append(row)
    return {key: (days[found], episodes[found]) for key, found in places.items()}


def _days(cohort: Cohort, by: str | None, place: int) -> sa.Select[Any]:
    group, day = group_column(by), FACTS[f"first_{CODES[place]}_day"]
    kind = sa.cast(sa.literal_column(str(place)), sa.Integer).label("kind")
    return (
        sa.select(group.label("group_0"), kind, day.label("day"), sa.func.count().label("episodes"))
        .where(day.is_not(None), *cohort.where())
        .group_by(group, day)
    )
