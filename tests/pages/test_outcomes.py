"""The page Outcomes: what is behind a click is asked once it is opened, and of many groups one can be chosen against the rest."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from synapse_analytics import analyses
from synapse_analytics.figures import panels
from synapse_analytics.web import outcomes
from tests.pages.charts_of import charts_of
from tests.pages.test_pages import loaded, open_page, said

__all__ = ["loaded"]  # the fixture
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the answers that a page asks for."""
    names: list[str] = []
    answer = analyses.answer

    def noted(handle: object, name: str, *rest: object, **options: object) -> object:
        names.append(name)
        return answer(handle, name, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(analyses, "answer", noted)
    return names


@pytest.mark.usefixtures("as_it_opens")
@pytest.mark.parametrize(
    ("tab", "behind", "first", "then"),
    [("Over time", "weeks", "score_over_time", "score_by_week"), ("Who improved", "rules", "better_or_worse", "responders")],
)
def test_what_is_behind_a_click_is_asked_once_it_is_opened(asked: list[str], tab: str, behind: str, first: str, then: str) -> None:
    assert not open_page("outcomes", outcomes_tab=tab).exception
    assert first in asked
    assert then not in asked
    at = open_page("outcomes", outcomes_tab=tab, **{behind: True})
    assert not at.exception
    assert then in asked


def test_the_weeks_say_in_which_steps_they_are() -> None:
    at = open_page("outcomes", weeks=True)
    assert "Each point is the mean of 4 weeks, with its 95\u00a0% interval: single weeks have too few patients." in said(at)


def names(at: AppTest) -> list[list[str]]:
    """The panels of each chart."""
    notes = [chart.figure["layout"]["annotations"] for chart in charts_of(at)]
    return [[note["text"].split("</b>")[0][3:] for note in those if note["text"].startswith("<b>")] for those in notes]


@pytest.mark.parametrize("tab", ["Over time", "Spread of results", "Follow-up"])
def test_of_many_groups_one_can_be_chosen_against_the_rest(monkeypatch: pytest.MonkeyPatch, tab: str) -> None:
    for module in (panels, outcomes):
        monkeypatch.setattr(module, "MOST", 3)
    at = open_page("outcomes", {"outcome_by": "clinician"}, outcomes_tab=tab)
    assert len(names(at)[0]) == 3
    (box,) = [box for box in at.selectbox if box.label == "Groups shown"]
    assert box.options[0] == "The 3 largest groups"
    assert len(box.options) > 10
    at = open_page("outcomes", {"outcome_by": "clinician", "shown": "C07"}, outcomes_tab=tab)
    assert names(at)[0] == ["C07"]


def test_a_score_without_an_important_change_says_so() -> None:
    at = open_page("outcomes", {"instrument": "eq_vas"}, outcomes_tab="Who improved")
    assert not at.exception
    assert "No smallest important change is known for this score." in said(at)
