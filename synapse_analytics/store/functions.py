"""The few expressions that engines spell differently, and a value that carries the order it is chosen by."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class int_div(GenericFunction):  # noqa: N801 (a function in SQL, named as one)
    """Whole division of a non-negative by a positive number; shift negatives up first, engines round them differently."""

    type = sa.BigInteger()
    inherit_cache = True
    name = "int_div"


@compiles(int_div)
def _truncating(element: int_div, compiler: Any, **options: Any) -> str:
    return _infix(element, compiler, "/", options)


@compiles(int_div, "duckdb")
def _duckdb(element: int_div, compiler: Any, **options: Any) -> str:
    return _infix(element, compiler, "//", options)


def _infix(element: int_div, compiler: Any, sign: str, options: dict[str, Any]) -> str:
    left, right = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(({left}) {sign} ({right}))"


# A value and the order it is chosen by travel in one whole number, so that "the nearest", "the last" and "the first"
# are a plain min or max: exact, without ties left to the engine, and several times faster than a window per group.
VALUE_ROOM = 1 << 18
VALUE_SHIFT = 1 << 17  # values are thousandths between -923 and 100,000


def ordered_value(order: sa.ColumnElement[int], value: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """One number that sorts by `order` (not negative) and carries `value`."""
    return sa.cast(order, sa.BigInteger) * VALUE_ROOM + value + VALUE_SHIFT


def value_of(packed: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """The value that `ordered_value` carries."""
    return sa.cast(packed % VALUE_ROOM - VALUE_SHIFT, sa.Integer)
