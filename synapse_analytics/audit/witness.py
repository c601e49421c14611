"""Witnesses: what was the last line, noted outside the folder of the log.

Whoever can write the folder can put the log back to an earlier copy, or begin another one. A witness that knows more, or another log,
gives that away. One is always told: a file in the state folder of the account. The settings name others (`settings.witness`).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from synapse_analytics.audit.private import fresh
from synapse_analytics.errors import UsageError
from synapse_analytics.files import content_of
from synapse_analytics.settings import Witnesses, read_settings

SYSLOG, NOTICE = "/dev/log", 10 * 8 + 5  # authpriv.notice
LONGEST = 10  # seconds that a command of the clinic may take
LONGEST_NOTE = 10_000  # characters that are read of a file; a note of ours has some 150
_logger = logging.getLogger("synapse_analytics.audit")
_failing: set[str] = set()  # witnesses that could not be told; each is said once until it can be told again


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of a log: which log (a fingerprint of its key), its number, its chain."""

    log: str
    number: int
    chain: str

    def __str__(self) -> str:
        return f"{self.number} {self.chain}"

    def as_json(self) -> str:
        """The head as the witnesses get it."""
        return json.dumps(asdict(self))


Holds = Callable[[int, str], bool]  # whether the log has a line of this number and chain


def own_file(folder: Path) -> Path | None:
    """The witness in the state folder of the account, one for each folder of a log; None for an account that has no folder."""
    named, own = Path(os.environ.get("XDG_STATE_HOME") or ""), Path(os.path.expanduser("~/.local/state"))
    state = named if named.is_absolute() else own
    if not state.is_absolute():
        return None
    return state / "synapse-analytics" / f"{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:32]}.json"


def others(folder: Path) -> Witnesses:
    """The witnesses that the settings name; none where the settings cannot be used, which every page says."""
    try:
        return read_settings(folder).audit
    except UsageError:
        return Witnesses()


def files(folder: Path) -> Iterator[Path]:
    """Every file that is a witness of this log."""
    yield from (path for path in (own_file(folder), others(folder).file) if path)


def noted(path: Path) -> Head | None:
    """What a file knows; None where there is no such file, ValueError where it is none of ours."""
    try:
        found = json.loads(content_of(path, LONGEST_NOTE).decode("ascii"))
        return Head(str(found["log"]), int(found["number"]), str(found["chain"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as fault:
        raise ValueError("it is not the note of a witness") from fault


def contradicts(known: Head, log: str, holds: Holds) -> bool:
    """True if a witness knows what this log cannot have forgotten."""
    return known.log != log or not holds(known.number, known.chain)


def tell(path: Path, head: Head, holds: Holds | None) -> None:
    """Tell a file, unless it knows better; without `holds` whatever it knew."""
    with _said(f"file '{path}'"):
        known = noted(path) if holds else None
        if known and holds and contradicts(known, head.log, holds):
            raise ValueError("it knows another log, or a line that is missing")  # and is still there to be asked
        if known is None or known.number < head.number:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = fresh(path, head.as_json())
            try:
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)


def callers(folder: Path) -> Iterator[tuple[str, Callable[[Head], None]]]:
    """The witnesses of this log that can be told and not asked, each with its name."""
    named = others(folder)
    if named.syslog:
        yield "syslog", _to_syslog
    if named.command:
        yield f"command '{named.command[0]}'", partial(_to_command, named.command)


def tell_others(folder: Path, head: Head, holds: Holds) -> None:
    """Tell every witness that the settings name; this may take seconds."""
    if named := others(folder).file:
        tell(named, head, holds)
    for name, say in callers(folder):
        with _said(name):
            say(head)


def _to_syslog(head: Head) -> None:
    if not hasattr(socket, "AF_UNIX"):
        raise OSError("this system has no syslog")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.settimeout(LONGEST)
        line.connect(SYSLOG)
        line.send(f"<{NOTICE}>synapse-analytics: {head.as_json()}".encode())


def _to_command(command: Sequence[str], head: Head) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("SYNAPSE_")}  # a secret may be among them
    said = f"{head.as_json()}\n".encode()
    try:
        subprocess.run(command, input=said, env=own, timeout=LONGEST, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    except subprocess.CalledProcessError as fault:
        raise OSError(f"it ended with exit code {fault.returncode}") from fault
    except subprocess.TimeoutExpired as fault:
        raise OSError(f"it took longer than {LONGEST} seconds") from fault


@contextmanager
def _said(name: str) -> Iterator[None]:
    """A witness that cannot be told never stops the log; the first time is said."""
    try:
        yield
    except (OSError, ValueError, sqlite3.Error) as fault:
        if name not in _failing:
            _failing.add(name)
            _logger.warning("A witness of the audit log, the %s, cannot be told (%s). Look into it with `audit verify`.", name, fault)
    else:
        _failing.discard(name)
