"""What lies where a file of ours belongs, a disk that locks nothing, and another account that writes: each is told, and nothing is broken."""

from __future__ import annotations

import errno
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from synapse_analytics import audit
from synapse_analytics.access import local_person
from synapse_analytics.errors import StoreError
from synapse_analytics.files import LARGEST, content_of
from synapse_analytics.store import (
    check_owner,
    list_generations,
    load,
    load_bundle,
    locks,
    open_store,
    unusable_generations,
    use_generation,
)
from synapse_analytics.store.locks import FileLock, waiting_for
from synapse_analytics.store.soundness import look_at
from tests.faults.loading import check_of
from tests.unit.test_command_line import Run, run

__all__ = ["run"]
NOBODY = 65534  # an account that owns nothing else


def url(store: Path) -> str:
    return f"duckdb:///{store}"


def enlarge(path: Path) -> None:
    """Make a file huge that takes no room on the disk."""
    path.chmod(0o600)
    os.truncate(path, 30 << 30)


def test_a_file_too_large_to_be_ours_is_not_read_into_memory(store: Path, tmp_path: Path) -> None:
    enlarge(store / "CURRENT")
    tracemalloc.start()
    with pytest.raises(StoreError, match="CURRENT, which names the data version in use, cannot be read"):
        open_store(url(store))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < LARGEST
    (tmp_path / "at most").write_bytes(b"x" * LARGEST)
    assert len(content_of(tmp_path / "at most")) == LARGEST
    assert len(content_of(store / "CURRENT", 10)) == 10


def test_a_huge_manifest_is_a_sentence_too(store: Path) -> None:
    (folder,) = (store / "generations").iterdir()
    enlarge(folder / "manifest.json")
    with pytest.raises(StoreError, match=r"The manifest of data version .* cannot be read \(OSError\)"):
        open_store(url(store))
    assert len(unusable_generations(url(store))) == 1


def test_a_folder_in_the_place_of_a_file_is_named(store: Path) -> None:
    (store / "CURRENT.new").mkdir()
    (store / "CURRENT.new" / "mine").touch()
    with pytest.raises(StoreError, match=rf"cannot be written: Is a directory \('{store}/CURRENT\.new'\)\. The old data are still in use"):
        load(check_of(6), url(store))
    assert [info.rows["episodes"] for info in list_generations(url(store))] == [5]


def test_a_disk_that_locks_nothing_is_not_called_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(locks, "_try_lock", refuse)
    for hold in (FileLock(tmp_path / "lock").take, waiting_for(tmp_path / "lock").__enter__):
        with pytest.raises(StoreError, match="locks no files .*Put the store on a disk that does"):
            hold()
    with pytest.raises(StoreError, match="locks no files"):
        load(check_of(3), url(tmp_path / "store"))


def test_a_lock_that_somebody_has_is_no_fault_of_the_disk(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock") as one, FileLock(tmp_path / "lock") as other:
        assert (one.take(), other.take()) == (True, False)


def test_the_list_of_data_versions_says_that_none_is_in_use(store: Path, run: Run) -> None:
    (store / "CURRENT").write_text("garbage")
    code, out, err = run("generations", "--format", "csv", "--database", url(store))
    assert (code, len(out.splitlines())) == (0, 2)
    assert "is missing or names none. Choose a data version with `generations use ID`" in " ".join(err.split())
    (kept,) = list_generations(url(store))
    use_generation(kept.id, url(store))
    assert unusable_generations(url(store)) == []


@pytest.fixture
def foreign(store: Path) -> Path:
    """A store that belongs to another account than ours, which may do everything all the same: we are root."""
    if os.name == "nt" or os.geteuid() != 0:
        pytest.skip("to give a file to another account takes root")
    for path in (store, *store.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    return store


def test_root_leaves_no_file_of_its_own_in_a_store(foreign: Path, run: Run, tmp_path: Path) -> None:
    """The account that serves could not read it, and its log would end."""
    (kept,) = list_generations(url(foreign))
    for words in (
        ("answer", "attrition"),
        ("cohort", "sex=female", "--save", "Women"),
        ("export", str(tmp_path / "rows.zip"), "--purpose", "a test"),
        ("report", str(tmp_path / "report.html")),
        ("load", "sample_data"),
        ("generations", "use", kept.id),
        ("generations", "remove", kept.id),
        ("store", "backup", str(tmp_path / "backup")),
        ("draft-mapping", "sample_data", "--out", str(tmp_path / "mapping.yaml")),
        ("serve", "--port", "8600"),
    ):
        code, out, err = run(*words, "--database", url(foreign))
        assert (code, out) == (1, ""), words
        assert "run this as that account" in " ".join(err.lower().split()), words
    assert {path.stat().st_uid for path in (foreign, *foreign.rglob("*"))} == {NOBODY}
    assert [line.event for line in audit.search(foreign)] == ["start"]


def lose_the_key(store: Path) -> None:
    (store / audit.KEY).unlink()


def spoil_the_log(store: Path) -> None:
    (store / audit.DATABASE).write_bytes(b"no database" * 1000)


@pytest.mark.parametrize("damage", [lose_the_key, spoil_the_log])
def test_root_settles_no_log_of_another_account(damage: Callable[[Path], None], foreign: Path) -> None:
    """What is set aside before the refusal hides from the owner what had happened."""
    damage(foreign)
    before = {path.name: path.read_bytes() for path in foreign.iterdir() if path.is_file()}
    with pytest.raises(StoreError, match="Nothing was settled: .*it belongs to .*run this as that account"):
        audit.settle("a test", local_person("operator"), foreign)
    assert {path.name: path.read_bytes() for path in foreign.iterdir() if path.is_file()} == before


def test_a_home_that_cannot_be_seen_or_is_no_folder_is_told(store: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for place in ("file", "link"):
        for words in (("answer", "attrition"), ("store", "backup", str(tmp_path / "backup")), ("load", "sample_data")):
            code, _out, err = run(*words, "--database", url(tmp_path / place))
            assert (code, "cannot be opened: it is no folder" in " ".join(err.split())) == (1, True), (place, words, err)
    real = Path.is_dir

    def refuse(path: Path) -> bool:
        if path == store:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path)

    monkeypatch.setattr(Path, "is_dir", refuse)  # as where its parent may not be entered
    for words in (
        ("answer", "attrition"),
        ("store", "backup", str(tmp_path / "backup")),
        ("load", "sample_data"),
        ("generations", "use", "x"),
    ):
        code, _out, err = run(*words, "--database", url(store))
        said = " ".join(err.split())
        assert (code, "cannot be opened: Permission denied. Run this as the account that it belongs to" in said) == (1, True), (words, err)
    (finding,) = look_at(store)
    assert "Permission denied. Run this as the account that it belongs to" in finding.said


def test_a_program_that_loads_as_root_leaves_none_either(foreign: Path) -> None:
    with pytest.raises(StoreError, match="belongs to"):
        check_owner(foreign)
    with pytest.raises(StoreError, match="belongs to"):
        load_bundle(Path("sample_data"), url(foreign))
    with pytest.raises(StoreError, match="it belongs to .*run this as that account"):
        audit.append(audit.Event.START, local_person("operator"), home=foreign)
    assert {path.stat().st_uid for path in (foreign, *foreign.rglob("*"))} == {NOBODY}
