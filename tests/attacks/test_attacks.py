"""A sample of the standing attack finds nothing it must not find, and finds something as soon as a guard is taken away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from synapse_analytics.disclosure import gate, rounding
from tests.attacks import scores as attacked_scores
from tests.attacks.asking import sample
from tests.attacks.clinics import Known, known_clinics
from tests.attacks.cohorts import fine_questions
from tests.attacks.desk import Desk
from tests.attacks.direct import direct
from tests.attacks.finding import Result
from tests.attacks.report import document
from tests.attacks.running import attacked
from tests.attacks.scores import Mean, Scale, possible, scores
from tests.attacks.solver import Sums
from tests.attacks.unguarded import NESTED, any_cohort, scores_of_any_cohort
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
    assert direct.tried > 5_000
    assert not direct.found, few(direct)


@pytest.mark.parametrize("attack", COUNTS)
def test_publish_lets_no_count_of_1_to_10_be_found(results: dict[str, dict[str, Result]], attack: str) -> None:
    found = results["publish"][attack]
    assert found.tried > 10
    assert not found.found, few(found)


def test_publish_lets_no_exact_size_be_found(results: dict[str, dict[str, Result]]) -> None:
    found = results["publish"]["exact size of a group"]
    assert found.tried > 100
    assert not found.found, few(found)


def test_publish_lets_no_score_of_one_patient_be_found(results: dict[str, dict[str, Result]]) -> None:
    """Hardly any two cohorts that differ by one patient can be asked for; of those that can, none tells the score."""
    found = results["publish"]["one patient's score"]
    assert not found.found, few(found)


def test_the_steps_of_means_hide_the_score_alone(known: Known) -> None:
    found = scores_of_any_cohort(known)
    assert found.tried > 10
    assert not found.found, few(found)


def test_every_attack_stands_in_the_document(known: Known, results: dict[str, dict[str, Result]]) -> None:
    both = {policy: list(found.values()) for policy, found in results.items()}
    both["publish"].append(scores_of_any_cohort(known))
    text = document(both, ("60",), 1)
    assert all(f"| {one.attack}: " in text for found in both.values() for one in found if one.tried)


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


def found_by(known: Known, policy: str, attack: Callable[[Desk], Result]) -> Result:
    """One attack on a few questions."""
    desk = Desk(known, policy, with_frank=policy == "publish")
    for ask in NESTED:
        desk.ask(ask)
    return attack(desk)


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate does not read the finished answer again, or it would show nothing where a rule is off."""
    monkeypatch.setattr(gate, "check_answer", lambda *_: None)


@pytest.mark.usefixtures("blind")
def test_without_rounding_counts_are_found(known: Known) -> None:
    found = found_by(replace(known, publish=tightened(known.publish, count_step=1)), "publish", direct)
    assert any(kind == "no multiple of 5" for kind, _ in found.counted)


@pytest.mark.usefixtures("blind")
def test_without_two_digits_scores_are_found(known: Known) -> None:
    open_ = replace(known, publish=tightened(known.publish, digits=17))
    assert any(kind == "more than two digits" for kind, _ in found_by(open_, "publish", direct).counted)


def test_without_rounding_and_two_digits_two_cohorts_tell_a_score(known: Known) -> None:
    bare = replace(known, clinic=known.frank)
    found = found_by(bare, "clinic", scores)
    assert found.tried > 5
    assert found.found > found.tried // 2


@pytest.mark.usefixtures("blind")
def test_without_withholding_small_counts_are_found(known: Known) -> None:
    open_ = replace(known, publish=tightened(known.publish, counted=1, group=1))
    assert any(kind == "count of 1 to 10 shown" for kind, _ in found_by(open_, "publish", direct).counted)


@pytest.mark.usefixtures("blind")
def test_without_the_group_rule_numbers_of_few_are_found(known: Known) -> None:
    open_ = replace(known, clinic=tightened(known.clinic, group=1, mean=1, interval=1, median=1))
    assert any("of 1 to 4 patients" in kind for kind, _ in found_by(open_, "clinic", direct).counted)


def test_without_the_filter_check_fine_questions_are_answered(known: Known) -> None:
    with any_cohort():
        assert found_by(known, "publish", fine_questions).found > 10


def test_without_the_steps_scores_are_found(known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounding, "in_steps", lambda value, *_: value)
    monkeypatch.setattr(attacked_scores, "off_by", lambda line, column: attacked_scores.half_digit(line.row[column]))
    assert scores_of_any_cohort(known).found


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


def test_the_stranger_reckons_right() -> None:
    """Means as exact as inside the clinic give the score of the one patient by whom two cohorts differ."""
    scale = Scale(1, 0, 10)
    outer = Mean(4.0 - 1e-9, 4.0 + 1e-9, 12, 12, 48, 12, scale, 4.0, "")
    inner = Mean(41 / 11 - 1e-9, 41 / 11 + 1e-9, 11, 11, 41, 11, scale, 41 / 11, "")
    assert possible(outer, inner) == {7}
    assert len(possible(outer._replace(least=3.5, most=4.5), inner)) > 1
