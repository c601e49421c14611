"""The columns of answers by kind, and the one rule that names the support columns they rest on.

The patients of a count `responders` are in `responders_patients`, those of the count `n` of a row in `patients`. A share of
`responders` in `n` rests on both, and on the patients of `n` who are no responders, in `n_without_responders`. The functions of
cells.py fill these columns by the same rule.
"""

from __future__ import annotations

from collections.abc import Sequence

from synapse_analytics.disclosure import Kind, Measure

SHARE = ("share", "low", "high")


def patients_of(count: str) -> str:
    """The support column that holds the patients of a count."""
    return "patients" if count == "n" else f"{count}_patients"


def outside_of(part: str, of: str) -> str:
    """The support column that holds the patients of `of` without those of `part`."""
    return f"{of}_without_{part}"


def labels(*names: str) -> tuple[Measure, ...]:
    """Columns that name the row."""
    return tuple(Measure(name, Kind.LABEL) for name in names)


def counts_of(*names: str) -> tuple[Measure, ...]:
    """Columns that count episodes."""
    return tuple(Measure(name, Kind.COUNT, patients_of(name)) for name in names)


def share_of(part: str, of: str = "n", name: str = "share") -> Measure:
    """The share of one count in another."""
    return Measure(name, Kind.SHARE, patients_of(of), patients_of(part), outside_of(part, of), count=part, of=of)


def shares_of(part: str, of: str = "n", names: Sequence[str] = SHARE) -> tuple[Measure, ...]:
    """The share of one count in another and its limits."""
    return tuple(share_of(part, of, name) for name in names)


def means_of(*names: str, patients: str = "patients") -> tuple[Measure, ...]:
    """Means or SDs of scores; the row says in `reach` how wide their scale is."""
    return tuple(Measure(name, Kind.MEAN, patients, reach="reach") for name in names)


def intervals_of(*names: str, patients: str = "patients") -> tuple[Measure, ...]:
    """Limits of means of scores."""
    return tuple(Measure(name, Kind.INTERVAL, patients, reach="reach") for name in names)


def mean_with_limits(name: str = "mean", low: str = "low", high: str = "high", patients: str = "patients") -> tuple[Measure, ...]:
    """The mean of a score and its limits."""
    return (*means_of(name, patients=patients), *intervals_of(low, high, patients=patients))


def medians_of(*names: str, patients: str = "patients") -> tuple[Measure, ...]:
    """Medians."""
    return tuple(Measure(name, Kind.MEDIAN, patients) for name in names)


def quartiles_of(*names: str) -> tuple[Measure, ...]:
    """Lower or upper quartiles."""
    return tuple(Measure(name, Kind.QUARTILE) for name in names)


def spread() -> tuple[Measure, ...]:
    """How the scores of n episodes lie: mean, SD, limits of the mean and quartiles."""
    return (*means_of("mean", "sd"), *intervals_of("low", "high"), *QUARTILES)


def curve_of(events: str | None = None) -> tuple[Measure, ...]:
    """Points of an incidence with their limits and the number at risk; `events` holds the patients who had the event by then."""
    points = (Measure(name, Kind.CURVE, part=events) for name in ("incidence", "low", "high"))
    return (*points, Measure("at_risk", Kind.AT_RISK, part=events))


(N,) = counts_of("n")
QUARTILES = (*quartiles_of("q1"), *medians_of("median"), *quartiles_of("q3"))
