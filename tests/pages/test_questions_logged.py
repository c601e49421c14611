"""Pages and the audit log: whoever opens a page has asked, also what was asked before; where that cannot be logged, a card says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from synapse_analytics import access, audit
from tests.pages.charts_of import linked_of
from tests.pages.test_pages import ROUTER, said

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def opened_by(name: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("synapse_analytics.web.session.person", lambda: access.local_person(name))
    return AppTest.from_file(str(ROUTER), default_timeout=60).run()


def asked(own_log: Path, name: str) -> list[str]:
    assert audit.flush()
    return [question.answer for question in audit.questions(own_log, user=name)]


def test_the_second_person_is_logged_too(own_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their answers come from the cache."""
    computed: list[str] = []
    from synapse_analytics.web import frame

    kept = frame._kept
    monkeypatch.setattr(frame, "_kept", lambda key, *, _compute: kept(key, _compute=lambda: computed.append(key[1]) or _compute()))
    assert not opened_by("ana", monkeypatch).exception
    first = list(computed)
    assert not opened_by("ben", monkeypatch).exception
    assert computed == first
    assert sorted(asked(own_log, "ben")) == sorted(asked(own_log, "ana"))
    assert set(asked(own_log, "ben")) == set(first) >= {"attrition", "overview"}
    assert audit.verify(own_log).problem is None


def test_page_that_cannot_be_logged_shows_a_card(own_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own_log / "settings.yaml").write_text("questions_must_be_logged: true", encoding="utf-8")
    assert asked(own_log, "ana") == []
    (own_log / audit.DATABASE).mkdir()
    at = opened_by("ana", monkeypatch)
    assert not at.exception
    assert [warning.value.split(":")[0] for warning in at.warning] == ["Nothing is answered, because a question must be logged first"]
    assert not linked_of(at)
    assert "2,000 patients" not in said(at)
    (own_log / audit.DATABASE).rmdir()
    assert not at.run().warning
    assert linked_of(at)
    assert "overview" in asked(own_log, "ana")
