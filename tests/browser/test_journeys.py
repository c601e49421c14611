"""Journeys through the real thing: open a link, narrow, follow a pathway, take numbers away, see it in the dark."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.figures.theme import LOOKS
from tests.browser.steps import OF_THE_FRAMEWORK, OpenPage, settle, violations, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LINK = Cohort(diagnosis=("spinal_stenosis",), sex=("female",), age_band=("40-64", "65-90"), site=("S01",))
# Two moves, of which Plotly looks up the second one 50 ms later; a press at once and a release just after that.
PRESSED_IN_FLIGHT = """(area, [x, y]) => new Promise(done => {
  const send = (kind, on = area) => on.dispatchEvent(new MouseEvent(kind, { clientX: x, clientY: y, bubbles: true, composed: true, cancelable: true }))
  send('mousemove')
  send('mousemove')
  send('mousedown')
  setTimeout(() => done(send('mouseup', document)), 65)
})"""


def sentence(page: Page) -> str:
    return page.locator(".st-key-cohort_sentence").get_by_test_id("stMarkdown").inner_text()


def test_shared_link_shows_the_same(server: str, new_page: OpenPage, sample_clinic: Clinic) -> None:
    page = new_page()
    visit(page, f"{server}/outcomes?{LINK.url()}")
    n = analyses.answer(sample_clinic, "attrition", LINK).n
    assert sentence(page).startswith(LINK.sentence())
    assert f"{n:,} patients" in sentence(page)
    page.reload()
    expect(page.locator(".st-key-cohort_sentence")).to_contain_text(f"{n:,} patients")
    settle(page)


def test_narrowing_by_clicking(server: str, kept_page: OpenPage, sample_clinic: Clinic) -> None:
    page = kept_page()
    visit(page, f"{server}/diagnoses")
    chart = page.locator(".st-key-card_diagnosis_mix_mix")
    bar = chart.locator(".barlayer .point path").last
    box = bar.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 2
    page.mouse.move(x - 6, y)
    page.mouse.move(x, y)
    expect(chart.locator(".hovertext")).to_be_visible()  # a click on what does not hover is none
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(re.compile("diagnosis=herniated_disc"))
    n = analyses.answer(sample_clinic, "attrition", Cohort(diagnosis=("herniated_disc",))).n
    expect(page.locator(".st-key-cohort_sentence")).to_contain_text(f"{n:,} patients")
    page.get_by_test_id("stTopNavLink").filter(has_text="Outcomes").click()
    page.wait_for_url(re.compile("outcomes.*diagnosis=herniated_disc"))
    expect(page.locator(".st-key-cohort_sentence")).to_contain_text(f"{n:,} patients")
    settle(page)
    page.go_back()
    page.wait_for_url(re.compile("diagnoses.*diagnosis=herniated_disc"))
    expect(page.locator(".st-key-cohort_sentence")).to_contain_text(f"{n:,} patients")


def test_a_click_while_the_mouse_still_moves(server: str, kept_page: OpenPage) -> None:
    """Plotly alone does not tell of it: what lies under the mouse is looked up 50 ms after it moved, and forgotten if that is between press and release."""
    page = kept_page()
    visit(page, f"{server}/diagnoses")
    chart = page.locator(".st-key-card_diagnosis_mix_mix")
    box = chart.locator(".barlayer .point path").last.bounding_box()
    assert box is not None
    chart.locator(".nsewdrag").evaluate(PRESSED_IN_FLIGHT, [box["x"] + box["width"] / 3, box["y"] + box["height"] / 2])
    page.wait_for_url(re.compile("diagnosis=herniated_disc"))


def test_following_one_pathway(server: str, kept_page: OpenPage) -> None:
    page = kept_page()
    visit(page, f"{server}/pathways")
    page.get_by_text("Table of all pathways").click()
    rows = page.locator(".st-key-card_pathway_table .rows")
    first = rows.locator("tbody button").first
    name = first.inner_text()
    rows.get_by_role("button", name="Worse").click()
    expect(rows.locator("th[aria-sort]")).to_have_text("Worse")
    rows.get_by_role("button", name=name, exact=True).first.focus()
    page.keyboard.press("Enter")  # a row is chosen without a mouse, too
    page.wait_for_url(re.compile("pathway="))
    expect(page.get_by_text("How did this pathway end?")).to_be_visible()
    settle(page)
    chosen = rows.get_by_role("button", pressed=True)
    expect(chosen.first).to_have_text(name)
    chosen.first.click()
    expect(page.get_by_text("How did this pathway end?")).to_have_count(0)
    assert "pathway=" not in page.url
    settle(page)


def test_downloaded_numbers_are_the_shown(server: str, kept_page: OpenPage, sample_clinic: Clinic, tmp_path: Path) -> None:
    page = kept_page()
    visit(page, f"{server}/diagnoses?{LINK.url()}")
    card = page.locator(".st-key-card_diagnosis_mix_mix")
    card.get_by_text("Numbers, picture and link").click()
    button = card.get_by_role("button", name="Download CSV")
    expect(button).to_be_visible()
    settle(page)
    with page.expect_download() as given:
        button.click()
    saved = tmp_path / given.value.suggested_filename
    given.value.save_as(saved)
    with saved.open(newline="", encoding="utf-8") as handle:
        lines = list(handle)
    read = list(csv.DictReader(line for line in lines if not line.startswith("# ")))
    assert "# Use: For use inside the clinic. Made by someone at this computer" in lines[1]
    asked = analyses.answer(sample_clinic, "diagnosis_mix", LINK).tables["diagnoses"]
    assert [(row["diagnosis"], row["n"]) for row in read] == [
        (row["diagnosis"], "" if row["n"] is None else str(row["n"])) for row in asked
    ]


def drawer(page: Page) -> Locator:
    """The open drawer of the first card of Diagnoses."""
    card = page.locator(".st-key-card_diagnosis_mix_mix")
    card.get_by_text("Numbers, picture and link").click()
    expect(card.get_by_role("button", name="Download CSV")).to_be_visible()
    settle(page)
    return card


def test_picture_to_share_is_stamped_and_rounded(server: str, new_page: OpenPage, sample_clinic: Clinic, tmp_path: Path) -> None:
    page = new_page()
    visit(page, f"{server}/diagnoses?sex=female")
    card = drawer(page)
    card.get_by_text("To share", exact=True).click()
    expect(card).to_contain_text("Safe to share")
    settle(page)
    with page.expect_download() as given:
        card.get_by_role("button", name="Picture as SVG").click()
    assert given.value.suggested_filename == "diagnosis_mix_mix-female-to_share.svg"
    given.value.save_as(tmp_path / "picture.svg")
    told = " ".join(re.sub("<[^>]+>", " ", (tmp_path / "picture.svg").read_text(encoding="utf-8")).split())
    n = analyses.answer(sample_clinic.under("publish"), "diagnosis_mix", Cohort(sex=("female",))).tables["diagnoses"][0]["n"]
    for part in ("Which diagnoses do our patients have?", "Women; about", "Safe to share: counts rounded to 5", f"n = {n}"):
        assert part in told
    expect(page.locator(".modebar-btn")).to_have_count(0)  # nothing is saved without a stamp
    with page.expect_download() as given:
        card.get_by_role("button", name="Picture as PNG").click()
    assert given.value.suggested_filename == "diagnosis_mix_mix-female-to_share.png"
    assert given.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_picture_fits_into_its_drawer_on_a_telephone(server: str, new_page: OpenPage) -> None:
    page = new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, f"{server}/diagnoses?sex=female")
    card = drawer(page)
    picture, box = card.locator(".take img").bounding_box(), card.bounding_box()
    assert picture
    assert box
    assert box["x"] <= picture["x"]
    assert picture["x"] + picture["width"] <= box["x"] + box["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shown = card.locator("[data-testid=stCode] button")
    assert [button.is_visible() for button in shown.all()] == [True, True], "nothing needs a hover"


@pytest.mark.parametrize(("query", "stamp"), [("", "For use inside the clinic. Made by"), ("?policy=publish", "Safe to share")])
def test_printed_page_is_stamped(server: str, new_page: OpenPage, query: str, stamp: str) -> None:
    page = new_page()  # as after a click on a link in a message: the first page of the session is printed
    visit(page, f"{server}/diagnoses{query}")
    printed = page.locator("#printed")
    expect(printed).to_be_hidden()
    page.emulate_media(media="print")
    expect(printed).to_be_visible()
    expect(printed).to_contain_text(stamp)
    assert printed.evaluate("e => getComputedStyle(e).position") == "fixed"  # which a browser repeats on every sheet
    page.emulate_media(media="null")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_paper_is_white(server: str, new_page: OpenPage, *, dark: bool) -> None:
    page = new_page(dark=dark)
    visit(page, f"{server}/pathways")
    expect(page.locator("html")).to_have_attribute("data-look", "dark" if dark else "light")
    page.emulate_media(media="print", color_scheme="dark" if dark else "light")
    turned, ground = page.evaluate("""() => [getComputedStyle(document.documentElement).filter,
      getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor]""")
    assert (turned != "none", ground) == ((True, "rgb(0, 0, 0)") if dark else (False, "rgb(255, 255, 255)"))
    page.emulate_media(media="null")


CHARTED = ["?indicator=median_wait", "outcomes", "compare_treatments?sure=true"]  # a chart in a row, many, and some behind a click
# The charts that reach into the screen and are not drawn.
BLANK = """page => {
    const inside = chart => { const box = chart.getBoundingClientRect(); return box.top < innerHeight && box.bottom > 0 }
    const charts = [...page.querySelectorAll('.chart')].filter(inside)
    return charts.filter(chart => !chart.querySelector('.main-svg')).map(chart => chart.getAttribute('aria-label'))
}"""
# A third of a screen down; whether that is the end of the page.
ON = "page => { page.scrollBy(0, innerHeight / 3); return page.scrollTop + page.clientHeight >= page.scrollHeight - 1 }"


@pytest.mark.parametrize("name", CHARTED)
def test_every_chart_is_drawn_for_whoever_scrolls_down(server: str, new_page: OpenPage, name: str) -> None:
    page = new_page()
    page.goto(f"{server}/{name}")
    page.locator(".chart").first.wait_for(state="attached")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    main, ended = page.get_by_test_id("stMain"), False
    while not ended:
        page.wait_for_function(f"() => !({BLANK})(document.querySelector('[data-testid=stMain]')).length")
        ended = main.evaluate(ON)
    page.wait_for_function(f"() => !({BLANK})(document.querySelector('[data-testid=stMain]')).length")


def test_a_chart_that_nobody_sees_is_drawn_for_print(server: str, new_page: OpenPage) -> None:
    page = new_page()
    page.goto(f"{server}/compare_treatments?sure=true")
    page.locator(".main-svg").first.wait_for()
    far = page.locator(".st-key-card_compare_treatments_sensitivity")
    expect(far.locator(".chart")).to_have_attribute("aria-label", re.compile("."))
    expect(far.locator(".main-svg")).to_have_count(0)
    page.pdf()
    expect(far.locator(".main-svg")).not_to_have_count(0)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_row_of_the_overview_that_is_open_is_accessible(server: str, kept_page: OpenPage, *, dark: bool) -> None:
    """Every page and tab, and what opens on them, is asked in test_screens."""
    page = kept_page(dark=dark)
    visit(page, f"{server}/?indicator=median_wait")
    if dark:
        check_dark(page)
    assert not violations(page, *OF_THE_FRAMEWORK)


def check_dark(page: Page) -> None:
    """The page and what is drawn on it."""
    assert page.get_by_test_id("stApp").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(15, 23, 30)"
    drawn: Any = page.locator(".js-plotly-plot").first.evaluate("g => g.layout.font.color")
    assert drawn == "#e6ebf0"


def test_headers_keep_everything_ours(server: str, new_page: OpenPage) -> None:
    page = new_page()
    answer = page.goto(server, wait_until="commit")
    assert answer is not None
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "unsafe-eval" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    home = page.request.get(f"{server}/overview?sex=female", max_redirects=0)
    assert home.headers["location"] == "/?sex=female"
    assert page.request.get(f"{server}/_stcore/metrics").status == 404


def test_an_open_page_follows_the_mode(server: str, kept_page: OpenPage) -> None:
    """Who changes between light and dark with a page open sees its charts and its banner in the colours of the new mode."""
    page = kept_page()
    for name in ("data", "diagnoses"):
        visit(page, f"{server}/{name}")
        follows(page)


def follows(page: Page) -> None:
    """Charts, banner and tables."""
    drawn = "colour => dispatchEvent(new Event('beforeprint')) && [...document.querySelectorAll('.js-plotly-plot')].every(chart => chart.layout.font.color === colour)"
    for mode in ("dark", "light"):
        page.emulate_media(color_scheme=mode, reduced_motion="reduce")
        page.wait_for_function(drawn, arg=LOOKS[mode].text)
        expect(page.get_by_role("note").locator("strong")).to_have_attribute("style", f"color:{LOOKS[mode].text}")
        settle(page)


# The left edges of the panels of a chart, rounded: one for each that stands beside another.
LEFT_EDGES = """() => [...new Set([...document.querySelectorAll('.st-key-card_score_over_time_trajectory .bglayer .bg')]
    .map(panel => Math.round(panel.getBoundingClientRect().left / 8)))].length"""


def test_panels_stand_below_each_other_where_there_is_no_room(server: str, new_page: OpenPage) -> None:
    """Six diagnoses: one below the other on a telephone, beside each other as soon as the window is wide again."""
    page = new_page()
    page.set_viewport_size({"width": 390, "height": 2600})
    page.goto(f"{server}/outcomes?outcome_by=diagnosis")
    page.wait_for_function(f"() => ({LEFT_EDGES})() === 1")
    page.set_viewport_size({"width": 1440, "height": 1400})
    page.wait_for_function(f"() => ({LEFT_EDGES})() >= 3")
    card = page.locator(".st-key-card_score_over_time_trajectory")
    drawn, box = card.locator(".main-svg").first.bounding_box(), card.bounding_box()
    assert drawn
    assert box
    assert drawn["y"] + drawn["height"] <= box["y"] + box["height"]
