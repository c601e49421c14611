"""The strict structural pass: finds the lines of a block of bytes that are not one whole row, before anything parses the block.

Each line is judged alone: no legal field holds a line break, so a fault never hides the lines after it. Everything is
arithmetic on the positions of commas, quotes and line ends; a state machine in Python would take minutes for 14M rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from synapse_analytics.bundle.problems import LISTED_PER_RULE
from synapse_analytics.bundle.rows import MAX_SALVAGED

COMMA, QUOTE, LF, CR = b',"\n\r'
BOM = b"\xef\xbb\xbf"
_NONE = np.empty(0, np.int64)
_ESCAPED = (0xDC80, 0xDCFF)  # the letters by which Python stands for bytes that are not UTF-8
_Where = Callable[[np.ndarray], np.ndarray]  # from lines to the position of the fault in each
_PIECE = 1 << 19  # bytes judged at a time: blank lines or commas alone need a hundred times their size
_LONGEST_SALVAGED = 1 << 10  # bytes of a broken line whose ids may be looked for


@dataclass(frozen=True, slots=True)
class LineFault:
    """The number of lines of a block that break one rule; the first of them (from 0), and the field of the fault (from 0; -1: unknown)."""

    rule: str
    count: int
    lines: np.ndarray  # as many as may be listed
    fields: np.ndarray


@dataclass(frozen=True, slots=True)
class Inspected:
    """A block without its broken lines, and what is known of these."""

    lines: int
    good: bytes
    broken: np.ndarray  # line numbers in the block, ascending
    text: dict[int, bytes]  # by number, of the broken lines that may be listed or searched for ids
    faults: list[LineFault]


def inspect_block(block: bytes, columns: int, header: bytes) -> Inspected:
    """Judge the lines of a block that ends with a line end; `header` is the header line without its end."""
    data = np.frombuffer(block, np.uint8)
    lines = _count_if_clean(block, data, columns, header)
    if lines is not None:
        return Inspected(lines, block, _NONE, {}, [])
    parts: list[Inspected] = []
    salvaged = 0
    for piece in _pieces(block):
        parts.append(_inspect(piece, columns, header, MAX_SALVAGED + 1 - salvaged))
        salvaged += len(parts[-1].text)
    return _joined(parts)


def _pieces(block: bytes) -> Iterator[bytes]:
    """The block in pieces of whole lines."""
    start = 0
    while start < len(block):
        end = block.find(b"\n", min(start + _PIECE, len(block) - 1)) + 1
        yield block[start:end]
        start = end


def _inspect(block: bytes, columns: int, header: bytes, salvage: int) -> Inspected:
    layout = _Layout(block, np.frombuffer(block, np.uint8))
    faults, broken = layout.faults(columns, header)
    return Inspected(layout.ends.size, layout.without(broken), broken, layout.texts(broken, faults, salvage), faults)


def _joined(parts: list[Inspected]) -> Inspected:
    """The pieces of one block as one, lines counted from its start."""
    if len(parts) == 1:
        return parts[0]
    firsts = np.cumsum([0, *(part.lines for part in parts)]).tolist()
    placed = list(zip(firsts[:-1], parts, strict=True))
    faults = [LineFault(fault.rule, fault.count, fault.lines + first, fault.fields) for first, part in placed for fault in part.faults]
    broken = np.concatenate([part.broken + first for first, part in placed])
    text = {number + first: line for first, part in placed for number, line in part.text.items()}
    return Inspected(firsts[-1], b"".join(part.good for part in parts), broken, text, faults)


def _count_if_clean(block: bytes, data: np.ndarray, columns: int, header: bytes) -> int | None:
    """The number of lines when nothing is out of the ordinary, else None; this is all that most blocks need."""
    odd = b'"' in block or b"\0" in block or not block.isascii() or header in block
    if odd or (b"\r" in block and block.count(b"\r") != block.count(b"\r\n")):
        return None
    marks = data[(data == COMMA) | (data == LF)]
    if marks.size % columns:
        return None
    marks = marks.reshape(-1, columns)
    return marks.shape[0] if bool((marks[:, :-1] == COMMA).all() and (marks[:, -1] == LF).all()) else None


class _Layout:
    """Where the lines, fields and quotes of one block are."""

    def __init__(self, block: bytes, data: np.ndarray) -> None:
        self.block, self.data = block, data
        self.ends = np.flatnonzero(data == LF)
        self.starts = np.concatenate(([0], self.ends[:-1] + 1))
        self.quotes = np.flatnonzero(data == QUOTE)
        self.first_quote = np.searchsorted(self.quotes, self.starts)
        commas = np.flatnonzero(data == COMMA)
        inside = (np.searchsorted(self.quotes, commas) - self.first_quote[self.line_of(commas)]) % 2 == 1
        self.separators = commas[~inside]
        self.first_separator = np.searchsorted(self.separators, self.starts)

    def line_of(self, positions: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.ends, positions)

    def line(self, number: int) -> bytes:
        return self.block[self.starts[number] : self.ends[number]]

    def without(self, broken: np.ndarray) -> bytes:
        """The block without these lines."""
        if not broken.size:
            return self.block
        keep = np.ones(self.ends.size, bool)
        keep[broken] = False
        return self.data[np.repeat(keep, self.ends - self.starts + 1)].tobytes()

    def texts(self, broken: np.ndarray, faults: list[LineFault], salvage: int) -> dict[int, bytes]:
        """The text of broken lines, by number: of all that may be listed, and of the first `salvage` that may be searched for ids."""
        length = self.ends[broken] - self.starts[broken]
        searched = broken[(length > 0) & (length <= _LONGEST_SALVAGED)][: max(salvage, 0)]
        numbers = np.unique(np.concatenate([searched, *(fault.lines for fault in faults)])) if faults else _NONE
        return {number: self.line(number) for number in numbers.tolist()}

    def faults(self, columns: int, header: bytes) -> tuple[list[LineFault], np.ndarray]:
        """The first fault of each broken line, by rule, and the broken lines."""
        whole = np.bincount(self.line_of(self.separators), minlength=self.ends.size) + 1
        stray, unclosed = self._quote_faults()
        found = [
            ("nul_byte", *self._at(np.flatnonzero(self.data == 0))),
            ("not_utf8", self._not_utf8(), self._bad_bytes),
            ("stray_carriage_return", *self._at(self._stray_carriage_returns())),
            ("blank_line", np.flatnonzero(self._blank()), None),
            ("repeated_header", self._repeats(header), None),
            ("stray_quote", *self._at(stray)),
            ("unclosed_quote", *self._at(unclosed)),
            ("short_row", np.flatnonzero(whole < columns), None),
            ("long_row", np.flatnonzero(whole > columns), None),
        ]
        seen = np.zeros(self.ends.size, bool)
        faults = [self._fault(rule, lines, where, seen) for rule, lines, where in found]
        return [fault for fault in faults if fault.count], np.flatnonzero(seen)

    def _fault(self, rule: str, lines: np.ndarray, where: _Where | None, seen: np.ndarray) -> LineFault:
        lines = lines[~seen[lines]]
        seen[lines] = True
        listed = lines[:LISTED_PER_RULE]
        if where is None:
            return LineFault(rule, lines.size, listed, np.full(listed.size, -1))
        return LineFault(rule, lines.size, listed, np.searchsorted(self.separators, where(listed)) - self.first_separator[listed])

    def _at(self, positions: np.ndarray) -> tuple[np.ndarray, _Where]:
        """The lines of these positions (ascending), and the first position in each line."""
        lines, first = np.unique(self.line_of(positions), return_index=True)
        return lines, lambda listed: positions[first[np.searchsorted(lines, listed)]]

    def _not_utf8(self) -> np.ndarray:
        """Lines with a byte that belongs to no letter; counted in letters, as there may be millions."""
        if _first_bad_byte(self.block) is None:
            return _NONE
        letters = np.frombuffer(self.block.decode("utf-8", "surrogateescape").encode("utf-32-le", "surrogatepass"), np.uint32)
        bad = np.flatnonzero((letters >= _ESCAPED[0]) & (letters <= _ESCAPED[1]))
        return np.unique(np.searchsorted(np.flatnonzero(letters == LF), bad))

    def _bad_bytes(self, lines: np.ndarray) -> np.ndarray:
        return np.array([self.starts[line] + (_first_bad_byte(self.line(line)) or 0) for line in lines], np.int64)

    def _stray_carriage_returns(self) -> np.ndarray:
        returns = np.flatnonzero(self.data == CR)
        return returns[self.data[returns + 1] != LF]  # a block ends with LF, so there is a next byte

    def _blank(self) -> np.ndarray:
        length = self.ends - self.starts
        return (length == 0) | ((length == 1) & (self.data[self.starts] == CR))

    def _repeats(self, header: bytes) -> np.ndarray:
        """The lines that repeat the header, compared letter by letter over all lines of its length at once, as there may be millions."""
        if header not in self.block:
            return _NONE
        begin = self.starts + len(BOM) * self._begins_with(BOM, self.starts, self.ends)
        length = self.ends - begin - ((self.ends > begin) & (self.data[np.maximum(self.ends - 1, 0)] == CR))
        same = np.flatnonzero(length == len(header))
        return same[self._begins_with(header, begin[same], self.ends[same])]

    def _begins_with(self, text: bytes, begin: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """For each line: True if it begins with this text."""
        left = np.flatnonzero(ends - begin >= len(text))
        for place, letter in enumerate(text):
            left = left[self.data[begin[left] + place] == letter]
        begins = np.zeros(begin.size, bool)
        begins[left] = True
        return begins

    def _quote_faults(self) -> tuple[np.ndarray, np.ndarray]:
        """Positions of quotes that may not stand where they are, and of openings never closed on their line."""
        quotes, lines = self.quotes, self.line_of(self.quotes)
        ordinal = np.arange(quotes.size) - self.first_quote[lines]
        opening = ordinal % 2 == 0
        before = self.data[np.maximum(quotes - 1, 0)]
        after = self.data[np.minimum(quotes + 1, self.data.size - 1)]
        may_open = (quotes == self.starts[lines]) | (before == COMMA) | (before == QUOTE)
        ends_line = (after == LF) | ((after == CR) & (self.data[np.minimum(quotes + 2, self.data.size - 1)] == LF))
        may_close = (after == COMMA) | (after == QUOTE) | ends_line
        stray = quotes[np.where(opening, ~may_open, ~may_close)]
        last = np.ones(quotes.size, bool)
        last[:-1] = lines[1:] != lines[:-1]
        return stray, quotes[last & opening]


def _first_bad_byte(text: bytes) -> int | None:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None
