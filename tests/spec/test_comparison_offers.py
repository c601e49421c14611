"""What a reader of a comparison is offered: a pair that can be made where none is named, 100 similar patients, checks in words, a way out."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from synapse_analytics import analyses
from synapse_analytics.analyses.comparison.arms import COMPARABLE
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import comparable, findings_of
from synapse_analytics.findings.arms import after
from synapse_analytics.findings.comparison_checks import checks, who_is_compared
from synapse_analytics.findings.early_and_late import frequencies, importance, sentence
from tests.spec.test_compare_treatments import clinic_of, clinic_with, compared, files_with, quality
from tests.spec.test_comparison_says import OPERATED, changed_after

pytestmark = pytest.mark.slow  # a store for each case


def pair_of(released: Released) -> tuple[str, str]:
    return released.options["a"], released.options["b"]


# Which pair.


def test_the_usual_pair_opens_where_it_can_be_compared(sample_clinic: Clinic) -> None:
    released = analyses.compare_treatments(sample_clinic)
    assert pair_of(released) == ("discectomy", "physical_therapy")
    assert quality(released)["refused"] is None


def test_where_it_cannot_the_pair_with_the_larger_smaller_group_opens(tmp_path: Path) -> None:
    """9 operated: too few. Of those who had a medicine and therapy enough answered."""
    files = files_with(sizes=(9, 120))
    names = [row["episode_id"] for row in files["episodes"] if not row["episode_id"].startswith(OPERATED)]
    for row in files["treatments"]:
        if row["episode_id"] in names[:60]:
            row["treatment"] = "anti_inflammatory"
    released = analyses.compare_treatments(clinic_of(tmp_path, files))
    assert pair_of(released) == ("physical_therapy", "anti_inflammatory")
    assert quality(released)["refused"] is None


def test_a_pair_that_would_be_refused_is_not_opened_with(tmp_path: Path) -> None:
    """Forty years between discectomy and physical therapy: enough of both, and nobody could have had either."""
    files = files_with(distant=-38.0)
    names = [row["episode_id"] for row in files["episodes"] if not row["episode_id"].startswith(OPERATED)]
    for row in files["treatments"]:
        if row["episode_id"] in names[:45]:
            row["treatment"] = "anti_inflammatory"
    clinic = clinic_of(tmp_path, files)
    assert quality(compared(clinic))["refused"]
    assert pair_of(analyses.compare_treatments(clinic)) == ("physical_therapy", "anti_inflammatory")


@pytest.mark.parametrize("policy", ["clinic", "publish"])
def test_where_nothing_can_be_compared_the_usual_pair_says_why(tmp_path: Path, policy: str) -> None:
    clinic_with(tmp_path, sizes=(8, 20))
    clinic = open_clinic(f"duckdb:///{tmp_path / 'store'}", policy=policy)
    released = analyses.compare_treatments(clinic)
    assert pair_of(released) == ("discectomy", "physical_therapy")
    assert "Too few patients" in quality(released)["refused"]


@pytest.mark.parametrize("a", COMPARABLE)
def test_one_treatment_finds_a_partner(sample_clinic: Clinic, a: str) -> None:
    released = analyses.compare_treatments(sample_clinic, a=a)
    assert released.options["a"] == a
    assert released.options["b"] not in (a, None)
    assert analyses.compare_treatments(sample_clinic, b=a).options["b"] == a


def test_a_cohort_too_small_to_be_looked_into_has_no_pair(tmp_path: Path) -> None:
    clinic = clinic_with(tmp_path)
    few = next(cohort for age in range(60, 90) if analyses.diagnosis_mix(clinic, cohort := Cohort(age_from=age)).refused)
    released = analyses.compare_treatments(clinic, few)
    assert released.refused
    assert pair_of(released) == (None, None)


# A way out of a refusal.


def test_the_nearest_comparison_keeps_the_first_treatment(sample_clinic: Clinic) -> None:
    possible = analyses.comparable(sample_clinic)
    found = comparable.nearest(possible, "discectomy", "laminectomy")
    assert [pair[0] for pair in found[: comparable.AGREEING]] == ["discectomy", "discectomy"]
    assert ("discectomy", "physical_therapy") in found
    assert ("discectomy", "laminectomy") not in found
    assert len(found) == len({frozenset(pair) for pair in found})


def test_what_cannot_be_compared_is_marked_with_its_reason(sample_clinic: Clinic) -> None:
    possible = analyses.comparable(sample_clinic)
    first, second = comparable.first_offers(possible), comparable.second_offers(possible, "discectomy")
    assert first["physical_therapy"] == "Physical therapy (1,047)"
    assert first["other_spine_surgery"] == "Other spine surgery (14: too few)"
    assert first["laminectomy"].endswith(": too few answers)")  # enough of them, of whom too few answered
    assert second["physical_therapy"] == "Physical therapy (1,047)"
    assert second["heat_therapy"].endswith(": too few)")
    assert second["spinal_fusion"].startswith("Spinal fusion (")
    assert "discectomy" not in second


@pytest.mark.parametrize("code", COMPARABLE)
def test_every_treatment_has_a_name_inside_a_sentence(code: str) -> None:
    assert after(code).split()[0] in ("after", "with", "without")
    assert " no " not in after(code)


# What is said.


def test_nobody_is_called_an_arm(sample_clinic: Clinic) -> None:
    for options in ({}, {"a": "spinal_fusion"}, {"a": "laminectomy", "b": "physical_therapy"}, {"a": "surgery_by_day_180"}):
        released = analyses.compare_treatments(sample_clinic, **options)
        texts = [*released.notes, quality(released)["refused"] or "", *(part.answer for part in findings_of(released))]
        assert not [text for text in texts if "arm" in text.replace("harm", "").lower().split()], texts
        assert not [text for text in texts if "arms" in text.lower().split()]


def test_of_100_similar_patients(tmp_path: Path) -> None:
    """Everybody operated is 3 points better, of the others nobody: all and none of 100."""
    draw = Random(4)
    files = changed_after(files_with(), lambda name, start: start - (3 if name.startswith(OPERATED) else draw.choice((0, 1))))
    released = compared(clinic_of(tmp_path, files))
    assert frequencies(released) == (
        "At 3 months, 100 of 100 similar patients had clearly less pain after a discectomy and none of 100 after physical therapy; "
        "at 12 months, 100 and none of 100. “Clearly” means by at least 2 points."
    )
    assert importance(released) == ""


def test_a_difference_within_the_smallest_important_change_is_said_to_be(tmp_path: Path) -> None:
    draw = Random(4)
    files = changed_after(files_with(), lambda name, start: start * 0.5 + draw.gauss(2, 0.5) - 0.6 * name.startswith(OPERATED))
    released = compared(clinic_of(tmp_path, files))
    assert "; at 12 months, it was still 0." in sentence(released)
    assert (
        importance(released)
        == "Both differences are smaller than the smallest important change (2 points), even at the ends of their 95 % intervals."
    )


def test_a_score_without_a_smallest_change_has_no_such_sentence(sample_clinic: Clinic) -> None:
    released = analyses.compare_treatments(sample_clinic, outcome="eq_vas")
    assert released.tables["responders"] == ()
    assert (frequencies(released), importance(released)) == ("", "")


def test_at_3_months_there_is_no_earlier_time(sample_clinic: Clinic) -> None:
    said = sentence(analyses.compare_treatments(sample_clinic, month=3))
    assert re.match(r"At 3 months, pain was 1\.\d points lower after a discectomy than after physical therapy \(", said)
    assert said.endswith(").")
    assert said.count("months") == 1


def test_three_checks_in_words(sample_clinic: Clinic) -> None:
    rows = {row["Condition"]: row for row in checks(analyses.compare_treatments(sample_clinic))}
    assert list(rows) == ["Alike after weighting", "Enough similar patients", "Followed up at 12 months"]
    assert rows["Alike after weighting"]["Answer"] == "yes"
    assert rows["Enough similar patients"]["Answer"] == "yes"
    assert "if those who did not answer did worse by up to 2 points" in rows["Followed up at 12 months"]["In detail"]


@pytest.mark.parametrize("options", [{}, {"a": "medication"}, {"a": "surgery_by_day_180"}, {"crossover": "censored"}], ids=str)
def test_the_table_of_the_page_adds_up(sample_clinic: Clinic, options: dict[str, str]) -> None:
    """As a reader adds: what is left out has a minus, who counts twice a plus, and every other row is the sum so far."""
    rows = who_is_compared(analyses.compare_treatments(sample_clinic, **options))
    still = rows[0]["All"]
    for row in rows[1:]:
        sign = {"\u2212": -1, "+": 1}.get(row["Episodes"][0], 0)
        still += sign * row["All"]
        assert sign or row["All"] == still, row
    assert still > 0


def test_the_chart_starts_where_both_are_alike(sample_clinic: Clinic) -> None:
    start, *visits = analyses.compare_treatments(sample_clinic).tables["mmrm"]
    assert start["visit"] == "baseline"
    assert start["mean_a"] == start["mean_b"]
    assert start["difference"] is None
    for row in visits:
        assert row["mean_a"] - row["mean_b"] == pytest.approx(row["difference"])
        assert row["low_a"] < row["mean_a"] < row["high_a"]
