"""A clinic that does not ask for the worst pain: another score stands in for it, with its own scale, and every answer says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.errors import UsageError
from synapse_analytics.figures import flow
from synapse_analytics.figures.theme import LIGHT, faded
from synapse_analytics.store import load, open_store, tables
from tests.stand_in import store_with
from tests.twins.checked import checked

pytestmark = pytest.mark.slow  # a store for each case

# Every answer that says something about the headline score when nothing else is asked.
ABOUT_THE_HEADLINE = (
    "overview", "indicators", "control_chart", "funnel", "score_over_time", "responders", "change_distribution", "completeness",
    "baseline_by_response", "pathways", "patients_like_mine",
)  # fmt: skip
ABOUT_PAIN = ("escalation_response", "plateau")


@pytest.fixture(scope="module")
def of_disability(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """A clinic that asks for disability alone."""
    return open_clinic(store_with(tmp_path_factory.mktemp("odi"), ("odi",)), policy="clinic")


@pytest.fixture(scope="module")
def of_leg_pain(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """A clinic that asks for leg pain and quality of life."""
    return open_clinic(store_with(tmp_path_factory.mktemp("leg"), ("nrs_leg", "eq_vas")), policy="clinic")


@pytest.mark.parametrize("name", ABOUT_THE_HEADLINE)
def test_every_answer_says_that_another_score_stands_in(of_disability: Clinic, of_leg_pain: Clinic, name: str) -> None:
    for clinic, label in ((of_disability, "Oswestry Disability Index"), (of_leg_pain, "Leg pain")):
        (said,) = [note for note in analyses.answer(clinic, name).notes if "stands in" in note]
        assert said.startswith(f"These data hold no Pain (worst, last week); {label}")
        assert ("10 points or more" in said) is (clinic is of_disability)


@pytest.mark.parametrize("name", ABOUT_PAIN)
def test_questions_about_pain_need_a_pain_score(of_disability: Clinic, of_leg_pain: Clinic, name: str) -> None:
    assert any("stands in" in note for note in analyses.answer(of_leg_pain, name).notes)
    with pytest.raises(UsageError, match="needs a pain score from 0 to 10"):
        analyses.answer(of_disability, name)


@pytest.mark.parametrize(
    ("headline", "before", "after", "state"),
    [
        ("odi", 50, 41, "unchanged"),
        ("odi", 50, 40, "improved"),
        ("odi", 50, 59, "unchanged"),
        ("odi", 50, 60, "worse"),
        ("nrs_leg", 5, 3.5, "unchanged"),
        ("nrs_leg", 5, 3, "improved"),
        ("nrs_leg", 5, 7, "worse"),
    ],
)
def test_the_end_state_goes_by_the_change_that_is_clear_on_the_score(
    tmp_path: Path, headline: str, before: float, after: float, state: str
) -> None:
    scores = [{"episode_id": "E1", "day": day, "instrument": headline, "value": value} for day, value in ((0, before), (100, after))]
    load(checked(episodes=[{"episode_id": "E1", "patient_id": "P1"}], scores=scores), f"duckdb:///{tmp_path}")
    engine, _ = open_store(f"duckdb:///{tmp_path}")
    with engine.connect() as connection:
        (found,) = connection.execute(sa.select(tables.episode_facts.c.end_state)).scalars().all()
    assert v.END_STATES[found].code == state


def test_a_number_of_pain_finds_nobody_by_disability(of_disability: Clinic) -> None:
    """Pain 7 of 10 was taken for an ODI of 7, and who had hardly any complaint was "like" a patient in pain."""
    low, high, none = (analyses.answer(of_disability, "patients_like_mine", pain=pain) for pain in (2, 9, None))
    assert low.tables == high.tables == none.tables
    assert low.options["pain"] is None


def test_the_flow_names_and_colours_the_score_that_it_shows(of_disability: Clinic) -> None:
    answer = analyses.answer(of_disability, "pathways")
    assert answer.options["instrument"] == "odi"
    hovers = flow.flow(answer, LIGHT)["data"][0]["link"]["customdata"]
    assert any("Oswestry" in text or "ODI" in text for text in hovers)
    assert not any("Pain" in text for text in hovers)


def drawn_links(clinic: Clinic, instrument: str) -> list[tuple[float | None, str]]:
    """The change and the colour of each link of the flow."""
    answer = analyses.answer(clinic, "pathways", instrument=instrument)
    links = flow.drawn_links(answer)
    drawn: dict[str, Any] = flow.flow(answer, LIGHT)["data"][0]["link"]
    return [(link.change, colour) for link, colour in zip(links, drawn["color"], strict=True)]


def hue(colour: str) -> str:
    """A colour without how strong it is."""
    return colour.rpartition(",")[0]


@pytest.mark.parametrize("instrument", v.codes(v.INSTRUMENTS))
def test_colours_of_the_flow_mean_better_and_worse_in_every_score(sample_clinic: Clinic, instrument: str) -> None:
    """A rise of EQ VAS was orange, "it got worse", and EQ-5D was grey whatever happened."""
    term = v.find(v.INSTRUMENTS, instrument)
    better, worse, same = (hue(faded(colour, 0.5)) for colour in (LIGHT.better, LIGHT.worse, LIGHT.same))
    links = [(change, hue(colour)) for change, colour in drawn_links(sample_clinic, instrument)]
    assert better in {colour for _, colour in links} or instrument == "nrs_buttock"  # of which too few are asked for a change
    for change, colour in links:
        if change is None or abs(change) < 0.05 * (term.high - term.low):
            assert colour == same
        else:
            assert colour == (better if (change < 0) == (term.better == "lower") else worse)
