"""Fixtures every test may use; the real store is out of reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from synapse_analytics import audit
from synapse_analytics.audit.batches import Batches
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.store import load_bundle

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data"


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database URL of a store that holds the sample data."""
    database = f"duckdb:///{tmp_path_factory.mktemp('sample-store')}"
    load_bundle(SAMPLE, database)
    return database


@pytest.fixture(scope="session")
def sample_clinic(sample_store: str) -> Clinic:
    """The sample data under the policy `clinic`."""
    return open_clinic(sample_store, policy="clinic")


@pytest.fixture(autouse=True)
def questions_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions go to disk when a test says so and are forgotten after it: tests ask very many, in folders that soon are gone."""
    monkeypatch.setattr(audit, "_batches", Batches(pause=None))


@pytest.fixture(autouse=True)
def no_real_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing a test does can reach the store of the person who runs it."""
    monkeypatch.setenv("SYNAPSE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SYNAPSE_POLICY", raising=False)
    monkeypatch.delenv("SYNAPSE_SETTINGS", raising=False)
