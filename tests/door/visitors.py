"""People in a browser: each has a window of their own, signs in with the provider, and may answer for every error that the browser saw."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

PATIENCE = 60_000  # ms; a busy machine is slow, not broken
# What a browser complains of and should: a page asked for without a session, and Streamlit's own search for its server below a page.
KNOWN = re.compile(r"(/_stcore/(health|host-config)|/|/[a-z_]+|/api/session|/oauth2callback)$")
DECORATION = "**/cdn.jsdelivr.net/**"  # the provider of the tests is dressed by another server, which nobody needs
AT_REST = """() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid=stSkeleton]')"""
expect.set_options(timeout=PATIENCE)


class Visitor:
    """A person with a browser."""

    def __init__(self, window: BrowserContext, address: str, role: str) -> None:
        self.window, self.address, self.role = window, address, role
        self.faults: list[str] = []
        self.pictures = 0

    def tab(self) -> Page:
        """A new tab whose errors count."""
        page = self.window.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)
        return page

    def sign_in(self, path: str = "/") -> Page:
        """Follow a link, be asked to sign in, and do so."""
        page = self.tab()
        page.goto(f"{self.address}{path}")
        expect(page.get_by_role("heading", name="Sign in to Synapse Spine Outcomes")).to_be_visible()
        self.photograph(page)
        page.get_by_role("link", name="Sign in").click()
        page.get_by_role("button", name=f"{self.role}@clinic.example").click()
        return page

    def arrive(self, page: Page, heading: str) -> None:
        """Wait until this page of the dashboard stands."""
        expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_have_text(heading)
        self.settle(page)
        self.photograph(page)

    def settle(self, page: Page) -> None:
        """The script has ended, and nothing has failed."""
        page.wait_for_function(AT_REST)
        expect(page.get_by_test_id("stException")).to_have_count(0)

    def photograph(self, page: Page) -> None:
        """Keep how the page looks, where SYNAPSE_SCREENSHOTS names a folder."""
        folder = os.environ.get("SYNAPSE_SCREENSHOTS")
        if folder:
            self.pictures += 1
            page.wait_for_timeout(700)
            test = os.environ["PYTEST_CURRENT_TEST"].partition(" ")[0].rpartition("::")[2]
            page.screenshot(path=Path(folder) / f"{test}-{self.pictures}.png")

    def _heard(self, message: ConsoleMessage) -> None:
        where = urlsplit(message.location["url"])
        asked = message.text.startswith("Failed to load resource") and (KNOWN.search(where.path) or where.netloc == "cdn.jsdelivr.net")
        if message.type == "error" and not asked:
            self.faults.append(f"{message.text} ({where.path})")


@contextmanager
def visiting(browser: Browser, address: str, role: str, *, dark: bool = False) -> Iterator[Visitor]:
    """Somebody of this role in a fresh browser; at the end nothing may have failed in it."""
    window = browser.new_context(
        ignore_https_errors=True,  # the certificate signed itself
        viewport={"width": 1400, "height": 1000},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        accept_downloads=True,
    )
    window.set_default_timeout(PATIENCE)
    window.route(DECORATION, lambda route: route.abort())
    visitor = Visitor(window, address, role)
    try:
        yield visitor
        assert not visitor.faults
    finally:
        window.close()
