"""The list of a backup: when it was made, which data version was in use, and size and sha256 of every file in it."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from synapse_analytics.errors import StoreError, UsageError
from synapse_analytics.files import content_of
from synapse_analytics.progress import Progress, quiet
from synapse_analytics.store.contents import GENERATIONS, MAPPINGS, is_copied
from synapse_analytics.store.copying import Described, Work
from synapse_analytics.store.generations import ID_FORM, kept_ids, pointer
from synapse_analytics.store.manifest_shape import is_described
from synapse_analytics.store.private import write_private
from synapse_analytics.store.seal import seal, sealed

MAKING = "making"  # in DEST.part: locked by the process that makes it; one that was killed at its end may leave it in DEST
INNER, LIST, LIST_SEAL = "store", "BACKUP.json", "BACKUP.sha256"
FORMAT = "synapse-backup/1"
MADE_AT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")
ANOTHER = "Use another backup."


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds."""

    made_at: str  # as people read it, in UTC
    current: str | None  # the data version in use; None when nothing was loaded
    data_versions: tuple[str, ...]
    files: dict[str, Described]  # by their path in the folder of the store

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry["bytes"] for entry in self.files.values())


def write_list(folder: Path, backup: Backup) -> str:
    """Write the list into a backup that is being made, and seal it; its sha256."""
    text = json.dumps({"format": FORMAT, **asdict(backup)}, indent=1) + "\n"
    write_private(folder / LIST, text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    seal(folder, sha256, LIST_SEAL, LIST)
    return sha256


def read_list(folder: Path) -> tuple[Backup, str]:
    """The list of a backup and its sha256; UsageError where this is no backup, StoreError where the list is not as it was written."""
    if not any(os.path.lexists(folder / name) for name in (LIST, LIST_SEAL)):
        raise UsageError(f"'{folder}' is not a backup: there is no {LIST} in it. Name a folder that `store backup` made.")
    try:
        written = content_of(folder / LIST)
        sha256, noted = hashlib.sha256(written).hexdigest(), sealed(folder, LIST_SEAL)
        found = json.loads(written) if sha256 == noted else None
    except (OSError, ValueError, RecursionError) as fault:
        raise StoreError(f"The backup in {folder} is damaged: {LIST} cannot be read ({_why(fault)}). {ANOTHER}") from fault
    if found is None:
        raise StoreError(f"The backup in {folder} is damaged: {LIST} is not the one that was written (its sha256 differs). {ANOTHER}")
    if not isinstance(found, dict) or found.pop("format", None) != FORMAT or set(found) != {one.name for one in fields(Backup)}:
        raise StoreError(f"The backup in {folder} was made by another version of this program. Restore it with that one.")
    if not _is_written_so(found):
        raise StoreError(f"The backup in {folder} is damaged: {LIST} does not hold what a backup writes. {ANOTHER}")
    return Backup(**found | {"data_versions": tuple(found["data_versions"])}), sha256


def check_backup(folder: Path, backup: Backup, progress: Progress = quiet) -> None:
    """Read every file of a backup; StoreError names the first that is not as it was written, or what the list says that they do not."""
    work = Work("Reading back", backup.size, progress)
    for name, entry in backup.files.items():
        path = folder / INNER / name
        if path.is_symlink() or not path.is_file():
            raise StoreError(f"The backup in {folder} is damaged: the file {name} is missing or is none. {ANOTHER}")
        try:
            found = work.read(path)
        except OSError as fault:
            raise StoreError(f"The backup in {folder} cannot be read: {name} ({fault.strerror}). {ANOTHER}") from fault
        if found != entry:
            raise StoreError(
                f"The backup in {folder} is damaged: the file {name} is not the one that was written (its sha256 differs). {ANOTHER}"
            )
    pointed, _sha256 = pointer(folder / INNER)
    if (pointed, backup.data_versions) != (backup.current, tuple(kept_ids(folder / INNER))):
        raise StoreError(f"The backup in {folder} is damaged: {LIST} says that it holds other data versions than it does. {ANOTHER}")


def strange_to(folder: Path, backup: Backup) -> list[str]:
    """Files in the folder of a backup that its list does not name."""
    known = {folder / LIST, folder / LIST_SEAL, folder / MAKING, *(folder / INNER / name for name in backup.files)}
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path not in known and (path.is_symlink() or not path.is_dir())
    )


def _why(fault: Exception) -> str:
    return (fault.strerror if isinstance(fault, OSError) else None) or type(fault).__name__


def _is_written_so(found: Mapping[str, Any]) -> bool:
    """True if a list holds what `store backup` writes: its seal shows an accident, and not who wrote it."""
    versions, files = found["data_versions"], found["files"]
    return (
        isinstance(found["made_at"], str)
        and bool(MADE_AT.fullmatch(found["made_at"]))
        and isinstance(versions, list)
        and all(isinstance(one, str) and ID_FORM.fullmatch(one) for one in versions)
        and (found["current"] is None or found["current"] in versions)
        and isinstance(files, dict)
        and all(_is_harmless(name) and is_described(entry) for name, entry in files.items())
    )


def _is_harmless(name: str) -> bool:
    """True of a path that a backup copies, which stays inside a store and lies as deep as a store has it."""
    first, *below = name.split("/")
    is_as_deep = len(below) == {GENERATIONS: 2, MAPPINGS: 1}.get(first, 0)
    return is_copied(first) and is_as_deep and "\\" not in name and all(part.strip(". ") for part in below)
