"""The export of rows on its page: which filters rows do not know, the preview before the file, and what is logged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from synapse_analytics import analyses, audit
from synapse_analytics.access import Person
from synapse_analytics.analyses import record_columns
from synapse_analytics.analyses.rows_behind import ROWS_BEHIND
from synapse_analytics.errors import NotAllowed
from synapse_analytics.web import export, taking
from synapse_analytics.web.door.sessions import SESSIONS
from synapse_analytics.web.export import COLUMNS, SEEN, TABLE
from synapse_analytics.web.taking import ROWS
from tests.builders import person
from tests.pages.roles import comes
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
    assert "shown here before the file is made" not in said(at)
    at = button(at, "Remove: Age band, Treatment received").click().run()
    assert not at.exception
    assert at.session_state["sex"] == ["female"]
    assert (at.session_state["treatment"], at.session_state["age_band"]) == ([], [])
    assert "shown here before the file is made" in said(at)


def logged(folder: Path) -> list[str]:
    """The events of exports in the order of the log."""
    return [line["event"] for line in audit.lines(folder) if line["event"] != "question"]


def purposeful(at: AppTest, purpose: str = "a test of the page") -> AppTest:
    return at.text_input(key="export_purpose").input(purpose).run()


def test_ten_rows_and_what_is_blanked_are_shown_before_the_file_is_made(own_log: Path) -> None:
    at = open_page("export", {"sex": ["female"], "site": ["S01"]})
    assert "Prepare the file" not in labels(at)
    assert logged(own_log) == []
    at = purposeful(at)
    assert not at.exception
    counted = at.session_state[SEEN]["preview"].counted
    assert counted.blanked["age_band"] > 0
    assert f"age band in {counted.blanked['age_band']:,} rows" in said(at)
    assert f"The file will have {counted.rows:,} rows of {counted.patients:,} patients." in said(at)
    assert "rows are left out" in said(at)
    (shown,) = (element.proto.body for element in at.get("html") if "Preview of the rows" in element.proto.body)
    assert shown.count("<tr>") == 11
    assert "Age band" in shown, "in words"
    assert "With red flags" in shown, "as a patient has them, not as an answer leaves them out"
    assert "age_<wbr>band" in shown, "and as the file calls it"
    assert logged(own_log) == ["export_previewed"]
    at = button(at, "Prepare the file").click().run()
    assert not at.exception
    assert logged(own_log) == ["export_previewed", "export_asked", "export_finished"]
    assert f"{sum(counted.blanked.values()):,} values were left blank" in "".join(done.value for done in at.success), (
        "as it was said before"
    )


def test_other_columns_are_shown_and_logged_anew(own_log: Path) -> None:
    at = purposeful(open_page("export"))
    at = at.run()
    assert logged(own_log) == ["export_previewed"], "once, however often the page is drawn"
    at = at.multiselect(key="export_columns_episodes").unselect("site").run()
    assert logged(own_log) == ["export_previewed"] * 2
    assert "site in" not in said(at)


def test_without_a_purpose_nothing_is_shown(own_log: Path) -> None:
    at = purposeful(open_page("export"), "x")
    assert any("Say what the rows are for" in error.value for error in at.error)
    assert "Preview of the rows" not in said(at)
    assert logged(own_log) == []


def links(at: AppTest) -> dict[str, str]:
    """The links of a page to other pages: label and query."""
    return {link.proto.label: link.proto.query_string for link in at.get("page_link")}


def test_rows_behind_a_chart_come_with_table_columns_and_cohort(own_log: Path) -> None:
    at = open_page("outcomes", {"sex": ["female"], "site": ["S01", "S02"]})
    at.session_state["open_score_over_time_trajectory"] = True
    asked = parse_qs(links(at.run())[ROWS])
    assert asked == {"sex": ["female"], "site": ["S01", "S02"], "rows_of": ["score_over_time"]}
    at = open_page("export", asked)
    assert not at.exception
    assert (at.session_state[TABLE], at.session_state["sex"], at.session_state["site"]) == ("scores", ["female"], ["S01", "S02"])
    shown = at.multiselect(key=f"{COLUMNS}scores")
    assert shown.value == list(ROWS_BEHIND["score_over_time"][1])
    shown.unselect("value").run()
    assert "value" not in at.run().multiselect(key=f"{COLUMNS}scores").value, "chosen once, then it is the reader who chooses"


@pytest.mark.parametrize("way", ["publish", "nobody"])
def test_rows_are_offered_only_to_those_who_may_have_them(way: str, monkeypatch: pytest.MonkeyPatch, own_log: Path) -> None:
    if way == "nobody":
        monkeypatch.setattr(taking, "person", lambda: person("Dr Hall", "doctor"))
    at = open_page("outcomes", {"policy": "publish"} if way == "publish" else {})
    at.session_state["open_score_over_time_trajectory"] = True
    at = at.run()
    assert "Download CSV" in [one.proto.label for one in at.get("download_button")]
    assert ROWS not in links(at)


def test_every_answer_leads_to_columns_that_there_are() -> None:
    assert set(ROWS_BEHIND) <= set(analyses.answers())
    for table, columns in ROWS_BEHIND.values():
        assert set(columns) <= set(record_columns(table))
    without = set(analyses.answers()) - set(ROWS_BEHIND)
    assert without == {"symptoms", "co_diagnoses", "investigations", "data_quality", "generation_summary"}, "of these no row shows anything"


def zip_of(at: AppTest, patch: pytest.MonkeyPatch) -> Callable[[], bytes]:
    """What the button that saves the zip calls, once the file is prepared."""
    given: dict[str, Any] = {}
    drawn = export.st.download_button

    def noted(label: str, data: Any, **options: Any) -> Any:
        given[options["key"]] = data
        return drawn(label, data, **options)

    patch.setattr(export.st, "download_button", noted)
    assert not button(purposeful(at), "Prepare the file").click().run().exception
    return given["save_rows"]


def test_the_zip_is_logged_when_it_is_saved(own_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = zip_of(open_page("export", {"sex": ["female"]}), monkeypatch)()
    assert logged(own_log) == ["export_previewed", "export_asked", "export_finished", "download"]
    finished, saved = (audit.search(own_log, event=event)[0] for event in (audit.Event.EXPORT_FINISHED, audit.Event.DOWNLOAD))
    assert saved.sha256 == finished.sha256 == hashlib.sha256(content).hexdigest()
    assert (saved.cohort, saved.rows) == (finished.cohort, finished.rows)


@pytest.mark.parametrize("why", ["ended", "role"])
def test_a_zip_that_was_prepared_is_not_saved_after_role_or_session_ended(why: str, own_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    who = [person("ana", "analyst")]
    begun = SESSIONS.begin(lambda *_: who[0])
    comes(Person("ana", who[0].roles, begun.id), monkeypatch)
    take = zip_of(open_page("export"), monkeypatch)
    if why == "ended":
        SESSIONS.end(begun.id)
    else:
        who[0] = person("ana", "doctor")
    with pytest.raises(NotAllowed):
        take()
    SESSIONS.end(begun.id)
    assert logged(own_log)[-1] == "access_refused"


@pytest.mark.parametrize("label", ["Prepare the file", ""])
def test_rows_are_neither_shown_nor_prepared_once_the_role_is_gone(label: str, own_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The click comes from a page that was drawn for an analyst."""
    comes(person("ana", "analyst"), monkeypatch)
    at = purposeful(open_page("export"))
    comes(person("ana", "doctor"), monkeypatch)
    at = button(at, label).click().run() if label else at.run()
    assert not at.exception
    assert "Preview of the rows" not in said(at)
    assert "export_asked" not in logged(own_log)
