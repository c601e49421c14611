"""Fixtures every test may use; the real store is out of reach."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from synapse_analytics import audit, logs
from synapse_analytics.audit.batches import Batches
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.store import load_bundle
from synapse_analytics.web.door.sessions import SESSIONS
from tests import examples
from tests.chromium import chromium
from tests.made_once import made_once

__all__ = ["chromium", "examples"]  # a fixture; and imported first: it sets how many examples hypothesis draws
SAMPLE = Path(__file__).resolve().parents[1] / "sample_data"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[object]:
    """Thousands of tests are objects that stay: a collection of garbage looks neither for them now nor, after each run of a page, at them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_unconfigure() -> None:
    """At the end everything is let go of, or DuckDB complains of leaks."""
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def no_real_witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing a test logs is noted in the state folder of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database URL of a store that holds the sample data."""
    return f"duckdb:///{made_once(tmp_path_factory, 'sample', lambda folder: load_bundle(SAMPLE, f'duckdb:///{folder}'))}"


@pytest.fixture(scope="session")
def sample_clinic(sample_store: str) -> Clinic:
    """The sample data under the policy `clinic`."""
    return open_clinic(sample_store, policy="clinic")


@pytest.fixture(autouse=True)
def questions_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions go to disk when a test says so and are forgotten after it: tests ask very many, in folders that soon are gone."""
    monkeypatch.setattr(audit, "_batches", Batches(pause=None))


@pytest.fixture(autouse=True)
def faults_are_told_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that a test runs in this process leaves pytest its own hooks."""
    monkeypatch.setattr(logs, "install", lambda: None)
    monkeypatch.setattr(logs, "install_in_server", lambda: None)


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Places for stores that are not there, one for each test: thousands of tests need no folder of their own."""
    place = tmp_path_factory.mktemp("homes")
    return (place / f"home-{number}" for number in count())


@pytest.fixture(autouse=True)
def no_real_store(monkeypatch: pytest.MonkeyPatch, homes: Iterator[Path]) -> None:
    """Nothing a test does can reach the store of the person who runs it."""
    monkeypatch.setenv("SYNAPSE_HOME", str(next(homes)))
    monkeypatch.delenv("SYNAPSE_POLICY", raising=False)
    monkeypatch.delenv("SYNAPSE_SETTINGS", raising=False)


SESSIONS.needed = False  # also for what is made once for many tests


@pytest.fixture(autouse=True)
def no_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that a test runs without a server have no door before them: everybody is the person of local mode."""
    monkeypatch.setattr(SESSIONS, "needed", False)
