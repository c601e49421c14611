"""What is wrong with a source or a mapping: where, with every value masked, and what to write. Nothing here holds a value in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synapse_analytics.bundle.problems import mask, shown_name
from synapse_analytics.errors import IntakeRefused
from synapse_analytics.vocabulary.plurals import counted

LISTED = 5  # places of one fault that are named; the count is complete
NAMED = 50  # faults of one file that are named: nobody mends more at once


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a source: file, sheet, row as a person finds it, column; or a place in the mapping (`file` is then its name)."""

    file: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""  # masked

    def words(self) -> str:
        """The place as people say it."""
        parts = [shown_name(self.file)]
        parts += [f"sheet {shown_name(self.sheet)}"] if self.sheet else []
        parts += [f"row {self.row:,}"] if self.row is not None else []
        column = self.column.removeprefix("column ")  # a column without a name is called column 7
        parts += [f"column {column if column.isdecimal() else shown_name(column)}"] if self.column else []
        parts += [f"value {self.value}"] if self.value else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, how often, its first places, and what to do or to write into the mapping."""

    sentence: str
    advice: str
    spots: tuple[Spot, ...] = ()
    n: int = 1

    def words(self) -> str:
        """The fault in a few lines for people."""
        times = f" ({counted(self.n, 'time')})" if self.n > 1 else ""
        more = self.n - len(self.spots)
        places = [f"  {spot.words()}" for spot in self.spots] + ([f"  and {more:,} more"] if self.spots and more > 0 else [])
        return "\n".join([f"{self.sentence}{times}", *places, f"  {self.advice}"])


class Faults:
    """Collects faults; those with the same sentence, advice and column are one fault that is counted."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str, str, str], Fault] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._found.values())

    def add(self, sentence: str, advice: str, spots: Sequence[Spot] = (), n: int | None = None) -> None:
        """Count a fault with its places; `n` when there are more places than are given. Values of places must be masked (`spot_of`)."""
        first = spots[0] if spots else Spot("")
        key = (sentence, advice, first.file, first.sheet, first.column)
        known = self._found.get(key)
        count = len(spots) or 1 if n is None else n
        if known is None:
            self._found[key] = Fault(sentence, advice, tuple(spots[:LISTED]), count)
        else:
            self._found[key] = Fault(sentence, advice, (*known.spots, *spots)[:LISTED], known.n + count)

    def raise_if_any(self, message: str) -> None:
        """Raise IntakeRefused with all that was found; do nothing when nothing was."""
        if self._found:
            raise refused(message, tuple(self._found.values()))


def refused(message: str, faults: Sequence[Fault]) -> IntakeRefused:
    """The refusal that names every fault in words."""
    return IntakeRefused("\n".join([message, *(f"\n{fault.words()}" for fault in faults)]), faults)


def more_than_named(count: int) -> list[Fault]:
    """What is said of so many faults when only the first are named; nothing where all are."""
    return [Fault(f"There are {counted(count - NAMED, 'fault')} more.", "Mend these first.")] if count > NAMED else []


def spot_of(file: str, sheet: str, row: int | None, column: str, text: str | None) -> Spot:
    """A place with its value masked."""
    return Spot(file, sheet, row, column, mask(text) if text else "")
