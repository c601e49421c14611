"""A clinic's own files: text files, workbooks and Parquet, alone, in a folder or in a zip."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from synapse_analytics.bundle.problems import shown_name
from synapse_analytics.intake.faults import Faults, Spot
from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.raw import RawTable, unread
from synapse_analytics.intake.sources.members import BROKEN, Member, Source, name_of, opened, reading_of
from synapse_analytics.intake.sources.parquetfile import read_parquet
from synapse_analytics.intake.sources.textfile import read_text
from synapse_analytics.intake.sources.workbook import read_workbook
from synapse_analytics.progress import Progress, quiet

TEXTS = frozenset({".csv", ".tsv", ".tab", ".txt"})
WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
PARQUET = frozenset({".parquet", ".pq"})
ENDINGS = TEXTS | WORKBOOKS | PARQUET
REFUSED = "The source cannot be read as it is. Nothing was written."


def read(source: Source, readings: Mapping[str, Reading] | None = None, progress: Progress = quiet) -> list[RawTable]:
    """Every table of a source; files that are no tables, and empty sheets, come as tables without columns. Raises IntakeRefused."""
    faults, tables = Faults(), []
    with opened(source, faults) as members:
        total = sum(member.size for member in members)
        done = 0
        for member in members:
            progress(f"Reading {shown_name(PurePosixPath(member.name).name)}", done, total)
            tables += read_member(member, dict(readings or {}), faults)
            done += member.size
        progress("Reading files", total, total)
    if not faults and not any(table.cells.column_names for table in tables):
        faults.add(
            "No table was found: no file or sheet has a header and rows.",
            "Name a file, folder or zip of CSV, XLSX, XLS, ODS or Parquet.",
            [Spot(name_of(source))],
        )
    faults.raise_if_any(REFUSED)
    return tables


def read_member(member: Member, readings: dict[str, Reading], faults: Faults) -> list[RawTable]:
    """The tables of one file; what cannot be read goes to the faults."""
    try:
        if member.ending in WORKBOOKS:
            return read_workbook(member, readings, faults)
        if member.ending in PARQUET:
            table = read_parquet(member, faults)
        elif member.ending in TEXTS and member.stem != "readme":
            table = read_text(member, reading_of(readings, member.name, member.name), faults)
        else:
            table = unread(member.name, f"{member.ending.removeprefix('.').upper() or 'file of unknown kind'} is no table")
    except BROKEN:
        faults.add("The file cannot be opened.", "Check that it is whole and that you may read it.", [Spot(member.name)])
        return []
    return [table] if table else []
