"""Every indicator, its months and its units agree with their naive twins, through real SQL."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.groups import POOLED_UNITS
from synapse_analytics.disclosure import Released
from synapse_analytics.indicators import INDICATORS, NAMES, THEMES, Indicator, Measured, indicator
from tests.properties.test_outcome_answers import ASKED, COHORTS, Known, known
from tests.twins import indicators as twin
from tests.twins.outcomes import operated_within_a_year

__all__ = ["known"]  # the fixture
WITH_FUNNEL = [declared.name for declared in INDICATORS if "funnel" in declared.charts]
PERIODS = st.sampled_from(["month", "quarter"])


def close(shown: float | None, expected: float | None) -> bool:
    """The same number, or both absent."""
    if shown is None or expected is None:
        return shown is expected
    return math.isclose(shown, expected, rel_tol=1e-9, abs_tol=1e-9)


@ASKED
@given(cohort=COHORTS, theme=st.sampled_from(v.codes(THEMES)))
def test_the_indicators_agree(known: Known, cohort: Cohort, theme: str) -> None:
    check(known, cohort, analyses.indicators(known.clinic, cohort, theme=theme))


def test_every_indicator_agrees(known: Known) -> None:
    answer = analyses.indicators(known.clinic)
    assert [row["name"] for row in answer.tables["indicators"]] == list(NAMES)
    check(known, Cohort(), answer)


def check(known: Known, cohort: Cohort, answer: Released) -> None:
    """n and value of every indicator of the answer are those of the twin."""
    episodes = [episode for _, episode in known.of(cohort)]
    for row in answer.tables["indicators"]:
        declared = indicator(row["name"])
        n, value = twin.value(declared, episodes)
        if declared.measured is Measured.INCIDENCE:
            n, value = operated_within_a_year(episodes)
        assert row["n"] == n, declared.name
        assert close(row["value"], value), (declared.name, row["value"], value)


@ASKED
@given(cohort=COHORTS, name=st.sampled_from(NAMES), period=PERIODS)
def test_the_points_of_a_chart_agree(known: Known, cohort: Cohort, name: str, period: str) -> None:
    asked = indicator(name)
    answer = analyses.control_chart(known.clinic, cohort, indicator=name, period=period)
    groups: dict[int, list[Any]] = {}
    for _, episode in known.of(cohort):
        month = twin.month(asked, episode)
        if month is not None:
            groups.setdefault(month if period == "month" else month // 3, []).append(episode)
    shown = {row["period"]: row for row in answer.tables["points"]}
    for key, members in groups.items():
        n, value = twin.value(asked, members)
        words = f"{key // 12}-{key % 12 + 1:02d}" if period == "month" else f"{key // 4}-Q{key % 4 + 1}"
        row = shown.pop(words)
        assert row["n"] == n, words
        assert close(row["value"], value), words
        last = key if period == "month" else key * 3 + 2
        assert row["state"] == ("closed" if twin.is_closed(asked, last, known.clinic.generation.data_until) else "open")
    assert not any(row["n"] for row in shown.values())  # what is left are gaps between periods


@ASKED
@given(cohort=COHORTS)
def test_the_latest_year_agrees(known: Known, cohort: Cohort) -> None:
    """Of each indicator the last twelve months in which everybody's window is over, and who counts in them."""
    data_until = known.clinic.generation.data_until
    answer = analyses.overview(known.clinic, cohort)
    assert [row["name"] for row in answer.tables["latest_year"]] == [row["name"] for row in answer.tables["indicators"]]
    for row in answer.tables["latest_year"]:
        asked = indicator(row["name"])
        end = _last_closed(asked, cohort, data_until)
        begin = min(max(end - 11, _first(asked, cohort, known.clinic.generation.months[0])), end)
        members = [episode for _, episode in known.of(cohort) if begin - 1 < (twin.month(asked, episode) or -1) <= end]
        n, value = twin.value(asked, members)
        if asked.measured is Measured.INCIDENCE:
            n, value = operated_within_a_year(members)
        assert (row["first"], row["last"]) == (_named(begin), _named(end)), asked.name
        assert row["n"] == n, asked.name
        assert close(row["value"], value), (asked.name, row["value"], value)


def _last_closed(asked: Indicator, cohort: Cohort, data_until: str) -> int:
    """The last month whose window is over; of a count of patients chosen by their later care a year before the end of the data."""
    last = int(data_until[:4]) * 12 + int(data_until[5:]) - 1
    late = asked.measured is Measured.COUNT and any(getattr(cohort, name) for name in ("highest_stage", "treatment", "investigation"))
    judged = replace(asked, closes_after=365) if late else asked
    end = next(month for month in range(last, 0, -1) if twin.is_closed(judged, month, data_until))
    known_month = cohort.month_to and asked.over_time == "month of the first visit"
    return min(end, int(cohort.month_to[:4]) * 12 + int(cohort.month_to[5:]) - 1) if cohort.month_to and known_month else end


def _first(asked: Indicator, cohort: Cohort, data_begin: str) -> int:
    """The first month there can be anything in."""
    months = [data_begin, cohort.month_from] if asked.over_time == "month of the first visit" and cohort.month_from else [data_begin]
    return max(int(month[:4]) * 12 + int(month[5:]) - 1 for month in months if month)


def _named(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


@ASKED
@given(cohort=COHORTS, name=st.sampled_from(WITH_FUNNEL), by=st.sampled_from(["clinician", "site"]))
def test_the_units_of_a_funnel_agree(known: Known, cohort: Cohort, name: str, by: str) -> None:
    asked = indicator(name)
    answer = analyses.funnel(known.clinic, cohort, indicator=name, by=by)
    groups: dict[str, list[Any]] = {}
    for group, episode in known.of(cohort, by):
        groups.setdefault(group, []).append(episode)
    expected: dict[str, tuple[int, float | None]] = {}
    small: list[Any] = []
    for group, members in groups.items():
        counted = [episode for episode in members if twin.value(asked, [episode])[0]]
        if len({episode.row["patient_id"] for episode in counted}) >= asked.smallest_n:
            expected[group] = twin.value(asked, counted)
        else:
            small += counted
    if small:
        expected[POOLED_UNITS] = twin.value(asked, small)
    shown = {row["group"]: row for row in answer.tables["units"]}
    assert set(shown) == set(expected)
    for group, (n, value) in expected.items():
        assert shown[group]["n"] == n
        assert close(shown[group]["value"], value)


@pytest.mark.parametrize("name", ["pain_improvement_12_months", "pain_responders_3_months", "median_wait"])
def test_nobody_is_no_fault(known: Known, name: str) -> None:
    nobody = Cohort(site=("S99",))
    assert analyses.control_chart(known.clinic, nobody, indicator=name).tables["points"] == ()
    if name in WITH_FUNNEL:
        assert analyses.funnel(known.clinic, nobody, indicator=name).tables["units"] == ()
