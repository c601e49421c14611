"""The log searched by person, event, time and text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from synapse_analytics import audit
from synapse_analytics.access import local_person
from synapse_analytics.audit import Event, Sought, Subject, chain
from synapse_analytics.errors import StoreError

TODAY = datetime.now(UTC).date()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Four lines by two people."""
    audit.append(Event.LOAD_ASKED, local_person("ana"), home=tmp_path)
    audit.append(Event.EXPORT_ASKED, local_person("ben"), Subject("sex=female", detail={"purpose": "Prüfung"}), home=tmp_path)
    audit.append(Event.EXPORT_FINISHED, local_person("ben"), Subject("sex=female", rows=12), home=tmp_path)
    audit.append(Event.LOAD_REFUSED, local_person("ana"), home=tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("sought", "numbers"),
    [
        ({}, [1, 2, 3, 4]),
        ({"newest_first": True}, [4, 3, 2, 1]),
        ({"newest_first": True, "limit": 2}, [4, 3]),
        ({"user": "ana"}, [1, 4]),
        ({"event": Event.EXPORT_ASKED}, [2]),
        ({"since": TODAY - timedelta(1), "until": TODAY + timedelta(1)}, [1, 2, 3, 4]),
        ({"since": TODAY + timedelta(2)}, []),
        ({"until": TODAY - timedelta(2)}, []),
        ({"text": "PRÜFUNG"}, [2]),
        ({"text": "sex=female", "limit": 1}, [2]),
        ({"text": "refused", "user": "ben"}, []),
    ],
)
def test_lines_that_fit_are_found(sought: Sought, numbers: list[int], log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "AT_ONCE", 3)
    assert [line.number for line in audit.search(log, **sought)] == numbers


def test_a_line_is_whole(log: Path) -> None:
    (line,) = audit.search(log, text="Prüfung")
    assert (line.user, line.event, line.cohort, line.rows, line.detail) == (
        "ben",
        "export_asked",
        "sex=female",
        None,
        {"purpose": "Prüfung"},
    )


def test_no_log_has_no_lines_and_makes_none(tmp_path: Path) -> None:
    assert audit.search(tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_a_damaged_log_is_said(tmp_path: Path) -> None:
    (tmp_path / audit.DATABASE).write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match="cannot be read"):
        audit.search(tmp_path)


def test_a_log_that_somebody_is_making_has_no_lines_yet(tmp_path: Path) -> None:
    (tmp_path / audit.DATABASE).touch()
    assert audit.search(tmp_path) == []


def test_text_is_found_as_it_was_meant_however_the_file_holds_it(tmp_path: Path) -> None:
    """Details stand in the file as ASCII; letters of other languages, in whatever case, are found all the same."""
    for name in ("Zoë", 'say "yes"', "a\\b", "plain"):
        audit.append(Event.START, local_person("ana"), Subject(detail={"why": name}), home=tmp_path)
    for text, count in {"zoë": 1, "ZOË": 1, 'SAY \\"YES': 1, "PLAIN": 1, "u00eb": 0, "start": 4, "": 4}.items():
        assert len(audit.search(tmp_path, text=text)) == count, text
