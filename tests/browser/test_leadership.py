"""Leadership's way through the real thing: a target that is missed, its chart, the funnels, and the report on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.indicators import indicator
from tests.browser.steps import OF_THE_FRAMEWORK, OpenPage, settle, violations, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MOST_PAGES = 14  # of A4; a report nobody can carry is not read


@pytest.fixture
def report(server: str, new_page: OpenPage, tmp_path: Path) -> Path:
    """The report as the button of the overview saves it."""
    page = new_page()
    visit(page, server)
    page.get_by_text("Report for print").click()
    page.locator(".st-key-take_report").get_by_text("To share").click()
    expect(page.get_by_text("Safe to share").first).to_be_visible()
    settle(page)
    with page.expect_download() as given:
        page.get_by_role("button", name="Download the report").click()
    saved = tmp_path / given.value.suggested_filename
    given.value.save_as(saved)
    return saved


@pytest.fixture
def paper(chromium: Browser, report: Path, photograph: Callable[[Page], None]) -> Iterator[Page]:
    """The report opened from the disk; it may ask nobody for anything."""
    context = chromium.new_context(viewport={"width": 900, "height": 1200})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    yield page
    photograph(page)
    context.close()
    assert not [url for url in asked if not url.startswith(("file:", "data:"))]


def test_from_a_tile_to_its_chart(server: str, new_page: OpenPage, sample_clinic: Clinic) -> None:
    page = new_page()
    visit(page, f"{server}/?indicator=follow_up_completeness_12_months")
    card = page.locator(".st-key-card_control_chart")
    expect(card.get_by_role("heading")).to_have_text(indicator("follow_up_completeness_12_months").question)
    answer = analyses.answer(sample_clinic, "control_chart", indicator="follow_up_completeness_12_months")
    expect(card).to_contain_text(answer.tables["summary"][0]["sentence"])
    drawn = card.locator(".js-plotly-plot").evaluate(
        "g => g._fullData.filter(t => t.mode === 'markers').map(t => t.y.length).reduce((a, b) => a + b, 0)"
    )
    assert drawn == sum(row["value"] is not None for row in answer.tables["points"])


def test_theme_and_funnel_live_in_the_address(server: str, new_page: OpenPage) -> None:
    page = new_page()
    visit(page, f"{server}/variation?indicator=investigation_yield&variation_tab=Funnel&funnel_by=site")
    expect(page.get_by_role("heading", name="Do sites differ by more than chance?")).to_be_visible()
    expect(page.get_by_role("combobox", name="Theme")).to_have_value("Access and investigation")
    settle(page)
    names = page.locator(".st-key-card_funnel_crude .js-plotly-plot").evaluate("g => g.layout.annotations.map(a => a.text)")
    assert {"S01", "S02", "S03"} <= set(names)


@pytest.mark.parametrize(("tab", "dark"), [("Funnel", False), ("All indicators", True)])
def test_variation_is_accessible(server: str, kept_page: OpenPage, tab: str, dark: bool) -> None:  # noqa: FBT001
    page = kept_page(dark=dark)
    visit(page, f"{server}/variation?variation_tab={tab}")
    assert not violations(page, *OF_THE_FRAMEWORK)


def test_report_is_accessible_and_fits_on_paper(paper: Page, tmp_path: Path) -> None:
    expect(paper.get_by_role("heading", level=1)).to_have_text("Spine outcomes")
    expect(paper.get_by_role("img", name=re.compile("How many patients began an episode")).first).to_be_visible()
    assert not violations(paper)
    paper.emulate_media(media="print")
    printed = paper.pdf(prefer_css_page_size=True, print_background=True)
    (tmp_path / "report.pdf").write_bytes(printed)
    pages = len(re.findall(rb"/Type\s*/Page[^s]", printed))
    assert 3 <= pages <= MOST_PAGES
    wide = paper.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1]
