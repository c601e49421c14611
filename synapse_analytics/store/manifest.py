"""The manifest of a generation: its description, the sha256 of each of its files, and the check that both still agree.

The seal of the manifest says that not one byte of the description was changed; the manifest says so of the data.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

from synapse_analytics.errors import StoreError
from synapse_analytics.files import content_of
from synapse_analytics.store.copying import Described
from synapse_analytics.store.engine import DATA_FILE
from synapse_analytics.store.manifest_shape import FORMAT, faults_of, files_are_described
from synapse_analytics.store.seal import SEAL, seal, sealed
from synapse_analytics.store.tables import schema_digest

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """A generation: its id, the origin of its data, and the facts a page may show without a query."""

    id: str
    clinic: str
    data_until: str  # YYYY-MM, last month with complete data
    synthetic: bool
    loaded_at: str  # UTC, ISO
    rows: dict[str, int]
    sha256: str  # of the base tables as Parquet: the same bundle gives the same digest
    warnings: tuple[dict[str, Any], ...]  # {rule, file, n}
    headline: str  # code of the headline instrument
    sites: tuple[str, ...]
    clinicians: tuple[str, ...]
    months: tuple[str, str]  # first and last month of first visits
    missingness: tuple[dict[str, Any], ...]  # {file, column, share}
    present: dict[str, int] = field(default_factory=dict)  # codes anybody has, as bit masks (present.py); empty: not noted by an older load
    current: bool = False


class Manifest(NamedTuple):
    """A manifest that was read: what it says of the generation, the files it vouches for, its own sha256, and whether that was noted."""

    info: GenerationInfo
    files: dict[str, Described]
    sha256: str
    is_sealed: bool


def file_sha256(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def describe_files(folder: Path) -> dict[str, Described]:
    """Size and sha256 of every data file of a generation, by name."""
    paths = sorted([*folder.glob("*.parquet"), folder / DATA_FILE])
    return {path.name: {"bytes": path.stat().st_size, "sha256": file_sha256(path)} for path in paths}


def digest_of(files: dict[str, Described]) -> str:
    """One sha256 for the base tables. The DuckDB file has its own: two loads of one bundle need not agree in every byte of it."""
    lines = "".join(f"{entry['sha256']}  {name}\n" for name, entry in sorted(files.items()) if name.endswith(".parquet"))
    return hashlib.sha256(lines.encode()).hexdigest()


def write_manifest(folder: Path, info: GenerationInfo, files: dict[str, Described]) -> None:
    """Write the manifest into a generation that is being built, and seal it."""
    content = {"format": FORMAT, "schema": schema_digest(), **asdict(replace(info, current=False)), "files": files}
    content.pop("current")
    text = (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
    (folder / MANIFEST).write_bytes(text)
    seal(folder, hashlib.sha256(text).hexdigest())


def read_manifest(folder: Path, pointed: str | None = None) -> Manifest:
    """The manifest of a generation that this program can read; StoreError unless it is the one that its seal and the pointer (`pointed`) noted."""
    content, sha256, is_sealed = _noted(folder, pointed)
    if isinstance(content, dict) and _is_other(content.get("schema")):
        raise StoreError(f"Data version {folder.name} was built by another version of this program. Load its bundle again.")
    if fault := next(faults_of(content), None):
        raise StoreError(f"The manifest of data version {folder.name} is damaged: {fault}. {MEND}")
    values = {one.name: content[one.name] for one in fields(GenerationInfo) if one.name not in ("current", "present")}
    for name in ("warnings", "sites", "clinicians", "months", "missingness"):
        values[name] = tuple(values[name])
    info = GenerationInfo(**values, present=dict(content.get("present", {})))
    if digest_of(content["files"]) != info.sha256 or info.id != folder.name:
        raise StoreError(f"The manifest of data version {folder.name} is damaged: its entries contradict each other. {MEND}")
    return Manifest(info, content["files"], sha256, is_sealed)


def read_files(folder: Path, pointed: str | None = None) -> dict[str, Described]:
    """The files that the manifest of a generation vouches for, whichever version of this program built it."""
    content, _sha256, _is_sealed = _noted(folder, pointed)
    if not isinstance(content, dict) or not files_are_described(content.get("files")):
        raise StoreError(f"The manifest of data version {folder.name} is damaged: its key 'files' does not hold what a load writes. {MEND}")
    return content["files"]


MEND = (
    "Use another data version with `generations use ID`, or load the bundle again. "
    "One that is not in use can be removed with `generations remove ID`."
)


def _is_other(schema: Any) -> bool:
    return isinstance(schema, str) and schema != schema_digest()


def _noted(folder: Path, pointed: str | None) -> tuple[Any, str, bool]:
    """The content of a manifest, its sha256, and whether that was noted; StoreError where another one was."""
    try:
        found = (folder / MANIFEST).stat()
        content, sha256 = _read(folder / MANIFEST, (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns))
        noted = {sealed(folder), pointed} - {None}
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"The manifest of data version {folder.name} cannot be read ({type(error).__name__}). {MEND}") from error
    if noted - {sha256}:
        raise StoreError(f"The manifest of data version {folder.name} is not the one that was loaded (its sha256 differs). {MEND}")
    return content, sha256, bool(noted)


@functools.lru_cache(maxsize=8)
def _read(path: Path, _state: tuple[int, ...]) -> tuple[Any, str]:
    """A manifest as it stands on the disk, read again only when the file has changed."""
    content = content_of(path)
    return json.loads(content), hashlib.sha256(content).hexdigest()


State = frozenset[tuple[Any, ...]]  # name, inode, size and times of every file: another one means that the bytes may be others


def state_of(folder: Path) -> State:
    """What the system says of the files of a generation, without reading them: cheap enough for each click. StoreError where one is none."""
    try:
        with os.scandir(folder) as found:
            entries = [(one.name, one.stat(follow_symlinks=False)) for one in found]
    except OSError as error:
        raise StoreError(f"Data version {folder.name} cannot be read ({error.strerror}). {MEND}") from error
    for name, about in entries:
        if not stat.S_ISREG(about.st_mode):
            raise _strange(folder, name)
    return frozenset((name, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns) for name, about in entries)


def verify_sizes(folder: Path, files: Mapping[str, Described]) -> State:
    """Every file of the manifest is there with its size, and no other one; the state of the folder."""
    state = state_of(folder)
    sizes = {name: size for name, _inode, size, *_times in state}
    for name in {DATA_FILE, *files}:
        if name not in files:
            raise StoreError(f"Data version {folder.name} is damaged: its manifest does not list {name}. {MEND}")
        if sizes.get(name) != files[name]["bytes"]:
            raise StoreError(f"Data version {folder.name} is damaged: the file {name} is missing or incomplete. {MEND}")
    if strange := sizes.keys() - files.keys() - {MANIFEST, SEAL}:
        raise _strange(folder, min(strange))
    return state


def _strange(folder: Path, name: str) -> StoreError:
    return StoreError(f"Data version {folder.name} cannot be used: '{name}' does not belong in its folder. Move '{folder / name}' away.")


def verify_files(folder: Path, files: Mapping[str, Described]) -> State:
    """Every file of the manifest has its sha256; the state of the folder when that was seen to be so."""
    state = verify_sizes(folder, files)
    for name, entry in files.items():
        try:
            found = file_sha256(folder / name)
        except OSError as error:
            raise StoreError(f"Data version {folder.name}: {name} cannot be read ({error.strerror}). {MEND}") from error
        if found != entry["sha256"]:
            raise StoreError(
                f"Data version {folder.name} is damaged: the file {name} is not the one that was loaded (its sha256 differs). {MEND}"
            )
    return state
