"""Witnesses outside the folder of the log: a file, syslog, a command of the clinic; and one that cannot be told."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from synapse_analytics import audit
from synapse_analytics.access import local_person
from synapse_analytics.audit import Event, Subject, chain, witness
from synapse_analytics.audit.batches import Batches
from synapse_analytics.audit.entries import Happening
from synapse_analytics.errors import UsageError
from synapse_analytics.settings import Settings, Witnesses, settings_from

ANA = local_person("ana")
KEEP = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state folder for each test, and no memory of what failed before."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    witness._failing.clear()


def home_with(tmp_path: Path, **settings: object) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.yaml").write_text(yaml.safe_dump({"audit": settings}), encoding="utf-8")
    return home


def ask(home: Path, count: int = 1) -> None:
    for _ in range(count):
        audit.append(Event.QUESTION, ANA, home=home)


def own(home: Path) -> Path:
    path = witness.own_file(home)
    assert path
    return path


def test_the_witness_of_the_account_is_told_at_once_and_is_private(tmp_path: Path) -> None:
    ask(tmp_path / "home", 3)
    path = own(tmp_path / "home")
    found = json.loads(path.read_text())
    assert f"{found['number']} {found['chain']}" == audit.verify(tmp_path / "home").head
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (tmp_path / "home" / audit.KEY).read_bytes().hex() not in path.read_text()
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_two_names_of_a_folder_have_one_witness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "other").symlink_to(tmp_path / "home")
    monkeypatch.chdir(tmp_path)
    assert own(Path("home")) == own(tmp_path / "other")
    assert own(tmp_path / "state") != own(tmp_path / "home")


@pytest.mark.parametrize(
    ("named", "expected"), [("relative", "home/.local/state"), ("", "home/.local/state"), ("/elsewhere", "/elsewhere")]
)
def test_the_state_folder_of_the_account(named: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", named)
    assert own(tmp_path).parent == tmp_path / expected / "synapse-analytics"


def test_a_file_elsewhere_is_told_and_finds_what_the_first_one_cannot(tmp_path: Path) -> None:
    home = home_with(tmp_path, witness_file=str(tmp_path / "disk" / "head.json"))
    ask(home, 3)
    audit.tell()
    assert witness.noted(tmp_path / "disk" / "head.json") == witness.noted(own(home))
    for name in (audit.DATABASE, audit.KEY, audit.HEAD):
        (home / name).unlink()
    own(home).unlink()
    assert audit.verify(home).problem == f"the log is gone: the witness '{tmp_path / 'disk' / 'head.json'}' knows line 3"


def test_a_command_gets_the_last_line_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_CLIENT_SECRET", "hush")
    kept = tmp_path / "kept"
    program = "import os; open(sys.argv[1], 'a').write(' '.join(os.environ))"
    home = home_with(tmp_path, witness_command=[sys.executable, "-c", f"{KEEP}; {program}", str(kept)])
    ask(home, 2)
    assert not kept.exists()  # who asks does not wait for it
    audit.tell()
    said, names = kept.read_text().split("\n", 1)
    assert json.loads(said)["number"] == 2
    assert "SYNAPSE_CLIENT_SECRET" not in names
    notes = audit.verify(home).notes
    assert any("it was told the last line" in note for note in notes)


def test_syslog_gets_the_last_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "SYSLOG", str(tmp_path / "log"))
    home = home_with(tmp_path, witness_syslog=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(witness.SYSLOG)
        listening.settimeout(20)
        ask(home, 2)
        audit.tell()
        said = listening.recv(10_000).decode()
    assert said.startswith("<85>synapse-analytics: {")
    assert json.loads(said.partition(": ")[2])["number"] == 2


@pytest.mark.parametrize(
    "settings",
    [
        {"witness_file": "/proc/no/such.json"},
        {"witness_syslog": True},
        {"witness_command": ["/no/such/program"]},
        {"witness_command": [sys.executable, "-c", "raise SystemExit(3)"]},
    ],
)
def test_a_witness_that_cannot_be_told_is_said_once_and_stops_nothing(
    settings: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(witness, "SYSLOG", str(tmp_path / "none"))
    home = home_with(tmp_path, **settings)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            ask(home)
            audit.tell()
    assert caplog.text.count("cannot be told") == 1
    found = audit.verify(home)
    assert (found.lines, found.problem) == (3, None)
    assert any("cannot be told" in note or "it knows nothing yet" in note for note in found.notes)


def test_an_account_without_a_folder_has_no_witness_and_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/no")
    ask(tmp_path / "home", 2)
    found = audit.verify(tmp_path / "home")
    assert (found.lines, found.problem) == (2, None)
    assert any(note.startswith("No witness knows this log") for note in found.notes)


def test_a_witness_that_knows_better_is_not_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    home = tmp_path / "home"
    ask(home, 5)
    before = own(home).read_text()
    for name in (audit.DATABASE, audit.KEY, audit.HEAD):
        (home / name).unlink()
    ask(home, 9)
    assert own(home).read_text() == before
    assert caplog.text.count("it knows another log") == 1


def test_nobody_waits_for_a_slow_witness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = threading.Event()
    monkeypatch.setattr(chain, "tell_others", lambda _folder: hangs.wait(20))
    home = home_with(tmp_path, witness_syslog=True)
    monkeypatch.setattr(audit, "_batches", Batches(pause=0.0))
    began = time.monotonic()
    ask(home)
    time.sleep(0.2)  # the writer hangs by now
    ask(home)
    audit.append_soon(Event.QUESTION, ANA, audit.Subject(), home=home)
    assert time.monotonic() - began < 10
    hangs.set()


def test_two_processes_never_leave_a_witness_ahead(tmp_path: Path) -> None:
    """A witness that was told later than the next line was written is behind, and is told by whoever writes next."""
    home = tmp_path / "home"
    ask(home, 2)
    earlier = own(home).read_text()
    ask(home, 2)
    own(home).write_text(earlier)  # as if the process was killed before it told the last two lines
    assert audit.verify(home).problem is None
    ask(home)
    assert json.loads(own(home).read_text())["number"] == 5


def test_the_settings_name_witnesses_and_change_no_answer() -> None:
    found = settings_from("audit: {witness_file: /mnt/a.json, witness_syslog: true, witness_command: [note, -q]}")
    assert found.audit == Witnesses(Path("/mnt/a.json"), syslog=True, command=("note", "-q"))
    assert found.digest == Settings().digest
    assert not settings_from("").audit


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("audit: {witness: x}", "audit.witness: there is no such setting. Allowed: witness_file, witness_syslog, witness_command"),
        ("audit: {witness_file: head.json}", "'head.json' is not a whole path. Allowed: a path such as"),
        ("audit: {witness_file: 5}", "5 is not a whole path"),
        ("audit: {witness_syslog: 1}", "audit.witness_syslog: 1 is not true or false"),
        ("audit: {witness_command: note}", "'note' is not a command. Allowed: a list of a program and its arguments"),
        ("audit: {witness_command: []}", "is not a command"),
        ("audit: {witness_command: [note, 5]}", "is not a command"),
        ("audit: [x]", "audit: lines of `key: value` are needed here"),
    ],
)
def test_wrong_settings_are_said(text: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        settings_from(text)
    assert said in str(error.value)


def test_nobody_waits_for_a_command_that_hangs(tmp_path: Path) -> None:
    """Not the page Audit log, which has all lines written before it shows them; nor do questions wait that are asked meanwhile."""
    home = home_with(
        tmp_path, witness_command=[sys.executable, "-c", "import sys, time; open(sys.argv[1], 'w'); time.sleep(8)", str(tmp_path / "on")]
    )
    lines = Batches(pause=0.01)
    lines.write(home, Happening(Event.START, ANA, Subject(), time.time()))
    until((tmp_path / "on").exists)
    begun = time.monotonic()
    assert lines.flush()
    lines.add(home, Happening(Event.QUESTION, ANA, Subject(), time.time()))
    until(lambda: len(audit.search(home)) == 2)
    assert time.monotonic() - begun < 6


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
