"""The names of the columns of a file: the header of a CSV file is read, and the names are held against the declaration."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

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
)  # packed and binary files, documents and databases
MOST_COLUMNS = 1_000  # a file of records has a dozen
_INDEX = re.compile(r"|Unnamed: \d+|index|level_\d+|__index_level_\d+__")  # what pandas calls the numbers of its rows


def column_label(name: str) -> str:
    """A column name fit to print: masked when it may be a value."""
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


def read_header(line: bytes, file: RecordFile, name: str, report: Report) -> tuple[str, ...] | None:
    """The column names, or None when the rows cannot be matched to columns; problems go to the report."""
    fault, names = _parsed(line)
    if fault:
        report.add(fault, Place(name, 1))
        return None
    return check_names(names, file, name, report)


def _parsed(line: bytes) -> tuple[str, tuple[str, ...]]:
    """The rule that the header breaks, if it does, and its fields."""
    if b"\0" in line:
        return "nul_byte", ()
    if b"\r" in line.removesuffix(b"\r"):
        return "stray_carriage_return", ()
    try:
        return "", tuple(next(csv.reader([line.decode("utf-8")], strict=True), ()))
    except UnicodeDecodeError:
        return "not_utf8", ()
    except csv.Error:
        return "stray_quote" if line.count(b'"') % 2 == 0 else "unclosed_quote", ()


def check_names(names: Sequence[str], file: RecordFile, name: str, report: Report) -> tuple[str, ...] | None:
    """The column names of a CSV or Parquet file when rows can be read by them; what is wrong with them goes to the report."""
    declared = {column.name for column in file.columns}
    if len(names) >= MOST_COLUMNS:
        report.add("too_many_columns", Place(name, 1), hint=f"the file has {len(names):,} columns")
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
    return tuple(names) if len(set(names)) == len(names) else None


def _refuse_names(names: Sequence[str], declared: set[str], name: str, report: Report) -> None:
    for i, column in enumerate(names):
        place = Place(name, 1, column=column_label(column))
        if column in names[:i]:
            report.add("duplicate_column", place)
        elif column not in declared:
            identifies = is_identity_name(column) or identity_rule(column) is not None
            hint = "this looks like the index of pandas; write the file with index=False" if _INDEX.fullmatch(column) else ""
            report.add("identity_column" if identifies else "extra_column", place, hint=hint)
