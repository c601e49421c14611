"""A server and a browser to measure with: how long from a click until the last thing that it changes stands on the page."""

from __future__ import annotations

import base64
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import BrowserContext, CDPSession, Locator, Page, sync_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.measure import ROOT, free_port

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"width": 1440, "height": 900}
QUIET = 700  # ms without any change after which a page is taken to stand
PATIENCE = 60  # s
BUSY = '[data-testid="stSpinner"], [data-testid="stStatusWidget"], [data-testid="stSkeleton"]'
PILLS = '[data-testid="stSidebar"] [data-testid="stButtonGroup"] button'
TOGGLED = ("Women", "Men", "Women", "40-64", "Men", "40-64")  # filters, one click each; afterwards none is set
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
ON_CLICK = (
    """document.addEventListener('click', () => { window.clicked = performance.now(); window.changed = {} }, {capture: true, once: true})"""
)
WORK = {"script": "ScriptDuration", "style": "RecalcStyleDuration", "layout": "LayoutDuration", "all": "TaskDuration"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What went over the websocket: when (s, the clock of the browser), bytes, and the message where the server sent it."""

    at: float
    size: int
    message: ForwardMsg | None = None


@dataclass(frozen=True, slots=True)
class Clicked:
    """One click: ms until the page stood, ms until each part of it last changed, ms of work in the browser, and what was sent."""

    redrawn: float
    changed: Mapping[str, float]
    work: Mapping[str, float]
    frames: Sequence[Frame]

    def message(self, place: int) -> float:
        """From what the browser sent first to a message of the server, ms."""
        return (self.received[place].at - self.frames[0].at) * 1000

    @property
    def received(self) -> Sequence[Frame]:
        """What the server sent."""
        return [frame for frame in self.frames if frame.message]


@dataclass
class Opened:
    """A page that stands in the browser; `first` is how long that took, in ms."""

    page: Page
    devtools: CDPSession
    frames: list[Frame] = field(default_factory=list)
    first: float = 0

    def toggle(self, turn: int) -> Clicked:
        """Click on a filter of the sidebar, another one at each turn."""
        return self.click(self.page.locator(PILLS).filter(has_text=TOGGLED[turn % len(TOGGLED)]).first)

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
            if now - last > QUIET and self.page.locator(BUSY).count() == 0:
                return float(last)
            time.sleep(0.05)
        raise TimeoutError(f"{self.page.url} does not come to rest")

    def _work(self) -> dict[str, float]:
        now = {metric["name"]: metric["value"] for metric in self.devtools.send("Performance.getMetrics")["metrics"]}
        return {name: now[key] * 1000 for name, key in WORK.items()}

    def _sent(self, event: Mapping[str, Any]) -> None:
        self.frames.append(Frame(event["timestamp"], len(event["response"]["payloadData"])))

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
    ready: str = PILLS  # what stands on a page when it can be used

    def open(self, path: str = "", *, listen: bool = False) -> Opened:
        """Open a page and wait until it stands."""
        page = self.context.new_page()
        opened = Opened(page, self.context.new_cdp_session(page))
        opened.devtools.send("Performance.enable")
        if listen:
            opened.listen()
        page.add_init_script(f"({WATCH})()")
        page.goto(f"{self.address}/{path}")
        page.locator(self.ready).first.wait_for()
        opened.first = opened.stands()
        return opened


@contextmanager
def serving(command: Callable[[int], Sequence[str]], health: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Start a server on a free port and wait until it answers; gives its address."""
    port = free_port()
    server = subprocess.Popen(  # noqa: S603 - commands of our own
        command(port),
        cwd=ROOT,
        env=os.environ | dict(environment or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/{health}")
        yield address
    finally:
        os.killpg(server.pid, signal.SIGKILL)  # nothing is left to write, and a browser that is open would make it wait
        server.wait()


def dashboard(port: int) -> list[str]:
    """The command that serves the store that SYNAPSE_HOME names."""
    return [sys.executable, "-m", "synapse_analytics", "serve", "--port", str(port)]


def _wait_for(address: str) -> None:
    end = time.time() + PATIENCE
    while time.time() < end:
        try:
            urlopen(address, timeout=2).close()  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"{address} does not answer")


@contextmanager
def browsing(address: str, ready: str = PILLS) -> Iterator[Browser]:
    """A browser that has visited the address once, so that the server is warm and the files are in the browser's cache."""
    with sync_playwright() as driver:
        own = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
        chromium = driver.chromium.launch(args=ARGUMENTS, **own)
        browser = Browser(chromium.new_context(viewport=DESK), address, ready)
        browser.open().page.close()
        yield browser
        chromium.close()


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)
