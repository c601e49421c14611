"""The scenario and the calendar of a made-up clinic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics.synthetic.parameters import CHANGE_POINT_AT, DATA_UNTIL, Scenario
from synapse_analytics.vocabulary.periods import place_of


@dataclass(frozen=True, slots=True)
class Calendar:
    """The months of first visits, in days since 1970: the first day and the length of each, and the last day with data."""

    first: int  # year * 12 + month - 1 of the first month
    starts: np.ndarray
    lengths: np.ndarray
    last_day: int
    busy: np.ndarray  # cumulative share of first visits

    @classmethod
    def of(cls, months: int) -> Calendar:
        """The months up to DATA_UNTIL."""
        first = place_of(DATA_UNTIL) + 1 - months
        edges = np.datetime64("1970-01", "M") + (np.arange(first, first + months + 1) - 1970 * 12)
        days = edges.astype("datetime64[D]").astype(np.int64)
        position = np.arange(first, first + months)
        # Growing by about 8 % a year, quiet in the festival weeks (October, November) and in the heat (May), as clinics are.
        season = np.array([1.06, 1.08, 1.05, 0.98, 0.88, 0.97, 1.02, 1.04, 1.05, 0.93, 0.90, 1.04])[position % 12]
        weight = season * (1 + 0.08 * np.arange(months) / 12)
        return cls(first, days[:-1], np.diff(days), int(days[-1]) - 1, np.cumsum(weight) / weight.sum())


@dataclass(frozen=True, slots=True)
class Setting:
    """The scenario and the months of first visits."""

    scenario: Scenario
    calendar: Calendar

    @property
    def change_month(self) -> int:
        """The month, counted from the first (0), from which the change point holds."""
        return int(len(self.calendar.starts) * CHANGE_POINT_AT)
