"""Shares of episodes: the columns n, of, share, low, high of an answer, and what the gate is told about them."""

from __future__ import annotations

from typing import Any

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


def outside(patients: int, patients_of: int, *, n: int, of: int) -> int:
    """At least so many patients are outside a numerator: one with two episodes may be inside and outside."""
    return max(patients_of - patients, 1 if of > n else 0)


def share_cells(n: int, of: int, patients: int, patients_of: int) -> dict[str, Any]:
    """n, of, share, low, high and the patients they rest on (Wilson 1927)."""
    estimate = wilson(n, of)
    return {
        "n": n,
        "of": of,
        "share": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "patients": patients,
        "patients_of": patients_of,
        "patients_outside": outside(patients, patients_of, n=n, of=of),
    }
