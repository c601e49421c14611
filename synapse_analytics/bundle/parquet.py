"""A Parquet file of the same columns: turned into texts, batch by batch, and judged like CSV."""

from __future__ import annotations

import hashlib
import io

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from synapse_analytics.bundle.blocks import text_types
from synapse_analytics.bundle.header import check_names
from synapse_analytics.bundle.problems import Place, Report
from synapse_analytics.bundle.rows import Rows
from synapse_analytics.bundle.source import Member
from synapse_analytics.bundle.table_reader import FileRead, Gatherer
from synapse_analytics.progress import Progress
from synapse_analytics.records import RecordFile

_BATCH = 200_000


def read_parquet(member: Member, file: RecordFile, report: Report, *, sha256: bool, progress: Progress) -> tuple[FileRead, str]:
    """The file and, when asked for, the sha256 of its bytes."""
    with member.open() as handle:
        content = handle.read()
    digest = hashlib.sha256(content).hexdigest() if sha256 else ""
    unread = FileRead(file, member.name, Rows(has_lines=False), None)
    try:
        source = parquet.ParquetFile(io.BytesIO(content))
        header = check_names(source.schema_arrow.names, file, member.name, report)
        if header is None:
            return unread, digest
        gatherer = Gatherer(file, member.name, header, report)
        gatherer.rows.has_lines = False
        for batch in source.iter_batches(_BATCH):
            gatherer.rows.total += batch.num_rows
            gatherer.rows.kept += batch.num_rows
            gatherer.take(_as_texts(batch, file))
            progress(f"Checking {member.name}", gatherer.rows.total, source.metadata.num_rows)
    except (pa.ArrowException, OSError):
        report.add("not_a_parquet", Place(member.name))
        return unread, digest
    return gatherer.finish(), digest


def _as_texts(batch: pa.RecordBatch, file: RecordFile) -> pa.Table:
    types = text_types(file, tuple(batch.schema.names))
    arrays = []
    for name, array in zip(batch.schema.names, batch.columns, strict=True):
        texts = _text(array)
        arrays.append(texts if pa.types.is_string(types[name]) else texts.dictionary_encode())
    return pa.table(arrays, names=batch.schema.names)


def _text(array: pa.Array) -> pa.Array:
    """The values as they would stand in a CSV file; an empty text is not recorded."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _text(array.dictionary_decode())
    if pa.types.is_boolean(kind):
        return pc.if_else(array, "yes", "no").cast(pa.string())
    if pa.types.is_floating(kind):
        if pc.all(pc.or_kleene(pc.is_null(array, nan_is_null=True), pc.equal(array, pc.trunc(array)))).as_py() is not False:
            array = pc.if_else(pc.is_null(array, nan_is_null=True), None, array).cast(pa.int64())  # pandas keeps counts with gaps as floats
        return array.cast(pa.string())
    texts = array.cast(pa.string())
    return pc.if_else(pc.equal(texts, ""), None, texts).cast(pa.string())
