"""Reads one file of the bundle from CSV into a typed table, with every structural and cell problem reported on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.bundle.blocks import MAX_LINE, Layout, LineTooLongError, cut_blocks, read_blocks, text_types
from synapse_analytics.bundle.extras import ExtraColumn
from synapse_analytics.bundle.header import Header, content_fault, read_header
from synapse_analytics.bundle.identity import MAX_JUDGED
from synapse_analytics.bundle.lines import BOM, Inspected
from synapse_analytics.bundle.misfits import report_line_faults
from synapse_analytics.bundle.problems import Place, Report
from synapse_analytics.bundle.rows import Rows
from synapse_analytics.bundle.schema import Column, Kind, RecordFile
from synapse_analytics.bundle.source import Member
from synapse_analytics.bundle.values import TYPES, CellFault, ColumnReader, Values, instrument_range, outside_instrument
from synapse_analytics.progress import Progress

_FIRST_READ = 1 << 20


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file as far as it could be read; `table` is None when its rows cannot be matched to columns."""

    file: RecordFile
    name: str
    rows: Rows
    table: pa.Table | None
    columns: frozenset[str] = frozenset()  # declared columns that were really there

    @property
    def typed(self) -> pa.Table:
        """The table, for callers who know that the file could be read."""
        assert self.table is not None  # noqa: S101 - unread files are sorted out before
        return self.table


class Gatherer:
    """Takes the texts of a file block by block and keeps only the typed values."""

    def __init__(self, file: RecordFile, name: str, header: Header, report: Report) -> None:
        self.file, self.name, self.report = file, name, report
        self.rows = Rows()
        self.names = header.names
        self._readers = {column.name: ColumnReader(column) for column in file.columns if column.kind is not Kind.ID}
        extras = header.extras(file)
        self._extras = {header.names[i]: ExtraColumn(label, len(extras)) for i, label in extras.items()}
        self._here = frozenset(header.positions)
        self._chunks: dict[str, list[pa.Array]] = {column.name: [] for column in file.columns}

    def take(self, texts: pa.Table) -> None:
        """Type the rows of one block; the block's lines have been added to `rows` before."""
        start = self.rows.kept - texts.num_rows
        read: dict[str, Values] = {}
        for column in self.file.columns:
            if column.name not in self._here:
                self._chunks[column.name].append(pa.nulls(texts.num_rows, TYPES[column.kind]))
                continue
            array = _short(_one_array(texts.column(column.name)))
            self._report_missing(column, array, start)
            if column.kind is Kind.ID:
                self._chunks[column.name].append(array)
                continue
            values = read[column.name] = self._readers[column.name].read(array)
            self._chunks[column.name].append(values.stored)
            self._report_faults(column.name, values.faults, start)
        self._check_scores(read, texts, start)
        for name, extra in self._extras.items():
            self._report_faults(extra.label, extra.faults(_short(_one_array(texts.column(name)))), start)

    def finish(self) -> FileRead:
        """The whole table, after what can only be said of a whole column."""
        watches = {name: reader.aadhaar for name, reader in self._readers.items()}
        watches |= {extra.label: extra.aadhaar for extra in self._extras.values()}
        for column, watch in watches.items():
            if watch.alarmed():
                self.report.add("identity_aadhaar", Place(self.name, 1 if self.rows.has_lines else None, column=column))
        arrays = [pa.chunked_array(self._chunks[column.name], TYPES[column.kind]) for column in self.file.columns]
        table = pa.table(arrays, names=[column.name for column in self.file.columns])
        return FileRead(self.file, self.name, self.rows, table, self._here)

    def _report_faults(self, column: str, faults: list[CellFault], start: int) -> None:
        for fault in faults:
            self._report_cells(fault.rule, column, start + fault.rows, (fault.text, fault.hint))
        if faults:
            self.rows.mark(column, start + np.concatenate([fault.rows for fault in faults]))

    def _report_missing(self, column: Column, array: pa.Array, start: int) -> None:
        if column.required and array.null_count:
            missing = np.flatnonzero(pc.is_null(array).to_numpy(zero_copy_only=False))
            self._report_faults(column.name, [CellFault("missing_value", "", "", missing)], start)

    def _check_scores(self, read: dict[str, Values], texts: pa.Table, start: int) -> None:
        for column in self.file.columns:
            if column.kind is Kind.SCORE and column.name in read and "instrument" in read:
                outside = outside_instrument(read["instrument"], read[column.name])
                found = _one_array(texts.column(column.name))
                listed = outside[: self.report.room("out_of_range")].tolist()
                for row in listed:
                    hint = instrument_range(int(read["instrument"].numbers[row]))
                    self._report_cells("out_of_range", column.name, np.array([start + row]), (found[row].as_py(), hint))
                self.report.count("out_of_range", outside.size - len(listed))
                self.rows.mark(column.name, start + outside)

    def _report_cells(self, rule: str, column: str, kept: np.ndarray, said: tuple[str, str]) -> None:
        report_rows(self.report, rule, FileRead(self.file, self.name, self.rows, None), (column, kept, *said))


def report_rows(report: Report, rule: str, read: FileRead, found: tuple[str, np.ndarray, str, str]) -> None:
    """Report kept rows (from 0) of one file under one rule: (column, rows, value, hint)."""
    column, kept, text, hint = found
    room = report.room(rule)
    listed = read.rows.numbers(np.asarray(kept)[:room]).tolist() if room else []
    for row in listed:
        report.add(rule, Place(read.name, row + 1 if read.rows.has_lines else None, row, column), text, hint)
    report.count(rule, len(kept) - len(listed))


def report_texts(report: Report, rule: str, read: FileRead, found: tuple[str, np.ndarray, str]) -> None:
    """Report kept rows (from 0) whose texts differ and have no problem yet, listing as many as can be: (column, rows, hint)."""
    column, rows, hint = found
    rows = read.rows.unmarked(column, rows)
    read.rows.mark(column, rows)
    room = report.room(rule)
    texts = read.typed.column(column).take(pa.array(rows[:room])).to_pylist()
    for row, text in zip(rows[:room], texts, strict=True):
        report_rows(report, rule, read, (column, np.array([row]), text, hint))
    report.count(rule, rows.size - len(texts))


def read_csv(member: Member, file: RecordFile, report: Report, *, sha256: bool, progress: Progress) -> tuple[FileRead, str]:
    """The file and, when asked for, the sha256 of its bytes."""
    digest = hashlib.sha256() if sha256 else None
    unread = FileRead(file, member.name, Rows(), None)
    with member.open() as handle:
        start = handle.read(_FIRST_READ)
        if digest:
            digest.update(start)
        line, _, rest = start.removeprefix(BOM).partition(b"\n")
        fault = content_fault(start) or ("line_too_long" if len(line) > MAX_LINE else None)
        if fault:
            report.add(fault, Place(member.name, 1))
            return unread, ""
        header = read_header(line.removesuffix(b"\r") if rest or start.endswith(b"\n") else line, file, member.name, report)
        if header is None:
            return unread, ""
        layout = Layout(line.removesuffix(b"\r"), header.names, text_types(file, header.names))
        gatherer = Gatherer(file, member.name, header, report)
        blocks = read_blocks(cut_blocks(handle, rest, digest), layout)
        try:
            _take_all(blocks, gatherer, member, progress)
        except LineTooLongError:
            report.add("line_too_long", Place(member.name, gatherer.rows.total + 2))
            digest = None  # the rest was not read
    return gatherer.finish(), digest.hexdigest() if digest else ""


def _take_all(blocks: Iterator[tuple[int, Inspected, pa.Table]], gatherer: Gatherer, member: Member, progress: Progress) -> None:
    done = 0
    for size, seen, texts in blocks:
        gatherer.rows.add(seen.lines, seen.broken, [seen.text[i] for i in sorted(seen.text)])
        report_line_faults(seen, gatherer.rows.total - seen.lines, (gatherer.file, gatherer.name, gatherer.names), gatherer.report)
        gatherer.take(texts)
        done += size
        rows = gatherer.rows.total
        progress(f"Checking {member.name}", rows, max(rows, round(rows * member.size / done)))
    progress(f"Checking {member.name}", gatherer.rows.total, gatherer.rows.total)


def _one_array(column: pa.ChunkedArray) -> Any:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _short(texts: Any) -> Any:
    """Texts cut to the length that is judged: a longer one is wrong anyway, and thousands of them must not be kept."""
    if pa.types.is_dictionary(texts.type):
        short = _short(texts.dictionary)
        return texts if short is texts.dictionary else pa.DictionaryArray.from_arrays(texts.indices, short)
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    return pc.utf8_slice_codeunits(texts, 0, MAX_JUDGED) if longest > 4 * MAX_JUDGED else texts
