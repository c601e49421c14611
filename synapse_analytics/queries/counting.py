"""How patients are counted: the thresholds of the gate count distinct patients, whatever a statistic's unit.

A statement that holds an episode at most once per group knows from `only_episode` that most patients have no other
episode; only the few others need a distinct count (at 1M patients that is about a tenth of the cost of counting all).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def distinct_patients(table: sa.FromClause, condition: sa.ColumnElement[bool] | None = None) -> sa.ColumnElement[int]:
    """Distinct patients of a group, of those rows where the condition holds."""
    only, others = table.c.repeat_patient.is_(None), table.c.repeat_patient.is_not(None)
    held = [] if condition is None else [condition]
    repeated: sa.ColumnElement[Any] = sa.case((sa.and_(others, *held), table.c.repeat_patient))
    return count_where(sa.and_(only, *held)) + sa.func.count(sa.distinct(repeated))


def count_where(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """Rows where the condition holds; 0, not null, when there are none."""
    return sa.func.count(sa.case((condition, 1)))


def sum_of(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Sum of whole numbers as a big integer: the same type on every engine, and no overflow of squares."""
    return sa.cast(sa.func.sum(sa.cast(column, sa.BigInteger)), sa.BigInteger)


def sum_of_squares(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Sum of squares of whole numbers as a big integer."""
    wide = sa.cast(column, sa.BigInteger)
    return sa.cast(sa.func.sum(wide * wide), sa.BigInteger)
