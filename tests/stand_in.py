"""The sample data of clinics that ask for other scores than the worst pain."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Collection
from pathlib import Path

from synapse_analytics.store import load_bundle
from tests.conftest import SAMPLE


def store_with(folder: Path, instruments: Collection[str]) -> str:
    """The database URL of a store of the sample data without every other score."""
    shutil.copytree(SAMPLE, folder / "bundle")
    path = folder / "bundle" / "scores.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    place = header.index("instrument")
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *(row for row in rows if row[place] in instruments)])
    manifest = folder / "bundle" / "manifest.json"
    described = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(described | {"files": {}}), encoding="utf-8")
    load_bundle(folder / "bundle", f"duckdb:///{folder / 'store'}")
    return f"duckdb:///{folder / 'store'}"
