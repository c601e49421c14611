"""The base tables: the rows of a checked bundle with whole-number keys in place of ids, in an order of their own.

Pure Arrow, so that every engine loads the same rows. Keys are positions in the bundle's own row order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from synapse_analytics.store.tables import BASE_TABLES

Keys = dict[str, pa.Array | pa.ChunkedArray]
# The columns that hold an id of the bundle, and the key that stands for it.
KEY_OF = {"patient_id": "patient_key", "episode_id": "episode_key", "treatment_id": "treatment_key"}
OWNER = {"patients": "patient_id", "episodes": "episode_id", "treatments": "treatment_id"}
ORDER = {
    "other_diagnoses": ("episode_key", "diagnosis"),
    "symptoms": ("episode_key", "symptom"),
    "investigations": ("episode_key", "day", "investigation", "finding"),
    "scores": ("episode_key", "day", "instrument", "value"),
    "adverse_events": ("episode_key", "day", "event"),
}
# Width of each column in a packed sort key, and what makes it non-negative; 28 bits are left for the episode.
BITS = {"day": 14, "value": 17} | dict.fromkeys(("diagnosis", "symptom", "investigation", "finding", "instrument", "event"), 4)
OFFSET = {"day": 4096, "value": 1024}


def base_table(name: str, rows: pa.Table, keys: Keys) -> pa.Table:
    """One base table from the checked rows of its file; adds the ids it owns to `keys`."""
    stored = next(table for table in BASE_TABLES if table.name == name)
    if name in OWNER:
        keys[OWNER[name]] = rows.column(OWNER[name])
    columns: list[pa.ChunkedArray | pa.Array] = []
    for column in stored.columns:
        columns.append(_column(column, rows, keys, owner=OWNER.get(name)))
    table = pa.table(dict(zip(stored.columns.keys(), columns, strict=True)))
    return _sorted(table, ORDER[name]) if name in ORDER else table


def _column(column: sa.Column, rows: pa.Table, keys: Keys, *, owner: str | None) -> pa.ChunkedArray | pa.Array:
    source = next((found for found, key in KEY_OF.items() if key == column.name), None)
    if source is None:
        return rows.column(column.name).cast(arrow_type(column))
    if source == owner:
        return pa.array(np.arange(len(rows), dtype=np.int32))
    return pc.index_in(rows.column(source), value_set=keys[source]).cast(pa.int32())


def arrow_type(column: sa.Column) -> pa.DataType:
    """The Arrow type a stored column is written as."""
    kinds: Mapping[type, Callable[[], pa.DataType]] = {
        sa.SmallInteger: pa.int16,
        sa.Integer: pa.int32,
        sa.Boolean: pa.bool_,
        sa.String: pa.string,
    }
    return kinds[type(column.type)]()


def _sorted(table: pa.Table, columns: tuple[str, ...]) -> pa.Table:
    """Rows in a total order, so that the bundle's own order within an episode decides nothing."""
    # One packed number per row instead of a sort per column: 11M scores take 2 s, not 20.
    key = np.zeros(len(table), dtype=np.int64)
    for name in columns:
        key = (key << BITS.get(name, 0)) + table.column(name).fill_null(-1).to_numpy() + OFFSET.get(name, 1)
    if (key[1:] >= key[:-1]).all():
        return table
    return table.take(pa.array(np.argsort(key, kind="stable")))
