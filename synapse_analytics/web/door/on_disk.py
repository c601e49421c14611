"""The files that browsers sent: on the disk of the server until a page has used them, whose they are, and how much they take together.

They lie in a folder of this process that nobody else may read. It goes with the process; what a killed one left goes at the next start.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from synapse_analytics.errors import SynapseError
from synapse_analytics.store.locks import FileLock

GIGABYTE = 1 << 30
MOST_OF_ALL = 2 * GIGABYTE
PREFIX, LOCK = "synapse-uploads-", "in-use"
_ABANDONED = 60.0  # seconds; a younger folder without a lock may be one that is being made
_ENDINGS = frozenset({".zip", ".csv", ".tsv", ".txt", ".xlsx", ".xls", ".parquet", ".json", ".ndjson", ".yaml", ".yml"})


class NoRoom(SynapseError):
    """The files of this session, or of all of them, would take too much together."""


@dataclass(slots=True)
class Held:
    """A file of a browser: where it lies, its bytes (announced, then counted), its owner and the Streamlit session it was sent to."""

    folder: Path
    size: int
    owner: str
    session: str
    path: Path | None = None  # None as long as it arrives


class OnDisk:
    """The files of one process. Every method may be called from any thread."""

    def __init__(self, most: int = MOST_OF_ALL) -> None:
        self.most = most
        self._held: dict[str, Held] = {}
        self._guard = threading.RLock()
        self._folder: Path | None = None
        self._lock: FileLock | None = None

    def open(self) -> Path:
        """The private folder of this process, made at the first call, which also removes what killed processes left."""
        with self._guard:
            if self._folder is None:
                _remove_abandoned()
                self._folder = Path(tempfile.mkdtemp(prefix=PREFIX))  # 0700
                self._lock = FileLock(self._folder / LOCK)
                self._lock.take()
            return self._folder

    def close(self) -> None:
        """Remove everything."""
        with self._guard:
            self._held.clear()
            if self._lock is not None:
                self._lock.release()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = self._lock = None

    def reserve(self, file_id: str, size: int, *, owner: str, session: str, most: int) -> BinaryIO:
        """A place for a file of so many bytes, opened to be written; NoRoom if its owner would hold more than `most`, or all too much."""
        with self._guard:
            if file_id in self._held:
                raise NoRoom("A file of this name is there already. Choose the file again.")
            if sum(one.size for one in self._held.values() if one.owner == owner) + size > most:
                raise NoRoom(f"Your files would take more than {_words(most)} together. Remove one that you do not need.")
            if sum(one.size for one in self._held.values()) + size > self.most:
                raise NoRoom(f"The files of all people would take more than {_words(self.most)} together. Try again later.")
            home = self.open()
            if shutil.disk_usage(home).free < size:
                raise NoRoom(f"The disk of the server has no room for {_words(size)}. Tell who runs it.")
            folder = home / secrets.token_hex(16)
            folder.mkdir(mode=0o700)
            self._held[file_id] = Held(folder, size, owner, session)
        return os.fdopen(os.open(folder / "upload", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b")

    def keep(self, file_id: str, name: str) -> bool:
        """The file has arrived: count its bytes, and give it the ending of its name. False if its owner has gone meanwhile."""
        with self._guard:
            held = self._held.get(file_id)
            if held is None:
                return False
            ending = PurePosixPath(name).suffix.lower()
            held.path = (held.folder / "upload").rename(held.folder / f"upload{ending if ending in _ENDINGS else ''}")
            held.size = held.path.stat().st_size
            return True

    def path(self, file_id: str) -> Path | None:
        """Where the file lies; None if it is not there (any more)."""
        held = self._held.get(file_id)
        return held.path if held else None

    def owner(self, file_id: str) -> str | None:
        """Whose file it is; None if it is not there."""
        held = self._held.get(file_id)
        return held.owner if held else None

    def remove(self, file_id: str) -> None:
        """Remove a file; harmless if there is none."""
        with self._guard:
            held = self._held.pop(file_id, None)
        if held is not None:
            shutil.rmtree(held.folder, ignore_errors=True)

    def remove_where(self, is_gone: Callable[[str, Held], bool]) -> None:
        """Remove every file of which this holds, told its id and what is known of it."""
        with self._guard:
            gone = [file_id for file_id, held in self._held.items() if is_gone(file_id, held)]
        for file_id in gone:
            self.remove(file_id)

    def total(self) -> int:
        """Bytes of all files together, with those that are still arriving."""
        with self._guard:
            return sum(held.size for held in self._held.values())


def _words(size: int) -> str:
    return f"{size / GIGABYTE:.3g} GB" if size >= GIGABYTE else f"{max(size >> 20, 1)} MB"


def _remove_abandoned() -> None:
    """Remove the folders of our own that no living process holds."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            about = folder.lstat()
            if hasattr(os, "getuid") and about.st_uid != os.getuid():
                continue
            if not (folder / LOCK).exists() and time.time() - about.st_mtime < _ABANDONED:
                continue
            with FileLock(folder / LOCK) as lock:
                if lock.take():
                    shutil.rmtree(folder, ignore_errors=True)


FILES = OnDisk()
atexit.register(FILES.close)
