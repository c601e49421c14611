"""Many who click at once are served two at a time, and nobody waits for long behind somebody whose question takes long."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from synapse_analytics.web import turns


def test_two_run_at_once_and_all_are_served() -> None:
    inside, most, guard = [0], [0], threading.Lock()

    def run(_: int) -> None:
        with turns.turn():
            with guard:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            time.sleep(0.02)
            with guard:
                inside[0] -= 1

    with ThreadPoolExecutor(8) as people:
        list(people.map(run, range(8)))
    assert most == [turns.AT_ONCE]


def test_a_run_in_its_turn_needs_no_other() -> None:
    with turns.turn(), turns.turn(), turns.turn():
        assert free() == turns.AT_ONCE - 1
    assert free() == turns.AT_ONCE


def test_a_fault_gives_the_turn_back() -> None:
    with pytest.raises(ZeroDivisionError), turns.turn():
        raise ZeroDivisionError
    assert free() == turns.AT_ONCE


def test_nobody_waits_longer_than_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    ended = threading.Event()

    def run() -> bool:
        with turns.turn():
            return ended.wait(10)

    with ThreadPoolExecutor(turns.AT_ONCE + 1) as people:
        busy = [people.submit(run) for _ in range(turns.AT_ONCE)]
        while free():
            time.sleep(0.001)
        with turns.turn():  # without one that is free
            ended.set()
        assert all(one.result() for one in busy)
    assert free() == turns.AT_ONCE  # who went in without a turn gave none back


def free() -> int:
    """How many turns nobody has."""
    return turns._turns._value
