"""Patients like mine, and whether care helped before it escalated: rows in, what a doctor sees out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.disclosure import PUBLISH
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.findings import patients_like_mine as findings
from tests.twins.open_policy import frank_clinic


def people(folder: Path, ages: list[int], **more: Any) -> Clinic:
    """One episode per age with pain 7 before and age / 10 after a year."""
    names = range(len(ages))
    rows: dict[str, list[dict[str, Any]]] = {
        "patients": [{"patient_id": f"P{k}", "age_years": ages[k]} for k in names],
        "episodes": [{"episode_id": f"E{k}", "patient_id": f"P{k}"} for k in names],
        "scores": [
            {"episode_id": f"E{k}", "day": day, "instrument": "nrs_pain", "value": value}
            for k in names
            for day, value in ((0, 7), (365, ages[k] / 10))
        ],
    }
    return frank_clinic(folder, rows | more)


def test_the_nearest_are_described(tmp_path: Path) -> None:
    """Of ages 30 to 69 those within one caliper of 50 (10 years over two particulars: 14 years) are alike."""
    clinic = people(tmp_path, [*range(30, 70), 50, 50])
    released = analyses.patients_like_mine(clinic, age=50, pain=7)
    (matched,) = released.tables["matched"]
    assert matched["n"] == len([age for age in [*range(30, 70), 50, 50] if abs(age - 50) <= 14])
    row = next(row for row in released.tables["outcomes"] if row["group"] == "all" and row["month"] == 12)
    assert (row["n"], row["expected"], row["median"]) == (31, 31, 5.0)
    share = next(row for row in released.tables["responders"] if row["group"] == "all" and row["month"] == 12)
    year = {row["outcome"]: row for row in released.tables["year"]}
    assert [year["nrs_2"][name] for name in ("n", "share", "low", "high")] == [share[name] for name in ("n", "share", "low", "high")]
    assert (year["surgery"]["n"], year["surgery"]["share"]) == (31, released.tables["surgery"][-1]["incidence"])
    assert share["responders"] == len([age for age in [*range(36, 65), 50, 50] if age <= 50])
    assert released.tables["pathways"][0]["steps"] == ("untreated",)


def test_how_near_they_are_is_said_in_years_and_points(tmp_path: Path) -> None:
    """One caliper is 10 years and 1.5 points; of ages 40 to 60 half lie within 5 years of 50. Pain is 7 in all of them."""
    released = analyses.patients_like_mine(people(tmp_path, list(range(40, 61))), age=50, pain=7, width=0.75)
    differ = {row["particular"]: (row["within"], row["median_difference"]) for row in released.tables["nearness"]}
    assert differ == {"age": (7.5, 5.0), "pain": (1.125, 0.0)}
    long = analyses.patients_like_mine(people(tmp_path / "long", [50] * 20), age=50, symptom_weeks=10)
    (weeks,) = [row for row in long.tables["nearness"] if row["particular"] == "symptom_weeks"]
    assert (weeks["within"], weeks["n"], weeks["median_difference"]) == (pytest.approx(2.014), 0, None)  # nobody has it recorded


def test_which_particular_to_leave_out_is_counted(tmp_path: Path) -> None:
    """30 patients of 50 with pain 7, of whom nobody has a pain of 1: without the pain all 30 are alike, without the age nobody."""
    clinic = people(tmp_path, [50] * 30)
    ways = analyses.patients_like_mine(clinic, age=50, pain=1, width=1).tables["ways"]
    assert [(row["drop"], row["width"], row["people"]) for row in ways] == [("pain", 1, 30), (None, 3, 30)]
    alone = analyses.patients_like_mine(clinic, age=None, pain=0, width=1).tables["ways"]
    assert [(row["drop"], row["width"], row["people"]) for row in alone] == [("all", 1, 30)]  # 4.7 calipers, wider than the widest


def test_a_patient_with_two_episodes_counts_once(tmp_path: Path) -> None:
    """Nineteen patients with twenty episodes are too few; the sentence counts patients."""
    rows = {
        "patients": [{"patient_id": f"P{k}", "age_years": 50} for k in range(20)],
        "episodes": [{"episode_id": f"E{k}", "patient_id": f"P{min(k, 19)}"} for k in range(21)],
        "scores": [{"episode_id": f"E{k}", "day": 0, "instrument": "nrs_pain", "value": 7} for k in range(21)],
    }
    (matched,) = analyses.patients_like_mine(frank_clinic(tmp_path, rows)).tables["matched"]
    assert (matched["n"], matched["people"], matched["refused"]) == (21, 20, None)
    rows["episodes"] = [{"episode_id": f"E{k}", "patient_id": f"P{k % 19}"} for k in range(21)]
    (matched,) = analyses.patients_like_mine(frank_clinic(tmp_path / "fewer", rows)).tables["matched"]
    assert (matched["people"], bool(matched["refused"])) == (19, True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sex": "female", "age": 52, "symptom_weeks": 10, "odi": 46}, "A woman of 52 with a herniated disc for 10 weeks, pain 7, ODI 46"),
        ({"sex": "male", "age": None, "pain": None, "diagnosis": "spinal_stenosis"}, "A man with spinal stenosis"),
        (
            {"age": "50", "pain": 6.5, "bmi": 31, "smoker": "yes"},
            "A patient of 50 with a herniated disc, pain 6.5, body mass index 31, smoker",
        ),
        ({"age": 50, "pain": None, "symptom_weeks": 1, "smoker": "no"}, "A patient of 50 with a herniated disc for 1 week, non-smoker"),
    ],
)
def test_the_patient_is_described(sample_clinic: Clinic, given: dict[str, Any], words: str) -> None:
    assert findings.alike(analyses.patients_like_mine(sample_clinic, **given)).question.replace("\u00a0", " ") == words


def test_the_answer_stands_first(tmp_path: Path) -> None:
    """30 patients of whom everybody answered: the 20 whose pain fell from 7 to 5 had clearly less; nobody was operated."""
    said = findings.alike(analyses.patients_like_mine(people(tmp_path, [50] * 20 + [60] * 10), age=55, pain=7)).answer
    assert said == (
        "Among 30 similar patients in this clinic, 0 of 100 had surgery within a year. "
        "Of those who answered, 67 of 100 had clearly less pain at 12 months (49 to 81; 30 answers)."
    )


def test_few_are_counted_and_nothing_else(tmp_path: Path) -> None:
    said = findings.alike(analyses.patients_like_mine(people(tmp_path, [50] * 7)))
    assert said.answer.startswith("Only 7 patients in this clinic are similar. At least 20 are needed")
    assert not said.drawn


def test_width_is_adjustable(tmp_path: Path) -> None:
    clinic = people(tmp_path, list(range(20, 80)))
    sizes = [analyses.patients_like_mine(clinic, age=50, pain=None, width=width).tables["matched"][0]["n"] for width in (1, 2, 3)]
    assert sizes == [21, 41, 60]


def test_under_twenty_nothing_is_shown(tmp_path: Path) -> None:
    released = analyses.patients_like_mine(people(tmp_path, [50] * 19))
    assert list(released.tables) == ["matched", "ways"]
    assert released.tables["ways"] == ()  # nothing finds more than there are
    assert "Fewer than 20" in released.tables["matched"][0]["refused"]
    assert "outcomes" in analyses.patients_like_mine(people(tmp_path / "more", [50] * 20)).tables


@pytest.mark.parametrize("given", [{"age": "old"}, {"age": 91}, {"pain": 11}, {"odi": "nan"}, {"bmi": -1}])
def test_impossible_particulars_are_refused(sample_clinic: Clinic, given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="Allowed"):
        analyses.patients_like_mine(sample_clinic, **given)


def test_publish_does_not_answer(sample_clinic: Clinic) -> None:
    with pytest.raises(NotAllowed):
        analyses.patients_like_mine(sample_clinic.under(PUBLISH))


def test_intervals_hold_on_held_out_episodes(sample_clinic: Clinic) -> None:
    rows = [row for row in analyses.calibration(sample_clinic).tables["calibration"] if row["share"] is not None]
    assert {row["diagnosis"] for row in rows} >= {"herniated_disc", "degenerative_disc_disease"}
    for nominal in (0.5, 0.8):
        own = [row for row in rows if row["nominal"] == nominal]
        share = sum(row["inside"] for row in own) / sum(row["n"] for row in own)
        assert nominal - 0.05 < share < nominal + 0.2


def test_response_before_surgery(tmp_path: Path) -> None:
    """Three operated: one had responded, one had not, one has no answer since the first visit."""
    before = {"E0": [(0, 8), (70, 5)], "E1": [(0, 8), (70, 7)], "E2": [(0, 8)]}
    clinic = frank_clinic(
        tmp_path,
        {
            "episodes": [{"episode_id": name, "patient_id": f"P{name}"} for name in before],
            "treatments": [{"episode_id": name, "treatment": "discectomy", "start_day": 80} for name in before],
            "scores": [
                {"episode_id": name, "day": day, "instrument": "nrs_pain", "value": value}
                for name, pairs in before.items()
                for day, value in pairs
            ],
        },
    )
    (row,) = analyses.escalation_response(clinic).tables["escalated"]
    assert (row["n"], row["scored"], row["responding"]) == (3, 2, 1)
    assert (row["pain_before"], row["improvement_before"], row["median_days_waited"]) == (6.0, 2.0, 80.0)


def test_who_stays_without_a_response(tmp_path: Path) -> None:
    """Pain at 3 months, then the day of the injection: E1 and E3 had not responded and were left alone for the next 12 weeks."""
    cases = {"E0": (7, 120), "E1": (7, None), "E2": (3, None), "E3": (7, 169)}
    treatments: list[dict[str, Any]] = []
    for name, (_, day) in cases.items():
        treatments.append({"episode_id": name, "treatment": "physical_therapy", "start_day": 3})
        if day:
            treatments.append({"episode_id": name, "treatment": "epidural_steroid_injection", "start_day": day})
    clinic = frank_clinic(
        tmp_path,
        {
            "episodes": [{"episode_id": name, "patient_id": f"P{name}"} for name in cases],
            "treatments": treatments,
            "scores": [
                {"episode_id": name, "day": day, "instrument": "nrs_pain", "value": value}
                for name, (later, _) in cases.items()
                for day, value in ((0, 8), (91, later))
            ],
        },
    )
    (row,) = analyses.escalation_response(clinic).tables["waiting"]
    assert (row["scored"], row["not_escalated"]) == (3, 2)  # E3 escalated a day too late


def test_who_is_not_watched_to_the_end_is_not_called_left_alone(tmp_path: Path) -> None:
    """Of the newest, whose day 168 lies after the end of the data, nobody knows yet whether they escalate."""
    months = {"old": "2024-06", "new": "2024-07"}  # the data end with 2024-12, counted from the last day of the month
    clinic = frank_clinic(
        tmp_path,
        {
            "episodes": [{"episode_id": name, "patient_id": f"P{name}", "first_visit_month": month} for name, month in months.items()],
            "treatments": [{"episode_id": name, "treatment": "physical_therapy", "start_day": 3} for name in months],
            "scores": [
                {"episode_id": name, "day": day, "instrument": "nrs_pain", "value": value}
                for name in months
                for day, value in ((0, 8), (91, 7))
            ],
        },
    )
    (row,) = analyses.escalation_response(clinic).tables["waiting"]
    assert (row["scored"], row["not_escalated"]) == (1, 1)


def test_the_default_definition_is_that_of_the_pathways(sample_clinic: Clinic) -> None:
    """Sensitivity at the default parameters counts what the pathways answer counts."""
    wanted: dict[tuple[str, ...], int] = {}
    for row in analyses.pathways(sample_clinic).tables["pathways"]:
        wanted[row["steps"]] = wanted.get(row["steps"], 0) + (row["n"] or 0)
    rows = [
        row
        for row in analyses.sensitivity(sample_clinic).tables["pathways"]
        if (row["gap_collapse"], row["combination_overlap"]) == (30, 14)
    ]
    assert len(rows) == 5
    assert all(row["n"] >= wanted[row["steps"]] for row in rows)  # there rare end states are pooled
    assert rows[0]["n"] < 1.1 * wanted[rows[0]["steps"]]
