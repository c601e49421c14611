"""A Parquet file: turned into texts batch by batch, which are judged as those of a CSV file are.

Its description is read first, as it says how much the file would unpack to; texts stay dictionaries until they are short.
"""

from __future__ import annotations

import hashlib
import io
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from synapse_analytics.bundle.blocks import text_types
from synapse_analytics.bundle.file_read import FileRead, unread
from synapse_analytics.bundle.gatherer import Gatherer
from synapse_analytics.bundle.header import MOST_COLUMNS, check_names, column_label
from synapse_analytics.bundle.identity import MAX_JUDGED
from synapse_analytics.bundle.problems import Place, Report
from synapse_analytics.bundle.rows import Rows
from synapse_analytics.bundle.schema import RecordFile
from synapse_analytics.bundle.source import Member
from synapse_analytics.progress import Progress

_BATCH = 200_000
_MANY_ROWS = 1_000_000
_MOST_ROWS = 30 * _MANY_ROWS  # twice the scores of a million patients
_ROWS_OF_A_BYTE = 10  # different ids take more than a bit each; the same row repeated takes nothing
_MOST_OF_A_COLUMN = 64 << 20  # unpacked bytes of one column in one row group, beside _BYTES_OF_A_VALUE for each value
_BYTES_OF_A_VALUE = 40
_MOST_OF_A_GROUP = 4 * _MOST_OF_A_COLUMN  # the same for all columns of a row group together
_MOST_IN_A_ZIP = 512 << 20  # bytes, as such a file is held in memory; the scores of a million patients take 60 MB
_MANY_GROUPS, _ROWS_OF_A_GROUP = 1_000, 100  # more row groups than that must hold at least so many rows each
_TEXTS = frozenset({pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()})
_PLAIN = frozenset({"DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"})  # texts that Arrow cannot read as dictionaries


class _NotUtf8Error(Exception):
    """A text of this column is not UTF-8, first in this row of the batch (from 0)."""

    def __init__(self, column: str, row: int) -> None:
        super().__init__()
        self.column, self.row = column, row


def read_parquet(member: Member, file: RecordFile, report: Report, *, sha256: bool, progress: Progress) -> tuple[FileRead, str]:
    """The file and, when asked for, the sha256 of its bytes."""
    nothing = unread(file, member.name, report)
    if member.is_packed and member.size > _MOST_IN_A_ZIP:
        report.add("large_parquet_in_zip", Place(member.name), hint=f"at most {_MOST_IN_A_ZIP >> 20} MB")
        return nothing, ""
    with member.open() as handle:
        content = handle if isinstance(handle, io.BufferedReader) else io.BytesIO(handle.read())  # a zip cannot be read from its end
        digest = hashlib.file_digest(content, "sha256").hexdigest() if sha256 else ""
        try:
            source = _opened(content, member, report)
            names = check_names(source.schema_arrow.names, file, member.name, report) if source is not None else None
            return _read(source, Gatherer(file, names, Rows(member.name, report, has_lines=False)), progress) if names else nothing, digest
        except _NotUtf8Error as fault:
            report.add("not_utf8", Place(member.name, None, fault.row + 1, fault.column))
        except UnicodeDecodeError:  # the name of a column
            report.add("not_utf8", Place(member.name))
        except (pa.ArrowException, OSError):
            report.add("not_a_parquet", Place(member.name))
    return nothing, digest


def _read(source: parquet.ParquetFile, gatherer: Gatherer, progress: Progress) -> FileRead:
    rows = gatherer.rows
    for batch in source.iter_batches(_BATCH):
        texts = _as_texts(batch, gatherer.file, rows.total)
        rows.add(batch.num_rows)
        gatherer.take(texts)
        progress(f"Checking {rows.name}", rows.total, source.metadata.num_rows)
    return gatherer.finish()


def _opened(content: IO[bytes], member: Member, report: Report) -> parquet.ParquetFile | None:
    """The file with its texts as dictionaries; None when its description shows that it cannot be a file of records."""
    described = parquet.read_metadata(content)
    if described.num_columns >= MOST_COLUMNS:
        report.add("too_many_columns", Place(member.name), hint=f"the file has {described.num_columns:,} columns")
        return None
    if _is_packed_too_tightly(described, member.size):
        report.add("packed_too_tightly", Place(member.name), hint=f"the file has {described.num_rows:,} rows in {member.size:,} bytes")
        return None
    if described.num_row_groups > max(_MANY_GROUPS, described.num_rows // _ROWS_OF_A_GROUP):
        report.add(
            "too_many_row_groups",
            Place(member.name),
            hint=f"the file has {described.num_row_groups:,} row groups for {described.num_rows:,} rows",
        )
        return None
    schema = described.schema.to_arrow_schema()
    unreadable = [field for field in schema if not _is_readable(field.type)]
    for field in unreadable:
        report.add("unreadable_column", Place(member.name, column=column_label(field.name)), hint=f"it holds {_kind_name(field.type)}")
    if unreadable:
        return None
    content.seek(0)
    return parquet.ParquetFile(content, metadata=described, read_dictionary=_dictionaries(described))


def _is_readable(kind: pa.DataType) -> bool:
    """True if each row of the column holds one value that can be written as text: a text in bytes, but not an id in 16 bytes (UUID)."""
    return not (pa.types.is_nested(kind) or (isinstance(kind, pa.BaseExtensionType) and kind.storage_type not in _TEXTS))


def _kind_name(kind: pa.DataType) -> str:
    """The kind of a column in one word; its full type may hold names."""
    if isinstance(kind, pa.BaseExtensionType):
        return "bytes"
    return "records" if pa.types.is_struct(kind) else "lists"


def _is_packed_too_tightly(described: parquet.FileMetaData, size: int) -> bool:
    if described.num_rows > max(_MANY_ROWS, min(_MOST_ROWS, _ROWS_OF_A_BYTE * size)):
        return True
    return any(_is_too_large(described.row_group(number)) for number in range(described.num_row_groups))


def _is_too_large(group: parquet.RowGroupMetaData) -> bool:
    chunks = _chunks(group)
    values = sum(chunk.num_values for chunk in chunks)
    return sum(chunk.total_uncompressed_size for chunk in chunks) > _MOST_OF_A_GROUP + _BYTES_OF_A_VALUE * values or any(
        chunk.total_uncompressed_size > _MOST_OF_A_COLUMN + _BYTES_OF_A_VALUE * chunk.num_values for chunk in chunks
    )


def _dictionaries(described: parquet.FileMetaData) -> list[str]:
    """The columns of texts that can be read as dictionaries."""
    chunks = [chunk for number in range(described.num_row_groups) for chunk in _chunks(described.row_group(number))]
    plain = {chunk.path_in_schema for chunk in chunks if _PLAIN & set(chunk.encodings)}
    return [field.name for field in described.schema.to_arrow_schema() if field.type in _TEXTS and field.name not in plain]


def _chunks(group: parquet.RowGroupMetaData) -> list[parquet.ColumnChunkMetaData]:
    return [group.column(number) for number in range(group.num_columns)]


def _as_texts(batch: pa.RecordBatch, file: RecordFile, before: int) -> pa.Table:
    types = text_types(file, tuple(batch.schema.names))
    arrays = []
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        try:
            texts = _text(array)
        except _NotUtf8Error as fault:
            raise _NotUtf8Error(name, before + fault.row) from None
        arrays.append(texts if pa.types.is_string(types[name]) else texts.dictionary_encode())
    return pa.table(arrays, names=batch.schema.names)


def _text(array: pa.Array) -> pa.Array:
    """The values as they would stand in a CSV file; an empty text is not recorded."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        try:
            return _text(array.dictionary).take(array.indices)
        except _NotUtf8Error as fault:
            raise _NotUtf8Error("", pc.index(array.indices, pa.scalar(fault.row, array.indices.type)).as_py()) from None
    if pa.types.is_boolean(kind):
        return pc.if_else(array, "yes", "no").cast(pa.string())
    if pa.types.is_float16(kind):
        return _text(array.cast(pa.float32()))
    if pa.types.is_floating(kind):
        if pc.all(pc.or_kleene(pc.is_null(array, nan_is_null=True), pc.equal(array, pc.trunc(array)))).as_py() is not False:
            array = pc.if_else(pc.is_null(array, nan_is_null=True), None, array).cast(pa.int64())  # pandas keeps counts with gaps as floats
        return array.cast(pa.string())
    texts = _short(array) if kind in _TEXTS else array.cast(pa.string())
    return pc.if_else(pc.equal(texts, ""), None, texts).cast(pa.string())


def _short(array: pa.Array) -> pa.Array:
    """Texts cut to the length that is judged: a longer one is wrong anyway, and may be repeated in a million rows."""
    raw = array.cast(pa.large_binary())
    if (pc.max(pc.binary_length(raw)).as_py() or 0) > 4 * MAX_JUDGED:
        raw = pa.array([value and _utf8_start(value) for value in raw.to_pylist()], pa.large_binary())
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        raise _NotUtf8Error("", _first_not_utf8(raw)) from None


def _utf8_start(value: bytes) -> bytes:
    """The first letters of a long text, a short one as it is."""
    return value[: 4 * MAX_JUDGED].decode("utf-8", "ignore")[:MAX_JUDGED].encode() if len(value) > 4 * MAX_JUDGED else value


def _first_not_utf8(raw: pa.Array) -> int:
    for row, value in enumerate(raw.to_pylist()):
        try:
            _ = value and value.decode()
        except UnicodeDecodeError:
            return row
    return 0
