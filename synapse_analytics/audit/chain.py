"""The file of the log: lines chained by HMAC, so that a change or a gap is found.

Whoever can read the key file can forge the log: the key belongs to the account that runs the dashboard and to nobody
else (mode 0600).
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synapse_analytics.audit.entries import FIELDS, Entry, Event
from synapse_analytics.errors import StoreError

DATABASE, KEY, HEAD = "audit.sqlite", "audit.key", "audit.head"
START = "0" * 64  # what the first line is chained to
COLUMNS = ("number", *FIELDS, "chain")
BEYOND, AT_ONCE = 2**63 - 1, 5_000  # no line has such a number; lines that are read at a time
SCHEMA = """
create table if not exists line (
    number integer primary key, at text not null, user text not null, roles text not null, event text not null,
    cohort text, rows integer, sha256 text, detail text not null, chain text not null
) strict;
create trigger if not exists never_changed before update on line begin select raise(abort, 'the audit log is append-only'); end;
create trigger if not exists never_removed before delete on line begin select raise(abort, 'the audit log is append-only'); end;
"""


@dataclass(frozen=True, slots=True)
class Verification:
    """How many lines were read and, when the log does not hold, where and how."""

    lines: int
    problem: str | None = None
    head: str | None = None  # number and chain of the last line, to be noted elsewhere
    notes: tuple[str, ...] = ()  # sentences: what was settled, and what the witnesses outside the folder know


def audit_home(home: Path | None = None) -> Path:
    """The folder of the log: the one given, else SYNAPSE_HOME, else ./.synapse."""
    return home or Path(os.environ.get("SYNAPSE_HOME") or ".synapse")


def write(folder: Path, entries: Sequence[Entry]) -> None:
    """Chain these lines to those there are, all on disk before this returns, or none; OSError or sqlite3.Error when they cannot be."""
    if not entries:
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = _key(folder)
    with closing(_connect(folder)) as connection:
        connection.execute("begin immediate")  # one writer at a time, so that two lines never follow the same one
        last = connection.execute("select number, chain from line order by number desc limit 1").fetchone()
        number, chain = last or (0, START)
        rows = []
        for line in entries:
            number += 1
            chain = _chain(key, chain, number, line)
            rows.append((number, *(line[name] for name in FIELDS), chain))
        marks = ", ".join("?" * len(COLUMNS))
        connection.executemany(f"insert into line ({', '.join(COLUMNS)}) values ({marks})", rows)  # noqa: S608 - fixed names
        with _new_head(folder, key, number, chain):
            connection.commit()


def _connect(folder: Path) -> sqlite3.Connection:
    path = folder / DATABASE
    fresh = not path.exists()
    connection = sqlite3.connect(path, timeout=10, isolation_level=None)
    connection.execute("pragma synchronous = full")
    if fresh:
        path.chmod(0o600)
    connection.executescript(SCHEMA)
    return connection


def _key(folder: Path) -> bytes:
    path = folder / KEY
    if not path.exists():
        if (folder / DATABASE).exists():
            raise FileNotFoundError(f"its key '{KEY}' is lost; restore it from a backup")
        part = folder / f"{KEY}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):  # linked, not written in place: nobody ever reads half a key
            os.link(part, path)
        part.unlink()
    return path.read_bytes()


def _chain(key: bytes, before: str, number: int, line: Entry) -> str:
    text = json.dumps([before, number, *(line[name] for name in FIELDS)])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@contextlib.contextmanager
def _new_head(folder: Path, key: bytes, number: int, chain: str) -> Iterator[None]:
    """Note the last line outside the database, so that cutting off the end of the log is found too.

    The note is on disk before the lines are committed and takes its place after: a full disk stops both, and whoever is
    killed in between leaves the note of an earlier line, which still holds. Whoever writes next removes what others have
    not put in place yet, so that no earlier note ever takes the place of a later one.
    """
    mark = hmac.new(key, f"{number} {chain}".encode(), hashlib.sha256).hexdigest()
    part = folder / f"{HEAD}.{secrets.token_hex(4)}"
    for earlier in folder.glob(f"{HEAD}.*"):
        earlier.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{number} {chain} {mark}")
        yield
        with contextlib.suppress(FileNotFoundError):
            part.replace(folder / HEAD)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def lines(home: Path | None = None, event: Event | None = None, *, newest_first: bool = False) -> Iterator[dict[str, Any]]:
    """Every line, or every one about this event, oldest first unless asked otherwise.

    They are read some at a time: whoever writes never waits for a reader who takes long.
    """
    folder = audit_home(home)
    if not (folder / DATABASE).exists():
        return
    sign, order = ("<", "desc") if newest_first else (">", "asc")
    last = BEYOND if newest_first else -BEYOND
    query = f"select {', '.join(COLUMNS)} from line where number {sign} ? and ? in (event, '') order by number {order} limit {AT_ONCE}"  # noqa: S608 - fixed words
    with closing(_reader(folder)) as connection:
        while rows := connection.execute(query, (last, event or "")).fetchall():
            yield from (dict(zip(COLUMNS, row, strict=True)) for row in rows)
            last = rows[-1][0]


def _reader(folder: Path) -> sqlite3.Connection:
    """A connection that makes nothing that is not there, for an account that may only read, too."""
    return sqlite3.connect(f"{(folder / DATABASE).absolute().as_uri()}?mode=rw", uri=True, timeout=10)


def export(home: Path | None = None) -> Iterator[str]:
    """Every line as one JSON object, oldest first; StoreError where the log cannot be read."""
    try:
        for line in lines(home):
            yield json.dumps(line | {"detail": json.loads(line["detail"])}, ensure_ascii=False)
    except (OSError, sqlite3.Error, ValueError) as fault:
        raise StoreError(f"The audit log in '{audit_home(home)}' cannot be read ({fault}). Restore it from a backup.") from fault


def verify(home: Path | None = None) -> Verification:
    """Follow the chain from the first line to the noted end; the first line that does not fit is named."""
    folder = audit_home(home)
    if not (folder / KEY).exists():
        return Verification(0, f"the key '{KEY}' is missing" if (folder / DATABASE).exists() else None)
    key = (folder / KEY).read_bytes()
    before, count = START, 0
    chains: dict[int, str] = {}
    try:
        for line in lines(home):
            count += 1
            if line["number"] != count:
                return Verification(count, f"line {count} is missing")
            if not hmac.compare_digest(line["chain"], _chain(key, before, count, line)):
                return Verification(count, f"line {count} was changed")
            before = chains[count] = line["chain"]
    except sqlite3.Error as fault:
        return Verification(count, f"the log cannot be read after line {count} ({fault})")
    return Verification(count, _head_problem(folder, key, chains))


def _head_problem(folder: Path, key: bytes, chains: Mapping[int, str]) -> str | None:
    path = folder / HEAD
    if not path.exists():
        return "the note of the last line is missing" if chains else None
    number, chain, mark = (path.read_text(encoding="ascii").split() + ["", "", ""])[:3]
    expected = hmac.new(key, f"{number} {chain}".encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(mark, expected):
        return "the note of the last line was changed"
    if chains.get(int(number)) != chain:
        return f"lines at the end are missing: line {number} was written"
    return None
