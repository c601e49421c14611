"""What the answers about diagnoses and data mean, as drawn tables: rows in, an answer out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import Cohort, analyses
from synapse_analytics.analyses.data import merged_steps
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import table_one
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.queries.population import Step
from tests.twins.open_policy import frank_clinic, guarded_clinic

pytestmark = pytest.mark.slow  # a store for each case


def rows(released: Released, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """A table as plain tuples of the columns named."""
    return [tuple(row[name] for name in columns) for row in released.tables[table]]


def people(count: int, **columns: Any) -> dict[str, list[dict[str, Any]]]:
    """So many patients with one episode each."""
    patient = {name: columns.pop(name) for name in ("sex", "age_years", "bmi", "smoker") if name in columns}
    start = columns.pop("start", 0)
    names = [f"P{number}" for number in range(start, start + count)]
    return {
        "patients": [{"patient_id": name, "sex": "female", "age_years": 50} | patient for name in names],
        "episodes": [{"patient_id": name, "episode_id": f"E{name}"} | columns for name in names],
    }


def together(*parts: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Several groups of people as one clinic."""
    return {name: [row for part in parts for row in part[name]] for name in ("patients", "episodes")}


def test_share_counts_episodes(tmp_path: Path) -> None:
    # P0 has two episodes: three episodes, two patients.
    files = together(people(2), people(0)) | {}
    files["episodes"].append({"patient_id": "P0", "episode_id": "again", "diagnosis": "spinal_stenosis"})
    answer = analyses.diagnosis_mix(frank_clinic(tmp_path, files))
    assert (answer.n, answer.episodes) == (2, 3)
    assert rows(answer, "diagnoses", "diagnosis", "n", "share")[:3] == [
        ("herniated_disc", 2, pytest.approx(2 / 3)),
        ("spinal_stenosis", 1, pytest.approx(1 / 3)),
        ("degenerative_disc_disease", 0, 0.0),
    ]


def test_groups_come_in_clinical_order(tmp_path: Path) -> None:
    files = together(people(5, age_years=70), people(5, start=5, age_years=20), people(5, start=10, age_years=50))
    answer = analyses.diagnosis_mix(frank_clinic(tmp_path, files), by="age_band")
    assert list(dict.fromkeys(row[0] for row in rows(answer, "diagnoses", "group"))) == ["18-39", "40-64", "65-90"]


def test_investigation_counts_once_per_episode(tmp_path: Path) -> None:
    done = [
        {"episode_id": "EP0", "day": 9, "investigation": "mri", "finding": "not_confirmed"},
        {"episode_id": "EP0", "day": 3, "investigation": "mri", "finding": "confirmed"},  # first day 3, confirmed by either
        {"episode_id": "EP1", "day": 5, "investigation": "mri"},  # a finding that is not recorded did not confirm
        {"episode_id": "EP0", "day": 0, "investigation": "xray", "finding": "inconclusive"},
    ]
    answer = analyses.investigations(frank_clinic(tmp_path, people(4) | {"investigations": done}), by=None)
    shown = rows(answer, "investigations", "investigation", "n", "of", "share", "median_day", "order", "confirmed", "yield")
    assert shown[1] == ("xray", 1, 4, 0.25, 0.0, 1, 0, 0.0)
    assert shown[2] == ("mri", 2, 4, 0.5, 4.0, 2, 1, 0.5)
    assert shown[3] == ("ct", 0, 4, 0.0, None, None, 0, None)


def test_absent_file_is_not_zero(tmp_path: Path) -> None:
    clinic = frank_clinic(tmp_path, people(6))
    assert analyses.symptoms(clinic).tables["symptoms"] == ()
    assert analyses.symptoms(clinic).notes == ("No symptoms are recorded in this bundle.",)
    assert analyses.investigations(clinic).tables["investigations"] == ()


def test_any_diagnosis_joins_primary_and_secondary(tmp_path: Path) -> None:
    files = people(4) | {"other_diagnoses": [{"episode_id": "EP1", "diagnosis": "spinal_stenosis"}]}
    clinic = frank_clinic(tmp_path, files)
    shown = rows(analyses.co_diagnoses(clinic), "co_diagnoses", "diagnosis", "other_diagnosis", "n", "of")
    assert shown[:2] == [("herniated_disc", "herniated_disc", 4, 4), ("herniated_disc", "spinal_stenosis", 1, 4)]
    assert analyses.diagnosis_mix(clinic, Cohort(any_diagnosis="spinal_stenosis")).n == 1
    assert analyses.diagnosis_mix(clinic, Cohort(diagnosis="spinal_stenosis")).n == 0


def test_baseline_compares_with_the_first_group(tmp_path: Path) -> None:
    files = together(
        people(2, age_years=40),
        people(2, start=2, age_years=50),
        people(2, start=4, age_years=60, sex="male"),
        people(2, start=6, age_years=70, sex="male"),
    )
    answer = analyses.baseline_table(frank_clinic(tmp_path, files), by="sex")
    ages = [row for row in rows(answer, "baseline_table", "group", "variable", "n", "mean", "sd", "smd") if row[1] == "age_years"]
    spread = (100 / 3) ** 0.5
    assert ages == [
        ("female", "age_years", 4, 45.0, pytest.approx(spread), None),
        ("male", "age_years", 4, 65.0, pytest.approx(spread), pytest.approx(20 / spread)),
    ]


def test_unrecorded_values_leave_the_share(tmp_path: Path) -> None:
    files = together(people(6, smoker="yes"), people(2, start=6, smoker="no"), people(4, start=8))
    answer = analyses.baseline_table(frank_clinic(tmp_path, files), by=None)
    assert ("smoker", "yes", 6, 8, 0.75) in rows(answer, "baseline_table", "variable", "level", "n", "of", "share")


def test_every_denominator_is_the_recorded_of_the_group(tmp_path: Path) -> None:
    """Of 8 women 2 have no BMI, of 6 men 5; a sex that is unknown is not recorded."""
    files = together(
        people(6, bmi=25, smoker="yes"),
        people(2, start=6),
        people(1, start=8, sex="male", bmi=25),
        people(5, start=9, sex="male", smoker="no"),
        people(3, start=14, sex="unknown", bmi=30),
    )
    clinic = frank_clinic(tmp_path, files)
    table = analyses.baseline_table(clinic, by="sex").tables["baseline_table"]
    seen = {(row["group"], row["variable"], row["level"]): (row["of"], row["not_recorded"]) for row in table}
    assert seen["female", "bmi", None] == (6, 2)
    assert seen["male", "bmi", None] == (1, 5)
    assert seen["female", "smoker", "yes"] == (6, 2)
    assert seen["male", "smoker", "yes"] == (5, 1)
    everybody = analyses.baseline_table(clinic, by=None).tables["baseline_table"]
    sexes = {row["level"]: (row["n"], row["of"], row["not_recorded"]) for row in everybody if row["variable"] == "sex"}
    assert sexes == {None: (14, 14, 3), "female": (8, 14, 3), "male": (6, 14, 3), "other": (0, 14, 3)}
    sizes = {row["group"]: row["n"] for row in table if row["variable"] == "episodes"}
    assert all(row["of"] + row["not_recorded"] == sizes[row["group"]] for row in table)
    page = table_one.table_one(analyses.baseline_table(clinic, by="sex"), LIGHT)["html"]
    assert page.count("2 not recorded</div>") == 2  # the BMI and the smoking of the women
    assert "5 not recorded</div>" in page


def test_few_patients_are_told_inside_the_clinic_only(tmp_path: Path) -> None:
    files = together(
        people(28),
        people(3, start=28, diagnosis="spinal_stenosis"),
        people(13, start=31, diagnosis="other_spinal"),
    )
    clinic = guarded_clinic(tmp_path, files)
    seen = {row["diagnosis"]: (row["n"], row["share"]) for row in analyses.diagnosis_mix(clinic).tables["diagnoses"] if row["n"]}
    assert seen == {"herniated_disc": (28, 28 / 44), "spinal_stenosis": (3, 3 / 44), "other_spinal": (13, 13 / 44)}
    answer = analyses.diagnosis_mix(clinic.under("publish"))
    shared = {row["diagnosis"]: (row["n"], row["share"]) for row in answer.tables["diagnoses"] if row["n"]}
    assert shared == {"herniated_disc": (30, 0.67), "pooled": (15, 0.33)}  # of 45; the three are pooled with the next smallest
    assert answer.withheld == 0


def test_cohort_of_few_shows_nothing(tmp_path: Path) -> None:
    clinic = guarded_clinic(tmp_path, together(people(20), people(3, start=20, diagnosis="spinal_stenosis")))
    for name in ("diagnosis_mix", "symptoms", "investigations", "co_diagnoses", "baseline_table", "attrition"):
        answer = analyses.answer(clinic, name, Cohort(diagnosis="spinal_stenosis"))
        assert (answer.n, answer.episodes, dict(answer.tables)) == (None, None, {})
        assert "fewer than 5 patients" in (answer.refused or "")


@pytest.mark.parametrize(
    ("steps", "shown"),
    [
        # filter, patients left, patients touched -> filter, patients; a count of None is not shown
        ([("all", 100, 0), ("sex", 60, 40), ("site", 20, 40)], [("all", 100), ("sex", 60), ("site", 20)]),
        ([("all", 100, 0), ("sex", 97, 3), ("site", 20, 77)], [("all", 100), ("sex + site", 20)]),
        ([("all", 100, 0), ("sex", 60, 40), ("site", 58, 2)], [("all", 100), ("sex + site", 58)]),
        ([("all", 100, 0), ("sex", 98, 2)], [("all", None), ("sex", 98)]),
        ([("all", 100, 0), ("sex", 98, 2), ("site", 96, 2)], [("all", None), ("sex + site", 96)]),
        ([("all", 100, 0), ("sex", 100, 0)], [("all", 100), ("sex", 100)]),
        ([("all", 100, 0), ("sex", 100, 2), ("site", 50, 50)], [("all", 100), ("sex + site", 50)]),  # two lost one of two episodes
        ([("all", 100, 0), ("sex", 3, 97), ("site", 0, 3)], [("all", 100), ("sex + site", 0)]),
        ([("all", 100, 0), ("sex", 60, 40), ("site", 58, 2), ("age_band", 20, 38)], [("all", 100), ("sex", 60), ("site + age_band", 20)]),
    ],
)
def test_small_steps_are_merged(steps: list[tuple[str, int, int]], shown: list[tuple[str, int | None]]) -> None:
    given = [Step(name, left, left, touched) for name, left, touched in steps]
    merged = [(row["filter"], None if 0 < row["shown"] < 5 else row["patients"]) for row in merged_steps(given, 5)]
    assert merged == shown


def test_loaded_generation_is_described(tmp_path: Path) -> None:
    answer = analyses.generation_summary(frank_clinic(tmp_path, people(6)))
    (about,) = answer.tables["generation"]
    assert (about["clinic"], about["data_until"], about["synthetic"]) == ("Drawn by a test", "2024-12", True)
    assert rows(answer, "rows", "file", "rows")[:2] == [("patients.csv", 6), ("episodes.csv", 6)]


def test_missing_columns_are_named(tmp_path: Path) -> None:
    files = together(people(5, smoker="yes"), people(15, start=5))
    answer = analyses.data_quality(guarded_clinic(tmp_path, files))
    assert ("patients.csv", "smoker", 0.75) in rows(answer, "missingness", "file", "column", "share")


def test_answers_are_listed_in_page_order() -> None:
    names = list(analyses.answers())
    assert names == [name for name in analyses.__all__ if name in names]
    assert all(answer.question.endswith("?") for answer in analyses.answers().values())
