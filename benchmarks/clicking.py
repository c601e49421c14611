"""The browser's half of every page that answers a question about the cohort: `python -m benchmarks.clicking DATABASE`.

Chromium at 1440 x 900, the server warm, and each page opened once before anything is timed. The first page is timed with its answers
remembered; a filter, an option and a tab each ask of a cohort of which nothing is remembered; then the filters once more. Times are medians in ms to the last redraw.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any

from playwright.sync_api import Locator

from benchmarks.browsing import TALL, Browser, Opened, browsing
from benchmarks.clicked import middle, profile
from benchmarks.recording import answering
from benchmarks.serving import dashboard, serving
from benchmarks.workloads import CLICKS, OPENINGS, OVERVIEW, PEERS_PAGE
from synapse_analytics.store import store_home

MAIN = '[data-testid="stMain"]'
TABS = f'{MAIN} [data-testid="stTab"], {MAIN} [role="tab"]'
SWITCHES = f'{MAIN} [data-testid="stButtonGroup"]:visible'
LISTS = f'{MAIN} [data-testid="stSelectbox"]:visible'
OPTIONS = '[role="option"]'
UNASKED = ("month_from=2022-01", "month_from=2022-02", "month_from=2022-03")  # cohorts of which nobody has asked before


def measured(browser: Browser, page: str) -> dict[str, Any]:
    """Everything about one page."""
    path = "" if page == OVERVIEW else page
    visit = browser.open(path, listen=True)
    clicks = [visit.toggle(turn) for turn in range(CLICKS)]
    again = [visit.toggle(turn) for turn in range(CLICKS)]  # the same cohorts once more
    visit.page.close()
    filters = {"filter": middle([click.redrawn for click in clicks]), "known": middle([click.redrawn for click in again])}
    return filters | {"profile": profile(clicks)} | first(browser, path) | choices(browser, path)


def on_tall_screen(browser: Browser, page: str) -> dict[str, float]:
    """The first page and a filter click where all charts of a page are on the screen, so that all of them are drawn, as the peers draw theirs."""
    visits = [browser.open(page, listen=True, size=TALL) for _ in range(OPENINGS)]
    clicks = [visits[-1].toggle(turn) for turn in range(CLICKS)]
    for visit in visits:
        visit.page.close()
    return {"first": middle([visit.first for visit in visits]), "filter": middle([click.redrawn for click in clicks])}


def first(browser: Browser, path: str) -> dict[str, float]:
    """Until the page stands when it is opened, and its worst layout shift meanwhile."""
    times, shifts = [], []
    for _ in range(OPENINGS):
        visit = browser.open(path, listen=True)
        times.append(visit.first)
        shifts.append(visit.shifted())
        visit.page.close()
    return {"first": middle(times), "shift": max(shifts)}


def choices(browser: Browser, path: str) -> dict[str, float | None]:
    """Until a changed option of a chart, and another tab, are drawn; None where the page has none."""
    options, tabs = [], []
    for query in UNASKED[:OPENINGS]:
        visit = browser.open(f"{path}?{query}", listen=True)
        options += _clicked(visit, another_option(visit))
        tabs += _clicked(visit, another_tab(visit))
        visit.page.close()
    return {"option": middle(options) if options else None, "tab": middle(tabs) if tabs else None}


def _clicked(visit: Opened, target: Locator | None) -> list[float]:
    return [] if target is None else [visit.click(target).redrawn]


def another_option(visit: Opened) -> Locator | None:
    """An option that is not chosen, of the first switch of the page, or else of its first list, which is opened for it."""
    switch, choice = visit.page.locator(SWITCHES).first, visit.page.locator(LISTS).first
    if switch.count():
        return switch.locator('button:not([aria-checked="true"])').first
    return unfolded(visit, choice) if choice.count() else None


def unfolded(visit: Opened, choice: Locator) -> Locator:
    """Open a list; the option after the one that is chosen, or before it where it is the last."""
    choice.scroll_into_view_if_needed()
    visit.stands()  # a list closes when the page is scrolled
    choice.locator("input").click()
    options = visit.page.locator(OPTIONS)
    options.first.wait_for()
    visit.stands()
    chosen = [option.get_attribute("aria-selected") for option in options.all()].index("true")
    return options.nth(chosen + 1 if chosen + 1 < options.count() else chosen - 1)


def another_tab(visit: Opened) -> Locator | None:
    """The second tab."""
    tabs = visit.page.locator(TABS)
    return tabs.nth(1) if tabs.count() > 1 else None


def main(database: str) -> None:
    """Measure every page that answers a question about the cohort when it opens."""
    logging.disable(logging.WARNING)  # Streamlit says at every step that no browser is there
    os.environ["SYNAPSE_HOME"] = str(store_home(database))
    pages = answering()
    with serving(dashboard, "api/healthz") as address, browsing(address) as browser:
        found = {page: measured(browser, page) for page in pages}
    with serving(dashboard, "api/healthz") as address, browsing(address) as browser:  # a server that remembers nothing
        found[PEERS_PAGE]["tall"] = on_tall_screen(browser, PEERS_PAGE)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
