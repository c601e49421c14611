"""A server that goes while a page is open: the page says so, its numbers do not look live, and no word of another product is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.entering import links
from tests.browser.conftest import PATIENCE, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]
STRANGE = re.compile("Streamlit|yourscript|pages/ directory", re.IGNORECASE)


def test_a_page_without_its_server_says_so(chromium: Browser, sample_store: str, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    window = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    window.set_default_timeout(PATIENCE)
    page = window.new_page()
    with served(sample_store.removeprefix("duckdb:///"), log) as address:
        page.goto(links(log)[-1])
        expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_be_visible()
        page.goto(f"{address}/nowhere")
        dialog = page.get_by_test_id("stDialog")
        expect(dialog).to_contain_text("There is no such page")
        expect(dialog).to_contain_text("a page that this dashboard does not have")
        assert not STRANGE.search(dialog.inner_text())
        dialog.get_by_label("Close").click()
        expect(page.locator("[data-testid=stMetric], [data-testid=stHtml]").first).to_be_visible()
        assert page.get_by_role("alert").filter(has_text="connection").count() == 0
    told = page.locator(".away")
    expect(told).to_contain_text("The connection to the dashboard is lost. The numbers below are from before")
    page.wait_for_timeout(3000)  # until Streamlit has tried in vain, and would say so in words of its own
    expect(page.get_by_test_id("stDialog")).to_have_count(0)
    assert page.get_by_test_id("stApp").evaluate("app => app.inert && getComputedStyle(app).opacity") == "0.4"
    assert told.get_attribute("role") == "alert"
    hidden = told.evaluate("words => words.offsetHeight - document.querySelector('[data-testid=stApp]').getBoundingClientRect().top")
    assert hidden <= 0, "a part of the page is behind the words"
    assert not STRANGE.search(page.locator("body").inner_text())
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        page.screenshot(path=tmp_path / f"lost_{look}.png")
    window.close()
