"""The append-only log of all that people did and asked, in a SQLite file of its own.

It holds cohorts as codes and counts, never a patient's value. `entries` lists the events, `chain` is the file, `batches` lets
lines wait so that a click does not, `reading` finds questions again.
"""

from __future__ import annotations

import atexit
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from synapse_analytics.access import Person
from synapse_analytics.audit.batches import ITSELF, Batches
from synapse_analytics.audit.chain import DATABASE, HEAD, KEY, UNREADABLE, audit_home, export, lines, may_read
from synapse_analytics.audit.copying import copy_log
from synapse_analytics.audit.entries import Event, Happening, Subject
from synapse_analytics.audit.reading import Line, Question, Sought, questions, search
from synapse_analytics.audit.settling import settle
from synapse_analytics.audit.verifying import Verification, verify
from synapse_analytics.errors import StoreError

__all__ = [
    "DATABASE",
    "HEAD",
    "ITSELF",
    "KEY",
    "UNREADABLE",
    "Deed",
    "Event",
    "Line",
    "Question",
    "Sought",
    "Subject",
    "Verification",
    "append",
    "append_soon",
    "audit_home",
    "copy_log",
    "deed",
    "export",
    "flush",
    "lines",
    "may_read",
    "questions",
    "search",
    "settle",
    "tell",
    "verify",
]
NOTHING = "Nothing was done"
ABORTED = {Event.LOAD_ASKED: Event.LOAD_ABORTED}  # what says of a deed that was asked for that nothing came of it
MEND = "Correct that, then check the log with `audit verify`."
_batches = Batches()


def append(event: Event, user: Person, subject: Subject | None = None, *, home: Path | None = None, done: str = NOTHING) -> None:
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
    """Write the lines that wait; True if all of them are on disk now. Witnesses are told soon, and nobody waits for them."""
    return _batches.flush()


def tell() -> None:
    """Tell the witnesses of the settings now; this may take seconds."""
    _batches.tell()


@dataclass(slots=True)
class Deed:
    """A deed under way: it was asked for in the log, and what becomes of it is logged too."""

    user: Person
    home: Path | None
    so_far: str  # what is done already, to begin a message with
    steps: int = 0  # lines after the first
    over: bool = False

    def asks(self, event: Event, subject: Subject | None = None) -> None:
        """Log the next step before it is taken; StoreError when it cannot be logged: then it must not be taken."""
        self.steps += 1
        append(event, self.user, subject, home=self.home, done=self.so_far)

    def ends(self, event: Event, subject: Subject | None = None, *, done: str) -> None:
        """Log how the deed ended; StoreError, which begins with what is `done`, when that cannot be logged."""
        self.over = True
        append(event, self.user, subject, home=self.home, done=done)


@contextmanager
def deed(asked: Event, user: Person, subject: Subject | None = None, *, home: Path | None = None, so_far: str = NOTHING) -> Iterator[Deed]:
    """Asked, then done, then finished: the line `asked` is on disk before the block begins, and the block says how it ended.

    StoreError, which begins with `so_far`, when the first line cannot be written: then the block does not run. A fault or a person
    who stops the block is logged where there is an event for it (ABORTED). After a further step was asked for, a person may have stopped it
    too late: then no line says that nothing came of it.
    """
    append(asked, user, subject, home=home, done=so_far)
    begun = Deed(user, home, so_far)
    try:
        yield begun
    except BaseException as fault:
        if asked in ABORTED and not begun.over and (isinstance(fault, Exception) or not begun.steps):
            with suppress(StoreError):  # the fault itself is what a person has to read
                append(ABORTED[asked], user, Subject(detail={"because": type(fault).__name__}), home=home)
        raise


@atexit.register
def _close() -> None:
    _batches.close()
