"""What a comparison means, in rows a doctor can read: who is compared with whom, what is shown and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from synapse_analytics import analyses
from synapse_analytics.analyses.comparison.words import plain_sentence, refusals
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import CLINIC, PUBLISH, Released
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.estimates import Estimate
from synapse_analytics.estimates.weighting import Overlap
from synapse_analytics.store import load
from tests.made_once import store_of
from tests.twins.checked import checked

pytestmark = pytest.mark.slow  # a store for each case

Files = dict[str, list[dict[str, Any]]]


def clinic_with(folder: Path, **drawn: Any) -> Clinic:
    """The clinic of `files_with`, loaded."""
    return clinic_of(folder, files_with(**drawn))


def clinic_of(folder: Path, files: Files) -> Clinic:
    """These files, loaded."""
    database = f"duckdb:///{folder / 'store'}"
    load(checked(**files), database)
    return open_clinic(database, policy="clinic")


def files_with(
    *, effect: float = -2.0, sizes: tuple[int, int] = (80, 90), distant: float = 0.0, flagged_a: int = 0, seed: int = 5
) -> Files:
    """Arm a is operated on day 20, arm b begins physical therapy on day 20; `effect` is built in, `distant` keeps the arms apart.

    The first `flagged_a` of arm a have red flags, nobody of arm b."""
    draw = Random(seed)
    files: Files = {"patients": [], "episodes": [], "treatments": [], "scores": []}
    for place, treatment in enumerate(("discectomy", "physical_therapy")):
        for number in range(sizes[place]):
            name = f"{treatment[0]}{number}"
            age = round(draw.gauss(50 + (distant if place == 0 else 0), 8))
            files["patients"].append({"patient_id": f"P{name}", "sex": draw.choice(("female", "male")), "age_years": age})
            files["episodes"].append({"episode_id": f"E{name}", "patient_id": f"P{name}", "symptom_weeks": draw.randint(2, 80)})
            if flagged_a:
                files["episodes"][-1]["red_flags"] = "yes" if place == 0 and number < flagged_a else "no"
            files["treatments"].append({"episode_id": f"E{name}", "treatment": treatment, "start_day": 20})
            start = draw.choice((5, 6, 7, 8, 9, 10)) if place == 0 else draw.choice((4, 5, 6, 7, 8, 9))
            after = start * 0.5 + draw.gauss(0, 0.8) + (effect if place == 0 else 0) + 2
            scores = [(15, start), (20 + 91, after + draw.gauss(0, 0.4)), (20 + 365, after)]
            files["scores"] += [
                {"episode_id": f"E{name}", "day": day, "instrument": "nrs_pain", "value": round(min(10, max(0, value)), 1)}
                for day, value in scores
            ]
    return files


def compared(clinic: Clinic, cohort: Cohort | None = None, **options: Any) -> Released:
    """Discectomy with physical therapy, whatever else could be compared."""
    return analyses.compare_treatments(clinic, cohort, **({"a": "discectomy", "b": "physical_therapy"} | options))


def estimates(released: Released) -> dict[str, Any]:
    return {row["method"]: row for row in released.tables["estimates"]}


def quality(released: Released) -> Any:
    return released.tables["quality"][0]


@pytest.mark.parametrize(("a", "b"), [("otc_analgesic", "physical_therapy"), ("physical_therapy", "otc_analgesic")])
def test_a_rival_that_nobody_had_is_no_fault(a: str, b: str, tmp_path: Path) -> None:
    released = compared(clinic_with(tmp_path), a=a, b=b)
    assert quality(released)["refused"]  # nobody took the medicine


def test_every_method_finds_the_effect(tmp_path: Path) -> None:
    released = compared(clinic_with(tmp_path))
    found = estimates(released)
    assert list(found) == ["crude", "ancova", "overlap", "mmrm"]
    for method in ("ancova", "overlap", "mmrm"):
        assert found[method]["low"] < -2.0 < found[method]["high"], method
        assert (found[method]["n_a"], found[method]["n_b"]) == (80, 90)
    assert quality(released)["verdict"] == "a_improved_more"
    assert quality(released)["refused"] is None
    assert quality(released)["completeness_a"] == 1.0
    assert max(abs(row["smd_after"]) for row in released.tables["balance"]) < 0.1


def test_no_effect_is_no_verdict(tmp_path: Path) -> None:
    assert quality(compared(clinic_with(tmp_path, effect=0.0)))["verdict"] == "no_clear_difference"


def test_crude_is_the_difference_in_change(tmp_path: Path) -> None:
    clinic = clinic_with(tmp_path)
    means = [
        analyses.score_over_time(clinic, Cohort(treatment=(code,)), index=code).tables["visits"]
        for code in ("discectomy", "physical_therapy")
    ]
    changes = [next(row["change"] for row in rows if row["visit"] == "month_12") for rows in means]
    assert estimates(compared(clinic))["crude"]["difference"] == pytest.approx(changes[0] - changes[1], abs=1e-9)


def test_unlike_arms_are_refused(tmp_path: Path) -> None:
    """Forty years between the arms: nobody could have had either; balance and completeness stay, every difference goes."""
    released = compared(clinic_with(tmp_path, distant=-38.0))
    assert quality(released)["verdict"] == "refused"
    assert "discectomy" in quality(released)["refused"]
    assert all(row["difference"] is None for row in estimates(released).values())
    assert estimates(released)["crude"]["n_a"] == 80
    assert next(row for row in released.tables["balance"] if row["covariate"] == "age")["smd_before"] < -2
    assert quality(released)["e_value"] is None
    assert not released.tables["subgroups"]
    assert not released.tables["trajectories"]
    assert not released.tables["mmrm"]
    assert not released.tables["sensitivity"]


@pytest.mark.parametrize(("sizes", "word"), [((9, 90), "fewer than 10"), ((80, 7), "fewer than 10"), ((22, 25), "fewer than 30")])
def test_small_arms_are_refused(tmp_path: Path, sizes: tuple[int, int], word: str) -> None:
    released = compared(clinic_with(tmp_path, sizes=sizes))
    assert word in quality(released)["refused"]
    assert all(row["difference"] is None for row in estimates(released).values())


@pytest.mark.parametrize(("worst", "shown"), [(0.2, True), (0.201, False), (float("inf"), False)])
def test_arms_that_stay_unlike_are_refused(worst: float, *, shown: bool) -> None:
    """One standardised difference above 0.2 after weighting is enough."""
    fine = Estimate(-1.0, -2.0, -0.5, 200, "any")
    weighted = Overlap(fine, np.empty(0), np.empty(0), 80.0, 90.0)
    names = {"a": "discectomy", "b": "physical therapy"}
    reasons = refusals(CLINIC, names, {"a": 100, "b": 100}, weighted, {"age": 0.0, "bmi": worst})
    said = (
        "Even made alike, patients with discectomy and patients with physical therapy still differ in body mass index "
        "(standardised difference above 0.2)."
    )
    assert reasons == ([] if shown else [said])


def test_red_flags_that_one_arm_hardly_has_are_left_out(tmp_path: Path) -> None:
    """Nobody in the other arm was so ill: no weight makes the arms alike."""
    released = compared(clinic_with(tmp_path, flagged_a=6))
    (said,) = [note for note in released.notes if "red flags" in note]
    assert said.startswith("Patients with red flags are left out: fewer than 5 answers in one of the groups.")
    assert said.endswith("Diagnoses compared: herniated disc, without red flags.")
    assert quality(released)["refused"] is None


def test_publishing_needs_larger_arms(tmp_path: Path) -> None:
    clinic = clinic_with(tmp_path, sizes=(28, 200)).under(PUBLISH)
    assert "fewer than 30 patients had discectomy" in quality(compared(clinic))["refused"]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"a": "discectomy", "b": "discectomy"}, "with itself"),
        ({"a": "medication", "b": "anti_inflammatory"}, "part of the other"),
        ({"a": "injection_by_day_90", "b": "physical_therapy"}, "opposite"),
        ({"a": "injection_by_day_90", "b": "no_surgery_by_day_180"}, "opposite"),
        ({"a": "injection_by_day_90", "b": "no_injection_by_day_90", "month": 3}, "landmark"),
    ],
)
def test_senseless_questions_are_refused(sample_clinic: Clinic, options: dict[str, Any], word: str) -> None:
    with pytest.raises(UsageError, match=word):
        compared(sample_clinic, **options)


def test_publish_compares_classes_only(sample_store: str) -> None:
    with pytest.raises(NotAllowed, match="anti_inflammatory"):
        compared(open_clinic(sample_store, policy="publish"), a="anti_inflammatory")


def test_it_says_what_it_cannot_show(sample_clinic: Clinic) -> None:
    released = compared(sample_clinic)
    assert released.notes[0] == plain_sentence("discectomy", "physical_therapy")
    for words in ("observational", "cannot show that one is better", "both treatments were plausible"):
        assert words in released.notes[0]


def test_therapy_before_surgery_stands_in_both_arms(tmp_path: Path) -> None:
    """Physical therapy and later surgery: in both arms, each with its own index; surgery and later therapy: operated only."""
    order = {"both": (10, 150), "after": (150, 10)}  # therapy, surgery
    rows: dict[str, list[dict[str, Any]]] = {"episodes": [], "treatments": [], "scores": []}
    for kind, (therapy, surgery) in order.items():
        for number in range(12):
            name = f"{kind}{number}"
            rows["episodes"].append({"episode_id": name, "patient_id": f"P{name}"})
            rows["treatments"].append({"episode_id": name, "treatment": "physical_therapy", "start_day": therapy})
            rows["treatments"].append({"episode_id": name, "treatment": "discectomy", "start_day": surgery})
            days = (5, 100, 140, 250, 365 + 10, 365 + 150)
            rows["scores"] += [{"episode_id": name, "day": day, "instrument": "nrs_pain", "value": 5} for day in days]
    database = f"duckdb:///{tmp_path / 'store'}"
    load(checked(**rows), database)
    released = compared(open_clinic(database, policy="clinic"))
    row, steps = quality(released), {step["step"]: (step["n_a"], step["n_b"]) for step in released.tables["flow"]}
    assert steps["started"] == (24, 24)
    assert steps["had_other_before"] == (0, 12)
    assert (row["expected_a"], row["expected_b"]) == (24, 12)
    assert row["both_arms"] == 12
    assert row["crossover_b"] == 1.0
    assert row["crossover_a"] == 0.0


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Clinic, dict[str, float]]:
    """A made-up clinic in which everything that drives the choice is recorded, and the true effects on ODI at 12 months."""
    store = store_of(tmp_path_factory, patients=6000, seed=3, scenario="measured")
    truth = json.loads((store.parent / "truth.json").read_text())
    return open_clinic(f"duckdb:///{store}", policy="clinic"), {row["treatment"]: row["odi_month_12"] for row in truth["treatments"]}


def test_the_built_in_truth_is_recovered(measured: tuple[Clinic, dict[str, float]]) -> None:
    """Generous: other care goes on in both arms, and therapy after surgery is part of it; crude is further off than the adjusted."""
    clinic, effects = measured
    released = compared(clinic, Cohort(diagnosis=("herniated_disc",)), outcome="odi", crossover="censored")
    found, true = estimates(released), effects["discectomy"] - effects["physical_therapy"]
    assert quality(released)["refused"] is None
    for method in ("ancova", "overlap", "mmrm"):
        assert abs(found[method]["difference"] - true) < 4.0, (method, true)
        assert found[method]["low"] - 2.5 < true < found[method]["high"] + 2.5, (method, true)
    assert abs(found["crude"]["difference"] - true) > abs(found["overlap"]["difference"] - true)
