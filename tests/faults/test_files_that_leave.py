"""A file that leaves stands whole in its place or not at all: full disks, failing writes, what stood there before."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from synapse_analytics.errors import UsageError
from synapse_analytics.exports.whole_files import OURS_ALONE, placed

COMMANDS = {
    "report.html": ("report",),
    "answer.csv": ("answer", "baseline_table", "--out"),
    "rows.zip": ("export", "--purpose", "for a test"),
}


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB on which 2 kB are free; what it holds is let go of afterwards."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small file system takes root")
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let root mount a file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_a_sentence_and_leaves_what_was_there(sample_store: str, full_disk: Path, name: str) -> None:
    out = full_disk / name
    out.write_text("what was there before")
    (full_disk / "ballast").write_bytes(b"x" * (64 * 1024 - 4096 - 4096))
    words = COMMANDS[name]
    given = [*words, str(out)] if words[-1] == "--out" else [words[0], str(out), *words[1:]]
    found = subprocess.run(
        [sys.executable, "-m", "synapse_analytics", *given, "--database", sample_store],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    assert found.returncode == 1, found.stderr
    said = f"'{out}' cannot be written: No space left on device. Nothing was changed there."
    assert "".join(said.split()) in "".join(found.stderr.split())  # the terminal breaks lines where it likes
    assert "Traceback" not in found.stderr
    assert out.read_text() == "what was there before"
    assert sorted(path.name for path in full_disk.iterdir()) == sorted(["ballast", name])


def half_written(out: Path, fault: BaseException) -> None:
    with placed(out) as part:
        part.write_text("half")
        raise fault


def test_a_failure_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    with pytest.raises(UsageError, match="cannot be written: No space left on device"):
        half_written(out, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    with pytest.raises(KeyboardInterrupt):
        half_written(out, KeyboardInterrupt())
    assert not list(tmp_path.iterdir())


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("before")
    link.symlink_to(file)
    with placed(link) as part:
        part.write_text("after")
    assert link.is_symlink()
    assert file.read_text() == "after"


def test_rows_are_for_whoever_asked(tmp_path: Path) -> None:
    out = tmp_path / "rows.zip"
    with placed(out, mode=OURS_ALONE) as part:
        assert stat.S_IMODE(part.stat().st_mode) == OURS_ALONE
        part.write_text("rows")
    assert stat.S_IMODE(out.stat().st_mode) == OURS_ALONE


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    out = tmp_path / ("x" * 250 + ".html")
    with placed(out) as part:
        part.write_text("whole")
    assert out.read_text() == "whole"


def test_a_file_that_was_closed_to_others_stays_closed(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    out.touch(mode=0o600)
    with placed(out) as part:
        part.write_text("whole")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
