"""A checked bundle from rows drawn by hand, without files: what the store is given when a check has accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.problems import Check
from synapse_analytics.bundle.schema import FILES, Column, Kind
from tests.builders import DEFAULTS

TYPES = {Kind.ID: pa.string(), Kind.UNIT: pa.string(), Kind.ICD10: pa.string(), Kind.CODE: pa.int16(), Kind.YES_NO: pa.bool_()}


def checked(*, data_until: str = "2024-12", **files: Sequence[Mapping[str, Any]]) -> Check:
    """The rows as an accepted check would hold them; a patient row is added for every patient_id an episode names."""
    known = {row["patient_id"] for row in files.get("patients", ())}
    named = dict.fromkeys(row["patient_id"] for row in files.get("episodes", ()) if row["patient_id"] not in known)
    files["patients"] = [*files.get("patients", ()), *({"patient_id": name} for name in named)]
    tables = {}
    for file in FILES:
        stem = file.name.removesuffix(".csv")
        rows = [DEFAULTS.get(stem, {}) | {"treatment_id": f"T{place}"} | dict(row) for place, row in enumerate(files.get(stem, ()))]
        columns = {}
        for column in file.columns:
            own = column.name != "treatment_id" or stem == "treatments"
            values = [_stored(column, row.get(column.name)) if own else None for row in rows]
            columns[column.name] = pa.array(values, TYPES.get(column.kind, pa.int32()))
        tables[stem] = pa.table(columns)
    manifest = {"clinic": "Drawn by a test", "data_until": data_until, "synthetic": True}
    return Check(
        accepted=True,
        rows={f"{name}.csv": len(table) for name, table in tables.items()},
        counts={},
        problems=[],
        warnings=[],
        manifest=manifest,
        tables=tables,
    )


def _stored(column: Column, value: Any) -> Any:
    if value is None:
        return None
    match column.kind:
        case Kind.CODE:
            return v.position(column.terms, value)
        case Kind.YES_NO:
            return value == "yes"
        case Kind.MONTH:
            return int(value[:4]) * 12 + int(value[5:]) - 1
        case Kind.NUMBER | Kind.SCORE:
            return round(value * 1000)
    return value
