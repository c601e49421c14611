"""The whole check of one bundle: everything wrong in one run, and the typed tables when nothing is."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa

from synapse_analytics.bundle.ids import Reads, check_ids
from synapse_analytics.bundle.manifest import data_until_month, read_manifest
from synapse_analytics.bundle.parquet import read_parquet
from synapse_analytics.bundle.plausibility import warn
from synapse_analytics.bundle.problems import Check, Place, Problem, Report, shown_name
from synapse_analytics.bundle.rows import Rows
from synapse_analytics.bundle.schema import FILES, RecordFile
from synapse_analytics.bundle.semantics import Linked, check_semantics
from synapse_analytics.bundle.source import MANIFEST, Member, opened
from synapse_analytics.bundle.table_reader import FileRead, read_csv
from synapse_analytics.bundle.values import TYPES
from synapse_analytics.progress import Progress, quiet

# What zipfile and the packers raise of damaged bytes; UnicodeDecodeError: the name of a member is not UTF-8.
UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, NotImplementedError, UnicodeDecodeError)
_NEVER_EMPTY = {"patients.csv", "episodes.csv"}  # an export cut off after its header must not replace a clinic's data


def check_bundle(path: Path | str, progress: Progress = quiet) -> Check:
    """Check the bundle at `path`: a folder or a zip of CSV (or Parquet) files with a manifest."""
    report = Report()
    manifest: dict[str, Any] = {}
    reads: dict[str, FileRead] = {}
    try:
        with opened(Path(path), report) as members:
            if MANIFEST in members:
                manifest = read_manifest(members[MANIFEST], report)
            for file in FILES:
                if member := _member(members, file):
                    reads[file.name] = _read(member, file, manifest, report, progress)
    except UNREADABLE:
        report.add("unreadable_file", Place(shown_name(Path(path).name)))
    _check_described(manifest, reads, report)
    progress("Checking ids", 0, 2)
    linked = Linked(reads, check_ids(reads, report), data_until_month(manifest))
    progress("Checking days and scores", 1, 2)
    check_semantics(linked, report)
    progress("Checking days and scores", 2, 2)
    return _verdict(linked, manifest, report)


def _member(members: dict[str, Member], file: RecordFile) -> Member | None:
    return members.get(file.name) or members.get(file.name.replace(".csv", ".parquet"))


def _read(member: Member, file: RecordFile, manifest: dict[str, Any], report: Report, progress: Progress) -> FileRead:
    """Read one file and hold it against what the manifest says of it."""
    entry = _entry(manifest, member.name)
    reader = read_csv if member.name.endswith(".csv") else read_parquet
    try:
        read, sha256 = reader(member, file, report, sha256="sha256" in entry, progress=progress)
    except UNREADABLE:
        report.add("unreadable_file", Place(member.name))
        return FileRead(file, member.name, Rows(), None)
    if read.table is None:
        return read
    if sha256 and sha256 != entry["sha256"].lower():
        report.add("sha256", Place(member.name))
    if isinstance(entry.get("rows"), int) and read.rows.total != entry["rows"]:
        report.add("row_count", Place(member.name), hint=f"{entry['rows']} in the manifest, {read.rows.total} in the file")
    if file.name in _NEVER_EMPTY and not read.rows.total:
        report.add("no_rows", Place(member.name, 1))
    return read


def _entry(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    files = manifest.get("files")
    entry = files.get(name) if isinstance(files, dict) else None
    return entry if isinstance(entry, dict) and isinstance(entry.get("sha256", ""), str) else {}


def _check_described(manifest: dict[str, Any], reads: Reads, report: Report) -> None:
    files = manifest.get("files")
    there = {read.name for read in reads.values()}
    needed = {file.name for file in FILES if file.needed}
    for name in files if isinstance(files, dict) else ():
        if isinstance(name, str) and name.removesuffix(".csv").removesuffix(".parquet") in _STEMS and name not in there | needed:
            report.add("missing_file", Place(name))


_STEMS = frozenset(file.name.removesuffix(".csv") for file in FILES)


def _verdict(linked: Linked, manifest: dict[str, Any], report: Report) -> Check:
    rows = {read.name: read.rows.total for read in linked.reads.values()}
    if report.counts:
        order = {file.name.removesuffix(".csv"): i for i, file in enumerate(FILES)}

        def place(problem: Problem) -> tuple:
            stem = problem.file.removesuffix(".csv").removesuffix(".parquet")
            return order.get(stem, -1), problem.file, problem.line or problem.row or 0, problem.column, problem.rule

        return Check(
            accepted=False,
            rows=rows,
            counts=dict(sorted(report.counts.items())),
            problems=sorted(report.problems, key=place),
            warnings=[],
            manifest=manifest,
        )
    tables = {file.name.removesuffix(".csv"): _table(file, linked.reads) for file in FILES}
    return Check(accepted=True, rows=rows, counts={}, problems=[], warnings=warn(linked), manifest=manifest, tables=tables)


def _table(file: RecordFile, reads: Reads) -> pa.Table:
    read = reads.get(file.name)
    if read and read.table is not None:
        return read.table
    return pa.table({column.name: pa.array([], TYPES[column.kind]) for column in file.columns})
