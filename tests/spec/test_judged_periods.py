"""By which period an indicator is judged, and what the overview says of it: drawn clinics in, the period, the points and the words out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import CLINIC, PUBLISH
from synapse_analytics.errors import NotAllowed
from synapse_analytics.figures import overview
from synapse_analytics.figures.control_chart import control_chart
from synapse_analytics.figures.sparkline import sparkline
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.findings.overview import Standing, standings
from synapse_analytics.indicators import OVERVIEW
from synapse_analytics.vocabulary import periods
from tests.twins.open_policy import frank_clinic
from tests.unit.leadership_answers import months

pytestmark = pytest.mark.slow  # a store for each case

PAIN = "pain_improvement_3_months"
RESPONDERS = "pain_responders_3_months"


def seen(folder: Path, sizes: Mapping[str, int], *, falls: Sequence[float] = (3, 4, 5)) -> Clinic:
    """So many patients in each month, each with pain 8 and after three months so much less; under the policy `clinic`."""
    episodes = [
        {"patient_id": f"P-{month}-{k}", "episode_id": f"{month}-{k}", "first_visit_month": month}
        for month, size in sizes.items()
        for k in range(size)
    ]
    scores = [
        {"episode_id": row["episode_id"], "day": day, "instrument": "nrs_pain", "value": value}
        for place, row in enumerate(episodes)
        for day, value in ((0, 8), (91, 8 - falls[place % len(falls)]))
    ]
    return frank_clinic(folder, {"episodes": episodes, "scores": scores}).under(CLINIC)


def standing(clinic: Clinic, name: str, cohort: Cohort | None = None) -> Standing:
    return next(one for one in standings(analyses.overview(clinic, cohort)) if one.declared.name == name)


def picture(clinic: Clinic, name: str, cohort: Cohort | None = None) -> str:
    """The drawing of the small course."""
    return sparkline(standing(clinic, name, cohort).points, LIGHT, "")


def judged(clinic: Clinic, name: str, cohort: Cohort | None = None) -> tuple[str, str]:
    (summary,) = analyses.control_chart(clinic, cohort, indicator=name).tables["summary"]
    return summary["period"], summary["sentence"]


@pytest.mark.parametrize(("size", "period"), [(6, "month"), (3, "quarter"), (1, "half-year")])
def test_the_finest_period_that_can_be_shown(tmp_path: Path, size: int, period: str) -> None:
    """A mean needs 5 patients: 6 a month are enough, 3 a month make 9 a quarter, one a month makes 6 a half-year."""
    clinic = seen(tmp_path, dict.fromkeys(months("2022-01", 36), size))
    by, sentence = judged(clinic, PAIN)
    assert by == period
    assert f"Within usual variation, by {period}." in sentence
    assert standing(clinic, PAIN).row["judged_by"] == period


def test_one_small_month_in_ten_is_no_reason_for_quarters(tmp_path: Path) -> None:
    sizes = dict.fromkeys(months("2022-01", 20), 8)
    assert judged(seen(tmp_path / "two", sizes | {"2022-04": 2, "2022-09": 2}), PAIN)[0] == "month"
    assert judged(seen(tmp_path / "three", sizes | {"2022-04": 2, "2022-09": 2, "2023-01": 2}), PAIN)[0] == "quarter"


def test_months_in_which_nobody_came_are_no_points(tmp_path: Path) -> None:
    """A clinic with one day a quarter has three years of points by quarter, and none that stand together by month."""
    by, sentence = judged(seen(tmp_path, dict.fromkeys(months("2021-01", 36)[::3], 12)), PAIN)
    assert (by, sentence) == ("quarter", "Within usual variation, by quarter. Provisional limits: only 12 quarters.")


def test_a_clinic_too_small_for_half_years_is_told_kindly(tmp_path: Path) -> None:
    clinic = seen(tmp_path, dict.fromkeys(months("2022-01", 30)[::2], 1))
    sentence = "Too few patients to judge this over time, even by half-year; the value for the whole period is shown."
    assert judged(clinic, PAIN) == ("half-year", sentence)
    assert control_chart(analyses.control_chart(clinic, indicator=PAIN), LIGHT)["layout"]["title"]["subtitle"]["text"] == sentence
    assert standing(clinic, PAIN).value() == "4.0 points"
    assert standing(clinic, PAIN).change() == "too few to judge"
    for chosen in ("month", "quarter"):
        assert analyses.control_chart(clinic, indicator=PAIN, period=chosen).tables["summary"][0]["sentence"] == sentence


def test_another_period_says_that_the_overview_judges_otherwise(tmp_path: Path) -> None:
    clinic = seen(tmp_path, dict.fromkeys(months("2022-01", 36), 6))
    told = control_chart(analyses.control_chart(clinic, indicator=PAIN, period="half-year"), LIGHT)["layout"]["title"]["subtitle"]["text"]
    assert "Judged by half-year here; the Overview judges by month." in told
    hidden = analyses.control_chart(seen(tmp_path / "few", dict.fromkeys(months("2022-01", 36), 3)), indicator=PAIN, period="month")
    assert hidden.tables["summary"][0]["sentence"] == "Too few patients to show this by month; it is judged by quarter."


@pytest.mark.parametrize(("size", "period"), [(6, "quarter"), (3, "half-year"), (2, "year")])
def test_what_is_published_joins_in_the_same_way(tmp_path: Path, size: int, period: str) -> None:
    """Under publish a mean needs 13 patients; overview and chart join to the same period, and no other one may be asked for."""
    clinic = seen(tmp_path, dict.fromkeys(months("2021-01", 44), size)).under(PUBLISH)
    assert judged(clinic, PAIN)[0] == period
    answer = analyses.overview(clinic)
    points = {row["period"]: row["value"] for row in answer.tables["periods"] if row["name"] == PAIN}
    chart = analyses.control_chart(clinic, indicator=PAIN).tables["points"]
    assert points == {row["period"]: row["value"] for row in chart if row["state"] == "closed"}
    assert {periods.period_of(name) for name in points} == {period}
    for other in set(periods.MONTHS_IN) - {period}:
        with pytest.raises(NotAllowed, match=f"by {period}, not by {other}"):
            analyses.control_chart(clinic, indicator=PAIN, period=other)


def test_half_years_are_their_months_added_up(tmp_path: Path) -> None:
    """Counts and sums add; the mean of a half-year is that of its patients, not of its months."""
    clinic = seen(tmp_path, {"2022-01": 12, "2022-02": 6, "2022-07": 9, "2022-12": 9}, falls=(0, 1, 2, 3, 4, 5))
    rows = analyses.control_chart(clinic, indicator=PAIN, period="half-year").tables["points"]
    assert [(row["period"], row["n"], row["value"]) for row in rows] == [("2022-H1", 18, 2.5), ("2022-H2", 18, 2.5)]
    years = analyses.control_chart(clinic, indicator=PAIN, period="year").tables["points"]
    assert [(row["period"], row["n"], row["value"]) for row in years] == [("2022", 36, 2.5)]


def test_of_a_count_only_whole_periods_are_judged(tmp_path: Path) -> None:
    """The cohort begins in February and ends in November: the quarters at its ends hold two months each, which is no fall."""
    clinic = seen(tmp_path, dict.fromkeys(months("2021-01", 48), 10))
    cohort = Cohort(month_from="2021-02", month_to="2024-11")
    rows = analyses.control_chart(clinic, cohort, indicator="patients_seen", period="quarter").tables["points"]
    assert (rows[0]["period"], rows[-1]["period"]) == ("2021-Q2", "2024-Q3")
    assert {row["value"] for row in rows} == {30}
    assert not any(row["rule"] for row in rows)


def test_no_line_runs_through_a_period_without_a_point(tmp_path: Path) -> None:
    """Nobody in May: the small course has two parts, and so has the chart's."""
    clinic = seen(tmp_path, {month: 8 for month in months("2022-01", 20) if month != "2022-05"})
    answer = analyses.overview(clinic)
    values = [row["value"] for row in answer.tables["periods"] if row["name"] == PAIN]
    assert values[4] is None
    assert [len(line.split()) for line in re.findall(r'<polyline points="([^"]+)"', picture(clinic, PAIN))] == [4, 15]


def test_a_gap_that_ends_a_trend_is_said(tmp_path: Path) -> None:
    """Pain falls by more every month, but nobody came in the middle: no trend of seven is left, and the verdict says why."""
    given = months("2022-01", 11)
    episodes = {month: 10 for month in given if month != given[6]}
    falls = [place / 2 for place, month in enumerate(given) for _ in range(episodes.get(month, 0))]
    _, sentence = judged(seen(tmp_path, episodes, falls=falls), PAIN)
    assert "Rising" not in sentence
    assert sentence.endswith("Runs and trends stop at Jul 2022, for which no value is shown.")


@pytest.mark.parametrize("policy", [CLINIC, PUBLISH], ids=["clinic", "publish"])
def test_nothing_happened_reads_as_nought_with_its_interval(tmp_path: Path, policy: Any) -> None:
    """Nobody improved, nobody was operated: 0 % with limits, in the table and on the line, not missing."""
    clinic = seen(tmp_path, dict.fromkeys(months("2021-01", 30), 20), falls=(0,)).under(policy)
    rows = {row["name"]: row for row in analyses.overview(clinic).tables["indicators"]}
    for name in (RESPONDERS, "surgery_within_12_months"):
        row = rows[name]
        assert (row["value"], row["low"]) == (0, 0), name
        assert 0 < row["high"] < 0.05
        shown = standing(clinic, name)
        assert shown.value() in ("0 %", f"0 of {shown.shown['n']:,}")
        html = overview.table((shown,), LIGHT, overview.Part((shown,)))
        assert re.search(r'class="interval">0 to [0-4] %<', html)
        assert "<polyline" in html
        assert judged(clinic, name)[1].startswith("Within usual variation, by ")


def test_the_overview_says_what_a_value_is_and_what_its_course_is(tmp_path: Path) -> None:
    """The value is a cumulative incidence, the points are plain shares: each is named."""
    clinic = seen(tmp_path, dict.fromkeys(months("2021-01", 30), 20))
    told = overview.reading(standings(analyses.overview(clinic)))
    assert (
        "Operated on within 12 months: the value allows for patients lost to follow-up; the line counts them as if it had not happened."
        in told
    )
    axis = control_chart(analyses.control_chart(clinic, indicator="surgery_within_12_months"), LIGHT)["layout"]["yaxis"]["title"]["text"]
    assert "plain share" in axis.replace("<br>", " ")


def test_the_store_is_asked_once_whatever_the_periods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Months are added up in Python: a small clinic, which tries three periods for each indicator, asks no more than a large one."""
    asked = []
    arrow = Clinic.arrow
    monkeypatch.setattr(Clinic, "arrow", lambda self, statement: asked.append(statement) or arrow(self, statement))
    counts = []
    for size in (20, 1):
        clinic = seen(tmp_path / str(size), dict.fromkeys(months("2022-01", 30), size))
        asked.clear()
        analyses.overview(clinic)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 6
    assert len(OVERVIEW) > 6


@pytest.mark.parametrize("name", ["2023-07", "2023-Q3", "2023-H2", "2023"])
def test_a_name_is_read_back(name: str) -> None:
    period = periods.period_of(name)
    assert periods.name_of(periods.place_of(name), period) == name
    assert periods.within(name, "year") == "2023"
    assert [periods.overlap(name, other) for other in ("2023-Q3", "2023-Q1")] == [True, name == "2023"]


def test_periods_are_spoken() -> None:
    assert [periods.spoken(name) for name in ("2023-07", "2023-Q3", "2023-H2", "2023")] == ["Jul 2023", "Q3 2023", "H2 2023", "2023"]
    assert [periods.within("2023-05", by) for by in periods.MONTHS_IN] == ["2023-05", "2023-Q2", "2023-H1", "2023"]
    assert periods.within("2023-Q3", "month") == "2023-Q3"
