"""The cells of a row: counts with the patients behind them, shares and their support, and scores in their own unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics.analyses.measures import SHARE, outside_of, patients_of
from synapse_analytics.counts import Counted
from synapse_analytics.estimates import Estimate
from synapse_analytics.estimates.descriptive import wilson

Row = dict[str, Any]
THOUSAND = 1000  # scores are stored in thousandths


def rows_of(columns: Mapping[str, Sequence[Any]]) -> list[Row]:
    """Columns of equal length as rows."""
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def count_cells(name: str, counted: Counted) -> Row:
    """A count and its patients."""
    return {name: counted.episodes, patients_of(name): counted.patients}


def share_support(part: str, of: str, counted: Counted, whole: Counted, outside: int | None = None) -> Row:
    """Both counts of a share and the patients it rests on; where nobody counted those `outside`, as few as there can be.

    That lower limit can only withhold too much: it is above nought wherever there are episodes outside.
    """
    if outside is None:
        outside = max(whole.patients - counted.patients, 1 if whole.episodes > counted.episodes else 0)
    return count_cells(part, counted) | count_cells(of, whole) | {outside_of(part, of): outside}


def ratio(part: float, whole: float) -> float | None:
    """The part of the whole; None where there is no whole."""
    return part / whole if whole else None


def wilson_cells(part: int, of: int, names: tuple[str, ...] = SHARE) -> Row:
    """A share with its limits (Wilson 1927)."""
    return limit_cells(wilson(part, of), names)


def limit_cells(estimate: Estimate, names: tuple[str, ...]) -> Row:
    """An estimate and its limits under these names."""
    return dict(zip(names, (estimate.value, estimate.low, estimate.high), strict=True))


def in_points(cells: Row) -> dict[str, float | None]:
    """Thousandths in the unit of the score; what is absent stays absent."""
    return {name: None if value is None else value / THOUSAND for name, value in cells.items()}
