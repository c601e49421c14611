"""Leadership's way through the real thing: what needs attention and since when, its chart, the funnels, and the report on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.indicators import OVERVIEW, indicator
from tests.browser.steps import OF_THE_FRAMEWORK, OpenPage, settle, violations, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHEETS = 2  # of A4; a report nobody can carry is not read
# Whether all that matches stands on the screen: the parts of it that do, and how many there are.
ON_SCREEN = """part => { const every = [...document.querySelectorAll(part)]
  const inside = box => box.height > 0 && box.top >= 0 && box.bottom <= innerHeight
  return [every.filter(one => inside(one.getBoundingClientRect())).length, every.length] }"""


@pytest.fixture
def report(server: str, new_page: OpenPage, tmp_path: Path) -> Path:
    """The report as the button of the overview saves it."""
    page = new_page()
    visit(page, server)
    with page.expect_download() as given:
        page.get_by_role("button", name="Report to share").click()
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


def test_what_needs_attention_is_seen_without_a_click_and_its_chart_and_report_with_one_each(
    server: str, new_page: OpenPage, sample_clinic: Clinic
) -> None:
    """The steps of a leader at a desk: open; one click to a chart, in place; one click to the report on paper."""
    page = new_page()
    visit(page, server)
    sentences, rows = (page.evaluate(ON_SCREEN, f'[data-testid="stMain"] {part}') for part in (".sentences li", ".overview tr[data-code]"))
    assert sentences[0] == sentences[1] >= 2
    assert rows == [len(OVERVIEW), len(OVERVIEW)]  # the whole table, without scrolling
    name = "follow_up_completeness_12_months"
    page.locator(f'.overview tr[data-code="{name}"]').click()
    card = page.locator(".st-key-card_control_chart")
    expect(card.get_by_role("heading")).to_have_text(indicator(name).question)
    expect(card).to_contain_text(analyses.answer(sample_clinic, "control_chart", indicator=name).tables["summary"][0]["sentence"])
    expect(card.locator(".js-plotly-plot")).to_be_in_viewport(ratio=0.9)
    for _ in range(2):  # a second click works like the first
        with page.expect_download() as given:
            page.get_by_role("button", name="Report for use inside the clinic").click()
        assert given.value.suggested_filename == "spine-outcomes-report-everybody-inside.html"
        assert indicator(name).title in given.value.path().read_text(encoding="utf-8")


def test_a_row_opens_and_closes_by_keyboard_and_lives_in_the_address(server: str, new_page: OpenPage) -> None:
    page = new_page()
    visit(page, server)
    row = page.locator('.overview button[data-code="median_wait"]')
    row.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-card_control_chart")).to_be_visible()
    expect(page).to_have_url(re.compile("indicator=median_wait"))
    expect(row).to_have_attribute("aria-expanded", "true")
    settle(page)
    assert page.evaluate("document.activeElement.dataset.code") == "median_wait"
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-card_control_chart")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("indicator="))


def test_from_a_row_to_its_chart(server: str, new_page: OpenPage, sample_clinic: Clinic) -> None:
    page = new_page()
    visit(page, f"{server}/?indicator=follow_up_completeness_12_months")
    card = page.locator(".st-key-card_control_chart")
    expect(card.get_by_role("heading")).to_have_text(indicator("follow_up_completeness_12_months").question)
    answer = analyses.answer(sample_clinic, "control_chart", indicator="follow_up_completeness_12_months")
    drawn = card.locator(".js-plotly-plot").evaluate(
        "g => g._fullData.filter(t => t.mode === 'markers').map(t => t.y.length).reduce((a, b) => a + b, 0)"
    )
    assert drawn == sum(row["value"] is not None for row in answer.tables["points"])


def test_a_unit_outside_its_limits_leads_to_its_funnel(server: str, new_page: OpenPage) -> None:
    page = new_page()
    visit(page, f"{server}/?sex=female")
    page.get_by_role("link", name="See the funnel").click()
    expect(page.get_by_role("heading", name="Do clinicians differ by more than chance?")).to_be_visible()
    expect(page.locator(".st-key-cohort_sentence")).to_contain_text("Women")
    settle(page)
    assert {"sex=female", "funnel_by=clinician"} <= set(page.url.partition("?")[2].split("&"))


@pytest.mark.parametrize(("query", "dark"), [("", False), ("?indicator=median_wait", True)])
def test_overview_is_accessible(server: str, kept_page: OpenPage, query: str, dark: bool) -> None:
    page = kept_page(dark=dark)
    visit(page, f"{server}/{query}")
    assert not violations(page, *OF_THE_FRAMEWORK)


def test_theme_and_funnel_live_in_the_address(server: str, new_page: OpenPage) -> None:
    page = new_page()
    visit(page, f"{server}/variation?indicator=investigation_yield&variation_tab=Clinicians and sites&funnel_by=site")
    expect(page.get_by_role("heading", name="Do sites differ by more than chance?")).to_be_visible()
    expect(page.get_by_role("combobox", name="Theme")).to_have_value("Access and investigation")
    settle(page)
    names = page.locator(".st-key-card_funnel_crude .js-plotly-plot").evaluate("g => g.layout.annotations.map(a => a.text)")
    assert {"S01", "S02", "S03"} <= set(names)


def test_from_the_matrix_to_a_chart(server: str, new_page: OpenPage) -> None:
    page = new_page()
    visit(page, f"{server}/variation")
    name = indicator("investigation_yield")
    page.locator(".verdicts").get_by_role("button", name=name.title, exact=True).click()
    expect(page.locator(".st-key-card_control_chart").get_by_role("heading")).to_have_text(name.question)
    settle(page)
    expect(page.locator(".verdicts [aria-pressed=true]")).to_have_text(name.title)
    expect(page.locator(".st-key-card_control_chart").get_by_role("figure")).to_be_in_viewport()
    expect(page).to_have_url(re.compile("indicator=investigation_yield"))


@pytest.mark.parametrize(("tab", "dark"), [("Clinicians and sites", False), ("All indicators", True)])
def test_variation_is_accessible(server: str, kept_page: OpenPage, tab: str, dark: bool) -> None:
    page = kept_page(dark=dark)
    visit(page, f"{server}/variation?variation_tab={tab}")
    assert not violations(page, *OF_THE_FRAMEWORK)


def test_report_is_accessible_and_fits_on_paper(paper: Page, tmp_path: Path) -> None:
    expect(paper.get_by_role("heading", level=1)).to_contain_text("spine outcomes")
    expect(paper.get_by_role("img", name=re.compile("answered at 12 months")).first).to_be_visible()
    assert not violations(paper)
    paper.emulate_media(media="print")
    printed = paper.pdf(prefer_css_page_size=True, print_background=True)
    (tmp_path / "report.pdf").write_bytes(printed)
    pages = len(re.findall(rb"/Type\s*/Page[^s]", printed))
    assert pages == SHEETS
    wide = paper.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1]
