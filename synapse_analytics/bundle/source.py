"""The files of a bundle, from a folder or a zip; tricks with names and sizes are refused, and nothing is ever unpacked to disk."""

from __future__ import annotations

import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from synapse_analytics.bundle.problems import Place, Report, shown_name
from synapse_analytics.bundle.schema import FILES

MANIFEST = "manifest.json"
_GIGABYTE = 1 << 30
MAX_UNPACKED = 16 * _GIGABYTE  # 1M patients are about 0.6 GB
MAX_RATIO = 200  # the tightest of real bundles packs about 15 to 1
_RATIO_MATTERS_FROM = 10 << 20
MAX_MEMBERS = 1_000
_IGNORED = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "README.md", "README.txt"})  # never read
RAW = "raw"  # a folder beside the files of a bundle that holds what it was made from, as in sample_data; never read


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the bundle: its name, its size in bytes, how to open it, and whether it is packed in a zip."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]
    is_packed: bool = False


@contextmanager
def opened(path: Path, report: Report) -> Iterator[dict[str, Member]]:
    """The members of the bundle by name, as long as it is open; faults of names and sizes go to the report."""
    if path.is_dir():
        yield _sorted_out(_folder_members(path, report), report)
    elif path.is_file() and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield _sorted_out(_zip_members(archive, report), report)
    else:
        report.add("not_a_bundle", Place(shown_name(path.name)))
        yield {}


def _folder_members(folder: Path, report: Report) -> list[Member]:
    members = []
    for item in sorted(folder.iterdir()):
        if item.is_symlink():
            report.add("path_trick", Place(shown_name(item.name)))
        elif item.is_file():
            members.append(Member(item.name, item.stat().st_size, partial(_open_file, item)))
        elif item.name != RAW:
            report.add("extra_file", Place(shown_name(item.name)))
    return members


def _open_file(path: Path) -> IO[bytes]:
    return path.open("rb")


def _zip_members(archive: zipfile.ZipFile, report: Report) -> list[Member]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > MAX_UNPACKED:
        report.add("zip_bomb", Place(shown_name(Path(archive.filename or "").name)))
        return []
    safe = [info for info in infos if not _refuse_member(info, report) and not info.filename.startswith("__MACOSX/")]
    top = single_top_folder([info.filename for info in safe])
    return [Member(info.filename.removeprefix(top), info.file_size, partial(archive.open, info), is_packed=True) for info in safe]


def _refuse_member(info: zipfile.ZipInfo, report: Report) -> bool:
    rule = ""
    if is_path_trick(info):
        rule = "path_trick"
    elif info.flag_bits & 1:
        rule = "encrypted_zip"
    elif info.file_size > _RATIO_MATTERS_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        rule = "zip_bomb"
    if rule:
        report.add(rule, Place(shown_name(PurePosixPath(info.filename.replace("\\", "/")).name)))
    return bool(rule)


def is_path_trick(info: zipfile.ZipInfo) -> bool:
    """True if the name of a member leads out of the zip, or is a link."""
    name = info.orig_filename if "\0" in info.orig_filename else info.filename
    parts = name.split("/")
    odd = "\\" in name or "\0" in name or ":" in name or not name.isprintable()
    return odd or name.startswith("/") or ".." in parts or "." in parts or "" in parts or stat.S_ISLNK(info.external_attr >> 16)


def single_top_folder(names: list[str]) -> str:
    """The folder that holds every member (with its slash), as in a zipped folder; empty when there is none."""
    tops = {name.split("/")[0] for name in names}
    return f"{tops.pop()}/" if len(tops) == 1 and all("/" in name for name in names) else ""


def _sorted_out(members: list[Member], report: Report) -> dict[str, Member]:
    """The members of a bundle by name; missing, extra and double files are reported."""
    legal = {MANIFEST, *(name for file in FILES for name in file.names)}
    for name, times in Counter(member.name for member in members).items():
        if name not in legal and name not in _IGNORED:
            report.add("extra_file", Place(shown_name(name)))
        elif times > 1:
            report.add("duplicate_file", Place(name))
    kept = {member.name: member for member in members if member.name in legal}
    if MANIFEST not in kept:
        report.add("missing_file", Place(MANIFEST))
    for file in FILES:
        csv, parquet = file.names
        if csv in kept and parquet in kept:
            report.add("duplicate_file", Place(parquet))
            del kept[parquet]
        elif file.needed and csv not in kept and parquet not in kept:
            report.add("missing_file", Place(csv))
    return kept
