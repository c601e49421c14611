"""The command `store`: what it says and logs, on disks that are full or may only be read, and to accounts without rights."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from synapse_analytics import audit
from synapse_analytics.commands.store import store as command
from synapse_analytics.errors import StoreError, UsageError
from synapse_analytics.store.backup_list import INNER, MAKING
from synapse_analytics.store.locks import FileLock
from tests.faults.loading import ROOT


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small file system takes root")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", str(place)], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let root mount a file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def run(store: Path, *words: str | Path, **options: bool) -> None:
    command(words[0], *map(Path, words[1:]), database=f"duckdb:///{store}", **options)  # type: ignore[arg-type]


def events(store: Path) -> list[str]:
    return [line.event for line in audit.search(store)]


def test_a_backup_says_that_the_log_was_lost(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After a restore nobody would know that lines are missing."""
    (store / audit.DATABASE).unlink()
    run(store, "backup", tmp_path / "backup")
    assert "The audit log of the store is lost" in " ".join(capsys.readouterr().err.split())
    run(store, "backup", tmp_path / "next")
    assert "is lost" not in capsys.readouterr().err


def test_what_killed_backups_left_beside_is_named(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("monday", "tuesday"):
        (tmp_path / f"{name}.part" / INNER).mkdir(parents=True)
        (tmp_path / f"{name}.part" / MAKING).touch()
    (tmp_path / "mine.part").mkdir()
    with FileLock(tmp_path / "tuesday.part" / MAKING) as writing:
        writing.take()
        run(store, "backup", tmp_path / "wednesday")
    said = "".join(capsys.readouterr().err.split())  # a terminal breaks the path of the test where it likes
    assert said.count("iswhatabackupleftwhoseprocesswaskilled") == 1
    assert "monday.part" in said
    assert (tmp_path / "monday.part").is_dir()


@pytest.mark.parametrize("is_there", [False, True])
def test_nothing_is_backed_up_and_nothing_is_made(is_there: bool, tmp_path: Path) -> None:
    """Where the path is mistyped or its disk is not mounted: a backup every night would stay empty, and nobody would know."""
    home = tmp_path / "mistyped"
    if is_there:
        home.mkdir(mode=0o700)
    with pytest.raises(StoreError, match="There is no store in .*nothing to back up"):
        run(home, "backup", tmp_path / "backup")
    with pytest.raises(UsageError, match="is not a backup"):
        run(home, "restore", tmp_path)
    assert (home.exists(), list(tmp_path.rglob("*/*"))) == (is_there, [])


def test_verify_backup_restore(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(store, "verify")
    run(store, "backup", tmp_path / "backup")
    assert events(store) == ["start", "backup_asked", "backup"]
    run(store, "verify", tmp_path / "backup")
    capsys.readouterr()
    (store / "CURRENT").unlink()
    with pytest.raises(StoreError, match="is not whole: pointer"):
        run(store, "verify")
    run(store, "restore", tmp_path / "backup")
    said = "".join(capsys.readouterr().err.split())
    assert "Whatwastherebeforeisin" in said
    assert events(store) == ["start", "backup_asked", "log_settled", "restore"]
    (before,) = store.glob("before-restore-*")
    assert events(before) == ["start", "backup_asked", "backup", "restore_asked"]


def test_a_stray_in_a_backup_is_told(store: Path, tmp_path: Path) -> None:
    run(store, "backup", tmp_path / "backup")
    (tmp_path / "backup" / "notes.txt").touch()
    with pytest.raises(StoreError, match=r"is not whole: notes\.txt"):
        run(store, "verify", tmp_path / "backup")


@pytest.mark.parametrize(
    ("words", "options", "said"),
    [
        (("destroy",), {}, r"Allowed: verify, verify BACKUP, backup DEST, restore BACKUP\."),
        (("backup",), {}, "Name it: store backup DEST"),
        (("restore",), {}, "Name it: store restore BACKUP"),
        (("verify",), {"replace": True}, "does not take --replace"),
        (("restore", "x"), {"current_only": True}, "does not take --current-only"),
        (("verify", "nothing-here"), {}, "is not a backup"),
        (("restore", "nothing-here"), {}, "is not a backup"),
    ],
)
def test_wrong_words(words: tuple[str, ...], options: dict[str, bool], said: str, store: Path) -> None:
    with pytest.raises(UsageError, match=said):
        run(store, *words, **options)


def test_a_backup_onto_a_full_disk_leaves_nothing(store: Path, disk: Path) -> None:
    whole = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
    for left in (0, 4096, whole // 3, whole - 4096):
        with (disk / "filler").open("wb") as filler:
            filler.write(b"x" * (shutil.disk_usage(disk).free - left))
        with pytest.raises(StoreError, match=r"No space left on device\. Nothing is left there"):
            run(store, "backup", disk / "backup")
        assert [path.name for path in disk.iterdir()] == ["filler"]
        (disk / "filler").unlink()
    run(store, "backup", disk / "backup")
    run(store, "verify", disk / "backup")


def test_a_restore_onto_a_full_disk_changes_nothing(store: Path, disk: Path, tmp_path: Path) -> None:
    run(store, "backup", tmp_path / "backup")
    home = shutil.copytree(store, disk / "store")
    (home / "CURRENT").unlink()
    before = sorted(path.relative_to(home) for path in home.rglob("*"))
    (disk / "filler").write_bytes(b"x" * (shutil.disk_usage(disk).free - 100_000))
    with pytest.raises(StoreError, match=r"No space left on device\. The store is as it was"):
        run(home, "restore", tmp_path / "backup")
    assert sorted(path.relative_to(home) for path in home.rglob("*") if path.name != "loading") == before
    (disk / "filler").unlink()
    run(home, "restore", tmp_path / "backup")


def test_a_store_on_a_failing_disk_is_backed_up_unlogged(
    store: Path, disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = shutil.copytree(store, disk / "store")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    run(home, "backup", tmp_path / "backup")
    assert "Thebackupismadeallthesame:theauditlog" in "".join(capsys.readouterr().err.split())
    run(store, "verify", tmp_path / "backup")
    with pytest.raises(StoreError, match=r"Read-only file system\. The store is as it was"):
        run(home, "restore", tmp_path / "backup", replace=True)


STRANGER = """
import grp, os, sys  # all that is read later, for the stranger may not read the folder of Python either
import rich._unicode_data, rich.cells, rich.console, rich.table
from rich.console import Console
Console(file=open(os.devnull, "w")).print(rich.table.Table("a"))
from synapse_analytics import audit
from synapse_analytics.commands.auditing import audit as command
from synapse_analytics.commands.store import store
from synapse_analytics.errors import SynapseError
from synapse_analytics.store import list_generations, open_store, use_generation
os.setgroups([]); os.setgid(65534); os.setuid(65534)
url, id = sys.argv[1:]
for act in (lambda: command("verify", database=url), lambda: command("list", database=url), lambda: store("verify", database=url),
            lambda: open_store(url), lambda: list_generations(url), lambda: use_generation(id, url)):
    try:
        act()
        print("done")
    except SynapseError as fault:
        print(str(fault).replace(chr(10), " "))
"""


@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_an_account_without_rights_is_told_whose_store_it_is(mode: int, tmp_path_factory: pytest.TempPathFactory, loaded: Path) -> None:
    if os.name == "nt" or os.geteuid() != 0:
        pytest.skip("to become another account takes root")
    place = Path("/var/tmp") if Path("/var/tmp").is_dir() else tmp_path_factory.getbasetemp()  # noqa: S108 - every account may enter it
    home = place / f"store-without-rights-{os.getpid()}"
    shutil.copytree(loaded, home)
    try:
        home.chmod(mode)
        version = next(path.name for path in (home / "generations").iterdir())
        found = subprocess.run(
            [sys.executable, "-c", STRANGER, f"duckdb:///{home}", version], capture_output=True, text=True, check=False, cwd=ROOT
        )
    finally:
        shutil.rmtree(home)
    said = [line for line in found.stdout.splitlines() if str(home) in line and line.startswith(("The", "This"))]
    assert len(said) == 6, found.stdout + found.stderr
    assert [line for line in said if "as the account that" not in line and "store in" not in line] == []
    assert "Restore it" not in found.stdout
