"""What a comparison says: early differences, who is left out and why, what it cannot adjust for, and answers without any spread."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import floor, log10
from pathlib import Path
from random import Random
from typing import Any

import pytest

from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import compare_treatments as drawn
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.findings.comparison_checks import who_is_compared
from synapse_analytics.findings.early_and_late import sentence
from tests.spec.test_compare_treatments import Files, clinic_of, compared, estimates, files_with, quality

pytestmark = pytest.mark.slow  # a store for each case

OPERATED = "Ed"  # how the episodes of arm a begin


def subtitle(draw: Callable[..., Any], released: Released) -> str:
    return str(draw(released, LIGHT)["layout"]["title"]["subtitle"]["text"])


def recorded(files: Files, column: str, value: Callable[[int], Any], share: dict[str, float]) -> None:
    """Write a column for the first so many of each arm (`d` operated, `p` physical therapy); the others stay empty."""
    for arm, part in share.items():
        mine = [row for row in files["patients"] if row["patient_id"].startswith(f"P{arm}")]
        for place, row in enumerate(mine[: round(part * len(mine))]):
            row[column] = value(place)


def changed_after(files: Files, score: Callable[[str, float], float], day: int = 0) -> Files:
    """The answers after the start (on one day after it, or on all) made anew from the episode and its baseline."""
    begin = {row["episode_id"]: row["value"] for row in files["scores"] if row["day"] == 15}
    for row in files["scores"]:
        if row["day"] > 20 and day in {0, row["day"] - 20}:
            row["value"] = round(min(10, max(0, score(row["episode_id"], begin[row["episode_id"]]))), 1)
    return files


# What the visits before the horizon say.


def test_a_difference_that_is_gone_at_the_horizon_is_in_the_headline(tmp_path: Path) -> None:
    draw = Random(2)
    files = changed_after(files_with(effect=0.0), lambda name, start: start * 0.5 + draw.gauss(4, 0.8) - 3 * name.startswith(OPERATED), 91)
    released = compared(clinic_of(tmp_path, files))
    assert quality(released)["verdict"] == "no_clear_difference"
    assert re.fullmatch(
        r"At 3 months, pain was [23]\.\d points lower after a discectomy than after physical therapy \([\d.]+ to [\d.]+\); "
        r"at 12 months, it was not clearly different \([\d.]+ (lower|higher); [\d.]+ lower to [\d.]+ higher\)\.",
        sentence(released),
    )
    said = "patients who had discectomy did better at 3 months; no clear difference at 12 months."
    assert said in subtitle(drawn.by_visit, released)
    assert "do not overlap at the start and 3 months." in subtitle(drawn.trajectories, released)


def test_a_difference_that_turns_is_in_the_headline(tmp_path: Path) -> None:
    draw = Random(2)
    files = changed_after(files_with(effect=-2.0), lambda name, start: start * 0.5 + draw.gauss(2, 0.8) + 3 * name.startswith(OPERATED), 91)
    released = compared(clinic_of(tmp_path, files))
    assert quality(released)["verdict"] == "a_improved_more"
    said = r"At 3 months, pain was \S+ points higher after a discectomy than .+; but at 12 months, it was \S+ points lower \(.+\)\."
    assert re.fullmatch(said, sentence(released))


def test_the_same_at_both_times_is_said_to_be_so_still(tmp_path: Path) -> None:
    released = compared(clinic_of(tmp_path, files_with()))
    assert re.search(r"; at 12 months, it was still \S+ points lower \(", sentence(released))
    assert "did better at 3 months and 12 months." in subtitle(drawn.by_visit, released)


def test_a_visit_that_one_arm_did_not_answer_is_named(sample_clinic: Clinic) -> None:
    """In the sample nobody is asked at 6 months after surgery."""
    released = compared(sample_clinic)
    assert subtitle(drawn.by_visit, released).endswith("Not known at 6 months: too few answers in one group.")


# From the start to the analysis.


def steps_of(released: Released) -> dict[str, tuple[int, int]]:
    return {row["step"]: (row["n_a"], row["n_b"]) for row in released.tables["flow"]}


@pytest.mark.parametrize("crossover", ["treatment_policy", "censored"])
@pytest.mark.parametrize(
    ("a", "b"), [("discectomy", "physical_therapy"), ("medication", "physical_therapy"), ("injection_by_day_90", "no_injection_by_day_90")]
)
def test_everybody_who_started_is_analysed_or_left_out_for_a_reason(sample_clinic: Clinic, a: str, b: str, crossover: str) -> None:
    released = compared(sample_clinic, a=a, b=b, crossover=crossover)
    rows = released.tables["flow"][4:]
    for arm in ("n_a", "n_b"):
        still = rows[0][arm]
        for row in rows[1:]:
            still -= row[arm] if row["left_out"] else 0
            assert row["left_out"] or row[arm] == still, row
        assert still == quality(released)[f"answered_{arm[-1]}"] > 0


def test_each_reason_counts_its_own(tmp_path: Path) -> None:
    """Of 80 operated 2 have no baseline, 6 a diagnosis of which nobody had therapy, 4 began too recently, 1 died, 5 did not answer."""
    files = files_with()
    names = [row["episode_id"] for row in files["episodes"] if row["episode_id"].startswith(OPERATED)]
    bare, recent, died, silent, unlike = names[:2], names[2:6], names[6:7], names[7:12], names[12:18]
    files["scores"] = [
        row
        for row in files["scores"]
        if not (row["episode_id"] in bare and row["day"] == 15) and not (row["episode_id"] in silent and row["day"] == 385)
    ]
    for row in files["episodes"]:
        name = row["episode_id"]
        row["first_visit_month"] = "2025-10" if name in recent else "2022-01"
        row.update({"status": "died", "closed_day": 300} if name in died else {})
        row.update({"diagnosis": "piriformis_syndrome"} if name in unlike else {})
    files["scores"] = [row for row in files["scores"] if row["episode_id"] not in {*recent, *died} or row["day"] < 60]
    released = compared(clinic_of(tmp_path, files))
    steps = {step: counts[0] for step, counts in steps_of(released).items()}
    assert steps == {
        **dict.fromkeys(("cohort", "neither", "either", "twice")),
        "started": 80,
        "had_other_before": 0,
        "no_baseline": 2,
        "unlike": 6,
        "window_open": 4,
        "died": 1,
        "crossed_over": 0,
        "answered_late": 0,
        "expected": 67,
        "not_answered": 5,
        "answered": 62,
    }
    table = {row["Episodes"]: row["Discectomy"] for row in who_is_compared(released)}
    assert table["\u2212 diagnosis or red flags too rare in one of the groups"] == 6
    assert not any("switched treatment" in text for text in table)  # nobody: no row
    (said,) = [note for note in released.notes if "left out" in note]
    assert said == (
        "Diagnoses left out, with fewer than 10 episodes in one of the groups: piriformis syndrome. Diagnoses compared: herniated disc."
    )


# What is not recorded, and what is the same for everybody.


@pytest.mark.parametrize(
    "share",
    [{"d": 1.0, "p": 0.0}, {"d": 0.0, "p": 1.0}, {"d": 0.05, "p": 1.0}, {"d": 1.0, "p": 0.05}, {"d": 0.0, "p": 0.0}, {"d": 0.4, "p": 0.45}],
    ids=str,
)
def test_what_one_arm_hardly_records_is_left_out_and_named(share: dict[str, float], tmp_path: Path) -> None:
    files = files_with()
    recorded(files, "bmi", lambda place: 22.0 + place % 9, share)
    recorded(files, "smoker", lambda place: "yes" if place % 3 else "no", share)
    recorded(files, "comorbidities", lambda place: place % 4, {"d": 0.9, "p": 0.9})
    released = compared(clinic_of(tmp_path, files))
    assert quality(released)["refused"] is None
    assert {"bmi", "smoker", "comorbidities"} & {row["covariate"] for row in released.tables["balance"]} == {"comorbidities"}
    (said,) = [note for note in released.notes if "Not adjusted for" in note]
    assert "body mass index and smoker: recorded in fewer than half of the patients of one or both groups" in said


def test_what_half_of_each_arm_records_is_judged(tmp_path: Path) -> None:
    files = files_with()
    recorded(files, "bmi", lambda place: 22.0 + place % 9, {"d": 0.5, "p": 0.8})
    released = compared(clinic_of(tmp_path, files))
    (row,) = [row for row in released.tables["balance"] if row["covariate"] == "bmi"]
    assert (row["recorded_a"], row["recorded_b"]) == (40, 72)
    assert row["smd_before"] is not None
    assert not any("body mass index" in note.lower() for note in released.notes)
    labels = drawn.balance(released, LIGHT)["data"][0]["y"]
    assert any(label.startswith("Body mass index") and "recorded for 40 and 72" in label for label in labels)


@pytest.fixture(scope="module")
def same_age(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """21 sites, at each of which everybody is of one age: 45 to 65."""
    together: Files = {"patients": [], "episodes": [], "treatments": [], "scores": []}
    for age in range(45, 66):
        files = files_with(sizes=(45, 50), seed=age)
        for rows in files.values():
            for row in rows:
                row.update({key: f"{row[key]}-{age}" for key in ("patient_id", "episode_id") if key in row})
                row.update({"age_years": age, "bmi": 30.1} if "age_years" in row else {})
                row.update({"site": f"S{age}"} if "symptom_weeks" in row else {})
        for name, rows in files.items():
            together[name] += rows
    return clinic_of(tmp_path_factory.mktemp("same_age"), together)


@pytest.mark.parametrize("age", range(45, 66))
def test_an_age_that_everybody_has_is_balanced(age: int, same_age: Clinic) -> None:
    released = compared(same_age, Cohort(site=(f"S{age}",)))
    assert quality(released)["refused"] is None
    found = {row["covariate"]: (row["smd_before"], row["smd_after"]) for row in released.tables["balance"]}
    assert found["age"] == found["bmi"] == (0.0, 0.0)
    assert abs(estimates(released)["ancova"]["difference"] + 2.0) < 1.0


# Answers without any spread.


@pytest.mark.parametrize("score", [0.0, 0.7, 3.0])
def test_an_outcome_that_does_not_vary_is_no_difference(score: float, tmp_path: Path) -> None:
    released = compared(clinic_of(tmp_path, changed_after(files_with(), lambda _name, _start: score)))
    assert quality(released)["verdict"] == "no_clear_difference"
    for method in ("ancova", "overlap"):
        row = estimates(released)[method]
        assert (row["difference"], row["low"], row["high"]) == (0.0, 0.0, 0.0), method
    assert quality(released)["e_value"] is None
    tests = [row["interaction_p"] for row in released.tables["subgroups"] if row["interaction_p"] is not None]
    assert tests
    assert set(tests) == {1.0}


@pytest.mark.parametrize("fall", [0.3, 2.3])
def test_the_same_fall_for_everybody_is_no_difference(fall: float, tmp_path: Path) -> None:
    files = changed_after(files_with(), lambda _name, start: start - fall)
    released = compared(clinic_of(tmp_path, files))
    assert quality(released)["verdict"] == "no_clear_difference"
    assert estimates(released)["crude"]["difference"] == estimates(released)["ancova"]["difference"] == 0.0


def test_two_outcomes_without_spread_differ(tmp_path: Path) -> None:
    files = changed_after(files_with(), lambda name, _start: 0.7 if name.startswith(OPERATED) else 1.3)
    released = compared(clinic_of(tmp_path, files))
    assert quality(released)["verdict"] == "a_improved_more"
    assert estimates(released)["overlap"]["difference"] == pytest.approx(-0.6)


def test_everything_here_opens(sample_store: str) -> None:
    """The sentences stand under the stricter policy too."""
    released = compared(open_clinic(sample_store, policy="publish"))
    assert re.match(r"At 3 months, pain was .+ after a discectomy than after physical therapy \(", sentence(released))
    assert all(row["Episodes"] for row in who_is_compared(released))


def test_what_if_the_unanswered_differ_tells_no_exact_count(sample_store: str) -> None:
    """From one delta to the next the published difference moves by a share of the published counts, not of those behind them."""
    released = compared(open_clinic(sample_store, policy="publish"), a="epidural_steroid_injection", b="physical_therapy")
    (counts,) = released.tables["quality"]
    for arm, sign in (("a", 1), ("b", -1)):
        found = {row["delta"]: row["difference"] for row in released.tables["sensitivity"] if row["arm"] == arm}
        off = sum(0.5 * 10 ** (floor(log10(abs(found[delta]))) - 1) for delta in (0.5, 2.0))  # both have two digits
        unanswered = 1 - counts[f"answered_{arm}"] / counts[f"expected_{arm}"]
        assert abs(sign * (found[2.0] - found[0.5]) - 1.5 * unanswered) <= off + 1e-9


# What strangers found.


@pytest.mark.parametrize("month", [12, 24])
def test_a_cohort_of_red_flags_is_refused_and_not_a_fault(sample_clinic: Clinic, month: int) -> None:
    for cohort in (Cohort(red_flags=("yes",)), Cohort(red_flags=("yes",), diagnosis=("herniated_disc",))):
        for a, b in (("discectomy", "physical_therapy"), ("epidural_steroid_injection", "other_injection")):
            released = compared(sample_clinic, cohort, a=a, b=b, month=month)
            assert released.refused or quality(released)["refused"]


@pytest.mark.parametrize(
    ("a", "b", "twice"),
    [
        ("discectomy", "physical_therapy", True),
        ("medication", "lifestyle_modification", False),
        ("injection_by_day_90", "no_injection_by_day_90", False),
    ],
)
def test_an_episode_stands_in_both_groups_only_where_it_can(sample_clinic: Clinic, a: str, b: str, *, twice: bool) -> None:
    released = compared(sample_clinic, a=a, b=b)
    assert any("counts in both groups" in note for note in released.notes) is twice
    assert (quality(released)["both_arms"] > 0) is twice


def test_who_got_worse_by_less_did_not_improve(tmp_path: Path) -> None:
    files = changed_after(files_with(), lambda name, start: start * 0.3 + (6 if name.startswith(OPERATED) else 7.5) + len(name) % 2)
    released = compared(clinic_of(tmp_path, files))
    assert "improved" not in sentence(released)


def test_a_sex_that_nobody_knows_is_named_as_sex(tmp_path: Path) -> None:
    files = files_with()
    for row in files["patients"]:
        row["sex"] = "unknown"
    (said,) = [note for note in compared(clinic_of(tmp_path, files)).notes if "Not adjusted for" in note]
    assert " sex" in said
    assert "women" not in said.lower()
