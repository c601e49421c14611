"""A load in a process of its own: it gives what a load here gives; what kills it, stops it or asks for too much memory loses nothing."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics.bundle import check_bundle
from synapse_analytics.commands import bundles
from synapse_analytics.errors import BundleRefused, NotAllowed, StoreError
from synapse_analytics.store import apart, list_generations, load_apart, load_bundle
from synapse_analytics.store.alone import LOADING, alone
from tests.faults.drawn import line, write_right

HERE = Path(apart.__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def database(store: Path) -> str:
    return f"duckdb:///{store}"


@pytest.fixture
def right(tmp_path: Path) -> Path:
    return write_right(tmp_path / "bundle")


def nothing_was_loaded(store: Path) -> bool:
    return not {path.name for path in store.rglob("*")} - {"generations", "lock", LOADING}


class Stopped(BaseException):
    """As Streamlit stops a run: no fault."""


def stop(*_told: object) -> None:
    raise Stopped


def test_it_loads_what_a_load_here_would_and_tells_how_far_it_is(right: Path, store: Path, database: str) -> None:
    told: list[str] = []
    asked: list[tuple[str, int]] = []
    loaded = load_apart(
        right, database, lambda what, _done, _total: told.append(what), lambda one: asked.append((one, len(list_generations(database))))
    )
    assert asked == [(loaded.id, 0)]  # before it was in use
    assert [(one.id, one.current) for one in list_generations(database)] == [(loaded.id, True)]
    assert {"Checking patients.csv", "Putting into use"} <= set(told)
    assert load_bundle(right, database).sha256 == loaded.sha256
    assert loaded.current


def test_a_refused_bundle_has_the_same_problems(right: Path, store: Path, database: str) -> None:
    line("patients.csv", 2, "P1,nobody,1,2")(right)
    wanted = check_bundle(right)
    with pytest.raises(BundleRefused) as refused:
        load_apart(right, database)
    assert str(refused.value) == wanted.sentence()
    assert refused.value.check == wanted
    assert nothing_was_loaded(store)


def ended_by(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that are started."""
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def noted(*given: Any, **more: Any) -> subprocess.Popen[bytes]:
        started.append(real(*given, **more))
        return started[-1]

    monkeypatch.setattr(apart.subprocess, "Popen", noted)
    return started


@pytest.mark.parametrize("where", ["progress", "before_publish"])
def test_who_stops_it_ends_the_process_and_nothing_stays(
    right: Path, store: Path, database: str, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    started = ended_by(monkeypatch)
    with pytest.raises(Stopped):
        load_apart(right, database, **{where: stop})
    assert [one.returncode for one in started] == [-9]
    assert nothing_was_loaded(store)


def test_who_may_not_any_more_when_it_would_come_into_use_is_told_so(right: Path, store: Path, database: str) -> None:
    def refuse(_generation: str) -> None:
        raise NotAllowed("Your session has ended.")

    with pytest.raises(NotAllowed, match="Your session has ended"):
        load_apart(right, database, before_publish=refuse)
    assert nothing_was_loaded(store)


def test_a_long_silence_can_be_cancelled(right: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "HEARD_AGAIN", 0.05)
    monkeypatch.setattr(apart, "PROGRAM", "import time; time.sleep(60)")
    times: list[str] = []

    def click(what: str, _done: int, _total: int) -> None:
        times.append(what)
        if len(times) > 2:
            raise Stopped

    with pytest.raises(Stopped):
        load_apart(right, database, click)
    assert times == ["Reading the bundle"] * 3


@pytest.mark.parametrize("stage", ["Checking patients.csv", "Storing patients", "Putting into use"])
def test_a_process_that_is_killed_is_a_sentence(
    right: Path, store: Path, database: str, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    started = ended_by(monkeypatch)

    def kill_at(what: str, _done: int, _total: int) -> None:
        if what == stage:
            started[0].kill()

    with pytest.raises(
        StoreError, match=r"ended before its work was done \(signal 9; .*Nothing was loaded, and the data in use are as they"
    ):
        load_apart(right, database, kill_at, lambda _id: started[0].wait() and None)
    assert nothing_was_loaded(store)
    assert load_apart(right, database).current


def test_what_needs_too_much_memory_ends_there_and_says_so(
    right: Path, store: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    greedy = "import synapse_analytics.store.apart as a; a.load_bundle = lambda *_: bytearray(3 << 30); a.load_there()"
    monkeypatch.setattr(apart, "PROGRAM", greedy)
    monkeypatch.setattr(apart, "memory_limit", lambda: 2 << 30)
    with pytest.raises(StoreError, match=r"more memory than the 2 GB that a load may take\. Nothing was loaded"):
        load_apart(right, database)
    assert nothing_was_loaded(store)


def test_the_limit_is_half_of_the_machine_and_never_too_little_for_a_load(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"SC_PHYS_PAGES": 1 << 20, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(apart.os, "sysconf", sizes.__getitem__)
    assert apart.memory_limit() == 4 << 30  # of 4 GB
    sizes["SC_PHYS_PAGES"] <<= 3
    assert apart.memory_limit() == 16 << 30  # of 32 GB


def test_a_fault_of_the_program_says_its_place_and_no_value(
    right: Path, store: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = "import synapse_analytics.store.apart as a; a.load_bundle = lambda *_: int('Asha Planted'); a.load_there()"
    monkeypatch.setattr(apart, "PROGRAM", broken)
    with pytest.raises(StoreError, match=r"a fault of this program \(ValueError in .*, line 1\)") as told:
        load_apart(right, database)
    assert "Asha" not in str(told.value)
    assert nothing_was_loaded(store)


def test_what_a_library_prints_does_not_come_between(right: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loud = "import os, synapse_analytics.store.apart as a; real = a.load_bundle\ndef load(*g): os.write(1, b'noise'); return real(*g)\n"
    monkeypatch.setattr(apart, "PROGRAM", f"{loud}a.load_bundle = load\na.load_there()")
    assert load_apart(right, database).current


def test_a_process_that_dies_after_its_deed_has_loaded(right: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dies = "import os, synapse_analytics.store.apart as a; a._send = lambda to, what, real=a._send: os._exit(9) if what[0] == 'loaded' else real(to, what)"
    monkeypatch.setattr(apart, "PROGRAM", f"{dies}; a.load_there()")
    loaded = load_apart(right, database)
    assert [one.id for one in list_generations(database)] == [loaded.id]


def test_without_an_answer_nothing_comes_into_use(right: Path, store: Path, database: str) -> None:
    """The server itself was killed: its end of the pipe is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", apart.PROGRAM], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(pickle.dumps((8 << 30, right, database)))
        process.stdin.flush()
        while pickle.load(process.stdout)[0] != "publish":  # noqa: S301 - our own program wrote it
            pass
        process.stdin.close()
        process.wait(60)
    assert nothing_was_loaded(store)


def test_the_second_of_two_loads_is_told_since_when_the_first_is_under_way(right: Path, store: Path, database: str) -> None:
    with alone(store):
        os.utime(store / LOADING, (37_320, 37_320))  # 10:22 UTC of some day
        with pytest.raises(StoreError, match=r"Another load is under way since 10:22 UTC\. Wait until it is done\. Nothing was loaded\."):
            load_apart(right, database)
    assert load_apart(right, database).current


def test_of_two_loads_at_the_same_time_one_is_done(right: Path, database: str) -> None:
    ends: list[str] = []
    waiting = threading.Barrier(2)

    def one() -> None:
        waiting.wait()
        try:
            ends.append(load_apart(right, database).id)
        except StoreError as told:
            ends.append(str(told).split(" since ")[0])

    both = [threading.Thread(target=one) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert "Another load is under way" in ends
    assert [one.id for one in list_generations(database)] == [end for end in ends if end != "Another load is under way"]


def test_the_command_waits_for_no_other_load_either(right: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_HOME", str(store))
    with alone(store), pytest.raises(StoreError, match="Another load is under way since"):
        bundles.load(right)
    bundles.load(right)
