"""The whole check of one bundle: everything that is wrong in one run, and the typed tables when nothing is."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from pathlib import Path
from typing import Any

from synapse_analytics.bundle.csv_file import read_csv
from synapse_analytics.bundle.file_read import FileRead, unread
from synapse_analytics.bundle.ids import check_ids
from synapse_analytics.bundle.manifest import data_until_month, described_files, read_manifest
from synapse_analytics.bundle.parquet import read_parquet
from synapse_analytics.bundle.plausibility import warn
from synapse_analytics.bundle.problems import Check, Place, Problem, Report, shown_name
from synapse_analytics.bundle.schema import FILES, RecordFile
from synapse_analytics.bundle.semantics import Linked, check_semantics
from synapse_analytics.bundle.source import MANIFEST, Member, opened
from synapse_analytics.progress import Progress, quiet

# What zipfile and the packers raise of damaged bytes; UnicodeDecodeError: the name of a member is not UTF-8.
UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, NotImplementedError, UnicodeDecodeError)
_STEMS = tuple(file.stem for file in FILES)
_NEVER_EMPTY = {"patients.csv", "episodes.csv"}  # an export cut off after its header must not replace a clinic's data


def check_bundle(path: Path | str, progress: Progress = quiet) -> Check:
    """Check the bundle at `path`: a folder or a zip of CSV (or Parquet) files with a manifest."""
    report = Report()
    manifest: dict[str, Any] = {}
    rows: dict[str, int] = {}
    reads = {file.name: unread(file, file.name, report) for file in FILES}
    try:
        with opened(Path(path), report) as members:
            if MANIFEST in members:
                manifest = read_manifest(members[MANIFEST], report)
            for file in FILES:
                for name in members.keys() & {*file.names}:  # CSV or Parquet, never both
                    reads[file.name] = read = _read(members[name], file, manifest, report, progress)
                    rows[name] = read.rows.total
    except UNREADABLE:
        report.add("unreadable_file", Place(shown_name(Path(path).name)))
    _report_absent(manifest, set(rows), report)
    progress("Checking ids", 0, 2)
    linked = Linked(reads, check_ids(reads), data_until_month(manifest))
    progress("Checking days and scores", 1, 2)
    check_semantics(linked)
    progress("Checking days and scores", 2, 2)
    if report.counts:
        counts, problems = dict(sorted(report.counts.items())), sorted(report.problems, key=_order)
        return Check(accepted=False, rows=rows, counts=counts, problems=problems, warnings=[], manifest=manifest)
    tables = {file.stem: reads[file.name].table for file in FILES}
    return Check(accepted=True, rows=rows, counts={}, problems=[], warnings=warn(linked), manifest=manifest, tables=tables)


def _read(member: Member, file: RecordFile, manifest: dict[str, Any], report: Report, progress: Progress) -> FileRead:
    """Read one file and compare it with its entry in the manifest."""
    entry = described_files(manifest).get(member.name)
    if not isinstance(entry, dict) or not isinstance(entry.get("sha256", ""), str):
        entry = {}
    reader = read_csv if member.name.endswith(".csv") else read_parquet
    try:
        read, sha256 = reader(member, file, report, sha256="sha256" in entry, progress=progress)
    except UNREADABLE:
        report.add("unreadable_file", Place(member.name))
        return unread(file, member.name, report)
    if not read.columns:
        return read
    if sha256 and sha256 != entry["sha256"].lower():
        report.add("sha256", Place(member.name))
    if isinstance(entry.get("rows"), int) and read.rows.total != entry["rows"]:
        report.add("row_count", Place(member.name), hint=f"the manifest says {entry['rows']:,}, the file has {read.rows.total:,}")
    if file.name in _NEVER_EMPTY and not read.rows.total:
        report.add("no_rows", Place(member.name, 1))
    return read


def _report_absent(manifest: dict[str, Any], there: set[str], report: Report) -> None:
    """Report optional files that the manifest describes and the bundle lacks; needed files are reported by `source`."""
    needed = {file.name for file in FILES if file.needed}
    for name in described_files(manifest):
        if _stem(name) in _STEMS and name not in there | needed:
            report.add("missing_file", Place(name))


def _stem(name: str) -> str:
    return name.removesuffix(".csv").removesuffix(".parquet")


def _order(problem: Problem) -> tuple:
    """Problems are listed in the order of the files (the manifest first), then of lines."""
    stem = _stem(problem.file)
    place = _STEMS.index(stem) if stem in _STEMS else -1
    return place, problem.file, problem.line or problem.row or 0, problem.column, problem.rule
