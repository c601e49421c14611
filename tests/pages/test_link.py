"""A link that cannot be applied in full: one banner names everything that was not, why, and what was done instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from synapse_analytics.cohort import FILTERS
from synapse_analytics.cohort.link import PAGE_CHOICES
from synapse_analytics.web.menu import MENU
from tests.pages.test_pages import EVERY_TAB, ROOT, loaded, open_page

__all__ = ["loaded"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TITLE = "Parts of this link could not be applied"


def banners(at: AppTest) -> list[str]:
    return [info.value.replace("\\", "") for info in at.info if TITLE in info.value]


def test_one_banner_names_all_that_was_not_applied() -> None:
    query = {
        "diagnosis": ["spinal_stenosis", "gout"],
        "site": "S99",
        "outcomes_tab": "Nonsense",
        "index": "birth",
        "colour": "red",
        "pathways_tab": "Stepped care",
    }
    at = open_page("outcomes", query)
    assert not at.exception
    (said,) = banners(at)
    for words in (
        "Primary diagnosis: 'gout' is not known here",
        "Site: 'S99' is not known here",
        "'colour' is not the name of a filter or a choice.",
        "'pathways_tab' belongs to the page Pathways.",
        "outcomes_tab='Nonsense': There is no such tab on this page. The tab Over time is used instead.",
        "index='birth': There is no such choice here. First visit is used instead.",
    ):
        assert words in said
    assert at.session_state["cohort_of_this_run"].url() == "diagnosis=spinal_stenosis"


def test_the_button_cleans_the_address_and_closes_the_banner() -> None:
    at = open_page("outcomes", {"diagnosis": ["spinal_stenosis", "gout"], "index": "birth", "colour": "red", "policy": "strict"})
    assert len(banners(at)) == 1
    at.button(key="clean_address").click().run()
    assert not at.exception
    assert banners(at) == []
    assert "colour" not in at.query_params
    assert at.session_state["diagnosis"] == ["spinal_stenosis"]
    assert at.session_state["policy"] == "publish"  # whoever mistyped the stricter policy stays under it
    assert not at.session_state["index"]


def test_the_banner_stays_behind_with_the_page_of_the_link() -> None:
    at = open_page("outcomes", {"outcomes_tab": "Nonsense"})
    assert len(banners(at)) == 1
    at.switch_page(str(ROOT / "pages" / "diagnoses.py")).run()
    assert banners(at) == []
    at.switch_page(str(ROOT / "pages" / "outcomes.py")).run()
    assert banners(at) == []


@pytest.mark.parametrize("page", [name for name in MENU if name != "overview"])
def test_a_name_that_no_page_knows_is_said_on_every_page(page: str) -> None:
    (said,) = banners(open_page(page, {"nonsense": "1"}))
    assert "'nonsense'" in said


def test_of_thousands_of_names_the_banner_says_a_few() -> None:
    (said,) = banners(open_page("methods", {f"n{k}": "1" for k in range(900)}))
    assert "'n7'" in said
    assert "892 more names in the link are not known here." in said
    assert len(said) < 1_000


def test_a_split_that_may_not_be_shared_says_why() -> None:
    at = open_page("outcomes", {"policy": "publish", "outcome_by": "clinician"})
    (said,) = banners(at)
    assert "outcome_by='clinician': numbers to share are not split by clinician" in said
    assert "The answer is not split." in said
    assert banners(open_page("outcomes", {"outcome_by": "clinician"})) == []


@pytest.mark.parametrize(
    ("page", "query", "words"),
    [
        ("overview", {"indicator": "nothing"}, "There is no such indicator on this page. No row is opened."),
        (
            "compare_treatments",
            {"a": "magic"},
            "a='magic': There is no such choice here. A treatment that can be compared is used instead.",
        ),
        ("compare_treatments", {"month": "7"}, "month='7': There is no such choice here. 12 months is used instead."),
        ("patients_like_mine", {"age": "old"}, "age='old': A number from 0 to 90 is needed. Any value is used instead."),
        ("variation", {"indicator": "nothing"}, "indicator='nothing': There is no such choice here."),
    ],
)
def test_a_choice_that_there_is_not_is_said(page: str, query: dict[str, Any], words: str) -> None:
    (said,) = banners(open_page(page, query))
    assert words in said


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"outcome_by": ["birth", "colour"]}, "outcome_by='colour': There is no such choice here. None is used instead."),
        ({"instrument": "x" * 100}, "There is no such choice here."),
        ({"outcome_by": ["sex", "site"]}, "outcome_by='site': The link gives this more than once. Site is used instead."),
    ],
)
def test_a_choice_that_is_given_twice_or_is_too_long_is_said(query: dict[str, Any], words: str) -> None:
    (said,) = banners(open_page("outcomes", query))
    assert words in said


@pytest.mark.parametrize(("page", "key", "tab"), EVERY_TAB)
def test_a_link_that_is_understood_has_no_banner(page: str, key: str, tab: str) -> None:
    at = open_page(page, {key: tab, "sex": ["female"]} if page not in ("data", "methods") else {key: tab})
    assert banners(at) == []


def _literals(path: Path) -> Iterator[str]:
    """The names of parameters that a file asks for by a text."""
    asking = {"option": 0, "choose": 0, "switch": 0, "split": 0, "tied": 0, "tabs": 0, "behind": 0, "particular": 0}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in asking and (called != "split" or path.parent.name in ("pages", "web")):
                yield node.args[0].value


def test_every_parameter_of_a_page_is_declared() -> None:
    known = {name for names in PAGE_CHOICES.values() for name in names} | set(FILTERS)
    files = [*(ROOT / "pages").glob("*.py"), *(ROOT / "synapse_analytics" / "web").glob("*.py")]
    asked = {name for path in files for name in _literals(path) if name.isidentifier()}
    assert asked - known == set()
    assert {"outcome_by", "month", "outcomes_tab", "like_more"} <= asked


def test_every_page_has_its_parameters() -> None:
    assert set(PAGE_CHOICES) == set(MENU)


def ages_offered(query: dict[str, Any]) -> list[str]:
    at = open_page("diagnoses", query)
    return [option.content for group in at.get("button_group") if group.key == "pick_age_band" for option in group.proto.options]


def test_nobody_is_0_to_17_here_and_no_chip_says_so() -> None:
    """The chosen value stands, what nobody has is not offered; what may be shared has one closed list for every clinic."""
    assert ages_offered({"age_band": ["18-39"]}) == ["18-39", "40-64", "65-90"]
    assert ages_offered({"age_band": ["0-17"]}) == ["0-17", "18-39", "40-64", "65-90"]
    assert ages_offered({"policy": "publish"}) == ["18-39", "40-64", "65-90"]
