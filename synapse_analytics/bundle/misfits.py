"""Reports broken lines, and finds the column where a row that is too short or too long stops to fit."""

from __future__ import annotations

from collections.abc import Sequence

from synapse_analytics.bundle.cells import read_cell
from synapse_analytics.bundle.header import column_label
from synapse_analytics.bundle.lines import Inspected, LineFault
from synapse_analytics.bundle.problems import Place, Report
from synapse_analytics.bundle.schema import RecordFile

_MISFITS = {"short_row", "long_row"}


def report_line_faults(seen: Inspected, first_row: int, named: tuple[RecordFile, str, Sequence[str]], report: Report) -> None:
    """Report the broken lines of one block; `first_row` rows came before it, `named` is (file, its name, its column names)."""
    for fault in seen.faults:
        room = report.room(fault.rule)
        for line, at in zip(fault.lines[:room].tolist(), fault.fields[:room].tolist(), strict=True):
            column = _column(fault, seen.text[line], at, named)
            row = first_row + line + 1
            report.add(fault.rule, Place(named[1], row + 1, row, column))
        report.count(fault.rule, fault.count - min(room, fault.lines.size))


def _column(fault: LineFault, line: bytes, at: int, named: tuple[RecordFile, str, Sequence[str]]) -> str:
    file, _, names = named
    if fault.rule in _MISFITS:
        at = first_misfit(file, names, line.decode("utf-8").rstrip("\r").split(","))
    return column_label(names[min(at, len(names) - 1)]) if at >= 0 else ""


def first_misfit(file: RecordFile, names: Sequence[str], cells: Sequence[str]) -> int:
    """The first position whose value is not legal in its column; else where the row ends too early or goes on too long."""
    declared = {column.name: column for column in file.columns}
    for at, (name, cell) in enumerate(zip(names, cells, strict=False)):
        column = declared.get(name)
        text = cell.strip('"')
        if column and (read_cell(column, text).rule if text else column.required):
            return at
    return min(len(cells), len(names) - 1)
