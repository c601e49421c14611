"""A file of `/media/` belongs to the session whose tab offers it, or had it made by a click on a download."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime import Runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from synapse_analytics.access import local_person
from synapse_analytics.web.door import owners
from synapse_analytics.web.door.sessions import HEADER, Session


def session(name: str) -> Session:
    return Session(name, 0, 0, lambda _: local_person())


def tab_of(name: str) -> SimpleNamespace:
    return SimpleNamespace(client_context=SimpleNamespace(headers=[(HEADER.decode(), name)]))


@pytest.fixture
def tabs(monkeypatch: pytest.MonkeyPatch) -> dict[str, SimpleNamespace]:
    """The tabs that are open, by the name of their run: one of each of two sessions."""
    opened = {"run-a": tab_of("a"), "run-b": tab_of("b")}
    running: Any = SimpleNamespace(get_client=opened.get, media_file_mgr=MediaFileManager(MemoryMediaFileStorage("/media")))
    monkeypatch.setattr(Runtime, "exists", lambda: True)
    monkeypatch.setattr(Runtime, "instance", lambda: running)
    monkeypatch.setattr(owners, "_asked_for", {})
    return opened


def asked_by(run: str, content: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a file that a click in this tab had made."""
    manager = Runtime.instance().media_file_mgr
    monkeypatch.setattr("streamlit.runtime.media_file_manager._get_session_id", lambda: run)
    return manager.execute_deferred(manager.add_deferred(lambda: content, "text/csv", "1.0", "rows.csv"))


def test_a_file_made_by_a_click_is_its_sessions_alone(tabs: dict[str, SimpleNamespace], monkeypatch: pytest.MonkeyPatch) -> None:
    path = asked_by("run-a", b"one", monkeypatch)
    assert [owners.owns_file(session(name), path) for name in "abc"] == [True, False, False]
    assert asked_by("run-b", b"one", monkeypatch) == path  # the same content is one file, of both
    assert [owners.owns_file(session(name), path) for name in "abc"] == [True, True, False]


def test_files_of_closed_tabs_are_nobodys_and_forgotten(tabs: dict[str, SimpleNamespace], monkeypatch: pytest.MonkeyPatch) -> None:
    path = asked_by("run-a", b"one", monkeypatch)
    del tabs["run-a"]
    assert not owners.owns_file(session("a"), path)
    asked_by("run-b", b"two", monkeypatch)
    assert len(owners._asked_for) == 1
