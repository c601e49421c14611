"""Whose the store is: its files belong to the account that runs this program, and no other account may read them.

Every mode is given where a folder or a file is made, so that the umask of the account, which can only take away, decides nothing. Where a
library makes the file, the umask is ours (`privately`).
"""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synapse_analytics.errors import StoreError
from synapse_analytics.files import other_owner

FOLDER, REWRITTEN, PUBLISHED = 0o700, 0o600, 0o400  # modes: folders, files that are written again, files that never change
RIGHTS = ((4, "read"), (2, "write to"), (1, "enter"))  # what the bits of a mode let somebody do with a folder


def make_private(folder: Path) -> None:
    """Make a folder that only this account can enter; one that is there stays as it is."""
    folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write a new file that only this account can read, and have it on the disk; what lay there before is removed first."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, REWRITTEN), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def privately() -> Iterator[None]:
    """Every file that is made meanwhile, also by Arrow and DuckDB, which take no mode, is one that only this account can read.

    This holds for the whole process, as the system knows no umask of a thread: what it writes elsewhere in that time is private, too.
    """
    before = os.umask(0o777 - FOLDER)
    try:
        yield
    finally:
        os.umask(before)


def check_owner(home: Path) -> None:
    """StoreError for an account, such as root, to which the store does not belong: the one that serves could not read what is written.

    Also where that cannot be seen, or where no folder lies there.
    """
    try:
        owner = other_owner(home)
    except PermissionError as error:
        raise StoreError(f"The store in {home} cannot be opened: {error.strerror}. Run this as the account that it belongs to.") from error
    if os.path.lexists(home) and not home.is_dir():
        raise StoreError(f"The store in {home} cannot be opened: it is no folder. Name another one.")
    if owner:
        raise StoreError(f"The store in {home} belongs to {owner}. Run this as that account, which can then read what is written.")


def check_private(home: Path) -> None:
    """Raise StoreError where the store is another account's, or where others may read, write to or enter its home.

    One that is not there yet is made, closed.
    """
    check_owner(home)
    try:
        make_private(home)
        found = home.stat()
    except OSError as error:
        raise StoreError(f"The store in {home} cannot be opened: {error.strerror or type(error).__name__}. Name another folder.") from error
    if os.name != "nt" and (others := _others(found)):
        raise StoreError(
            f"The store in {home} is open to others: {others}. It holds records of patients, so only the account that runs this program may. "
            f"Close it with this command, then try again:\nchmod -R go= {shlex.quote(str(home.resolve()))}"
        )


def _others(found: os.stat_result) -> str:
    """Which other accounts may do what with a folder; nothing if none may do anything."""
    mode = stat.S_IMODE(found.st_mode)
    who = ((f"the group '{_group(found.st_gid)}'", mode >> 3 & 7), ("every other account of this computer", mode & 7))
    return ", and ".join(f"{one} may {' and '.join(word for bit, word in RIGHTS if bits & bit)} it" for one, bits in who if bits)


def _group(number: int) -> str:
    """The name of a group, or its number where it has none."""
    if sys.platform == "win32":  # pragma: no cover (a mode of Windows names no group)
        return str(number)
    import grp  # noqa: PLC0415  (there is none on Windows)

    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
