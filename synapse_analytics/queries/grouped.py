"""Many counts of one cohort per group in one statement: sums over episodes, and the distinct patients behind each.

Patients with a single episode (nearly all) are counted in the scan itself; the few others are first reduced to one row
per patient. A distinct count per condition instead costs five times as much at 1M patients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_column
from synapse_analytics.queries.counting import count_where
from synapse_analytics.store.tables import episode_facts

FACTS = episode_facts.c
EVERY = "every"  # the condition all rows of a group meet


@dataclass(frozen=True, slots=True)
class Counted:
    """One group: its values of the grouping columns, and per condition the episodes and distinct patients; sums by name."""

    group: tuple[Any, ...]
    episodes: Mapping[str, int]
    patients: Mapping[str, int]
    sums: Mapping[str, int] = field(default_factory=dict)


def count_groups(
    clinic: Clinic,
    cohort: Cohort,
    by: Sequence[str | None],
    conditions: Mapping[str, sa.ColumnElement[bool]],
    sums: Mapping[str, sa.ColumnElement[Any]] | None = None,
) -> list[Counted]:
    """One Counted per group of the cohort that has episodes, in no particular order; `every` is always counted.

    `sums` are aggregates of whole numbers over the episodes of a group (null when nothing was summed).
    """
    rows = clinic.rows(_statement(cohort, by, {EVERY: sa.true(), **conditions}, sums or {}))
    merged: dict[tuple[Any, ...], dict[str, int]] = {}
    for row in rows:
        group = tuple(row[f"group_{k}"] for k in range(len(by)))
        known = merged.setdefault(group, dict.fromkeys(row, 0))
        for name, value in row.items():
            if not name.startswith("group_"):
                known[name] += int(value or 0)
    names = (EVERY, *conditions)
    return [
        Counted(
            group,
            {name: row[f"episodes_{k}"] for k, name in enumerate(names)},
            {name: row[f"patients_{k}"] for k, name in enumerate(names)},
            {name: row[f"sum_{k}"] for k, name in enumerate(sums or {})},
        )
        for group, row in merged.items()
    ]


def _statement(
    cohort: Cohort,
    by: Sequence[str | None],
    conditions: Mapping[str, sa.ColumnElement[bool]],
    sums: Mapping[str, sa.ColumnElement[Any]],
) -> sa.CompoundSelect[Any]:
    """Episodes, single-episode patients and sums of each group, and below them its other patients."""
    groups = [group_column(name).label(f"group_{k}") for k, name in enumerate(by)]
    held = list(conditions.values())
    only = FACTS.only_episode.is_(True)
    scan = (
        sa.select(
            *groups,
            *(count_where(condition).label(f"episodes_{k}") for k, condition in enumerate(held)),
            *(count_where(sa.and_(only, condition)).label(f"patients_{k}") for k, condition in enumerate(held)),
            *(total.label(f"sum_{k}") for k, total in enumerate(sums.values())),
        )
        .where(*cohort.where())
        .group_by(*groups)
    )
    others = (
        sa.select(
            *groups,
            FACTS.patient_key.label("patient_key"),
            *(sa.func.max(sa.case((condition, 1))).label(f"met_{k}") for k, condition in enumerate(held)),
        )
        .where(FACTS.only_episode.is_(False), *cohort.where())
        .group_by(*groups, FACTS.patient_key)
        .subquery("others")
    )
    zero, nothing = sa.cast(sa.literal_column("0"), sa.BigInteger), sa.cast(sa.null(), sa.BigInteger)
    grouped = [others.c[f"group_{k}"] for k in range(len(by))]
    counted = sa.select(
        *grouped,
        *(zero.label(f"episodes_{k}") for k in range(len(held))),
        *(sa.func.count(others.c[f"met_{k}"]).label(f"patients_{k}") for k in range(len(held))),
        *(nothing.label(f"sum_{k}") for k in range(len(sums))),
    ).group_by(*grouped)
    return sa.union_all(scan, counted)
