"""What the reader of workbooks does not tell of an old .xls: its cells in error. They stand in records of the stream `Workbook`."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from synapse_analytics.intake.sources.workbook_parts import Places

DAMAGED = (ValueError, IndexError, struct.error)
_LAST = 0xFFFFFFFA  # from here on a number of a sector means none
_BOF, _SHEET, _FORMULA, _ERROR, _PASSWORD = 0x0809, 0x0085, 0x0006, 0x0205, 0x002F
_OF_BIFF8 = 0x0600


def errors_of(data: bytes) -> dict[str, Places]:
    """The cells in error by sheet; none where there is no such stream or it has a password. One of DAMAGED when it is not whole."""
    found: dict[str, Places] = {}
    names: dict[int, str] = {}  # where each sheet begins -> its name
    sheet, is_new = "", True
    for at, kind, body in _records(_workbook(data)):
        if kind == _PASSWORD:
            return {}
        if kind == _BOF:
            sheet = names.get(at, "")
            is_new = is_new and struct.unpack_from("<H", body)[0] == _OF_BIFF8
        elif kind == _SHEET:
            names[struct.unpack_from("<I", body)[0]] = _name(body[6:], is_new=is_new)
        elif kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2 or kind == _ERROR and body[7]:
            row, column = struct.unpack_from("<HH", body)
            found.setdefault(sheet, []).append((row + 1, column + 1))
    return found


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Place, kind and content of each record."""
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _name(body: bytes, *, is_new: bool) -> str:
    """The name of a sheet: its length, in newer files how its letters are written, and the letters."""
    if not is_new:
        return body[1 : 1 + body[0]].decode("cp1252")
    return body[2 : 2 + 2 * body[0]].decode("utf-16-le") if body[1] & 1 else body[2 : 2 + body[0]].decode("latin-1")


def _workbook(data: bytes) -> bytes:
    """The stream that holds the sheets; empty where there is none. The file is made of sectors, as a disk is: a table says which follows which."""
    shift, _ = struct.unpack_from("<HH", data, 30)
    tables, directory, _, cutoff, small_table = struct.unpack_from("<5I", data, 44)
    if not 7 <= shift <= 12:
        raise ValueError
    size = 1 << shift

    def sectors(start: int, table: list[int]) -> bytes:
        return b"".join(data[size * (one + 1) : size * (one + 2)] for one in _chain(start, table))

    table = _numbers(b"".join(data[size * (one + 1) : size * (one + 2)] for one in _places_of_table(data, size)[:tables]))
    entries = sectors(directory, table)
    root = entries[:128]
    for at in range(0, len(entries) - 127, 128):
        entry = entries[at : at + 128]
        if entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le") in {"Workbook", "Book"}:
            start, length = struct.unpack_from("<II", entry, 116)
            if length >= cutoff:
                return sectors(start, table)[:length]
            small = sectors(struct.unpack_from("<I", root, 116)[0], table)
            chain = _chain(start, _numbers(sectors(small_table, table)))
            return b"".join(small[64 * one : 64 * (one + 1)] for one in chain)[:length]
    return b""


def _places_of_table(data: bytes, size: int) -> list[int]:
    """The sectors in which the table of sectors stands: the first 109 are named at the start of the file."""
    found = list(struct.unpack_from("<109I", data, 76))
    following, seen = struct.unpack_from("<I", data, 68)[0], 0
    while following < _LAST and seen <= len(data) // size:
        numbers = _numbers(data[size * (following + 1) : size * (following + 2)])
        found, following, seen = found + numbers[:-1], numbers[-1] if numbers else _LAST, seen + 1
    return [one for one in found if one < _LAST]


def _numbers(part: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(part) // 4}I", part[: len(part) // 4 * 4]))


def _chain(start: int, table: list[int]) -> Iterator[int]:
    """The sectors of a stream, one after the other; ValueError for a chain without an end."""
    left = len(table)
    while start < _LAST:
        if start >= len(table) or not left:
            raise ValueError
        yield start
        start, left = table[start], left - 1
