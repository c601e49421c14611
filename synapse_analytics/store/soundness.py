"""Whether a store is sound: each part of it with a sentence, and what to do where something is wrong. Nothing is changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from synapse_analytics import audit
from synapse_analytics.errors import NothingLoaded, StoreError
from synapse_analytics.progress import Progress, quiet
from synapse_analytics.store.contents import BEFORE, GENERATIONS, LEFT, MOVING, READY, SURROGATES, is_ours
from synapse_analytics.store.generations import ID_FORM, current_id, kept_ids, verify_generation
from synapse_analytics.store.private import check_private
from synapse_analytics.vocabulary.plurals import counted

SURROGATE_BYTES = 32
BY_ITSELF = "The next load, or the next start of the dashboard, removes it."


@dataclass(frozen=True, slots=True)
class Finding:
    """A part of a store, and how it is."""

    part: str
    is_sound: bool
    said: str


def look_at(store: Path, *, is_copy: bool = False, progress: Progress = quiet) -> Iterator[Finding]:
    """Every part of a store. A copy in a backup is not compared with the witnesses of the log, who know more than it."""
    try:
        is_there = store.is_dir()
    except OSError as fault:  # its parent may not be entered
        yield Finding(
            "folder", is_sound=False, said=f"{store} cannot be opened: {fault.strerror}. Run this as the account that it belongs to."
        )
        return
    if not is_there:
        yield Finding("folder", is_sound=False, said=f"There is no store in {store}. Name another one with --database, or load a bundle.")
        return
    yield _rights(store)
    yield _pointer(store)
    try:
        versions = kept_ids(store)
    except StoreError as fault:
        yield Finding("data versions", is_sound=False, said=str(fault))
        return
    for place, generation in enumerate(versions):
        progress("Reading data versions", place, len(versions))
        yield _generation(store, generation)
    progress("Reading data versions", len(versions), len(versions))
    yield from _others(store)
    yield _log(store, is_copy=is_copy)
    if (store / SURROGATES).exists():
        yield _surrogates(store / SURROGATES)


def _rights(store: Path) -> Finding:
    try:
        check_private(store)
        parts = (path for path in store.rglob("*") if is_ours(path.relative_to(store).parts[0]))  # `lost+found` of a disk is root's
        closed = [path for path in (store, *parts) if not os.access(path, os.R_OK)]
    except StoreError as fault:
        return Finding("rights", is_sound=False, said=str(fault))
    if closed:
        return Finding(
            "rights", is_sound=False, said=f"This account may not read '{closed[0]}'. Give it back to this account (chown, chmod u+rX)."
        )
    return Finding("rights", is_sound=True, said="Only this account may read the store.")


def _pointer(store: Path) -> Finding:
    try:
        return Finding("pointer", is_sound=True, said=f"Data version {current_id(store)} is in use.")
    except NothingLoaded:
        return Finding("pointer", is_sound=True, said="No data are loaded yet.")
    except StoreError as fault:
        return Finding("pointer", is_sound=False, said=str(fault))


def _generation(store: Path, generation: str) -> Finding:
    part = f"data version {generation}"
    try:
        files = verify_generation(store, generation)
    except StoreError as fault:
        return Finding(part, is_sound=False, said=str(fault))
    return Finding(part, is_sound=True, said=f"Every byte of its {counted(files, 'file')} is as it was loaded.")


def _others(store: Path) -> Iterator[Finding]:
    """What lies in the store beside its parts."""
    for path in sorted(store.iterdir()):
        if said := _said_of(path.name):
            yield Finding(path.name, is_sound=path.name not in (READY, MOVING), said=said)
    home = store / GENERATIONS
    for path in sorted(home.iterdir()) if home.is_dir() else ():
        if path.suffix in (".tmp", ".building", ".new"):
            yield Finding(path.name, is_sound=True, said=f"A load is under way, or was killed. {BY_ITSELF}")
        elif not ID_FORM.fullmatch(path.name) or not path.is_dir() or path.is_symlink():
            yield Finding(path.name, is_sound=False, said=f"It does not belong in the folder of the data versions. Move '{path}' away.")


def _said_of(name: str) -> str:
    """What a person should know of a file or folder beside the parts of a store."""
    if name.startswith(BEFORE):
        return "This is the store before a restore. Remove it when nobody needs it any more."
    if name in (READY, MOVING):
        return "A restore was stopped before its end. Finish it with the same `store restore`."
    if LEFT.fullmatch(name):
        return f"A process that was killed left it. {BY_ITSELF}"
    return "" if is_ours(name) else "It is not of this program. No backup holds it."


def _log(store: Path, *, is_copy: bool) -> Finding:
    found = audit.verify(store, witnessed=not is_copy)
    if found.problem:
        return Finding("audit log", is_sound=False, said=f"It is not whole: {found.problem}. `audit verify` says what to do.")
    return Finding("audit log", is_sound=True, said=f"It is complete and unchanged: {counted(found.lines, 'line')}.")


def _surrogates(path: Path) -> Finding:
    try:
        whole = len(path.read_bytes()) == SURROGATE_BYTES
    except OSError as fault:
        return Finding(path.name, is_sound=False, said=f"It cannot be read ({fault.strerror}). Restore it from a backup.")
    if not whole:
        said = f"It does not hold a key of {SURROGATE_BYTES} bytes. Restore it from a backup: another key would give patients other ids."
        return Finding(path.name, is_sound=False, said=said)
    return Finding(path.name, is_sound=True, said="The key of the ids of patients is there.")
