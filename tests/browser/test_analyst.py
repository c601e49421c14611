"""The analyst's way back to the numbers, with a stopwatch: from a chart to the same numbers in pandas, by the file, the command line, the
Python and the link. One number that differs fails it.
"""

from __future__ import annotations

import io
import math
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from gallery.stopwatch import COPIES, NUMBERS, Taken, take_along, told
from gallery.stopwatch import Step as Timed
from synapse_analytics.exports.again import PROGRAM
from synapse_analytics.figures.table import cell
from synapse_analytics.findings.words import WITHHELD
from tests.browser.conftest import ROOT
from tests.browser.steps import OF_THE_FRAMEWORK, OpenPage, settle, violations, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MOST_CLICKS = 5
NOTHING = ("\u2013", WITHHELD)


@pytest.fixture
def at_home(sample_store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is copied runs where the dashboard runs."""
    home = sample_store.removeprefix("duckdb:///")
    monkeypatch.setenv("SYNAPSE_HOME", home)
    return home


def taken(page: Page, address: str) -> Taken:
    visit(page, address)
    page.evaluate(COPIES)
    found = take_along(page)
    settle(page)
    return found


def read(file: bytes) -> pd.DataFrame:
    """A downloaded file as an analyst reads it; NA is a site, and nothing is missing but what is empty."""
    return pd.read_csv(io.BytesIO(file), comment="#", keep_default_na=False, na_values=[""])


def run_command(command: str, folder: Path, home: str) -> pd.DataFrame:
    """The shown command, in a shell of its own."""
    words = shlex.split(command)
    assert " ".join(words[:3]) == PROGRAM
    environment = {"SYNAPSE_HOME": home, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    subprocess.run([sys.executable, *words[1:]], cwd=folder, env=environment, check=True, capture_output=True)
    return read((folder / words[-1]).read_bytes())


def run_python(code: str) -> pd.DataFrame:
    """The table after the shown Python."""
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  (what the drawer shows is run as it stands)
    return names["table"]


def from_link(found: Taken) -> str:
    """The shown Python with the cohort out of the copied link."""
    lines = [f"cohort = Cohort.from_link({found.link!r})" if line.startswith("cohort = ") else line for line in found.python.splitlines()]
    return "\n".join(lines)


def check_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Every number, exactly; the lists of what is withheld are a text in a file."""
    columns = [name for name in one.columns if name != "withheld"]
    assert columns == [name for name in other.columns if name != "withheld"]
    assert len(one) == len(other) > 3
    for name in columns:
        for left, right in zip(one[name], other[name], strict=True):
            assert left == right or (pd.isna(left) and pd.isna(right)), (name, left, right)


def check_shown(found: Taken, frame: pd.DataFrame) -> None:
    """What stands on the screen is what the file says, to the digits that are shown."""
    assert len(found.cells) == len(frame)
    assert set(found.names) == set(frame.columns) - {"withheld"}
    for shown, (_, row) in zip(found.cells, frame.iterrows(), strict=True):
        for name, text in zip(found.names, shown, strict=True):
            assert agrees(text, name, row[name], "sex"), (name, text, row[name])


def agrees(text: str, name: str, value: Any, by: str) -> bool:
    if isinstance(value, str):
        return text == cell({name: value}, name, by)
    if pd.isna(value):
        return text in NOTHING
    number = text.removesuffix("%").strip().replace(",", "").replace("\u2212", "-")
    digits = len(number.partition(".")[2])
    return math.isclose(float(number), value * (100 if text.endswith("%") else 1), rel_tol=0, abs_tol=0.5000001 * 10**-digits)


def check_all(found: Taken, folder: Path, home: str) -> None:
    """File, command, Python and link: the same numbers four times, and those of the screen."""
    frame = read(found.file)
    check_shown(found, frame)
    check_same(frame, run_command(found.command, folder, home))
    check_same(frame, run_python(found.python))
    check_same(frame, run_python(from_link(found)))


def test_from_a_chart_to_the_same_numbers(server: str, new_page: OpenPage, tmp_path: Path, at_home: str) -> None:
    found = taken(new_page(), f"{server}/{NUMBERS}")
    check_all(found, tmp_path, at_home)
    assert "policy" not in found.command
    steps = [Timed(words, 1, seconds) for words, seconds in found.seconds.items()]
    assert len(steps) == MOST_CLICKS
    sys.stdout.write(f"The analyst\n{told(steps)}\n")


def test_from_numbers_to_share_to_the_same_numbers(server: str, new_page: OpenPage, tmp_path: Path, at_home: str) -> None:
    found = taken(new_page(), f"{server}/{NUMBERS}&policy=publish")
    check_all(found, tmp_path, at_home)
    assert "--policy publish" in found.command
    assert all(value % 5 == 0 for value in read(found.file)["n"].dropna())


def test_one_number_that_differs_is_seen(server: str, new_page: OpenPage, tmp_path: Path, at_home: str) -> None:
    """The journey itself can fail: by another cohort, and by one digit of the file."""
    found = taken(new_page(), f"{server}/{NUMBERS}")
    frame = read(found.file)
    for code in (found.python.replace("female", "male"), from_link(found).replace("sex=female&", "")):
        with pytest.raises(AssertionError):
            check_same(frame, run_python(code))
    frame.loc[2, "mean"] += 0.02
    with pytest.raises(AssertionError):
        check_shown(found, frame)


def test_the_link_leads_to_the_card(server: str, new_page: OpenPage) -> None:
    page = new_page()
    address = f"{server}/diagnoses?diagnoses_tab=At+the+first+visit&sex=female"
    page.goto(f"{address}#card_table_one")
    card = page.locator(".st-key-card_table_one")
    card.wait_for()
    settle(page)
    page.wait_for_timeout(1000)
    height = page.viewport_size["height"] if page.viewport_size else 0
    assert 0 <= card.evaluate("card => card.getBoundingClientRect().top") < height / 2
    page.mouse.move(900, height / 2)
    page.mouse.wheel(0, -5000)
    page.wait_for_timeout(500)
    assert card.evaluate("card => card.getBoundingClientRect().top") > height / 2, "who scrolls is left alone"


def test_the_rows_behind_a_chart(server: str, new_page: OpenPage) -> None:
    page = new_page()
    visit(page, f"{server}/{NUMBERS}")
    drawer = page.locator(".st-key-open_score_over_time_trajectory")
    drawer.locator("summary").click()
    drawer.get_by_role("link", name="The rows behind this chart").wait_for()
    settle(page)  # the drawer is drawn anew once more, and a link that is replaced while it is clicked leads nowhere
    drawer.get_by_role("link", name="The rows behind this chart").click()
    page.get_by_role("heading", level=1, name="Export").wait_for()
    settle(page)
    assert "sex=female" in page.url
    assert "diagnosis=herniated_disc" in page.url
    page.get_by_label("Purpose").fill("a journey of a test")
    page.get_by_label("Purpose").press("Enter")
    page.get_by_text(re.compile(r"will have [\d,]+ rows of")).wait_for()
    page.locator("th small").first.wait_for()  # the first ten rows stand under the text
    assert page.locator("th small").all_inner_texts()[-2:] == ["instrument", "value"]
    page.go_back()  # one click is one step back, whatever addresses came of it
    page.get_by_role("heading", level=1, name="Outcomes").wait_for()
    expect(page).to_have_url(f"{server}/{NUMBERS}")


@pytest.mark.parametrize(("dark", "width"), [(False, 1440), (True, 1440), (False, 390)])
def test_an_open_drawer_can_be_used_by_everybody(server: str, new_page: OpenPage, *, dark: bool, width: int) -> None:
    page = new_page(dark=dark)
    page.set_viewport_size({"width": width, "height": 900})
    visit(page, f"{server}/{NUMBERS}")
    page.locator(".st-key-open_score_over_time_trajectory summary").click()
    page.get_by_role("button", name="Copy link to this card").wait_for()
    settle(page)
    assert not violations(page, *OF_THE_FRAMEWORK)
