"""The manifest of a generation: its description, the sha256 of each of its files, and the check that both still agree.

The seal of the manifest says that not one byte of the description was changed; the manifest says so of the data.
"""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from synapse_analytics import vocabulary as v
from synapse_analytics.errors import StoreError
from synapse_analytics.store.engine import DATA_FILE
from synapse_analytics.store.seal import seal, sealed
from synapse_analytics.store.tables import schema_digest

MANIFEST = "manifest.json"
FORMAT = "synapse-generation/2"


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
    files: dict[str, dict[str, Any]]
    sha256: str
    is_sealed: bool


def file_sha256(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def describe_files(folder: Path) -> dict[str, dict[str, Any]]:
    """Size and sha256 of every data file of a generation, by name."""
    paths = sorted([*folder.glob("*.parquet"), folder / DATA_FILE])
    return {path.name: {"bytes": path.stat().st_size, "sha256": file_sha256(path)} for path in paths}


def digest_of(files: dict[str, dict[str, Any]]) -> str:
    """One sha256 for the base tables. The DuckDB file has its own: two loads of one bundle need not agree in every byte of it."""
    lines = "".join(f"{entry['sha256']}  {name}\n" for name, entry in sorted(files.items()) if name.endswith(".parquet"))
    return hashlib.sha256(lines.encode()).hexdigest()


def write_manifest(folder: Path, info: GenerationInfo, files: dict[str, dict[str, Any]]) -> None:
    """Write the manifest into a generation that is being built, and seal it."""
    content = {"format": FORMAT, "schema": schema_digest(), **asdict(replace(info, current=False)), "files": files}
    content.pop("current")
    text = (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
    (folder / MANIFEST).write_bytes(text)
    seal(folder, hashlib.sha256(text).hexdigest())


def read_manifest(folder: Path, pointed: str | None = None) -> Manifest:
    """The manifest of a generation; StoreError unless it is the one that its seal and the pointer (`pointed`) noted."""
    try:
        content, sha256 = _content(folder)
        noted = {sealed(folder), pointed} - {None}
        if noted - {sha256}:
            raise StoreError(f"The manifest of data version {folder.name} is not the one that was loaded (its sha256 differs). {MEND}")
        files = content["files"]
        values = {one.name: content[one.name] for one in fields(GenerationInfo) if one.name not in ("current", "present")}
        for name in ("warnings", "sites", "clinicians", "months", "missingness"):
            values[name] = tuple(values[name])
        info = GenerationInfo(**values, present=dict(content.get("present", {})))
        agrees = _is_sound(info) and all(map(_is_described, files.values())) and digest_of(files) == info.sha256 and info.id == folder.name
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"The manifest of data version {folder.name} cannot be read ({type(error).__name__}). {MEND}") from error
    if not agrees:
        raise StoreError(f"The manifest of data version {folder.name} is damaged: its entries contradict each other. {MEND}")
    return Manifest(info, files, sha256, bool(noted))


MEND = "Use another data version with `generations use ID`, or load the bundle again."


def _is_sound(info: GenerationInfo) -> bool:
    """True if the fields that pages read have the form pages expect."""
    date.fromisoformat(f"{info.data_until}-01")
    counted = all(isinstance(rows, int) and rows >= 0 for rows in info.rows.values()) and "patients" in info.rows
    texts = all(isinstance(text, str) for text in (info.clinic, info.loaded_at))
    counted = counted and all(type(mask) is int and mask >= 0 for mask in info.present.values())
    return counted and texts and len(info.months) == 2 and info.headline in v.codes(v.INSTRUMENTS)


def _is_described(entry: dict[str, Any]) -> bool:
    return isinstance(entry["bytes"], int) and isinstance(entry["sha256"], str)


def _content(folder: Path) -> tuple[dict[str, Any], str]:
    """The manifest as it stands on the disk, and its sha256; read again only when the file has changed, for every click asks for it."""
    path = folder / MANIFEST
    found = path.stat()
    return _read(path, found.st_mtime_ns, found.st_size)


@functools.lru_cache(maxsize=8)
def _read(path: Path, _changed: int, _size: int) -> tuple[dict[str, Any], str]:
    content = path.read_bytes()
    return json.loads(content), hashlib.sha256(content).hexdigest()


def check_schema(folder: Path) -> None:
    """The generation was built to the tables this program reads."""
    if _content(folder)[0].get("schema") != schema_digest():
        raise StoreError(f"Data version {folder.name} was built by another version of this program. Load its bundle again.")


def verify_sizes(folder: Path, files: dict[str, dict[str, Any]]) -> None:
    """Every file of the manifest is there with its size: cheap enough for each open."""
    for name in {DATA_FILE, *files}:
        path, entry = folder / name, files.get(name)
        if entry is None:
            raise StoreError(f"Data version {folder.name} is damaged: its manifest does not list {name}. {MEND}")
        if not path.is_file() or path.stat().st_size != entry["bytes"]:
            raise StoreError(f"Data version {folder.name} is damaged: the file {name} is missing or incomplete. {MEND}")


def verify_files(folder: Path, files: dict[str, dict[str, Any]]) -> None:
    """Every file of the manifest has its sha256."""
    verify_sizes(folder, files)
    for name, entry in files.items():
        try:
            found = file_sha256(folder / name)
        except OSError as error:
            raise StoreError(f"Data version {folder.name}: {name} cannot be read ({error.strerror}). {MEND}") from error
        if found != entry["sha256"]:
            raise StoreError(
                f"Data version {folder.name} is damaged: the file {name} is not the one that was loaded (its sha256 differs). {MEND}"
            )
