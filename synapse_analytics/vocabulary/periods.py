"""Months and quarters as people say them, the same whatever language the machine speaks."""

from __future__ import annotations

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def of_quarter(period: str) -> str:
    """The quarter a month lies in; a quarter is one already."""
    return period if "Q" in period else f"{period[:4]}-Q{(int(period[5:]) - 1) // 3 + 1}"


def spoken(period: str) -> str:
    """`2023-07` as `Jul 2023`, `2023-Q3` as `Q3 2023`."""
    year, _, part = period.partition("-")
    return f"{part if part.startswith('Q') else MONTHS[int(part) - 1]} {year}"
