"""Files that only this account can read, on the disk whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


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
