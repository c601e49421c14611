"""A small SQLAlchemy dialect for DuckDB, Arrow first: what this product's statements need and nothing else.

It must not reflect, return inserted rows or manage transactions: a generation never changes and is only read
through it, and every statement of a load is complete in itself. Why not a ready-made dialect: docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy.dialects import registry
from sqlalchemy.engine import default


class Cursor:
    """A DBAPI cursor over the relation of one statement, which is run only when its rows are asked for."""

    arraysize = 1
    rowcount = -1
    lastrowid = None

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._relation: Any = None  # DuckDB's stubs do not know what a relation can do

    @property
    def description(self) -> list[tuple] | None:
        """Name and type of each column, or None for a statement without rows."""
        return None if self._relation is None else list(self._relation.description)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Cursor:
        """Run a statement; a query is planned here and run at the fetch."""
        self._relation = self._connection.sql(sql, params=list(parameters)) if parameters else self._connection.sql(sql)
        return self

    def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> Cursor:
        """Run a statement once per row of parameters."""
        self._connection.executemany(sql, [list(row) for row in parameters])
        return self

    def arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        if self._relation is None:
            return pa.table({})
        return self._relation.to_arrow_table()

    def fetchall(self) -> list[tuple]:
        """The remaining rows as tuples."""
        return [] if self._relation is None else self._relation.fetchall()

    def fetchmany(self, size: int = 1) -> list[tuple]:
        """The next rows as tuples."""
        return [] if self._relation is None else self._relation.fetchmany(size)

    def fetchone(self) -> tuple | None:
        """The next row, or None after the last."""
        return None if self._relation is None else self._relation.fetchone()

    def close(self) -> None:
        """Let go of the result."""
        self._relation = None


class Connection:
    """One DuckDB connection of its own to a shared instance: threads never share an open result."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def cursor(self) -> Cursor:
        """A cursor on this connection."""
        return Cursor(self._connection)

    def commit(self) -> None:
        """Nothing to do: every statement stands alone."""

    def rollback(self) -> None:
        """Nothing to do: every statement stands alone."""

    def close(self) -> None:
        """Close the connection; the instance lives on in its other connections."""
        self._connection.close()


class DuckDBDialect(default.DefaultDialect):
    """Compiles to DuckDB's SQL; numbered parameters, so that one bound value is one parameter wherever it appears."""

    name = "duckdb"
    driver = "arrow"
    # With `?` the same expression in SELECT and GROUP BY would hold two different parameters, which DuckDB refuses.
    default_paramstyle = "numeric_dollar"
    supports_statement_cache = True
    supports_native_boolean = True
    supports_native_decimal = True
    supports_multivalues_insert = True
    supports_sane_rowcount = False
    supports_default_values = False
    postfetch_lastrowid = False
    div_is_floordiv = False  # 7 / 2 is 3.5; whole division is store.functions.int_div
    cte_follows_insert = True

    def __init__(self, **options: Any) -> None:
        options["paramstyle"] = "numeric_dollar"
        super().__init__(**options)

    @classmethod
    def import_dbapi(cls) -> Any:
        """The module whose exceptions SQLAlchemy wraps."""
        return duckdb

    def connect(self, *arguments: Any, **options: Any) -> Any:
        """A connection to an in-memory database; the store's engines bring their own creator."""
        return Connection(duckdb.connect(*arguments, **options))

    def initialize(self, connection: Any) -> None:
        """Nothing is asked of the database at the first connect."""


registry.register("duckdb", __name__, "DuckDBDialect")
