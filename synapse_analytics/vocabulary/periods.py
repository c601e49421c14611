"""Months, quarters, half-years and years: their names (`2023-Q3`), their numbers in time, and the words for them, the same on every machine."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH, QUARTER, HALF_YEAR, YEAR = "month", "quarter", "half-year", "year"
MONTHS_IN: Mapping[str, int] = MappingProxyType({MONTH: 1, QUARTER: 3, HALF_YEAR: 6, YEAR: 12})  # the finest first
LETTERS = {QUARTER: "Q", HALF_YEAR: "H"}


@functools.lru_cache(maxsize=8_192)  # every answer names the same few periods
def name_of(place: int, period: str) -> str:
    """The name of the period with this number (periods since year 0): `2023-07`, `2023-Q3`, `2023-H2` or `2023`."""
    year, part = divmod(place, 12 // MONTHS_IN[period])
    if period == YEAR:
        return str(year)
    return f"{year}-{part + 1:02d}" if period == MONTH else f"{year}-{LETTERS[period]}{part + 1}"


def period_of(name: str) -> str:
    """The kind of period that a name is of: month, quarter, half-year or year."""
    if "-" not in name:
        return YEAR
    return next((period for period, letter in LETTERS.items() if letter in name), MONTH)


def place_of(name: str) -> int:
    """The number of a named period (periods since year 0); the next period has the next number, so that a gap stays a gap."""
    year, _, part = name.partition("-")
    return int(year) * (12 // MONTHS_IN[period_of(name)]) + (int(part.lstrip("QH")) - 1 if part else 0)


def within(name: str, period: str) -> str:
    """The quarter (or half-year, or year) in which a named period begins; the name itself when it is of a period as long, or longer."""
    own = MONTHS_IN[period_of(name)]
    return name if own >= MONTHS_IN[period] else name_of(place_of(name) * own // MONTHS_IN[period], period)


def overlap(one: str, other: str) -> bool:
    """True if one of two named periods lies in the other."""
    return within(one, period_of(other)) == other or within(other, period_of(one)) == one


@functools.lru_cache(maxsize=8_192)
def spoken(name: str) -> str:
    """`2023-07` as `Jul 2023`, `2023-Q3` as `Q3 2023`, `2023-H2` as `H2 2023`; a year as it is."""
    year, _, part = name.partition("-")
    if not part:
        return year
    return f"{part if not part.isdigit() else MONTHS[int(part) - 1]} {year}"
