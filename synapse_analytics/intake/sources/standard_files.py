"""The files of a source of a standard (OMOP, FHIR): of a folder, of a zip or a single one; nothing is unpacked to disk."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from synapse_analytics.bundle.problems import shown_name
from synapse_analytics.bundle.source import MAX_MEMBERS, MAX_RATIO, MAX_UNPACKED
from synapse_analytics.intake.faults import Fault, Spot, refused

_RATIO_MATTERS_FROM = 10 << 20  # bytes


@dataclass(frozen=True, slots=True)
class File:
    """One file of a source: its name without folders, its size in bytes, and how to open it."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


@contextmanager
def files_of(source: Path, endings: tuple[str, ...]) -> Iterator[list[File]]:
    """The files with one of these endings (any case), by name, as long as the source is open; IntakeRefused when it cannot be opened."""
    if source.is_dir():
        yield sorted((_on_disk(path) for path in source.rglob("*") if path.is_file() and _fits(path.name, endings)), key=_name)
    elif source.is_file() and zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            yield sorted(_packed(archive, source.name, endings), key=_name)
    elif source.is_file():
        yield [_on_disk(source)]
    else:
        raise _refusal("There is no such file or folder.", "Write the path of the file, the folder or the zip.", source.name)


def _name(file: File) -> str:
    return file.name


def _fits(name: str, endings: tuple[str, ...]) -> bool:
    return name.lower().endswith(endings) and not name.startswith(".")


def _on_disk(path: Path) -> File:
    return File(path.name, path.stat().st_size, partial(_open, path))


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _packed(archive: zipfile.ZipFile, name: str, endings: tuple[str, ...]) -> Iterator[File]:
    infos = [info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX/")]
    infos = [info for info in infos if _fits(PurePosixPath(info.filename).name, endings)]
    if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > MAX_UNPACKED or any(map(_is_bomb, infos)):
        raise _refusal("The zip would unpack to far more than it should.", "Give the folder itself, or fewer files at a time.", name)
    if any(info.flag_bits & 1 for info in infos):
        raise _refusal("The zip has a password.", "Unpack it, and give the folder.", name)
    for info in infos:
        yield File(PurePosixPath(info.filename).name, info.file_size, partial(archive.open, info))


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    return info.file_size > _RATIO_MATTERS_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1)


def _refusal(sentence: str, advice: str, name: str) -> Exception:
    return refused("The source cannot be read.", (Fault(sentence, advice, (Spot(shown_name(name)),)),))
