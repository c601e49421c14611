"""A file lock that ends with its process, so that the leftovers of a killed load differ from a load that still runs."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from synapse_analytics.errors import StoreError
from synapse_analytics.store.private import REWRITTEN

if sys.platform == "win32":  # pragma: no cover (no Windows machine in the ordinary run)
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)  # what a system says of a lock that somebody has


class FileLock:
    """Held while the file is open; the operating system lets go of it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Take the lock now; False when another process (or another load of this one) holds it; StoreError where no lock can be taken."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, REWRITTEN)
        try:
            _try_lock(descriptor)
        except OSError as fault:
            os.close(descriptor)
            if fault.errno not in HELD:
                raise StoreError(
                    f"The disk of {self.path} locks no files ({fault.strerror or type(fault).__name__}), so two programs could write there at once. "
                    "Put the store on a disk that does, such as one of this computer."
                ) from fault
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let go; harmless when not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> FileLock:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()


@contextmanager
def waiting_for(path: Path, seconds: float = 30.0) -> Iterator[None]:
    """Hold the lock at `path`, waiting for whoever has it; the work inside must be short."""
    end = time.monotonic() + seconds
    with FileLock(path) as lock:
        while not lock.take():
            if time.monotonic() > end:
                raise StoreError(f"Another program has been holding the store for {seconds:.0f} s ({path}). Try again when it is done.")
            time.sleep(0.02)
        yield
