"""Files that only this account can read, on the disk whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path


def content_of(path: Path) -> bytes:
    """The bytes of a file; OSError for what is no file: a pipe would let us wait for ever."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0))) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("it is no file")
        return file.read()


def fresh(path: Path, text: str | bytes) -> Path:
    """A new file beside this path that holds the text, on the disk; it may then take the place of the path."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part
