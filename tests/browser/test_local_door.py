"""The door of local mode: a link that works once, a browser without a session, a session that ends with the server, files of one's own."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from benchmarks.entering import links
from tests.browser.conftest import PATIENCE, served
from tests.browser.steps import OpenPage, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CLOSED = "Open the link of this dashboard"
PAUSE = 10  # seconds between two links that a server prints


@pytest.fixture
def strangers(chromium: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Opens windows that have no session."""
    opened: list[BrowserContext] = []

    def another() -> BrowserContext:
        opened.append(chromium.new_context())
        opened[-1].set_default_timeout(PATIENCE)
        return opened[-1]

    yield another
    for window in opened:
        window.close()


def is_closed_to(page: Page) -> None:
    """The page says where the link is, and holds nothing of the dashboard: no number, no part of it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(CLOSED)
    assert page.get_by_test_id("stApp").count() == 0
    assert not re.search(r"\d", page.locator("body").inner_text())


def fresh_link(window: BrowserContext, server: str, log: Path) -> str:
    """The link that a server prints, now and then, while somebody without a session asks for a page; the first one is used."""
    end = time.monotonic() + 3 * PAUSE
    while time.monotonic() < end:
        window.request.get(server, headers={"Accept": "text/html"})
        if links(log)[-1] != links(log)[0]:
            return links(log)[-1]
        time.sleep(0.5)
    raise AssertionError("no link is printed")


def test_a_link_opens_one_browser_and_what_it_takes_away_is_its_own(
    server: str, log: Path, new_page: OpenPage, strangers: Callable[[], BrowserContext]
) -> None:
    theirs, other = strangers(), strangers()
    page = other.new_page()
    for address in (links(log)[0], f"{server}/outcomes?sex=female"):  # a link that was used when the server started, and a page
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 403
        is_closed_to(page)

    link = fresh_link(other, server, log)
    page = theirs.new_page()
    page.goto(f"{link}&sex=female")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    expect(page.get_by_text("Women").first).to_be_visible()
    assert urlsplit(page.url).query == "sex=female"  # the token is neither in the address nor in what is shared
    page = other.new_page()
    page.goto(link)
    is_closed_to(page)

    mine = new_page()
    visit(mine, server)
    with mine.expect_download() as given:
        mine.get_by_role("button", name="Report to share").click()
    assert given.value.path().stat().st_size
    file = given.value.url
    assert urlsplit(file).path.startswith("/media/")
    assert mine.request.get(file).status == 200
    assert theirs.request.get(server).status == 200  # a session of their own, which this file is not for
    assert [window.request.get(file).status for window in (theirs, other)] == [403, 403]


def test_a_tab_whose_session_ended_shows_nothing_any_more(
    sample_store: str, tmp_path: Path, strangers: Callable[[], BrowserContext]
) -> None:
    """Sessions end with their server: when it is there again the tab makes way by itself."""
    home, log, again = sample_store.removeprefix("duckdb:///"), tmp_path / "log", tmp_path / "again"
    page = strangers().new_page()
    with served(home, log) as address:
        page.goto(links(log)[-1])
        expect(page.get_by_test_id("stMain").locator(".overview tr[data-code]").first).to_be_visible()
    with served(home, again, int(address.rpartition(":")[2])):
        expect(page.get_by_role("heading", level=1)).to_have_text(CLOSED, timeout=20_000)
        is_closed_to(page)
