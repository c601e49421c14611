"""Takes the texts of one file batch by batch, from CSV or Parquet, and keeps only the typed values; every wrong cell is reported on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.extras import ExtraColumn
from synapse_analytics.bundle.file_read import FileRead
from synapse_analytics.bundle.header import column_label
from synapse_analytics.bundle.identity import MAX_JUDGED
from synapse_analytics.bundle.problems import Place
from synapse_analytics.bundle.rows import Rows
from synapse_analytics.bundle.schema import Column, Kind, RecordFile
from synapse_analytics.bundle.values import TYPES, CellFault, ColumnReader, Values, outside_instrument


class Gatherer:
    """Collects the columns of one file; `names` are the columns that the file has, in its order."""

    def __init__(self, file: RecordFile, names: tuple[str, ...], rows: Rows) -> None:
        self.file, self.names, self.rows = file, names, rows
        extras = [name for name in names if name not in {column.name for column in file.columns}]
        self._extras = {name: ExtraColumn(column_label(name), len(extras)) for name in extras}
        self._readers = {column.name: ColumnReader(column) for column in file.columns if column.kind is not Kind.ID}
        self._chunks: dict[str, list[pa.Array]] = {column.name: [] for column in file.columns}

    def take(self, texts: pa.Table) -> None:
        """Type the rows of one batch, which `rows` has counted already."""
        start = self.rows.kept - texts.num_rows
        read: dict[str, Values] = {}
        for column in self.file.columns:
            if column.name not in self.names:
                self._chunks[column.name].append(pa.nulls(texts.num_rows, TYPES[column.kind]))
                continue
            array = _short(_one_array(texts.column(column.name)))
            self._report_missing(column, array, start)
            if column.kind is Kind.ID:
                self._chunks[column.name].append(array)
                continue
            values = read[column.name] = self._readers[column.name].read(array)
            self._chunks[column.name].append(values.stored)
            self._report(column.name, values.faults, start)
        if {"instrument", "value"} <= read.keys():
            self._check_scores(read["instrument"], read["value"], _one_array(texts.column("value")), start)
        for name, extra in self._extras.items():
            self._report(extra.label, extra.faults(_short(_one_array(texts.column(name)))), start)

    def finish(self) -> FileRead:
        """The whole table, after the judgement of whole columns."""
        watches = {name: reader.aadhaar for name, reader in self._readers.items()}
        watches |= {extra.label: extra.aadhaar for extra in self._extras.values()}
        for column, watch in watches.items():
            if watch.alarmed():
                self.rows.report.add("identity_aadhaar", Place(self.rows.name, 1 if self.rows.has_lines else None, column=column))
        table = pa.table({column.name: pa.chunked_array(self._chunks[column.name], TYPES[column.kind]) for column in self.file.columns})
        return FileRead(self.file, self.rows, table, frozenset(self.names) & self._chunks.keys())

    def _report(self, column: str, faults: list[CellFault], start: int) -> None:
        for fault in faults:
            self.rows.tell(fault.rule, column, start + fault.rows, fault.text, fault.hint)
        if faults:
            self.rows.mark(column, start + np.concatenate([fault.rows for fault in faults]))

    def _report_missing(self, column: Column, array: pa.Array, start: int) -> None:
        if column.required and array.null_count:
            missing = np.flatnonzero(pc.is_null(array).to_numpy(zero_copy_only=False))
            self._report(column.name, [CellFault("missing_value", "", "", missing)], start)

    def _check_scores(self, instrument: Values, value: Values, texts: pa.Array, start: int) -> None:
        outside = outside_instrument(instrument, value)
        listed = outside[: self.rows.report.room("out_of_range")]
        for row in listed.tolist():
            term = v.INSTRUMENTS[instrument.numbers[row]]
            hint = f"{term.code} {term.low:g} to {term.high:g}"
            self.rows.tell("out_of_range", "value", np.array([start + row]), texts[row].as_py(), hint)
        self.rows.report.count("out_of_range", outside.size - listed.size)
        self.rows.mark("value", start + outside)


def _one_array(column: pa.ChunkedArray) -> Any:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _short(texts: Any) -> Any:
    """Texts cut to the length that is judged: a longer one is wrong anyway, and thousands of them must not be kept."""
    if pa.types.is_dictionary(texts.type):
        short = _short(texts.dictionary)
        return texts if short is texts.dictionary else pa.DictionaryArray.from_arrays(texts.indices, short)
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    return pc.utf8_slice_codeunits(texts, 0, MAX_JUDGED) if longest > 4 * MAX_JUDGED else texts
