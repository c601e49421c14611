"""The strict structural pass: every line of a block of bytes is one whole row, before anything parses it.

A line is judged alone: no legal field holds a line break, so a fault never hides the lines after it. All of it is
arithmetic on the positions of commas, quotes and line ends; a state machine in Python would take minutes for 14M rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from synapse_analytics.bundle.problems import LISTED_PER_RULE
from synapse_analytics.bundle.rows import MAX_SALVAGED

COMMA, QUOTE, LF, CR = b',"\n\r'
BOM = b"\xef\xbb\xbf"
_NONE = np.empty(0, np.int64)
_MOST_LINES = 1 << 20  # judged at a time: a block of blank lines would need a hundred times its size


@dataclass(frozen=True, slots=True)
class LineFault:
    """Lines of a block (from 0) that break one rule, and the field (from 0, -1 unknown) where."""

    rule: str
    lines: np.ndarray
    fields: np.ndarray


@dataclass(frozen=True, slots=True)
class Inspected:
    """What is left of a block when the broken lines are taken out."""

    lines: int
    good: bytes
    broken: np.ndarray  # line numbers in the block, ascending
    text: dict[int, bytes]  # of the broken lines that may be listed or searched, by number
    faults: list[LineFault]


def inspect_block(block: bytes, columns: int, header: bytes) -> Inspected:
    """Judge the lines of a block that ends with a line end; `header` is the header line without its end."""
    data = np.frombuffer(block, np.uint8)
    lines = _count_if_clean(block, data, columns, header)
    if lines is not None:
        return Inspected(lines, block, _NONE, {}, [])
    return _joined([_inspect(part, columns, header) for part in _parts(block, data)])


def _parts(block: bytes, data: np.ndarray) -> Iterator[bytes]:
    """The block in pieces that do not hold too many lines."""
    if np.count_nonzero(data == LF) <= _MOST_LINES:
        yield block
        return
    cuts = np.flatnonzero(data == LF)[_MOST_LINES - 1 :: _MOST_LINES] + 1
    for start, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(block)], strict=True):
        if end > start:
            yield block[start:end]


def _inspect(block: bytes, columns: int, header: bytes) -> Inspected:
    layout = _Layout(block, np.frombuffer(block, np.uint8))
    faults = layout.faults(columns, header)
    broken = np.sort(np.concatenate([fault.lines for fault in faults])) if faults else _NONE
    return Inspected(layout.ends.size, layout.without(broken), broken, layout.texts(broken, faults), faults)


def _joined(parts: list[Inspected]) -> Inspected:
    """The pieces of one block as one, lines counted from its start."""
    if len(parts) == 1:
        return parts[0]
    firsts = np.cumsum([0, *(part.lines for part in parts)]).tolist()
    placed = list(zip(firsts[:-1], parts, strict=True))
    faults = [LineFault(fault.rule, fault.lines + first, fault.fields) for first, part in placed for fault in part.faults]
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

    def texts(self, broken: np.ndarray, faults: list[LineFault]) -> dict[int, bytes]:
        """The broken lines that may be listed with their column, and the first of those whose ids may be looked for."""
        searched = broken[self.ends[broken] > self.starts[broken]][: MAX_SALVAGED + 1]
        listed = [fault.lines[:LISTED_PER_RULE] for fault in faults]
        return {number: self.line(number) for number in np.unique(np.concatenate([searched, *listed])).tolist()} if faults else {}

    def faults(self, columns: int, header: bytes) -> list[LineFault]:
        """The first fault of each broken line, by rule."""
        whole = np.bincount(self.line_of(self.separators), minlength=self.ends.size) + 1
        stray, unclosed = self._quote_faults()
        found = [
            ("nul_byte", np.flatnonzero(self.data == 0)),
            ("not_utf8", self._not_utf8()),
            ("stray_carriage_return", self._stray_carriage_returns()),
            ("blank_line", self.starts[self._blank()]),
            ("repeated_header", self._repeats(header)),
            ("stray_quote", stray),
            ("unclosed_quote", unclosed),
            ("short_row", self.starts[whole < columns]),
            ("long_row", self.starts[whole > columns]),
        ]
        seen = np.zeros(self.ends.size, bool)
        return [fault for rule, positions in found if (fault := self._fault(rule, positions, seen)) is not None]

    def _fault(self, rule: str, positions: np.ndarray, seen: np.ndarray) -> LineFault | None:
        if not positions.size:
            return None
        lines, first = np.unique(self.line_of(positions), return_index=True)
        new = ~seen[lines]
        lines, positions = lines[new], positions[first[new]]
        if not lines.size:
            return None
        seen[lines] = True
        fields = np.searchsorted(self.separators, positions) - self.first_separator[lines]
        return LineFault(rule, lines, fields if rule in _AT_A_FIELD else np.full(lines.size, -1))

    def _not_utf8(self) -> np.ndarray:
        if _is_utf8(self.block):
            return _NONE
        candidates = np.unique(self.line_of(np.flatnonzero(self.data >= 128)))
        return np.array([self.starts[i] + at for i in candidates if (at := _first_bad_byte(self.line(i))) is not None], np.int64)

    def _stray_carriage_returns(self) -> np.ndarray:
        returns = np.flatnonzero(self.data == CR)
        return returns[self.data[returns + 1] != LF]  # a block ends with LF, so there is a next byte

    def _blank(self) -> np.ndarray:
        length = self.ends - self.starts
        return (length == 0) | ((length == 1) & (self.data[self.starts] == CR))

    def _repeats(self, header: bytes) -> np.ndarray:
        """Starts of the lines that are the header again; letter by letter over all lines of its length, as there may be millions."""
        if header not in self.block:
            return _NONE
        begin = self.starts + len(BOM) * self._begins_with(BOM, self.starts, self.ends)
        length = self.ends - begin - ((self.ends > begin) & (self.data[np.maximum(self.ends - 1, 0)] == CR))
        same = np.flatnonzero(length == len(header))
        return self.starts[same[self._begins_with(header, begin[same], self.ends[same])]]

    def _begins_with(self, text: bytes, begin: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Whether each line begins with this text."""
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


_AT_A_FIELD = {"nul_byte", "not_utf8", "stray_carriage_return", "stray_quote", "unclosed_quote"}


def _is_utf8(text: bytes) -> bool:
    return _first_bad_byte(text) is None


def _first_bad_byte(text: bytes) -> int | None:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None
