"""Check and load of one bundle, and DuckDB reading the same CSV without checks: `python -m benchmarks.loading BUNDLE DATABASE`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

from benchmarks.measure import in_own_process, peak_megabytes
from synapse_analytics.bundle import check_bundle
from synapse_analytics.store import load as load_checked
from synapse_analytics.synthetic import generate


def load(bundle: str, database: str) -> dict[str, float]:
    """Seconds and memory of check and load."""
    start = time.perf_counter()
    check = check_bundle(Path(bundle))
    checked = time.perf_counter()
    load_checked(check, database)
    done = time.perf_counter()
    return {"check": checked - start, "build": done - checked, "rows": sum(check.rows.values()), "megabytes": peak_megabytes()}


def stored(folder: Path, patients: int) -> Path:
    """A store in this folder with the data of so many patients, made and loaded as everywhere in the benchmarks; its home."""
    home = folder / "store"
    generate(folder / "bundle", patients=patients, seed=7)
    in_own_process("loading", str(folder / "bundle"), f"duckdb:///{home}")
    return home


def read_without_checks(bundle: str) -> dict[str, float]:
    """Seconds and memory of DuckDB copying every CSV to Parquet as it is."""
    start = time.perf_counter()
    connection = duckdb.connect()
    for file in sorted(Path(bundle).glob("*.csv")):
        connection.execute(f"create table \"{file.stem}\" as from read_csv('{file}')")  # the benchmark's own paths
    return {"seconds": time.perf_counter() - start, "megabytes": peak_megabytes()}


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[0] == "plain":
        result = read_without_checks(arguments[1])
    else:
        result = load(*arguments) | {"plain": in_own_process("loading", "plain", arguments[0])}
    sys.stdout.write(json.dumps(result) + "\n")
