"""The share of each optional column that was not recorded, among the rows where it could have been."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.schema import FILES

# Empty means something else here: open (closed_day), still running or a procedure (end_day).
MEANINGFUL_WHEN_EMPTY = {("episodes", "closed_day"), ("treatments", "end_day")}
# Columns that only some treatments have.
APPLIES_TO_STAGE = {("treatments", "reoperation"): "surgery"}
APPLIES_TO_CLASS = {("treatments", "sessions"): "physical_therapy"}


def missing_shares(tables: Mapping[str, pa.Table]) -> tuple[dict[str, Any], ...]:
    """{file, column, share} of every optional column of the files that have rows."""
    shares = []
    for file in FILES:
        name = file.name.removesuffix(".csv")
        for column in file.columns:
            if column.required or (name, column.name) in MEANINGFUL_WHEN_EMPTY:
                continue
            values = _where_it_applies(name, column.name, tables[name])
            if len(values):
                shares.append({"file": file.name, "column": column.name, "share": round(values.null_count / len(values), 6)})
    return tuple(shares)


def _where_it_applies(name: str, column: str, table: pa.Table) -> pa.ChunkedArray:
    stage, treatment_class = APPLIES_TO_STAGE.get((name, column)), APPLIES_TO_CLASS.get((name, column))
    if stage is None and treatment_class is None:
        return table[column]
    places = [place for place, term in enumerate(v.TREATMENTS) if stage == term.stage or treatment_class == term.treatment_class]
    return table[column].filter(pc.is_in(table["treatment"], value_set=pa.array(places, pa.int16())))
