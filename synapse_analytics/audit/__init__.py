"""The append-only log of all that people did and asked, in a SQLite file of its own.

It holds cohorts as codes and counts, never a patient's value. `entries` lists the events, `chain` is the file, `batches` lets
lines wait so that a click does not, `reading` finds questions again.
"""

from __future__ import annotations

import atexit
import sqlite3
import time
from pathlib import Path

from synapse_analytics.access import Person
from synapse_analytics.audit.batches import Batches
from synapse_analytics.audit.chain import DATABASE, HEAD, KEY, Verification, audit_home, export, lines, verify
from synapse_analytics.audit.entries import Event, Happening, Subject
from synapse_analytics.audit.reading import Question, questions
from synapse_analytics.errors import StoreError

__all__ = [
    "DATABASE",
    "HEAD",
    "KEY",
    "Event",
    "Question",
    "Subject",
    "Verification",
    "append",
    "append_soon",
    "audit_home",
    "export",
    "flush",
    "lines",
    "questions",
    "verify",
]
MEND = "Correct that, then check the log with `audit verify`."
_batches = Batches()


def append(event: Event, user: Person, subject: Subject | None = None, *, home: Path | None = None, done: str = "Nothing was done") -> None:
    """Write one line, after those that wait, on disk before this returns.

    StoreError when it cannot be written; its message begins with what is `done` already.
    """
    folder = audit_home(home)
    try:
        _batches.write(folder, Happening(event, user, subject or Subject(), time.time()))
    except (OSError, sqlite3.Error) as fault:
        raise StoreError(f"{done}: the audit log in '{folder}' cannot be written ({fault}). {MEND}") from fault


def append_soon(event: Event, user: Person, subject: Subject, *, home: Path | None = None) -> None:
    """Let one line wait for about a second, to be written with others; never waits for the disk and never fails."""
    _batches.add(audit_home(home), Happening(event, user, subject, time.time()))


def flush() -> bool:
    """Write the lines that wait; True if all of them are on disk now."""
    return _batches.flush()


@atexit.register
def _close() -> None:
    _batches.close()
