"""Generations on disk: complete, immutable folders, and the pointer that says which one serves.

FOLDER/CURRENT                     the id of the current generation and the sha256 of its manifest, moved by one os.replace
FOLDER/generations/<id>/           a published generation: generation.duckdb, the base tables as Parquet, manifest.json and its seal

All of it is private: folders 0700, what never changes 0400, the rest 0600 (private.py).
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from synapse_analytics.errors import NothingLoaded, StoreError, UsageError
from synapse_analytics.files import content_of, why
from synapse_analytics.places import PROGRAM
from synapse_analytics.store.contents import GENERATIONS, HALF_RESTORED, LOCK, POINTER, is_half_restored
from synapse_analytics.store.copying import sync
from synapse_analytics.store.engine import forget, is_suspect
from synapse_analytics.store.locks import waiting_for
from synapse_analytics.store.manifest import (
    GenerationInfo,
    Manifest,
    State,
    read_files,
    read_manifest,
    state_of,
    verify_files,
    verify_sizes,
)
from synapse_analytics.store.private import write_private
from synapse_analytics.store.seal import seal, sealed

GOING = ".tmp"  # ends the name of a folder that is being built or removed
ID_FORM = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")
POINTER_FORM = re.compile(rf"({ID_FORM.pattern})(?: ([0-9a-f]{{64}}))?")  # an earlier version of this program wrote the id only


class _Known(NamedTuple):
    """A generation whose every byte this process has checked, when its files were in this state."""

    state: State
    manifest: Manifest


_verified: dict[Path, _Known] = {}
_checking = threading.RLock()


def generation_folder(store: Path, generation: str) -> Path:
    """The folder of a generation; UsageError if there is none with this id."""
    with _reading(store):
        is_there = bool(ID_FORM.fullmatch(generation)) and (store / GENERATIONS / generation).is_dir()
    if not is_there:
        known = ", ".join(kept_ids(store)) or "none"
        raise UsageError(f"There is no such data version. Allowed: {known}.")
    return store / GENERATIONS / generation


def current_id(store: Path) -> str:
    """The id the pointer names."""
    try:
        text = content_of(store / POINTER).decode("ascii").strip()
    except FileNotFoundError:
        text = ""
    except (OSError, ValueError) as error:
        raise StoreError(f"The file {store / POINTER}, which names the data version in use, cannot be read. {_mend(store)}") from error
    if not text and is_half_restored(store):
        raise StoreError(HALF_RESTORED)
    if not text and not kept_ids(store):
        raise NothingLoaded(f"No data are loaded yet in {store}. Load a bundle: {PROGRAM} load BUNDLE.")
    named, _sha256 = pointer(store)
    with _reading(store):
        is_there = named is not None and (store / GENERATIONS / named).is_dir()
    if named is None:
        raise StoreError(f"The file {store / POINTER}, which names the data version in use, is missing or names none. {_mend(store)}")
    if not is_there:
        raise StoreError(
            f"The data version in use, {named}, is gone: there is no folder {store / GENERATIONS / named}. Put it back or restore a backup. {_mend(store)}"
        )
    return named


def open_generation(store: Path) -> tuple[Path, GenerationInfo]:
    """The folder and manifest of the current generation, its files checked: in full the first time, and again whenever one of them was touched."""
    named, noted = pointer(store)
    known = _known(store / GENERATIONS / (named or ""))
    if known is None or noted not in (None, known.manifest.sha256):
        with _checking:  # one reads all files, and the others wait for what it finds
            named, noted = current_id(store), pointer(store)[1]
            known = _known(store / GENERATIONS / named) or _checked(store, named)
    if not (known.manifest.is_sealed or noted):
        raise StoreError(
            f"Data version {named} was loaded by an earlier version of this program, which did not note the sha256 of its manifest. "
            f"Go on with it as it is with `generations use {named}`, or load its bundle again."
        )
    return store / GENERATIONS / known.manifest.info.id, replace(known.manifest.info, current=True)


def _known(folder: Path) -> _Known | None:
    """What this process knows of a generation; None if its files are in another state, or an answer from it failed since."""
    known = _verified.get(folder)
    if known is None or is_suspect(folder):
        return None
    with suppress(StoreError):  # whoever checks it says what is wrong
        return known if state_of(folder) == known.state else None
    return None


def _checked(store: Path, generation: str) -> _Known:
    """A generation with every byte checked, to be opened anew."""
    folder = store / GENERATIONS / generation
    _verified.pop(folder, None)
    manifest = _manifest(store, generation)
    state = verify_files(folder, manifest.files)
    forget(folder)
    _verified[folder] = known = _Known(state, manifest)
    return known


def _manifest(store: Path, generation: str) -> Manifest:
    """The manifest of a generation, as it was written, of tables that this program reads."""
    named, sha256 = pointer(store)
    return read_manifest(store / GENERATIONS / generation, sha256 if named == generation else None)


def listed(store: Path) -> tuple[list[GenerationInfo], list[str]]:
    """The generations that can serve, the newest first, and a sentence for each that cannot and for a pointer that names none: the list must help to leave it."""
    current, _sha256 = pointer(store)
    found, faults = [], []
    for generation in reversed(kept_ids(store)):
        try:
            manifest = _manifest(store, generation)
            verify_sizes(store / GENERATIONS / generation, manifest.files)
            found.append(replace(manifest.info, current=generation == current))
        except StoreError as error:
            faults.append(str(error))
    try:
        current_id(store)
    except NothingLoaded:
        pass
    except StoreError as error:
        faults.append(str(error))
    return found, faults


def clinic_in(store: Path) -> str | None:
    """The clinic of the data version in use, else of the newest that can be read, in a store or the copy of one; None where there is none."""
    with suppress(StoreError):
        named = [generation for generation in (pointer(store)[0], *reversed(kept_ids(store))) if generation]
        for generation in named:
            with suppress(StoreError):
                return read_manifest(store / GENERATIONS / generation).info.clinic
    return None


def verify_generation(store: Path, generation: str) -> int:
    """Read every byte of a kept generation, whichever version of this program built it; the number of its files."""
    folder = generation_folder(store, generation)
    named, sha256 = pointer(store)
    files = read_files(folder, sha256 if named == generation else None)
    verify_files(folder, files)
    return len(files)


def use(store: Path, generation: str) -> None:
    """Make a kept generation the current one, after checking every byte of it; one without a seal is sealed as it is."""
    folder = generation_folder(store, generation)
    found = _manifest(store, generation)
    verify_files(folder, found.files)
    with writing(store, "The data version that was in use is still in use."), waiting_for(store / LOCK):
        generation_folder(store, generation)  # it may have been removed while we checked
        if sealed(folder) is None:
            seal(folder, found.sha256)
        point_to(store, generation, found.sha256)


def remove(store: Path, generation: str) -> None:
    """Remove a generation that is not the current one."""
    folder = generation_folder(store, generation)
    with writing(store, "Nothing was removed."), waiting_for(store / LOCK):
        if generation == pointer(store)[0]:
            raise UsageError("The data version in use cannot be removed. Use another one first: generations use ID.")
        if folder.is_symlink():
            raise StoreError(
                f"{folder} is a link, which this program did not make. Remove it, and what it leads to, by hand. Nothing was removed."
            )
        if not discard(folder):
            raise StoreError(
                f"Not every file of data version {generation} could be removed. What is left lies in {folder}{GOING}, or still in {folder}. "
                "The account that it belongs to must be allowed to write there; then remove that folder by hand."
            )


def discard(folder: Path) -> bool:
    """Remove a generation, and what this process knows of it; False if something of it is left.

    It first takes a name that is no data version's, so that what a kill leaves of it is swept away and never counts.
    """
    forget(folder)
    _verified.pop(folder, None)
    going = folder.with_name(f"{folder.name}{GOING}")
    with suppress(OSError):
        folder.rename(going)
    shutil.rmtree(going, ignore_errors=True)
    return not (os.path.lexists(folder) or os.path.lexists(going))


def has_all_files(store: Path, generation: str) -> bool:
    """True if all files of a generation are there in their sizes, whichever version of this program built it."""
    folder = store / GENERATIONS / generation
    with suppress(StoreError):
        verify_sizes(folder, read_files(folder, None))
        return True
    return False


def forget_all(store: Path) -> None:
    """Take nothing of this store for known: other files stand in its place."""
    for folder in [one for one in _verified if one.is_relative_to(store)]:
        forget(folder)
        _verified.pop(folder, None)


def kept_ids(store: Path) -> list[str]:
    """Published generations, the oldest first; one whose load is not done with it does not count yet."""
    home = store / GENERATIONS
    with _reading(store):
        names = {path.name for path in home.iterdir()} if home.is_dir() else set()
    current, _sha256 = pointer(store)
    return sorted(name for name in names if ID_FORM.fullmatch(name) and (f"{name}.building" not in names or name == current))


def pointer(store: Path) -> tuple[str | None, str | None]:
    """The id that the pointer names and the sha256 it notes of its manifest; None for what it does not say."""
    try:
        said = POINTER_FORM.fullmatch(content_of(store / POINTER).decode("ascii").strip())
    except (OSError, ValueError):
        said = None
    return (said[1], said[2]) if said else (None, None)


def point_to(store: Path, generation: str, sha256: str) -> None:
    """Make a generation the current one; whoever calls holds the store's lock."""
    new = store / f"{POINTER}.new"
    write_private(new, f"{generation} {sha256}\n")
    os.replace(new, store / POINTER)
    with suppress(OSError):  # it serves from here on; after a loss of power the one before may, which is still there
        sync(store)


@contextmanager
def _reading(store: Path) -> Iterator[None]:
    """Say what a person can do where the system refuses to look into the store."""
    try:
        yield
    except OSError as error:
        advice = "Run this as the account that it belongs to." if isinstance(error, PermissionError) else "Restore it with `store restore`."
        raise StoreError(f"The store in {store} cannot be read: {why(error)}. {advice}") from error


@contextmanager
def writing(store: Path, so: str = "") -> Iterator[None]:
    """Say what a person can do when the disk is full or may not be written, and how things stand."""
    try:
        yield
    except OSError as error:
        so = so or ("The old data are still in use." if pointer(store)[0] else "Nothing was loaded.")
        raise StoreError(f"The store in {store} cannot be written: {why(error)}. {so}") from error


def _mend(store: Path) -> str:
    known = ", ".join(reversed(kept_ids(store))) or "none; load the bundle again"
    return f"Choose a data version with `generations use ID`. These are kept: {known}."
