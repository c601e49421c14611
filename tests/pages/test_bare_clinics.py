"""Clinics where something is missing altogether: nobody answered, nobody was treated, everybody was operated or closed at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import analyses, exports
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.findings import words as w
from synapse_analytics.store import load_bundle
from synapse_analytics.synthetic import generate
from tests.builders import Rows, write_bundle
from tests.pages.test_low_counts import NO_PHRASE, pieces
from tests.pages.test_odd_codes import EVERYWHERE, open_page

CARE = ("diagnoses", "pathways", "outcomes", "compare_treatments", "patients_like_mine")
PEOPLE = [f"E{number}" for number in range(60)]
EPISODES = [{"episode_id": name, "patient_id": name.replace("E", "P"), "first_visit_month": "2020-01"} for name in PEOPLE]
CLOSED = [row | {"status": "resolved", "closed_day": 0} for row in EPISODES]
SCORES = [{"episode_id": name, "day": day, "instrument": "nrs_pain", "value": 5} for name in PEOPLE for day in (0, 365)]
ODI = [row | {"instrument": "odi", "value": 40} for row in SCORES]
INJECTED = [{"episode_id": name, "treatment": "epidural_steroid_injection", "start_day": 20} for name in PEOPLE[:30]]
OPERATED = [{"episode_id": name, "treatment": "discectomy", "start_day": 0} for name in PEOPLE]
BARE: Mapping[str, Mapping[str, Rows]] = {
    "nobody answered": {"episodes": EPISODES, "treatments": INJECTED},
    "nobody treated": {"episodes": EPISODES, "scores": SCORES},
    "only the ODI": {"episodes": EPISODES, "treatments": INJECTED, "scores": ODI},
    "all operated on day 0": {"episodes": EPISODES, "treatments": OPERATED, "scores": SCORES},
    "all closed on day 0": {"episodes": CLOSED, "scores": [row for row in SCORES if row["day"] == 0]},
}
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.mark.parametrize("policy", ["clinic", "publish"])
@pytest.mark.parametrize("name", BARE)
def test_every_page_of_care_speaks(name: str, policy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_bundle(write_bundle(tmp_path / "bundle", **BARE[name]), f"duckdb:///{tmp_path / 'store'}")
    speaks(tmp_path / "store", policy, monkeypatch)


@pytest.mark.parametrize("patients", [12, 60])
def test_every_page_of_a_small_clinic_says_it_in_a_phrase(patients: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It read "Medication (1 episodes)" and "apart by withheld standard deviations"."""
    generate(tmp_path / "bundle", patients=patients, seed=5)
    load_bundle(tmp_path / "bundle", f"duckdb:///{tmp_path / 'store'}")
    speaks(tmp_path / "store", "clinic", monkeypatch)


def speaks(store: Path, policy: str, patch: pytest.MonkeyPatch) -> None:
    """Every tab runs with all of it open, and says in whole phrases what there is."""
    patch.setenv("SYNAPSE_HOME", str(store))
    patch.setenv("SYNAPSE_POLICY", policy)
    for page, key, tab in EVERYWHERE:
        if page in CARE:
            shown = list(pieces(open_page(page, key, tab)))
            assert shown, (page, tab)
            assert [piece for piece in shown if NO_PHRASE.search(piece)] == [], (page, tab)


@pytest.mark.parametrize("policy", ["clinic", "publish"])
def test_nobody_with_a_score_is_compared_before_surgery(policy: str, tmp_path: Path) -> None:
    """It broke: those who left the risk set were kept, though nobody had a baseline."""
    files: dict[str, Any] = {"episodes": EPISODES, "treatments": INJECTED}
    load_bundle(write_bundle(tmp_path / "bundle", **files), f"duckdb:///{tmp_path / 'store'}")
    answer = analyses.injection_before_surgery(open_clinic(f"duckdb:///{tmp_path / 'store'}", policy=policy))
    assert all(row["difference"] is None for row in answer.tables["estimates"])
    assert all(row["refused"] for row in answer.tables["quality"])


@pytest.mark.parametrize("options", [{}, {"a": "surgery_by_day_180", "b": "no_surgery_by_day_180"}])
def test_strategies_of_nobody_are_no_error(options: dict[str, str], sample_clinic: Clinic) -> None:
    """It broke at the command line, where no page stands before it."""
    nobody = Cohort(diagnosis=("spinal_stenosis",), age_to=20)
    name = "compare_treatments" if options else "injection_before_surgery"
    answer = analyses.answer(sample_clinic, name, nobody, **options)
    assert all(row["difference"] is None for row in answer.tables["estimates"])


@pytest.mark.parametrize("policy", ["clinic", "publish"])
@pytest.mark.parametrize("name", BARE)
def test_the_report_says_it_in_a_phrase(name: str, policy: str, tmp_path: Path) -> None:
    """It read "1 numbers are withheld"."""
    load_bundle(write_bundle(tmp_path / "bundle", **BARE[name]), f"duckdb:///{tmp_path / 'store'}")
    html = exports.report(open_clinic(f"duckdb:///{tmp_path / 'store'}", policy="clinic"), Cohort(), policy=policy)
    lines = [" ".join(unescape(part).split()) for part in re.split(r"<style>.*?</style>|<[^>]*>", html, flags=re.DOTALL)]
    assert [line for line in lines if NO_PHRASE.search(line)] == []


def test_one_number_is_withheld_and_two_are() -> None:
    assert [w.numbers_are(n) for n in (0, 1, 2, 1200)] == ["0 numbers are", "1 number is", "2 numbers are", "1,200 numbers are"]
