"""The page Data: an admin puts an earlier data version into use, and one that was damaged is refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from synapse_analytics.store import list_generations, load
from synapse_analytics.store.generations import generation_folder
from tests.faults.loading import check_of
from tests.pages.test_pages import entered

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.slow]


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str, str]:
    """The folder of the store, the version that was in use before, and the one in use."""
    store = tmp_path / "store"
    monkeypatch.setenv("SYNAPSE_HOME", str(store))
    before, now = (load(check_of(episodes), f"duckdb:///{store}") for episodes in (7, 9))
    return store, before.id, now.id


def used() -> AppTest:
    at = entered("data").run()
    next(button for button in at.button if button.label == "Use this version").click().run()
    assert not at.exception
    return at


def current() -> str:
    return next(info.id for info in list_generations() if info.current)


def test_an_earlier_version_is_used(versions: tuple[Path, str, str]) -> None:
    _, before, _ = versions
    at = used()
    assert current() == before
    assert f"Data version {before} is now in use." in [toast.value for toast in at.toast]


def test_a_damaged_version_is_not_used(versions: tuple[Path, str, str]) -> None:
    store, before, now = versions
    data = generation_folder(store, before) / "episodes.parquet"
    data.chmod(0o600)
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 1
    data.write_bytes(content)
    at = used()
    assert current() == now
    assert [f"Data version {before} is damaged" in error.value for error in at.error] == [True]
