"""Rows of a score mart in a cohort: which to read, how to group them, and the distinct patients behind each group.

The marts are sorted by index, instrument and visit, so that only the rows asked for are read; the facts of the episodes
are joined only when a filter or a split needs them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_column
from synapse_analytics.queries.counting import count_where
from synapse_analytics.store.tables import episode_facts

Columns = Mapping[str, sa.ColumnElement[Any]]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ScoreRows:
    """Rows of one mart: `index` is the stored index code, `instrument` the stored position; `by` splits them."""

    mart: sa.Table
    cohort: Cohort
    index: int
    instrument: int | None = None
    by: str | None = None
    where: tuple[sa.ColumnElement[bool], ...] = ()

    @property
    def group(self) -> sa.ColumnElement[Any]:
        """The group of a row."""
        return group_column(self.by).label("group")

    def select(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """These columns of the rows, ungrouped."""
        clauses = self.cohort.where()
        source: sa.FromClause = self.mart
        if clauses or self.by is not None:
            source = self.mart.join(episode_facts, episode_facts.c.episode_key == self.mart.c.episode_key)
        kept = [self.mart.c.index_code == self.index]
        if self.instrument is not None:
            kept.append(self.mart.c.instrument == self.instrument)
        return sa.select(*columns).select_from(source).where(*kept, *self.where, *clauses)


def grouped(clinic: Clinic, rows: ScoreRows, keys: Columns, sums: Columns) -> list[dict[str, Any]]:
    """One dictionary per group and key that has rows: the sums, `n`, the rows, and `single`, those of patients with one episode."""
    labels = [rows.group, *(column.label(name) for name, column in keys.items())]
    totals = [sa.func.count().label("n"), count_where(rows.mart.c.repeat_patient.is_(None)).label("single")]
    totals += [total.label(name) for name, total in sums.items()]
    return clinic.rows(rows.select(*labels, *totals).group_by(*labels))


def has_few(clinic: Clinic, counted: Iterable[tuple[int, int]]) -> bool:
    """Whether among (rows, single) there is a number of patients that must be known exactly.

    The patients with one episode are a lower limit of all patients, of a numerator and of its complement alike; where
    that lies above every limit of the policy, the exact number decides nothing, and finding it would double the time.
    """
    policy = clinic.policy
    enough = 2 * max(policy.group, policy.tail, policy.small_arm, policy.at_risk)
    return any(single < min(n, enough) for n, single in counted)


def counted(clinic: Clinic, rows: ScoreRows, keys: Columns, conditions: Columns) -> dict[Key, dict[str, int]]:
    """(group, *keys) -> for each condition its rows, and under `<name>_patients` its patients (exact where they are few)."""
    only = rows.mart.c.repeat_patient.is_(None)
    sums = {name: count_where(held) for name, held in conditions.items()}
    sums |= {f"{name}_patients": count_where(sa.and_(only, held)) for name, held in conditions.items()}
    found = {tuple(row[name] for name in ("group", *keys)): {name: row[name] for name in sums} for row in grouped(clinic, rows, keys, sums)}
    if has_few(clinic, ((row[name], row[f"{name}_patients"]) for row in found.values() for name in conditions)):
        for key, exact in patients(clinic, rows, keys, conditions).items():
            found[key] |= {f"{name}_patients": n for name, n in exact.items()}
    return found


def patients(clinic: Clinic, rows: ScoreRows, keys: Columns, conditions: Columns) -> dict[Key, dict[str, int]]:
    """Distinct patients per (group, *keys), of the rows that meet each condition.

    Patients with one episode have one row per key and are counted in the scan; the few others are first reduced to one
    row each, because a distinct count per condition costs several times as much.
    """
    only = rows.mart.c.repeat_patient
    labels = [rows.group, *(column.label(name) for name, column in keys.items())]
    single = (
        rows.select(*labels, *(count_where(held).label(name) for name, held in conditions.items())).where(only.is_(None)).group_by(*labels)
    )
    owner = rows.mart.c.repeat_patient.label("patient_key")
    met = [sa.func.max(sa.case((held, 1))).label(name) for name, held in conditions.items()]
    others = rows.select(*labels, owner, *met).where(only.is_not(None)).group_by(*labels, owner).subquery("others")
    names = [others.c[label.name] for label in labels]
    several = sa.select(*names, *(sa.func.count(others.c[name]).label(name) for name in conditions)).group_by(*names)
    found: dict[Key, dict[str, int]] = {}
    for row in clinic.rows(sa.union_all(single, several)):
        counts = found.setdefault(tuple(row[label.name] for label in labels), dict.fromkeys(conditions, 0))
        for name in conditions:
            counts[name] += row[name]
    return found
