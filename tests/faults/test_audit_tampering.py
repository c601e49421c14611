"""What `audit verify` says of a log that somebody tampered with, of one whose writer was killed, and of one that is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from synapse_analytics import audit
from synapse_analytics.audit import DATABASE, HEAD, chain, witness
from synapse_analytics.errors import UsageError
from tests.faults.tampering import ANA, FILES, TAMPERINGS, begun, garble, put_back, sql, tampered, write


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log of eight lines, and its backup."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return begun(tmp_path)


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampering_is_found_and_can_be_settled(name: str, home: Path) -> None:
    assert tampered(name, home) == ""


def test_there_are_enough() -> None:
    assert len(TAMPERINGS) >= 60


def test_an_untouched_log_is_whole(home: Path) -> None:
    found = audit.verify(home)
    assert (found.lines, found.problem) == (8, None)
    assert found.head == " ".join((home / HEAD).read_text().split()[:2])
    assert any("it knows line 8" in note for note in found.notes)
    with pytest.raises(UsageError, match="nothing to settle"):
        audit.settle("because", ANA, home)


@pytest.mark.parametrize("stopped_at", ["fresh", "commit", "head", "witness"])
@pytest.mark.parametrize("lines", [0, 3])
def test_who_is_killed_while_writing_leaves_a_whole_log(
    stopped_at: str, lines: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the note of the last line is made, before the commit, before the note is in its place, before the witness is told."""

    class Killed(BaseException):
        pass

    def die(*_arguments: object, **_named: object) -> None:
        raise Killed

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "home"
    write(folder, lines)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_arguments, **_named: None)  # nobody tidies up after a kill
        if stopped_at == "fresh":
            patch.setattr(chain, "fresh", die)
        elif stopped_at == "commit":
            patch.setattr(chain, "_commit", lambda _open, home, end, *, over: die(chain.fresh(home / HEAD, str(end)), over))
        elif stopped_at == "head":
            patch.setattr(Path, "replace", die)
        else:
            patch.setattr(witness, "tell", die)
        with pytest.raises(Killed):
            write(folder, 1)
    found = audit.verify(folder)
    assert found.problem is None
    assert found.lines == lines + (stopped_at in {"head", "witness"})
    write(folder, 1)
    assert audit.verify(folder).problem is None
    assert audit.verify(folder).lines == found.lines + 1


def test_no_log_and_no_witness_is_no_problem(tmp_path: Path) -> None:
    assert audit.verify(tmp_path / "none") == audit.Verification(0)
    assert not (tmp_path / "none").exists()


def test_a_last_line_that_was_noted_elsewhere_is_compared(home: Path) -> None:
    number, noted = (audit.verify(home).head or "").split()
    assert audit.verify(home, head=(int(number), noted)).problem is None
    assert "was noted" in (audit.verify(home, head=(10**30, noted)).problem or "")
    put_back(*FILES)(home)
    (witness.own_file(home) or home).unlink()
    assert audit.verify(home).problem is None  # as docs/privacy.md says: nobody is left who knows better
    assert any("No witness knows this log" in note for note in audit.verify(home).notes)
    assert "line 8 is not there as it was noted" in (audit.verify(home, head=(int(number), noted)).problem or "")


def test_what_was_settled_stays_as_it_was(home: Path) -> None:
    sql("update line set user = 'eve' where number = 3")(home)
    audit.settle("looked into", ANA, home)
    assert audit.verify(home).problem is None
    sql("update line set user = 'mallory' where number = 3")(home)
    assert audit.verify(home).problem == "lines before line 9, where the log was settled, were changed after that"
    audit.settle("looked into again", ANA, home)
    assert audit.verify(home).problem is None
    assert len([note for note in audit.verify(home).notes if "settled" in note]) == 2


def test_a_database_that_cannot_be_read_is_set_aside_and_kept(home: Path) -> None:
    garble(DATABASE)(home)
    audit.settle("the disk was bad", ANA, home)
    assert [path.read_bytes()[:15] for path in home.glob(f"{DATABASE}.*")] == [b"not what it was"]
