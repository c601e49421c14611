"""The append-only log of who did what, in a SQLite file of its own, chained by HMAC so that a change or a gap is found.

It holds cohorts as codes and counts, never a patient's value. Whoever can read the key file can forge the log: the key
belongs to the account that runs the dashboard and to nobody else (mode 0600).
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from synapse_analytics.access import Person
from synapse_analytics.errors import StoreError

DATABASE, KEY, HEAD = "audit.sqlite", "audit.key", "audit.head"
MEND = "Mend that, then check the log: `audit verify`."
START = "0" * 64  # what the first line is chained to
FIELDS = ("at", "user", "roles", "event", "cohort", "rows", "sha256", "detail")
SCHEMA = """
create table if not exists line (
    number integer primary key, at text not null, user text not null, roles text not null, event text not null,
    cohort text, rows integer, sha256 text, detail text not null, chain text not null
) strict;
create trigger if not exists never_changed before update on line begin select raise(abort, 'the audit log is append-only'); end;
create trigger if not exists never_removed before delete on line begin select raise(abort, 'the audit log is append-only'); end;
"""


class Event(StrEnum):
    """What is logged."""

    SIGN_IN = "sign_in"
    ACCESS_REFUSED = "access_refused"
    LOAD = "load"
    PUBLISH = "publish"
    GENERATION_USED = "generation_used"
    GENERATION_REMOVED = "generation_removed"
    EXPORT_PREVIEWED = "export_previewed"
    EXPORT_ASKED = "export_asked"
    EXPORT_FINISHED = "export_finished"
    EXPORT_ABORTED = "export_aborted"
    POLICY_CHANGE = "policy_change"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event was about: the cohort as its URL of codes, how many rows, the sha256 of a file, and short details."""

    cohort: str | None = None
    rows: int | None = None
    sha256: str | None = None
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """How many lines were read and, when the chain does not hold, where and how."""

    lines: int
    problem: str | None = None


def audit_home(home: Path | None = None) -> Path:
    """The folder of the log: the one given, else SYNAPSE_HOME, else ./.synapse."""
    return home or Path(os.environ.get("SYNAPSE_HOME") or ".synapse")


def append(event: Event, user: Person, subject: Subject | None = None, *, home: Path | None = None, done: str = "Nothing was done") -> None:
    """Write one line, on disk before this returns; StoreError when it cannot be written, which first says what is `done` by now."""
    folder = audit_home(home)
    about = asdict(subject or Subject())
    line = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "user": user.name,
        "roles": ",".join(sorted(user.roles)),
        "event": Event(event).value,
        **about,
        "detail": json.dumps(about["detail"] or {}, sort_keys=True),
    }
    try:
        _write(folder, line)
    except (OSError, sqlite3.Error) as fault:
        raise StoreError(f"{done}: the audit log in '{folder}' cannot be written ({fault}). {MEND}") from fault


def _write(folder: Path, line: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    key = _key(folder)
    with closing(_connect(folder)) as connection:
        connection.execute("begin immediate")  # one writer at a time, so that two lines never follow the same one
        last = connection.execute("select number, chain from line order by number desc limit 1").fetchone()
        number, before = (last[0] + 1, last[1]) if last else (1, START)
        chain = _chain(key, before, number, line)
        names = ("number", *FIELDS, "chain")
        marks = ", ".join("?" * len(names))
        values = (number, *(line[name] for name in FIELDS), chain)
        connection.execute(f"insert into line ({', '.join(names)}) values ({marks})", values)  # noqa: S608 - fixed names
        connection.commit()
    _write_head(folder, key, number, chain)


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


def _chain(key: bytes, before: str, number: int, line: Mapping[str, Any]) -> str:
    text = json.dumps([before, number, *(line[name] for name in FIELDS)])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _write_head(folder: Path, key: bytes, number: int, chain: str) -> None:
    """Note the last line outside the database, so that cutting off the end of the log is found too."""
    mark = hmac.new(key, f"{number} {chain}".encode(), hashlib.sha256).hexdigest()
    part = folder / f"{HEAD}.{secrets.token_hex(4)}"
    part.write_text(f"{number} {chain} {mark}", encoding="ascii")
    part.replace(folder / HEAD)


def lines(home: Path | None = None) -> Iterator[dict[str, Any]]:
    """Every line, oldest first."""
    folder = audit_home(home)
    if not (folder / DATABASE).exists():
        return
    with closing(_connect(folder)) as connection:
        names = ("number", *FIELDS, "chain")
        for row in connection.execute(f"select {', '.join(names)} from line order by number"):  # noqa: S608 - fixed names
            yield dict(zip(names, row, strict=True))


def export(home: Path | None = None) -> Iterator[str]:
    """Every line as one JSON object, oldest first; StoreError where the log cannot be read."""
    try:
        for line in lines(home):
            yield json.dumps(line | {"detail": json.loads(line["detail"])}, ensure_ascii=False)
    except (sqlite3.Error, ValueError) as fault:
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
