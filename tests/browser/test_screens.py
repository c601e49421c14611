"""Every page and tab at every width, in light and dark, without a mouse: what is cut, what collides, what moves, what axe and the keyboard find.

A page that is added is tried by itself. Each is visited once a look, and all is measured in that visit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from gallery.views import LOOKS, MOSTLY, Look, Place, menu
from gallery.visiting import CHECKS, Window
from synapse_analytics.web.menu import WITHOUT_COHORT
from tests.browser.steps import OF_THE_FRAMEWORK, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DESK, DARK, TABLET, PHONE = (
    next(look for look in LOOKS if look[::2] == kind) for kind in ((1440, "light"), (1440, "dark"), (1024, "light"), (390, "light"))
)
MOST_SHIFT = 0.1  # from here on a page "needs improvement": web.dev/articles/cls
MOST_TABS = 5
MORE_CHECKS = Path(__file__).with_name("screens.js").read_text(encoding="utf-8")
SEEN_TO_BE_WRONG = ("small", "beyond", "overlapping", "broken", "sideways")  # of the checks of the gallery: the others are about the data
# Everything that moves counts, also what a click moves: an answer that comes at once is no excuse for what jumps.
SHIFTS = """window.moved = []; new PerformanceObserver(list => { for (const shift of list.getEntries()) window.moved.push([shift.value,
    shift.sources.slice(0, 3).map(({node, previousRect: was, currentRect: is}) => [node?.className, was.left, was.top, is.left, is.top])]) })
    .observe({type: 'layout-shift', buffered: true})"""
FOCUSED = """() => { const at = document.activeElement, { left, top, right, bottom } = at.getBoundingClientRect(), main = document.querySelector('[data-testid=stMain]')
    return { skip: at.dataset.testid === 'stSkipToContent', page: main.contains(at) && at !== main,
      content: main.contains(at) && at !== main && at.tagName !== 'H1' && !at.closest('.st-key-head_line'),
      seen: at.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && right > 1 && bottom > 1 && left < innerWidth && top < innerHeight,
      marked: getComputedStyle(at).outlineStyle !== 'none' || getComputedStyle(at).boxShadow !== 'none', words: (at.ariaLabel || at.innerText || at.tagName).slice(0, 40) } }"""
TALL = "() => document.querySelector('[data-testid=stMain]').scrollHeight"
FILTER = '[data-testid="stSidebar"] [data-testid="stButtonGroup"] button'


@pytest.fixture(scope="session")
def screens(chromium: Browser) -> Iterator[dict[Look, BrowserContext]]:
    """A browser window for each look, opened when it is needed: what a page consists of is loaded once."""
    opened: dict[Look, BrowserContext] = {}
    yield opened
    for context in opened.values():
        context.close()


@contextmanager
def on_screen(chromium: Browser, screens: dict[Look, BrowserContext], look: Look, server: str) -> Iterator[Window]:
    """An empty page in a window of this look."""
    if look not in screens:
        screens[look] = chromium.new_context(
            viewport={"width": look.width, "height": look.height},
            color_scheme="dark" if look.mode == "dark" else "light",
            reduced_motion="reduce",
        )
    page = screens[look].new_page()
    page.add_init_script(SHIFTS)
    yield Window(page, look, server)
    page.close()


def looked_at(window: Window, place: Place) -> dict[str, Any]:
    """What is wrong with a tab that stands, by kind; empty where all is well."""
    height = min(max(int(window.page.evaluate(TALL)), window.look.height), 7_000)
    window.page.set_viewport_size({"width": window.look.width, "height": height})
    window.settle()
    found: dict[str, Any] = {kind: window.page.evaluate(CHECKS, MOSTLY)[kind] for kind in SEEN_TO_BE_WRONG}
    found |= window.page.evaluate(MORE_CHECKS) | {"errors": list(window.errors)}
    if window.look != TABLET:
        found |= violations(window.page, *OF_THE_FRAMEWORK)
    window.errors.clear()
    return {f"{place.title}: {kind}": what for kind, what in found.items() if what}


def moved(page: Page) -> float:
    """How far parts have moved since this was last asked."""
    shifts: list[list[Any]] = page.evaluate("window.moved.splice(0)")
    return sum(shift[0] for shift in shifts)


def first_control(page: Page) -> int:
    """How often Tab is pressed until a control of the page has the focus, with the skip link; everything on the way can be seen."""
    page.keyboard.press("Tab")
    skip = page.evaluate(FOCUSED)
    assert skip["skip"]
    assert skip["seen"]
    assert skip["marked"]
    page.keyboard.press("Enter")
    for pressed in range(2, MOST_TABS + 2):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        assert focused["page"], focused
        assert focused["seen"], focused
        if focused["content"]:
            return pressed
    return MOST_TABS + 1


@pytest.mark.parametrize("look", [DESK, DARK, TABLET, PHONE], ids=lambda look: look.name)
@pytest.mark.parametrize("name", menu())
def test_every_page_fits_every_screen(chromium: Browser, screens: dict[Look, BrowserContext], server: str, name: str, look: Look) -> None:
    with on_screen(chromium, screens, look, server) as window:
        window.go(name)
        assert moved(window.page) < MOST_SHIFT
        if look in (DESK, PHONE):
            assert first_control(window.page) <= MOST_TABS
        if look == DESK and name not in WITHOUT_COHORT:
            window.page.locator(FILTER, has_text="Women").click()
            window.settle()
            assert moved(window.page) < MOST_SHIFT
        found: dict[str, Any] = {}
        for place in window.places(name):
            found |= looked_at(window, place)
        assert not found
