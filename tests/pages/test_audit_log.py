"""The page Audit log: lines in words, the search, who may see it, the check of the chain, and the log as a file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from synapse_analytics import audit
from synapse_analytics.access import Person, Role, local_person
from synapse_analytics.audit import Event, Subject
from synapse_analytics.clinic import open_clinic
from synapse_analytics.errors import NotAllowed, StoreError
from synapse_analytics.web import audit_log, audit_words
from synapse_analytics.web.door.sessions import SESSIONS
from tests.builders import person
from tests.pages.roles import comes, forced, refusals
from tests.pages.test_pages import said

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TODAY = datetime.now(UTC).date()


@pytest.fixture
def log(own_log: Path) -> Path:
    """A few lines by two people."""
    audit.append(Event.PUBLISH, local_person("ana"), Subject(rows=2000, detail={"generation": "20260101T0"}), home=own_log)
    detail = {"table": "scores", "columns": "value", "purpose": "<b>Prüfung</b> of 3 * 2", "generation": "20260101T0"}
    audit.append(Event.EXPORT_ASKED, person("ben", "analyst"), Subject("sex=female", detail=detail), home=own_log)
    return own_log


def opened(**sought: Any) -> AppTest:
    at = forced("audit_log", **sought)
    assert not at.exception, [error.value for error in at.exception]
    return at


def table(at: AppTest) -> str:
    return next((one.proto.body for one in at.get("html") if "Lines of the audit log" in one.proto.body), "")


def line(event: str, *, rows: int | None = None, **detail: Any) -> audit.Line:
    return audit.Line(1, "2026-01-01T00:00:00", "ana", "admin", event, "", rows, None, detail)


# --- words --------------------------------------------------------------------------------------------------------


def test_every_event_has_words() -> None:
    assert {event.value for event in Event} <= set(audit_words.WORDS)
    said_of = [audit_words.in_general(event) for event in Event]
    assert len(set(said_of)) == len(said_of), "no two events read the same"


@pytest.mark.parametrize(
    ("given", "sentence", "details"),
    [
        (line("generation_used", generation="2026-a"), "put data version 2026-a into use", ""),
        (line("generation_used"), "put a data version into use", ""),
        (line("question", answer="overview", n=1200, options={"by": None, "index": "first_visit"}, generation="2026-a"), "asked: ", "patients: 1,200; index: first_visit; data version: 2026-a"),
        (line("access_refused", permission="manage_data", of="audit_log", why="no_role"), "was refused: may not load data, manage data versions or read the audit log", "where: page Audit log; why: no role"),
        (line("download", answer="audit_log", file="x"), "downloaded: the audit log", "file: x"),
        (line("load", accepted=False, problems=3), "gave a bundle to be loaded", "accepted: no; problems: 3"),
        (line("export_finished", table="scores", columns="day,value", rows=1234), "exported rows: scores", "columns: day, value; rows: 1,234"),
        (line("event_of_another_version", x=1), "event_of_another_version", "x: 1"),
    ],
    ids=lambda one: one.event if isinstance(one, audit.Line) else "",
)  # fmt: skip
def test_a_line_reads_as_people_speak(given: audit.Line, sentence: str, details: str) -> None:
    assert audit_words.sentence(given).startswith(sentence)
    assert audit_words.details(given) == details


def test_a_cohort_is_told_in_words() -> None:
    assert audit_words.cohort("sex=female") == "Women"
    assert audit_words.cohort("") == "All patients"
    assert audit_words.cohort(None) == ""
    assert audit_words.cohort("colour=red").startswith("All patients (and a filter")


def test_the_page_shows_lines_in_words(log: Path) -> None:
    at = opened()
    told = table(at)
    assert "put the new data version 20260101T0 into use" in told
    assert "asked to export rows: scores" in told
    assert ">Women<" in told
    assert "&lt;b&gt;Prüfung&lt;/b&gt; of 3 * 2" in told, "what somebody wrote is shown as it was written"
    assert told.index("asked to export rows") < told.index("put the new data version"), "the newest first"
    assert "generation" not in told
    assert audit.verify(log).problem is None


# --- search -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sought", "lines"),
    [
        ({"audit_person": "ben"}, 1),
        ({"audit_person": "nobody of this name"}, 0),
        ({"audit_event": Event.PUBLISH}, 1),
        ({"audit_text": "PRÜFUNG"}, 1),
        ({"audit_person": "ana", "audit_since": TODAY, "audit_until": TODAY + timedelta(1)}, 1),  # midnight may pass meanwhile
        ({"audit_since": TODAY + timedelta(2)}, 0),
        ({"audit_until": TODAY - timedelta(2)}, 0),
    ],
)
def test_lines_are_searched(sought: dict[str, Any], lines: int, log: Path) -> None:
    at = opened(**sought)
    assert table(at).count("<tr>") == (lines + 1 if lines else 0)
    assert ("No line of the log fits." in said(at)) == (not lines)


def test_a_long_log_is_turned_over_page_by_page(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "AT_ONCE", 2)
    for number in range(3):
        audit.append(Event.SIGN_IN, local_person(f"p{number}"), home=log)
    at = opened(audit_text="admin", audit_event=Event.SIGN_IN)
    assert ["p2" in table(at), "p1" in table(at), "p0" in table(at)] == [True, True, False]
    button = {one.label: one for one in at.button}
    assert (button["Newer"].disabled, button["Older"].disabled) == (True, False)
    at = button["Older"].click().run()
    assert ["p1" in table(at), "p0" in table(at)] == [False, True]
    assert "Line 3 of those that fit (“signed in”, with the text “admin”), the newest first." in said(at)
    button = {one.label: one for one in at.button}
    assert (button["Newer"].disabled, button["Older"].disabled) == (False, True)
    at = at.text_input(key="audit_person").input("p2").run()
    assert "Line 1 of those that fit (by p2, “signed in”" in said(at), "another search begins at its newest line"


def test_a_whole_log_says_how_long_it_is_and_is_turned_over_at_either_end(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at, lines = opened(), audit.verify(log).lines
    assert f"Lines 1 to {lines} of {lines}, the newest first." in said(at)
    assert [one.label for one in at.button].count("Older") == 1, "few lines are turned over where they begin"
    monkeypatch.setattr(audit_log, "AT_ONCE", 2)
    monkeypatch.setattr(audit_log, "FEW", 1)
    at, lines = opened(), audit.verify(log).lines
    assert said(at).count(f"Lines 1 to 2 of {lines}, the newest first.") == 2
    at = at.button(key="audit_turned_below_older").click().run()
    assert said(at).count("Lines 3 to 4 of ") == 2


def test_a_search_that_finds_nothing_says_what_may_be_the_reason(log: Path) -> None:
    """The words of the table are not those of the log: whoever looks for one of them is told so, not that it never happened."""
    assert "not in the words of the table" in said(opened(audit_text="asked to export"))
    assert "The first day is after the last." in said(opened(audit_since=TODAY, audit_until=TODAY - timedelta(1)))


def test_looking_at_the_log_is_no_event(log: Path) -> None:
    """The line above every page counts patients, and that question is logged as on any page; nothing else is."""
    opened().button(key="audit_verify").click().run()
    audit.flush()
    assert {one.event for one in audit.search(log)} == {"publish", "export_asked", "question"}
    assert {one.detail["answer"] for one in audit.search(log, event=Event.QUESTION)} == {"attrition"}


def test_a_log_that_cannot_be_read_is_said(log: Path) -> None:
    (log / audit.DATABASE).write_bytes(b"not a database" * 100)
    at = opened()
    assert any("cannot be read" in error.value for error in at.error)


# --- who ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
def test_only_an_admin_sees_it(role: str, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    comes(person("ben", role), monkeypatch)
    at = forced("audit_log")
    assert not at.exception
    assert "Only these roles may: admin." in said(at)
    assert not table(at)
    assert "audit_person" not in {one.key for one in at.text_input}
    (refused,) = refusals(log)
    assert (refused.user, refused.detail) == ("ben", {"of": "audit_log", "permission": "manage_data", "why": "no_role"})


def test_a_page_that_runs_without_the_router_refuses_too(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    comes(person("ben", "doctor"), monkeypatch)
    page = Path(__file__).resolve().parents[2] / "pages" / "audit_log.py"
    at = AppTest.from_file(str(page), default_timeout=60).run()
    assert len(at.exception) == 1
    assert [line.user for line in refusals(log)] == ["ben"]
    assert not table(at)
    assert "audit_person" not in {one.key for one in at.text_input}


def test_an_admin_sees_it_under_the_stricter_policy_just_the_same(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_POLICY", "publish")
    assert "asked to export rows: scores" in table(opened())


# --- verify -------------------------------------------------------------------------------------------------------


def test_a_whole_log_is_said_to_be_whole(log: Path) -> None:
    at = opened().button(key="audit_verify").click().run()
    assert [one.value.startswith("The log is complete and unchanged: ") for one in at.success] == [True]
    assert audit.verify(log).head in {code.value for code in at.code}, "the last line, to be kept elsewhere"


def test_a_changed_log_is_found_and_the_operator_is_told_what_to_do(log: Path) -> None:
    with sqlite3.connect(log / audit.DATABASE) as connection:
        connection.execute("drop trigger never_changed")
        connection.execute("update line set user = 'eve' where number = 1")
    at = opened().button(key="audit_verify").click().run()
    assert any("line 1 was changed" in error.value for error in at.error)
    assert "copy the folder of the store as it is" in said(at)
    assert any("audit settle" in code.value for code in at.code)


# --- the file -----------------------------------------------------------------------------------------------------


@pytest.fixture
def session() -> Iterator[str]:
    """A session of the admin ana."""
    begun = SESSIONS.begin(lambda *_: person("ana", "admin"))
    yield begun.id
    SESSIONS.end(begun.id)


def offered(monkeypatch: pytest.MonkeyPatch, asker: Person) -> Any:
    """What the button calls when it is clicked on."""
    given: dict[str, Any] = {}
    handle = open_clinic(asker=asker)
    monkeypatch.setattr(audit_log, "clinic", lambda: handle)
    monkeypatch.setattr(audit_log.st, "download_button", lambda _label, **options: given.update(options))
    audit_log._download()
    return given["data"]


def test_the_whole_log_is_a_file_and_taking_it_is_logged_first(log: Path, session: str, monkeypatch: pytest.MonkeyPatch) -> None:
    take = offered(monkeypatch, Person("ana", frozenset({Role.ADMIN}), session))
    assert not audit.search(log, event=Event.DOWNLOAD), "nothing has left yet"
    lines = [json.loads(one) for one in take().decode().splitlines()]
    assert [one["event"] for one in lines] == ["publish", "export_asked"]
    assert lines[1]["detail"]["purpose"] == "<b>Prüfung</b> of 3 * 2"
    (taken,) = audit.search(log, event=Event.DOWNLOAD)
    assert (taken.user, taken.detail["answer"], taken.detail["file"]) == ("ana", "audit_log", "audit-log.jsonl")


def test_it_is_not_given_to_a_session_that_has_ended(log: Path, session: str, monkeypatch: pytest.MonkeyPatch) -> None:
    take = offered(monkeypatch, Person("ana", frozenset({Role.ADMIN}), session))
    SESSIONS.end(session)
    with pytest.raises(NotAllowed, match="Your session has ended"):
        take()
    (refused,) = refusals(log)
    assert (refused.user, refused.detail["why"]) == ("ana", "session_ended")
    assert not audit.search(log, event=Event.DOWNLOAD)


def test_it_is_not_given_to_who_is_no_admin_any_more(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [person("ana", "admin")]
    begun = SESSIONS.begin(lambda *_: now[0])
    take = offered(monkeypatch, Person("ana", frozenset({Role.ADMIN}), begun.id))
    now[0] = person("ana", "doctor")
    with pytest.raises(NotAllowed, match="Only these roles may: admin"):
        take()
    assert refusals(log)[0].roles == "doctor"
    SESSIONS.end(begun.id)


def test_without_a_line_in_the_log_there_is_no_file(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take = offered(monkeypatch, local_person("ana"))
    (log / audit.HEAD).unlink()
    (log / audit.HEAD).mkdir()
    with pytest.raises(StoreError, match="No file was made"):
        take()
