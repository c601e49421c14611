"""Sites, clinicians, a clinic and saved cohorts with odd names: every page shows them as they were written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.saved import SavedCohort
from synapse_analytics.cohort.saved_file import save_cohorts
from synapse_analytics.web.menu import WITHOUT_COHORT
from tests.made_once import made_once
from tests.odd_codes import CLINICIANS, MARKUP, SITES, STARTS, odd_clinic
from tests.pages.charts_of import charts_of
from tests.pages.test_pages import EVERY_TAB, PAGES, TABS, entered
from tests.reading import seen_markdown, seen_plotly

EVERYWHERE = [*((page, None, None) for page in PAGES if page not in {page for page, _ in TABS.values()}), *EVERY_TAB]
SPLITS = ("outcome_by", "mix_by", "baseline_by", "escalation_by", "stepped_by", "response_by", "funnel_by")
SPOILT = re.compile(r"(?<!\w)init(?!\w)")  # what becomes of __init__ where Markdown reads it
AT = "at -2e3 or 1e5 or NA or __init__ or _a_ or all"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def odd_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the store of the odd clinic."""
    return made_once(tmp_path_factory, "odd", odd_clinic) / "store"


@pytest.fixture(autouse=True)
def loaded(odd_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_HOME", str(odd_store))


def open_page(page: str, key: str | None = None, tab: str | None = None, **query: Any) -> AppTest:
    """A page with one of its tabs, what is behind a click, and all its drawers open."""
    at = entered(page)
    for name, value in query.items():
        at.query_params[name] = value
    if key is not None:
        at.session_state[key] = tab
    at.run()
    for name in [name for name in at._session_state._state.filtered_state if str(name).startswith("open_")]:
        at.session_state[name] = True
    at.run()
    assert not at.exception, [error.value for error in at.exception]
    return at


def read_as_markdown(at: AppTest) -> list[str]:
    kinds = (at.markdown, at.caption, at.info, at.warning, at.error, at.success, at.title, at.header, at.toast)
    options = [option for kind in ("button_group",) for group in at.get(kind) for option in group.proto.options]
    return [*(element.value for kind in kinds for element in kind), *(option.content for option in options)]


def seen(at: AppTest) -> list[str]:
    """Everything a reader sees of a page, piece by piece."""
    html = [unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", element.proto.body, flags=re.DOTALL)) for element in at.get("html")]
    return [*map(seen_markdown, read_as_markdown(at)), *html, *(seen_plotly(text) for text in charted(at))]


def charted(at: AppTest) -> Iterator[str]:
    """Every text on the charts of a page, and what a screen reader says of them."""
    for chart in charts_of(at):
        yield from texts(chart.figure)
        yield chart.alt


def texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, list | dict):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from texts(inner)


@pytest.mark.parametrize(("page", "key", "tab"), EVERYWHERE)
@pytest.mark.parametrize("by", ["site", "clinician"])
def test_codes_are_shown_as_written(page: str, key: str | None, tab: str | None, by: str) -> None:
    at = open_page(page, key, tab, site=list(SITES), **dict.fromkeys(SPLITS, by))
    shown = seen(at)
    assert page in WITHOUT_COHORT or any(AT in text for text in shown)
    assert not [text for text in shown if SPOILT.search(text)]
    for chart in charts_of(at):
        check_names_are_names(chart.id, chart.figure)


def check_names_are_names(chart: str, figure: dict[str, Any]) -> None:
    """A code that reads as a number is none on an axis: Plotly puts 1e5 at 100,000 unless the axis is told that it holds names."""
    for trace in figure["data"]:
        for letter in "xy":
            named = [value for value in trace.get(letter) or () if isinstance(value, str)]
            axis = f"{letter}axis{str(trace.get(f'{letter}axis', letter))[1:]}"
            assert not named or figure["layout"][axis].get("type") == "category", (chart, named[:3])
    for text in figure["layout"].get("annotations", ()):
        assert not isinstance(text.get("x"), str), "Plotly reads the place of a note as a number first"
        assert not isinstance(text.get("y"), str), "Plotly reads the place of a note as a number first"


@pytest.mark.parametrize(("page", "key", "tab"), EVERYWHERE)
def test_the_name_of_the_clinic_is_shown_as_written(page: str, key: str | None, tab: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands in the stamp of all that may be shared."""
    monkeypatch.setenv("SYNAPSE_POLICY", "publish")
    pieces = [text for text in seen(open_page(page, key, tab)) if "smile" in text or "material/home" in text]
    assert all(" ".join(MARKUP.split()) in text for text in pieces), pieces
    assert pieces or page in {"methods", "export", "patients_like_mine", "data"}


def test_saved_cohorts_are_called_as_written(odd_store: Path) -> None:
    names = [text[:60].strip() for text in (*STARTS, MARKUP)]
    save_cohorts({name: SavedCohort(Cohort(site=("__init__",), clinician=("pooled",))) for name in names}, odd_store)
    shown = seen(open_page("overview"))
    assert [name for name in names if " ".join(name.split()) not in shown] == []
    assert "Patients at __init__ seen by pooled." in shown


def test_a_chip_of_the_sidebar_is_called_as_written() -> None:
    [chips] = [group for group in open_page("diagnoses", site=[min(SITES)]).get("button_group") if group.proto.label == "Site"]
    assert [seen_markdown(option.content) for option in chips.proto.options] == sorted(SITES)


@pytest.mark.parametrize("code", CLINICIANS)
def test_a_clinician_alone_is_named(code: str) -> None:
    assert any(f"Patients seen by {code}; " in text for text in seen(open_page("overview", clinician=[code])))


@pytest.mark.parametrize("wrong", ["*a*", "__x__", ":smile:", "<b>", "$x$ $y$"])
def test_what_is_left_out_of_an_address_is_named_as_written(wrong: str) -> None:
    assert any(f"Sex: '{wrong}' is not known here." in text for text in seen(open_page("overview", sex=[wrong])))


def test_the_clinic_is_what_its_manifest_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clinic called like the code of a score is no score."""
    clinic: Clinic = odd_clinic(tmp_path, name="nrs_pain")
    monkeypatch.setenv("SYNAPSE_HOME", str(clinic.home))
    assert any(re.search(r"Clinic\s+nrs_pain\s", text) for text in seen(open_page("data")))
