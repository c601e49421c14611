"""Copying files so that they are on the disk, and known by their sha256."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, BinaryIO

from synapse_analytics.progress import Progress
from synapse_analytics.store.private import FOLDER

AT_ONCE = 1 << 20  # bytes
MEGABYTE = 10**6

Described = dict[str, Any]  # bytes and sha256 of a file, as a manifest and the list of a backup have them


class Work:
    """Megabytes of files that are copied or read, as a person follows them."""

    def __init__(self, what: str, total: int, progress: Progress) -> None:
        self._what, self._total, self._progress, self._done = f"{what} (MB)", -(-total // MEGABYTE), progress, 0
        progress(self._what, 0, self._total)

    def copied(self, source: BinaryIO, target: Path, mode: int) -> Described:
        """Copy an open file into a new one that is on the disk when this returns."""
        digest, size = hashlib.sha256(), 0
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as copy:
            while piece := source.read(AT_ONCE):
                digest.update(piece)
                copy.write(piece)
                size += len(piece)
                self._went_on(len(piece))
            copy.flush()
            os.fsync(copy.fileno())
        return {"bytes": size, "sha256": digest.hexdigest()}

    def read(self, path: Path) -> Described:
        """Read a file from the disk, not from what the system remembers of it."""
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as file:
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            while piece := file.read(AT_ONCE):
                digest.update(piece)
                size += len(piece)
                self._went_on(len(piece))
        return {"bytes": size, "sha256": digest.hexdigest()}

    def _went_on(self, size: int) -> None:
        self._done += size
        self._progress(self._what, min(self._done // MEGABYTE, self._total), self._total)


def make_folders(folder: Path, root: Path) -> None:
    """Make a folder below `root`, and those between, for this account alone."""
    for one in reversed([folder, *folder.parents]):
        if one.is_relative_to(root) and not one.is_dir():
            one.mkdir(mode=FOLDER)


def sync(path: Path) -> None:
    """Have the system write a file or a folder to the disk; Windows has no such call for folders."""
    if os.name == "nt" and path.is_dir():  # pragma: no cover
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Have the system write every file and folder in here to the disk."""
    for path in (*folder.rglob("*"), folder):
        sync(path)
