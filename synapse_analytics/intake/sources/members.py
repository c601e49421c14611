"""The files of a source: one file, a folder, a zip, or what was dropped on a page. Tricks with names and sizes are refused, and nothing is unpacked to disk."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from synapse_analytics.bundle.source import MAX_RATIO, MAX_UNPACKED, is_path_trick, single_top_folder
from synapse_analytics.intake.faults import Faults, Spot
from synapse_analytics.intake.mapping.model import Reading

FOUND = Reading.model_validate({})  # nothing is stated: all is found from the file
GIGABYTE = 1 << 30
MOST_MEMBERS = 50_000  # FHIR has one file for each patient
# what damaged files and zips raise in the standard library
BROKEN = (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error)
_RATIO_MATTERS_FROM = 10 << 20
_IGNORED = frozenset({"thumbs.db", "desktop.ini"})
_AGAIN = "Pack the folder of exports again with the zip program of your computer, without a password."


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a source: its name with its folders, its size in bytes, and how to open it."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]

    @property
    def ending(self) -> str:
        """The ending of the name in small letters, with its dot."""
        return Path(self.name).suffix.lower()

    @property
    def stem(self) -> str:
        """The name without folders and ending, in small letters."""
        return Path(self.name).stem.lower()

    def start(self, size: int = 1 << 16) -> bytes:
        """The first bytes; none when the file cannot be read."""
        try:
            with self.open() as handle:
                return handle.read(size)
        except BROKEN:
            return b""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Files that somebody dropped on a page: their names, and where each lies meanwhile."""

    files: Mapping[str, Path] = field(repr=False)  # a traceback shows what is represented


Source = str | Path | Uploaded


def reading_of(readings: Mapping[str, Reading], table: str, file: str) -> Reading:
    """What the mapping says of a table (`register.xlsx#Register`) or its file, with or without the folders that it stands in."""
    names = (name for long in (table, file) for name in (long, long.rpartition("/")[2]))
    return next((readings[name] for name in names if name in readings), FOUND)


def name_of(source: Source) -> str:
    """What a source is called: its name without the folders above it."""
    return "the files" if isinstance(source, Uploaded) else Path(source).name


@contextmanager
def opened(source: Source, faults: Faults) -> Iterator[list[Member]]:
    """The files of a source, sorted by name, as long as it is open; what must not be read goes to the faults."""
    with ExitStack() as stack:
        if isinstance(source, Uploaded):
            yield [member for name, path in sorted(source.files.items()) for member in _of_upload(name, path, stack, faults)]
            return
        path = Path(source)
        if path.is_dir():
            yield _of_folder(path, faults)
        elif path.is_file() and path.suffix.lower() == ".zip":
            yield _of_zip(path.name, path, stack, faults)
        elif path.is_file():
            yield [_on_disk(path, path.name)]
        else:
            faults.add("There is no such file or folder.", "Check the name and the path of the source.", [Spot(path.name)])
            yield []


def _of_upload(name: str, path: Path, stack: ExitStack, faults: Faults) -> list[Member]:
    return _of_zip(name, path, stack, faults) if name.lower().endswith(".zip") else [_on_disk(path, name)]


def _on_disk(path: Path, name: str) -> Member:
    return Member(name, path.stat().st_size, partial(_open, path))


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _of_folder(folder: Path, faults: Faults) -> list[Member]:
    found = []
    for item in sorted(folder.rglob("*")):
        name = item.relative_to(folder).as_posix()
        if _is_ignored(name):
            continue
        if item.is_symlink():
            faults.add("A link to another place is not followed.", "Put the file itself into the folder.", [Spot(item.name)])
        elif item.is_file():
            found.append(_on_disk(item, name))
    return found


def _of_zip(name: str, where: Path, stack: ExitStack, faults: Faults) -> list[Member]:
    try:
        archive = stack.enter_context(zipfile.ZipFile(where))
    except (zipfile.BadZipFile, NotImplementedError, OSError):
        faults.add("The zip cannot be opened: it is damaged or no zip.", _AGAIN, [Spot(name)])
        return []
    infos = [info for info in archive.infolist() if not info.is_dir() and not _is_ignored(info.filename)]
    if len(infos) > MOST_MEMBERS or sum(info.file_size for info in infos) > MAX_UNPACKED:
        limit = f"{MOST_MEMBERS:,} files and {MAX_UNPACKED // GIGABYTE} GB unpacked"
        faults.add(f"The zip is too large. Allowed: {limit}.", "Split it into several sources.", [Spot(name)])
        return []
    safe = sorted((info for info in infos if not _is_refused(info, faults)), key=lambda info: info.filename)
    top = single_top_folder([info.filename for info in safe])
    return [Member(info.filename.removeprefix(top), info.file_size, partial(archive.open, info)) for info in safe]


def _is_ignored(name: str) -> bool:
    """True for what computers put beside files: hidden files, previews, locks of open workbooks."""
    parts = name.split("/")
    hidden = any(part.startswith(".") and part not in {".", ".."} for part in parts)
    return hidden or parts[0] == "__MACOSX" or parts[-1].startswith("~$") or parts[-1].lower() in _IGNORED


def _is_refused(info: zipfile.ZipInfo, faults: Faults) -> bool:
    sentence = ""
    if is_path_trick(info):
        sentence = "The name of a file in the zip leads out of it."
    elif info.flag_bits & 1:
        sentence = "The zip is protected by a password."
    elif info.file_size > _RATIO_MATTERS_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        sentence = f"A file in the zip unpacks to more than {MAX_RATIO} times its size."
    if sentence:
        faults.add(sentence, _AGAIN, [Spot(info.filename.replace("\\", "/").rpartition("/")[2])])
    return bool(sentence)
