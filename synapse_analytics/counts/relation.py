"""What is counted, and the one statement that counts it: the rows of a relation, grouped by some columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from synapse_analytics.cohort import Cohort
from synapse_analytics.store.tables import CARRIERS, episode_facts

Column = sa.ColumnElement[Any]
Key = tuple[Any, ...]
COUNTED: Mapping[str, Column] = {"n": sa.func.count()}


@dataclass(frozen=True, slots=True)
class Relation:
    """What is counted: rows of a table or of a subquery with episode_key and repeat_patient, at most one for each episode and key.

    `keys` split the rows. `flags` holds the facts of a row as bits of a whole number, and `bits` gives the bit of each fact by
    its name. `sums` are whole numbers that are added up, with their squares. `code` names the relation: equal codes are equal questions.
    """

    code: Key
    table: sa.FromClause = episode_facts
    keys: tuple[Column, ...] = ()
    flags: Column | None = None
    bits: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, Column] = field(default_factory=dict)
    where: tuple[sa.ColumnElement[bool], ...] = ()


def chosen(cohort: Cohort, relation: Relation, *columns: Column) -> tuple[sa.FromClause, list[Column], list[Column]]:
    """What to select from, which rows, and these columns; both may name episode_facts beside the table of the relation.

    The columns of episode_facts that a mart carries are read from the mart; it is joined only where another one is named.
    """
    clauses, told = ([_carried(relation.table, one) for one in several] for several in ((*relation.where, *cohort.where()), columns))
    source: sa.FromClause = relation.table
    if source is not episode_facts and any(map(_names_facts, (*clauses, *told))):
        source = source.join(episode_facts, episode_facts.c.episode_key == source.c.episode_key)
    return source, clauses, told


def _carried(table: sa.FromClause, expression: Column) -> Column:
    """The expression over the columns that the table carries of episode_facts; it may hold no query over episode_facts itself."""
    if table not in CARRIERS:
        return expression

    def own(element: Any, **_: Any) -> Column | None:
        return table.c.get(element.name) if _is_fact(element) else None

    return visitors.replacement_traverse(expression, {}, own)


def _names_facts(expression: Column) -> bool:
    return any(map(_is_fact, visitors.iterate(expression)))


def _is_fact(element: Any) -> bool:
    return isinstance(element, sa.Column) and element.table is episode_facts


def grouped(cohort: Cohort, relation: Relation, columns: Mapping[str, Column], totals: Mapping[str, Column] = COUNTED) -> sa.Select[Any]:
    """These totals (by default `n`, the number of rows) of the rows of a cohort that have the same values in these columns."""
    source, clauses, told = chosen(cohort, relation, *columns.values(), *totals.values())
    named = [column.label(name) for name, column in zip((*columns, *totals), told, strict=True)]
    places: list[Column] = [sa.literal_column(str(place)) for place in range(1, len(columns) + 1)]
    return sa.select(*named).select_from(source).where(*clauses).group_by(*places)
