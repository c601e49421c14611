"""A data version that is removed: whole or not at all, said as it is; and what a kill, a damage or a lost pointer must not remove."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from synapse_analytics.access import local_person
from synapse_analytics.errors import StoreError, UsageError
from synapse_analytics.store import building, generations, list_generations, load, open_store, remove_generation, store_folder
from synapse_analytics.store.backup import back_up
from synapse_analytics.store.locks import FileLock
from synapse_analytics.store.restore import restore
from synapse_analytics.store.sweeping import sweep_up
from tests.faults.loading import check_of


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Three data versions, the newest in use."""
    database = f"duckdb:///{tmp_path / 'store'}"
    for episodes in (3, 4, 5):
        load(check_of(episodes), database)
    return database


def kept(database: str) -> list[int]:
    """How many episodes each data version has, the newest first."""
    return [info.rows["episodes"] for info in list_generations(database)]


def of(database: str, episodes: int) -> str:
    """The id of the data version with so many episodes."""
    return next(info.id for info in list_generations(database) if info.rows["episodes"] == episodes)


def folder_of(database: str, episodes: int) -> Path:
    return store_folder(database) / "generations" / of(database, episodes)


class Killed(BaseException):
    """Stands for the end of the process."""


def test_a_kill_while_files_go_leaves_no_half_data_version(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of one counted as kept, pushed a whole one out at the next load, and stopped every backup."""
    real, unlinked = os.unlink, []

    def unlink(*given: object, **options: object) -> None:
        unlinked.append(given)
        if len(unlinked) == 3:
            raise Killed
        real(*given, **options)  # type: ignore[arg-type]

    leaving = folder_of(database, 4)
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", unlink)
        with pytest.raises(Killed):
            remove_generation(leaving.name, database)
    assert kept(database) == [5, 3]
    left = leaving.with_name(f"{leaving.name}.tmp")
    assert left.is_dir(), "the kill came in between"
    sweep_up(database)
    assert not left.exists()


def test_what_is_left_is_said(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It said "was removed", and logged it, when the disk had refused."""
    leaving = folder_of(database, 4)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_given, **_options: None)
        with pytest.raises(StoreError, match="Not every file of data version .* could be removed"):
            remove_generation(leaving.name, database)


def test_what_a_link_leads_to_is_not_said_to_be_removed(database: str, tmp_path: Path) -> None:
    leaving = folder_of(database, 4)
    shutil.move(leaving, tmp_path / "elsewhere")
    leaving.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="is a link, which this program did not make"):
        remove_generation(leaving.name, database)
    assert leaving.is_symlink()
    assert list((tmp_path / "elsewhere").iterdir())


def test_what_is_damaged_takes_no_place_from_what_is_whole(database: str) -> None:
    damaged = folder_of(database, 4)
    (damaged / "generation.duckdb").chmod(0o600)
    (damaged / "generation.duckdb").unlink()
    load(check_of(6), database)
    assert kept(database) == [6, 5, 3]
    load(check_of(7), database)
    assert kept(database) == [7, 6, 5]
    assert not damaged.exists(), "with the last that was older, it goes"


@pytest.fixture
def without_pointer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A store whose load was killed between its last two steps, and whose pointer was lost then; and the id of its data version."""
    database = f"duckdb:///{tmp_path / 'stopped'}"

    def killed(lock: FileLock) -> None:
        lock.release()
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(building, "_end", killed)
        with pytest.raises(Killed):
            load(check_of(3), database)
    (loaded,) = list_generations(database)
    (store_folder(database) / "CURRENT").unlink()
    return database, loaded.id


def test_without_a_pointer_no_complete_data_version_is_removed(without_pointer: tuple[str, str]) -> None:
    """A backup took the data version for half built."""
    database, loaded = without_pointer
    sweep_up(database)
    generations.use(store_folder(database), loaded)
    assert open_store(database)[1].id == loaded
    load(check_of(4), database)
    assert kept(database) == [4, 3]
    assert sorted(path.suffix for path in (store_folder(database) / "generations").iterdir()) == ["", ""]


def test_without_a_pointer_a_backup_can_be_restored(without_pointer: tuple[str, str], database: str, tmp_path: Path) -> None:
    """What the killed load left is no load that is under way."""
    back_up(store_folder(database), tmp_path / "backup")
    store = store_folder(without_pointer[0])
    done = restore(store, tmp_path / "backup", local_person("ana"))
    assert kept(without_pointer[0]) == [5, 4, 3]
    assert done.before is not None
    assert (done.before / "generations" / without_pointer[1]).is_dir(), "moved aside, whole"


def test_a_data_version_whose_folder_is_gone_is_named(database: str, tmp_path: Path) -> None:
    """It said that CURRENT was missing, which was there."""
    shutil.move(folder_of(database, 5), tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="is gone: there is no folder .*Put it back or restore a backup"):
        open_store(database)


@pytest.mark.parametrize("is_named", [True, False])
def test_a_store_whose_path_would_end_at_a_question_mark_is_refused(
    is_named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part of the program would have worked on the folder whose path ends there."""
    monkeypatch.setenv("SYNAPSE_HOME", f"{tmp_path}/store?v2")
    with pytest.raises(UsageError):
        store_folder(f"duckdb:///{tmp_path}/store?v2" if is_named else None)
