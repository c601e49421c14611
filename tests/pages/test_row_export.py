"""The export of rows on its page: which filters rows do not know, the preview before the file, and what is logged."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from synapse_analytics import audit
from tests.pages.test_pages import open_page, said

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def button(at: AppTest, label: str) -> Button:
    return next(one for one in at.button if one.label.startswith(label))


def labels(at: AppTest) -> list[str]:
    return [one.label for one in at.button]


def test_unknown_filters_are_dropped_by_one_click(own_log: Path) -> None:
    at = open_page("export", {"treatment": ["discectomy"], "sex": ["female"], "age_band": ["18-39"]})
    assert "cannot be chosen by: Age band (age\\_band), Treatment received (treatment)" in said(at)
    assert "age\\_from=20, age\\_to=39" in said(at)
    assert "Preview" not in labels(at)
    at = button(at, "Drop: Age band, Treatment received").click().run()
    assert not at.exception
    assert at.session_state["sex"] == ["female"]
    assert (at.session_state["treatment"], at.session_state["age_band"]) == ([], [])
    assert "Preview" in labels(at)


def test_file_is_prepared_after_the_preview(own_log: Path) -> None:
    at = open_page("export", {"sex": ["female"], "site": ["S01"]})
    assert "Prepare the file" not in labels(at)
    at.text_input(key="export_purpose").input("a test of the page").run()
    at = button(at, "Preview").click().run()
    assert not at.exception
    assert "Blanked cells by column: age_band" in said(at)
    assert "rows are left out" in said(at)
    (shown,) = (element.proto.body for element in at.get("html") if "Preview of the rows" in element.proto.body)
    assert shown.count("<tr>") == 11
    assert [line["event"] for line in audit.lines(own_log) if line["event"] != "question"] == ["export_previewed"]
    at = button(at, "Prepare the file").click().run()
    assert not at.exception
    assert [line["event"] for line in audit.lines(own_log) if line["event"] != "question"] == [
        "export_previewed",
        "export_asked",
        "export_finished",
    ]


def test_other_columns_need_another_preview(own_log: Path) -> None:
    at = open_page("export")
    at.text_input(key="export_purpose").input("a test of the page").run()
    at = button(at, "Preview").click().run()
    assert "Prepare the file" in labels(at)
    at = at.multiselect(key="export_columns_episodes").unselect("site").run()
    assert "Prepare the file" not in labels(at)


def test_without_a_purpose_nothing_is_shown(own_log: Path) -> None:
    at = button(open_page("export"), "Preview").click().run()
    assert any("Say what the rows are for" in error.value for error in at.error)
    assert "Preview of the rows" not in said(at)
    assert list(audit.lines(own_log)) == []
