"""The rows of one file: which lines were taken out as broken, and which cells have a problem already, so that none is told twice."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

MAX_SALVAGED = 100_000  # broken lines whose text is kept; beyond this, what else they held says nothing
_MOST_SALVAGED = 16 << 20  # bytes of them in which ids are looked for: an id a line is 6 MB


@dataclass
class Rows:
    """Counts of a file's rows. A row that was kept knows its number in the file, however many broken ones came before it."""

    total: int = 0
    kept: int = 0
    has_lines: bool = True  # a Parquet file has rows but no lines
    broken_text: list[bytes] = field(default_factory=list)
    _runs: list[tuple[np.ndarray, np.ndarray]] = field(
        default_factory=list
    )  # of each run of broken rows: kept rows before, broken up to its end
    _wrong: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def add(self, lines: int, broken: np.ndarray, text: list[bytes]) -> None:
        """Count more lines, of which these (from 0, ascending) are broken; millions of blank lines are one run."""
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
            self._runs = [(np.concatenate([run[0] for run in self._runs]), np.concatenate([run[1] for run in self._runs]))]
        before, broken = self._runs[0]
        runs = np.searchsorted(before, kept, side="right")
        return kept + 1 + np.where(runs > 0, broken[runs - 1], 0)

    def salvaged(self) -> set[str] | None:
        """The texts between the commas of the broken lines; none if there are too many broken lines to look through."""
        if len(self.broken_text) > MAX_SALVAGED or sum(map(len, self.broken_text)) > _MOST_SALVAGED:
            return None
        return {part.strip('" \r') for line in self.broken_text for part in line.decode("latin-1").split(",")}

    def mark(self, column: str, kept: np.ndarray) -> None:
        """Note that these rows (from 0) have a problem in this column."""
        if kept.size:
            self._wrong.setdefault(column, []).append(kept)

    def unmarked(self, column: str, kept: np.ndarray) -> np.ndarray:
        """Those of the rows that have no problem in this column yet."""
        wrong = self._wrong.get(column)
        if not wrong or not kept.size:
            return kept
        if len(wrong) > 1:
            self._wrong[column] = wrong = [np.unique(np.concatenate(wrong))]
        return kept[~np.isin(kept, wrong[0])]
