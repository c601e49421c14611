"""A small store for tests that put faults into a copy of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from synapse_analytics import audit
from synapse_analytics.store import load
from tests.faults.loading import check_of
from tests.made_once import made_once


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with a log, for copies."""

    def make(folder: Path) -> None:
        load(check_of(5), f"duckdb:///{folder}")
        audit.append(audit.Event.START, audit.ITSELF, home=folder)

    return made_once(tmp_path_factory, "loaded", make)


@pytest.fixture
def store(loaded: Path, tmp_path: Path) -> Path:
    """A copy of that store."""
    return shutil.copytree(loaded, tmp_path / "store")
