"""What became of every row and value: the account of one anonymisation. Nothing here holds a value of a patient."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TableAccount:
    """One table of the source: rows read = kept + merged + the sum of dropped; its columns that were used, and those left out and why."""

    table: str
    file: str
    sheet: str
    how: str
    read: int
    kept: int
    merged: int
    dropped: dict[str, int]  # reason -> rows
    used: tuple[str, ...]
    left_out: dict[str, str]  # column -> why


@dataclass(frozen=True, slots=True)
class ValuesLeftOut:
    """Values of one column that were not used although their row may have been: why, and how many."""

    table: str
    column: str
    why: str
    n: int


@dataclass(frozen=True, slots=True)
class UnmappedCode:
    """A code that the mapping does not name: where, how often, masked unless it is frequent and harmless, and the nearest known code."""

    table: str
    column: str
    code: str
    n: int
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Scores that contradict each other: the stated against the calculated one, or two on one day; what was done."""

    table: str
    instrument: str
    what: str
    n: int
    done: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Answers found near one visit: episodes with a baseline that could have answered by the last month, and those that did."""

    visit: str
    instrument: str
    expected: int
    answered: int


@dataclass(frozen=True, slots=True)
class Accounting:
    """The whole account of one anonymisation."""

    clinic: str
    data_until: str
    source: str  # kind: files, redcap, omop, fhir
    tables: tuple[TableAccount, ...]
    records: dict[str, int]  # file of the bundle -> rows written
    values: tuple[ValuesLeftOut, ...] = ()
    unmapped: tuple[UnmappedCode, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    cannot_say: tuple[str, ...] = ()  # sentences: what no column of the source gives
    warnings: tuple[str, ...] = ()  # of the check of the bundle
    identities: dict[str, str] = field(
        default_factory=dict
    )  # "table, column" that identifies people -> what it held; no value of it comes along

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)
