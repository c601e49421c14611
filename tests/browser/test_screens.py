"""Every page and tab at every width, in light and dark, without a mouse: what is cut, what collides, what moves, what axe and the keyboard find.

A page that is added is tried by itself. Each is visited once a look, and all is measured in that visit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from benchmarks.entering import admitted
from gallery.views import LOOKS, MOSTLY, Look, Place, menu
from gallery.visiting import CHECKS, CLOSED, Window
from synapse_analytics.web.menu import WITHOUT_COHORT
from tests.browser.steps import OF_THE_FRAMEWORK

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DESK, TABLET, PHONE = (next(look for look in LOOKS if look[::2] == kind) for kind in ((1440, "light"), (1024, "dark"), (390, "light")))
FRESH = (DESK, PHONE)  # in these each page is loaded anew, as from a link; in the others one goes on to it
MOST_SHIFT = 0.1  # from here on a page "needs improvement": web.dev/articles/cls
MOST_TABS = 5
MORE_CHECKS = Path(__file__).with_name("screens.js").read_text(encoding="utf-8")
SEEN_TO_BE_WRONG = ("small", "beyond", "overlapping", "broken", "sideways")  # of the checks of the gallery: the others are about the data
OPENED = ("region", "landmark-unique")  # Streamlit puts a popover beside the landmarks; the drawers of two cards may hold one table
OVERLAYS = "#stFloatingOverlayPortal"  # where Streamlit puts calendars that are open; it stands beside the landmarks
REPEATED = ".rows tbody tr:nth-child(n + 4)"  # rows as those above them; axe would look at hundreds of numbers
# Everything that moves counts, also what a click moves: an answer that comes at once is no excuse for what jumps.
SHIFTS = """window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(shift => { window.moved += shift.value }))
    .observe({type: 'layout-shift', buffered: true})"""
MOVED = "() => { const moved = window.moved; window.moved = 0; return moved }"
FOCUSED = """() => {
    const at = document.activeElement, main = document.querySelector('[data-testid=stMain]'), { left, top, right, bottom } = at.getBoundingClientRect()
    const style = getComputedStyle(at), isIn = main.contains(at) && at !== main
    return {
      skips: at.dataset.testid === 'stSkipToContent', isIn, isContent: isIn && !at.closest('.st-key-head_line'),
      isSeen: at.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && right > 1 && bottom > 1 && left < innerWidth && top < innerHeight,
      isMarked: style.outlineStyle !== 'none' || style.boxShadow !== 'none', words: (at.ariaLabel || at.innerText || at.tagName).slice(0, 40),
    } }"""
TALL = "() => document.querySelector('[data-testid=stMain]').scrollHeight"
MAIN, SIDEBAR, POPOVER = (f"[data-testid={part}]" for part in ("stMain", "stSidebar", "stPopoverBody"))
FILTER = '[data-testid="stSidebar"] [data-testid="stButtonGroup"] button'


@pytest.fixture(scope="session")
def contexts(chromium: Browser) -> Iterator[dict[Look, BrowserContext]]:
    """What a page consists of is loaded once for each look."""
    opened: dict[Look, BrowserContext] = {}
    yield opened
    for context in opened.values():
        context.close()


@pytest.fixture(scope="session")
def kept_windows() -> dict[Look, Window]:
    """The window of each look in which tests go on from page to page."""
    return {}


@pytest.fixture
def window(
    chromium: Browser, contexts: dict[Look, BrowserContext], kept_windows: dict[Look, Window], server: str, request: pytest.FixtureRequest
) -> Window:
    """A window of the look of the test: an empty one, or one that shows a page."""
    look: Look = request.node.callspec.params["look"]
    if look not in contexts:
        size, mode = {"width": look.width, "height": look.height}, "dark" if look.mode == "dark" else "light"
        contexts[look] = admitted(chromium.new_context(viewport=size, color_scheme=mode, reduced_motion="reduce"), server)
    if look in FRESH or look not in kept_windows:
        if look in kept_windows:
            kept_windows.pop(look).page.close()
        page = contexts[look].new_page()
        page.add_init_script(SHIFTS)
        kept_windows[look] = Window(page, look, server)
    return kept_windows[look]


def violations(page: Page, look: Look, *also_allowed: str, within: str = "html") -> dict[str, list[str]]:
    """What axe finds in a part of the page, of what this look can make worse: in the dark contrasts, on a telephone all else."""
    rules: dict[str, Any] = {"runOnly": ["color-contrast"]} if look.mode == "dark" else {}
    allowed = (*OF_THE_FRAMEWORK, *also_allowed, *(["color-contrast"] if look == PHONE else []))
    rules |= {} if rules else {"rules": {rule: {"enabled": False} for rule in allowed}}
    found = (
        Axe()
        .run(page, context={"include": [[within]], "exclude": [[REPEATED], [OVERLAYS]]}, options={"resultTypes": ["violations"], **rules})
        .response["violations"]
    )
    return {rule["id"]: [node["html"][:160] for node in rule["nodes"]][:3] for rule in found}


def looked_at(window: Window, place: Place, parts: Iterator[str]) -> dict[str, Any]:
    """What is wrong with a tab that stands, by kind; empty where all is well. Axe looks at the next of the parts, and then at the page alone."""
    if window.look != PHONE:  # axe asks for the contrast only of what is on the screen
        height = min(max(int(window.page.evaluate(TALL)), window.look.height), 7_000)
        window.page.set_viewport_size({"width": window.look.width, "height": height})
        window.settle()
    seen = window.page.evaluate(CHECKS, MOSTLY)
    found = {kind: seen[kind] for kind in SEEN_TO_BE_WRONG} | window.page.evaluate(MORE_CHECKS) | {"errors": list(window.errors)}
    if not window.page.locator(CLOSED).count():  # what waits for a click is looked at once it is open
        found |= violations(window.page, window.look, within=next(parts, MAIN))
    window.errors.clear()
    return {f"{place.title}: {kind}": what for kind, what in found.items() if what}


def first_control(page: Page) -> int:
    """How often Tab is pressed until a control of the page has the focus, with the skip link; everything on the way can be seen."""
    page.keyboard.press("Tab")
    skip = page.evaluate(FOCUSED)
    assert (skip["skips"], skip["isSeen"], skip["isMarked"]) == (True, True, True)
    page.keyboard.press("Enter")
    for pressed in range(2, MOST_TABS + 2):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        assert (focused["isIn"], focused["isSeen"]) == (True, True), focused
        if focused["isContent"]:
            return pressed
    return MOST_TABS + 1


def moved_by(window: Window, sex: str) -> float:
    """How far a click on a filter moves what is shown."""
    window.page.locator(FILTER, has_text=re.compile(f"^{sex}$")).click()
    window.settle()
    return float(window.page.evaluate(MOVED))


@pytest.mark.parametrize("look", [DESK, TABLET, PHONE], ids=lambda look: look.name)
@pytest.mark.parametrize("name", menu())
def test_every_page_fits_every_screen(window: Window, name: str, look: Look) -> None:
    window.go(name)
    if look in FRESH:
        assert window.page.evaluate(MOVED) < MOST_SHIFT
        assert first_control(window.page) <= MOST_TABS
    if look == DESK and name not in WITHOUT_COHORT:
        assert any(
            moved_by(window, sex) < MOST_SHIFT for sex in ("Women", "Men")
        )  # what jumps does so at each click; a busy machine may be late once
    found: dict[str, Any] = {}
    whole = iter(["html"])  # what stands around the tabs is the same for all of them
    for place in window.places(name):
        found |= looked_at(window, place, whole)
    assert not found


def arrive(window: Window, address: str) -> None:
    """Open a link."""
    window.page.goto(f"{window.address}/{address}")
    window.page.get_by_test_id("stMain").get_by_role("heading", level=1).wait_for()
    window.settle()


def opened_parts(page: Page, look: Look) -> Iterator[tuple[str, str]]:
    """Everything on a page that opens at a click, each opened by the keyboard where it has the focus: its name, and where it stands."""
    main, sidebar = page.get_by_test_id("stMain"), page.get_by_test_id("stSidebar")
    if look == PHONE:
        page.get_by_test_id("stExpandSidebarButton").press("Enter")
        yield "the menu over the page", SIDEBAR
        page.get_by_test_id("stSidebarCollapseButton").locator("button").press("Enter")
        expect(sidebar).to_be_hidden()
    yield from _pressed(main.get_by_test_id("stPopoverButton"), POPOVER, escape=True)
    yield from _pressed(main.get_by_role("tab"), MAIN)
    yield from _pressed(main.get_by_test_id("stExpander").locator("summary"), f"{MAIN} details[open]")
    page.get_by_test_id("stMainMenuButton").press("Enter")
    yield "the menu of the page", "[data-testid=stMainMenu]"
    page.keyboard.press("Escape")
    if look != PHONE:
        yield from _pressed(sidebar.get_by_test_id("stPopoverButton"), POPOVER, escape=True)
        yield from _pressed(sidebar.get_by_test_id("stExpander").locator("summary"), SIDEBAR)


def _has_focus(button: Locator) -> None:
    """The focus of the page is on this button. Whether the window has that of the desktop is not asked: other windows are open beside it."""
    for _ in range(40):
        if button.evaluate("button => button === document.activeElement"):
            return
        button.page.wait_for_timeout(50)
    raise AssertionError(button)


def _pressed(buttons: Locator, shown: str, *, escape: bool = False) -> Iterator[tuple[str, str]]:
    buttons = buttons.filter(visible=True)  # one with a hint stands there twice
    for place in range(buttons.count()):
        button = buttons.nth(place)
        button.press("Enter")
        yield button.inner_text(), shown
        _has_focus(button)  # who opens something by the keyboard goes on from there
        if escape:
            button.page.keyboard.press("Escape")


@pytest.mark.parametrize("look", [DESK, TABLET, PHONE], ids=lambda look: look.name)
def test_what_opens_is_accessible(window: Window, look: Look) -> None:
    arrive(window, "diagnoses?sex=female")
    for name, shown in opened_parts(window.page, look):
        window.settle()
        expect(window.page.locator(shown).first, name).to_be_visible()
        assert not violations(window.page, look, *OPENED, within=shown), name


@pytest.mark.parametrize("look", [DESK])
def test_who_removes_a_filter_by_the_keyboard_stays_where_the_filters_are(window: Window, look: Look) -> None:
    """A button that is gone takes the focus with it: it goes to the next filter, and after the last one to what stands before them."""
    del look
    arrive(window, "diagnoses?sex=female&age_from=40&diagnosis=spinal_stenosis")
    row = window.page.locator(".st-key-cohort_row")
    for key in ("chip_diagnosis", "chip_age_from", "chip_sex"):
        row.locator(f".st-key-{key} button:visible").press("Enter")
        expect(row.locator(f".st-key-{key}")).to_have_count(0)
        expect(row.locator("button:focus")).to_have_count(1)
    window.settle()


@pytest.mark.parametrize("look", [DESK])
def test_no_chart_is_taller_than_a_printed_sheet(window: Window, look: Look) -> None:
    """It would meet the stamp at the foot of the sheet, and be cut between two."""
    del look
    arrive(window, "outcomes?outcome_by=clinician")
    charts = window.page.locator(".chart")
    heights = (
        "charts => charts.map(chart => [chart, chart.querySelector('.main-svg')].map(part => part.getBoundingClientRect().height)).flat()"
    )
    assert max(charts.evaluate_all(heights)) > 700
    window.page.emulate_media(media="print")
    assert max(charts.evaluate_all(heights)) < 650
    window.page.emulate_media(media="null")


@pytest.mark.parametrize("look", [PHONE], ids=lambda look: look.name)
def test_a_name_goes_back_beside_its_bar(window: Window, look: Look) -> None:
    """Turned on its side a telephone has room for names beside bars."""
    arrive(window, "pathways?pathways_tab=Stepped+care")
    expect(window.page.locator(".yaxislayer-above .ytick")).to_have_count(0)
    window.page.set_viewport_size({"width": 1000, "height": look.height})
    expect(window.page.locator(".yaxislayer-above .ytick").nth(3)).to_be_attached()
    window.settle()
    assert window.page.evaluate(MORE_CHECKS)["cut"] == []
