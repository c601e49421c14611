"""docs/faults.md: the counts that `make faults` found last, and the rules of `check`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from synapse_analytics.bundle.rules import RULES
from tests.faults.counted import Count

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
BEGIN, END = "<!-- counts: written by make faults -->", "<!-- end of counts -->"
INTRODUCTION = """# Faults and bad input, counted

`make faults` puts each of these faults into the real program and counts how it ends. Survived means: the program ended or answered as the
last column says, the store was the old one or the complete new one, and every row that came in was stored or reported. `make test`
tries a sample of each class.
"""


def write(counts: Sequence[Count], names: Sequence[str]) -> None:
    """Write these counts into the page; the rows of other classes stay, as long as there are such classes (`names`, in their order)."""
    PAGE.write_text(page(_table(rows() | {one.faults.name: _row(one) for one in counts}, names)), encoding="utf-8")


def rows() -> dict[str, list[str]]:
    """The cells of each row that stands in the page, by the name of its class."""
    lines = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].splitlines()
    return {
        cells[0]: cells
        for cells in (line.strip("| ").split(" | ") for line in lines if line.startswith("| ") and not line.startswith(("| class", "| **")))
    }


def page(counts: str | None = None) -> str:
    """The page with these counts; None: with those that stand in it."""
    if counts is None:
        counts = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip()
    rules = "\n".join(f"| {name} | {rule if isinstance(rule, str) else rule.sentence} |" for name, rule in RULES.items())
    return f"{INTRODUCTION}\n{BEGIN}\n{counts}\n{END}\n\n## Rules of `check`\n| rule | meaning |\n|---|---|\n{rules}\n"


def _row(one: Count) -> list[str]:
    return [one.faults.name, f"{one.tried:,}", f"{one.survived:,}", f"{one.lost:,}", f"{datetime.now(UTC):%Y-%m-%d}", one.faults.expected]


def _table(found: Mapping[str, Sequence[str]], names: Sequence[str]) -> str:
    kept = [found[name] for name in names if name in found]
    total = [f"{sum(int(cells[place].replace(',', '')) for cells in kept):,}" for place in (1, 2, 3)]
    head = ["| class of faults | tried | survived | rows lost | counted on | survived means |", "|---|---:|---:|---:|---|---|"]
    return "\n".join([*head, *(f"| {' | '.join(cells)} |" for cells in kept), f"| **all** | **{'** | **'.join(total)}** | | |"])
