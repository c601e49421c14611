"""Many counts of one cohort per group in one statement: episodes, the distinct patients behind them, and sums.

Everything that is true of an episode becomes a bit of one whole number, and episodes are counted per number: one short
expression where a count per condition costs a pass each. A patient's number is the union of the bits of the patient's
episodes, so distinct patients are exact; only the few patients with several episodes have to be united.
At 1M patients a distinct count per condition took 150 to 900 ms of processor time, this takes a third of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_column
from synapse_analytics.queries.counting import count_where
from synapse_analytics.store.tables import episode_facts

FACTS = episode_facts.c
EVERY = "every"  # the condition all rows of a group meet
Group = tuple[Any, ...]
Conditions = Mapping[str, sa.ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Flags:
    """A whole number per episode; bit k says whether what `names[k]` names is true of it."""

    number: sa.ColumnElement[Any]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """One group: its values of the grouping columns, and per condition the episodes and distinct patients; sums by name."""

    group: Group
    episodes: Mapping[str, int]
    patients: Mapping[str, int]
    sums: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tallies:
    """One group as arrays: the numbers met among its episodes, and those of its patients (united over their episodes)."""

    flags: np.ndarray
    episodes: np.ndarray
    patient_flags: np.ndarray
    patients: np.ndarray
    sums: Mapping[str, int]


def flags_of(conditions: Conditions) -> Flags:
    """Any conditions as flags."""
    bits = [sa.case((held, sa.literal_column(str(1 << k))), else_=sa.literal_column("0")) for k, held in enumerate(conditions.values())]
    number = sum(bits[1:], bits[0]) if bits else sa.literal_column("0")
    return Flags(sa.cast(number, sa.BigInteger), tuple(conditions))


def count_groups(
    clinic: Clinic,
    cohort: Cohort,
    by: Sequence[str | None],
    conditions: Conditions | Flags,
    sums: Mapping[str, sa.ColumnElement[Any]] | None = None,
) -> list[Counted]:
    """One Counted per group of the cohort that has episodes, in no particular order; `every` is always counted.

    `sums` are aggregates of whole numbers over episodes that add up (a sum, a count).
    """
    flags = conditions if isinstance(conditions, Flags) else flags_of(conditions)
    return [
        Counted(
            group,
            {EVERY: int(found.episodes.sum())} | _per_name(flags, found.flags, found.episodes),
            {EVERY: int(found.patients.sum())} | _per_name(flags, found.patient_flags, found.patients),
            found.sums,
        )
        for group, found in tallies(clinic, cohort, by, flags.number, sums or {}).items()
    ]


def _per_name(flags: Flags, numbers: np.ndarray, counts: np.ndarray) -> dict[str, int]:
    return {name: int(counts[(numbers >> place) & 1 == 1].sum()) for place, name in enumerate(flags.names)}


def tallies(
    clinic: Clinic,
    cohort: Cohort,
    by: Sequence[str | None],
    number: sa.ColumnElement[Any],
    sums: Mapping[str, sa.ColumnElement[Any]] | None = None,
) -> dict[Group, Tallies]:
    """Per group of the cohort the episodes and patients of each number."""
    sums = sums or {}
    table = clinic.arrow(_statement(cohort, by, number, list(sums.values())))
    groups = list(zip(*(table.column(f"group_{k}").to_pylist() for k in range(len(by))), strict=True))
    names = ("flags", "episodes", "patients", "united", *(f"sum_{k}" for k in range(len(sums))))
    columns = {name: np.asarray(table.column(name).fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64) for name in names}
    places: dict[Group, list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault(group, []).append(place)
    return {group: _tallies({name: column[found] for name, column in columns.items()}, tuple(sums)) for group, found in places.items()}


def _tallies(columns: Mapping[str, np.ndarray], sums: tuple[str, ...]) -> Tallies:
    scanned = columns["united"] == 0
    flags = columns["flags"]
    totals = {name: int(columns[f"sum_{k}"].sum()) for k, name in enumerate(sums)}
    return Tallies(flags[scanned], columns["episodes"][scanned], flags, columns["patients"], totals)


def _statement(
    cohort: Cohort, by: Sequence[str | None], number: sa.ColumnElement[Any], sums: list[sa.ColumnElement[Any]]
) -> sa.CompoundSelect[Any]:
    """Episodes and patients with a single one per group and number, and below them the patients with several."""
    groups = [group_column(name).label(f"group_{k}") for k, name in enumerate(by)]
    flags = number.label("flags")
    zero, nothing = sa.cast(sa.literal_column("0"), sa.BigInteger), sa.cast(sa.null(), sa.BigInteger)
    scan = (
        sa.select(
            *groups,
            sa.cast(flags, sa.BigInteger).label("flags"),
            sa.func.count().label("episodes"),
            count_where(FACTS.repeat_patient.is_(None)).label("patients"),
            zero.label("united"),
            *(sa.cast(total, sa.BigInteger).label(f"sum_{k}") for k, total in enumerate(sums)),
        )
        .where(*cohort.where())
        .group_by(*groups, number)
    )
    several = (
        sa.select(*groups, FACTS.patient_key.label("patient_key"), sa.cast(sa.func.bit_or(number), sa.BigInteger).label("flags"))
        .where(FACTS.repeat_patient.is_not(None), *cohort.where())
        .group_by(*groups, FACTS.patient_key)
        .subquery("several")
    )
    grouped = [several.c[f"group_{k}"] for k in range(len(by))]
    united = sa.select(
        *grouped,
        several.c.flags,
        zero.label("episodes"),
        sa.func.count().label("patients"),
        sa.cast(sa.literal_column("1"), sa.BigInteger).label("united"),
        *(nothing.label(f"sum_{k}") for k in range(len(sums))),
    ).group_by(*grouped, several.c.flags)
    return sa.union_all(scan, united)
