"""What an attack reports: how much it tried, what it found, and where it guessed wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.attacks.desk import Seen

KEPT = 40  # findings of one kind and place that are written down; all are counted


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found out."""

    kind: str
    clinic: str
    where: str  # answer.table.column
    asked: str  # cohort and options
    cell: str  # the labels of the row
    released: Any
    truth: Any
    how: str


@dataclass
class Result:
    """The count of one attack on one policy."""

    attack: str
    policy: str
    tried: int = 0
    found: int = 0
    wrong: int = 0
    findings: list[Finding] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)  # cells the attack takes for one number although they are two: its own faults
    resting: int = 0  # of the found: shown numbers that rest on few, beside those found by reckoning
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)

    def report(self, finding: Finding) -> None:
        """Count a finding, and write down the first ones of each kind and place."""
        self.found += 1
        self.counted[finding.kind, finding.where] += 1
        if self.counted[finding.kind, finding.where] <= KEPT:
            self.findings.append(finding)

    def add(self, other: Result) -> None:
        """Add the counts of another clinic."""
        self.tried += other.tried
        self.found += other.found
        self.wrong += other.wrong
        self.findings += other.findings
        self.resting += other.resting
        self.clashes += other.clashes
        self.counted += other.counted


def asked_words(seen: Seen) -> str:
    """Cohort and options in one line."""
    options = " ".join(f"{name}={value}" for name, value in seen.document["options"].items() if value is not None)
    return f"[{seen.document['cohort'] or 'all'}] {options}".strip()


def cell_words(row: dict[str, Any]) -> str:
    """The texts of a row, which say which row it is."""
    return " ".join(str(value) for name, value in row.items() if isinstance(value, str | list) and name not in ("withheld", "sentence"))[
        :120
    ]
