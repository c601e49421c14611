"""The points of an indicator's course, and by which period it is judged: the one place that decides this for tile, chart and report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from synapse_analytics.analyses.columns import SHARES, points_rule
from synapse_analytics.analyses.values import PER, Array, Fetched, Numbers, by_period, last_closed, last_month, last_whole
from synapse_analytics.disclosure import Policy, in_steps, rounded, shortened, survives
from synapse_analytics.indicators import Indicator, Measured
from synapse_analytics.vocabulary.periods import HALF_YEAR, MONTH, MONTHS_IN, QUARTER, YEAR, place_of

SHOWN = (9, 10)  # so many of ten points must be shown, or mostly those without an event would be left and look too good


@dataclass(frozen=True, slots=True)
class Points:
    """Every period from the first to the last, which of them are over, and which of these may be shown."""

    asked: Indicator
    period: str
    keys: range  # periods since year 0, without a gap
    made: Numbers
    closed: Array  # True where everybody's follow-up window is over
    there: Array  # True where there also was anything to count
    shown: Array  # places of those that may be shown

    @property
    def hidden(self) -> bool:
        """True if more than one in ten of the closed periods with anything to count may not be shown."""
        return not _mostly(len(self.shown), int(np.count_nonzero(self.there)))

    @property
    def whole(self) -> bool:
        """True if nine of ten periods from the first to the last may be shown; a period with nothing to count is one that may not."""
        known = np.flatnonzero(self.there)
        return _mostly(len(self.shown), int(known[-1] - known[0]) + 1 if len(known) else 0)


def _mostly(shown: int, of: int) -> bool:
    return SHOWN[1] * shown >= SHOWN[0] * of


def legal_periods(policy: Policy) -> tuple[str, ...]:
    """By what an indicator may be judged under a policy, the finest first; a policy that rounds knows no months."""
    return (QUARTER, HALF_YEAR, YEAR) if policy.rounds else (MONTH, QUARTER, HALF_YEAR)


def judged_points(found: Fetched, asked: Indicator) -> Points:
    """The points by which an indicator of a cohort is judged: by the finest period of which nine of ten points may be shown.

    Where no period is without gaps, the finest of which nine of ten may be shown of those that have anything to count; else the
    coarsest, which then says that it is too small.
    """
    tried = [*_tried(found, asked)]
    return tried[-1] if tried[-1].whole else next((points for points in tried if not points.hidden), tried[-1])


def _tried(found: Fetched, asked: Indicator) -> Iterator[Points]:
    for period in legal_periods(found.clinic.policy):
        points = points_of(found, asked, period)
        yield points
        if points.whole:
            return


def points_of(found: Fetched, asked: Indicator, period: str) -> Points:
    """The points of an indicator by this period."""
    keys, made = _periods(found, asked, period)
    closed = np.arange(keys.start, keys.stop) <= last_closed(found.clinic, asked, period, found.cohort)
    there = closed & ~np.isnan(made.value)
    supports = made.supports() | ({} if made.events is None else {"n": made.n, "events": made.events})
    shown = np.flatnonzero(there & survives(points_rule(asked.measured), "value", supports, found.clinic.policy))
    return Points(asked, period, keys, made, closed, there, shown)


def _periods(found: Fetched, asked: Indicator, period: str) -> tuple[range, Numbers]:
    """Every period from the first to the last with any index, so that a gap is a gap; of a count all whole ones to the end of the data."""
    known, made = by_period(found, asked, period)
    if not known:
        return range(0), made
    keys = _whole_periods(found, asked, period) if asked.measured is Measured.COUNT else range(known[0], known[-1] + 1)
    place = {key: number for number, key in enumerate(known)}
    every = made.take(np.array([place.get(key, -1) for key in keys], dtype=np.int64))
    if asked.measured is Measured.COUNT:
        every = replace(every, value=np.nan_to_num(every.value))
    return keys, _as_shown(asked, every, found.clinic.policy)


def _whole_periods(found: Fetched, asked: Indicator, period: str) -> range:
    """Of a count a quarter of which the cohort or the data hold one month only would look like a fall: the whole ones alone."""
    limits, months = found.cohort, [key[0] for key in found.by_key(asked).keys]
    begin = place_of(limits.month_from) if limits.month_from else min(months)
    end = min(last_month(found.clinic), place_of(limits.month_to) if limits.month_to else max(months, default=0) + 10**6)
    first = max(-(-begin // MONTHS_IN[period]), min(months) // MONTHS_IN[period])
    return range(first, max(first, last_whole(end, period) + 1))


def _as_shown(asked: Indicator, made: Numbers, policy: Policy) -> Numbers:
    """n, events and value as the policy shows them: limits made of exact counts would give these away beside the rounded ones."""
    if not policy.rounds:
        return made
    n = np.array([rounded(number, policy) for number in made.n.tolist()], dtype=np.int64)
    if made.events is not None:
        events = np.array([rounded(number, policy) for number in made.events.tolist()], dtype=np.int64)
        share = np.divide(events, n, out=np.full(len(n), np.nan), where=n > 0)
        raw = np.minimum(share, 1.0) if asked.measured in SHARES else PER * share
        value = np.where(np.isnan(made.value) | (n == 0), made.value, raw)
        return replace(made, n=n, events=events, value=value)
    pairs = zip(made.value.tolist(), made.patients.tolist(), strict=True)
    shown = [value if np.isnan(value) else _published(asked, value, patients, made.reach, policy) for value, patients in pairs]
    return replace(made, n=n, value=np.array(shown, dtype=float))


def _published(asked: Indicator, value: float, patients: int, reach: float | None, policy: Policy) -> float | None:
    if asked.measured is Measured.COUNT:
        return rounded(int(value), policy)
    return shortened(in_steps(value, reach, patients, policy) if reach else value, policy)
