"""The made-up clinic: same seed, same bytes; legal rows only; the truth file says what was built in."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from synapse_analytics import synthetic
from synapse_analytics.bundle.schema import FILES
from synapse_analytics.errors import UsageError
from synapse_analytics.synthetic import SCENARIOS, generate

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
PATIENTS, SEED = 2_000, 1  # what sample_data/README.md says


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    generate(folder / "bundle", patients=1_500, seed=5, truth=folder / "truth.json")
    return folder


def test_sample_is_reproduced(tmp_path: Path) -> None:
    generate(tmp_path, patients=PATIENTS, seed=SEED)
    for made in sorted(tmp_path.iterdir()):
        assert made.read_bytes() == (SAMPLE / made.name).read_bytes(), made.name


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_same_seed_same_bytes(tmp_path: Path, scenario: str) -> None:
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        generate(tmp_path / name, patients=200, seed=seed, scenario=scenario)
    one, two, other = ((tmp_path / name / "scores.csv").read_bytes() for name in ("one", "two", "other"))
    assert one == two != other


def test_manifest_describes_files(small: Path) -> None:
    manifest = json.loads((small / "bundle" / "manifest.json").read_text())
    assert manifest["synthetic"] is True
    for file in FILES:
        entry = manifest["files"][file.name]
        assert entry["rows"] == len(rows(small / "bundle", file.name.removesuffix(".csv")))
        assert entry["sha256"] == hashlib.sha256((small / "bundle" / file.name).read_bytes()).hexdigest()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_keys_are_unique(small: Path, file) -> None:
    keys = [tuple(row[column] for column in file.key) for row in rows(small / "bundle", file.name.removesuffix(".csv")) if file.key]
    assert len(keys) == len(set(keys))


def test_keys_are_unique_over_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic, "PATIENTS_PER_CHUNK", 100)
    generate(tmp_path, patients=250, seed=1)
    assert len({row["patient_id"] for row in rows(tmp_path, "patients")}) == 250
    episodes = {row["episode_id"]: row["patient_id"] for row in rows(tmp_path, "episodes")}
    assert len(episodes) == len(rows(tmp_path, "episodes"))
    treatments = {row["treatment_id"]: row["episode_id"] for row in rows(tmp_path, "treatments")}
    assert set(treatments.values()) <= set(episodes)
    assert all(treatments[row["treatment_id"]] == row["episode_id"] for row in rows(tmp_path, "adverse_events"))


def test_columns_hold_legal_values(small: Path) -> None:
    for file in FILES:
        for row in rows(small / "bundle", file.name.removesuffix(".csv")):
            for column in file.columns:
                value = row[column.name]
                assert value or not column.required, (file.name, column.name)
                if value and column.terms:
                    assert value in {term.code for term in column.terms}, (file.name, column.name)


def test_one_answer_a_day(small: Path) -> None:
    answers = [(row["episode_id"], row["day"], row["instrument"]) for row in rows(small / "bundle", "scores")]
    assert len(answers) == len(set(answers))


def test_nothing_follows_the_cut_off(small: Path) -> None:
    """Day 0 is not before the first of its month, so the first of the month plus the day is the lenient bound."""
    first = {row["episode_id"]: row["first_visit_month"] for row in rows(small / "bundle", "episodes")}
    for name, column in (
        ("scores", "day"),
        ("treatments", "start_day"),
        ("treatments", "end_day"),
        ("adverse_events", "day"),
        ("investigations", "day"),
    ):
        for row in rows(small / "bundle", name):
            start = date.fromisoformat(f"{first[row['episode_id']]}-01")
            assert not row[column] or start + timedelta(days=int(row[column])) <= date(2025, 12, 31), name


def test_treatments_lie_within_episodes(small: Path) -> None:
    episodes = {row["episode_id"]: row for row in rows(small / "bundle", "episodes")}
    for row in rows(small / "bundle", "treatments"):
        closed = episodes[row["episode_id"]]["closed_day"]
        ends = int(row["end_day"] or row["start_day"])
        assert 0 <= int(row["start_day"]) <= ends
        assert not closed or ends <= int(closed)


def test_open_episodes_are_not_closed(small: Path) -> None:
    for row in rows(small / "bundle", "episodes"):
        assert (row["status"] == "open") == (row["closed_day"] == "")


def test_months_shorten_the_calendar(tmp_path: Path) -> None:
    generate(tmp_path, patients=200, seed=1, months=3)
    assert {row["first_visit_month"] for row in rows(tmp_path, "episodes")} == {"2025-10", "2025-11", "2025-12"}


def test_truth_names_what_differs(small: Path) -> None:
    truth = json.loads((small / "truth.json").read_text())
    fusion = next(row for row in truth["treatments"] if row["treatment"] == "spinal_fusion")
    assert fusion["odi_month_12"] < -10
    assert {row["clinician"] for row in truth["clinicians"]} == {"C05", "C09"}
    assert truth["change_point"]["first_visit_month"] == "2023-07"


def test_null_truth_holds_nothing(tmp_path: Path) -> None:
    generate(tmp_path / "bundle", patients=50, seed=1, scenario="null", truth=tmp_path / "truth.json")
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert all(row["pain_month_12"] == 0 == row["odi_month_12"] for row in truth["treatments"])
    assert truth["clinicians"] == []
    assert truth["change_point"] is None


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    generate(tmp_path, patients=50, seed=1, progress=lambda *step: told.append(step))
    assert told[0] == ("Making patients", 0, 50)
    assert told[-1] == ("Making patients", 50, 50)


@pytest.mark.parametrize("wrong", [{"patients": 0}, {"months": 0}, {"seed": -1}, {"scenario": "nice"}])
def test_wrong_options_are_refused(tmp_path: Path, wrong: dict) -> None:
    with pytest.raises(UsageError):
        generate(tmp_path / "bundle", **({"patients": 10, "seed": 1} | wrong))
    assert not (tmp_path / "bundle").exists()
