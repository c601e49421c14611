"""Settling: an operator has looked into what is wrong with the log, and says why it goes on from here."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from synapse_analytics.access import Person
from synapse_analytics.audit import chain
from synapse_analytics.audit.entries import Event, Happening, Subject, entry
from synapse_analytics.audit.verifying import verify
from synapse_analytics.errors import StoreError, UsageError

LONGEST = 500  # characters of a reason
ADDED = "select type, name from sqlite_master where type in ('trigger', 'index') and tbl_name = 'line'"  # made anew, or none of ours
NOT_DAMAGED = (  # a file that only cannot be written now
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
)


def settle(reason: str, user: Person, home: Path | None = None) -> str:
    """Write the problem and the reason into the log, and tell the witnesses its new end; the problem that was settled.

    From then on the log is whole if its later lines are, and if those before are what they are now.
    """
    said = " ".join(reason.split())
    if not 0 < len(said) <= LONGEST or not said.isprintable():
        raise UsageError(f"A reason is needed. Allowed: text of 1 to {LONGEST} characters.")
    problem = verify(home).problem
    if problem is None:
        raise UsageError("There is nothing to settle: the audit log is complete and unchanged.")
    folder = chain.audit_home(home)
    settled = Happening(Event.LOG_SETTLED, user, Subject(detail={"problem": problem, "reason": said}), time.time())
    try:
        chain.check_ours(folder)
        _mend(folder)
        chain.write(folder, [entry(settled)], settling=True)
    except (OSError, sqlite3.Error) as fault:
        raise StoreError(f"Nothing was settled: the audit log in '{folder}' cannot be written ({fault}).") from fault
    chain.tell_others(folder)
    return problem


def _mend(folder: Path) -> None:
    """Make the log one that can go on: its guards are made anew; a file that cannot be read is set aside."""
    path = folder / chain.DATABASE
    if not path.exists() or _guarded_anew(folder):
        return
    for part in (path, folder / f"{chain.DATABASE}-journal"):
        if part.exists():
            part.rename(folder / f"{part.name}.{datetime.now(UTC):%Y%m%dT%H%M%S}")


def _guarded_anew(folder: Path) -> bool:
    """True if every line can be read, the guards against changes are what they should be, and a line can follow the last one."""
    try:
        with closing(chain.reader(folder)) as connection:
            for kind, name in connection.execute(ADDED).fetchall():
                connection.execute(f'drop {kind} "' + name.replace('"', '""') + '"')
            connection.executescript(chain.SCHEMA)
            chain.digest(connection)
            (last,) = connection.execute("select max(number) from line").fetchone()
            return chain.guards(connection) == chain.expected_guards() and (last or 0) < chain.BEYOND - 1
    except sqlite3.Error as fault:
        if getattr(fault, "sqlite_errorcode", 0) & 0xFF in NOT_DAMAGED:
            raise
        return False
