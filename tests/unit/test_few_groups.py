"""One group, groups that lost their patients to the event, and nothing recorded: each is said for what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.figures import (
    better_or_worse,
    branching,
    changes,
    companions,
    control_chart,
    diagnoses,
    funnel,
    improvement,
    outcomes,
    pathways,
    response,
)
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.findings import NOBODY
from tests.builders import clinic_of

STENOSIS = Cohort(diagnosis=("spinal_stenosis",))
BY: dict[str, Any] = {"by": "diagnosis"}
COMPARING = (
    (outcomes.trajectory, "score_over_time", {"instrument": "nrs_pain"}, {}),
    (better_or_worse.verdicts, "better_or_worse", {"instrument": "nrs_pain"}, {}),
    (improvement.responders, "responders", {"instrument": "nrs_pain"}, {}),
    (changes.changes, "change_distribution", {"instrument": "nrs_pain"}, {}),
    (pathways.escalation, "time_to_escalation", {}, {}),
    (pathways.stepped_care, "stepped_care", {}, {}),
    (response.responding, "escalation_response", {}, {}),
    (response.waiting, "escalation_response", {}, {}),
    (companions.baseline_score, "baseline_table", {}, {"variable": "baseline_odi"}),
)


def subtitle(figure: dict[str, Any]) -> str:
    return str(figure["layout"]["title"]["subtitle"]["text"])


@pytest.mark.parametrize(("draw", "name", "options", "given"), COMPARING, ids=[draw.__name__ for draw, *_ in COMPARING])
def test_the_only_group_is_not_called_too_small(sample_clinic: Clinic, draw: Any, name: str, options: Any, given: Any) -> None:
    """Of 437 episodes of the only site: "Too few episodes to compare"."""
    said = subtitle(draw(analyses.answer(sample_clinic, name, STENOSIS, **options, **BY), LIGHT, **given))
    assert "Too few" not in said
    assert any(letter.isdigit() for letter in said)


def test_the_mix_of_one_group_compares_nothing(sample_clinic: Clinic) -> None:
    answer = analyses.diagnosis_mix(sample_clinic, Cohort(site=("S01",)), by="site")
    assert subtitle(diagnoses.mix_by(answer)).startswith("There is only one group, so there is nothing to compare.")


@pytest.mark.parametrize("cohort", [Cohort(treatment=("discectomy",)), Cohort(age_from=85)], ids=Cohort.url)
def test_patients_without_an_answer_are_not_called_nobody(sample_clinic: Clinic, cohort: Cohort) -> None:
    answer = analyses.plateau(sample_clinic, cohort)
    assert answer.episodes
    assert subtitle(response.plateau(answer)) == "No treatment has enough answers over enough weeks."
    assert subtitle(response.plateau(analyses.plateau(sample_clinic, Cohort(month_from="1990-01", month_to="1990-02")))) == NOBODY


def test_one_unit_is_not_within_its_own_limits(sample_clinic: Clinic) -> None:
    answer = analyses.funnel(sample_clinic, Cohort(site=("S01",)), by="site", indicator="pain_responders_12_months")
    assert subtitle(funnel.funnel(answer)).startswith("There is only one site, so there is nothing to compare. Its value is ")
    assert not funnel.funnel(answer)["data"]


def test_who_had_the_event_was_followed(sample_clinic: Clinic) -> None:
    """Nearly all of the surgical patients are operated within a year: few still wait, and the group is not "fewer than 30 episodes"."""
    operated = analyses.time_to_escalation(sample_clinic, by="highest_stage", event="surgery")
    surgical = next(row for row in operated.tables["horizons"] if row["group"] == "surgery" and row["month"] == 12)
    assert surgical["at_risk"] < 30
    assert f"{round(100 * surgical['incidence'])} % (Surgery)" in subtitle(pathways.escalation(operated))


def test_the_numbers_at_risk_are_those_of_the_table(sample_clinic: Clinic) -> None:
    """They are episodes, and 12 months is day 365: the row under the chart stood for day 364."""
    answer = analyses.time_to_escalation(sample_clinic, event="injection")
    notes = pathways.escalation(answer)["layout"]["annotations"]
    assert [note["text"] for note in notes if "still waiting" in note["text"]] == ["<b>Episodes still waiting</b>"]
    shown = {note["x"]: note["text"] for note in notes if note["text"].replace(",", "").isdigit()}
    assert shown == {row["month"]: f"{row['at_risk']:,}" for row in answer.tables["horizons"] if row["at_risk"]}


def test_the_branches_say_of_whom_a_share_is(sample_clinic: Clinic) -> None:
    answer = analyses.branching(sample_clinic)
    rows = {row["stage"]: row for row in answer.tables["stages"]}
    figure = branching.branching(answer)
    assert f"of 100 who had surgery, {round(100 * rows['no_injection_before']['share'])} had no injection first." in subtitle(figure)
    texts = figure["data"][0]["hovertext"]
    assert all("of all" in text for text in texts[1:])
    assert (
        sum("of the step before" in text for text in texts) == sum(row["second_stage"] is not None for row in answer.tables["branches"]) - 1
    )


@pytest.mark.parametrize("unit", ["class", "treatment", "stage"])
def test_the_most_frequent_step_has_a_name(sample_clinic: Clinic, unit: str) -> None:
    said = subtitle(pathways.step_times(analyses.step_times(sample_clinic, unit=unit)))
    assert not said.startswith("Other")


def test_what_is_not_recorded_is_not_called_too_few(tmp_path: Path) -> None:
    clinic = clinic_of(tmp_path, episodes=[{"episode_id": f"E{k}", "patient_id": f"P{k}"} for k in range(40)])
    rows = {row["name"]: row["sentence"] for row in analyses.indicators(clinic).tables["indicators"]}
    assert rows["investigation_yield"] == rows["complications_within_90_days"] == "Not recorded in these data."


@pytest.mark.parametrize("by", ["highest_stage", "first_treatment"])
@pytest.mark.parametrize("name", ["score_over_time", "responders", "change_distribution"])
def test_groups_by_care_are_called_no_comparison(sample_clinic: Clinic, name: str, by: str) -> None:
    assert any("not a comparison of treatments" in note for note in analyses.answer(sample_clinic, name, by=by).notes)
    assert not any("no comparison" in note for note in analyses.answer(sample_clinic, name, by="sex").notes)


@pytest.mark.parametrize("indicator", ["pain_improvement_12_months", "odi_responders_12_months"])
@pytest.mark.parametrize("period", ["month", "quarter"])
def test_nothing_is_missing_where_follow_up_is_still_open(sample_clinic: Clinic, indicator: str, period: str) -> None:
    """A cross, "too few patients to be shown", stood in the middle of 18 months in which nobody can have answered yet."""
    answer = analyses.control_chart(sample_clinic, indicator=indicator, period=period)
    waiting = {place for place, row in enumerate(answer.tables["points"]) if row["state"] == "open" and row["n"] == 0}
    figure = control_chart.control_chart(answer)
    first = min(trace["x"][0] for trace in figure["data"] if trace["type"] == "scatter" and trace["x"])
    assert waiting
    assert not [note for note in figure["layout"]["annotations"] if note["text"] == "\u00d7" and note["x"] - first in waiting]
    assert not any("n = 0" in text for text in figure["layout"]["xaxis"]["ticktext"])


@pytest.mark.parametrize("by", ["age_band", "clinician", "age_sex"])
def test_a_diagnosis_in_the_pool_is_not_an_empty_place(sample_store: str, by: str) -> None:
    """In what is shared, rare diagnoses of a group are pooled: a blank place looked like nobody."""
    clinic = open_clinic(sample_store, policy="publish") if by != "clinician" else open_clinic(sample_store, policy="clinic")
    answer = analyses.diagnosis_mix(clinic, Cohort(sex=("male",)) if by == "age_band" else Cohort(), by=by)
    rows = answer.tables["diagnoses"]
    pools = {row["group"] for row in rows if row["diagnosis"] == "pooled"}
    codes = {row["diagnosis"] for row in rows if row["n"] != 0}
    absent = sum(code not in {row["diagnosis"] for row in rows if row["group"] == group} for group in pools for code in codes)
    assert diagnoses.mix_by(answer)["html"].count(">pooled</span>") == absent
    assert bool(absent) == (by != "clinician")
