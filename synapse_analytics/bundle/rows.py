"""The rows of one file: which lines were left out as broken, which cells are reported already, and where a problem is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from synapse_analytics.bundle.problems import Place, Report

MAX_SALVAGED = 100_000  # broken lines whose text is kept; with more, an id that seems lost may stand in a line without a text
_MOST_SALVAGED = 16 << 20  # bytes of those lines in which ids are looked for: one id a line is 6 MB
_NO_ROWS = np.empty(0, np.int64)


@dataclass
class Rows:
    """Counts the rows of one file and reports their problems. A kept row knows its number in the file, however many broken rows came before."""

    name: str
    report: Report
    has_lines: bool = True  # a Parquet file has rows but no lines
    total: int = 0
    kept: int = 0
    broken_text: list[bytes] = field(default_factory=list)
    # For each run of broken rows: how many kept rows come before it, and how many rows are broken up to its end.
    _runs: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    _reported: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def add(self, lines: int, broken: np.ndarray = _NO_ROWS, text: Sequence[bytes] = ()) -> None:
        """Count more rows, of which these (from 0, ascending) are broken; millions of blank lines are one run."""
        if broken.size:
            first = np.flatnonzero(np.diff(broken, prepend=-2) != 1)
            self._runs.append((self.kept + broken[first] - first, self.total - self.kept + np.append(first[1:], broken.size)))
            self.broken_text.extend(text[: MAX_SALVAGED + 1 - len(self.broken_text)])
        self.total += lines
        self.kept += lines - broken.size

    def numbers(self, kept: np.ndarray) -> np.ndarray:
        """Row numbers (from 1) of kept rows given by their order (from 0)."""
        if not self._runs:
            return kept + 1
        if len(self._runs) > 1:
            befores, brokens = zip(*self._runs, strict=True)
            self._runs = [(np.concatenate(befores), np.concatenate(brokens))]
        before, broken = self._runs[0]
        runs = np.searchsorted(before, kept, side="right")
        return kept + 1 + np.where(runs > 0, broken[runs - 1], 0)

    def salvaged(self) -> set[str] | None:
        """The texts between the commas of the broken lines; None if there are too many broken lines to look through."""
        if len(self.broken_text) > MAX_SALVAGED or sum(map(len, self.broken_text)) > _MOST_SALVAGED:
            return None
        return {part.strip('" \r') for line in self.broken_text for part in line.decode("latin-1").split(",")}

    def mark(self, column: str, kept: np.ndarray) -> None:
        """Note that these rows (from 0) have a reported problem in this column."""
        if kept.size:
            self._reported.setdefault(column, []).append(kept)

    def unmarked(self, column: str, kept: np.ndarray) -> np.ndarray:
        """Those of the rows that have no reported problem in this column yet."""
        reported = self._reported.get(column)
        if not reported or not kept.size:
            return kept
        if len(reported) > 1:
            self._reported[column] = reported = [np.unique(np.concatenate(reported))]
        return kept[~np.isin(kept, reported[0])]

    def places(self, column: str, kept: np.ndarray) -> list[Place]:
        """The place of each of these rows (from 0) in the file."""
        return [Place(self.name, row + 1 if self.has_lines else None, row, column) for row in self.numbers(kept).tolist()]

    def tell(self, rule: str, column: str, kept: np.ndarray, text: str = "", hint: str = "") -> None:
        """Report kept rows (from 0) that hold the same text, and list as many of them as may be listed."""
        listed = kept[: self.report.room(rule)]
        for place in self.places(column, listed):
            self.report.add(rule, place, text, hint)
        self.report.count(rule, kept.size - listed.size)
