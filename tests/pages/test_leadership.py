"""The pages for leadership: rows that open, choices by theme, refusals of the policy, and the report to take away."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from synapse_analytics import access
from synapse_analytics.clinic import Clinic
from synapse_analytics.indicators import INDICATORS, OVERVIEW, THEMES, indicator
from synapse_analytics.vocabulary import codes
from tests.builders import person
from tests.pages.charts_of import charts_of, linked_of
from tests.pages.test_pages import loaded, open_page, said

__all__ = ["loaded"]  # the fixture that opens the sample store, used by every test here
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def questions(at: Any) -> list[str]:
    return [element.value for element in at.markdown if element.value.startswith("## ")]


def test_a_row_opens_its_chart_in_place(sample_clinic: Clinic) -> None:
    """The table is cut below the open row, and what is below goes on after the chart."""
    at = open_page("overview", {"indicator": "median_wait"})
    pieces = [html for html in linked_of(at) if 'class="overview"' in html]
    codes_ = [re.findall(r'<tr data-code="(\w+)"', html) for html in pieces]
    assert codes_[0] + codes_[1] == list(OVERVIEW)
    assert codes_[0][-1] == "median_wait"
    assert len(charts_of(at)) == 1
    closed = open_page("overview")
    assert not charts_of(closed)
    assert not [html for html in linked_of(closed) if 'aria-expanded="true"' in html]


def test_last_row_opens_without_a_rest() -> None:
    at = open_page("overview", {"indicator": OVERVIEW[-1]})
    assert len([html for html in linked_of(at) if 'class="overview"' in html]) == 1
    assert len(charts_of(at)) == 1


def test_a_sentence_opens_its_chart_and_never_closes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from synapse_analytics.web import overview

    written: list[str] = []
    monkeypatch.setattr(overview.address, "write", lambda _name, value: written.append(value))
    monkeypatch.setitem(overview.st.session_state, overview.OPENED, "median_wait")
    overview._open("median_wait")
    overview._open_or_close("median_wait")
    overview._open_or_close("patients_seen")
    assert written == ["median_wait", "", "patients_seen"]


def test_unknown_indicator_of_a_link_opens_nothing() -> None:
    at = open_page("overview", {"indicator": "nonsense"})
    assert not at.exception
    assert not charts_of(at)


def test_the_funnels_of_a_link_are_about_the_same_cohort() -> None:
    at = open_page("overview", {"sex": ["female"]})
    (address,) = re.findall(r'href="(variation[^"]*)"', said(at))
    assert "sex=female" in unescape(address)
    assert "policy=publish" not in address


def test_publish_compares_no_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_POLICY", "publish")
    at = open_page("overview")
    assert not at.exception
    assert "clinician" not in said(at).lower().partition("local mode")[0]
    assert not re.search(r'href="variation', said(at))


def test_so_many_episodes_lead_to_variation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synapse_analytics.web.overview.MOST_COMPARED", 10)
    assert "compared on the page Variation" in said(open_page("overview"))


def test_chosen_indicator_has_its_chart_and_definition() -> None:
    at = open_page("overview", {"indicator": "median_wait"})
    assert f"## {indicator('median_wait').question}" in questions(at)
    assert indicator("median_wait").denominator in said(at)


def test_points_can_be_quarters() -> None:
    at = open_page("variation", variation_tab="Over time")
    at.session_state["period"] = "quarter"
    at.run()
    ticks = charts_of(at)[0].figure["layout"]["xaxis"]["ticktext"]
    assert ticks[0].startswith("Q1")


def test_theme_offers_its_indicators() -> None:
    at = open_page("variation", variation_tab="Over time")
    at.selectbox(key="pick_indicator_theme").select("safety").run()
    assert not at.exception
    titles = [declared.title for declared in INDICATORS if declared.theme == "safety"]
    assert at.selectbox(key="pick_indicator").options == titles
    assert at.session_state["indicator"] == "complications_within_90_days"


def test_indicator_in_the_address_shows_its_theme() -> None:
    at = open_page("variation", variation_tab="Over time")
    at.session_state["indicator"] = "reoperation_within_90_days"
    at.run()
    assert at.selectbox(key="pick_indicator_theme").value == "safety"


def test_funnel_stands_crude_beside_adjusted() -> None:
    at = open_page("variation", variation_tab="Clinicians and sites")
    assert questions(at) == ["## Do clinicians differ by more than chance?", "## Do clinicians differ after adjustment for case mix?"]
    assert "Nobody is ranked" in said(at)
    assert "Adjusted for case mix by least squares" in said(at)


def test_indicator_without_funnel_is_not_offered() -> None:
    at = open_page("variation", variation_tab="Clinicians and sites")
    at.session_state["indicator"] = "median_wait"
    at.run()
    assert at.selectbox(key="pick_indicator").value == "pain_improvement_12_months"


def test_all_indicators_stand_in_their_order() -> None:
    at = open_page("variation", verdict_list=True)
    body = next(element.proto.body for element in at.get("html") if 'aria-label="All indicators"' in element.proto.body)
    declared = sorted(INDICATORS, key=lambda one: codes(THEMES).index(one.theme))
    places = [body.index(f">{one.title}<") for one in declared]
    assert places == sorted(places)


def test_the_matrix_leads_to_the_chart_of_an_indicator() -> None:
    at = open_page("variation", {"indicator": "median_wait"})
    assert questions(at) == ["## How are the indicators doing?", f"## {indicator('median_wait').question}"]
    assert indicator("median_wait").denominator in said(at)


def test_an_indicator_without_chart_has_its_value() -> None:
    few = next(declared.name for declared in INDICATORS if declared.theme == "spinal_fusion")
    at = open_page("variation", {"indicator": few}, variation_tab="Over time")
    assert not charts_of(at)
    assert "Whole period: " in said(at)


def test_publish_has_no_funnel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_POLICY", "publish")
    at = open_page("variation", variation_tab="Clinicians and sites")
    assert not at.exception
    assert "compared inside the clinic only" in said(at)
    assert not charts_of(at)
    assert "pick_indicator" not in [box.key for box in at.selectbox]


def test_a_link_for_sharing_leads_back_to_the_funnels() -> None:
    at = open_page("variation", {"policy": "publish"}, variation_tab="Clinicians and sites")
    assert "compared inside the clinic only" in said(at)
    at.button(key="share_not").click().run()
    assert len(charts_of(at)) == 2


def test_publish_has_quarters_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_POLICY", "publish")
    at = open_page("variation", variation_tab="Over time")
    at.session_state["period"] = "month"
    at.run()
    assert not at.exception
    assert charts_of(at)


def test_every_role_sees_variation() -> None:
    assert all(access.may_see(person("somebody", role), "variation") for role in access.Role)


def test_methods_lists_every_indicator() -> None:
    at = open_page("methods", methods_tab="Indicators and questions")
    for key in [key for key in at._session_state._state.filtered_state if str(key).startswith("open_theme_")]:
        at.session_state[key] = True
    text = said(at.run())
    assert not at.exception
    for declared in INDICATORS:
        assert declared.title.replace("~", "\\~") in text
    assert "pooled" in text
