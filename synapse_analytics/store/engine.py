"""From a database URL to an engine over one generation: its DuckDB file, opened read-only and locked down."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from pathlib import Path

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from synapse_analytics.errors import StoreError, UsageError
from synapse_analytics.store.dialect import Connection

DATA_FILE = "generation.duckdb"  # written once by a load, then only read, by any number of processes
MEMORY = 128  # MB for the pages of the file that are kept at hand and what a statement works with: enough for a million patients
PART_OF_FILE = 6  # a larger file has the sixth part of its size
KEPT_OPEN = 4  # engines; the last generations and whatever a test or a comparison holds beside them

# What DuckDB raises where a statement is wrong, which is our fault; anything else means that it cannot read its file.
OURS = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
    duckdb.SyntaxException,
    duckdb.PermissionException,
    duckdb.DataError,
    duckdb.NotSupportedError,
    duckdb.InterruptException,
)

_suspect: set[Path] = set()
_engines: OrderedDict[tuple[Path, str], tuple[sa.Engine, duckdb.DuckDBPyConnection]] = OrderedDict()
_guard = threading.Lock()
_turn = threading.Lock()  # of a statement: it takes all processors by itself, and two at once would need twice the memory


def store_folder(database: str | None = None) -> Path:
    """The folder a database URL names; without one, SYNAPSE_HOME, else .synapse in the working directory."""
    if database is None:
        home = Path(os.environ.get("SYNAPSE_HOME") or ".synapse").absolute()
        if "?" in str(home):  # a database URL ends there: another folder would be meant
            raise UsageError("The folder of the store has a question mark in its path. Choose another one with SYNAPSE_HOME.")
        return home
    try:
        url = sa.make_url(database)
    except sa.exc.ArgumentError:
        url = None
    if url is None or url.drivername != "duckdb" or not url.database or url.host or "?" in (database or ""):
        raise UsageError("This database cannot be opened. Allowed: duckdb:///FOLDER (relative) or duckdb:////FOLDER (absolute).")
    return Path(url.database).absolute()


def processors() -> int:
    """How many processors this process may use; DuckDB would count those of the whole machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 2


def engine_of(folder: Path) -> sa.Engine:
    """The engine over the generation in `folder`: one per generation and process, shared by all threads."""
    key = (folder.parent, folder.name)
    with _guard:
        if key not in _engines:
            _engines[key] = _open(folder)
            while len(_engines) > KEPT_OPEN:
                _engines.popitem(last=False)  # not closed: a Clinic may still hold it; it closes when the last one lets go
        _engines.move_to_end(key)
        return _engines[key][0]


def forget(folder: Path) -> None:
    """Let go of the engine over a generation that is removed or opened anew; whoever still asks it may go on, it closes with the last one."""
    with _guard:
        _suspect.discard(folder)
        _engines.pop((folder.parent, folder.name), None)


def is_suspect(folder: Path) -> bool:
    """True if an answer from this generation failed since it was opened: its files are to be checked before it is opened again."""
    return folder in _suspect


def fetch_arrow(engine: sa.Engine, statement: sa.Select | sa.CompoundSelect) -> pa.Table:
    """The rows of a statement as an Arrow table; whole-number sums come as int64 on every engine. One statement runs at a time."""
    try:
        with _turn, engine.connect() as connection:
            table = connection.execute(statement).cursor.arrow()
    except duckdb.OutOfMemoryException as error:
        raise StoreError(
            "This question needs more memory than it may use. Choose fewer patients with the filters, or do not split the answer."
        ) from error
    except (duckdb.Error, sa.exc.DBAPIError) as error:
        if isinstance(getattr(error, "orig", error), OURS):
            raise
        raise _failed(engine) from None  # its text may hold what stands in the file
    # DuckDB sums integers in 128 bits, which Arrow can only call a decimal: Python would see Decimal objects.
    for place, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type) and field.type.scale == 0:
            table = table.set_column(place, field.name, table.column(place).cast(pa.int64()))
    return table


def _failed(engine: sa.Engine) -> StoreError:
    """Let go of an engine whose file cannot be read any more; the next question checks every file and opens it anew."""
    folder = Path(engine.url.database or "")
    with _guard:
        _suspect.add(folder)
        found = _engines.pop((folder.parent, folder.name), None)
    if found is not None:
        found[1].close()  # else DuckDB would open the same instance again, which it has given up
    return StoreError(
        f"Data version {folder.name} can no longer be read: a file of it was damaged or taken away while it was open. Ask again: its files are "
        "checked then, and you are told which one it is. `store verify` says it too."
    )


def _open(folder: Path) -> tuple[sa.Engine, duckdb.DuckDBPyConnection]:
    try:
        room = max(MEMORY, (folder / DATA_FILE).stat().st_size // PART_OF_FILE // 10**6)
        anchor = duckdb.connect(str(folder / DATA_FILE), read_only=True, config={"threads": processors(), "memory_limit": f"{room}MB"})
    except (duckdb.Error, OSError) as error:
        raise StoreError(f"Data version {folder.name} cannot be opened ({type(error).__name__}). Load its bundle again.") from error
    _harden(anchor)
    # Each checkout is a connection of its own to the shared instance (9 microseconds), so threads never share a result.
    engine = sa.create_engine(
        sa.URL.create("duckdb", database=str(folder)), creator=lambda: Connection(anchor.cursor()), poolclass=NullPool
    )
    return engine, anchor


def _harden(connection: duckdb.DuckDBPyConnection) -> None:
    """No file but the one that is open, no network, no extension, and no way to change that again.

    While somebody in this process still holds the file, DuckDB opens the same instance again, which is hardened already.
    """
    if connection.execute("SELECT current_setting('lock_configuration')").fetchone() == (True,):
        return
    for setting in (
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "temp_directory = ''",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")
