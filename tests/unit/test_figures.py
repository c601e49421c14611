"""Figures are pure, carry explicit colours and readable fonts, and always have something to say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from plotly import graph_objects

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.figures import (
    better_or_worse,
    branching,
    changes,
    companions,
    compare_treatments,
    control_chart,
    data,
    diagnoses,
    ends,
    flow,
    funnel,
    improvement,
    injection_before_surgery,
    non_response,
    outcomes,
    pathways,
    patients_like_mine,
    response,
    table,
    table_one,
)
from synapse_analytics.figures.theme import DARK, LIGHT, SMALLEST
from synapse_analytics.findings import NOBODY, words
from tests.unit.holes import emptied

BY = {"by": "diagnosis"}
DRAWN = [
    (diagnoses.mix, "diagnosis_mix", {}, {}),
    (companions.baseline_score, "baseline_table", BY, {"variable": "baseline_odi"}),
    (branching.branching, "branching", {}, {}),
    (ends.by_first, "pathways", {}, {}),
    (ends.endings, "pathways", {}, {"chosen": ("medication",)}),
    (pathways.step_times, "step_times", {}, {}),
    (pathways.escalation, "time_to_escalation", BY, {}),
    (pathways.stepped_care, "stepped_care", BY, {}),
    *((injection_before_surgery.differences, "injection_before_surgery", {}, {"measure": measure}) for measure in ("operated", "nrs_pain")),
    (flow.flow, "pathways", {}, {}),
    (outcomes.trajectory, "score_over_time", {"instrument": "nrs_pain"}, {}),
    (outcomes.trajectory, "score_over_time", {"instrument": "eq5d5l_index", **BY}, {"measure": "median"}),
    (outcomes.trajectory, "score_over_time", {"instrument": "odi", **BY}, {"shown": "spinal_stenosis"}),
    (outcomes.weekly, "score_by_week", {"instrument": "odi", **BY}, {}),
    (outcomes.weekly, "score_by_week", {"instrument": "nrs_pain", "step": 1}, {}),
    (better_or_worse.verdicts, "better_or_worse", {"instrument": "nrs_pain"}, {}),
    (better_or_worse.verdicts, "better_or_worse", {"instrument": "odi", **BY}, {}),
    (improvement.responders, "responders", {"instrument": "nrs_pain", "preset": "nrs_2", **BY}, {}),
    (improvement.bounds, "responders", {"instrument": "odi", "preset": "odi_22"}, {}),
    (changes.changes, "change_distribution", {"instrument": "nrs_pain"}, {}),
    (changes.against_baseline, "change_distribution", {"instrument": "nrs_pain"}, {}),
    (non_response.followed_up, "completeness", BY, {}),
    (non_response.missing, "baseline_by_response", {}, {}),
    *(
        (draw, "compare_treatments", {"a": "medication"}, {})
        for draw in (
            compare_treatments.course,
            compare_treatments.estimates,
            compare_treatments.by_visit,
            compare_treatments.balance,
            compare_treatments.overlap,
            compare_treatments.trajectories,
            compare_treatments.subgroups,
            compare_treatments.sensitivity,
        )
    ),
    (patients_like_mine.alike, "patients_like_mine", {}, {}),
    (patients_like_mine.received, "patients_like_mine", {}, {}),
    (patients_like_mine.scores, "patients_like_mine", {}, {"instrument": "nrs_pain"}),
    (patients_like_mine.responders, "patients_like_mine", {}, {}),
    (patients_like_mine.operated, "patients_like_mine", {}, {}),
    (response.responding, "escalation_response", BY, {}),
    (response.waiting, "escalation_response", {}, {}),
    (response.plateau, "plateau", {}, {}),
    (response.firmness, "sensitivity", {}, {}),
    (data.missingness, "data_quality", {}, {}),
    (control_chart.control_chart, "control_chart", {}, {}),
    (control_chart.control_chart, "control_chart", {"indicator": "follow_up_completeness_12_months", "period": "quarter"}, {}),
    (control_chart.control_chart, "control_chart", {"indicator": "patients_seen"}, {}),
    (funnel.funnel, "funnel", {}, {"version": "crude"}),
    (funnel.funnel, "funnel", {"indicator": "investigation_yield", "by": "site"}, {"version": "adjusted"}),
]
NAMES = [f"{draw.__name__}-{place}" for place, (draw, *_) in enumerate(DRAWN)]


WITHOUT_ROWS = [one for one in DRAWN if one[1] not in {"control_chart", "funnel"}]  # their summary always has its row


@pytest.mark.parametrize(("draw", "name", "options", "given"), WITHOUT_ROWS, ids=[one[0].__name__ for one in WITHOUT_ROWS])
def test_an_answer_without_rows_says_why_under_its_question(
    sample_clinic: Clinic, draw: Any, name: str, options: dict[str, Any], given: dict[str, Any]
) -> None:
    """161 patients, none of whom answered often enough, were told to be none: "No patients match these filters"."""
    figure = draw(emptied(analyses.answer(sample_clinic, name, **options)), LIGHT, **given)
    title = figure["layout"]["title"]
    assert title["subtitle"]["text"] != NOBODY
    assert title["subtitle"]["text"].endswith(".")
    assert title["text"]


@pytest.fixture(scope="module", params=DRAWN, ids=NAMES)
def drawn(request: pytest.FixtureRequest, sample_clinic: Clinic) -> dict[str, Any]:
    draw, name, options, given = request.param
    return draw(analyses.answer(sample_clinic, name, **options), LIGHT, **given)


def nodes(part: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(part, dict):
        for name, value in part.items():
            yield name, value
            yield from nodes(value)
    elif isinstance(part, list):
        for value in part:
            yield from nodes(value)


def test_figure_is_plain(drawn: dict[str, Any]) -> None:
    assert set(drawn) - {"instead"} == {"data", "layout"}  # HTML for where a page is too narrow for the picture
    assert drawn["data"]
    assert all(type(value) in (dict, list, tuple, str, int, float, bool, type(None)) for _, value in nodes(drawn))
    graph_objects.Figure(drawn)  # knows every attribute and its values; pages send figures without asking it


def test_figure_asks_and_answers(drawn: dict[str, Any]) -> None:
    title = drawn["layout"]["title"]
    assert title["text"]
    assert title["subtitle"]["text"].endswith(".")
    assert drawn["layout"]["meta"]["alt"]
    assert "None" not in title["subtitle"]["text"]
    assert "nan" not in title["subtitle"]["text"].lower().split()


def test_fonts_are_readable(drawn: dict[str, Any]) -> None:
    sizes = [value["size"] for name, value in nodes(drawn) if name in ("font", "tickfont", "textfont") and "size" in value]
    assert sizes
    assert min(sizes) >= SMALLEST


def test_every_trace_has_its_colour(drawn: dict[str, Any]) -> None:
    for trace in drawn["data"]:
        own = {name for name, _ in nodes(trace)}
        assert own & {"color", "colorscale"}, trace["type"]


def test_no_label_is_a_code(drawn: dict[str, Any]) -> None:
    shown = [str(value) for name, value in nodes(drawn) if name in ("text", "label", "ticktext", "hovertext")]
    assert not any("_" in text for text in shown), [text for text in shown if "_" in text][:3]


@pytest.mark.parametrize(("draw", "name", "options", "given"), DRAWN, ids=NAMES)
def test_small_cohort_is_refused_in_words(
    draw: Any, name: str, options: dict[str, Any], given: dict[str, Any], small: Cohort, sample_clinic: Clinic
) -> None:
    if name == "data_quality":
        return  # it is about everything that is loaded
    answer = analyses.answer(sample_clinic, name, small, **options)
    figure = draw(answer, DARK, **given)
    assert not figure["data"]
    assert "fewer than 5" in figure["layout"]["title"]["subtitle"]["text"]


@pytest.fixture(scope="session")
def small(sample_clinic: Clinic) -> Cohort:
    for age in range(18, 91):
        asked = Cohort(diagnosis=("other_spinal",), age_from=age, age_to=age)
        if analyses.answer(sample_clinic, "attrition", asked).refused:
            return asked
    raise AssertionError("the sample has no small cohort")


def test_figures_take_released_only() -> None:
    with pytest.raises(NotAllowed):
        diagnoses.mix({"tables": {}}, LIGHT)


def test_withheld_cells_say_so(sample_clinic: Clinic) -> None:
    answer: Released = analyses.answer(sample_clinic, "diagnosis_mix", by="age_sex")
    assert answer.withheld
    assert "withheld" in table.table(answer.tables["diagnoses"], LIGHT, by="age_sex")


def test_table_aligns_numbers_right(sample_clinic: Clinic) -> None:
    answer = analyses.answer(sample_clinic, "diagnosis_mix")
    html = table.table(answer.tables["diagnoses"], LIGHT)
    assert "Herniated disc" in html
    assert "text-align:right" in html


def test_ends_of_a_rare_pathway_are_counted_only(sample_clinic: Clinic) -> None:
    """A pathway of 1 to 4 patients shows its counts; a share of them would be a cell that the gate withheld."""
    answer = analyses.pathways(sample_clinic, Cohort(age_from=80))
    by_steps: dict[tuple[str, ...], list[Any]] = {}
    for row in answer.tables["pathways"]:
        by_steps.setdefault(tuple(row["steps"]), []).append(row)
    rare = next(steps for steps, rows in by_steps.items() if sum(row["n"] for row in rows) < 5)
    usual = next(iter(by_steps))
    assert "%" not in str(ends.endings(answer, LIGHT, chosen=rare))
    assert "%" in str(ends.endings(answer, LIGHT, chosen=usual))


def test_a_group_of_few_changes_has_no_share(sample_clinic: Clinic) -> None:
    narrow = Cohort(diagnosis=("other_spinal",), sex=("male",))
    answer = analyses.change_distribution(sample_clinic, narrow, month=24)
    assert not [row for row in answer.tables["bins"] if row["share"] is not None], "the cohort is not narrow enough"
    assert "%" not in changes.changes(answer, LIGHT)["layout"]["title"]["subtitle"]["text"]


def test_a_list_has_no_mean(sample_clinic: Clinic) -> None:
    """Not even where a group has too few patients for its standardised difference."""
    answer = analyses.baseline_table(sample_clinic, Cohort(site=("S01",)), by="sex")
    assert any(
        "smd" in row["withheld"] for row in answer.tables["baseline_table"] if row["variable"] == "occupation" and row["level"] is None
    )
    html = table_one.table_one(answer, LIGHT)["html"]
    assert "Age, years: mean (SD)" in html
    assert "Occupation: mean" not in html


def test_limits_of_a_mean_are_no_percentages(sample_clinic: Clinic) -> None:
    rows = analyses.baseline_table(sample_clinic).tables["baseline_table"]
    age = next(row for row in rows if row["variable"] == "age_years")
    assert table.cell(age, "low") == words.number(age["low"], 1)
    smoker = next(row for row in rows if row["variable"] == "smoker")
    assert table.cell(smoker, "low").endswith(" %")


@pytest.mark.parametrize(
    ("name", "rows", "group"), [("patients_like_mine", "outcomes", "Surgery"), ("baseline_by_response", "baselines", "Not answered")]
)
def test_groups_a_question_makes_itself_are_named(sample_clinic: Clinic, name: str, rows: str, group: str) -> None:
    answer = analyses.answer(sample_clinic, name)
    assert f">{group}<" in table.table(answer.tables[rows], LIGHT)


def test_everybody_needs_no_column(sample_clinic: Clinic) -> None:
    assert "All patients" not in table.table(analyses.diagnosis_mix(sample_clinic).tables["diagnoses"], LIGHT)


def test_baseline_table_names_its_rows(sample_clinic: Clinic) -> None:
    html = table_one.table_one(analyses.answer(sample_clinic, "baseline_table"), DARK)["html"]
    assert "Oswestry Disability Index" in html
    assert "baseline_" not in html


@pytest.mark.parametrize(
    ("n", "withheld", "said"),
    [(0, (), "no episodes"), (400, (), "too few still followed"), (3, ("value",), "withheld"), (None, ("value", "n"), "withheld")],
)
def test_an_indicator_without_a_value_says_why(n: int | None, withheld: tuple[str, ...], said: str) -> None:
    assert words.standing({"value": None, "n": n, "withheld": withheld}, "share") == said


@pytest.mark.parametrize(
    ("value", "text"), [(0.764, "76 %"), (0.0123, "1 %"), (0, "0 %"), (1, "100 %"), (None, "withheld"), (0.0996, "10 %")]
)
def test_shares_read_well(value: float | None, text: str) -> None:
    assert words.share(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(3.14, "3.1"), (-2.32, "\u22122.3"), (41.6, "42"), (0.414, "0.41"), (-0.001, "0.00"), (None, "withheld")]
)
def test_numbers_keep_two_digits(value: float | None, text: str) -> None:
    assert words.number(value) == text


def test_change_is_said_in_words() -> None:
    assert words.moved("nrs_pain", -3.1, -3.4, -2.8) == "fell by 3.1 points (2.8 to 3.4)"
    assert words.moved("eq5d5l_index", 0.21, 0.1, 0.3) == "rose by 0.21 points (0.10 to 0.30)"
