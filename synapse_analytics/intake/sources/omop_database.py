"""Tables of an OMOP CDM out of a database, through SQLAlchemy: read only, in one view of the data, only the columns that are needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeGuard

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from synapse_analytics.intake.faults import Faults, spot_of
from synapse_analytics.intake.sources.omop_columns import COLUMNS, CONCEPT, is_concept
from synapse_analytics.progress import Progress

AT_ONCE = 50_000  # rows that are fetched at a time
_ASKED = 1_000  # concepts that are asked for at a time
Found = dict[str, tuple[pa.Table, str, str]]


def is_database(source: object) -> TypeGuard[str]:
    """True for the URL of a database."""
    return isinstance(source, str) and "://" in source


def read_database(source: str, faults: Faults, progress: Progress) -> Found:
    """The tables by name, as text; faults say what is wrong with the URL, the driver, the schema or the rights. No message holds the URL."""
    try:
        url, schema = _address(source)
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            return _read(_read_only(connection), schema, faults, progress)
    except (ModuleNotFoundError, sa.exc.NoSuchModuleError):
        faults.add("The driver of this database is not installed.", "For PostgreSQL: pip install 'synapse-analytics[postgresql]'.")
    except (sa.exc.ArgumentError, ValueError):
        faults.add("The address of the database cannot be read.", "It is written as postgresql://user:password@host:5432/name?schema=cdm.")
    except sa.exc.SQLAlchemyError as error:
        advice = "Check the address, that the database runs, and that the user may read the schema."
        faults.add(f"The database did not answer as it should ({type(error).__name__}).", advice)
    return {}


def _address(source: str) -> tuple[URL, str | None]:
    url = make_url(source)
    schema = url.query.get("schema")
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    return url.difference_update_query(["schema"]), schema if isinstance(schema, str) else None


def _read_only(connection: sa.Connection) -> sa.Connection:
    """One view of the data for all tables, in which nothing can be written."""
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return connection


def _read(connection: sa.Connection, schema: str | None, faults: Faults, progress: Progress) -> Found:
    inspector = sa.inspect(connection)
    schema = schema or _schema_with_persons(inspector, faults)
    there = {name.lower(): name for name in [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]}
    file = f"{connection.engine.url.database or 'database'}"
    wanted = [name for name in COLUMNS if name in there]
    cells: Found = {}
    for number, name in enumerate(wanted):
        progress(f"Reading {name}", number, len(wanted) + 1)
        columns = _columns(inspector, there[name], schema, COLUMNS[name])
        if columns:
            cells[name] = _texts(connection, _select(there[name], schema, columns)), Path(file).name, "rows of a database"
    if "concept" in there:
        progress("Reading concept", len(wanted), len(wanted) + 1)
        columns = _columns(inspector, there["concept"], schema, CONCEPT)
        cells["concept"] = _concepts(connection, _select(there["concept"], schema, columns), cells), Path(file).name, "rows of a database"
    return cells


def _schema_with_persons(inspector: sa.Inspector, faults: Faults) -> str | None:
    """None for the schema that the database opens with, when it has the persons; else the only one that has them."""
    if "person" in {name.lower() for name in inspector.get_table_names()}:
        return None
    schemas = [name for name in inspector.get_schema_names() if "person" in {one.lower() for one in inspector.get_table_names(name)}]
    if len(schemas) > 1:
        advice = f"Add the right one to the address: ?schema={schemas[0]}."
        faults.add(f"Several schemas have a table person: {', '.join(schemas)}.", advice, [spot_of("database", "", None, "", None)])
    return schemas[0] if schemas else None


def _columns(inspector: sa.Inspector, table: str, schema: str | None, wanted: Sequence[str]) -> list[Any]:
    names = {column["name"].lower(): column["name"] for column in inspector.get_columns(table, schema)}
    return [sa.column(names[name]).label(name) for name in wanted if name in names]


def _select(table: str, schema: str | None, columns: Sequence[Any]) -> sa.Select[Any]:
    """In the order of the first column, so that the same data gives the same rows."""
    return sa.select(*columns).select_from(sa.table(table, schema=schema)).order_by(columns[0])


def _texts(connection: sa.Connection, query: sa.Select[Any]) -> pa.Table:
    result = connection.execution_options(stream_results=True, yield_per=AT_ONCE).execute(query)
    schema = pa.schema([(column.name, pa.string()) for column in query.selected_columns])
    batches = [pa.record_batch([_array(cells) for cells in zip(*rows, strict=True)], schema=schema) for rows in result.partitions()]
    return pa.Table.from_batches(batches, schema)


def _array(cells: Iterable[Any]) -> pa.Array:
    return pa.array([_text(cell) for cell in cells], pa.string())


def _text(cell: Any) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip() or None


def _concepts(connection: sa.Connection, query: sa.Select[Any], cells: Found) -> pa.Table:
    """The concepts that any row names: asked for by number, as a vocabulary has millions."""
    columns = [table[name] for table, _, _ in cells.values() for name in table.column_names if is_concept(name)]
    numbers = sorted({int(one) for column in columns for one in column.unique().to_pylist() if one and one.isdigit()})
    number = query.selected_columns[0]
    parts = [numbers[start : start + _ASKED] for start in range(0, len(numbers), _ASKED)] or [[]]
    return pa.concat_tables([_texts(connection, query.where(number.in_(part))) for part in parts])
