"""The source distribution and the wheel: built without a network, and the same bytes each time."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EPOCH = 1_767_225_600  # seconds, 1 January 2026: the time of every file in a build that is no release


def copied(folder: Path, root: Path = ROOT) -> Path:
    """The repository without what git does not keep, and with modes that no umask has changed."""
    named = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(named, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0"):
        path = root / name
        if name and path.is_file():
            copy = folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            copy.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    return folder


def wheel(tree: Path, out: Path, epoch: int = EPOCH) -> Path:
    """The wheel of a tree, which is changed by this."""
    return out / _backend("build_wheel", tree, out, epoch)


def sdist(tree: Path, out: Path, epoch: int = EPOCH) -> Path:
    """The source distribution of a tree, which is changed by this."""
    made = out / _backend("build_sdist", tree, out, epoch)
    made.write_bytes(gzip.compress(_without_times(made, epoch), mtime=epoch))
    return made


def unpacked(source: Path, folder: Path) -> Path:
    """The tree in a source distribution."""
    with tarfile.open(source) as packed:
        packed.extractall(folder, filter="data")
    return folder / source.name.removesuffix(".tar.gz")


def _backend(hook: str, tree: Path, out: Path, epoch: int) -> str:
    """Setuptools in a process of its own, as pip calls it; the name of the file it made."""
    out.mkdir(parents=True, exist_ok=True)
    program = f"import os, sys; os.umask(0o022); from setuptools import build_meta; print(build_meta.{hook}(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", program, str(out.resolve())],
        cwd=tree,
        env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch), "PYTHONPATH": "", "PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"setuptools could not build:\n{done.stderr[-2000:]}")
    return done.stdout.split()[-1]


def _without_times(source: Path, epoch: int) -> bytes:
    """The archive with its files in order, of nobody and of one time: setuptools writes down who built it and when."""
    held = io.BytesIO()
    with tarfile.open(source) as packed, tarfile.open(fileobj=held, mode="w", format=tarfile.GNU_FORMAT) as made:
        for member in sorted(packed.getmembers(), key=lambda member: member.name):
            member.mtime, member.uid, member.gid, member.uname, member.gname, member.pax_headers = epoch, 0, 0, "", "", {}
            made.addfile(member, packed.extractfile(member) if member.isfile() else None)
    return held.getvalue()
