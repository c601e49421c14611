"""The browser of all journeys: playwright can be started once in a process, so the folders of tests share it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's chromium when it is there, else playwright's own; skipped where there is none, but not in CI."""
    playwright_api = pytest.importorskip("playwright.sync_api")
    with playwright_api.sync_playwright() as driver:
        own = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
        try:
            browser = driver.chromium.launch(args=SWITCHES, **own)
        except playwright_api.Error:
            if os.environ.get("CI"):
                raise
            pytest.skip("no browser can be started")
        yield browser
        browser.close()
