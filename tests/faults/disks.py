"""Small disks and disks that may not be written, for a case: root mounts them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

MEGABYTES = 64
PAGE = 4096  # a disk in memory gives no less


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of its own at this place; whoever still reads from it may."""
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=700", "tmpfs", str(place)], check=True, capture_output=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, free: int) -> None:
    """Leave so many bytes, to the page."""
    with (disk / "ballast").open("wb") as file:
        while (more := shutil.disk_usage(disk).free // PAGE - free // PAGE) > 0:
            os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, more * PAGE)


def clear(disk: Path) -> None:
    """Make room again."""
    (disk / "ballast").unlink(missing_ok=True)


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Nothing may be written on it in the block."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True, capture_output=True)


@cache
def why_not() -> str:
    """Why no disk can be mounted here; nothing where it can."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None:
        return "mounting a small disk takes root on Linux"
    with TemporaryDirectory() as folder:
        try:
            with small_disk(Path(folder) / "disk"):
                return ""
        except subprocess.CalledProcessError:
            return "this machine does not let root mount a disk"
