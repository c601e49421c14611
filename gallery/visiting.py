"""One window of a browser: goes to a page, finds its tabs, waits until all is drawn, and takes a picture of the whole page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Locator, Page, ViewportSize, sync_playwright

from benchmarks.browsing import ARGUMENTS, BUSY, CHROMIUM, WATCH
from benchmarks.entering import admitted
from gallery.clinics import EMPTY, served
from gallery.views import LOOKS, MOSTLY, WELCOME, Look, Place, Problems, View, menu, title

PATIENCE = 30_000  # ms until a page stands
TALLEST = 7_000  # px of a picture
TABS = '[data-testid="stMain"] [role="tab"]:visible'
CLOSED = (
    '[data-testid="stMain"] [class*="st-key-behind_"] details:not([open]):not(details details) > summary:visible'  # not the drawers inside
)
OPENED = "opened"  # what a page or tab is called once everything on it that waits for a click is open
TITLE = '[data-testid="stMain"] h1'
CHECKS = Path(__file__).with_name("problems.js").read_text(encoding="utf-8")
PROBED = "_stcore/"  # what Streamlit looks for below the address of a page, and does not find; harmless
# As the back button does it: Streamlit shows what the address says without loading everything again.
GO = "to => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')) }"
# The script has ended, every chart is drawn (also one far from the screen), nothing moves, and nothing has changed for a moment.
STANDS = """busy => {
  dispatchEvent(new Event('beforeprint'))
  return document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
    && ![...document.querySelectorAll(busy)].some(part => part.checkVisibility())
    && [...document.querySelectorAll('.chart')].every(chart => chart.querySelector('.main-svg'))
    && document.getAnimations().every(animation => animation.playState !== 'running')
    && performance.now() - window.last > 250
}"""
TO_TOP = "document.querySelector('[data-testid=stMain]')?.scrollTo(0, 0)"
HEIGHT = "() => document.querySelector('[data-testid=stMain]')?.scrollHeight ?? document.body.scrollHeight"


@dataclass
class Window:
    """A page of a browser in one look; `errors` are those since they were last asked for."""

    page: Page
    look: Look
    address: str
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.add_init_script(f"({WATCH})()")
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console", lambda said: self.errors.append(said.text) if said.type == "error" and PROBED not in said.location["url"] else None
        )

    def go(self, page: str, query: str = "") -> None:
        """Open a page, and wait for its title: until then the page before it stands and looks settled."""
        self.page.set_viewport_size(ViewportSize(width=self.look.width, height=self.look.height))
        if self.page.url == "about:blank":
            self.page.goto(f"{self.address}/{'' if page == WELCOME else page}{query}")
        else:
            self.page.evaluate(GO, f"/{page}{query}")
        self._await(self.page.locator(TITLE, has_text=title(page)).first.wait_for)
        self.settle()

    def settle(self) -> None:
        """Wait until the page stands; one that never does is photographed as it is."""
        self._await(lambda: self.page.wait_for_function(STANDS, arg=BUSY))

    def _await(self, wait: Callable[[], object]) -> None:
        try:
            wait()
        except Error:
            self.errors.append(f"the page does not come to rest within {PATIENCE // 1000} s")

    def places(self, page: str) -> Iterator[Place]:
        """Every tab of the page that is open, each opened by a click, or the page itself where there are none; then with all of it opened."""
        labels = [" ".join(label.split()) for label in self.page.locator(TABS).all_inner_texts()] or [""]
        for number, label in enumerate(labels):
            if number:
                self.choose_tab(number)
            yield Place(page, label, self._where())
            if self._open_all():
                yield Place(page, f"{label}, {OPENED}" if label else OPENED, self._where())

    def choose_tab(self, number: int) -> None:
        """Open a tab of the page by a click."""
        self._choose(self.page.locator(TABS).nth(number))

    def _open_all(self) -> bool:
        """Open what waits for a click; False where nothing does."""
        found = False
        while self.page.locator(CLOSED).count() and not self.errors:
            self._choose(self.page.locator(CLOSED).first)
            found = True
        return found

    def _choose(self, part: Locator) -> None:
        self.page.set_viewport_size(ViewportSize(width=self.look.width, height=self.look.height))
        part.click()
        self.page.mouse.move(0, 0)  # nothing is hovered any more
        time.sleep(0.1)  # the server learns of the click
        self.settle()

    def _where(self) -> str:
        address = urlsplit(self.page.url)
        return address.path + (f"?{address.query}" if address.query else "")

    def photograph(self, clinic: str, place: Place) -> View:
        """A picture of the whole page, in a window as tall as it is, and what is wrong with it."""
        for _ in range(2):  # a taller window may make a page taller
            tall = min(max(int(self.page.evaluate(HEIGHT)), self.look.height), TALLEST)
            self.page.set_viewport_size(ViewportSize(width=self.look.width, height=tall))
            self.settle()
        self.page.evaluate(TO_TOP)  # a click further down has scrolled
        found = self.page.evaluate(CHECKS, MOSTLY)
        view = View(clinic, place, self.look, Problems(errors=tuple(self.errors), **found))
        self.errors.clear()
        view.picture.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=view.picture)
        return view


@contextmanager
def windows(address: str, looks: Sequence[Look] = LOOKS) -> Iterator[list[Window]]:
    """A browser with a window for every look; nothing glides in them."""
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(args=ARGUMENTS, executable_path=CHROMIUM if CHROMIUM.exists() else None)
        yield [_window(chromium, look, address) for look in looks]
        chromium.close()


def _window(chromium: Browser, look: Look, address: str) -> Window:
    size = ViewportSize(width=look.width, height=look.height)
    context = chromium.new_context(viewport=size, color_scheme="dark" if look.mode == "dark" else "light", reduced_motion="reduce")
    return Window(admitted(context, address).new_page(), look, address)


def visited(clinic: str, only: str | None, tell: Callable[[View], None]) -> list[View]:
    """Every page and tab of a clinic in every look, or those of one page."""
    views = []
    with served(clinic) as address, windows(address) as opened:
        for page in [WELCOME] if clinic == EMPTY else [only] if only else menu():
            for window in opened:
                window.go(page)
                for place in window.places(page):
                    views.append(window.photograph(clinic, place))
                    tell(views[-1])
    return views
