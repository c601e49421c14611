"""Shares of episodes: the columns n, of, share, low, high of an answer, what the gate is told about them, and groups in order."""

from __future__ import annotations

from typing import Any

from synapse_analytics.cohort import Split, group_label, group_order
from synapse_analytics.counts import Counts
from synapse_analytics.disclosure import Kind, Measure
from synapse_analytics.estimates.descriptive import wilson

N = Measure("n", Kind.COUNT, "patients")
OF = Measure("of", Kind.COUNT, "patients_of")


def label(name: str) -> Measure:
    """A column that names the row."""
    return Measure(name, Kind.LABEL)


def share_measures() -> tuple[Measure, ...]:
    """share, low, high of `n` over `of`."""
    return tuple(share_measure(name) for name in ("share", "low", "high"))


def share_measure(name: str) -> Measure:
    """One of share, low, high."""
    return Measure(name, Kind.SHARE, "patients_of", part="patients", outside="patients_outside", count="n", of="of")


def outside_at_least(n: int, of: int, patients: int, patients_of: int) -> int:
    """A lower limit of the distinct patients behind `of` - `n` episodes, above nought where there are any: it can only withhold too much."""
    return max(patients_of - patients, 1 if of > n else 0)


def share_cells(n: int, of: int, patients: int, patients_of: int, patients_outside: int) -> dict[str, Any]:
    """n, of, share, low, high (Wilson 1927) and the patients of numerator, denominator and complement."""
    estimate = wilson(n, of)
    return {
        "n": n,
        "of": of,
        "share": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "patients": patients,
        "patients_of": patients_of,
        "patients_outside": patients_outside,
    }


def counted_share(found: Counts, place: int, name: str) -> dict[str, Any]:
    """The cells of the share of one fact among the episodes of one key."""
    numbers = (found.episodes(name), found.episodes(), found.patients(name), found.patients(), found.outside(name))
    return share_cells(*(int(column[place]) for column in numbers))


def in_order(by: Split, found: Counts) -> list[tuple[str, int]]:
    """(code of the group, place among the keys) in clinical order of the groups, then of what else they are counted by."""
    groups = [key[0] if by else None for key in found.keys]
    ranks = {value: rank for rank, value in enumerate(group_order(by, set(groups)))}
    rest = [key[1:] if by else key for key in found.keys]
    order = sorted(range(len(groups)), key=lambda place: (ranks[groups[place]], *rest[place]))
    return [(group_label(by, groups[place]), place) for place in order]
