"""The cohort above a page: its chips, Clear all, and Undo over several steps; and the one filter of the age."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from synapse_analytics.cohort import FILTERS, Cohort
from synapse_analytics.web.cohort_row import chips
from tests.pages.test_pages import loaded, open_page, said

__all__ = ["loaded"]  # the fixture that opens the sample store, used by every test here
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
ROW = ("chip_", "clear_all", "undo")


def row(at: AppTest) -> dict[str, str]:
    """The buttons of the row by their keys."""
    return {str(button.key): button.label for button in at.main.button if str(button.key).startswith(ROW)}


def press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("cohort", "words"),
    [
        (Cohort(), []),
        (Cohort(diagnosis=("spinal_stenosis",), sex=("female",)), ["Spinal stenosis", "Women"]),
        (Cohort(sex=("female",), month_from="2023-01"), ["First seen from Jan 2023", "Women"]),
        (Cohort(month_from="2023-01", month_to="2023-12"), ["First seen Jan 2023 to Dec 2023"]),
        (Cohort(month_to="2023-12", age_to=64), ["First seen up to Dec 2023", "Age up to 64"]),
        (Cohort(age_from=40, age_to=64), ["Age 40 to 64"]),
        (Cohort(age_from=40, age_to=40), ["Age 40"]),
        (Cohort(age_band=("40-64",), site=("S01",), smoker=("yes",)), ["Age band: 40-64", "Site: S01", "Smoker: Yes"]),
        (Cohort(diagnosis=tuple(FILTERS["diagnosis"].legal[:4])), ["Herniated disc or Spinal stenosis or 2 more"]),
    ],
)
def test_a_chip_says_its_filter(cohort: Cohort, words: list[str]) -> None:
    assert [text for _, text in chips(cohort)] == words
    assert [name for names, _ in chips(cohort) for name in names if name not in cohort.in_use()] == []
    assert {name for names, _ in chips(cohort) for name in names} == set(cohort.in_use())


def test_without_filters_there_is_the_sentence_only() -> None:
    at = open_page("diagnoses")
    assert "**All patients**" in said(at)
    assert row(at) == {}


def test_a_chip_removes_its_filter_and_no_other() -> None:
    at = open_page("diagnoses", {"diagnosis": ["spinal_stenosis"], "age_from": "40", "age_to": "64"})
    assert row(at) == {"chip_diagnosis": "Spinal stenosis", "chip_age_from": "Age 40 to 64", "clear_all": "Clear all"}
    press(at, "chip_age_from")
    assert row(at) == {"chip_diagnosis": "Spinal stenosis", "clear_all": "Clear all", "undo": "Undo"}
    assert "**Patients with spinal stenosis**" in said(at)


def test_undo_goes_back_step_by_step() -> None:
    at = open_page("diagnoses", {"sex": ["female"]})
    at.multiselect(key="pick_diagnosis").select("spinal_stenosis").run()
    press(at, "clear_all")
    assert row(at) == {"undo": "Undo"}
    press(at, "undo")
    assert "**Women with spinal stenosis**" in said(at)
    at.switch_page(str(page_file("outcomes"))).run()
    press(at, "undo")
    assert "**Women**" in said(at)
    assert "undo" not in row(at)
    assert at.multiselect(key="pick_diagnosis").value == []


def page_file(name: str) -> Any:
    from tests.pages.test_pages import ROOT

    return ROOT / "pages" / f"{name}.py"


def test_the_age_is_one_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_page("diagnoses")
    assert at.slider(key="pick_ages").value == (0, 90)
    at.slider(key="pick_ages").set_range(40, 90).run()
    assert "**Patients aged 40 or over**" in said(at)
    banded = open_page("diagnoses", {"age_band": ["40-64"]})
    assert not banded.slider
    assert [pills.label for pills in banded.sidebar.button_group if pills.key == "pick_age_band"] == ["Age"]
    monkeypatch.setenv("SYNAPSE_POLICY", "publish")
    assert not open_page("diagnoses").slider


@pytest.mark.parametrize("page", ["data", "methods"])
def test_no_filters_where_they_do_nothing(page: str) -> None:
    at = open_page(page, {"sex": ["female"]})
    assert not at.exception
    assert not at.sidebar.multiselect
    assert row(at) == {}
    assert "2,000 patients" in said(at)
