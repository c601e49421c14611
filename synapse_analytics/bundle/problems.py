"""The findings of a check: problems and warnings, with every value masked. Nothing here may hold a value in full."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from synapse_analytics.bundle.headings import is_like_a_value
from synapse_analytics.bundle.rules import RULES
from synapse_analytics.vocabulary.plurals import counted

LISTED_PER_RULE = 1_000  # counts stay complete; a list this long is enough to find the cause
_SHOWN_NAME = re.compile(r"[^\W\d_][\w .\-/()%&:+?#]{0,63}")
_DIGIT_RUN = re.compile(r"\d{4,}")


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a problem; the header is line 1, the first data row is row 1."""

    file: str
    line: int | None = None
    row: int | None = None
    column: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for refusal; `value` is masked, `hint` is the nearest legal value, the legal range or advice."""

    file: str
    line: int | None
    row: int | None
    column: str
    rule: str
    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Warning_:  # noqa: N801 - `Warning` is a builtin
    """How often something odd was found for which no bundle is refused."""

    rule: str
    file: str
    n: int


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict on one bundle: its rows by file, its problems (all of them in `counts`, by rule), and its tables when it is accepted."""

    accepted: bool
    rows: dict[str, int]
    counts: dict[str, int]
    problems: list[Problem]
    warnings: list[Warning_]
    manifest: dict[str, Any]
    tables: dict[str, pa.Table] = field(default_factory=dict)

    def sentence(self) -> str:
        """The verdict in words: how many rows were accepted, or how many problems there are."""
        if self.accepted:
            return f"Accepted: {counted(sum(self.rows.values()), 'row')} in {counted(len(self.rows), 'file')}."
        return f"Refused: {counted(sum(self.counts.values()), 'problem')}. Nothing was loaded."


def mask(text: str) -> str:
    """The value with all but its outermost characters hidden; one of fewer than 7 characters is hidden whole."""
    length = len(text)
    shown = 2 if length >= 10 else 1 if length >= 7 else 0
    if not shown:
        return "*" * length
    first, hidden, last = text[:shown], "*" * min(length - 2 * shown, 24), text[-shown:]
    return f"{first}{hidden}{last}" if (first + last).isprintable() else hidden


def shown_name(text: str) -> str:
    """The name of a file or column as found, masked when it does not look like a name (it may be a value in the wrong place)."""
    if _SHOWN_NAME.fullmatch(text) and not _DIGIT_RUN.search(text) and not is_like_a_value(text):
        return text
    return mask(text) or "(no name)"


class Report:
    """Collects problems: the full count of each rule, and a list of its first thousand problems."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.problems: list[Problem] = []

    def add(self, rule: str, place: Place, text: str = "", hint: str = "") -> None:
        """Count one problem, and list it if there is room; `text` is the raw value, which is kept only masked."""
        assert rule in RULES, rule  # noqa: S101 - a rule without a sentence is a fault of ours, not of the bundle
        self.counts[rule] += 1
        if self.counts[rule] <= LISTED_PER_RULE:
            self.problems.append(Problem(place.file, place.line, place.row, place.column, rule, mask(text), hint))

    def room(self, rule: str) -> int:
        """How many more problems of this rule will be listed."""
        return max(LISTED_PER_RULE - self.counts[rule], 0)

    def count(self, rule: str, more: int) -> None:
        """Count so many problems that are not listed."""
        if more > 0:  # counting none must not make an entry
            self.counts[rule] += more
