"""What leadership is told: charts and funnels find what truly differs, stay quiet where nothing does, and count whom they say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synapse_analytics import analyses
from synapse_analytics.analyses import charts
from synapse_analytics.analyses.points import Points
from synapse_analytics.analyses.values import Numbers
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.groups import POOLED_UNITS
from synapse_analytics.disclosure import CLINIC, PUBLISH
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.indicators import indicator
from synapse_analytics.settings import Recalculation, Settings
from tests.made_once import store_of
from tests.twins.open_policy import changed, frank_clinic

pytestmark = pytest.mark.slow  # a store for each case

Rows = Sequence[Mapping[str, Any]]


MadeUp = tuple[Clinic, dict[str, Any]]


def made_up(factory: pytest.TempPathFactory, scenario: str) -> MadeUp:
    """A generated clinic of 10,000 patients over five years, and the truth about it."""
    store = store_of(factory, patients=10_000, seed=11, scenario=scenario)
    return open_clinic(f"duckdb:///{store}", policy="clinic"), json.loads((store.parent / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def differing(tmp_path_factory: pytest.TempPathFactory) -> MadeUp:
    """Some clinicians differ, and from one month on everybody fares better."""
    return made_up(tmp_path_factory, "default")


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory) -> MadeUp:
    """Nobody differs and nothing changes."""
    return made_up(tmp_path_factory, "null")


DIFFERS_IN = {
    "surgery_within_12_months": "surgery within 12 months",
    "pain_improvement_12_months": "pain improvement",
    "odi_improvement_12_months": "odi improvement",
}
SCORES = ["pain_improvement_12_months", "odi_improvement_12_months"]


def units_outside(clinic: Clinic, name: str) -> set[str]:
    """Clinicians outside the 99.8 % limits with the same case mix."""
    rows = analyses.funnel(clinic, indicator=name).tables["units"]
    return {row["group"] for row in rows if row["adjusted_verdict"] == "outside 99.8 %"}


@pytest.mark.parametrize(("name", "differs_in"), DIFFERS_IN.items())
def test_funnels_find_who_truly_differs(differing: MadeUp, name: str, differs_in: str) -> None:
    clinic, truth = differing
    assert units_outside(clinic, name) == {row["clinician"] for row in truth["clinicians"] if differs_in in row["differs_in"]} != set()


@pytest.mark.parametrize("name", DIFFERS_IN)
def test_funnels_are_quiet_where_nobody_differs(alike: MadeUp, name: str) -> None:
    assert units_outside(alike[0], name) == set()


def judged(clinic: Clinic, name: str) -> tuple[str, list[str]]:
    """The state of a chart, and the months marked as an improvement."""
    answer = analyses.control_chart(clinic, indicator=name)
    return answer.tables["summary"][0]["variation"], [row["period"] for row in answer.tables["points"] if row["meaning"] == "improvement"]


@pytest.mark.parametrize("name", SCORES)
def test_charts_find_the_change_point(differing: MadeUp, name: str) -> None:
    clinic, truth = differing
    month = truth["change_point"]["first_visit_month"]
    variation, better = judged(clinic, name)
    assert variation == "improvement"
    assert sum(period >= month for period in better) >= 7
    assert sum(period < month for period in better) <= 2  # a run may begin by chance a month or two before


@pytest.mark.parametrize("name", SCORES)
def test_charts_are_quiet_where_nothing_changes(alike: MadeUp, name: str) -> None:
    assert judged(alike[0], name) == ("usual", [])


def test_a_documented_step_begins_new_limits(differing: MadeUp) -> None:
    clinic, truth = differing
    month, name = truth["change_point"]["first_visit_month"], "pain_improvement_12_months"
    told = changed(clinic, settings=Settings(targets=((name, 2.0),), steps=((name, (Recalculation(month, "New pathway"),)),)))
    answer = analyses.control_chart(told, indicator=name)
    centres = {row["period"] >= month: row["centre"] for row in answer.tables["points"] if row["centre"] is not None}
    assert centres[True] > centres[False] + 0.3
    (summary,) = answer.tables["summary"]
    assert (summary["target"], summary["target_source"], summary["variation"]) == (2.0, "set by the clinic", "usual")
    assert [row["reason"] for row in answer.tables["steps"]] == ["New pathway"]


def drawn(folder: Path, episodes: Rows, **files: Rows) -> Clinic:
    """Episodes of one patient each; nothing is withheld."""
    named = [{"patient_id": f"P-{row['episode_id']}"} | dict(row) for row in episodes]
    return frank_clinic(folder, {"episodes": named, **files})


def two_digits(value: float) -> float:
    """The number as it is published."""
    return float(f"{value:.2g}")


def points(clinic: Clinic, name: str) -> dict[str, tuple[int, float | None, str]]:
    rows = analyses.control_chart(clinic, indicator=name).tables["points"]
    return {row["period"]: (row["n"], row["value"], row["state"]) for row in rows}


def test_care_before_an_escalation_counts_in_its_month(tmp_path: Path) -> None:
    """Seen in January, injected 100 days later: April, so that the last months do not only hold the quick ones."""
    treatments = [
        {"treatment_id": "T1", "episode_id": "a", "treatment": "physical_therapy", "start_day": 5, "end_day": 80},
        {"treatment_id": "T2", "episode_id": "a", "treatment": "epidural_steroid_injection", "start_day": 100},
    ]
    clinic = drawn(tmp_path, [{"episode_id": "a", "first_visit_month": "2022-01"}], treatments=treatments)
    assert points(clinic, "conservative_care_before_injection") == {"2022-04": (1, 1.0, "closed")}


def test_an_operation_needs_leg_pain_weakness_or_a_red_flag(tmp_path: Path) -> None:
    """Little leg pain is under 3.5 points; who has weakness or a red flag, or no leg pain recorded, is not blamed."""
    legs = {"little": 3.4, "enough": 3.5, "weak": 1, "flagged": 1, "stenosis": 1, "unknown": None}
    episodes = [
        {
            "episode_id": name,
            "diagnosis": "spinal_stenosis" if name == "stenosis" else "herniated_disc",
            "red_flags": "yes" if name == "flagged" else "no",
        }
        for name in legs
    ]
    treatments = [{"treatment_id": f"T-{name}", "episode_id": name, "treatment": "discectomy", "start_day": 30} for name in legs]
    scores = [{"episode_id": name, "day": 20, "instrument": "nrs_leg", "value": leg} for name, leg in legs.items() if leg is not None]
    symptoms = [{"episode_id": "weak", "symptom": "leg_weakness"}]
    clinic = drawn(tmp_path, episodes, treatments=treatments, scores=scores, symptoms=symptoms)
    (row,) = [
        row for row in analyses.indicators(clinic, theme="stepped").tables["indicators"] if row["name"] == "surgery_without_clear_reason"
    ]
    assert (row["n"], row["value"]) == (4, 0.25)
    assert row["target"] == 0.03


def test_conservative_care_only_ends_with_the_first_needle(tmp_path: Path) -> None:
    """Injected on day 200: conservative only at 3 months (window to day 135), no longer at 12."""
    treatments = [
        {"treatment_id": "T1", "episode_id": "a", "treatment": "anti_inflammatory", "start_day": 0, "end_day": 60},
        {"treatment_id": "T2", "episode_id": "a", "treatment": "epidural_steroid_injection", "start_day": 200},
    ]
    scores = [{"episode_id": "a", "day": day, "instrument": "nrs_pain", "value": value} for day, value in ((0, 8), (91, 5), (365, 2))]
    clinic = drawn(tmp_path, [{"episode_id": "a", "first_visit_month": "2021-01"}], treatments=treatments, scores=scores)
    shown = {row["name"]: (row["n"], row["value"]) for row in analyses.indicators(clinic, theme="conservative_only").tables["indicators"]}
    assert shown["pain_improvement_conservative_only_3_months"] == (1, 3.0)
    assert shown["pain_improvement_conservative_only_12_months"] == (0, None)


@pytest.mark.parametrize(
    ("start", "end", "months"), [(-5, 0, (3, 12)), (135, 300, (3, 12)), (136, 300, (12,)), (-9, -1, ()), (548, 600, ())]
)
def test_conservative_care_counts_from_its_start(tmp_path: Path, start: int, end: int, months: tuple[int, ...]) -> None:
    """Care that begins on day 136 cannot have helped by the answer at 3 months, whose window ends on day 135 (of 12 months: day 545)."""
    treatments = [{"treatment_id": "T1", "episode_id": "a", "treatment": "physical_therapy", "start_day": start, "end_day": end}]
    scores = [{"episode_id": "a", "day": day, "instrument": "nrs_pain", "value": value} for day, value in ((0, 8), (91, 5), (365, 2))]
    clinic = drawn(tmp_path, [{"episode_id": "a", "first_visit_month": "2019-01"}], treatments=treatments, scores=scores)
    shown = {row["name"]: row["n"] for row in analyses.indicators(clinic, theme="conservative_only").tables["indicators"]}
    assert {month for month in (3, 12) if shown[f"pain_improvement_conservative_only_{month}_months"]} == set(months)


def test_open_months_do_not_count_for_limits(sample_clinic: Clinic) -> None:
    """The data end in December 2025; a wait counts as seen once 90 days are over."""
    rows = analyses.control_chart(sample_clinic, indicator="median_wait").tables["points"]
    states = {row["period"]: row["state"] for row in rows}
    assert (states["2025-09"], states["2025-10"]) == ("closed", "open")
    assert all(row["centre"] is None for row in rows if row["state"] == "open")


def test_what_is_rare_has_no_chart_by_month(sample_clinic: Clinic) -> None:
    """Most months have one to four operations and so no share, only counts: a chart of the few others would mislead. Units have enough."""
    chart = analyses.control_chart(sample_clinic, indicator="complications_within_90_days", period="month")
    (summary,), months = chart.tables["summary"], chart.tables["points"]
    assert (summary["variation"], summary["chart"]) == ("too few", None)
    assert summary["sentence"] == "Too few patients to show this by month; it is judged by half-year."
    assert all((row["value"] is None) is (row["n"] < 5) and row["centre"] is None for row in months)
    assert all(row["events"] is not None for row in months if row["n"])
    units = analyses.funnel(sample_clinic, indicator="complications_within_90_days").tables["units"]
    assert {1, 2, 3, 4} <= {row["events"] for row in units}
    assert all(row["verdict"] == row["adjusted_verdict"] == "within" and not row["withheld"] for row in units)


def test_published_charts_are_by_quarter_and_funnels_are_not_published(sample_clinic: Clinic) -> None:
    published = sample_clinic.under(PUBLISH)
    answer = analyses.control_chart(published, indicator="pain_improvement_12_months")
    assert answer.tables["summary"][0]["period"] == "quarter"
    assert all(row["period"][4:6] == "-Q" for row in answer.tables["points"])
    with pytest.raises(NotAllowed, match="month"):
        analyses.control_chart(published, indicator="pain_improvement_12_months", period="month")
    with pytest.raises(NotAllowed, match="clinician"):
        analyses.funnel(published)


def test_only_shares_and_means_have_funnels(sample_clinic: Clinic) -> None:
    assert indicator("median_wait").charts == ("control",)
    with pytest.raises(UsageError, match="median_wait"):
        analyses.funnel(sample_clinic, indicator="median_wait")


def test_small_units_are_one(tmp_path: Path) -> None:
    """Nine patients of C2 and eight of C3 stand together; twelve of C1 stand alone. Adjusted or not, nobody is ranked."""
    sizes = {"C1": 12, "C2": 9, "C3": 8}
    episodes = [{"episode_id": f"{unit}-{k}", "clinician": unit} for unit, size in sizes.items() for k in range(size)]
    scores = [
        {"episode_id": row["episode_id"], "day": day, "instrument": "nrs_pain", "value": value}
        for place, row in enumerate(episodes)
        for day, value in ((0, 8), (365, 3 + place % 4))
    ]
    answer = analyses.funnel(drawn(tmp_path, episodes, scores=scores))
    assert [(row["group"], row["n"]) for row in answer.tables["units"]] == [("C1", 12), (POOLED_UNITS, 17)]
    assert answer.tables["summary"][0]["pooled"] == 2


def test_a_cohort_of_three_tells_nothing(sample_clinic: Clinic) -> None:
    few = Cohort(diagnosis=("other_spinal",), age_band=("0-17",))
    for name in ("indicators", "control_chart", "funnel"):
        answer = analyses.answer(sample_clinic, name, few)
        assert answer.refused or not any(row.get("n") for rows in answer.tables.values() for row in rows)


def seen(folder: Path, sizes: Mapping[str, int]) -> Clinic:
    """So many patients first seen in each month; under the policy `clinic`."""
    episodes = [{"episode_id": f"{month}-{k}", "first_visit_month": month} for month, size in sizes.items() for k in range(size)]
    return drawn(folder, episodes).under(CLINIC)


def test_a_small_period_takes_no_neighbour_with_it(tmp_path: Path) -> None:
    """Three come in February: the clinic sees them. Nine come in the third quarter: it alone is not published."""
    sizes = {"2022-01": 40, "2022-02": 3, "2022-03": 45, "2022-04": 30, "2022-05": 30, "2022-06": 30, "2022-07": 9, "2022-10": 32}
    clinic = seen(tmp_path, sizes)
    months = {row["period"]: row["n"] for row in analyses.control_chart(clinic, indicator="patients_seen").tables["points"]}
    assert {period: n for period, n in months.items() if n} == sizes
    assert set(months.values()) - set(sizes.values()) == {0}  # months in which nobody came stand there as nothing
    published = analyses.control_chart(clinic.under(PUBLISH), indicator="patients_seen").tables["points"]
    quarters = {row["period"]: row["n"] for row in published if row["period"] < "2023"}
    assert quarters == {"2022-Q1": 90, "2022-Q2": 90, "2022-Q3": None, "2022-Q4": 30}


def test_withheld_months_count_for_the_centre() -> None:
    """Those with few events are the ones withheld: without them the centre would lie too high. What comes before or after does not count."""

    def centre(events: list[int], n: list[int], told: list[int]) -> float:
        patients = np.array(n)
        made = Numbers(patients, np.array(events), np.array(events) / patients, patients, np.array(events), patients - np.array(events))
        there, asked = np.ones(len(n), dtype=bool), indicator("complications_within_90_days")
        limits = charts._limits(Points(asked, "month", range(len(n)), made, there, there, np.array(told)), np.array(told), [])
        return float(limits.centre[0])

    assert centre([10, 3, 20], [40, 40, 40], [0, 2]) == pytest.approx(33 / 120)
    assert centre([0, 10, 3, 4, 20, 0], [40] * 6, [1, 4]) == pytest.approx(37 / 160)


def test_a_small_month_counts_for_the_limits(tmp_path: Path) -> None:
    clinic = seen(tmp_path, {f"2021-{month:02d}": 30 + month for month in range(1, 13)} | {"2021-05": 3})
    answer = analyses.control_chart(clinic, Cohort(month_to="2021-12"), indicator="patients_seen")
    shown = [row["value"] for row in answer.tables["points"]]
    assert shown == [31, 32, 33, 34, 3, 36, 37, 38, 39, 40, 41, 42]
    assert answer.tables["summary"][0]["centre"] == pytest.approx(sum(shown) / 12)


def test_limits_rest_on_no_withheld_quarter(tmp_path: Path) -> None:
    """What is not published of a count moves neither centre nor limits: they follow from the shown quarters alone."""
    starts = [f"{year}-{month:02d}" for year in (2022, 2023, 2024) for month in (1, 4, 7, 10)]
    clinic = seen(tmp_path, {month: 30 + 3 * place for place, month in enumerate(starts)} | {"2023-04": 8}).under(PUBLISH)
    answer = analyses.control_chart(clinic, indicator="patients_seen")
    shown = [row["value"] for row in answer.tables["points"] if row["value"] is not None]
    assert len(shown) == 11
    assert answer.tables["summary"][0]["centre"] == two_digits(sum(shown) / 11)


def test_no_file_of_events_is_no_proof_of_safety(tmp_path: Path) -> None:
    """Nobody delivered adverse events or symptoms: nothing is said of complications, and a note says why."""
    episodes = [{"episode_id": str(k), "diagnosis": "herniated_disc"} for k in range(12)]
    treatments = [{"treatment_id": f"T{k}", "episode_id": str(k), "treatment": "discectomy", "start_day": 30} for k in range(12)]
    scores = [{"episode_id": str(k), "day": 20, "instrument": "nrs_leg", "value": 2} for k in range(12)]
    answer = analyses.indicators(drawn(tmp_path, episodes, treatments=treatments, scores=scores))
    shown = {row["name"]: (row["n"], row["value"]) for row in answer.tables["indicators"]}
    assert shown["complications_within_90_days"] == shown["surgery_without_clear_reason"] == (0, None)
    assert any("Not recorded in these data: " in note and "Complications after surgery" in note for note in answer.notes)
    assert shown["reoperation_within_90_days"] == (12, 0.0)


def test_who_was_not_watched_for_a_year_is_not_counted_as_not_operated(tmp_path: Path) -> None:
    """Seen in the last month of the data: in no chart and no funnel of operations within a year."""
    episodes = [{"episode_id": f"{clinician}-{k}", "clinician": clinician, "first_visit_month": month}
                for clinician, month in (("C1", "2021-01"), ("C2", "2024-12")) for k in range(12)]  # fmt: skip
    clinic = drawn(tmp_path, episodes)
    assert [row["group"] for row in analyses.funnel(clinic, indicator="surgery_within_12_months").tables["units"]] == ["C1"]


def test_published_charts_are_made_of_published_counts(sample_clinic: Clinic) -> None:
    """Limits of exact counts would tell them beside the rounded ones. Nothing has more than two digits."""
    answer = analyses.control_chart(sample_clinic.under(PUBLISH), indicator="pain_responders_3_months")
    rows = [row for row in answer.tables["points"] if row["centre"] is not None]
    assert rows
    centre = sum(row["events"] for row in rows) / sum(row["n"] for row in rows)
    for row in rows:
        assert row["n"] % 5 == row["events"] % 5 == 0
        assert row["value"] == two_digits(row["events"] / row["n"])
        assert all(row[name] == two_digits(row[name]) for name in ("low", "high"))
        if len(rows) == sum(row["state"] == "closed" and row["n"] > 0 for row in answer.tables["points"]):
            assert row["centre"] == two_digits(centre)


@pytest.mark.parametrize("later", [{"highest_stage": ("none",)}, {"treatment": ("discectomy",)}, {"investigation": ("mri",)}])
def test_patients_chosen_by_later_care_are_counted_when_a_year_is_over(sample_clinic: Clinic, later: dict[str, tuple[str, ...]]) -> None:
    """Of the newest patients nobody knows yet whether they will be operated: their months looked like a fall, "untreated" like a rise."""
    months = {}
    for cohort in (Cohort(), Cohort(**later)):
        points = analyses.control_chart(sample_clinic, cohort, indicator="patients_seen", period="month").tables["points"]
        months[cohort.url()] = [row["period"] for row in points if row["state"] == "closed"][-1]
    assert list(months.values()) == ["2025-12", "2024-12"]
