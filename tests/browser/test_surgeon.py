"""The surgeon's three questions in the real thing: each is answered in at most four clicks, in the words of the answer itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gallery.stopwatch import SURGEON, Question
from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.findings import early_and_late, injection_before_surgery, patients_like_mine, response
from tests.browser.steps import OF_THE_FRAMEWORK, OpenPage, settle, violations, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MOST = 4  # clicks
# Every click that the page hears of, whoever makes it.
COUNT = "window.clicks = 0; document.addEventListener('click', event => { window.clicks += event.isTrusted }, true)"
SAYS: dict[str, Callable[[Clinic], str]] = {
    "What happened to patients like this one?": lambda clinic: (
        patients_like_mine.alike(analyses.patients_like_mine(clinic, diagnosis="herniated_disc", age=50, pain=7)).answer
    ),
    "Does an injection before surgery help or delay?": lambda clinic: (
        injection_before_surgery.strip(analyses.injection_before_surgery(clinic)).answer
    ),
    "When do conservative patients stop improving?": lambda clinic: response.plateau(analyses.plateau(clinic)).answer,
    "Is this difference real?": lambda clinic: early_and_late.sentence(analyses.compare_treatments(clinic)),
}


def ask(page: Page, server: str, asked: Question) -> None:
    """From the overview, click by click."""
    visit(page, server)
    page.evaluate(COUNT)
    for role, name in asked.clicks:
        page.get_by_role(role, name=name, exact=True).first.click()
    expect(page.locator(asked.answer)).to_be_visible()
    settle(page)


@pytest.mark.parametrize("asked", SURGEON, ids=[asked.words for asked in SURGEON])
def test_a_question_is_answered_in_a_few_clicks(server: str, new_page: OpenPage, sample_clinic: Clinic, asked: Question) -> None:
    page = new_page()
    ask(page, server, asked)
    assert 1 <= page.evaluate("window.clicks") == len(asked.clicks) <= MOST
    expected = SAYS[asked.words](sample_clinic)
    assert len(expected) > 60
    expect(page.locator(asked.answer)).to_contain_text(expected)


def test_a_refusal_leads_to_the_nearest_comparison_with_one_click(server: str, new_page: OpenPage) -> None:
    page = new_page()
    visit(page, f"{server}/compare_treatments?a=spinal_fusion&b=physical_therapy&diagnosis=herniated_disc")
    expect(page.get_by_test_id("stMain")).to_contain_text("cannot be compared here")
    page.locator(".st-key-compare_instead button").click()
    settle(page)
    expect(page.get_by_test_id("stMain")).not_to_contain_text("cannot be compared here")
    expect(page.locator(".st-key-card_compare_treatments_course")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_how_sure_the_injection_question_is_can_be_read_by_everybody(server: str, kept_page: OpenPage, *, dark: bool) -> None:
    page = kept_page(dark=dark)
    visit(page, f"{server}/pathways?injection_sure=true")
    expect(page.locator(".st-key-card_injection_operated")).to_be_visible()
    assert not violations(page, *OF_THE_FRAMEWORK)
