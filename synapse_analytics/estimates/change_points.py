"""Has an indicator changed, and since when? The split of its course that differs most, if chance among many charts would rarely make such a one.

The changepoint model of Hawkins, Qiu and Kang (J Quality Technology 2003; 35: 355-366): no course of former years has to be known
to be undisturbed. Every place at which the course may have changed is tried; the strength of a split is the signed root of its
likelihood ratio, a standard normal number where nothing has changed and the place is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synapse_analytics.estimates import control_charts as spc

Array = NDArray[np.float64]
# Chosen by simulation (`make truth`, docs/methods.md): the overview looks at seventeen charts, and each at every place of its course.
STRONG = 3.5
FEWEST = 8  # points; with fewer no course can be told from another
EFFICIENCY = 0.62  # of a standard deviation from moving ranges of two, in degrees of freedom per point (Wheeler 1995)


@dataclass(frozen=True, slots=True)
class Change:
    """Since which point another level holds, and the levels before and after; `strength` is positive where the later one is higher."""

    since: int
    before: float
    after: float
    strength: float


class Course(Protocol):
    """The points of a course in order of time."""

    def __len__(self) -> int:
        """How many points there are."""

    def strengths(self, start: int) -> Array:
        """From the point `start` on, how strongly all later points differ from those before: one number for each split in turn."""

    def level(self, part: slice) -> float:
        """The value of some points together."""


def latest_change(course: Course, *, first: int = 0, recent: int, strong: float = STRONG) -> Change | None:
    """The strongest split from the point `first` on, if it is strong and among the last `recent` points; None where nothing has changed lately.

    After an older change the course is looked at again from there on: it is not news, and it must not hide what is.
    """
    start = first
    while len(course) - start >= FEWEST:
        strengths = course.strengths(start)
        place = int(np.argmax(np.abs(strengths)))
        if abs(strengths[place]) < strong:
            return None
        since = start + 1 + place
        if since >= len(course) - recent:
            levels = course.level(slice(start, since)), course.level(slice(since, len(course)))
            return Change(since, *levels, float(strengths[place]))
        start = since
    return None


@dataclass(frozen=True, slots=True)
class OfEvents:
    """Events of n, period by period: shares, or rates per n, where an episode can have more than one event."""

    events: Array
    n: Array
    rate: bool = False
    per: int = 1  # levels are events per so many
    step: int = 1  # counts are rounded to a multiple of this

    def __len__(self) -> int:
        return len(self.n)

    def strengths(self, start: int) -> Array:
        """Binomial or Poisson likelihood ratios, smaller where the shares scatter more than by chance (as in a p' chart)."""
        events, n = self.events[start:], self.n[start:]
        before, size = np.cumsum(events)[:-1], np.cumsum(n)[:-1]
        after, rest = events.sum() - before, n.sum() - size
        gain = self._fit(before, size) + self._fit(after, rest) - self._fit(events.sum(keepdims=True), n.sum(keepdims=True))
        side = np.sign(_quotient(after, rest) - _quotient(before, size))
        return side * np.sqrt(np.maximum(2 * gain, 0.0)) / self._spread(events, n)

    def level(self, part: slice) -> float:
        """Events by n of all these periods together."""
        return self.per * float(_quotient(self.events[part].sum(keepdims=True), self.n[part].sum(keepdims=True))[0])

    def _spread(self, events: Array, n: Array) -> float:
        wider = 1.0 if self.rate else spc.sigma_z(events, n)
        return max(wider if wider > spc.OVERDISPERSED else 1.0, self._rounding(events, n))

    def _rounding(self, events: Array, n: Array) -> float:
        """How much wider rounded counts scatter: both events and n are off by up to half a step, each as likely as the other."""
        share = float(events.sum() / max(n.sum(), 1.0))
        by_chance = float(n.mean()) * share * (1.0 if self.rate else 1 - share)
        return math.sqrt(1 + (self.step**2 - 1) / 12 * (1 + share**2) / by_chance) if by_chance > 0 else 1.0

    def _fit(self, events: Array, n: Array) -> Array:
        share = _quotient(events, n)
        return _times_log(events, share) + (-events if self.rate else _times_log(n - events, 1 - share))


@dataclass(frozen=True, slots=True)
class OfValues:
    """Values, period by period: means, medians or counts. Their standard deviation comes from the moving ranges, as in an XmR chart."""

    values: Array

    def __len__(self) -> int:
        return len(self.values)

    def strengths(self, start: int) -> Array:
        """The difference of two means by its standard error, made as unlikely as it is with a standard deviation of so few points."""
        values = self.values[start:]
        spread = spc.standard_deviation(values)
        if spread <= 0:
            return np.zeros(len(values) - 1)
        size = np.arange(1.0, len(values))
        rest, before = len(values) - size, np.cumsum(values)[:-1]
        difference = (values.sum() - before) / rest - before / size
        return _as_normal(difference / (spread * np.sqrt(1 / size + 1 / rest)), EFFICIENCY * (len(values) - 1))

    def level(self, part: slice) -> float:
        """The mean of the values of these periods."""
        return float(self.values[part].mean())


def _as_normal(t: Array, freedom: float) -> Array:
    """The standard normal number that is as unlikely as a t (Wallace, Ann Math Statist 1959; 30: 1124)."""
    return np.sign(t) * (8 * freedom + 1) / (8 * freedom + 3) * np.sqrt(freedom * np.log1p(t**2 / freedom))


def _quotient(part: Array, of: Array) -> Array:
    return np.divide(part, of, out=np.full(len(part), math.nan), where=of > 0)


def _times_log(times: Array, value: Array) -> Array:
    """times * log(value), and 0 where there is nothing to count."""
    there = (times > 0) & (value > 0)
    return times * np.log(value, out=np.zeros(len(value)), where=there)
