"""A CSV file: its header, then its rows block by block; broken lines are reported and left out, the others are judged as columns of text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyarrow as pa

from synapse_analytics.bundle.blocks import MAX_LINE, Layout, LineTooLongError, cut_blocks, read_blocks, text_types
from synapse_analytics.bundle.cells import read_cell
from synapse_analytics.bundle.file_read import FileRead, unread
from synapse_analytics.bundle.gatherer import Gatherer
from synapse_analytics.bundle.header import column_label, content_fault, read_header
from synapse_analytics.bundle.lines import BOM, Inspected, LineFault
from synapse_analytics.bundle.problems import Place, Report
from synapse_analytics.bundle.rows import Rows
from synapse_analytics.bundle.schema import RecordFile
from synapse_analytics.bundle.source import Member
from synapse_analytics.progress import Progress

_FIRST_READ = 1 << 20


def read_csv(member: Member, file: RecordFile, report: Report, *, sha256: bool, progress: Progress) -> tuple[FileRead, str]:
    """The file and, when asked for, the sha256 of its bytes."""
    digest = hashlib.sha256() if sha256 else None
    nothing = unread(file, member.name, report), ""
    with member.open() as handle:
        start = handle.read(_FIRST_READ)
        if digest:
            digest.update(start)
        line, _, rest = start.removeprefix(BOM).partition(b"\n")
        fault = content_fault(start) or ("line_too_long" if len(line) > MAX_LINE else None)
        if fault:
            report.add(fault, Place(member.name, 1))
            return nothing
        names = read_header(line.removesuffix(b"\r") if rest or start.endswith(b"\n") else line, file, member.name, report)
        if names is None:
            return nothing
        layout = Layout(line.removesuffix(b"\r"), names, text_types(file, names))
        gatherer = Gatherer(file, names, Rows(member.name, report))
        try:
            _take_all(read_blocks(cut_blocks(handle, rest, digest), layout), gatherer, member.size, progress)
        except LineTooLongError:
            report.add("line_too_long", Place(member.name, gatherer.rows.total + 2))
            digest = None  # the rest was not read
    return gatherer.finish(), digest.hexdigest() if digest else ""


def _take_all(blocks: Iterator[tuple[int, Inspected, pa.Table]], gatherer: Gatherer, bytes_in_all: int, progress: Progress) -> None:
    rows, done = gatherer.rows, 0
    for size, seen, texts in blocks:
        _report_broken_lines(seen, gatherer)
        rows.add(seen.lines, seen.broken, [seen.text[i] for i in sorted(seen.text)])
        gatherer.take(texts)
        done += size
        progress(f"Checking {rows.name}", rows.total, max(rows.total, round(rows.total * bytes_in_all / done)))
    progress(f"Checking {rows.name}", rows.total, rows.total)


def _report_broken_lines(seen: Inspected, gatherer: Gatherer) -> None:
    report = gatherer.rows.report
    for fault in seen.faults:
        room = report.room(fault.rule)
        for line, field in zip(fault.lines[:room].tolist(), fault.fields[:room].tolist(), strict=True):
            row = gatherer.rows.total + line + 1
            report.add(fault.rule, Place(gatherer.rows.name, row + 1, row, _column(fault, seen.text[line], field, gatherer)))
        report.count(fault.rule, fault.count - min(room, fault.lines.size))


def _column(fault: LineFault, line: bytes, field: int, gatherer: Gatherer) -> str:
    """The name of the column at fault, fit to print; empty when the whole line is."""
    if fault.rule in ("short_row", "long_row"):
        field = _first_misfit(gatherer, line.decode("utf-8").rstrip("\r").split(","))
    return column_label(gatherer.names[min(field, len(gatherer.names) - 1)]) if field >= 0 else ""


def _first_misfit(gatherer: Gatherer, cells: list[str]) -> int:
    """The first field that is not legal in its column; else the one where the row ends too early or goes on too long."""
    declared = {column.name: column for column in gatherer.file.columns}
    for field, (name, cell) in enumerate(zip(gatherer.names, cells, strict=False)):
        column = declared.get(name)
        text = cell.strip('"')
        if column and (read_cell(column, text).rule if text else column.required):
            return field
    return min(len(cells), len(gatherer.names) - 1)
