"""The first line of a CSV file: which declared column stands where, and which columns have no business there."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from synapse_analytics.bundle.column_names import is_identity_name
from synapse_analytics.bundle.identity import identity_rule
from synapse_analytics.bundle.problems import Place, Report, mask, shown_name
from synapse_analytics.bundle.schema import RecordFile

_MAGIC = (
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"PAR1",
    b"%PDF",
    b"SQLite format 3",
    b"\xd0\xcf\x11\xe0",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
    b"{\\rtf",
)


MOST_COLUMNS = 1_000  # a file of records has a dozen
_INDEX = re.compile(r"|Unnamed: \d+|index|level_\d+|__index_level_\d+__")  # what pandas calls the numbers of its rows


@dataclass(frozen=True, slots=True)
class Header:
    """The names as written, and the position of each declared column that is there."""

    names: tuple[str, ...]
    positions: dict[str, int]

    def extras(self, file: RecordFile) -> dict[int, str]:
        """Position -> name, fit to print, of the columns outside the schema."""
        declared = {column.name for column in file.columns}
        return {i: column_label(name) for i, name in enumerate(self.names) if name not in declared}


def column_label(name: str) -> str:
    """A header name fit to print: masked when it may be a value."""
    return mask(name) if identity_rule(name) else shown_name(name)


def content_fault(start: bytes) -> str | None:
    """The rule broken by the first bytes of what should be a CSV file."""
    if not start.strip():
        return "empty_file"
    if start.startswith(_MAGIC) or start.lstrip()[:1] in (b"<", b"{", b"["):
        return "not_a_csv"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "not_utf8"
    return None


def read_header(line: bytes, file: RecordFile, name: str, report: Report) -> Header | None:
    """The header, or None when the rows cannot be matched to columns; problems go to the report."""
    place = Place(name, 1)
    fault = _bytes_fault(line)
    if fault is None:
        try:
            names = tuple(next(csv.reader([line.decode("utf-8")], strict=True), ()))
        except csv.Error:
            fault = "stray_quote" if line.count(b'"') % 2 == 0 else "unclosed_quote"
    if fault:
        report.add(fault, place)
        return None
    return check_names(names, file, name, report)


def _bytes_fault(line: bytes) -> str | None:
    if b"\0" in line:
        return "nul_byte"
    if b"\r" in line.removesuffix(b"\r"):
        return "stray_carriage_return"
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return "not_utf8"
    return None


def check_names(names: Sequence[str], file: RecordFile, name: str, report: Report) -> Header | None:
    """Hold the column names of a CSV or Parquet file against the declaration."""
    declared = {column.name for column in file.columns}
    if len(names) >= MOST_COLUMNS:
        report.add("too_many_columns", Place(name, 1), hint=f"{len(names):,} columns")
        return None
    if not declared & set(names):
        joined = ",".join(names)
        split = {part.strip().strip('"') for mark in ";\t|" for part in joined.split(mark)}
        report.add("wrong_delimiter" if declared & split else "missing_header", Place(name, 1))
        return None
    _refuse_names(names, declared, name, report)
    for column in file.columns:
        if column.required and column.name not in names:
            report.add("missing_column", Place(name, 1, column=column.name))
    if len(set(names)) < len(names):
        return None
    return Header(tuple(names), {column: i for i, column in enumerate(names) if column in declared})


def _refuse_names(names: Sequence[str], declared: set[str], name: str, report: Report) -> None:
    for i, column in enumerate(names):
        if column in names[:i]:
            report.add("duplicate_column", Place(name, 1, column=column_label(column)))
        elif column not in declared:
            identifies = is_identity_name(column) or identity_rule(column) is not None
            hint = "pandas writes no index with index=False" if _INDEX.fullmatch(column) else ""
            report.add("identity_column" if identifies else "extra_column", Place(name, 1, column=column_label(column)), hint=hint)
