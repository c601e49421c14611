"""Files that leave: each stands whole in its place or not at all, and what was there before stays until then."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synapse_analytics.errors import UsageError

OURS_ALONE = 0o600  # rows of patients are for whoever asked
BY_CUSTOM = 0o666  # what the account's umask leaves


def check_place(out: Path, example: str) -> None:
    """Before anything is asked or logged: a file can be put here. UsageError, with an example of a name, where it cannot."""
    if out.is_dir():
        raise UsageError(f"'{out}' is a folder. Name the file to write: {out / example}.")
    if not out.parent.is_dir():
        raise UsageError(f"There is no folder '{out.parent}'. Make it first, or name a file in a folder that is there.")
    if out.exists() and not out.is_file():
        raise UsageError(f"'{out}' is no file but a device. Name a file, such as {example}.")


@contextmanager
def placed(out: Path, *, mode: int = BY_CUSTOM) -> Iterator[Path]:
    """A new file beside `out` to be written to; it takes the place of `out` when it is whole and on disk.

    UsageError where the disk refuses it; then nothing is left behind, and a file that stood there before is as it was.
    """
    target = out.resolve()  # of a link the file that it leads to
    part = target.with_name(f".part-{os.getpid()}-{os.urandom(4).hex()}")
    try:
        if target.exists():
            mode &= target.stat().st_mode  # what was closed to others stays closed
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
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
