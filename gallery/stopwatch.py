"""From opening to the answer: clicks and seconds of a person who opens the overview, looks into a row and takes the report along.

Chromium at 1440x900, the server warm. `python -m gallery.stopwatch` serves the sample and prints it.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from playwright.sync_api import Error, Page

from benchmarks.browsing import DESK, Browser, browsing
from gallery.clinics import SAMPLE, served

# By what the parts of the overview are known.
OVERVIEW = '[data-testid="stMain"] .overview'
ROWS = f"{OVERVIEW} tr[data-code]"
SENTENCES = '[data-testid="stMain"] .sentences'
TILES = '[data-testid="stMain"] .attention'
CHART = '[data-testid="stMain"] .chart'
DRAWING = f"{CHART} .main-svg"
REPORT = "Report for use inside the clinic"  # the name of its button
ROUNDS, PATIENCE = 3, 15_000  # how often each is timed, and ms until it is given up
# When everything that is asked for stands on the screen, in ms after the page was asked for.
IN_SIGHT = """parts => parts.map(part => document.querySelector(part)).every(part => {
  const box = part && part.innerText.trim() && part.getBoundingClientRect()
  return box && box.height > 0 && box.top >= 0 && box.top < innerHeight
}) && performance.now()"""
ON_SCREEN = """parts => parts.map(part => {
  const every = [...document.querySelectorAll(part)]
  const inside = box => box.height > 0 && box.top >= 0 && box.bottom <= innerHeight
  return [every.filter(one => inside(one.getBoundingClientRect())).length, every.length]
})"""
LATER = 1_500  # ms in which what comes later could push them off the screen


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: what happens, clicks that it takes, seconds, and what else is to be said; without seconds it could not be done."""

    words: str
    clicks: int
    seconds: float | None
    remark: str = ""


def measured() -> list[Step]:
    """The way through the sample, on a server that has been asked once."""
    with served(SAMPLE) as address, browsing(address) as browser:
        return way(browser)


def way(browser: Browser) -> list[Step]:
    """Time every step, each in pages of its own; medians."""
    return [
        _timed("Open the dashboard: sentences and table of the overview are on the screen", 0, partial(_opening, browser)),
        _timed("Click the first row of the table: its chart is drawn", 1, partial(_row, browser)),
        _timed("Click the report: the file is saved", 1, partial(_report, browser)),
    ]


def _timed(words: str, clicks: int, measure: Callable[[], tuple[float, str]]) -> Step:
    try:
        rounds = [measure() for _ in range(ROUNDS)]
    except Error as error:
        return Step(words, clicks, None, f"could not be done: {error.message.splitlines()[0][:120]}")
    return Step(words, clicks, statistics.median(seconds for seconds, _ in rounds), rounds[-1][1])


def _opening(browser: Browser) -> tuple[float, str]:
    with browser.context.new_page() as page:
        page.set_viewport_size(DESK)
        page.goto(f"{browser.address}/", wait_until="commit")
        seen = page.wait_for_function(IN_SIGHT, arg=[SENTENCES, ROWS], timeout=PATIENCE).json_value()
        page.wait_for_timeout(LATER)
        return seen / 1000, _in_view(page)


def _in_view(page: Page) -> str:
    """How much of the overview stands on the first screen."""
    names = {"sentences": f"{SENTENCES} > *", "tiles": f"{TILES} > *", "rows": ROWS}
    counts = zip(names, page.evaluate(ON_SCREEN, list(names.values())), strict=True)
    return "without scrolling: " + ", ".join(f"{inside} of {every} {name}" for name, (inside, every) in counts if every)


def _row(browser: Browser) -> tuple[float, str]:
    opened = browser.open()
    with opened.page as page:
        page.set_default_timeout(PATIENCE)
        row = page.locator(ROWS).first
        row.wait_for()
        button = row.locator("button").first
        clicked = opened.click(button if button.count() else row)
        page.locator(DRAWING).first.wait_for()
        [[inside, _]] = page.evaluate(ON_SCREEN, [CHART])
        return clicked.redrawn / 1000, "without scrolling" if inside else "its chart is below the screen"


def _report(browser: Browser) -> tuple[float, str]:
    opened = browser.open()
    with opened.page as page:
        page.set_default_timeout(PATIENCE)
        button = page.get_by_role("button", name=REPORT)
        button.scroll_into_view_if_needed()
        opened.stands()
        start = time.perf_counter()
        with page.expect_download() as saved:
            button.click()
        size = saved.value.path().stat().st_size  # waits for the end of the download
        return time.perf_counter() - start, f"{size / 1000:,.0f} kB"


def told(steps: Sequence[Step]) -> str:
    """The steps as a Markdown table, with their sum where every one could be done."""
    lines = ["| step | clicks | seconds | |", "|---|---|---|---|"]
    lines += [f"| {step.words} | {step.clicks} | {_seconds(step.seconds)} | {step.remark} |" for step in steps]
    done = [step.seconds for step in steps if step.seconds is not None]
    if len(done) == len(steps):
        lines.append(f"| **All** | {sum(step.clicks for step in steps)} | {sum(done):.1f} | |")
    return "\n".join(lines)


def _seconds(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.1f}"


def main() -> None:
    """Serve the sample, measure and print."""
    sys.stdout.write(told(measured()) + "\n")


if __name__ == "__main__":
    main()
