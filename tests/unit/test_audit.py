"""The audit log: one chained line per event, and every way of changing it is found."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from synapse_analytics.access import local_person
from synapse_analytics.audit import DATABASE, HEAD, KEY, Event, Subject, append, export, lines, verify
from synapse_analytics.errors import StoreError

ANA = local_person("ana")


def three_lines(home: Path) -> Path:
    append(Event.ACCESS_REFUSED, ANA, home=home)
    append(Event.EXPORT_ASKED, ANA, Subject(cohort="sex=female", detail={"purpose": "audit of coding"}), home=home)
    append(Event.EXPORT_FINISHED, ANA, Subject(cohort="sex=female", rows=12, sha256="ab"), home=home)
    return home


def tamper(home: Path, statement: str) -> None:
    connection = sqlite3.connect(home / DATABASE)
    connection.executescript(f"drop trigger never_changed; drop trigger never_removed; {statement}")
    connection.close()


def test_untouched_log_verifies(tmp_path: Path) -> None:
    assert verify(three_lines(tmp_path)).problem is None
    assert verify(tmp_path).lines == 3


def test_no_log_verifies_as_empty(tmp_path: Path) -> None:
    assert verify(tmp_path).lines == 0
    assert verify(tmp_path).problem is None


def test_line_says_who_what_and_when(tmp_path: Path) -> None:
    line = list(lines(three_lines(tmp_path)))[2]
    assert (line["user"], line["event"], line["cohort"], line["rows"], line["sha256"]) == ("ana", "export_finished", "sex=female", 12, "ab")
    assert line["roles"] == "admin,analyst,doctor,leadership"
    assert line["at"].endswith("+00:00")


def test_export_is_json_lines(tmp_path: Path) -> None:
    exported = [json.loads(line) for line in export(three_lines(tmp_path))]
    assert exported[1]["detail"] == {"purpose": "audit of coding"}


@pytest.mark.parametrize("statement", ["update line set user = 'x'", "delete from line"])
def test_log_cannot_be_changed_by_statement(tmp_path: Path, statement: str) -> None:
    with sqlite3.connect(three_lines(tmp_path) / DATABASE) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("update line set user = 'eve' where number = 2", "line 2 was changed"),
        ("update line set rows = 1 where number = 3", "line 3 was changed"),
        ("update line set chain = 'x' || substr(chain, 2) where number = 1", "line 1 was changed"),
        ("delete from line where number = 2", "line 2 is missing"),
        ("delete from line where number = 3", "lines at the end are missing"),
        ("delete from line", "lines at the end are missing"),
        ("update line set number = 9 where number = 3", "line 3 is missing"),
    ],
)
def test_tampering_is_found(tmp_path: Path, statement: str, problem: str) -> None:
    tamper(three_lines(tmp_path), statement)
    found = verify(tmp_path).problem
    assert found is not None
    assert problem in found


def test_forged_end_is_found(tmp_path: Path) -> None:
    head = three_lines(tmp_path) / HEAD
    head.write_text(head.read_text().replace("3 ", "2 ", 1))
    assert verify(tmp_path).problem == "the note of the last line was changed"


def test_lost_end_is_found(tmp_path: Path) -> None:
    (three_lines(tmp_path) / HEAD).unlink()
    assert verify(tmp_path).problem == "the note of the last line is missing"


def test_garbage_instead_of_log_is_found(tmp_path: Path) -> None:
    (three_lines(tmp_path) / DATABASE).write_bytes(b"not a database" * 500)
    assert "cannot be read" in (verify(tmp_path).problem or "")


def test_lost_key_stops_writing(tmp_path: Path) -> None:
    (three_lines(tmp_path) / KEY).unlink()
    with pytest.raises(StoreError, match="its key 'audit.key' is lost"):
        append(Event.ACCESS_REFUSED, ANA, home=tmp_path)
    assert "missing" in (verify(tmp_path).problem or "")


def test_log_and_key_are_private(tmp_path: Path) -> None:
    home = three_lines(tmp_path)
    assert [(home / name).stat().st_mode & 0o777 for name in (DATABASE, KEY)] == [0o600, 0o600]


def test_unwritable_log_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        append(Event.ACCESS_REFUSED, ANA, home=tmp_path / "file")


def test_writers_at_once_keep_the_chain(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: append(Event.LOAD_ASKED, ANA, home=tmp_path), range(24)))
    assert verify(tmp_path).problem is None
    assert verify(tmp_path).lines == 24
