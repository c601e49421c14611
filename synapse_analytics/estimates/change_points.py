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
LASTING = 3  # points that a new level of values must hold: a single month of a median may lie anywhere
TIED = 1e-12  # of all squared differences: what is left is rounding
EFFICIENCY = 2 / 3  # of a standard deviation from successive differences, in degrees of freedom per point


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
    """Events of n, period by period: shares; or rates per n, where an episode can have more than one event; or counts, with an n of 1."""

    events: Array
    n: Array
    rate: bool = False
    per: int = 1  # levels are events per so many
    step: int = 1  # counts are rounded to a multiple of this

    def __len__(self) -> int:
        return len(self.n)

    def strengths(self, start: int) -> Array:
        """Binomial or Poisson likelihood ratios, smaller where the events scatter more than by chance (as in a p' or u' chart)."""
        events, n = self.events[start:], self.n[start:]
        before, size = np.cumsum(events)[:-1], np.cumsum(n)[:-1]
        after, rest = events.sum() - before, n.sum() - size
        gain = self._fit(before, size) + self._fit(after, rest) - self._fit(events.sum(keepdims=True), n.sum(keepdims=True))
        side = np.sign(_quotient(after, rest) - _quotient(before, size))
        return side * np.sqrt(np.maximum(2 * gain, 0.0)) / np.maximum(self._scatter(events, n), self._rounding(events, n))

    def level(self, part: slice) -> float:
        """Events by n of all these periods together."""
        return self.per * float(_quotient(self.events[part].sum(keepdims=True), self.n[part].sum(keepdims=True))[0])

    def _scatter(self, events: Array, n: Array) -> Array:
        """For each split, how much wider than by chance the periods on its sides scatter; 1 where it is not clearly more."""
        level = float(events.sum() / max(n.sum(), 1.0))
        variance = n * level * (1.0 if self.rate else 1 - level)
        if not (variance > 0).all():
            return np.ones(len(n) - 1)
        wider = np.sqrt(_beside(np.diff((events - n * level) / np.sqrt(variance)) ** 2) / 2)
        return np.where(wider > spc.OVERDISPERSED, wider, 1.0)

    def _rounding(self, events: Array, n: Array) -> float:
        """How much wider rounded counts scatter: both events and n (but for an n of 1) are off by up to half a step, each as likely as the other."""
        share = float(events.sum() / max(n.sum(), 1.0))
        by_chance = float(n.mean()) * share * (1.0 if self.rate else 1 - share)
        off = (self.step**2 - 1) / 12 * (1 + (share**2 if n.max() > 1 else 0))
        return math.sqrt(1 + off / by_chance) if by_chance > 0 else 1.0

    def _fit(self, events: Array, n: Array) -> Array:
        share = _quotient(events, n)
        return _times_log(events, share) + (-events if self.rate else _times_log(n - events, 1 - share))


@dataclass(frozen=True, slots=True)
class OfValues:
    """Means or medians of n, period by period. Their scatter comes from the differences of neighbours, which a change of level hardly touches."""

    values: Array
    n: Array

    def __len__(self) -> int:
        return len(self.values)

    def strengths(self, start: int) -> Array:
        """The difference of two levels by its standard error, made as unlikely as it is with a scatter known from so few points.

        A period of n counts n times. A level that holds for fewer than LASTING points has no strength.
        """
        values, n = self.values[start:], self.n[start:]
        middle = float((n * values).sum() / n.sum())
        spread = np.sqrt(_beside(np.diff(values) ** 2 / (1 / n[:-1] + 1 / n[1:])))  # of one of the n
        size = np.cumsum(n)[:-1]
        rest, before = n.sum() - size, np.cumsum(n * (values - middle))[:-1]
        difference = -before / rest - before / size  # the sum of all, about their middle, is 0
        t = np.divide(difference, spread * np.sqrt(1 / size + 1 / rest), out=np.zeros(len(size)), where=spread > 0)
        found = _as_normal(t, EFFICIENCY * (len(values) - 2))
        places = np.arange(1, len(values))
        return np.where(np.minimum(places, len(values) - places) >= LASTING, found, 0.0)

    def level(self, part: slice) -> float:
        """The mean of the values of these periods, each counted by its n."""
        return float((self.n[part] * self.values[part]).sum() / self.n[part].sum())


def _beside(squares: Array) -> Array:
    """For each split the mean of the squared differences of neighbours on the same side of it; of all, where these do not differ at all.

    Half of it estimates a variance, whatever the values are distributed like (von Neumann and others, Ann Math Statist 1941; 12: 153),
    and a change of level hardly touches it.
    """
    total = float(squares.sum())
    without = (total - squares) / max(len(squares) - 1, 1)
    return np.where(without > TIED * total, without, total / max(len(squares), 1))


def _as_normal(t: Array, freedom: float) -> Array:
    """The standard normal number that is as unlikely as a t (Wallace, Ann Math Statist 1959; 30: 1124)."""
    return np.sign(t) * (8 * freedom + 1) / (8 * freedom + 3) * np.sqrt(freedom * np.log1p(t**2 / freedom))


def _quotient(part: Array, of: Array) -> Array:
    return np.divide(part, of, out=np.full(len(part), math.nan), where=of > 0)


def _times_log(times: Array, value: Array) -> Array:
    """times * log(value), and 0 where there is nothing to count."""
    there = (times > 0) & (value > 0)
    return times * np.log(value, out=np.zeros(len(value)), where=there)
