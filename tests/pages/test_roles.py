"""Who sees what on the pages: the table of the privacy policy, role by role, and what becomes of a page, click or file that is not theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from synapse_analytics import audit
from synapse_analytics.access import NOBODY, Person, Role
from synapse_analytics.web import saved_cohorts, session
from synapse_analytics.web.door.sessions import SESSIONS
from synapse_analytics.web.menu import MENU
from synapse_analytics.web.taking import OPEN, ROWS
from tests.builders import person
from tests.pages.charts_of import charts_of, linked_of
from tests.pages.roles import comes, forced, refusals
from tests.pages.test_pages import PAGES, loaded, said

__all__ = ["loaded"]  # the fixture that opens the sample store, used by every test here
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
ROOT = Path(__file__).resolve().parents[2]
FOR_ALL = ("overview", "diagnoses", "pathways", "outcomes", "variation", "export", "data", "methods")
FOR_CARE = ("compare_treatments", "patients_like_mine")
SEEN: dict[str, tuple[str, ...]] = {
    "leadership": FOR_ALL,
    "doctor": (*FOR_ALL, *FOR_CARE),
    "analyst": (*FOR_ALL, *FOR_CARE),
    "admin": (*FOR_ALL, *FOR_CARE, "audit_log"),
}
NOT_SEEN = [(role, page) for role, pages in SEEN.items() for page in PAGES if page not in pages]


def opened(role: str, page: str, patch: pytest.MonkeyPatch, **state: Any) -> AppTest:
    comes(person("somebody", role), patch)
    at = forced(page, **state)
    assert not at.exception, [error.value for error in at.exception]
    return at


def tabs(at: AppTest) -> list[str]:
    return [one.label for one in at.tabs]


def buttons(at: AppTest) -> set[str]:
    return {one.label for one in at.button} | {one.proto.label for one in at.get("download_button")}


def test_the_table_names_every_page_and_role() -> None:
    assert set(SEEN) == set(Role)
    assert {page for pages in SEEN.values() for page in pages} == set(PAGES) == set(MENU)


@pytest.mark.parametrize("role", SEEN)
def test_the_menu_offers_what_the_role_may_see(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    offered: dict[str, str] = {}
    page = st.Page

    def made(path: Path, **given: Any) -> Any:
        offered[path.stem] = given["visibility"]
        return page(path, **given)

    monkeypatch.setattr(st, "Page", made)
    opened(role, "methods", monkeypatch)
    assert {name for name, how in offered.items() if how == "visible"} == set(SEEN[role])


@pytest.mark.parametrize(("role", "page"), [(role, page) for role, pages in SEEN.items() for page in pages])
def test_a_page_of_the_role_opens_without_an_empty_part(role: str, page: str, monkeypatch: pytest.MonkeyPatch, own_log: Path) -> None:
    at = opened(role, page, monkeypatch)
    assert "Only these roles may" not in said(at)
    assert "may be exported by" not in said(at), "what a role may not do is not offered to be refused"
    assert refusals(own_log) == []
    last = [element.type for element in at.main if element.type in {"header", "subheader"}]
    assert not last or at.main[len(at.main) - 1].type not in {"header", "subheader"}, "no heading without anything under it"


@pytest.mark.parametrize(("role", "page"), NOT_SEEN)
def test_a_forced_page_is_refused_and_logged(role: str, page: str, monkeypatch: pytest.MonkeyPatch, own_log: Path) -> None:
    at = opened(role, page, monkeypatch)
    assert "Only these roles may: " in said(at)
    assert not charts_of(at)
    assert not linked_of(at)
    (refused,) = refusals(own_log)
    assert (refused.user, refused.roles, refused.detail["of"]) == ("somebody", role, page)
    audit.flush()
    asked = {line.detail["answer"] for line in audit.search(own_log, event=audit.Event.QUESTION)}
    assert asked <= {"attrition"}, "nothing of the page was asked"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", [person("stranger"), NOBODY], ids=["no role", "ended"])
def test_without_a_role_nothing_is_seen(page: str, who: Person, monkeypatch: pytest.MonkeyPatch, own_log: Path) -> None:
    comes(who, monkeypatch)
    at = forced(page)
    assert not at.exception
    assert "There is no session" in said(at)
    assert "patients" not in said(at)
    assert [element for kind in (at.multiselect, at.selectbox, at.text_input, at.button, at.tabs) for element in kind] == []
    audit.flush()
    assert audit.search(own_log, event=audit.Event.QUESTION) == []


# --- controls -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", SEEN)
def test_everybody_may_take_what_is_shown_and_analysts_rows(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(role, "outcomes", monkeypatch)
    assert OPEN in {part.label for part in at.expander}
    at.session_state["open_score_over_time_trajectory"] = True
    at = at.run()
    assert "Download CSV" in buttons(at)
    assert (ROWS in {link.proto.label for link in at.get("page_link")}) == (role == "analyst")
    at = opened(role, "overview", monkeypatch)
    assert {"Report for use inside the clinic", "Report to share"} <= buttons(at)
    assert "saved_name" in {box.key for box in at.sidebar.text_input}


@pytest.mark.parametrize("role", SEEN)
def test_rows_are_offered_to_analysts_only(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(role, "export", monkeypatch)
    assert tabs(at) == [*(["Rows"] if role == "analyst" else []), "Aggregates", "This cohort"]
    assert ("export_purpose" in {box.key for box in at.text_input}) == (role == "analyst")


@pytest.mark.parametrize("role", SEEN)
def test_data_are_loaded_and_rolled_back_by_admins_only(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(role, "data", monkeypatch)
    is_admin = role == "admin"
    assert tabs(at) == ["What is loaded", "Completeness", "Warnings", *(["Your own files"] if is_admin else [])]
    assert ("Load another bundle" in said(at)) == is_admin
    assert bool(at.get("file_uploader")) == (is_admin or bool(at.sidebar.get("file_uploader")))
    assert "Data versions" in said(at)


# --- what was offered before role or session ended ----------------------------------------------------------------


def test_a_role_that_is_taken_away_ends_what_is_open(monkeypatch: pytest.MonkeyPatch, own_log: Path) -> None:
    at = opened("doctor", "compare_treatments", monkeypatch)
    assert charts_of(at)
    comes(person("somebody", "leadership"), monkeypatch)
    at = at.run()
    assert "Only these roles may" in said(at)
    assert not charts_of(at)
    assert len(refusals(own_log)) == 1


def test_a_cohort_is_not_saved_after_the_session_has_ended(monkeypatch: pytest.MonkeyPatch, own_log: Path) -> None:
    begun = SESSIONS.begin(lambda *_: person("ana", "doctor"))
    comes(Person("ana", frozenset({Role.DOCTOR}), begun.id), monkeypatch)
    at = forced("diagnoses")
    SESSIONS.end(begun.id)
    monkeypatch.setattr(saved_cohorts, "save_cohorts", lambda *_: pytest.fail("saved"))
    at.sidebar.text_input(key="saved_name").set_value("Mine")
    next(button for button in at.sidebar.button if button.label == "Save").click().run()
    assert [line.detail["of"] for line in refusals(own_log)][0] == "saved_cohorts"


@pytest.mark.parametrize("page", PAGES)
def test_the_file_of_a_page_without_the_dashboard_around_it_opens_nothing(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`streamlit run pages/overview.py` has no door: whoever reaches it has no session."""
    monkeypatch.setattr(SESSIONS, "needed", True)
    opened_for: list[Any] = []
    monkeypatch.setattr(session, "open_clinic", lambda **given: opened_for.append(given))
    AppTest.from_file(ROOT / "pages" / f"{page}.py", default_timeout=60).run()
    assert not opened_for
