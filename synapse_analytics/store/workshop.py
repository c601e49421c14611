"""The workshop of a load: rows and DuckDB's own SQL in, the tables of one DuckDB file out. A statement sees all earlier ones.

Values in the SQL come from the vocabulary and the manifest's checked month, never from a row.
"""

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


class Workshop:
    """The DuckDB file of a generation that is being built, and beside it the base tables as Parquet for other tools."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._work = folder / "work"
        self._work.mkdir()
        spill = str(self._work / "spill")
        with self._faults():
            self._connection = duckdb.connect(
                str(folder / DATA_FILE), config={"threads": processors(), "memory_limit": MEMORY, "temp_directory": spill}
            )
            self._connection.execute("BEGIN")  # one write to the disk, not one for each table
            for table in metadata.sorted_tables:
                self._connection.execute(str(sa.schema.CreateTable(table).compile(dialect=DuckDBDialect())))
            self._connection.execute("COMMIT")

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
        self._run(f'INSERT INTO "{name}" BY NAME SELECT * FROM given', table)

    def keep_query(self, name: str, query: str) -> None:
        """Store the rows of a query, sorted as the mart says; a mart may come in parts, each sorted by itself."""
        order = f" ORDER BY {', '.join(SORTED_BY[name])}" if name in SORTED_BY else ""
        self._run(f'INSERT INTO "{name}" BY NAME SELECT * FROM ({query}){order}')

    def lay_out(self, name: str, rows: str | pa.Table) -> None:
        """Hold the rows of a query or a table under a name, for this load only; `drop` them as soon as they have served."""
        if isinstance(rows, str):
            self._run(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {rows}')
        else:
            self._run(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM given', rows)

    def drop(self, name: str) -> None:
        """Let go of rows that were laid out."""
        self._run(f'DROP TABLE "{name}"')

    def fetch(self, query: str) -> pa.Table:
        """The rows of a query."""
        with self._faults():
            return self._connection.sql(query).to_arrow_table()

    def _run(self, statement: str, given: pa.Table | None = None) -> None:
        """Run a statement, which may name the rows `given`."""
        with self._faults():
            if given is None:
                self._connection.execute(statement)
            else:
                self._connection.register("given", given)
                self._connection.execute(statement)
                self._connection.unregister("given")

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Say what a person can do about a full disk or too little memory."""
        try:
            yield
        except (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException) as error:  # a failed write fails the commit
            store = self.folder.parents[1]
            raise StoreError(
                f"The store in {store} cannot be written: its disk is full or failing. The old data are still in use."
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise StoreError(
                f"The load needs more than {MEMORY} of memory and found no free disk space to work with. The old data are still in use."
            ) from error
