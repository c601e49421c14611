"""Every way to tamper with the audit log that we could think of, and what `audit verify` says of it.

Each tampering is done by somebody who may write the folder of the log, and for some of them the folders of others; none has the key and
a witness elsewhere together. Each is then settled, after which the log is whole again and the next tampering is found.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from synapse_analytics import audit
from synapse_analytics.access import local_person
from synapse_analytics.audit import DATABASE, HEAD, KEY, Event, Subject, chain, witness
from synapse_analytics.errors import StoreError

ANA = local_person("ana")
FILES = (DATABASE, KEY, HEAD)
Tampering = Callable[[Path], object]


def write(home: Path, count: int) -> None:
    for number in range(count):
        audit.append(Event.QUESTION, ANA, Subject(cohort="sex=female", rows=number), home=home)


def begun(folder: Path) -> Path:
    """A log of eight lines; a copy of when it had five lies beside it, as its backup."""
    write(folder / "home", 5)
    shutil.copytree(folder / "home", folder / "backup")
    write(folder / "home", 3)
    return folder / "home"


def sql(statement: str) -> Tampering:
    """Change the database as if nothing guarded it, and put the guards up again."""

    def tamper(home: Path) -> None:
        connection = sqlite3.connect(home / DATABASE)
        connection.executescript(f"drop trigger never_changed; drop trigger never_removed; {statement}; {chain.SCHEMA}")
        connection.close()

    return tamper


def guard(statement: str) -> Tampering:
    """Change what guards the database."""

    def tamper(home: Path) -> None:
        connection = sqlite3.connect(home / DATABASE)
        connection.executescript(statement)
        connection.close()

    return tamper


def delete(*names: str) -> Tampering:
    def tamper(home: Path) -> None:
        for name in names:
            (home / name).unlink()

    return tamper


def put_back(*names: str) -> Tampering:
    """Put files back to the copy of when the log had five lines."""

    def tamper(home: Path) -> None:
        for name in names:
            shutil.copy2(home.parent / "backup" / name, home / name)

    return tamper


def put_back_and_go_on(home: Path) -> None:
    put_back(*FILES)(home)
    write(home, 6)


def begin_anew(home: Path) -> None:
    delete(*FILES)(home)
    write(home, 12)


def begin_anew_with_the_key(home: Path) -> None:
    delete(DATABASE, HEAD)(home)
    write(home, 12)


def forge_with_another_key(home: Path) -> None:
    """Every line as it was but one, chained anew with a key of somebody else."""
    lines = list(audit.lines(home))
    delete(*FILES)(home)
    lines[2]["user"] = "eve"
    chain.write(home, lines)


def replace_key(home: Path) -> None:
    (home / KEY).write_bytes(b"k" * 32)


def garble(name: str) -> Tampering:
    def tamper(home: Path) -> None:
        (home / name).write_bytes(b"not what it was" * 200)

    return tamper


def empty(name: str) -> Tampering:
    def tamper(home: Path) -> None:
        (home / name).write_bytes(b"")

    return tamper


def edit_head(home: Path) -> None:
    number, rest = (home / HEAD).read_text().split(" ", 1)
    (home / HEAD).write_text(f"{int(number) - 1} {rest}")


def remove_home(home: Path) -> None:
    shutil.rmtree(home)


def other_store(home: Path) -> None:
    """Another store with a log of its own was moved here."""
    other = home.parent / "other"
    write(other, 9)
    shutil.rmtree(home)
    other.rename(home)


def garble_witness(home: Path) -> None:
    (witness.own_file(home) or home).write_text("{}")


def boast(home: Path) -> None:
    """The witness knows a line with a number that no database holds."""
    (witness.own_file(home) or home).write_text('{"log": "x", "number": ' + "9" * 30 + ', "chain": "y"}')


def in_witness(text: str) -> Tampering:
    return lambda home: (witness.own_file(home) or home).write_text(text)


def a_pipe_as_witness(home: Path) -> None:
    """Whoever opens it to read waits until somebody writes."""
    path = witness.own_file(home) or home
    path.unlink()
    os.mkfifo(path)


def note_of_another_log(home: Path) -> None:
    write(home.parent / "other", 8)
    shutil.copy(home.parent / "other" / HEAD, home / HEAD)


def publish_by_hand(home: Path) -> None:
    audit.append(Event.GENERATION_FOUND, ANA, Subject(detail={"generation": "g7", "asked": False}), home=home)


COPY = "insert into line select {number}, at, user, roles, event, cohort, rows, sha256, detail, chain from line where number = 4"
TAMPERINGS: dict[str, tuple[Tampering, str]] = {
    "user changed": (sql("update line set user = 'eve' where number = 3"), "line 3 was changed or put in"),
    "time changed": (sql("update line set at = '2020-01-01T00:00:00.000+00:00' where number = 1"), "line 1 was changed or put in"),
    "event changed": (sql("update line set event = 'sign_out' where number = 2"), "line 2 was changed or put in"),
    "cohort blanked": (sql("update line set cohort = null where number = 4"), "line 4 was changed or put in"),
    "count changed": (sql("update line set rows = 99 where number = 8"), "line 8 was changed or put in"),
    "chain changed": (sql("update line set chain = 'é' where number = 5"), "line 5 was changed or put in"),
    "first line removed": (sql("delete from line where number = 1"), "line 1 is missing"),
    "line removed": (sql("delete from line where number = 4"), "line 4 is missing"),
    "line removed and the others moved up": (
        sql("delete from line where number = 4; update line set number = number - 1 where number > 4"),
        "line 4 was changed or put in",
    ),
    "line put in": (
        sql("update line set number = 9 where number = 8;" + COPY.format(number=8)),  # noqa: S608
        "line 8 was changed or put in",
    ),
    "line put in before the first": (sql(COPY.format(number=0)), "line 1 is missing"),
    "line added at the end": (sql(COPY.format(number=9)), "line 9 was changed or put in"),
    "two lines exchanged": (
        sql(
            "update line set number = -1 where number = 2; update line set number = 2 where number = 3; "
            "update line set number = 3 where number = -1"
        ),
        "line 2 was changed or put in",
    ),
    "last line cut off": (sql("delete from line where number = 8"), "lines at the end are missing: line 8 was written"),
    "tail cut off": (sql("delete from line where number > 2"), "lines at the end are missing: line 8 was written"),
    "every line removed": (sql("delete from line"), "lines at the end are missing: line 8 was written"),
    "every line and the note removed": (
        lambda home: (sql("delete from line")(home), delete(HEAD)(home)),
        "the log is gone: the witness",
    ),
    "guards removed": (guard("drop trigger never_changed; drop trigger never_removed"), "what guards it against changes, was altered"),
    "guard made hollow": (
        guard("drop trigger never_changed; create trigger never_changed before update on line begin select 1; end"),
        "what guards it against changes, was altered",
    ),
    "lines of one person swallowed": (
        guard("create trigger quiet before insert on line when new.user = 'eve' begin select raise(ignore); end"),
        "what guards it against changes, was altered",
    ),
    "table made anew without types": (
        guard("create table copy as select * from line; drop table line; alter table copy rename to line"),
        "what guards it against changes, was altered",
    ),
    "table removed": (guard("drop table line"), "lines at the end are missing: line 8 was written"),
    "database removed": (delete(DATABASE), "'audit.sqlite' is missing"),
    "note of the last line removed": (delete(HEAD), "the note of the last line is missing"),
    "key removed": (delete(KEY), "'audit.key' is missing"),
    "database and note removed": (delete(DATABASE, HEAD), "'audit.sqlite' and 'audit.head' are missing"),
    "database and key removed": (delete(DATABASE, KEY), "'audit.sqlite' and 'audit.key' are missing"),
    "note and key removed": (delete(HEAD, KEY), "'audit.key' and 'audit.head' are missing"),
    "all three removed": (delete(*FILES), "the log is gone: the witness"),
    "the whole folder removed": (remove_home, "the log is gone: the witness"),
    "database put back": (put_back(DATABASE), "lines at the end are missing: line 8 was written"),
    "note put back": (put_back(HEAD), "the note of the last line was put back to an earlier one: the witness"),
    "database and note put back": (put_back(DATABASE, HEAD), "lines at the end are missing: the witness"),
    "all three put back": (put_back(*FILES), "lines at the end are missing: the witness"),
    "all three put back, and more written": (
        put_back_and_go_on,
        "the log was put back to an earlier copy and went on from there: the witness",
    ),
    "a new log begun in its place": (begin_anew, "this is another log than the one of which the witness"),
    "a new log begun with the old key": (begin_anew_with_the_key, "put back to an earlier copy and went on from there: the witness"),
    "rewritten with another key": (forge_with_another_key, "this is another log than the one of which the witness"),
    "key replaced": (replace_key, "line 1 was changed or put in"),
    "another store moved here": (other_store, "this is another log than the one of which the witness"),
    "database garbled": (garble(DATABASE), "cannot be read after line 0"),
    "database emptied": (empty(DATABASE), "lines at the end are missing: line 8 was written"),
    "note garbled": (garble(HEAD), "the note of the last line was changed"),
    "note edited": (edit_head, "the note of the last line was changed"),
    "witness garbled": (garble_witness, "was changed or cannot be read"),
    "witness with a number too large": (boast, "this is another log than the one of which the witness"),
    "witness with a number without end": (in_witness('{"log": "x", "number": Infinity, "chain": "y"}'), "was changed or cannot be read"),
    "witness with a number that is none": (in_witness('{"log": "x", "number": NaN, "chain": "y"}'), "was changed or cannot be read"),
    "witness nested without end": (in_witness("[" * 100_000), "was changed or cannot be read"),
    "witness with an odd log": (in_witness('{"log": "\\ud800", "number": 3, "chain": "\\ud800"}'), "this is another log than the one"),
    "witness made a pipe": (a_pipe_as_witness, "was changed or cannot be read"),
    "note of another log": (note_of_another_log, "the note of the last line was changed"),
    "line put in with the largest number": (sql(COPY.format(number=2**63 - 1)), "line 9 is missing"),
    "line put in with the smallest number": (sql(COPY.format(number="-9223372036854775807 - 1")), "line 1 is missing"),
    "details of another form": (sql("update line set detail = '[1]' where number = 3"), "line 3 was changed or put in"),
    "details nested without end": (sql(f"update line set detail = '{'[' * 100_000}' where number = 3"), "line 3 was changed or put in"),  # noqa: S608
    "a name that is no text": (sql("update line set user = cast(x'ff41' as text) where number = 3"), "cannot be read after line 0"),
    "a name with an end inside": (sql("update line set user = user || char(0) || 'x' where number = 3"), "line 3 was changed or put in"),
    "an index of somebody else": (guard("create index quiet on line (event)"), "what guards it against changes, was altered"),
    "a column more": (guard("alter table line add column more text"), "what guards it against changes, was altered"),
    "a view in its place": (
        guard("alter table line rename to old; create view line as select * from old"),
        "what guards it against changes, was altered",
    ),
    "key emptied": (empty(KEY), "line 1 was changed or put in"),
    "note with a number too large": (lambda home: (home / HEAD).write_text("9" * 5000), "the note of the last line was changed"),
    "a data version that nobody asked for": (publish_by_hand, "data version g7 came into use and nobody asked for it in this log (line 9)"),
}


HEALED = {"guards removed", "note put back"}  # nothing was lost, and the next line puts it right


def tampered(name: str, home: Path) -> str:
    """Whether this tampering is found, is not covered up by one more line, and can be settled; what is wrong, nothing as a rule."""
    tamper, sentence = TAMPERINGS[name]
    tamper(home)
    if sentence not in (found := audit.verify(home).problem or ""):
        return f"audit verify says: {found}"
    with suppress(StoreError):  # the dashboard goes on, where it can
        write(home, 1)
    with suppress(StoreError):  # the page shows what can be read
        assert all(isinstance(line.detail, Mapping) for line in audit.search(home, newest_first=True))
    if bool(audit.verify(home).problem) != (name not in HEALED):
        return "one more line covers it up, or does not heal it"
    return "" if name in HEALED else _settled(home)


def _settled(home: Path) -> str:
    reason = "the backup of Monday was restored"
    settled = audit.settle(reason, ANA, home)
    whole = audit.verify(home)
    if whole.problem or settled not in " ".join(whole.notes) or reason not in " ".join(whole.notes):
        return f"it was settled, and audit verify says: {whole}"
    write(home, 2)
    if found := audit.verify(home).problem:
        return f"after it was settled: {found}"
    sql(f"update line set user = 'eve' where number = {whole.lines + 1}")(home)  # noqa: S608
    again = audit.verify(home).problem
    return "" if again == f"line {whole.lines + 1} was changed or put in" else f"the next tampering is not found: {again}"
