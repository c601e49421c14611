"""What the answers about outcomes mean, in rows a doctor can read: scores in, shares and courses out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.findings import findings_of
from synapse_analytics.indicators import OVERVIEW, indicator
from tests.twins.open_policy import frank_clinic, tightened

pytestmark = pytest.mark.slow  # a store for each case

Score = tuple[int, float]


def clinic_with(folder: Path, scores: Mapping[str, Iterable[Score]], instrument: str = "nrs_pain", **files: Sequence[Any]) -> Clinic:
    """One patient per name with these (day, value) scores; nothing is withheld."""
    answers = [
        {"episode_id": f"E-{name}", "day": day, "instrument": instrument, "value": value}
        for name, pairs in scores.items()
        for day, value in pairs
    ]
    episodes = [{"episode_id": f"E-{name}", "patient_id": f"P-{name}"} for name in scores]
    return frank_clinic(folder, {"episodes": episodes, "scores": answers, **files})


def only(rows: Sequence[Mapping[str, Any]], **labels: Any) -> Mapping[str, Any]:
    """The one row with these labels."""
    (row,) = [row for row in rows if all(row[name] == value for name, value in labels.items())]
    return row


@pytest.mark.parametrize(
    ("preset", "before", "after", "responds"),
    [
        ("nrs_2", 7, 5, True),  # exactly 2 points
        ("nrs_2", 7, 5.1, False),
        ("nrs_2", 1.9, 0, None),  # cannot fall by 2
        ("nrs_2", 2, 0, True),
        ("nrs_30pct", 10, 7, True),  # exactly 30 %
        ("nrs_30pct", 10, 7.1, False),
        ("nrs_30pct", 0.3, 0.2, True),  # 33 %, and no rounding of 0.1 / 0.3
        ("nrs_30pct", 0, 0, None),  # no percentage of nothing
        ("nrs_50pct", 7, 3.5, True),
        ("odi_10", 40, 30, True),
        ("odi_10", 9.99, 0, None),
        ("odi_20", 40, 20.01, False),
        ("odi_30pct", 30, 21, True),
        ("odi_22", 60, 22, True),  # a state, wherever one comes from
        ("odi_22", 20, 22.5, False),
        ("eq5d_03", 0.5, 0.8, True),  # higher is better
        ("eq5d_03", 0.701, 1, None),  # cannot rise by 0.3
    ],
)
def test_a_preset_is_exact(tmp_path: Path, preset: str, before: float, after: float, responds: bool | None) -> None:
    instrument = {"nrs": "nrs_pain", "odi": "odi", "eq5": "eq5d5l_index"}[preset[:3]]
    clinic = clinic_with(tmp_path, {"a": [(0, before), (365, after)]}, instrument)
    row = only(analyses.responders(clinic, preset=preset).tables["groups"], group="all")
    found = (row["n"], row["responders"], row["cannot_respond"])
    assert found == {True: (1, 1, 0), False: (1, 0, 0), None: (0, 0, 1)}[responds]


def test_a_missing_answer_counts_as_not_improved(tmp_path: Path) -> None:
    scores = {"improved": [(0, 8), (365, 2)], "same": [(0, 8), (365, 8)], "silent": [(0, 8)], "also_silent": [(-3, 6)]}
    answer = analyses.responders(clinic_with(tmp_path, scores))
    row = only(answer.tables["groups"], group="all")
    assert (row["n"], row["share"], row["expected"], row["share_of_expected"]) == (2, 0.5, 4, 0.25)
    bounds = only(answer.tables["bounds"], group="all")
    assert (bounds["worst"], bounds["answered"], bounds["best"]) == (0.25, 0.5, 0.75)


def test_the_course_uses_the_answer_nearest_each_visit(tmp_path: Path) -> None:
    scores = {"a": [(-30, 9), (-1, 8), (40, 6), (44, 5), (91, 4)], "b": [(0, 6), (45, 4)]}
    rows = analyses.score_over_time(clinic_with(tmp_path, scores)).tables["visits"]
    baseline, six_weeks = only(rows, visit="baseline"), only(rows, visit="week_6")
    assert (baseline["n"], baseline["mean"], baseline["change"]) == (2, 7.0, None)
    assert (six_weeks["n"], six_weeks["mean"], six_weeks["change"]) == (2, 5.0, -2.0)  # 40 and 44 are as near: the earlier
    assert only(rows, visit="month_3")["completeness"] == 0.5


def test_whether_they_still_improve_is_of_those_who_answered_then_and_at_12_months(tmp_path: Path) -> None:
    """From 6 months to a year a goes from 5 to 4 and b from 4 to 4; c has no answer at 6 months, d none at a year."""
    scores = {"a": [(0, 8), (182, 5), (365, 4)], "b": [(0, 8), (182, 4), (365, 4)], "c": [(0, 8), (365, 1)], "d": [(0, 8), (182, 9)]}
    rows = analyses.score_over_time(clinic_with(tmp_path, scores)).tables["visits"]
    half = only(rows, visit="month_6")
    assert (half["n"], half["both"], half["further"]) == (3, 2, -0.5)
    assert [only(rows, visit=visit)["further"] for visit in ("baseline", "week_6", "month_12", "month_24")] == [None] * 4


@pytest.mark.parametrize(
    ("half", "year", "words"),
    [
        (5.0, 3.0, "Patients still improve after 6 months: \u22122.0 (\u22122.2 to \u22121.8) points by 12 months."),
        (5.0, 5.0, "From 6 months to 12 months there is no clear further improvement: 0.0 (\u22120.2 to 0.2) points."),
        (5.0, 8.0, "From 6 months to 12 months they get worse again: 3.0 (2.8 to 3.2) points."),
        (5.0, 8.5, ""),  # no better than at the start: there is no further improvement to speak of
    ],
)
def test_a_sentence_says_when_they_stop_improving(tmp_path: Path, half: float, year: float, words: str) -> None:
    shift = [(-1) ** number * 0.3 for number in range(12)]
    scores = {str(number): [(0, 8.5 + by / 3), (182, half), (365, round(year + by, 1))] for number, by in enumerate(shift)}
    clinic = tightened(clinic_with(tmp_path, scores), interval=10)
    said = findings_of(analyses.score_over_time(clinic))[0].answer
    assert said.endswith(f"followed up. {words}".strip())


def test_one_patient_has_no_interval(tmp_path: Path) -> None:
    row = only(analyses.score_over_time(clinic_with(tmp_path, {"a": [(0, 8), (91, 4)]})).tables["visits"], visit="month_3")
    assert (row["mean"], row["sd"], row["low"], row["change"], row["change_low"]) == (4.0, None, None, -4.0, None)


def test_a_week_holds_its_last_answer(tmp_path: Path) -> None:
    clinic = clinic_with(tmp_path, {"a": [(7, 9), (13, 5), (14, 4)]})
    weeks = analyses.score_by_week(clinic, step=1).tables["weeks"]
    assert [(row["week"], row["mean"]) for row in weeks] == [(1, 5.0), (2, 4.0)]


def test_a_step_of_weeks_holds_the_last_answer_of_each_patient(tmp_path: Path) -> None:
    """Steps of 4 weeks begin at week 0: weeks 0 to 3 and 4 to 7; those of 8 at week -4, so that the first visit lies inside one."""
    clinic = clinic_with(tmp_path, {"a": [(0, 9), (21, 5), (28, 4)], "b": [(0, 7)]})
    rows = {step: analyses.score_by_week(clinic, step=step).tables["weeks"] for step in (1, 4, 8)}
    found = {step: [(row["week"], row["to_week"], row["n"], row["mean"]) for row in rows[step]] for step in rows}
    assert found[1] == [(0, 0, 2, 8.0), (3, 3, 1, 5.0), (4, 4, 1, 4.0)]
    assert found[4] == [(0, 3, 2, 6.0), (4, 7, 1, 4.0)]
    assert found[8] == [(-4, 3, 2, 6.0), (4, 11, 1, 4.0)]


@pytest.mark.parametrize(("every", "step"), [(1, 1), (2, 2), (3, 4), (7, 8), (40, 8)])
def test_single_weeks_join_only_where_they_are_empty(tmp_path: Path, every: int, step: int) -> None:
    """Ten patients who answer in every week are shown by week; where they answer in every second or third, weeks are taken together."""
    days = [(7 * week, 5) for week in range(0, 105, every)]
    clinic = tightened(clinic_with(tmp_path, {str(number): days for number in range(10)}), interval=10)
    assert {row["step"] for row in analyses.score_by_week(clinic).tables["weeks"]} == {step}


@pytest.mark.parametrize(
    ("instrument", "before", "after", "verdict"),
    [
        ("nrs_pain", 7, 5, "better"),  # exactly 2 points
        ("nrs_pain", 7, 5.1, "same"),
        ("nrs_pain", 7, 9, "worse"),
        ("nrs_pain", 7, 8.9, "same"),
        ("nrs_pain", 1.9, 0, "same"),  # no room to be clearly better, but everybody is counted
        ("nrs_pain", 1.9, 3.9, "worse"),
        ("odi", 40, 30, "better"),
        ("odi", 40, 50, "worse"),
        ("eq5d5l_index", 0.5, 0.8, "better"),  # higher is better
        ("eq5d5l_index", 0.5, 0.2, "worse"),
        ("eq5d5l_index", 0.701, 1, "same"),
    ],
)
def test_a_verdict_is_exact(tmp_path: Path, instrument: str, before: float, after: float, verdict: str) -> None:
    clinic = clinic_with(tmp_path, {"a": [(0, before), (365, after)]}, instrument)
    rows = analyses.better_or_worse(clinic, instrument=instrument).tables["verdicts"]
    assert {row["verdict"]: row["n"] for row in rows if row["n"]} == {verdict: 1}


def test_the_verdicts_add_up_to_all_who_were_expected(tmp_path: Path) -> None:
    scores = {"better": [(0, 8), (365, 2)], "same": [(0, 8), (365, 8)], "silent": [(0, 8)], "no_room": [(0, 1), (365, 0)]}
    rows = analyses.better_or_worse(clinic_with(tmp_path, scores)).tables["verdicts"]
    assert [(row["verdict"], row["n"], row["share_of_expected"]) for row in rows] == [
        ("better", 1, 0.25),
        ("same", 2, 0.5),
        ("worse", 0, 0),
        ("not_answered", 1, 0.25),
    ]
    assert [row["of_answered"] for row in rows] == [pytest.approx(1 / 3), pytest.approx(2 / 3), 0, None]


def test_a_score_without_an_important_change_has_no_verdicts(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"No smallest important change of eq_vas is defined\. Scores with one: nrs_pain"):
        analyses.better_or_worse(clinic_with(tmp_path, {"a": [(0, 8)]}), instrument="eq_vas")


def test_time_may_count_from_a_treatment(tmp_path: Path) -> None:
    surgery = [{"episode_id": "E-a", "treatment": "discectomy", "start_day": 100}]
    scores = {"a": [(0, 9), (95, 8), (191, 3)], "never_operated": [(0, 9), (91, 9)]}
    rows = analyses.score_over_time(clinic_with(tmp_path, scores, treatments=surgery), index="discectomy").tables["visits"]
    assert only(rows, visit="baseline")["mean"] == 8.0
    assert only(rows, visit="month_3")["change"] == -5.0


def test_open_windows_expect_nobody(tmp_path: Path) -> None:
    episodes = [{"episode_id": "E-a", "patient_id": "P-a", "first_visit_month": "2024-10"}]
    scores = [{"episode_id": "E-a", "day": day, "instrument": "nrs_pain", "value": 5} for day in (0, 42)]
    rows = analyses.completeness(frank_clinic(tmp_path, {"episodes": episodes, "scores": scores})).tables["visits"]
    # from the end of October to the end of December are 61 days: the 6-week window (to day 63) is not surely closed
    assert [(row["expected"], row["share"]) for row in rows] == [(1, 1.0)] + 5 * [(0, None)]


def test_no_change_lies_in_the_bin_from_zero(tmp_path: Path) -> None:
    scores = {"same": [(0, 5), (365, 5)], "worst": [(0, 0), (365, 10)], "best": [(0, 10), (365, 0)]}
    bins = analyses.change_distribution(clinic_with(tmp_path, scores)).tables["bins"]
    assert [(row["from"], row["to"]) for row in bins if row["n"]] == [(-10, -9), (0, 1), (9, 10)]
    assert len(bins) == 20


def test_a_preset_brings_its_instrument(tmp_path: Path) -> None:
    clinic = clinic_with(tmp_path, {"a": [(0, 8)]})
    assert analyses.responders(clinic).options["preset"] == "nrs_2"
    assert analyses.responders(clinic, preset="odi_20").options["instrument"] == "odi"
    assert analyses.responders(clinic, instrument="odi").options["preset"] == "odi_10"
    assert analyses.responders(clinic, instrument="nrs_leg", preset="nrs_2").options["instrument"] == "nrs_leg"


def test_a_preset_of_another_instrument_is_refused(tmp_path: Path) -> None:
    clinic = clinic_with(tmp_path, {"a": [(0, 8)]})
    with pytest.raises(UsageError, match="nrs_2, nrs_30pct, nrs_50pct"):
        analyses.responders(clinic, instrument="nrs_leg", preset="odi_10")
    with pytest.raises(UsageError, match="no definition of improved"):
        analyses.responders(clinic, instrument="eq_vas")


def test_publish_asks_no_index_finer_than_a_class(sample_clinic: Clinic, sample_store: str) -> None:
    public = open_clinic(sample_store, policy="publish")
    with pytest.raises(NotAllowed, match="first_visit"):
        analyses.score_over_time(public, index="otc_analgesic")
    assert analyses.score_over_time(public, index="discectomy").policy == "publish"
    assert analyses.score_over_time(sample_clinic, index="otc_analgesic").policy == "clinic"


def test_a_severe_cohort_is_told_about_the_mean(sample_clinic: Clinic) -> None:
    assert "regression_to_the_mean" not in analyses.score_over_time(sample_clinic).tables
    (row,) = analyses.score_over_time(sample_clinic, Cohort(pain_band=("7-10",))).tables["regression_to_the_mean"]
    assert -1.5 < row["expected_change"] < -0.3
    (mild,) = analyses.score_over_time(sample_clinic, Cohort(pain_band=("0-3",))).tables["regression_to_the_mean"]
    assert mild["expected_change"] > 0


def test_every_indicator_is_answered_in_order(sample_clinic: Clinic) -> None:
    answer = analyses.overview(sample_clinic)
    assert [row["name"] for row in answer.tables["indicators"]] == list(OVERVIEW)
    assert indicator("median_wait").unit == "days"
    for row in answer.tables["indicators"]:
        assert row["low"] is None or row["low"] <= row["value"] <= row["high"]


def test_the_overview_agrees_with_the_outcomes(sample_clinic: Clinic) -> None:
    shown = {row["name"]: row for row in analyses.overview(sample_clinic).tables["indicators"]}
    year = only(analyses.score_over_time(sample_clinic).tables["visits"], visit="month_12")
    assert shown["pain_improvement_12_months"]["value"] == pytest.approx(-year["change"])
    assert shown["pain_improvement_12_months"]["completeness"] == pytest.approx(year["completeness"])
    improved = only(analyses.responders(sample_clinic, preset="odi_10", month=3).tables["groups"], group="all")
    assert shown["odi_responders_3_months"]["value"] == improved["share"]
    stepped = only(analyses.stepped_care(sample_clinic).tables["groups"], group="all")
    assert shown["conservative_care_first"]["value"] == stepped["share"]
    escalated = only(analyses.time_to_escalation(sample_clinic).tables["horizons"], group="all", month=12)
    assert shown["surgery_within_12_months"]["value"] == pytest.approx(escalated["incidence"])


def test_few_patients_have_no_median_wait(sample_clinic: Clinic) -> None:
    strict = tightened(sample_clinic, median=10**6)
    row = only(analyses.overview(strict).tables["indicators"], name="median_wait")
    assert (row["value"], "value" in row["withheld"]) == (None, True)


def test_every_answer_may_be_published(sample_store: str) -> None:
    public = open_clinic(sample_store, policy="publish")
    for name in ("overview", "score_over_time", "responders", "change_distribution", "completeness", "baseline_by_response"):
        answer = analyses.answer(public, name)
        counts = [row[column] for rows in answer.tables.values() for row in rows for column in ("n", "expected") if column in row]
        assert all(count is None or count % 5 == 0 for count in counts), name
