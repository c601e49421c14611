"""A copy of the log as it stood at one moment, for a backup."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from synapse_analytics.audit.chain import DATABASE, HEAD, KEY, noted_end, reader
from synapse_analytics.errors import StoreError
from synapse_analytics.files import content_of


def copy_log(home: Path, folder: Path) -> None:
    """Copy key, note and lines of the log in `home` into a folder; StoreError where the log cannot be read, OSError where the copy cannot be written.

    The note comes first: that of an earlier line holds too, one of a later line would say that lines are missing.
    """
    if not (home / DATABASE).exists():
        return
    try:
        key, end = content_of(home / KEY), noted_end(home)
    except (OSError, ValueError) as fault:
        raise StoreError(f"The audit log in '{home}' cannot be read ({fault}). Look into it with `audit verify`.") from fault
    for name, content in ((KEY, key), (HEAD, str(end or "").encode())):
        with os.fdopen(_opened(folder / name), "wb") as file:
            file.write(content)
    _copy_lines(home, folder / DATABASE)


def _copy_lines(home: Path, copy: Path) -> None:
    os.close(_opened(copy))
    try:
        with closing(reader(home)) as log, closing(sqlite3.connect(copy)) as into:
            into.execute("pragma journal_mode = off")
            into.execute("pragma synchronous = off")  # whoever asked for the copy has it on the disk
            log.backup(into)
    except sqlite3.Error as fault:
        if getattr(fault, "sqlite_errorcode", None) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE):
            raise OSError(28, "No space left on device", str(copy)) from fault
        raise StoreError(f"The audit log in '{home}' cannot be copied ({fault}). Look into it with `audit verify`.") from fault


def _opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
