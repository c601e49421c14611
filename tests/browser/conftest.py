"""A real server over the sample data and a real browser; every journey leaves a screenshot."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 60_000  # ms; a busy machine is slow, not broken
OURSELVES = "http://127.0.0.1"

playwright_api = pytest.importorskip("playwright.sync_api")
playwright_api.expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def server(sample_store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard as a user starts it, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("server") / "log").open("w", encoding="utf-8")
    home = {"SYNAPSE_HOME": sample_store.removeprefix("duckdb:///"), "PYTHONPATH": str(ROOT)}
    started = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)],
        cwd=ROOT,
        env=os.environ | home,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"{OURSELVES}:{port}"
    try:
        _wait_for(address)
        yield address
    finally:
        started.terminate()
        started.wait(20)
        log.close()


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
def chromium() -> Iterator[playwright_api.Browser]:
    """The browser: Debian's chromium when it is there, else playwright's own; skipped where there is none, but not in CI."""
    with playwright_api.sync_playwright() as driver:
        own = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
        try:
            browser = driver.chromium.launch(
                args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"], **own
            )
        except playwright_api.Error:
            if os.environ.get("CI"):
                raise
            pytest.skip("no browser can be started")
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def windows(chromium: playwright_api.Browser) -> Iterator[dict[bool, playwright_api.BrowserContext]]:
    """A window in the light and one in the dark, for all tests: what a page consists of is loaded once. State lives in addresses only."""
    looks = {False: "light", True: "dark"}
    opened = {
        dark: chromium.new_context(viewport={"width": 1400, "height": 1000}, color_scheme=look, accept_downloads=True)
        for dark, look in looks.items()
    }
    for context in opened.values():
        context.set_default_timeout(PATIENCE)
    yield opened
    for context in opened.values():
        context.close()


@pytest.fixture
def new_page(windows: dict[bool, playwright_api.BrowserContext]) -> Iterator[Callable[..., playwright_api.Page]]:
    """Opens fresh pages; afterwards none of them may have failed or asked anybody but our server."""
    pages, faults = [], []

    def opened(*, dark: bool = False) -> playwright_api.Page:
        page = windows[dark].new_page()
        pages.append(page)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith((OURSELVES, "data:", "blob:")) else faults.append(asked.url))
        return page

    yield opened
    for page in pages:
        page.close()
    assert not faults


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[[playwright_api.Page], Path]:
    """Save a screenshot under the name of the test, in SCREENSHOTS or a folder of the build."""
    folder = Path(os.environ.get("SCREENSHOTS") or ROOT / "build" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)

    def kept(page: playwright_api.Page) -> Path:
        page.wait_for_timeout(600)  # charts fade in
        path = folder / f"{request.node.name}.png"
        page.screenshot(path=path)
        return path

    return kept
