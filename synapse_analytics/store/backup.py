"""A backup: a copy of a store as it stood at one moment, with the sha256 of each file, read back before it has its name.

DEST/store/         the folder of the store: pointer, data versions, log with its key, saved cohorts, settings, mappings and their key
DEST/BACKUP.json    when it was made, which data version was in use, and size and sha256 of every file
DEST/BACKUP.sha256  the sha256 of that list
DEST.part/          one that is being made, or whose process was killed: the next backup to DEST removes it
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from synapse_analytics import audit
from synapse_analytics.errors import NothingLoaded, StoreError, UsageError
from synapse_analytics.progress import Progress, quiet
from synapse_analytics.settings import settings_file
from synapse_analytics.store.backup_list import INNER, LIST, MAKING, Backup, check_backup, read_list, write_list
from synapse_analytics.store.contents import (
    GENERATIONS,
    HALF_RESTORED,
    LOCK,
    LOG,
    MAPPINGS,
    POINTER,
    SETTINGS,
    SMALL,
    is_copied,
    is_half_restored,
)
from synapse_analytics.store.copying import Described, Work, make_folders, sync, sync_tree
from synapse_analytics.store.generations import current_id, kept_ids
from synapse_analytics.store.locks import FileLock, waiting_for
from synapse_analytics.store.manifest import MANIFEST, read_files
from synapse_analytics.store.private import FOLDER, PUBLISHED, REWRITTEN
from synapse_analytics.store.seal import SEAL


def back_up(store: Path, to: Path, *, current_only: bool = False, progress: Progress = quiet) -> tuple[Backup, str]:
    """Copy a store into a new folder; what it holds, and the sha256 of its list. StoreError or UsageError, and nothing is left there, where that cannot be done whole."""
    target = to.absolute()
    with _part(store, target) as part:
        made = _copied(store, part, current_only=current_only, progress=progress)
        sha256 = write_list(part, made)
        sync_tree(part)
        check_backup(part, read_list(part)[0], progress)
        part.rename(target)
        with suppress(OSError):  # it is there; after a loss of power it may have its name of before
            (target / MAKING).unlink(missing_ok=True)
            sync(target.parent)
    return made, sha256


@contextmanager
def _part(store: Path, target: Path) -> Iterator[Path]:
    """A folder beside the target to write the backup in, held by this process; it is gone after a fault."""
    check_place(store, target)
    part = target.with_name(f"{target.name}.part")
    try:
        _remove_killed(part, store)
        part.mkdir(mode=FOLDER)
        with FileLock(part / MAKING) as lock:
            if not lock.take():
                raise UsageError(f"Another backup to '{target}' is under way. Wait until it is done, or name another folder.")
            try:
                yield part
            except BaseException:
                shutil.rmtree(part, ignore_errors=True)
                raise
    except OSError as fault:
        raise StoreError(
            f"The backup in '{target}' cannot be written: {fault.strerror or type(fault).__name__}. Nothing is left there. "
            "Make room, or name a folder on another disk."
        ) from fault


def check_place(store: Path, to: Path) -> None:
    """UsageError where no backup of this store can be made there; NothingLoaded where nothing is: a path may be mistyped, a disk not mounted."""
    target = to.absolute()
    if not store.is_dir() or not any(is_copied(path.name) for path in store.iterdir()):
        raise NothingLoaded(f"There is no store in {store}, so there is nothing to back up. Name another one with --database.")
    if os.path.lexists(target):
        raise UsageError(f"'{target}' is there already. Name a folder that is not there yet: a backup never overwrites anything.")
    if not target.parent.is_dir():
        raise UsageError(f"There is no folder '{target.parent}'. Make it first, or name a folder inside one that is there.")
    if target.parent.resolve().is_relative_to(store.resolve()):
        raise UsageError(f"'{target}' lies inside the store, and would be lost with it. Name a folder elsewhere, best on another disk.")


def _remove_killed(part: Path, store: Path) -> None:
    """Remove what a backup to the same place left when its process was killed; UsageError for anything else that lies there."""
    if not os.path.lexists(part):
        return
    if (part / LIST).is_file() and not os.path.lexists(part / MAKING):
        raise UsageError(f"'{part}' is a whole backup that has no other name yet. Move it to another name, or name another folder.")
    ours = part.is_dir() and not part.is_symlink() and (not any(part.iterdir()) or (part / MAKING).exists())
    if not ours or store.resolve().is_relative_to(part.resolve()):
        raise UsageError(f"'{part}' is there, and no backup left it. Move it away, or name another folder.")
    if (part / MAKING).exists():
        with FileLock(part / MAKING) as lock:
            if not lock.take():
                raise UsageError(f"Another backup is being written to '{part}'. Wait until it is done, or name another folder.")
    shutil.rmtree(part)


def killed_beside(to: Path) -> list[Path]:
    """Folders beside a backup that others left whose processes were killed; one that is being written is none."""
    return [part for part in sorted(to.absolute().parent.glob("*.part")) if (part / INNER).is_dir() and _is_killed(part / MAKING)]


def _is_killed(making: Path) -> bool:
    with suppress(OSError, StoreError):
        if making.is_file():
            with FileLock(making) as lock:
                return lock.take()
    return False


def _copied(store: Path, part: Path, *, current_only: bool, progress: Progress) -> Backup:
    """Copy everything: the pointer, the log and the small files while nobody can move the pointer; the data versions, which never change, after."""
    copy = part / INNER
    copy.mkdir(mode=FOLDER)
    with ExitStack() as held:
        with _nothing_moves(store):
            if is_half_restored(store):
                raise StoreError(f"{HALF_RESTORED} Nothing was backed up.")
            current = _current(store)
            versions = [current] if current_only and current else [] if current_only else kept_ids(store)
            opened = {name: one for version in versions for name, one in _opened(store, version, held)}
            audit.copy_log(store, copy)
            small = dict(_small(store, copy, progress))
        whole = sum(os.fstat(one.fileno()).st_size for one in opened.values())
        work = Work("Copying", whole, progress)
        for name, file in opened.items():
            make_folders((copy / name).parent, copy)
            small[name] = work.copied(file, copy / name, PUBLISHED)
    _check_versions(copy, versions, small)
    return Backup(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC", current, tuple(versions), small)


@contextmanager
def _nothing_moves(store: Path) -> Iterator[None]:
    """Hold the store's lock. On a disk that may only be read, as a failing one, nobody moves anything."""
    try:
        os.close(os.open(store / LOCK, os.O_RDWR | os.O_CREAT, REWRITTEN))
    except OSError as fault:
        if fault.errno != errno.EROFS:
            raise
        yield
        return
    with waiting_for(store / LOCK):
        yield


def _current(store: Path) -> str | None:
    try:
        return current_id(store)
    except NothingLoaded:
        return None


def _opened(store: Path, version: str, held: ExitStack) -> Iterator[tuple[str, BinaryIO]]:
    """The files of a data version, open: what is open can be read to its end, even if the data version is removed meanwhile."""
    folder = store / GENERATIONS / version
    try:
        for path in sorted(folder.iterdir()):
            yield f"{GENERATIONS}/{version}/{path.name}", held.enter_context(path.open("rb"))
    except OSError as fault:
        raise StoreError(f"Data version {version} cannot be read ({fault.strerror}). Nothing was backed up.") from fault


def _small(store: Path, copy: Path, progress: Progress) -> Iterator[tuple[str, Described]]:
    """Copy the files that are written again, and describe them and the copy of the log."""
    paths = {name: store / name for name in (POINTER, *SMALL)} | {SETTINGS: settings_file(store)}
    paths |= {f"{MAPPINGS}/{path.name}": path for path in (store / MAPPINGS).glob("*.yaml")}
    work = Work("Copying", 0, progress)
    for name, path in paths.items():
        if path.is_file():
            make_folders((copy / name).parent, copy)
            try:
                with path.open("rb") as file:
                    yield name, work.copied(file, copy / name, REWRITTEN)
            except PermissionError as fault:
                raise StoreError(f"The file '{path}' cannot be read ({fault.strerror}). Nothing was backed up.") from fault
    yield from ((name, work.read(copy / name)) for name in LOG if (copy / name).exists())


def _check_versions(copy: Path, versions: Sequence[str], copied: Mapping[str, Described]) -> None:
    """StoreError unless every data version was copied as it was loaded."""
    for version in versions:
        place = f"{GENERATIONS}/{version}"
        try:
            listed = read_files(copy / place)
            found = {
                name: entry for name, entry in copied.items() if name.startswith(f"{place}/") and Path(name).name not in (MANIFEST, SEAL)
            }
            wrong = [
                name for name in found.keys() | {f"{place}/{name}" for name in listed} if found.get(name) != listed.get(Path(name).name)
            ]
            if wrong:
                raise StoreError(f"Data version {version} is damaged: {', '.join(sorted(wrong))}.")
        except StoreError as fault:
            raise StoreError(
                f"Nothing was backed up. {fault} A data version that is not in use can be removed with `generations remove {version}`, "
                "or left out with --current-only."
            ) from fault
