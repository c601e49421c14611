"""One group's answer is exact and its own: nothing another group holds changes it, and no small remainder takes a share away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import analyses
from tests.builders import clinic_of

pytestmark = pytest.mark.slow  # a store for each case

Row = dict[str, Any]
YEAR = 365  # days
BY_SEX = ("score_over_time", "responders", "completeness", "change_distribution", "diagnosis_mix", "time_to_escalation")


def scores(episode: str, before: float, after: float | None) -> list[Row]:
    """Pain at the first visit and, unless there was no answer, a year later."""
    days = {0: before} | ({} if after is None else {YEAR: after})
    return [{"episode_id": episode, "day": day, "instrument": "nrs_pain", "value": value} for day, value in days.items()]


@pytest.mark.parametrize("responded", [(33, 15, 9), (48, 1, 2), (0, 40, 51), (49, 39, 50)])
def test_few_who_did_not_answer_take_no_share_away(tmp_path: Path, responded: tuple[int, int, int]) -> None:
    expected, answered = (52, 47, 55), (49, 40, 51)
    episodes: list[Row] = []
    answers: list[Row] = []
    for site, (all_of_them, of_them, better) in enumerate(zip(expected, answered, responded, strict=True), start=1):
        for number in range(all_of_them):
            name = f"{site}-{number}"
            episodes.append({"episode_id": f"E-{name}", "patient_id": f"P-{name}", "site": f"S0{site}"})
            answers += scores(f"E-{name}", 7, None if number >= of_them else 2 if number < better else 7)
    rows = analyses.responders(clinic_of(tmp_path, episodes=episodes, scores=answers), by="site").tables["groups"]
    assert [(row["n"], row["expected"], row["responders"]) for row in rows] == list(zip(answered, expected, responded, strict=True))
    assert [row["share"] for row in rows] == pytest.approx([better / of for better, of in zip(responded, answered, strict=True)])
    assert all(row["withheld"] == () for row in rows)


def clinic_by_sex(folder: Path, **others: tuple[int, int]) -> Mapping[str, Any]:
    """What every answer says of the women: 110 with one episode (2 without a baseline) and 40 with two; `others` are patients, episodes each."""
    patients: list[Row] = []
    episodes: list[Row] = []
    answers: list[Row] = []
    for sex, number, of_each in (("female", 110, 1), ("female", 40, 2), *((sex, *counts) for sex, counts in others.items())):
        for _ in range(number):
            patient = f"P-{len(patients)}"
            patients.append({"patient_id": patient, "sex": sex})
            for _ in range(of_each):
                episode = f"E-{len(episodes)}"
                episodes.append({"episode_id": episode, "patient_id": patient})
                answers += scores(episode, 7, 3) if sex == "female" and len(episodes) > 2 else []
    clinic = clinic_of(folder, patients=patients, episodes=episodes, scores=answers)
    answered = {name: analyses.answer(clinic, name, by="sex") for name in BY_SEX}
    return {
        name: {table: [row for row in rows if row.get("group") == "female"] for table, rows in answer.tables.items()}
        for name, answer in answered.items()
    }


@pytest.mark.parametrize("others", [{"unknown": (6, 2)}, {"unknown": (1, 1)}, {"unknown": (3, 2), "other": (4, 1)}, {"male": (12, 1)}])
def test_what_is_said_of_women_does_not_depend_on_the_others(tmp_path: Path, others: dict[str, tuple[int, int]]) -> None:
    alone = clinic_by_sex(tmp_path / "alone")
    assert clinic_by_sex(tmp_path / "with others", **others) == alone
    baseline = next(row for row in alone["completeness"]["visits"] if row["visit"] == "baseline")
    assert (baseline["answered"], baseline["expected"], baseline["withheld"]) == (188, 190, ())  # the gap of 2 is shown
