"""The workshop of a load: rows and statements in, the tables of one DuckDB file out, each at once visible to the statements after it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from synapse_analytics.errors import StoreError
from synapse_analytics.store.dialect import DuckDBDialect
from synapse_analytics.store.engine import DATA_FILE, processors
from synapse_analytics.store.tables import SORTED_BY, metadata

# What DuckDB may hold before it spills to disk; with the check's Arrow tables a load of 1M patients stays under 2 GB.
MEMORY = "900MB"
ROW_GROUP = 122_880  # rows of a Parquet row group: DuckDB's own unit of work
Rows = sa.Select | sa.CompoundSelect | str  # a statement, or DuckDB's own SQL


class Workshop:
    """The DuckDB file of a generation that is being built, and beside it the base tables as Parquet for other tools."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._work = folder / "work"
        self._work.mkdir()
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": processors(),
            "memory_limit": MEMORY,
            "temp_directory": str(self._work / "spill"),
        }
        with self._faults():
            self._connection = duckdb.connect(str(folder / DATA_FILE), config=settings)
            for table in metadata.sorted_tables:
                self._connection.execute(str(sa.schema.CreateTable(table).compile(dialect=DuckDBDialect())))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave the folder with nothing but what is to be kept; after a fault only let go of the file."""
        try:
            with suppress(duckdb.Error) if error else self._faults():
                self._connection.execute("CHECKPOINT")
        finally:
            self._connection.close()
        if error is None:
            shutil.rmtree(self._work)

    def keep_base(self, name: str, table: pa.Table) -> None:
        """Store a base table, and meanwhile write it as Parquet too."""
        path = self.folder / f"{name}.parquet"
        with ThreadPoolExecutor(max_workers=1) as pool:
            written = pool.submit(pq.write_table, table, path, compression="zstd", row_group_size=ROW_GROUP)
            self.keep(name, table)
        written.result()

    def keep(self, name: str, table: pa.Table) -> None:
        """Store the rows of a table as they are."""
        with self._faults():
            self._connection.register("given", table)
            self._connection.execute(f'INSERT INTO "{name}" BY NAME SELECT * FROM given')
            self._connection.unregister("given")

    def keep_query(self, name: str, rows: Rows) -> None:
        """Store the rows of a statement, sorted as the mart says; a mart may come in parts, each sorted by itself."""
        order = f" ORDER BY {', '.join(SORTED_BY[name])}" if name in SORTED_BY else ""
        with self._faults():
            self._connection.execute(f'INSERT INTO "{name}" BY NAME SELECT * FROM ({sql_of(rows)}){order}')

    def lay_out(self, name: str, rows: Rows | pa.Table) -> sa.TableClause:
        """Rows that only this load needs; returns what to select them from. `drop` them as soon as they have served."""
        with self._faults():
            if isinstance(rows, pa.Table):
                self._connection.register("given", rows)
                self._connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM given')
                self._connection.unregister("given")
            else:
                self._connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {sql_of(rows)}')
            known = self._connection.execute(f'SELECT * FROM "{name}" LIMIT 0').description
        types = {"BOOLEAN": sa.Boolean, "VARCHAR": sa.String}
        return sa.table(name, *(sa.column(column[0], types.get(str(column[1]), sa.Integer)) for column in known or ()))

    def drop(self, held: sa.TableClause) -> None:
        """Let go of rows that were laid out."""
        self._connection.execute(f'DROP TABLE "{held.name}"')

    def fetch(self, rows: Rows) -> pa.Table:
        """The rows of a statement."""
        with self._faults():
            return self._connection.sql(sql_of(rows)).to_arrow_table()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Say what a person can do about a full disk or too little memory."""
        try:
            yield
        except (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException) as error:  # a failed write fails the commit
            store = self.folder.parents[1]
            raise StoreError(f"The store in {store} cannot be written: its disk is full or failing. The old data still serve.") from error
        except duckdb.OutOfMemoryException as error:
            raise StoreError(
                f"The load needs more than {MEMORY} of memory and found no disk to spill to. The old data still serve."
            ) from error


def sql_of(rows: Rows) -> str:
    """A statement as DuckDB's SQL, its values written in. Values come from the vocabulary only."""
    return rows if isinstance(rows, str) else str(rows.compile(dialect=DuckDBDialect(), compile_kwargs={"literal_binds": True}))
