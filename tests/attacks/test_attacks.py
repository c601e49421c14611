"""A sample of the standing attack finds nothing it must not find, and finds something as soon as a guard is taken away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics.analyses import calibration as calibrating
from synapse_analytics.analyses import scoring
from synapse_analytics.cohort import Cohort
from synapse_analytics.queries import population
from tests.attacks.asking import Ask, sample
from tests.attacks.clinics import Known, known_clinics
from tests.attacks.finding import Result
from tests.attacks.running import attacked
from tests.attacks.solver import Sums
from tests.twins.open_policy import tightened

COUNTS = ("subtraction in a cohort", "two cohorts or options", "curves and at-risk rows")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """The smallest clinic: there the groups are small."""
    return next(known_clinics(tmp_path_factory.mktemp("attacked"), ("60",)))


@pytest.fixture(scope="module")
def results(known: Known) -> dict[str, dict[str, Result]]:
    """The sample under both policies."""
    return {policy: {result.attack: result for result in attacked(known, policy, asks)[1]} for policy, asks in sample()}


def few(result: Result) -> str:
    """What was found, for the message of a failing test."""
    return f"{result.found} of {result.tried}: {dict(result.counted)} such as {result.findings[:2]}"


def test_publish_shows_no_cell_that_breaks_a_rule(results: dict[str, dict[str, Result]]) -> None:
    direct = results["publish"]["direct cells"]
    assert direct.tried > 10_000
    assert not direct.found, few(direct)


@pytest.mark.parametrize("attack", COUNTS)
def test_publish_lets_no_count_of_1_to_10_be_found(results: dict[str, dict[str, Result]], attack: str) -> None:
    found = results["publish"][attack]
    assert found.tried > 50
    assert not found.found, few(found)


def test_publish_lets_no_score_of_one_patient_be_found(results: dict[str, dict[str, Result]]) -> None:
    found = results["publish"]["one patient's score"]
    assert found.tried > 20
    assert not found.found, few(found)


def test_publish_answers_nothing_too_fine(results: dict[str, dict[str, Result]]) -> None:
    found = results["publish"]["questions too fine"]
    assert found.tried > 50
    assert not found.found, few(found)


def test_clinic_tells_no_number_but_counts_of_1_to_4_patients(results: dict[str, dict[str, Result]]) -> None:
    direct = results["clinic"]["direct cells"]
    assert direct.tried > 2_000
    assert not direct.found, few(direct)


def test_what_clinic_does_not_claim_is_measured(results: dict[str, dict[str, Result]]) -> None:
    """Two cohorts that differ by one patient do tell: an attack that found nothing here would be no attack."""
    assert results["clinic"]["one patient's score"].found > 0
    assert results["clinic"]["two cohorts or options"].found > 0


def test_the_attack_never_takes_two_numbers_for_one(results: dict[str, dict[str, Result]]) -> None:
    assert not [clash for by_attack in results.values() for result in by_attack.values() for clash in result.clashes]


def test_a_guess_is_hardly_ever_wrong(results: dict[str, dict[str, Result]]) -> None:
    """Whoever guesses wrong assumes too much; then what he finds is luck."""
    for result in results["publish"].values():
        assert result.wrong <= result.tried // 100


SMALL = (
    *(Ask(name, cohort) for name in ("baseline_table", "score_over_time", "overview", "symptoms") for cohort in (Cohort(), Cohort(sex=("female",)))),
    *(Ask("score_over_time", Cohort(diagnosis=tuple(code for code in ("herniated_disc", "spinal_stenosis", "degenerative_disc_disease",
      "sacroiliac_joint_dysfunction", "piriformis_syndrome", "other_spinal") if code != left))) for left in ("spinal_stenosis", "other_spinal", "degenerative_disc_disease")),
    Ask("baseline_table", Cohort(), (("by", "diagnosis"),)),
    Ask("score_over_time", Cohort(), (("by", "sex"),)),
)  # fmt: skip


def found_by(known: Known, policy: str, attack: str) -> Result:
    """One attack on a few questions."""
    return next(result for result in attacked(known, policy, SMALL)[1] if result.attack == attack)


def test_without_rounding_counts_are_found(known: Known) -> None:
    open_ = replace(known, publish=tightened(known.publish, count_step=1))
    found = found_by(open_, "publish", "direct cells")
    assert any(kind == "no multiple of 5" for kind, _ in found.counted)


def test_without_two_digits_scores_are_found(known: Known) -> None:
    open_ = replace(known, publish=tightened(known.publish, digits=17))
    assert any(kind == "more than two digits" for kind, _ in found_by(open_, "publish", "direct cells").counted)


def test_without_withholding_small_counts_are_found(known: Known) -> None:
    open_ = replace(known, publish=tightened(known.publish, counted=1, group=1))
    assert any(kind == "count of 1 to 10 shown" for kind, _ in found_by(open_, "publish", "direct cells").counted)


def test_without_the_group_rule_numbers_of_few_are_found(known: Known) -> None:
    open_ = replace(known, clinic=tightened(known.clinic, group=1, mean=1, interval=1, median=1))
    assert any("of 1 to 4 patients" in kind for kind, _ in found_by(open_, "clinic", "direct cells").counted)


def test_without_the_filter_check_fine_questions_are_answered(known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    def unchecked(*_args: Any, **_options: Any) -> None:
        """Everything is allowed."""

    for module in (population, scoring, calibrating):
        monkeypatch.setattr(module, "check_allowed", unchecked, raising=False)
    assert found_by(known, "publish", "questions too fine").found > 10


def test_a_sum_narrows_its_parts() -> None:
    sums = Sums()
    sums.know("all", 11, 12)
    sums.know("shown", 11, 12)
    sums.know("hidden", 1, 10)
    sums.add_up("all", ("shown", "hidden"))
    sums.narrow()
    assert (sums.low["hidden"], sums.high["hidden"]) == (1, 1)
    assert sums.low["all"] == 12


def test_what_cannot_be_is_left_out() -> None:
    sums = Sums()
    sums.know("all", 3, 3)
    sums.know("part", 5, 6)
    sums.add_up("all", ("part",))
    sums.narrow()
    assert sums.contradictions == 1
    assert (sums.low["part"], sums.high["part"]) == (5, 6)


def test_a_missing_folder_is_made_for_each_clinic(tmp_path: Path) -> None:
    twice = next(known_clinics(tmp_path, ("twice",)))
    found = attacked(twice, "publish", [Ask("overview", Cohort())])[0]
    assert next(found.seen()).population == (40, 80)
