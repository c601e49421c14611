"""A CSV file in blocks of whole lines, each judged line by line and then parsed into columns of text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO

import pyarrow as pa
from pyarrow import csv as arrow_csv

from synapse_analytics.bundle.lines import Inspected, inspect_block
from synapse_analytics.bundle.schema import Kind, RecordFile

BLOCK_BYTES = 8 << 20  # large enough for vectors to pay, small enough that a few in flight stay under 200 MB
MAX_LINE = 1 << 16
_WORKERS = 2  # the structural pass and the parser release the interpreter's lock; more than two only add memory
_AHEAD = 3


class LineTooLongError(Exception):
    """A line is longer than any row can be."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of the rows of one CSV file: the header line, the names of the columns, and the type as which each is read."""

    header: bytes
    names: tuple[str, ...]
    types: dict[str, pa.DataType]


def text_types(file: RecordFile, names: tuple[str, ...]) -> dict[str, pa.DataType]:
    """The type as which each column is read: plain text for ids, for others a dictionary of their few distinct texts."""
    ids = {column.name for column in file.columns if column.kind is Kind.ID}
    return {name: pa.string() if name in ids else pa.dictionary(pa.int32(), pa.string()) for name in names}


def cut_blocks(handle: IO[bytes], rest: bytes, digest: hashlib._Hash | None) -> Iterator[bytes]:
    """The bytes after the header in blocks of whole lines; a missing last line end is added."""
    if cut := rest.rfind(b"\n") + 1:
        yield rest[:cut]
        rest = rest[cut:]
    while chunk := handle.read(BLOCK_BYTES):
        if digest:
            digest.update(chunk)
        cut = chunk.rfind(b"\n") + 1
        if not cut:
            if len(rest) + len(chunk) > MAX_LINE:
                raise LineTooLongError
            rest += chunk
            continue
        yield rest + chunk[:cut]
        rest = chunk[cut:]
    if len(rest) > MAX_LINE:
        raise LineTooLongError
    if rest:
        yield rest + b"\n"


def read_blocks(blocks: Iterator[bytes], layout: Layout) -> Iterator[tuple[int, Inspected, pa.Table]]:
    """(bytes, structure, texts) of each block in order, while worker threads are a few blocks ahead."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        ahead: list[Future] = []
        fault: LineTooLongError | None = None
        try:
            for block in blocks:
                ahead.append(pool.submit(_read_block, block, layout))
                if len(ahead) >= _AHEAD:
                    yield ahead.pop(0).result()
        except LineTooLongError as error:
            fault = error  # the lines before it are judged all the same
        while ahead:
            yield ahead.pop(0).result()
        if fault:
            raise fault


def _read_block(block: bytes, layout: Layout) -> tuple[int, Inspected, pa.Table]:
    seen = inspect_block(block, len(layout.names), layout.header)
    return len(block), seen, _parse(seen.good, layout)


def _parse(good: bytes, layout: Layout) -> pa.Table:
    """The fields as texts, with no guess at their type: an empty field is null, every other is kept as it is written."""
    if not good:
        return pa.table({name: pa.array([], kind) for name, kind in layout.types.items()})
    return arrow_csv.read_csv(
        pa.BufferReader(good),
        arrow_csv.ReadOptions(use_threads=False, block_size=len(good) + 1, column_names=list(layout.names)),
        arrow_csv.ParseOptions(ignore_empty_lines=False),
        arrow_csv.ConvertOptions(
            check_utf8=False,  # the structural pass did
            column_types=layout.types,
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
