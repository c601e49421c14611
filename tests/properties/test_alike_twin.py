"""Patients like mine agrees with its naive twin: who is alike, how near, what they received, how they fared, and what would find enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released
from tests.examples import tried
from tests.properties.test_outcome_answers import Known, cells, known
from tests.twins import alike as twin
from tests.twins import outcomes
from tests.twins.cohort import kept
from tests.twins.drawn_cohorts import cohorts
from tests.twins.marts import Episode

__all__ = ["known"]  # the fixture
ENOUGH = 5
ASKED = st.fixed_dictionaries(
    {},
    optional={
        "age": st.integers(0, 90),
        "sex": st.sampled_from(["female", "male"]),
        "pain": st.integers(0, 20).map(lambda half: half / 2),
        "odi": st.integers(0, 100),
        "bmi": st.sampled_from([18.0, 24.5, 31.0]),
        "symptom_weeks": st.sampled_from([0, 6, 10, 60]),
        "smoker": st.sampled_from(["yes", "no"]),
    },
)
NOT_ASKED = dict.fromkeys(("age", "sex", "pain", "odi", "bmi", "symptom_weeks", "smoker"))


@pytest.fixture(autouse=True)
def few_are_enough() -> Iterator[None]:
    """The drawn clinics are small: five patients are enough to answer, so that both sides of the limit are drawn."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("patients_like_mine", "nearness"):
            patch.setattr(import_module(f"synapse_analytics.analyses.{name}"), "FEWEST", ENOUGH)
        yield


@tried(40)
@given(cohort=cohorts(filters=1), diagnosis=st.sampled_from(v.codes(v.DIAGNOSES)), asked=ASKED, width=st.sampled_from(twin.WIDTHS))
def test_alike_agrees(known: Known, cohort: Cohort, diagnosis: str, asked: dict[str, Any], width: float) -> None:
    answer = analyses.patients_like_mine(known.clinic, cohort, diagnosis=diagnosis, width=width, **NOT_ASKED | asked)
    members = kept(known.attributes, cohort)
    if not members:
        return
    rows = [row for row in members if row["diagnosis"] == diagnosis]
    near = twin.alike(rows, asked, width)
    (matched,) = answer.tables["matched"]
    assert (matched["n"], matched["people"], bool(matched["refused"])) == (len(near), twin.people(near), twin.people(near) < ENOUGH)
    if matched["refused"]:
        shown = [(row["drop"], row["width"], row["people"]) for row in answer.tables["ways"]]
        expected = twin.ways(rows, asked, width, ENOUGH)
        assert set(shown) == set(expected)
        assert [count for _, _, count in shown[:-1]] == [count for _, _, count in expected[:-1]]
        return
    differ = {row["particular"]: (row["n"], row["median_difference"]) for row in answer.tables["nearness"]}
    assert differ == {name: (n, pytest.approx(gap)) for name, (n, gap) in twin.nearness(near, asked).items()}
    groups = {row["group"]: (row["n"], row["people"]) for row in answer.tables["groups"]}
    assert groups.pop("all") == (len(near), twin.people(near))
    reached = {row["highest_stage"] for row in near}
    own = {code: [row for row in near if row["highest_stage"] == code] for code in reached}
    assert groups == {code: (len(rows), twin.people(rows)) for code, rows in own.items()}
    wanted = {row["episode_id"] for row in near}
    pairs = [(row, one) for row, one in zip(known.attributes, known.episodes, strict=True) if row["episode_id"] in wanted]
    _within_a_year(answer, [one for _, one in pairs])
    _fared(answer, [(group, one) for row, one in pairs for group in ("all", row["highest_stage"])])


def _within_a_year(answer: Released, near: Sequence[Episode]) -> None:
    """The two numbers that stand first."""
    operated, better = answer.tables["year"]
    n, share = outcomes.operated_within_a_year(near)
    assert (operated["n"], operated["share"]) == (n, share if share is None else pytest.approx(share))
    improved = outcomes.responders([("all", one) for one in near], "nrs_pain", v.find(v.PRESETS, "nrs_2"), 12, "first_visit")
    row = improved.get(("all",), {"n": 0, "share": None})
    assert (better["n"], better["share"]) == (row["n"], row["share"] if not row["n"] else pytest.approx(row["share"]))


def _fared(answer: Released, members: Sequence[tuple[str, Episode]]) -> None:
    """Scores and improvement of all of them and by stage at every month."""
    scores = cells(answer, "outcomes", "group", "instrument", "month")
    better = cells(answer, "responders", "group", "preset", "month")
    for instrument, preset in (("nrs_pain", v.find(v.PRESETS, "nrs_2")), ("odi", v.find(v.PRESETS, "odi_10"))):
        expected = outcomes.visits(members, instrument, "first_visit")
        for month in (3, 12, 24):
            responders = outcomes.responders(members, instrument, preset, month, "first_visit")
            for group in {group for group, _ in members}:
                row, other = scores[group, instrument, month], expected.get((group, f"month_{month}"), {"n": 0, "expected": 0})
                assert (row["n"], row["expected"]) == (other["n"], other["expected"])
                for name in ("q1", "median", "q3"):
                    assert row[name] == (pytest.approx(other[name]) if other["n"] else None)
                row, other = better[group, preset.code, month], responders.get((group,), {"n": 0, "responders": 0})
                assert (row["n"], row["responders"]) == (other["n"], other["responders"])
