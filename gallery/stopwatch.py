"""From opening to the answer: clicks and seconds of a leader who opens the overview, looks into a row and takes the report along, and of a
surgeon with three questions, and of an analyst from a chart to the same numbers in a file, on the command line and in Python.

Chromium at 1440x900, the server warm. `python -m gallery.stopwatch` serves the sample and prints it.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

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
# What an analyst takes along, and from which card.
COPIES = "window.copies = []; navigator.clipboard.writeText = text => { window.copies.push(text); return Promise.resolve() }"
DRAWER, CODES = ".st-key-open_score_over_time_trajectory", '[data-testid="stCode"]'
NUMBERS = "outcomes?sex=female&outcome_by=sex&diagnosis=herniated_disc"
LATER = 1_500  # ms in which what comes later could push them off the screen


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: what happens, clicks that it takes, seconds, and what else is to be said; without seconds it could not be done."""

    words: str
    clicks: int
    seconds: float | None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to know, the clicks that lead there from the overview (role and name of each), and where the answer stands."""

    words: str
    clicks: tuple[tuple[Literal["link", "tab"], str], ...]
    answer: str


SURGEON = (
    Question("What happened to patients like this one?", (("link", "Similar"),), ".st-key-card_patients_like_mine_alike"),
    Question("Does an injection before surgery help or delay?", (("link", "Pathways"),), ".st-key-card_injection_before_surgery"),
    Question(
        "When do conservative patients stop improving?",
        (("link", "Pathways"), ("tab", "Response to treatment")),
        ".st-key-card_plateau_plateau",
    ),
    Question("Is this difference real?", (("link", "Compare"),), ".st-key-compare_answer"),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What an analyst has taken from a card: names and cells of its table, the file, what was copied, and seconds by what was clicked."""

    names: list[str]
    cells: list[list[str]]
    file: bytes
    link: str
    command: str
    python: str
    seconds: dict[str, float]


def take_along(page: Page, drawer: str = DRAWER) -> Taken:
    """Open the drawer of a card, save its file, and copy command, Python and link; the page must keep what is copied (COPIES)."""
    place, seconds = page.locator(drawer), {}

    def timed(words: str, click: Callable[[], None]) -> None:
        start = time.perf_counter()
        click()
        seconds[words] = time.perf_counter() - start

    def opened() -> None:
        place.locator("summary").click()
        place.locator(CODES).nth(1).wait_for()

    def saved() -> None:
        with page.expect_download() as given:
            place.get_by_role("button", name="Download CSV").click()
        files.append(given.value.path().read_bytes())

    files: list[bytes] = []
    timed("Open the drawer of the chart: its numbers are there", opened)
    timed("Download the CSV: the file is saved", saved)
    for number, words in enumerate(("Copy the command line", "Copy the Python")):
        timed(words, place.locator(f"{CODES} button").nth(number).click)
    timed("Copy the link to the card", place.get_by_role("button", name="Copy link to this card").click)
    command, python, link = (text for text in page.evaluate("window.copies") if text)  # Streamlit may write nothing first
    names = [name.replace("\u200b", "") for name in place.locator("th small").all_inner_texts()]
    cells = [row.locator("td").all_inner_texts() for row in place.locator("tbody tr").all()]
    return Taken(names, cells, files[0], link, command, python, seconds)


def measured() -> dict[str, list[Step]]:
    """The ways of both readers through the sample, on a server that has been asked once."""
    with served(SAMPLE) as address, browsing(address) as browser:
        return {
            "A leader": way(browser),
            "A surgeon, from the overview each time": surgeon(browser),
            "An analyst, from a chart": analyst(browser),
        }


def analyst(browser: Browser) -> list[Step]:
    """Time what an analyst takes from a card; medians. What is copied gives the same numbers (tests/browser/test_analyst.py)."""
    try:
        rounds = [_taking(browser) for _ in range(ROUNDS)]
    except Error as error:
        return [Step("Take the numbers along", len(Taken.__slots__), None, f"could not be done: {error.message.splitlines()[0][:120]}")]
    return [Step(words, 1, statistics.median(one[words] for one in rounds)) for words in rounds[0]]


def _taking(browser: Browser) -> dict[str, float]:
    opened = browser.open(NUMBERS)
    with opened.page as page:
        page.set_default_timeout(PATIENCE)
        page.evaluate(COPIES)
        return take_along(page).seconds


def surgeon(browser: Browser) -> list[Step]:
    """Time every question, each from the overview; medians."""
    return [_timed(asked.words, len(asked.clicks), partial(_asking, browser, asked)) for asked in SURGEON]


def _asking(browser: Browser, asked: Question) -> tuple[float, str]:
    opened = browser.open()
    with opened.page as page:
        page.set_default_timeout(PATIENCE)
        start = time.perf_counter()
        for role, name in asked.clicks:
            page.get_by_role(role, name=name, exact=True).first.click()
        page.locator(asked.answer).wait_for()
        seconds = time.perf_counter() - start
        opened.stands()
        top = page.locator(asked.answer).evaluate("part => part.getBoundingClientRect().top")
        return seconds, "without scrolling" if top < DESK["height"] * 0.9 else f"{top:,.0f} px down the page"


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
    for who, steps in measured().items():
        sys.stdout.write(f"{who}\n{told(steps)}\n")


if __name__ == "__main__":
    main()
