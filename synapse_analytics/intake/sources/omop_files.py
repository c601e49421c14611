"""Tables of an OMOP CDM out of CSV and Parquet files: only the columns that are needed, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from synapse_analytics.intake.faults import Faults, spot_of
from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.sources.standard_files import File

ENDINGS = (".csv", ".tsv", ".txt", ".parquet")
_BLOCK = 8 << 20  # bytes
_SEPARATORS = "\t,;|"
Keep = Callable[[pa.RecordBatch], pa.RecordBatch]


@dataclass(frozen=True, slots=True)
class FileTable:
    """One table that stands in a file."""

    name: str
    file: File
    reading: Reading | None

    @property
    def is_parquet(self) -> bool:
        """True for a Parquet file."""
        return self.file.name.lower().endswith(".parquet")


def tables_of(files: Sequence[File], readings: Mapping[str, Reading], faults: Faults) -> dict[str, FileTable]:
    """The files by the name of their table, in small letters; two files of one table are a fault."""
    found: dict[str, FileTable] = {}
    for file in files:
        name = file.name.lower().rpartition(".")[0]
        if name in found:
            advice = "Keep one of them in the folder, or make one file of both."
            faults.add(f"Two files are the table {name}.", advice, [spot_of(file.name, "", None, "", None)])
        found[name] = FileTable(name, file, readings.get(file.name))
    return found


def texts(table: FileTable, wanted: Sequence[str], faults: Faults, keep: Keep | None = None) -> tuple[pa.Table, str]:
    """The wanted columns that the file has, as text and with names in small letters, and how it was read; `keep` chooses rows."""
    read = _parquet if table.is_parquet else _csv
    batches, how = read(table, wanted, faults)
    kept = [keep(batch) if keep else batch for batch in batches]
    if not kept:
        return pa.table({name: pa.array([], pa.string()) for name in wanted}), how
    return pa.Table.from_batches(kept), how


def _parquet(table: FileTable, wanted: Sequence[str], faults: Faults) -> tuple[Iterator[pa.RecordBatch], str]:
    return _parquet_batches(table.file, wanted, faults), "Parquet"


def _parquet_batches(file: File, wanted: Sequence[str], faults: Faults) -> Iterator[pa.RecordBatch]:
    try:
        with file.open() as stream, pq.ParquetFile(stream) as parquet:
            spelled = _spelled(parquet.schema_arrow.names, wanted)
            for batch in parquet.iter_batches(columns=list(spelled)):
                yield _as_texts(batch)
    except (pa.ArrowException, OSError):
        faults.add("The file is no Parquet file.", "Export it again.", [spot_of(file.name, "", None, "", None)])


def _as_texts(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [column.cast(pa.string()) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=[name.lower() for name in batch.schema.names])


def _spelled(names: Sequence[str], wanted: Sequence[str]) -> dict[str, str]:
    """The columns to read as they are spelled in the file, and their name in small letters."""
    return {name: name.strip().lower() for name in names if name.strip().lower() in wanted}


def _csv(table: FileTable, wanted: Sequence[str], faults: Faults) -> tuple[Iterator[pa.RecordBatch], str]:
    encoding = table.reading.encoding if table.reading and table.reading.encoding else "utf-8"
    header = _header(table.file, encoding)
    separator = (table.reading and table.reading.separator) or max(_SEPARATORS, key=header.count)
    names = [name.strip('\ufeff" ') for name in header.split(separator)]
    spelled = _spelled(names, wanted)
    if not spelled:
        return iter(()), "no column of this table was found"
    signs = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}
    how = f"{encoding.upper()}, {signs.get(separator, separator)} between columns"
    return _batches(table.file, _Shape(encoding, separator, names, list(spelled)), faults), how


def _strict(encoding: str) -> str:
    """The encoding by a name under which pyarrow decodes the bytes first: it prints a fault of its own for an odd row that is no UTF-8."""
    return "utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding


def _header(file: File, encoding: str) -> str:
    with file.open() as stream, TextIOWrapper(stream, encoding=encoding, errors="replace") as lines:
        return lines.readline().rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a CSV file is written: its encoding, the sign between columns, its columns, and those that are read."""

    encoding: str
    separator: str
    names: list[str]
    used: list[str]

    def options(self) -> dict[str, Any]:
        """The options of pyarrow. The vocabulary that OHDSI hands out has tabs and no quotes: a quote there is part of a name."""
        quote = False if self.separator == "\t" else '"'
        return {
            "read_options": pa_csv.ReadOptions(
                use_threads=False, column_names=self.names, skip_rows=1, encoding=_strict(self.encoding), block_size=_BLOCK
            ),
            "parse_options": pa_csv.ParseOptions(delimiter=self.separator, quote_char=quote, newlines_in_values=bool(quote)),
            "convert_options": pa_csv.ConvertOptions(
                include_columns=self.used,
                column_types=dict.fromkeys(self.used, pa.string()),
                strings_can_be_null=True,
                null_values=["", "NULL", "\\N", "NA"],
            ),
        }


def _batches(file: File, shape: _Shape, faults: Faults) -> Iterator[pa.RecordBatch]:
    def odd_row(row: pa_csv.InvalidRow) -> str:
        sentence = f"A row has {row.actual_columns} columns where the header has {row.expected_columns}."
        advice = "Export the table again with quotes around texts, or name the separator under `files` in the mapping."
        faults.add(sentence, advice, [spot_of(file.name, "", row.number, "", None)])
        return "skip"

    options = shape.options()
    options["parse_options"].invalid_row_handler = odd_row
    try:
        with file.open() as stream:
            for batch in pa_csv.open_csv(stream, **options):
                columns = [pc.utf8_trim_whitespace(column) for column in batch.columns]
                yield pa.RecordBatch.from_arrays(columns, names=[name.strip().lower() for name in batch.schema.names])
    except (pa.ArrowException, UnicodeDecodeError, LookupError):
        advice = "If it was not saved as UTF-8, name the encoding under `files` in the mapping, such as `encoding: windows-1252`."
        faults.add("The file cannot be read as CSV.", advice, [spot_of(file.name, "", None, "", None)])
