"""The file of the log: lines chained by HMAC, so that a change or a gap is found.

Whoever can read the key file can forge the log: the key belongs to the account that runs the dashboard and to nobody
else (mode 0600).
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import json
import math
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synapse_analytics.audit import witness
from synapse_analytics.audit.entries import FIELDS, Entry, Event
from synapse_analytics.audit.private import fresh
from synapse_analytics.errors import StoreError
from synapse_analytics.files import content_of, other_owner

DATABASE, KEY, HEAD = "audit.sqlite", "audit.key", "audit.head"
START = "0" * 64  # what the first line is chained to
COLUMNS = ("number", *FIELDS, "chain")
UNREADABLE = (OSError, sqlite3.Error, ValueError, RecursionError)  # what a file that somebody has written into may raise
BEYOND, DIGITS, AT_ONCE = 2**53, 19, 5_000  # no line of ours has such a number, nor one so long; lines that are read at a time
SCHEMA = """
create table if not exists line (
    number integer primary key, at text not null, user text not null, roles text not null, event text not null,
    cohort text, rows integer, sha256 text, detail text not null, chain text not null
) strict;
create trigger if not exists never_changed before update on line begin select raise(abort, 'the audit log is append-only'); end;
create trigger if not exists never_removed before delete on line begin select raise(abort, 'the audit log is append-only'); end;
"""


def audit_home(home: Path | None = None) -> Path:
    """The folder of the log: the one given, else SYNAPSE_HOME, else ./.synapse."""
    return home or Path(os.environ.get("SYNAPSE_HOME") or ".synapse")


def write(folder: Path, entries: Sequence[Entry], *, settling: bool = False) -> None:
    """Chain these lines to those there are, all on disk before this returns, or none; OSError or sqlite3.Error when they cannot be.

    Where the log is settled, the lines bear the digest of all before them, and every witness that is a file is told, whatever it knew.
    """
    if not entries:
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_ours(folder)
    key = _key(folder, anew=settling)
    with closing(_connect(folder)) as connection:
        connection.execute("begin immediate")  # one writer at a time, so that two lines never follow the same one
        seal = {"sha256": digest(connection)} if settling else {}
        last = connection.execute("select number, chain from line order by number desc limit 1").fetchone()
        number, chain = last or (0, START)
        if number + len(entries) >= BEYOND:
            raise sqlite3.DataError(f"somebody put in line {number}, which none can follow")
        rows = []
        for line in entries:
            number += 1
            chain = chained(key, chain, number, {**line, **seal})
            rows.append((number, *({**line, **seal}[name] for name in FIELDS), chain))
        marks = ", ".join("?" * len(COLUMNS))
        connection.executemany(f"insert into line ({', '.join(COLUMNS)}) values ({marks})", rows)  # noqa: S608 - fixed names
        over = settling or _end_holds(connection, folder, key, first=not last)
        if _commit(connection, folder, end_of(key, number, chain), over=over):
            _tell(folder, witness.Head(log_of(key), number, chain), connection, settling=settling)


def check_ours(folder: Path) -> None:
    """PermissionError where the log is another account's: its note of the last line would be ours from now on, and it could write no other."""
    if owner := other_owner(folder):
        raise PermissionError(f"it belongs to {owner}; run this as that account")


def _connect(folder: Path) -> sqlite3.Connection:
    path = folder / DATABASE
    with contextlib.suppress(FileExistsError):  # an existing one is not opened here: to close it would end the locks of other threads
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    connection = sqlite3.connect(path, timeout=10, isolation_level=None)
    connection.execute("pragma synchronous = full")
    connection.executescript(SCHEMA)
    return connection


def _key(folder: Path, *, anew: bool) -> bytes:
    path = folder / KEY
    if not path.exists():
        if (folder / DATABASE).exists() and not anew and not path.exists():
            raise FileNotFoundError(f"its key '{KEY}' is lost; restore it from a backup, or settle the log with `audit settle`")
        part = fresh(path, secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):  # linked, not written in place: nobody ever reads half a key
            os.link(part, path)
        part.unlink()
    return content_of(path)


def log_of(key: bytes) -> str:
    """What tells one log from another: a fingerprint of its key."""
    return hmac.new(key, b"which log", hashlib.sha256).hexdigest()[:32]


def chained(key: bytes, before: str, number: int, line: Entry) -> str:
    """The chain of a line that follows one with the chain `before`."""
    text = json.dumps([before, number, *(line[name] for name in FIELDS)])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class End:
    """The note of the last line beside the database, and the mark that shows that it is ours."""

    number: int
    chain: str
    mark: str

    def __str__(self) -> str:
        return f"{self.number} {self.chain} {self.mark}"


def end_of(key: bytes, number: int, chain: str) -> End:
    """The note of this last line."""
    return End(number, chain, hmac.new(key, f"{number} {chain}".encode(), hashlib.sha256).hexdigest())


def noted_end(folder: Path) -> End | None:
    """The note of the last line; the first one may not be in its place yet."""
    for path in (folder / HEAD, *folder.glob(f"{HEAD}.*.part"), folder / HEAD):  # it may take its place while we look
        with contextlib.suppress(FileNotFoundError):
            number, chain, mark = (content_of(path).decode("ascii", errors="replace").split() + ["", "", ""])[:3]
            return End(int(number) if number.isdecimal() and len(number) < DIGITS else 0, chain, mark)
    return None


def is_ours(key: bytes, end: End) -> bool:
    """Whether this log wrote the note."""
    return hmac.compare_digest(str(end_of(key, end.number, end.chain)).encode(), str(end).encode())


def digest(connection: sqlite3.Connection) -> str:
    """The sha256 of all lines as they stand, right or wrong."""
    found = hashlib.sha256()
    for row in connection.execute(f"select {', '.join(COLUMNS)} from line order by number"):  # noqa: S608 - fixed names
        found.update(as_digested(row))
    return found.hexdigest()


def as_digested(row: Iterable[Any]) -> bytes:
    """A line as it goes into a digest."""
    return json.dumps([*row]).encode()


def _end_holds(connection: sqlite3.Connection, folder: Path, key: bytes, *, first: bool) -> bool:
    """Whether the note of the last line is ours and names a line that is there; before the first line there is none."""
    end = noted_end(folder)
    if end is None or first:
        return first and not (folder / HEAD).exists()
    return is_ours(key, end) and _has(connection, end.number, end.chain)


def _commit(connection: sqlite3.Connection, folder: Path, end: End, *, over: bool) -> bool:
    """Commit the lines, and note the last one outside the database, so that cutting off the end of the log is found too.

    The note is on disk before the lines are committed and takes its place after: a full disk stops both, and whoever is
    killed in between leaves the note of an earlier line, which still holds. Whoever writes next removes what others have
    not put in place yet, so that no earlier note ever takes the place of a later one. True if this note is in its place:
    it does not go `over` one that shows what was done to the log.
    """
    for earlier in folder.glob(f"{HEAD}.*.part"):
        earlier.unlink(missing_ok=True)
    part = fresh(folder / HEAD, str(end))
    try:
        connection.commit()
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    try:
        if over:
            part.replace(folder / HEAD)
        else:
            part.unlink(missing_ok=True)
    except OSError:
        return False  # the lines are there: who says otherwise would write them again
    return over


def _tell(folder: Path, head: witness.Head, connection: sqlite3.Connection, *, settling: bool) -> None:
    """Tell the witness of this account, at once; where the log is settled, every file."""
    holds = None if settling else functools.partial(_has, connection)
    for path in witness.files(folder):
        if settling or path == witness.own_file(folder):
            witness.tell(path, head, holds)


def has(folder: Path, number: int, chain: str) -> bool:
    """Whether there is a line of this number and chain."""
    with closing(reader(folder)) as connection:
        return _has(connection, number, chain)


def _has(connection: sqlite3.Connection, number: int, chain: str) -> bool:
    if not 0 < number < BEYOND:
        return False
    return connection.execute("select 1 from line where number = ? and chain = ?", (number, chain)).fetchone() is not None


def lines(home: Path | None = None, *events: Event, newest_first: bool = False) -> Iterator[dict[str, Any]]:
    """Every line, or every one about these events, oldest first unless asked otherwise.

    They are read some at a time: whoever writes never waits for a reader who takes long.
    """
    folder = audit_home(home)
    if not (folder / DATABASE).exists():
        return
    sign, order = ("<", "desc") if newest_first else (">", "asc")
    last = math.inf if newest_first else -math.inf  # whatever number somebody has put in
    about = f"event in ({', '.join('?' * len(events))})" if events else "true"
    query = f"select {', '.join(COLUMNS)} from line where number {sign} ? and {about} order by number {order} limit {AT_ONCE}"  # noqa: S608 - fixed words
    with closing(reader(folder)) as connection:
        while guards(connection) and (rows := connection.execute(query, (last, *events)).fetchall()):  # who makes it may not be done
            yield from (dict(zip(COLUMNS, row, strict=True)) for row in rows)
            last = rows[-1][0]


def reader(folder: Path) -> sqlite3.Connection:
    """A connection that makes nothing that is not there, for an account that may only read, too."""
    return sqlite3.connect(f"{(folder / DATABASE).absolute().as_uri()}?mode=rw", uri=True, timeout=10)


def guards(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """The table of the log and all that belongs to it, as it was made: triggers; an index or a view would be none of ours."""
    wanted = "select name, sql from sqlite_master where tbl_name = 'line' order by name"
    return connection.execute(wanted).fetchall()


@functools.cache
def expected_guards() -> list[tuple[str, str]]:
    """The table of the log and its triggers, as they should be."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA)
        return guards(connection)


def tell_others(folder: Path) -> None:
    """Tell the witnesses that the settings name the last line; this may take seconds."""
    with contextlib.suppress(OSError, sqlite3.Error), closing(reader(folder)) as connection:
        if last := connection.execute("select number, chain from line order by number desc limit 1").fetchone():
            key = content_of(folder / KEY)
            witness.tell_others(folder, witness.Head(log_of(key), *last), functools.partial(has, folder))


def export(home: Path | None = None) -> Iterator[str]:
    """Every line as one JSON object, oldest first; StoreError where the log cannot be read."""
    try:
        for line in lines(home):
            yield json.dumps(line | {"detail": json.loads(line["detail"])}, ensure_ascii=False)
    except UNREADABLE as fault:
        raise unreadable(home, fault) from fault


def unreadable(home: Path | None, fault: Exception) -> StoreError:
    """What a person can do where the log cannot be read."""
    folder = audit_home(home)
    advice = "Restore it from a backup with `store restore`." if may_read(folder) else "Run this as the account that the store belongs to."
    return StoreError(f"The audit log in '{folder}' cannot be read ({fault}). {advice}")


def may_read(folder: Path) -> bool:
    """True unless a file of the log is there which this account may not read."""
    try:
        return all(os.access(folder / name, os.R_OK) for name in (DATABASE, KEY, HEAD) if (folder / name).exists())
    except OSError:  # the folder may not be entered
        return False
