"""docs/faults.md: the counts that `make faults` found last, and the rules of `check`."""

from __future__ import annotations

from collections.abc import Sequence
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


def write(counts: Sequence[Count]) -> None:
    """Write the page with these counts."""
    PAGE.write_text(page(_table(counts)), encoding="utf-8")


def page(counts: str | None = None) -> str:
    """The page with these counts; None: with those that stand in it."""
    if counts is None:
        counts = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip()
    rules = "\n".join(f"| {name} | {rule if isinstance(rule, str) else rule.sentence} |" for name, rule in RULES.items())
    return f"{INTRODUCTION}\n{BEGIN}\n{counts}\n{END}\n\n## Rules of `check`\n| rule | meaning |\n|---|---|\n{rules}\n"


def _table(counts: Sequence[Count]) -> str:
    rows = [f"| {one.faults.name} | {one.tried:,} | {one.survived:,} | {one.lost:,} | {one.faults.expected} |" for one in counts]
    total = f"| **all** | **{sum(one.tried for one in counts):,}** | **{sum(one.survived for one in counts):,}** | **{sum(one.lost for one in counts):,}** | |"
    head = f"Counted on {datetime.now(UTC):%Y-%m-%d}.\n\n| class of faults | tried | survived | rows lost | survived means |\n|---|---:|---:|---:|---|"
    return "\n".join([head, *rows, total])
