"""A restore: a backup takes the place of a store, all of it or nothing, and what was there before is moved aside, whole.

STORE/restore.part      the files of the backup, as they arrive
STORE/restore.ready     all of them are there and on the disk: from here on the restore is finished, whoever is killed
STORE/restore.moving    what was there before is aside: the files take their places
STORE/before-restore-…  what was there before; a person removes it

Everything stays in the folder of the store, which may be a disk of its own, and its locks stay where they are: a load or another command waits or
is refused, and a running dashboard follows the pointer.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from synapse_analytics import audit
from synapse_analytics.access import Person
from synapse_analytics.audit import Event, Subject
from synapse_analytics.errors import StoreError, UsageError
from synapse_analytics.files import content_of, why
from synapse_analytics.progress import Progress, quiet
from synapse_analytics.store.alone import alone
from synapse_analytics.store.backup_list import INNER, Backup, check_backup, read_list
from synapse_analytics.store.building import is_under_way, sweep
from synapse_analytics.store.contents import (
    BEFORE,
    COHORTS_LOCK,
    GENERATIONS,
    LOCK,
    LOCKS,
    MOVING,
    POINTER,
    READY,
    READYING,
    is_half_restored,
    is_ours,
)
from synapse_analytics.store.copying import Work, make_folders, sync, sync_tree
from synapse_analytics.store.generations import clinic_in, forget_all, open_generation
from synapse_analytics.store.locks import waiting_for
from synapse_analytics.store.private import FOLDER, PUBLISHED, REWRITTEN, check_owner, write_private

AS_BEFORE = "The store is as it was."
RECORD = "record.json"  # of a restore that is ready: what the log will say of it, and where what was there before goes
STAYS = (*LOCKS, READYING, READY, MOVING)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: which backup, when it was made, the data version in use, where the store of before is, and what the log says."""

    sha256: str  # of the list of the backup
    made_at: str
    current: str | None
    before: Path | None
    problem: str | None = None  # of the log in the backup itself


def restore(store: Path, backup: Path, user: Person, *, replace: bool = False, progress: Progress = quiet) -> Restored:
    """Put a backup in the place of a store; a damaged backup is refused, and without `replace` so is a store that is whole."""
    _check_apart(store, backup)
    check_owner(store)
    held, sha256 = read_list(backup)
    check_backup(backup, held, progress)
    with _writing(store), alone(store, AS_BEFORE):
        done = finish(store, user)  # of a restore whose process was killed
        if done is not None and done.sha256 == sha256:
            return done
        if not replace:
            _check_wanted(store, backup, held)
        with _laid_ready(store, backup, held, progress):
            asked = Subject(sha256=sha256, detail={"made_at": held.made_at})
            if (store / audit.DATABASE).exists():
                with suppress(StoreError):  # a log that is lost or damaged is a reason to restore
                    audit.append(Event.RESTORE_ASKED, user, asked, home=store)
            with _held(store):
                _begin(store, held, sha256)
                return _finished(store, user)


def finish(store: Path, user: Person = audit.ITSELF) -> Restored | None:
    """Finish a restore whose process was killed after everything was ready; None where there is none."""
    if not is_half_restored(store):
        return None
    with _held(store):
        return _finished(store, user) if is_half_restored(store) else None


def is_whole(store: Path) -> bool:
    """True if the data version in use has every byte, and the log is whole."""
    try:
        open_generation(store)
    except StoreError:
        return False
    return audit.verify(store).problem is None


def _check_wanted(store: Path, backup: Path, held: Backup) -> None:
    """UsageError where a restore would take a store that is whole, or give it the records of another clinic, or none."""
    now, then = clinic_in(store), clinic_in(backup / INNER)
    if now and not held.data_versions:
        why_not = f"The store in {store} holds records of '{now}', and the backup in {backup} none."
    elif now and then and now != then:
        why_not = f"The store in {store} holds records of '{now}', and the backup in {backup} those of '{then}'."
    elif is_whole(store):
        why_not = f"The store in {store} is whole, and would go back to what it was at {held.made_at}."
    else:
        return
    raise UsageError(f"{why_not} To want that, say --replace: what is there now is moved aside then, and nothing is deleted.")


def _check_apart(store: Path, backup: Path) -> None:
    one, other = store.resolve(), backup.resolve()
    if one.is_relative_to(other) or other.is_relative_to(one):
        raise UsageError(f"The backup '{backup}' and the store in {store} lie in each other. Move the backup out of the store first.")


@contextmanager
def _laid_ready(store: Path, backup: Path, held: Backup, progress: Progress) -> Iterator[None]:
    """Every file of a backup, copied into the store beside what is there; gone after a fault, which may be that the disk is full."""
    ready = store / READYING
    shutil.rmtree(ready, ignore_errors=True)
    try:
        make_folders(ready / INNER, store)
        work = Work("Copying", held.size, progress)
        for name, entry in held.files.items():
            target = ready / INNER / name
            make_folders(target.parent, ready)
            with (backup / INNER / name).open("rb") as file:
                if work.copied(file, target, PUBLISHED if name.startswith(f"{GENERATIONS}/") else REWRITTEN) != entry:
                    raise StoreError(f"The backup in {backup} changed while it was read: {name}. {AS_BEFORE}")
        yield
    except BaseException:
        shutil.rmtree(ready, ignore_errors=True)
        raise


def _begin(store: Path, held: Backup, sha256: str) -> None:
    """The moment from which the backup counts, and not what was there; the caller holds the store's lock."""
    sweep(store)
    if is_under_way(store):
        raise StoreError(f"A load is under way. Wait until it is done. {AS_BEFORE}")
    before = f"{BEFORE}{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    record = {"sha256": sha256, "made_at": held.made_at, "current": held.current, "before": before}
    write_private(store / READYING / RECORD, json.dumps(record))
    sync_tree(store / READYING)
    (store / READYING).rename(store / READY)
    sync(store)


def _finished(store: Path, user: Person) -> Restored:
    """Move what was there aside, then the files of the backup into their places, then settle the log; each step may find its work half done."""
    if (store / READY).is_dir():
        record = _record(store / READY)
        with _nobody_writes(store):
            _move_all(store, store / record["before"])
        (store / READY).rename(store / MOVING)
        sync(store)
    record = _record(store / MOVING)
    before = store / record.pop("before")
    _move_all(store / MOVING / INNER, store, aside=before)
    forget_all(store)
    problem = _settled(store, record, user)
    (store / MOVING).rename(store / READYING)  # done: of what is removed file by file, some may be left
    shutil.rmtree(store / READYING)
    with suppress(OSError):
        before.rmdir()  # where nothing was there before
    return Restored(**record, before=before if before.is_dir() else None, problem=problem)


def _record(folder: Path) -> dict[str, Any]:
    """What a restore that had begun noted of itself; StoreError where that was damaged since."""
    try:
        record = json.loads(content_of(folder / RECORD))
        if not (record.keys() == {"sha256", "made_at", "current", "before"} and record["before"].removeprefix(BEFORE).isalnum()):
            raise ValueError("a key is missing")
    except (OSError, ValueError, TypeError, AttributeError) as fault:
        raise StoreError(
            f"The restore that was stopped cannot be finished: '{folder / RECORD}' is damaged. The files of the backup are in "
            f"'{folder / INNER}', what was there before is beside it. Move '{folder}' away, then restore the backup again."
        ) from fault
    return dict(record)


def _move_all(source: Path, target: Path, aside: Path | None = None) -> None:
    """Move the parts of a store into another folder; what is none of them, such as `lost+found` of a disk, stays.

    The pointer leaves first and arrives last, so that it never names what is not there. What somebody made in the store meanwhile, such as a
    line of the log, goes into the folder of what was there before (`aside`, else `target`) under a name of its own: nothing is overwritten.
    """
    target.mkdir(mode=FOLDER, exist_ok=True)
    names = {path.name for path in source.iterdir() if is_ours(path.name) and path.name not in STAYS and not path.name.startswith(BEFORE)}
    for name in sorted(names, key=lambda name: (name == POINTER) == (aside is not None)):
        here, there = source / name, target / name
        if aside is not None and os.path.lexists(there):
            aside.mkdir(mode=FOLDER, exist_ok=True)
            there.rename(_free(aside / f"{name}.meanwhile"))
        here.rename(_free(there))
    sync(source)
    sync(target)


def _free(path: Path) -> Path:
    """This path, or one named after it that is not there yet."""
    meanwhile = (path.with_name(f"{path.name}.meanwhile{number or ''}") for number in itertools.count())
    return next(one for one in itertools.chain([path], meanwhile) if not os.path.lexists(one))


@contextmanager
def _held(store: Path) -> Iterator[None]:
    """Nobody moves the pointer, and nobody writes saved cohorts that were read before over those of the backup."""
    with waiting_for(store / LOCK), waiting_for(store / COHORTS_LOCK):
        yield


@contextmanager
def _nobody_writes(store: Path) -> Iterator[None]:
    """Let whoever is writing a line end it, and let nobody begin one; who waits finds that the log was moved, and writes into the one that comes."""
    path = store / audit.DATABASE
    if not path.exists():
        yield
        return
    with ExitStack() as held:
        with suppress(sqlite3.Error):  # a file that is none: nobody writes into it
            log = held.enter_context(closing(sqlite3.connect(path, timeout=10, isolation_level=None)))
            log.execute("begin immediate")
        yield


def _settled(store: Path, record: Mapping[str, Any], user: Person) -> str | None:
    """Say in the log that it was restored, and settle with the witnesses, who know more than it; a problem of the backup's own log is not settled.

    A log that was damaged in the backup may take no line. The restore ends all the same: the person is told, and another backup can be restored.
    """
    problem = audit.verify(store, witnessed=False).problem
    if problem is None and audit.verify(store).problem is not None:
        audit.settle(f"restored from the backup of {record['made_at']}", user, store)
    restored = Subject(sha256=record["sha256"], detail={"made_at": record["made_at"], "generation": record["current"]})
    try:
        audit.append(Event.RESTORE, user, restored, home=store, done="The store was restored")
    except StoreError:
        if problem is None:  # such as a full disk: the next try logs it
            raise
    return problem


@contextmanager
def _writing(store: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        so = "The restore goes on with the next `store restore`." if is_half_restored(store) else AS_BEFORE
        raise StoreError(f"The store in {store} cannot be written: {why(fault)}. {so}") from fault
