"""What a column holds: a sample of its values, each distinct text once. Nothing of it is written into a draft but codes that are frequent."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.bundle.column_names import normalise
from synapse_analytics.bundle.headings import is_number_of_somebody
from synapse_analytics.bundle.identity import identity_rule
from synapse_analytics.intake.draft.names import field_named
from synapse_analytics.intake.raw import RawTable

SAMPLE = 20_000  # rows of a table, spread evenly
DISTINCT = 2_000  # texts of a column, the most frequent ones
LONGEST = 60  # characters of a code
FEW = 40  # more different texts than these are no list of codes


@dataclass(frozen=True)
class Look:
    """One column: what it is called, and the texts of a sample with how often each stands there."""

    table: RawTable
    name: str
    counts: dict[str, int] = field(repr=False)
    distinct: int = 0
    split: str = ""  # the sign between several answers in one cell
    who: str = ""  # the column that says whose a row is

    @property
    def label(self) -> str:
        """What a data dictionary calls the column; its name where there is none."""
        return self.table.labels.get(self.name) or self.name

    @cached_property
    def words(self) -> str:
        """The name as words joined by _."""
        return normalise(self.name)

    @cached_property
    def filled(self) -> int:
        """How many cells of the sample hold something."""
        return sum(self.counts.values())

    @cached_property
    def numbers(self) -> dict[str, float]:
        """The texts that are numbers."""
        found = {text: _number(text, self.table.decimal) for text in self.counts}
        return {text: number for text, number in found.items() if number is not None}

    @cached_property
    def is_numeric(self) -> bool:
        """True if nearly all texts are numbers; a few may be signs for what is missing."""
        return self.filled > 0 and sum(self.counts[text] for text in self.numbers) >= 0.7 * self.filled

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The texts of a list of codes: few, each of two patients at least (in two rows, where no column names them), and none that looks like a person's; none when it is no such list."""
        if not self.table.choices.get(self.name) and not 0 < self.distinct <= (DISTINCT if self.split else FEW):
            return ()
        listed = tuple(self.table.choices.get(self.name, {}))
        column = self.table.column(self.name)
        people = self._answers(self._once_each()) if self.who else self._answers(column)
        several = [text for text, _ in self._answers(column).most_common() if people[text] > 1]
        often = [text for text in several if 0 < len(text) <= LONGEST and not _identifies(text)]
        return tuple(dict.fromkeys([*listed, *often[:FEW]]))

    def _once_each(self) -> pa.Array | pa.ChunkedArray:
        """The texts of the column, each once for every patient who has it."""
        whose = pa.table({"text": self.table.column(self.name), "who": self.table.column(self.who)})
        return whose.group_by(["text", "who"]).aggregate([])["text"]

    def _answers(self, column: pa.Array | pa.ChunkedArray) -> Counter[str]:
        """How often each answer stands in these cells, in the order of the texts."""
        counted = pc.value_counts(column.drop_null())
        answers: Counter[str] = Counter()
        for text, n in sorted(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)):
            for answer in text.split(self.split) if self.split else [text]:
                answers[answer.strip()] += n
        return answers


def _identifies(text: str) -> bool:
    return identity_rule(text) is not None or is_number_of_somebody(text)


def looks_of(table: RawTable) -> list[Look]:
    """A look at every column of a table."""
    rows, who = _sampled(table), _who(table)
    return [_look(table, name, rows, who) for name in table.cells.column_names]


def look_of(table: RawTable, name: str) -> Look:
    """A look at one column of a table."""
    return _look(table, name, _sampled(table), _who(table))


def _sampled(table: RawTable) -> np.ndarray:
    return np.unique(np.linspace(0, max(table.n - 1, 0), min(table.n, SAMPLE)).astype(np.int64))


def _who(table: RawTable) -> str:
    """The column that says whose a row is; "" where none does."""
    names = table.cells.column_names
    return next((name for name in names if "patient_id" in {field_named(name), field_named(table.labels.get(name, ""))}), "")


def _look(table: RawTable, name: str, rows: np.ndarray, who: str) -> Look:
    column = table.column(name)
    sample = column if table.n <= SAMPLE else column.take(pa.array(rows))
    counted = pc.value_counts(sample.drop_null())
    most = pc.sort_indices(counted.field("counts"), sort_keys=[("", "descending")]) if len(counted) > DISTINCT else None
    kept = counted if most is None else counted.take(most[:DISTINCT])
    counts = dict(zip(kept.field("values").to_pylist(), kept.field("counts").to_pylist(), strict=True))
    return Look(table, name, {text: n for text, n in counts.items() if text}, len(counted), who=who)


def _number(text: str, decimal: str) -> float | None:
    try:
        number = float(text.replace(decimal, "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
