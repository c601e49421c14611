"""Files that are not only in our hands: what somebody put in the place of ours, why the system refuses one, and whose a folder is.

A pipe would let us wait for ever, and a device has no end. What another account, such as root, writes into a folder only that account can read,
as all that we write is private.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

LARGEST = 64 << 20  # bytes; what is read as a whole is a small file of ours, and a larger one is none
OF_THE_DISK = (errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO)
WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0)  # for somebody to write into a pipe


def content_of(path: Path, most: int | None = None) -> bytes:
    """The bytes of a file, of a large one the first `most`; OSError for what is no file, and without `most` for one too large to be ours."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | WITHOUT_WAITING)) as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise OSError("it is no file")
        if most is None and about.st_size > LARGEST:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        return file.read(-1 if most is None else most)


def why(fault: OSError) -> str:
    """Why the system refused, and at which file, unless the whole disk refuses: what lies there may be what is in the way."""
    where = f" ('{fault.filename}')" if fault.filename and fault.errno not in OF_THE_DISK else ""
    return f"{fault.strerror or type(fault).__name__}{where}"


def other_owner(folder: Path) -> str | None:
    """The account that a folder belongs to where that is not ours; None where it is ours or is not there. OSError where that cannot be seen."""
    if sys.platform == "win32" or not folder.is_dir():  # whose a folder is there, os.stat does not say
        return None
    owner = folder.stat().st_uid
    return None if owner == os.geteuid() else _account(owner)


def _account(number: int) -> str:
    """The name of an account, or its number where it has none."""
    import pwd  # noqa: PLC0415  (there is none on Windows)

    try:
        return f"the account '{pwd.getpwuid(number).pw_name}'"
    except KeyError:
        return f"the account {number}"
