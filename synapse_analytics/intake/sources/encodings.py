"""The encoding of a text file: found, stated, and brought to UTF-8. Two encodings in one file are a fault that names the lines."""

from __future__ import annotations

import codecs
import io

from synapse_analytics.intake.faults import LISTED, Faults, Spot

_PIECE = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WRITE = "Save the file again as UTF-8, or write its encoding into the mapping, such as files: {name: {encoding: windows-1252}}."


def to_utf8(data: bytes, stated: str | None, name: str, faults: Faults) -> tuple[bytes, str] | None:
    """The file as UTF-8 without a mark at its start, and what its encoding is called; None when it cannot be read."""
    encoding = stated or _found(data)
    codec = _codec(encoding)
    if not codec:
        faults.add("The encoding in the mapping is not known.", "Allowed: utf-8, windows-1252, latin-1, utf-16.", [Spot(name)])
        return None
    if encoding == "windows-1252" and not stated and (lines := _mixed(data)):
        faults.add("Some lines are in UTF-8 and others in windows-1252; these are not in UTF-8.", _WRITE, _spots(name, lines), len(lines))
        return None
    if codec == "utf-8" and is_utf8(data):
        text = data.removeprefix(codecs.BOM_UTF8)
        return _without_nul(text, encoding, name, faults)
    try:
        return _without_nul(data.decode(codec).encode().removeprefix(codecs.BOM_UTF8), encoding, name, faults)
    except UnicodeError as error:
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
    faults.add(f"There is a letter that does not exist in {encoding}.", _WRITE, [Spot(name, row=line)])
    return None


def _codec(encoding: str) -> str:
    """The encoding as Python calls it; empty when it is none, or none of texts, such as hex."""
    try:
        codec = codecs.lookup(encoding).name
        b"ab".decode(codec)
    except LookupError:
        return ""
    except UnicodeError:
        pass  # the bytes of the file may fit
    return codec


def _found(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    start = data[:200]
    if len(start) > 3 and 2 * start[1::2].count(0) > len(start[1::2]):
        return "utf-16-le"
    return "utf-8" if is_utf8(data) else "windows-1252"


def is_utf8(data: bytes) -> bool:
    """True if all bytes are UTF-8; read in pieces, as a whole text would need four times the memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(data[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _mixed(data: bytes) -> list[int]:
    """The lines that are not UTF-8, when others with letters beyond ASCII are."""
    beyond = [(number, line) for number, line in enumerate(io.BytesIO(data), 1) if not line.isascii()]
    odd = [number for number, line in beyond if not is_utf8(line)]
    return odd if len(odd) < len(beyond) else []


def _spots(name: str, lines: list[int]) -> list[Spot]:
    return [Spot(name, row=line) for line in lines[:LISTED]]


def _without_nul(text: bytes, encoding: str, name: str, faults: Faults) -> tuple[bytes, str] | None:
    place = text.find(b"\0")
    if place < 0:
        return text, encoding
    line = text.count(b"\n", 0, place) + 1
    faults.add("There are bytes that no text file holds (NUL): the file is damaged.", "Export it again.", [Spot(name, row=line)])
    return None
