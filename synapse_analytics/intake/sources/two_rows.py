"""A header of one row or of two: visits over merged or blank cells, and below them the same names again for each visit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from synapse_analytics.bundle.headings import is_like_a_value
from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.sources.headers import LOOKED_AT, Rows, header_of, is_header, names_of

Merged = Mapping[int, Mapping[int, int]]  # row -> first column -> last column of the areas that are merged sideways, from 0


@dataclass(frozen=True, slots=True)
class Header:
    """The place of the header (from 0), of its second row where it has two; and what the first row puts before each name."""

    place: int
    before: tuple[str, ...] = ()

    @property
    def above(self) -> int:
        """How many rows stand above it."""
        return self.place - bool(self.before)

    def names(self, row: Sequence[str | None]) -> list[str]:
        """The names of the columns, of which `row` has the last part."""
        before = [*self.before, *[""] * (len(row) - len(self.before))]
        return names_of([name if name == first else f"{first} {name or ''}" for first, name in zip(before, row, strict=False)])

    def said(self, line: int) -> str:
        """In which row it stands, for people; `line` is that of its last row."""
        return f"a header of two rows, the second in row {line:,}" if self.before else f"header in row {line:,}"


def find_header(rows: Rows, reading: Reading, merged: Merged) -> Header | None:
    """The header among the first rows, as the mapping says or as it is found; None where no row looks like one."""
    place = reading.header - 1 if reading.header else header_of(rows[:LOOKED_AT])
    if place is None or place >= len(rows):
        return None
    if reading.header_rows == 1:
        return Header(place)
    pairs = [_Pair.of(rows, place, merged), *([] if reading.header else [_Pair.of(rows, place + 1, merged)])]
    sure = next((pair for number, pair in enumerate(pairs) if pair and pair.is_sure(with_its_own=number > 0)), None)
    if sure or reading.header_rows is None:
        return sure.header(stated=False) if sure else Header(place)
    stated = next((pair for pair in pairs if pair and any(pair.upper)), None)
    return stated.header(stated=True) if stated else None


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two rows that may be a header together; `spans` are the first and last column of each name of the upper one."""

    place: int
    upper: list[str]
    lower: list[str]
    spans: list[tuple[int, int]]
    is_merged: bool

    @classmethod
    def of(cls, rows: Rows, place: int, merged: Merged) -> _Pair | None:
        if not 0 < place < len(rows):
            return None
        width = max(len(rows[place - 1]), len(rows[place]))
        upper, lower = ([" ".join((cell or "").split()) for cell in row] + [""] * (width - len(row)) for row in rows[place - 1 : place + 1])
        ends = merged.get(place - 1, {})
        return cls(place, upper, lower, list(_spans(upper, ends)), bool(ends))

    @property
    def again(self) -> set[str]:
        """The names that the lower row has several times."""
        return {name for name, times in Counter(filter(None, self.lower)).items() if times > 1}

    @property
    def repeating(self) -> list[tuple[int, int]]:
        """The spans with names that stand below others, too: the visits."""
        again = self.again
        return [(first, last) for first, last in self.spans if again & set(self.lower[first : last + 1])]

    def is_sure(self, *, with_its_own: bool) -> bool:
        """True if nothing else can be meant. `with_its_own`: the upper row could be a header, so the lower one must be no record."""
        under = [self.lower[first : last + 1] for first, last in self.repeating]
        visits = [self.upper[first] for first, _ in self.repeating]
        if len(visits) < 2 or not is_header(visits) or any(map(is_like_a_value, [*visits, *filter(None, sum(under, []))])):
            return False
        ends_are_known = self.is_merged or all(set(one) == set(under[0]) for one in under)
        is_over_several = any(last > first for first, last in self.repeating)
        names = self.header(stated=False).names(self.lower)
        return ends_are_known and is_over_several and len(set(names)) == len(names) and (not with_its_own or self._has_its_own())

    def _has_its_own(self) -> bool:
        """True if the columns beside the visits have their names in the upper row: a record would have values below them."""
        inside = {column for first, last in self.repeating for column in range(first, last + 1)}
        beside = [(name, below) for column, (name, below) in enumerate(zip(self.upper, self.lower, strict=True)) if column not in inside]
        return any(name for name, _ in beside) and all(below in {"", name} for name, below in beside)

    def header(self, *, stated: bool) -> Header:
        """The header of both rows: each visit before the names below it, or every name of the upper row where the mapping says so."""
        before, repeating = [""] * len(self.upper), set(self.repeating)
        for first, last in self.spans:
            for column in range(first, last + 1):
                name = self.lower[column]
                is_below = bool(name) and (stated or (first, last) in repeating)
                is_below = is_below and not any(map(is_like_a_value, (self.upper[first], name)))  # a person above scores is no visit
                before[column] = self.upper[first] if is_below or (not name and column == first) else ""
        return Header(self.place, tuple(before))


def _spans(upper: Sequence[str], ends: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """How far each name reaches: as cells are merged; where none are, over the empty cells, or the same name, to its right."""
    starts = [column for column, name in enumerate(upper) if name and (ends or name != next(filter(None, reversed(upper[:column])), ""))]
    for first, after in zip(starts, [*starts[1:], len(upper)], strict=False):  # none where it is blank
        yield first, ends.get(first, first) if ends else after - 1
