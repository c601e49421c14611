"""The export of every episode through the row door, and DuckDB's COPY of the same rows as they are."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb

from synapse_analytics.access import local_person
from synapse_analytics.clinic import open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.exports import export_records


def export_times(database: str, folder: Path) -> dict[str, float]:
    """Seconds of both, and the rows written."""
    clinic = open_clinic(database)
    start = time.perf_counter()
    manifest = export_records(
        clinic, Cohort(), folder / "export.zip", table="episodes", columns=None, purpose="benchmark", user=local_person("benchmark")
    )
    ours = time.perf_counter() - start
    source = next((folder / "store" / "generations").glob("*/episodes*.parquet"))
    start = time.perf_counter()
    duckdb.execute(f"copy (from read_parquet('{source}')) to '{folder / 'copy.csv'}' (header)")
    return {"seconds": ours, "copy": time.perf_counter() - start, "rows": manifest["rows"]}
