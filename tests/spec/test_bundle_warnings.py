"""What is loaded all the same, but told: each warning from a few drawn rows, as a count and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from synapse_analytics.bundle import check_bundle
from tests.faults.drawn import Spoil, line, manifest, swap, write_right

SCORES, TREATMENTS, EPISODES = "scores.csv", "treatments.csv", "episodes.csv"


def warned(folder: Path, spoils: Sequence[Spoil] = ()) -> dict[tuple[str, str], int]:
    """(rule, file) -> n of the right bundle after these changes."""
    write_right(folder)
    for spoil in spoils:
        spoil(folder)
    check = check_bundle(folder)
    assert check.problems == []
    return {(warning.rule, warning.file): warning.n for warning in check.warnings}


def test_few_patients_are_small_cells(tmp_path: Path) -> None:
    assert warned(tmp_path / "bundle") == {("small_cell", "patients.csv"): 3}


@pytest.mark.parametrize(
    ("spoil", "rule", "file"),
    [
        pytest.param(line(SCORES, 4, "E1,7,nrs_pain,0"), "implausible_jump", SCORES, id="eight points in a week"),
        pytest.param(line(SCORES, 4, "E1,0,nrs_pain,8"), "repeated_score", SCORES, id="same answer twice"),
        pytest.param(swap(TREATMENTS, "7,60", "-90,-2"), "treatment_outside_episode", TREATMENTS, id="course ended before day 0"),
        pytest.param(swap(TREATMENTS, "discectomy,90", "discectomy,-1"), "treatment_outside_episode", TREATMENTS, id="procedure before"),
        pytest.param(swap(TREATMENTS, "0,30", "401,430"), "treatment_outside_episode", TREATMENTS, id="begun after the close"),
        pytest.param(swap(EPISODES, "M48.0", "M51.1"), "diagnosis_unlike_icd10", EPISODES, id="stenosis coded as disc"),
        pytest.param(swap(EPISODES, "M48.0", "S32"), "diagnosis_unlike_icd10", EPISODES, id="stenosis coded as fracture"),
        pytest.param(
            swap("other_diagnoses.csv", "M51.3", "M480"), "diagnosis_unlike_icd10", "other_diagnoses.csv", id="secondary coded otherwise"
        ),
    ],
)
def test_each_oddity_is_counted(tmp_path: Path, spoil: Spoil, rule: str, file: str) -> None:
    assert warned(tmp_path / "bundle", [spoil])[rule, file] == 1


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(line(SCORES, 4, "E1,7,nrs_pain,1"), id="seven points in a week"),
        pytest.param(line(SCORES, 4, "E1,8,nrs_pain,0"), id="eight points in eight days"),
        pytest.param(swap(TREATMENTS, "7,60", "-90,2"), id="course that runs into the episode"),
        pytest.param(swap(TREATMENTS, "0,30", "400,430"), id="begun on the closing day"),
        pytest.param(swap(EPISODES, "M48.0", "M48.06"), id="a finer code"),
        pytest.param(swap(EPISODES, "piriformis_syndrome,G57.0", "other_spinal,M54.5"), id="other condition of any other code"),
    ],
)
def test_ordinary_things_are_not_counted(tmp_path: Path, spoil: Spoil) -> None:
    assert warned(tmp_path / "bundle", [spoil]) == {("small_cell", "patients.csv"): 3}


def _clinic(folder: Path, answered: int) -> dict[tuple[str, str], int]:
    """Ten episodes with a baseline; so many of them answer at 6 weeks, and the window of no later visit has closed."""
    write_right(folder)
    numbers = range(10)
    (folder / "patients.csv").write_text("patient_id,sex,age_years\n" + "".join(f"P{i},male,50\n" for i in numbers), encoding="utf-8")
    rows = "".join(f"E{i},P{i},2024-08,S1,C1,other_spinal,no,open,\n" for i in numbers)
    head = "episode_id,patient_id,first_visit_month,site,clinician,diagnosis,red_flags,status,closed_day\n"
    (folder / "episodes.csv").write_text(head + rows, encoding="utf-8")
    (folder / "treatments.csv").write_text("treatment_id,episode_id,treatment,start_day\n", encoding="utf-8")
    rows = "".join(f"E{i},0,nrs_pain,5\n" for i in numbers) + "".join(f"E{i},42,nrs_pain,4\n" for i in range(answered))
    (folder / "scores.csv").write_text("episode_id,day,instrument,value\n" + rows, encoding="utf-8")
    for name in ("other_diagnoses", "symptoms", "investigations", "adverse_events"):
        (folder / f"{name}.csv").unlink()
    manifest(data_until="2024-12")(folder)
    return {(warning.rule, warning.file): warning.n for warning in check_bundle(folder).warnings}


@pytest.mark.parametrize(("answered", "warnings"), [(5, 1), (6, 0), (10, 0)])
def test_low_follow_up_by_site_and_visit(tmp_path: Path, answered: int, warnings: int) -> None:
    assert _clinic(tmp_path / "bundle", answered).get(("low_follow_up", SCORES), 0) == warnings


def test_five_patients_are_no_small_cell(tmp_path: Path) -> None:
    assert ("small_cell", "patients.csv") not in _clinic(tmp_path / "bundle", 10)
