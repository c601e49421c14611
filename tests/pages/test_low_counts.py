"""Where a number is withheld a clinician reads a phrase, once: never "n = few | 219", "withheld of withheld" or "1 patients"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from synapse_analytics import exports
from synapse_analytics.clinic import open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.figures import compare_treatments
from synapse_analytics.findings import words as w
from tests.made_once import store_of
from tests.pages.charts_of import charts_of
from tests.pages.test_odd_codes import EVERYWHERE, SPLITS, open_page, read_as_markdown, texts
from tests.reading import seen_markdown

NO_PHRASE = re.compile(
    r"= withheld|= few|\bfew \||\| few|partly withheld$(?<!: partly withheld)(?<!n partly withheld)"
    r"|\bwithheld (?:of|answered|confirmed|seen|with|if|as|episodes|patients|expected|who|followed|mean|median|days|improved|until)\b"
    r"|(?:\bof|\bagainst|\bby|\bat|\d|%) withheld\b(?! number)"
    r"|\b(?:None|nan|inf)\b(?!:)|\b1 (?:patients|episodes|numbers|units|rows|months|quarters|answers|bars|weeks|steps|definitions)\b"
    r"|(?<![\w.,])[-\u2212]0(?:\.0+)?(?![.,\w])|\b0 of 0\b"
)
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic of 250 made-up patients: many groups of a few."""
    return store_of(tmp_path_factory, patients=250, seed=4)


def pieces(at: AppTest) -> Iterator[str]:
    """Every line a reader sees: of texts, cells of tables, and charts with their hovers."""
    yield from map(seen_markdown, read_as_markdown(at))
    for element in at.get("html"):
        yield from (unescape(part).strip() for part in re.split(r"<style>.*?</style>|<[^>]*>", element.proto.body, flags=re.DOTALL))
    for chart in charts_of(at):
        for text in texts(chart.figure):
            yield from (unescape(re.sub(r"<[^>]*>", "", line)) for line in text.split("<br>"))


@pytest.mark.parametrize(("page", "key", "tab"), [one for one in EVERYWHERE if one[0] != "methods"])
@pytest.mark.parametrize("by", ["", "diagnosis"])
@pytest.mark.parametrize("policy", ["clinic", "publish"])
def test_what_is_withheld_is_said_in_a_phrase(
    small_store: Path, monkeypatch: pytest.MonkeyPatch, page: str, key: str | None, tab: str | None, by: str, policy: str
) -> None:
    monkeypatch.setenv("SYNAPSE_HOME", str(small_store))
    monkeypatch.setenv("SYNAPSE_POLICY", policy)
    at = open_page(page, key, tab, **(dict.fromkeys(SPLITS, by) if by else {}))
    assert sorted({piece for piece in pieces(at) if NO_PHRASE.search(piece)}) == []


@pytest.mark.parametrize("policy", ["clinic", "publish"])
def test_the_report_says_it_in_a_phrase(small_store: Path, policy: str) -> None:
    html = exports.report(open_clinic(f"duckdb:///{small_store}"), Cohort(), policy=policy)
    lines = [unescape(part).strip() for part in re.split(r"<style>.*?</style>|<[^>]*>", html, flags=re.DOTALL)]
    assert [line for line in lines if NO_PHRASE.search(line)] == []


def test_two_arms_are_counted_under_the_axis() -> None:
    """It read "n = few | 219"."""
    rows = [{"arm": "a", "visit": "month_12", "n": None}, {"arm": "b", "visit": "month_12", "n": 219}]
    assert ">withheld / 219<" in compare_treatments._under(rows, "month_12")
    assert ">withheld / 219<" in compare_treatments._under(rows[1:], "month_12")


@pytest.mark.parametrize(
    "text",
    ["n = few | 219", "withheld of 15", "0 of withheld expected", "21 % against withheld", "1 patients", "\u22120.0", "-0", "0 of 0"],
)
def test_no_phrase_is_noticed(text: str) -> None:
    """The guard itself."""
    assert NO_PHRASE.search(text)


def test_the_phrases() -> None:
    assert w.part_of(3, 41, "expected") == "3 of 41 expected"
    assert w.part_of(None, 41, "expected") == "a withheld number of 41 expected"
    assert w.part_of(0, None, "expected") == "0 of a withheld number expected"
    assert w.part_of(None, None, "expected") == "a withheld number expected"
    assert w.share_and_part(0.5, 4, 8) == "50 %  \u00b7  4 of 8"
    assert w.share_and_part(None, 1, 3) == "share withheld, 1 of 3"
    assert w.share_and_part(None, None, 15) == "number and share withheld, of 15"
    assert w.share_and_part(None, 0, 0) == "no patients"
    assert w.part_of(0, 0, "who answered") == "no patients who answered"
    assert w.share_who(None, "answered") == "share withheld"
    assert w.n_of(None) == "n withheld"
    assert w.n_of(1_412) == "n = 1,412"
    assert w.n_of_both(34, 219) == "n = 34 and 219"
    assert w.n_of_both(None, 219) == "n: withheld and 219"
    assert w.n_of_both(None, None) == "n withheld"
