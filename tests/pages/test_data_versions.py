"""The page Data: an admin loads a bundle and puts an earlier data version into use; each deed is asked for, done and finished in the log.

Who may not any more when it comes to the deed does nothing, whatever the page shows.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from synapse_analytics import audit
from synapse_analytics.access import NOBODY
from synapse_analytics.bundle import check_bundle
from synapse_analytics.store import alone, list_generations, load, load_apart
from synapse_analytics.store.generations import generation_folder
from synapse_analytics.web import data, permitted
from synapse_analytics.web.data import loading
from synapse_analytics.web.door.on_disk import FILES
from tests.builders import person
from tests.faults.drawn import line, write_right
from tests.faults.loading import check_of
from tests.pages.test_pages import entered

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.slow]


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str, str]:
    """The folder of the store, the version that was in use before, and the one in use; the log knows of neither, which is found before a deed."""
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
    assert logged() == ["generation_found", "generation_use_asked", "generation_used"]


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


def logged() -> list[str]:
    """The events of the log, without the questions that pages ask."""
    audit.flush()
    return [str(entry["event"]) for entry in audit.lines() if entry["event"] != "question"]


def bundle(tmp_path: Path, *, is_right: bool = True) -> bytes:
    folder = write_right(tmp_path / "bundle")
    if not is_right:
        line("patients.csv", 2, "P1,nobody,1,2")(folder)
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as made:
        for path in folder.iterdir():
            made.write(path, path.name)
    return (tmp_path / "bundle.zip").read_bytes()


def chosen(content: bytes) -> AppTest:
    at = entered("data").run()
    return at.file_uploader(key="bundle_upload").upload("mine.zip", content, "application/zip").run()


def pressed(at: AppTest, label: str = "Check and load") -> AppTest:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception
    return at


def test_a_bundle_is_loaded_and_the_file_given_back(versions: tuple[Path, str, str], tmp_path: Path) -> None:
    at = pressed(chosen(bundle(tmp_path)))
    assert [done.value.startswith(f"Loaded as data version {current()}") for done in at.success] == [True]
    assert current() not in versions
    assert logged() == ["load_asked", "generation_found", "publish_asked", "publish"]
    assert FILES.total() == 0
    assert "Check and load" not in [button.label for button in at.button]
    assert at.file_uploader(key="bundle_upload1").value is None


def test_a_refused_bundle_is_explained_and_the_file_given_back(versions: tuple[Path, str, str], tmp_path: Path) -> None:
    content = bundle(tmp_path, is_right=False)
    at = pressed(chosen(content))
    assert [error.value for error in at.error] == [check_bundle(tmp_path / "bundle.zip").sentence()]
    assert (current(), FILES.total()) == (versions[2], 0)
    assert logged() == ["load_asked", "generation_found", "load_refused"]


def test_while_another_load_is_under_way_the_page_says_since_when_and_keeps_the_file(
    versions: tuple[Path, str, str], tmp_path: Path
) -> None:
    at = chosen(bundle(tmp_path))
    with alone(versions[0]):
        pressed(at)
        assert [error.value.split(" since ")[0] for error in at.error] == ["Another load is under way"]
    assert logged() == ["load_asked", "generation_found", "load_aborted"]
    pressed(at)
    assert current() not in versions


def test_a_store_that_others_may_read_takes_no_load(versions: tuple[Path, str, str], tmp_path: Path) -> None:
    at = chosen(bundle(tmp_path))
    versions[0].chmod(0o755)
    pressed(at)
    assert "chmod -R go=" in at.error[0].value
    assert current() == versions[2]


def test_what_the_log_cannot_hold_is_not_loaded(versions: tuple[Path, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at, real = chosen(bundle(tmp_path)), audit.append

    def full(event: audit.Event, *given: Any, **more: Any) -> None:
        if event is audit.Event.PUBLISH_ASKED:
            raise audit.StoreError("Nothing was loaded: the audit log cannot be written.")
        real(event, *given, **more)

    monkeypatch.setattr(audit, "append", full)
    pressed(at)
    assert [error.value for error in at.error] == ["Nothing was loaded: the audit log cannot be written."]
    assert current() == versions[2]


@pytest.mark.parametrize("now", [NOBODY, person("ana", "analyst")])
def test_who_may_not_any_more_when_the_button_is_pressed_loads_and_changes_nothing(
    versions: tuple[Path, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: Any
) -> None:
    """The page was drawn when the person could; `may_load`, which draws it, is left as it was."""
    at = chosen(bundle(tmp_path))
    for part in (data, loading):
        monkeypatch.setattr(part, "may_load", lambda: True)
    monkeypatch.setattr(loading, "person", lambda: now)
    told = permitted.ENDED if now == NOBODY else "You may not load data, manage data versions or read the audit log."
    for label in ("Check and load", "Use this version"):
        pressed(at, label)
        assert [error.value.startswith(told) for error in at.error] == [True], label
    assert current() == versions[2]
    assert logged() == ["access_refused", "access_refused"]


def test_a_session_that_ends_during_the_load_publishes_nothing(
    versions: tuple[Path, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = chosen(bundle(tmp_path))
    for part in (data, loading):
        monkeypatch.setattr(part, "may_load", lambda: True)

    def ending(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(loading, "person", lambda: NOBODY)
        return load_apart(*given, **more)

    monkeypatch.setattr(loading, "load_apart", ending)
    pressed(at)
    assert [error.value for error in at.error] == [permitted.ENDED]
    assert current() == versions[2]
    assert logged() == ["load_asked", "generation_found", "access_refused", "load_aborted"]
