"""Old workbooks (.xls) written record by record: no program at hand writes them any more."""

from __future__ import annotations

import struct

DIV_0 = 7
_SECTOR, _END, _FREE, _TABLE = 512, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def text(row: int, column: int, said: str) -> bytes:
    """A cell with a text."""
    return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(said), 0) + said.encode("latin-1"))


def error(row: int, column: int) -> bytes:
    """A cell in which somebody wrote #DIV/0!."""
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, DIV_0, 1))


def formula(row: int, column: int, result: bytes) -> bytes:
    """A formula with these eight bytes as its result."""
    return record(0x0006, struct.pack("<HHH", row, column, 0) + result + bytes(6) + struct.pack("<H", 3) + b"\x1e\x01\x00")


FAILED = bytes([2, 0, DIV_0, 0, 0, 0, 0xFF, 0xFF])


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def xls(sheets: dict[str, list[bytes]], *, least: int = 4096) -> bytes:
    """A workbook of these sheets and their cells; the stream is as long as `least` at least, else it stands in the small sectors."""
    begin, end = (lambda kind: record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))), record(0x000A, b"")
    bodies = [begin(0x0010) + b"".join(cells) + end for cells in sheets.values()]
    names = [name.encode("utf-16-le") for name in sheets]
    at = len(begin(0x0005)) + sum(4 + 8 + len(name) for name in names) + len(end)
    globals_ = begin(0x0005)
    for name, body in zip(names, bodies, strict=True):
        globals_ += record(0x0085, struct.pack("<IBBBB", at, 0, 0, len(name) // 2, 1) + name)
        at += len(body)
    return _in_sectors((globals_ + end + b"".join(bodies)).ljust(least, b"\0"))


def _in_sectors(stream: bytes) -> bytes:
    """The stream `Workbook` in a file of sectors: the table, the directory, the table of small sectors, and the stream itself."""
    is_small = len(stream) < 4096
    count = -(-len(stream) // _SECTOR)
    chain = [*range(4, 3 + count), _END]
    table = [_TABLE, _END, _END, *chain]
    small = [*range(1, -(-len(stream) // 64)), _END] if is_small else []
    entry = lambda name, kind, child, start, size: (  # noqa: E731
        (name + "\0").encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBBIII", 2 * len(name) + 2, kind, 1, _FREE, _FREE, child)
        + bytes(36) + struct.pack("<IQ", start, size)
    )  # fmt: skip
    root = entry("Root Entry", 5, 1, 3 if is_small else _END, len(stream) if is_small else 0)
    directory = root + entry("Workbook", 2, _FREE, 0 if is_small else 3, len(stream))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 2, 1, _END, 0) + struct.pack("<109I", 0, *[_FREE] * 108)
    sectors = (_packed(table), directory.ljust(_SECTOR, b"\0"), _packed(small), stream.ljust(count * _SECTOR, b"\0"))
    return head + b"".join(sectors)


def _packed(numbers: list[int]) -> bytes:
    return struct.pack("<128I", *numbers, *[_FREE] * (128 - len(numbers)))
