"""Small clinics whose truth is known: made by the product's generator or drawn by hand, loaded once, asked under both policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.analyses import asking
from synapse_analytics.bundle import check_bundle
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.disclosure import gate
from synapse_analytics.store import load
from synapse_analytics.synthetic import generate
from tests.attacks.asking import YEARS
from tests.twins.checked import checked
from tests.twins.clinic_rows import drawn_clinic
from tests.twins.open_policy import EVERYTHING, changed

OF_EPISODES = ("other_diagnoses", "symptoms", "investigations", "treatments", "scores", "adverse_events")


@dataclass(frozen=True, slots=True)
class Known:
    """A clinic under both policies and under one that withholds nothing.

    `per_patient` is how many episodes every patient has, where all have the same; then patients can be counted without
    believing what an analysis declares.
    """

    name: str
    clinic: Clinic
    publish: Clinic
    frank: Clinic
    per_patient: int | None

    def under(self, policy: str) -> Clinic:
        """The handle of a policy by name."""
        return {"clinic": self.clinic, "publish": self.publish}[policy]


def known_clinics(folder: Path, names: tuple[str, ...]) -> Iterator[Known]:
    """Load the clinics of these names, one after the other."""
    for name in names:
        yield MADE[name](folder / name, name)


def _generated(patients: int, seed: int, *, single: bool) -> Any:
    def made(folder: Path, name: str) -> Known:
        generate(folder / "bundle", patients=patients, seed=seed, months=36)
        found = check_bundle(folder / "bundle")
        return _loaded(folder, name, replace(found, tables=_first_episodes(found.tables)) if single else found, 1 if single else None)

    return made


def _twice(folder: Path, name: str) -> Known:
    """Every patient has two episodes that are alike in all: whoever counts episodes for patients is off by two."""
    files = drawn_clinic(5, patients=40)
    for row in files["episodes"]:  # in the years that the attack tells apart
        year, _, month = row["first_visit_month"].partition("-")
        row["first_visit_month"] = f"{YEARS[int(year) % len(YEARS)]}-{month}"
    first = {row["patient_id"]: row["episode_id"] for row in reversed(files["episodes"])}
    kept = set(first.values())
    doubled: dict[str, list[dict[str, Any]]] = {"patients": files["patients"]}
    for table in ("episodes", *OF_EPISODES):
        rows = [row for row in files.get(table, []) if row["episode_id"] in kept]
        doubled[table] = [_renamed(row, copy) for copy in ("", "-again") for row in rows]
    rows = {table: [{c: None if v == "" else v for c, v in row.items()} for row in found] for table, found in doubled.items()}
    return _loaded(folder, name, checked(data_until=f"{YEARS[-1]}-12", **rows), 2)


def _renamed(row: Mapping[str, Any], copy: str) -> dict[str, Any]:
    return {column: f"{value}{copy}" if column in ("episode_id", "treatment_id") else value for column, value in row.items()}


def _loaded(folder: Path, name: str, found: Any, per_patient: int | None) -> Known:
    database = f"duckdb:///{folder / 'store'}"
    load(found, database)
    inside = open_clinic(database, policy="clinic")
    return Known(name, inside, inside.under("publish"), changed(inside, policy=EVERYTHING), per_patient)


def _first_episodes(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The same with the first episode of each patient only."""
    episodes = tables["episodes"]
    first: dict[str, str] = {}
    for patient, episode in zip(episodes["patient_id"].to_pylist(), episodes["episode_id"].to_pylist(), strict=True):
        first.setdefault(patient, episode)
    kept = pa.array(list(first.values()), episodes["episode_id"].type)
    of_episodes = {name: table.filter(pc.is_in(table["episode_id"], kept)) for name, table in tables.items() if name != "patients"}
    return {"patients": tables["patients"], **of_episodes}


MADE = {
    "60": _generated(60, 11, single=True),
    "150": _generated(150, 12, single=False),
    "300": _generated(300, 13, single=True),
    "twice": _twice,
}


@contextmanager
def overheard() -> Iterator[tuple[list[tuple[Any, Any]], list[tuple[int, int]]]]:
    """What analyses hand to the gate: (rule, row) before anything is withheld or rounded, and (patients, episodes) of the cohort."""
    heard: list[tuple[Any, Any]] = []
    people: list[tuple[int, int]] = []
    genuine = gate.release

    def listening(question: Any, population: Any, tables: Any, **said: Any) -> Any:
        parts = [(rule, [dict(row) for row in rows]) for rule, rows in tables]
        people.append((int(population[0]), int(population[1])))
        heard.extend((rule, row) for rule, rows in parts for row in rows)
        return genuine(question, population, parts, **said)

    with patch.object(asking, "release", listening):
        yield heard, people
