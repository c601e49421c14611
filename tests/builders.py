"""Small clinics drawn by hand: rows in, a loaded Clinic out. Unnamed columns get harmless defaults."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synapse_analytics.access import Person, Role
from synapse_analytics.bundle.schema import FILES
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.store import load_bundle

Rows = Sequence[Mapping[str, Any]]
DEFAULTS: dict[str, dict[str, Any]] = {
    "patients": {"sex": "female", "age_years": 50},
    "episodes": {
        "first_visit_month": "2020-01",
        "site": "S01",
        "clinician": "C01",
        "diagnosis": "herniated_disc",
        "red_flags": "no",
        "status": "open",
    },
}


def person(name: str, *roles: str) -> Person:
    """A person with these roles."""
    return Person(name, frozenset(map(Role, roles)))


def write_bundle(folder: Path, *, data_until: str = "2024-12", **files: Rows) -> Path:
    """Write the rows of each file as a bundle; a patient row is added for every patient_id an episode names."""
    folder.mkdir(parents=True, exist_ok=True)
    known = {row["patient_id"] for row in files.get("patients", ())}
    named = dict.fromkeys(row["patient_id"] for row in files.get("episodes", ()) if row["patient_id"] not in known)
    files["patients"] = [*files.get("patients", ()), *({"patient_id": name} for name in named)]
    for file in FILES:
        stem = file.name.removesuffix(".csv")
        rows = files.get(stem, ())
        if not file.needed and not rows:
            continue
        columns = [column.name for column in file.columns]
        with (folder / file.name).open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, columns, restval="")
            writer.writeheader()
            for number, row in enumerate(rows):
                treatment_id = {"treatment_id": f"T{number}"} if stem == "treatments" else {}
                writer.writerow(treatment_id | DEFAULTS.get(stem, {}) | dict(row))
    manifest = {
        "format": "synapse-bundle/1",
        "clinic": "Drawn by a test",
        "data_until": data_until,
        "deidentified_by": "nobody, it is made up",
        "method": "none needed",
        "synthetic": True,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def clinic_of(folder: Path, *, policy: str = "clinic", data_until: str = "2024-12", **files: Rows) -> Clinic:
    """A Clinic over these rows, in a store of its own below `folder`."""
    database = f"duckdb:///{folder / 'store'}"
    load_bundle(write_bundle(folder / "bundle", data_until=data_until, **files), database)
    return open_clinic(database, policy=policy)
