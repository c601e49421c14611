"""What is counted, and the one statement that counts it: the rows of a relation, grouped by some columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from synapse_analytics.cohort import Cohort
from synapse_analytics.store.tables import episode_facts

Column = sa.ColumnElement[Any]
Key = tuple[Any, ...]
COUNTED: Mapping[str, Column] = {"n": sa.func.count()}


@dataclass(frozen=True, slots=True)
class Relation:
    """What is counted: rows of a table, at most one for each episode and key.

    `keys` split the rows. `flags` holds the facts of a row as bits of a whole number, and `bits` gives the bit of each fact by
    its name. `sums` are whole numbers that are added up, with their squares. `code` names the relation: equal codes are equal questions.
    """

    code: Key
    table: sa.Table = episode_facts
    keys: tuple[Column, ...] = ()
    flags: Column | None = None
    bits: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, Column] = field(default_factory=dict)
    where: tuple[sa.ColumnElement[bool], ...] = ()
    needs_facts: bool = False  # a key or clause names episode_facts beside another table


def where(cohort: Cohort, relation: Relation) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
    """What to select from and which rows; episode_facts is joined only where a filter or a key needs it."""
    clauses, source = cohort.where(), relation.table
    if source is not episode_facts and (clauses or relation.needs_facts):
        return source.join(episode_facts, episode_facts.c.episode_key == source.c.episode_key), [*relation.where, *clauses]
    return source, [*relation.where, *clauses]


def grouped(cohort: Cohort, relation: Relation, columns: Mapping[str, Column], totals: Mapping[str, Column] = COUNTED) -> sa.Select[Any]:
    """These totals (by default `n`, the number of rows) of the rows of a cohort that have the same values in these columns."""
    source, clauses = where(cohort, relation)
    named = [column.label(name) for name, column in (*columns.items(), *totals.items())]
    places: list[Column] = [sa.literal_column(str(place)) for place in range(1, len(columns) + 1)]
    return sa.select(*named).select_from(source).where(*clauses).group_by(*places)
