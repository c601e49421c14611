"""Writing files: a file stands whole in its place or not at all, and an older file stays until then."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from synapse_analytics.errors import UsageError
from synapse_analytics.store.locks import FileLock

OURS_ALONE = 0o600  # rows of patients are only for the person who asked
BY_CUSTOM = 0o666  # the umask of the account takes away from it
BEGUN = 60.0  # seconds after which whoever began a file holds it


def check_place(out: Path, example: str) -> None:
    """Raise UsageError, with an `example` of a name, if no file can be written here; called before a question is asked or logged."""
    try:
        out.resolve()
    except (OSError, RuntimeError) as error:
        raise UsageError(f"'{out}' is a link that leads back to itself. Name another file, such as {example}.") from error
    if out.is_dir():
        raise UsageError(f"'{out}' is a folder. Name the file to write: {out / example}.")
    if not out.parent.is_dir():
        raise UsageError(f"There is no folder '{out.parent}'. Make it first, or name a file in a folder that is there.")
    if out.exists() and not out.is_file():
        raise UsageError(f"'{out}' is a device, not a file. Name a file, such as {example}.")


@contextmanager
def placed(out: Path, *, mode: int = BY_CUSTOM) -> Iterator[Path]:
    """A new file beside `out` to write to; it takes the place of `out` when it is whole and on disk.

    UsageError if the disk refuses; then nothing is left behind, and an older file is unchanged.
    """
    target = out.resolve()  # a link stays, and the file behind it is replaced
    part = target.with_name(f".part-{os.getpid()}-{os.urandom(4).hex()}")
    try:
        if target.exists():
            mode &= target.stat().st_mode  # a file that was closed to others stays closed
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        with _held(part):
            yield part
            with part.open("rb+") as whole:
                os.fsync(whole.fileno())
            part.replace(target)
    except OSError as error:
        raise UsageError(
            f"'{out}' cannot be written: {error.strerror or type(error).__name__}. Nothing was changed there. "
            "Make room, or name a file in another folder."
        ) from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _held(part: Path) -> Iterator[None]:
    """Hold the file while it is written, and remove those beside it that nobody holds any more: their processes were killed."""
    if os.name == "nt":  # pragma: no cover (a lock there keeps the writer out too)
        yield
        return
    with FileLock(part) as lock:
        lock.take()
        for left in part.parent.glob(".part-*-*"):
            with suppress(OSError), FileLock(left) as free:
                if time.time() - left.stat().st_mtime > BEGUN and free.take():
                    left.unlink()
        yield
