"""Names of quarters and of months; a month is counted as year * 12 + month - 1, a quarter is a third of it."""

from __future__ import annotations


def quarter_name(quarters: int) -> str:
    """A quarter, counted since year 0, as people write it: 2023-Q1."""
    return f"{quarters // 4}-Q{quarters % 4 + 1}"


def month_name(month: int) -> str:
    """A month as people write it: 2023-07."""
    return f"{month // 12}-{month % 12 + 1:02d}"
