"""The covariates of a comparison (`study.py` lists them) as the models take them: standardised, missing values at the mean with an indicator.

Which columns there are and how they are standardised follows from cross products, which are added up once over all rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synapse_analytics.estimates.balance import independent

Array = np.ndarray
ENOUGH = 5  # a yes/no covariate enters the models if both arms have so many of either answer; else it would separate the arms
LEADING = 2  # columns before the covariates: a constant, arm a


@dataclass(frozen=True)
class Covariate:
    """One baseline covariate as recorded (NaN = not recorded); `per` of what is stored are one clinical unit."""

    code: str
    stored: Array  # one entry per eligible episode and arm, narrow
    per: int = 1
    is_flag: bool = False
    of: str | None = None  # the list a level belongs to, as a diagnosis

    def values(self, rows: Array | slice) -> Array:
        """Some of its values, in clinical units."""
        values = self.stored[rows].astype(float)
        return values if self.per == 1 else values / self.per

    @cached_property
    def missing(self) -> Array | None:
        """True for each entry without a recorded value; None if all have one."""
        missing = np.isnan(self.stored)
        return missing if missing.any() else None


class Columns:
    """Side by side a constant, arm a, every covariate with 0 where it is missing, and where it is missing at all an indicator."""

    def __init__(self, arm_a: Array, covariates: Sequence[Covariate]) -> None:
        self._arm_a, self.covariates = arm_a, tuple(covariates)
        indicators = [place for place, covariate in enumerate(covariates) if covariate.missing is not None]
        self.width = LEADING + len(covariates) + len(indicators)
        self.indicator = {place: LEADING + len(covariates) + number for number, place in enumerate(indicators)}

    def values(self, rows: Array) -> Array:
        """Some of the rows."""
        block = np.empty((len(rows), self.width))
        block[:, 0], block[:, 1] = 1.0, self._arm_a[rows]
        for place, covariate in enumerate(self.covariates):
            values = covariate.values(rows)
            if covariate.missing is not None:
                missing = covariate.missing[rows]
                block[:, self.indicator[place]] = missing
                values[missing] = 0.0
            block[:, LEADING + place] = values
        return block


class Design:
    """A constant, arm a, and columns of covariates of which none follows from the others, each with mean 0 and deviation 1.

    `turn` makes them out of `Columns`. Both hold over the rows that the cross products `moments` of the Columns are of.
    """

    def __init__(self, columns: Columns, moments: Array) -> None:
        turned = _filled(columns, moments)
        first = np.eye(columns.width, 1)
        inner = np.hstack([first, turned]).T @ moments @ np.hstack([first, turned])
        kept = np.flatnonzero(independent(inner))
        mean = inner[0, 1 + kept] / inner[0, 0]
        deviation = np.sqrt(np.diag(inner)[1 + kept] / inner[0, 0] - mean**2)
        self.turn = np.hstack([np.eye(columns.width, LEADING), (turned[:, kept] - first * mean) / deviation])
        self.holds_first = bool(len(kept)) and kept[0] == 0 and bool(turned[LEADING, 0])  # of the covariates: the baseline


def _filled(columns: Columns, moments: Array) -> Array:
    """Each covariate with its mean where it is missing, then the indicator; yes/no columns where both arms have enough of either answer."""
    n, n_a = moments[0, 0], moments[0, 1]
    found = []
    for place, covariate in enumerate(columns.covariates):
        at, indicator = LEADING + place, columns.indicator.get(place)
        missing, missing_a = (moments[row, indicator] if indicator else 0.0 for row in (0, 1))
        if not covariate.is_flag or _both_answers((moments[0, at], moments[1, at]), (n - missing, n_a - missing_a)):
            column = np.zeros(columns.width)
            column[at] = 1.0
            if indicator and n > missing:
                column[indicator] = moments[0, at] / (n - missing)
            found.append(column)
        if indicator and _both_answers((missing, missing_a), (n, n_a)):
            found.append(np.eye(columns.width)[indicator])
    return np.array(found).reshape(-1, columns.width).T


def _both_answers(yes: tuple[float, float], of: tuple[float, float]) -> bool:
    """True if arm a and the others hold enough of either answer; each pair is everybody and arm a."""
    sides = ((yes[1], of[1]), (yes[0] - yes[1], of[0] - of[1]))
    return all(ENOUGH <= count <= size - ENOUGH for count, size in sides)
