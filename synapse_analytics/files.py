"""Reading a file in whose place somebody may have put something else: a pipe would let us wait for ever, and a device has no end."""

from __future__ import annotations

import os
import stat
from pathlib import Path

WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0)  # for somebody to write into a pipe


def content_of(path: Path, most: int = -1) -> bytes:
    """The bytes of a file, of a large one the first `most`; OSError for what is no file."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | WITHOUT_WAITING)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("it is no file")
        return file.read(most)
