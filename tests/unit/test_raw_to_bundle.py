"""All four raw exports give the same bundle up to ids, and it is what the generator made."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics.intake.account import Accounting
from synapse_analytics.intake.anonymise import Options, anonymise
from synapse_analytics.intake.mapping.reading import read_mapping
from synapse_analytics.intake.report import as_html, as_json
from synapse_analytics.synthetic.raw import expected
from synapse_analytics.synthetic.raw.truth import Truth

RAW = Path(__file__).resolve().parents[2] / "sample_data" / "raw"
SOURCES = ("clinic", "redcap", "fhir", "omop")
Rows = dict[str, list[dict[str, str]]]
_IDS = ("patient_id", "episode_id", "treatment_id")


def _bundle(folder: Path) -> Rows:
    rows: Rows = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows[path.stem] = list(csv.DictReader(file))
    return rows


def _said(row: dict[str, str]) -> tuple[tuple[str, Any], ...]:
    """What a row says without its ids; a number is the same however it is written."""
    return tuple(sorted((name, _plain(name, value)) for name, value in row.items() if name not in _IDS and value))


def _plain(name: str, value: str) -> str | float:
    return round(float(value)) if name == "bmi" else float(value) if name in {"value", "day", "start_day", "end_day"} else value


def without_ids(rows: Rows) -> list[Any]:
    """Every patient with all that is recorded of each episode, in an order that does not depend on ids."""
    treatments = {row["treatment_id"]: _said(row) for row in rows["treatments"]}
    episodes: dict[str, list[Any]] = defaultdict(list)
    for name in sorted(set(rows) - {"patients", "episodes"}):
        for row in rows[name]:
            followed = treatments.get(row.get("treatment_id", "")) if name == "adverse_events" else None
            episodes[row["episode_id"]].append((name, _said(row), followed or ()))
    patients: dict[str, list[Any]] = defaultdict(list)
    for row in rows["episodes"]:
        patients[row["patient_id"]].append((_said(row), sorted(episodes[row["episode_id"]])))
    return sorted((_said(row), sorted(patients[row["patient_id"]])) for row in rows["patients"])


@pytest.fixture(scope="module")
def truth() -> Truth:
    return expected()


@pytest.fixture(scope="module", params=SOURCES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Accounting]:
    """The bundle of one source, and its account."""
    source, out = request.param, tmp_path_factory.mktemp("made") / "bundle"
    mapping = read_mapping(RAW / f"{source}.mapping.yaml")
    return source, out, anonymise(RAW / source, mapping, out, Options(b"secret" * 8))


def test_the_bundle_is_what_the_generator_made(made: tuple[str, Path, Accounting], truth: Truth) -> None:
    found, wanted = without_ids(_bundle(made[1])), without_ids(truth.rows)
    assert len(found) == len(wanted) == 200
    assert [(one, other) for one, other in zip(found, wanted, strict=True) if one != other] == []


def test_nobody_comes_along(made: tuple[str, Path, Accounting], truth: Truth) -> None:
    _, out, account = made
    text = "".join(path.read_text(encoding="utf-8") for path in out.iterdir()) + as_json(account) + as_html(account)
    for person in truth.people.values():
        told = (person.name, person.mrn, person.phone, person.email, person.address, person.aadhaar, person.pan, str(person.born))
        assert [one for one in told if one in text] == []


def test_every_row_is_accounted_for(made: tuple[str, Path, Accounting]) -> None:
    source, _, account = made
    assert all(table.read == table.kept + table.merged + sum(table.dropped.values()) for table in account.tables)
    if source == "clinic":
        answers = next(table for table in account.tables if table.table == "questionnaires.csv")
        assert (answers.merged, sum(answers.dropped.values())) == (24, 2)
        assert [(conflict.instrument, conflict.n) for conflict in account.conflicts] == [("odi", 10)]
