"""A real server over the sample data and a real browser; a journey that fails leaves a screenshot."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from benchmarks.entering import admitted, enter
from benchmarks.measure import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60_000  # ms; a busy machine is slow, not broken
OURSELVES = "http://127.0.0.1"
FAILED = pytest.StashKey[bool]()
AT_REST = "() => [undefined, 'notRunning'].includes(document.querySelector('[data-testid=stApp]')?.dataset.testScriptState)"

playwright_api = pytest.importorskip("playwright.sync_api")
playwright_api.expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server of all tests writes, its links among it."""
    return tmp_path_factory.mktemp("server") / "log"


@pytest.fixture(scope="session")
def server(sample_store: str, log: Path) -> Iterator[str]:
    """The dashboard over the sample data as a user starts it, on a free port; whoever is `admitted` there may come in."""
    with served(sample_store.removeprefix("duckdb:///"), log) as address:
        enter(address, log)
        yield address


@contextmanager
def served(home: str, log: Path, port: int = 0) -> Iterator[str]:
    """The dashboard over the store in this folder, on a free port; its link is in the log, unused."""
    port = port or free_port()
    with log.open("w", encoding="utf-8") as said:
        started = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)],
            cwd=ROOT,
            env=os.environ | {"SYNAPSE_HOME": home, "PYTHONPATH": str(ROOT)},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"{OURSELVES}:{port}")
            yield f"{OURSELVES}:{port}"
        finally:
            started.terminate()
            started.wait(20)


def _wait_for(address: str) -> None:
    for _ in range(240):
        try:
            with urlopen(f"{address}/api/healthz", timeout=2) as answer:  # noqa: S310  (our own server)
                assert answer.status == 200
                return
        except (URLError, OSError):
            time.sleep(0.25)
    raise AssertionError("the dashboard did not start")


@pytest.fixture(scope="session")
def windows(chromium: playwright_api.Browser, server: str) -> Iterator[dict[bool, playwright_api.BrowserContext]]:
    """A window in the light and one in the dark, for all tests: what a page consists of is loaded once. State lives in addresses only.

    Nothing moves in them: without a graphics card the shimmer of a skeleton takes more time than the chart it waits for.
    """
    looks = {False: "light", True: "dark"}
    opened = {
        dark: chromium.new_context(
            viewport={"width": 1400, "height": 1000}, color_scheme=look, reduced_motion="reduce", accept_downloads=True
        )
        for dark, look in looks.items()
    }
    for context in opened.values():
        admitted(context, server).set_default_timeout(PATIENCE)
    yield opened
    for context in opened.values():
        context.close()


@pytest.fixture(scope="session")
def seen() -> Iterator[list[str]]:
    """Errors of pages and requests to anybody but our server that no test has answered for yet."""
    faults: list[str] = []
    yield faults
    assert not faults


@pytest.fixture(scope="session")
def kept() -> dict[bool, playwright_api.Page]:
    """The page of each look that goes from test to test: to load the dashboard takes four times as long as to go on in it."""
    return {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[object]:
    """Let the fixtures of a test know whether it has failed."""
    report = yield
    item.stash[FAILED] = report.failed or item.stash.get(FAILED, False)
    return report


@pytest.fixture
def photograph(request: pytest.FixtureRequest) -> Callable[[playwright_api.Page], None]:
    """Save how a page looks at the end of a test, under its name: of all tests in SCREENSHOTS, of a failed one in a folder of the build."""
    asked = os.environ.get("SCREENSHOTS")

    def photographed(page: playwright_api.Page) -> None:
        if asked or request.node.stash[FAILED]:
            page.screenshot(path=Path(asked or ROOT / "build" / "screenshots") / f"{request.node.name}.png")

    return photographed


@pytest.fixture
def used(
    request: pytest.FixtureRequest,
    seen: list[str],
    kept: dict[bool, playwright_api.Page],
    photograph: Callable[[playwright_api.Page], None],
) -> Iterator[list[playwright_api.Page]]:
    """The pages of a test. Afterwards none of them may have failed or asked anybody but our server, and only sound ones are kept."""
    pages: list[playwright_api.Page] = []
    yield pages
    spared: list[playwright_api.Page] = []
    try:
        for page in pages:
            photograph(page)
            page.wait_for_function(AT_REST)  # a test answers for what it has set going
        faults = seen.copy()
        seen.clear()
        assert not faults
        if not request.node.stash[FAILED]:
            spared.extend(kept.values())
    finally:
        for page in pages:
            if page not in spared:
                page.close()


@pytest.fixture
def new_page(
    windows: dict[bool, playwright_api.BrowserContext], seen: list[str], used: list[playwright_api.Page]
) -> Callable[..., playwright_api.Page]:
    """Opens a fresh page: for a test that opens a link, or chooses what Streamlit remembers as long as a page is open."""

    def opened(*, dark: bool = False) -> playwright_api.Page:
        page = _opened(windows[dark], seen)
        used.append(page)
        return page

    return opened


@pytest.fixture
def kept_page(
    windows: dict[bool, playwright_api.BrowserContext],
    seen: list[str],
    used: list[playwright_api.Page],
    kept: dict[bool, playwright_api.Page],
) -> Callable[..., playwright_api.Page]:
    """Hands out the page of a look that other tests have used and will use: leave nothing in it but an address."""

    def given(*, dark: bool = False) -> playwright_api.Page:
        if dark not in kept or kept[dark].is_closed():
            kept[dark] = _opened(windows[dark], seen)
        kept[dark].mouse.move(0, 0)  # nothing is hovered any more
        used.append(kept[dark])
        return kept[dark]

    return given


def _opened(window: playwright_api.BrowserContext, seen: list[str]) -> playwright_api.Page:
    page = window.new_page()
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith((OURSELVES, "data:", "blob:")) else seen.append(asked.url))
    return page
