"""A browser to measure with: how long from a click until the last thing that it changes stands on the page."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Locator, Page, ViewportSize, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.clicked import WORK, Clicked, Frame
from benchmarks.entering import admitted
from benchmarks.serving import PATIENCE

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # of which a container has little
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = ViewportSize(width=1440, height=900)
TALL = ViewportSize(width=1440, height=2400)  # shows everything on a page of three charts
QUIET = 700  # ms without any change after which a page is taken to stand
BUSY = '[data-testid="stSpinner"], [data-testid="stStatusWidget"], [data-testid="stSkeleton"]'
BUSY += ', [data-test-script-state="running"], [data-test-script-state="rerunRequested"]'
LINKS = '[data-testid="stTopNavLink"]'  # to the other pages
PILLS = '[data-testid="stSidebar"] [data-testid="stButtonGroup"] button'
TOGGLED = ("Women", "Other sex", "Men", "Women", "Other sex", "Men")  # filters, one click each, six cohorts; afterwards none is set
# When each part of the page last changed, and how far parts were moved without anybody having clicked.
WATCH = """() => {
  window.last = performance.now(); window.changed = {}; window.shifted = 0
  new MutationObserver(records => {
    window.last = performance.now()
    for (const record of records) {
      const node = record.target.closest ? record.target : record.target.parentElement
      const part = node && node.closest('[data-testid^=st]')
      window.changed[part ? part.dataset.testid : 'page'] = window.last
    }
  }).observe(document, {subtree: true, childList: true, attributes: true, characterData: true})
  new PerformanceObserver(list => { for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifted += shift.value })
    .observe({type: 'layout-shift', buffered: true})
}"""
# A list may be gone before the button is up again, so that a click begins where the button goes down.
ON_CLICK = """document.addEventListener('pointerdown', () => { window.clicked = performance.now(); window.changed = {} },
  {capture: true, once: true})"""


@dataclass(frozen=True, slots=True)
class Marks:
    """By what a page is known, as CSS selectors: its filters, and what stands on it while it is at work."""

    filters: str
    busy: str


STREAMLIT = Marks(PILLS, BUSY)


@dataclass
class Opened:
    """A page that stands in the browser; `first` is how long that took, in ms."""

    page: Page
    devtools: CDPSession
    marks: Marks = STREAMLIT
    frames: list[Frame] = field(default_factory=list)
    first: float = 0

    def toggle(self, turn: int) -> Clicked:
        """Click on a filter, another one at each turn."""
        label = re.compile(rf"^\s*{re.escape(TOGGLED[turn % len(TOGGLED)])}\s*$")  # a mere "Men" would find Women
        return self.click(self.page.locator(self.marks.filters).filter(has_text=label).first)

    def click(self, target: Locator) -> Clicked:
        """Click, and wait until the page stands."""
        self.frames.clear()
        before = self._work()
        self.page.evaluate(ON_CLICK)
        target.click()
        time.sleep(0.1)
        last = self.stands()
        clicked, changed = self.page.evaluate("[window.clicked, window.changed]")
        after = self._work()
        work = {name: after[name] - before[name] for name in WORK}
        return Clicked(last - clicked, {part: at - clicked for part, at in changed.items()}, work, list(self.frames))

    def shifted(self) -> float:
        """How far parts have moved by themselves: the cumulative layout shift, as web.dev defines it but over the whole visit."""
        return float(self.page.evaluate("window.shifted"))

    def stands(self) -> float:
        """When the last change was made, in ms on the clock of the page."""
        end = time.time() + PATIENCE
        while time.time() < end:
            now, last = self.page.evaluate("[performance.now(), window.last]")
            if now - last > QUIET and self.page.locator(self.marks.busy).count() == 0:
                return float(last)
            time.sleep(0.05)
        raise TimeoutError(f"{self.page.url} does not come to rest")

    def _work(self) -> dict[str, float]:
        now = {metric["name"]: metric["value"] for metric in self.devtools.send("Performance.getMetrics")["metrics"]}
        return {name: now[key] * 1000 for name, key in WORK.items()}

    def _sent(self, event: Mapping[str, Any]) -> None:
        data, message = base64.b64decode(event["response"]["payloadData"]), BackMsg()
        message.ParseFromString(data)
        self.frames.append(Frame(event["timestamp"], len(data), asked=message))

    def _received(self, event: Mapping[str, Any]) -> None:
        data, message = base64.b64decode(event["response"]["payloadData"]), ForwardMsg()
        message.ParseFromString(data)
        self.frames.append(Frame(event["timestamp"], len(data), message))

    def listen(self) -> None:
        """Hear what goes over the websocket of Streamlit."""
        self.devtools.on("Network.webSocketFrameSent", self._sent)
        self.devtools.on("Network.webSocketFrameReceived", self._received)
        self.devtools.send("Network.enable")


@dataclass(frozen=True)
class Browser:
    """A browser in which pages of one address are opened."""

    context: BrowserContext
    address: str
    marks: Marks = STREAMLIT

    def open(self, path: str = "", *, listen: bool = False, size: ViewportSize = DESK, filters: bool = True) -> Opened:
        """Open a page and wait until it stands; a page without filters is known by the bar above it."""
        page = self.context.new_page()
        page.set_viewport_size(size)
        opened = Opened(page, self.context.new_cdp_session(page), self.marks)
        opened.devtools.send("Performance.enable")
        if listen:
            opened.listen()
        page.add_init_script(f"({WATCH})()")
        page.goto(f"{self.address}/{path}")
        page.locator(self.marks.filters if filters else LINKS).first.wait_for()
        opened.first = opened.stands()
        return opened


@contextmanager
def browsing(address: str, marks: Marks = STREAMLIT) -> Iterator[Browser]:
    """A browser that has visited the address once, so that the server is warm and the files are in the browser's cache."""
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(args=ARGUMENTS, executable_path=CHROMIUM if CHROMIUM.exists() else None)
        browser = Browser(admitted(chromium.new_context(viewport=DESK), address), address, marks)
        browser.open().page.close()
        yield browser
        chromium.close()
