"""Lines written together: in order, chained, bounded, and whole whatever happens to the process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import audit
from synapse_analytics.access import local_person
from synapse_analytics.audit import batches, chain
from synapse_analytics.audit.batches import Batches
from synapse_analytics.audit.entries import Happening

ANA = local_person("ana")
ROOT = Path(__file__).resolve().parents[2]
ASKS = """
import sys, time
from pathlib import Path
from synapse_analytics import audit
from synapse_analytics.access import local_person
home, who, count = Path(sys.argv[1]), local_person(sys.argv[2]), int(sys.argv[3])
for number in range(count):
    audit.append_soon(audit.Event.QUESTION, who, audit.Subject(rows=number), home=home)
    if number % 50 == 49:
        audit.append(audit.Event.EXPORT_ASKED, who, audit.Subject(rows=number), home=home)
print("asked", flush=True)
if sys.argv[4:]:
    time.sleep(60)
"""


def question(number: int = 0) -> Happening:
    return Happening(audit.Event.QUESTION, ANA, audit.Subject(rows=number), time.time())


def rows(home: Path, who: str = "ana") -> list[int]:
    return [line["rows"] for line in audit.lines(home) if line["user"] == who]


def asking(home: Path, who: str, count: int, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", ASKS, str(home), who, str(count), *more], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_many_lines_are_one_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    write = chain.write
    monkeypatch.setattr(chain, "write", lambda folder, lines: written.append(len(lines)) or write(folder, lines))
    waiting = Batches(pause=None)
    for number in range(500):
        waiting.add(tmp_path, question(number))
    assert waiting.flush()
    assert written == [500]
    assert rows(tmp_path) == list(range(500))
    assert audit.verify(tmp_path).problem is None


def test_the_writer_needs_nobody_to_ask_it(tmp_path: Path) -> None:
    waiting = Batches(pause=0.01)
    for batch in range(2):
        waiting.add(tmp_path, question(batch))
        until = time.monotonic() + 20
        while len(rows(tmp_path)) <= batch and time.monotonic() < until:
            time.sleep(0.01)
    assert rows(tmp_path) == [0, 1]


def test_a_click_does_not_wait_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(chain, "write", lambda *_: go_on.wait(20))
    waiting = Batches(pause=0.0)
    waiting.add(tmp_path, question())
    time.sleep(0.1)  # the writer hangs by now
    began = time.monotonic()
    waiting.add(tmp_path, question())
    took = time.monotonic() - began
    go_on.set()
    assert took < 5


def test_what_fails_stays_in_order_and_what_is_too_much_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_WAITING", 3)
    home = tmp_path / "not there"
    waiting = Batches(pause=None)
    for number in range(5):
        waiting.add(home, question(number))
        assert not waiting.flush()
    assert not home.exists()
    home.mkdir()
    assert waiting.flush()
    assert rows(home) == [0, 1, 2]
    assert [(line["event"], line["rows"]) for line in audit.lines(home)][3:] == [("questions_lost", 2)]
    assert audit.verify(home).problem is None


def test_one_folder_that_fails_does_not_stop_another(tmp_path: Path) -> None:
    waiting = Batches(pause=None)
    waiting.add(tmp_path / "not there", question())
    waiting.add(tmp_path, question())
    assert not waiting.flush()
    assert rows(tmp_path) == [0]


def test_what_is_lost_at_the_end_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    waiting = Batches(pause=None)
    waiting.add(tmp_path / "not there", question())
    waiting.close()
    assert "Answered, and could not be logged: 1 question." in caplog.text


def test_a_full_disk_writes_nothing_or_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The note of the last line comes before the commit: lines that were written are never written again."""
    waiting = Batches(pause=None)
    waiting.add(tmp_path, question())

    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(chain, "fresh", full)
        assert not waiting.flush()
    assert rows(tmp_path) == []
    assert waiting.flush()
    assert rows(tmp_path) == [0]
    assert not list(tmp_path.glob("audit.head.*"))


def test_a_strange_name_does_not_keep_others_from_the_disk(tmp_path: Path) -> None:
    waiting = Batches(pause=None)
    waiting.add(tmp_path, Happening(audit.Event.QUESTION, local_person("\ud800"), audit.Subject(detail={"x": {1}}), time.time()))
    waiting.add(tmp_path, question())
    assert waiting.flush()
    assert [line["user"] for line in audit.lines(tmp_path)] == ["?", "ana"]


def test_threads_and_other_events_keep_the_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_batches", Batches(pause=0.01))

    def ask() -> None:
        for number in range(100):
            audit.append_soon(audit.Event.QUESTION, ANA, audit.Subject(rows=number), home=tmp_path)
            if number % 20 == 0:
                audit.append(audit.Event.EXPORT_ASKED, local_person("other"), home=tmp_path)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.flush()
    assert sorted(rows(tmp_path)) == sorted(list(range(100)) * 4)
    assert (audit.verify(tmp_path).problem, audit.verify(tmp_path).lines) == (None, 420)


def test_a_flush_waits_for_lines_that_another_thread_is_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They wait no more and are not on disk yet: a process that ended now would lose them."""
    begun, may_end, write = threading.Event(), threading.Event(), chain.write

    def slowly(folder: Path, lines: list[Any]) -> None:
        begun.set()
        assert may_end.wait(30)
        write(folder, lines)

    monkeypatch.setattr(chain, "write", slowly)
    waiting, done = Batches(pause=None), []
    waiting.add(tmp_path, question(7))
    first = threading.Thread(target=waiting.flush)
    first.start()
    assert begun.wait(30)
    second = threading.Thread(target=lambda: done.append((waiting.flush(), rows(tmp_path))))
    second.start()
    second.join(0.2)
    assert not done
    may_end.set()
    for thread in (first, second):
        thread.join(30)
    assert done == [(True, [7])]


def test_two_processes_write_one_chain_and_end_with_nothing_lost(tmp_path: Path) -> None:
    """What waits when a process ends is written: both ask and exit at once."""
    both = [asking(tmp_path, who, 230) for who in ("ana", "ben")]
    assert [process.wait(60) for process in both] == [0, 0]
    for process in both:
        process.communicate()
    for who in ("ana", "ben"):
        asked = [line["rows"] for line in audit.lines(tmp_path) if (line["user"], line["event"]) == (who, "question")]
        assert asked == list(range(230))
    assert (audit.verify(tmp_path).problem, audit.verify(tmp_path).lines) == (None, 2 * (230 + 4))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
def test_killed_processes_never_break_the_chain(tmp_path: Path) -> None:
    for attempt in range(6):
        process = asking(tmp_path, f"p{attempt}", 230, "stay")
        assert process.stdout is not None
        assert process.stdout.readline() == "asked\n"
        time.sleep(0.25 * attempt)  # before, while and after the last batch is written
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kept = [line["rows"] for line in audit.lines(tmp_path) if (line["user"], line["event"]) == (f"p{attempt}", "question")]
        assert kept == list(range(len(kept)))
        assert len(kept) >= 200  # only what came after the last line that could not wait
        assert audit.verify(tmp_path).problem is None
    (tmp_path / f"{audit.HEAD}.0badcafe.part").write_text("of somebody who was killed")
    audit.append(audit.Event.ACCESS_REFUSED, ANA, home=tmp_path)
    assert audit.verify(tmp_path).problem is None
    assert not list(tmp_path.glob(f"{audit.HEAD}.*"))
