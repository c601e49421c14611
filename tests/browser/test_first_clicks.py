"""Whoever clicks before a page stands keeps what the link asked for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.entering import admitted
from tests.browser.steps import OpenPage, settle

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LINK = "diagnosis=spinal_stenosis&sex=female"
# Clicks on the first thing of this name in the instant in which it is there.
AT_ONCE = """([where, name]) => { const watch = setInterval(() => {
    const found = [...document.querySelectorAll(where)].find(one => one.innerText.trim().endsWith(name))
    if (found) { clearInterval(watch); window.clickedAtOnce = true; found.click() }
}, 2) }"""
PILL, MENU = "[data-testid=stSidebar] [data-testid=stButtonGroup] button", "[data-testid=stTopNavLink]"


def opened_and_clicked(page: Page, address: str, where: str, name: str) -> Page:
    page.add_init_script(f"({AT_ONCE})({[where, name]!r})")
    page.goto(address)
    page.wait_for_function("() => window.clickedAtOnce")
    return page


def cohort(page: Page) -> str:
    settle(page)
    return page.locator(".st-key-cohort_sentence").get_by_test_id("stMarkdown").inner_text()


@pytest.mark.parametrize("turn", range(3))
def test_a_menu_click_before_the_page_stands_keeps_the_link(server: str, new_page: OpenPage, turn: int) -> None:
    """The address is what is lost first; with the next filter the browser would lose the cohort, too."""
    del turn  # the instant is another each time
    page = opened_and_clicked(new_page(), f"{server}/diagnoses?{LINK}", MENU, "Outcomes")
    expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_have_text("Outcomes")
    expect(page).to_have_url(f"{server}/outcomes?{LINK}")
    page.locator(PILL).get_by_text("Men", exact=True).click()
    expect(page).to_have_url(f"{server}/outcomes?{LINK}&sex=male")
    assert cohort(page).startswith("Women and men with spinal stenosis")


def test_a_filter_set_while_the_sidebar_loads_keeps_the_link(server: str, new_page: OpenPage) -> None:
    """The inputs of the address come late; the first click is answered before they are there, and the second one tells what they hold."""
    page = new_page()
    page.route("**/Multiselect.*.js", lambda route: (page.wait_for_timeout(4_000), route.continue_())[1])
    opened_and_clicked(page, f"{server}/diagnoses?{LINK}", PILL, "Men")
    expect(page).to_have_url(f"{server}/diagnoses?{LINK}&sex=male")
    expect(page.locator("[data-testid=stSidebar] [data-testid=stMultiSelect] [data-tag]").first).to_be_visible()
    settle(page)
    page.locator(PILL).get_by_text("Women", exact=True).click()
    expect(page).to_have_url(f"{server}/diagnoses?diagnosis=spinal_stenosis&sex=male")
    assert cohort(page).startswith("Men with spinal stenosis")


def test_a_filter_that_a_link_names_twice_is_read_as_its_first(server: str, new_page: OpenPage) -> None:
    page = new_page()
    page.goto(f"{server}/diagnoses?age_from=40&age_from=50")
    expect(page.get_by_text("Age from was given more than once; 40 is used.")).to_be_visible()
    assert cohort(page).startswith("Patients aged 40 or over")


def test_on_a_phone_a_chosen_page_is_seen(server: str, chromium: Browser) -> None:
    """The sidebar holds the menu there and lies over the page: who has chosen a page wants to see it."""
    with chromium.new_context(viewport={"width": 390, "height": 844}) as window:  # of its own, because it remembers the sidebar
        page = admitted(window, server).new_page()
        page.goto(server)
        sidebar = page.get_by_test_id("stSidebar")
        expect(sidebar).to_have_attribute("data-collapsed", "true")
        page.get_by_test_id("stExpandSidebarButton").click()
        expect(sidebar).to_have_attribute("data-collapsed", "false")
        page.get_by_test_id("stSidebarNavLink").get_by_text("Outcomes").click()
        expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_have_text("Outcomes")
        expect(sidebar).to_have_attribute("data-collapsed", "true")


def test_a_page_without_filters_has_no_empty_sidebar(server: str, new_page: OpenPage) -> None:
    """Streamlit leaves the sidebar of the page before standing there until the next run."""
    page = new_page()
    page.goto(f"{server}/outcomes")
    settle(page)
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    for name, is_beside in (("Data", False), ("Export", True), ("Methods", False)):
        page.locator(MENU).get_by_text(name, exact=True).click()
        expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_have_text(name)
        expect(page.get_by_test_id("stSidebar")).to_be_visible(visible=is_beside)
