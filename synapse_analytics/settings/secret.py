"""The client secret: where it may stand, and who may read it. No message holds it, nor what stands where a file should be named."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path
from typing import Any

from synapse_analytics.errors import UsageError
from synapse_analytics.files import WITHOUT_WAITING

KEY = "sign_in.client_secret_file"
VARIABLE = "SYNAPSE_CLIENT_SECRET"
LONGEST = 4096  # bytes; a secret is shorter, and a larger file is another one
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def secret_file(where: str, value: Any) -> str:
    """The path of the file that holds the secret."""
    if not isinstance(value, str) or not value.isprintable() or not Path(value).is_absolute():
        raise UsageError(f"{where}: this is not the path of a file. Allowed: an absolute path, as /etc/synapse/client_secret.")
    return value


def read_secret(file: str | None) -> str:
    """The secret in this file, or in the variable where no file is named."""
    given = os.environ.get(VARIABLE)
    if file is not None and given is not None:
        raise UsageError(f"The client secret is given twice. Allowed: sign_in.client_secret_file in the settings, or {VARIABLE}.")
    if file is None and given is None:
        raise UsageError(f"There is no client secret. Name its file in sign_in.client_secret_file of the settings, or set {VARIABLE}.")
    where, held = (VARIABLE, given or "") if file is None else (KEY, _in_file(file))
    found = held.strip()
    if not found or not found.isascii() or not found.isprintable():
        raise UsageError(f"{where}: it holds no secret. Allowed: one line, as the provider shows it.")
    return found


def _in_file(file: str) -> str:
    try:
        with open(file, "rb", opener=lambda path, flags: os.open(path, flags | WITHOUT_WAITING)) as handle:
            mode = os.fstat(handle.fileno()).st_mode
            content = handle.read(LONGEST + 1) if stat.S_ISREG(mode) else b""
    except OSError:
        raise UsageError(f"{KEY}: the file is not there, or this account may not read it.") from None  # which names what may be the secret
    if not stat.S_ISREG(mode) or len(content) > LONGEST:
        raise UsageError(f"{KEY}: this is not a file with a secret. Allowed: a file of one line, at most {LONGEST} bytes.")
    if os.name == "posix" and mode & OTHERS:  # Windows has no such bits
        raise UsageError(f"{KEY}: other accounts may read or change the file. Do this: chmod 600 {shlex.quote(file)}")
    return content.decode("utf-8", errors="replace")
