"""Building a data version: in a folder of its own, complete and on the disk before it comes into use; what a killed load left goes.

FOLDER/generations/<id>.tmp/       one that is being built
FOLDER/generations/<id>.building   locked by the load that builds <id>, as long as that process lives
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from synapse_analytics.errors import StoreError
from synapse_analytics.store.contents import GENERATIONS, HALF_RESTORED, LOCK, POINTER, is_half_restored
from synapse_analytics.store.copying import sync
from synapse_analytics.store.generations import GOING, ID_FORM, discard, has_all_files, kept_ids, point_to, pointer, writing
from synapse_analytics.store.locks import FileLock, waiting_for
from synapse_analytics.store.manifest import MANIFEST, file_sha256
from synapse_analytics.store.private import FOLDER, PUBLISHED, check_owner, make_private, privately

KEPT = 3  # generations that stay, besides the one that served before when it is older
MOMENT = "%Y%m%dT%H%M%S%f"  # of an id


def new_id(store: Path) -> str:
    """An id that sorts after all there are, by time to the microsecond: also when the clock was put back. The random end keeps two apart."""
    now = datetime.now(UTC)
    for last in kept_ids(store)[-1:]:
        with suppress(ValueError, OverflowError):  # somebody's folder, named as no moment
            now = max(now, datetime.strptime(f"{last.partition('-')[0]}+0000", f"{MOMENT}%z") + timedelta(microseconds=1))
    return f"{now.strftime(MOMENT)}-{uuid4().hex[:8]}"


@dataclass(frozen=True, slots=True)
class Build:
    """A generation that is being built: its id, its folder, and the lock that shows that its load lives."""

    generation: str
    folder: Path
    lock: FileLock


@contextmanager
def building(store: Path) -> Iterator[Build]:
    """An empty folder to build a generation in; swept away, with what killed loads left, unless published."""
    home = store / GENERATIONS
    with writing(store):
        make_private(store)
        check_owner(store)
        with waiting_for(store / LOCK):
            if is_half_restored(store):
                raise StoreError(f"{HALF_RESTORED} Nothing was loaded.")
            make_private(home)
            sweep(store)
            generation = new_id(store)
            lock = FileLock(home / f"{generation}.building")
            lock.take()
            folder = home / f"{generation}{GOING}"
            folder.mkdir(mode=FOLDER)
    try:
        with writing(store), privately():
            yield Build(generation, folder, lock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _end(lock)


def publish(store: Path, build: Build, before: Callable[[str], None] | None = None) -> None:
    """Make a built generation the current one: everything on disk first, then one rename and one pointer moved, after `before` was told."""
    for path in build.folder.iterdir():
        path.chmod(PUBLISHED)
        sync(path)
    sync(build.folder)
    with waiting_for(store / LOCK):
        if before is not None:
            before(build.generation)
        served, _sha256 = pointer(store)
        final = store / GENERATIONS / build.generation
        build.folder.rename(final)
        sync(final.parent)
        try:
            point_to(store, build.generation, file_sha256(final / MANIFEST))
        except OSError:
            discard(final)
            raise
        _end(build.lock)  # still under the store's lock: a sweep must never see a published generation marked as half built
        _prune(store, {build.generation, served})
        with suppress(OSError):  # the load is done, whatever of others cannot be removed
            sweep(store)  # also what could not be told from a data version in use while the pointer named none


def _end(lock: FileLock) -> None:
    lock.release()
    with suppress(OSError):
        lock.path.unlink(missing_ok=True)


def sweep(store: Path) -> None:
    """Remove what killed loads left behind; whoever calls holds the store's lock."""
    home = store / GENERATIONS
    current, _sha256 = pointer(store)
    for marker in _made(home, ".building"):
        with FileLock(marker) as lock:
            if not lock.take():
                continue  # its load lives
            shutil.rmtree(home / f"{marker.stem}{GOING}", ignore_errors=True)
            if marker.stem != current and (home / marker.stem).exists():  # renamed, but never published
                if current is None:
                    continue  # the pointer is lost: it may have named this one
                discard(home / marker.stem)
            marker.unlink(missing_ok=True)
    for orphan in _made(home, GOING):
        if not orphan.with_suffix(".building").exists():
            shutil.rmtree(orphan, ignore_errors=True)
    for half in (store / f"{POINTER}.new", *_made(home, ".new")):
        half.unlink(missing_ok=True)


def is_under_way(store: Path) -> bool:
    """True while a load lives that builds here; what a killed one left does not count."""
    for marker in _made(store / GENERATIONS, ".building"):
        with FileLock(marker) as lock:
            if not lock.take():
                return True
    return False


def _made(home: Path, ending: str) -> list[Path]:
    """What a load made with this ending: its name begins with the id of a generation. Anything else is somebody's own."""
    return [path for path in home.glob(f"*{ending}") if re.match(rf"{ID_FORM.pattern}\.", path.name)]


def _prune(store: Path, spared: set[str | None]) -> None:
    """Remove the oldest generations, never the current one, nor the one before it, which may have to serve again.

    Only whole ones count: what is damaged takes no place from one that could serve.
    """
    kept = kept_ids(store)
    whole = [generation for generation in kept if has_all_files(store, generation)]
    for generation in kept:
        if len(whole) > KEPT and generation < whole[-KEPT] and generation not in spared:
            discard(store / GENERATIONS / generation)
