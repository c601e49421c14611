"""Typed columns and cells as the text that a person would write: dates as 2024-01-31, 12 for 12.0, yes and no; stripped, empty is null."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NO_BREAK_SPACES = "[\u00a0\u2007\u202f\ufeff]"
_DIGITS = 15  # a spreadsheet keeps 15 significant digits: 0.1 + 0.2 is 0.3


def is_nested(kind: pa.DataType) -> bool:
    """True for a column that holds lists, structures or bytes: no text can stand for it."""
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_nested(inner) or pa.types.is_binary(inner) or pa.types.is_large_binary(inner) or pa.types.is_fixed_size_binary(inner)


def column_of_texts(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Any column that is not nested as one array of clean texts."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):  # more text than one array of `string` can hold
        whole = pa.concat_arrays([chunk.cast(pa.large_string()) for chunk in whole.chunks])
    return clean(_as_text(whole))


def table_of_texts(table: pa.Table) -> pa.Table:
    """Every column of a table as clean texts."""
    return pa.table([column_of_texts(column) for column in table.columns], names=table.column_names)


def clean(texts: pa.Array) -> pa.Array:
    """Texts without spaces at both ends, no-break spaces as spaces, and null where nothing is left."""
    if _is_ascii(texts):
        trimmed = pc.ascii_trim_whitespace(texts)
    else:
        trimmed = pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, NO_BREAK_SPACES, " "))
    empty = pc.equal(trimmed, "")
    return pc.if_else(empty, pa.scalar(None, trimmed.type), trimmed) if pc.any(empty).as_py() else trimmed


def _is_ascii(texts: pa.Array) -> bool:
    """True when no letter is beyond ASCII, by the bytes of all texts at once."""
    content = texts.buffers()[2]
    return content is None or content.size == 0 or int(np.frombuffer(content, np.uint8).max()) < 128


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    written = next((write for is_kind, write in _TYPES if is_kind(column.type)), None)
    return written(column) if written else column.cast(pa.string())


def _of_moments(column: pa.Array) -> pa.Array:
    """Date and time to the minute; the date alone where the time is midnight."""
    return pc.replace_substring_regex(pc.strftime(column, format="%Y-%m-%d %H:%M"), " 00:00$", "")


def _of_times(column: pa.Array) -> pa.Array:
    return pc.utf8_slice_codeunits(column.cast(pa.string()), 0, 5)


def _of_decimals(column: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(column.cast(pa.string()), r"\.0+$", "")


def _of_floats(column: pa.Array) -> pa.Array:
    """12 for 12.0, and no value for what is no number; digits are never written with an exponent when they are whole."""
    known = pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
    whole = pc.and_(pc.equal(pc.round(known), known), pc.less(pc.abs(known), 1e15))
    wholes = pc.if_else(whole, known, pa.scalar(None, column.type)).cast(pa.int64()).cast(pa.string())
    return pc.if_else(pc.fill_null(whole, fill_value=False), wholes, known.cast(pa.string()))


_TYPES: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.Array]], ...] = (
    (pa.types.is_boolean, lambda column: pc.if_else(column, "yes", "no")),
    (pa.types.is_timestamp, _of_moments),
    (pa.types.is_time, _of_times),
    (pa.types.is_floating, _of_floats),
    (pa.types.is_decimal, _of_decimals),
)


def array_of_cells(cells: Sequence[Any]) -> pa.Array:
    """The cells of one column of a spreadsheet as clean texts."""
    return clean(pa.array([text_of(cell) for cell in cells], pa.string()))


def text_of(cell: Any) -> str | None:
    """One cell of a spreadsheet as text."""
    if isinstance(cell, str) or cell is None:
        return cell
    return _WRITTEN.get(type(cell), str)(cell)


def _moment(cell: dt.datetime) -> str:
    return cell.strftime("%Y-%m-%d") if cell.time() == dt.time() else cell.strftime("%Y-%m-%d %H:%M")


def _span(cell: dt.timedelta) -> str:
    minutes = round(cell.total_seconds() / 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def _number(cell: float) -> str:
    return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.{_DIGITS}g}"


_WRITTEN: dict[type, Any] = {
    bool: lambda cell: "yes" if cell else "no",
    float: _number,
    dt.datetime: _moment,
    dt.date: dt.date.isoformat,
    dt.time: lambda cell: cell.strftime("%H:%M"),
    dt.timedelta: _span,
}
