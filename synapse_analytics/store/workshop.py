"""The workshop of a load: statements in, sorted Parquet files out, each at once visible to the statements after it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from synapse_analytics.errors import StoreError
from synapse_analytics.store.dialect import DuckDBDialect
from synapse_analytics.store.engine import create_view, files_of, processors
from synapse_analytics.store.tables import SORTED_BY

# Rows per row group: DuckDB's own unit of work; smaller ones cost more to plan than they save.
ROW_GROUP = 122_880
# What DuckDB may hold before it spills to disk; with the check's Arrow tables a load of 1M patients stays under 2 GB.
MEMORY = "900MB"
FILE_OPTIONS = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}"


class Workshop:
    """A DuckDB instance of its own over the folder of a generation that is being built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._work = folder / "work"
        self._work.mkdir()
        spill = self._work / "spill"
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": processors(),
            "memory_limit": MEMORY,
            "temp_directory": str(spill),
        }
        self._connection = duckdb.connect(":memory:", config=settings)

    def close(self) -> None:
        """Leave the folder with nothing but what is to be kept."""
        self._connection.close()
        shutil.rmtree(self._work)

    def keep(self, name: str, table: pa.Table) -> None:
        """Write a table as it is."""
        self._write(self.folder / f"{name}.parquet", table)
        self._show(self.folder, name)

    def keep_query(self, name: str, statement: sa.Select, *, part: int | None = None) -> None:
        """Write the rows of a statement, sorted as the mart says; `part` when a mart comes in several files."""
        end = "" if part is None else f"-{part:02d}"
        self._copy(self.folder / f"{name}{end}.parquet", sort(statement, SORTED_BY.get(name, ())))
        self._show(self.folder, name)

    def lay_out(self, name: str, rows: sa.Select | pa.Table) -> sa.TableClause:
        """Rows that only this load needs; returns what to select them from."""
        path = self._work / f"{name}.parquet"
        if isinstance(rows, pa.Table):
            self._write(path, rows)
            columns = [sa.column(field, sa.Integer) for field in rows.column_names]
        else:
            self._copy(path, rows)
            columns = [sa.column(column.name, column.type) for column in rows.selected_columns]
        self._show(self._work, name)
        return sa.table(name, *columns)

    def hold(self, name: str, statement: sa.Select) -> sa.TableClause:
        """Rows in memory, for a few statements that come next; `drop` them then."""
        with self._faults():
            self._connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {sql_of(statement)}')
        return sa.table(name, *(sa.column(column.name, column.type) for column in statement.selected_columns))

    def drop(self, held: sa.TableClause) -> None:
        """Let go of held rows."""
        self._connection.execute(f'DROP TABLE "{held.name}"')

    def fetch(self, statement: sa.Select) -> pa.Table:
        """The rows of a statement."""
        with self._faults():
            return self._connection.sql(sql_of(statement)).to_arrow_table()

    def _show(self, folder: Path, name: str) -> None:
        create_view(self._connection, name, files_of(folder, name))

    def _write(self, path: Path, table: pa.Table) -> None:
        pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP)

    def _copy(self, path: Path, statement: sa.Select) -> None:
        target = str(path).replace("'", "''")
        with self._faults():
            self._connection.execute(f"COPY ({sql_of(statement)}) TO '{target}' ({FILE_OPTIONS})")

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Say what a person can do about a full disk or too little memory."""
        try:
            yield
        except duckdb.IOException as error:
            store = self.folder.parents[1]
            raise StoreError(f"The store in {store} cannot be written: its disk is full or failing. The old data still serve.") from error
        except duckdb.OutOfMemoryException as error:
            raise StoreError(
                f"The load needs more than {MEMORY} of memory and found no disk to spill to. The old data still serve."
            ) from error


def sql_of(statement: sa.Select) -> str:
    """A statement as DuckDB's SQL, its values written in: COPY takes no parameters. Values come from the vocabulary only."""
    return str(statement.compile(dialect=DuckDBDialect(), compile_kwargs={"literal_binds": True}))


def sort(statement: sa.Select, columns: tuple[str, ...]) -> sa.Select:
    """The statement in a total order, so that the same bundle gives the same bytes."""
    return statement.order_by(*(statement.selected_columns[name] for name in columns))
