"""From the counts of the overview to its values: one maker per kind of indicator. Nothing is asked of the database here."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from synapse_analytics.analyses.indicators import Indicator, Measured
from synapse_analytics.analyses.scoring import THOUSAND
from synapse_analytics.estimates import Estimate
from synapse_analytics.estimates.descriptive import mean_interval, median_interval, wilson
from synapse_analytics.estimates.survival import aalen_johansen, at, at_risk
from synapse_analytics.queries.overview import YEAR, Tallies
from synapse_analytics.queries.tallies import SQUARES, WHOLE, Tally

Key = int | None
NOTHING = Estimate(None, None, None, 0, "none")


@dataclass(frozen=True, slots=True)
class Source:
    """Names of the conditions (queries.overview) an indicator is made of.

    `n` is its denominator, `hit` and `miss` split it; completeness is `top` of `of`; `sums` names what is averaged.
    """

    n: str
    hit: str = ""
    miss: str = ""
    top: str = ""
    of: str = ""
    sums: str = ""
    after_surgery: bool = False


def _scores(code: str, months: int) -> dict[str, Source]:
    stem = f"{code}_{months}_months"
    return {
        f"{code}_improvement_{months}_months": Source(f"{stem}_n", top=f"{stem}_n", of=f"{stem}_expected", sums=f"{stem}_change"),
        f"{code}_responders_{months}_months": Source(f"{stem}_able", f"{stem}_hit", f"{stem}_miss", f"{stem}_n", f"{stem}_expected"),
    }


def _completeness(months: int) -> Source:
    stem = f"pain_{months}_months"
    return Source(f"{stem}_expected", f"{stem}_n", f"{stem}_missing", f"{stem}_n", f"{stem}_expected")


def _event(stem: str, *, after_surgery: bool) -> Source:
    return Source(f"{stem}_n", f"{stem}_hit", f"{stem}_miss", f"{stem}_watched", f"{stem}_n", after_surgery=after_surgery)


SOURCES: dict[str, Source] = {
    "patients_seen": Source("seen"),
    **{name: source for code in ("pain", "odi") for months in (3, 12) for name, source in _scores(code, months).items()},
    "surgery_within_12_months": _event("surgery", after_surgery=False),
    "conservative_care_first": Source("stepped_n", "stepped_hit", "stepped_miss"),
    "complications_within_90_days": _event("complications_90", after_surgery=True),
    "reoperation_within_90_days": _event("reoperation_90", after_surgery=True),
    "reoperation_within_12_months": _event("reoperation_365", after_surgery=True),
    "median_wait": Source("treated"),
    "follow_up_completeness_3_months": _completeness(3),
    "follow_up_completeness_12_months": _completeness(12),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One value, its n and the counts it is made of."""

    estimate: Estimate
    n: int
    tally: Tally


@dataclass(slots=True)
class Fetched:
    """Counts by quarter and as a whole; days to surgery and to the first treatment, with their quarter."""

    tallies: Tallies
    surgery: Tallies
    times: list[dict[str, Any]]
    waits: list[dict[str, Any]]
    data_until: str
    at_risk: int  # fewest under observation for a point of a curve
    _split: dict[str, dict[Key, list[dict[str, Any]]]] = field(default_factory=dict)

    def of(self, indicator: Indicator) -> Tallies:
        """The counts of an indicator."""
        return self.surgery if SOURCES[indicator.name].after_surgery else self.tallies

    def rows(self, name: str, key: Key) -> list[dict[str, Any]]:
        """`times` or `waits` of a quarter, or of all."""
        if key is WHOLE:
            return getattr(self, name)
        if name not in self._split:
            self._split[name] = defaultdict(list)
            for row in getattr(self, name):
                self._split[name][row["key"]].append(row)
        return self._split[name][key]


def point(found: Fetched, indicator: Indicator, key: Key) -> Point:
    """The value of an indicator in a quarter, or as a whole (None)."""
    tally = found.of(indicator).get(key) or Tally()
    n = tally.episodes.get(SOURCES[indicator.name].n, 0)
    if indicator.measured is Measured.INCIDENCE and key is not WHOLE and not _is_closed(key, found.data_until):
        return Point(NOTHING, 0, Tally())
    return Point(_MAKERS[indicator.measured](found, indicator, key, tally), n, tally)


def _is_closed(quarter: int, data_until: str) -> bool:
    """Whether everybody first seen in the quarter has surely been observed for a year."""
    year, month = map(int, data_until.split("-"))
    last, end = (quarter + 1) * 3, year * 12 + month  # the months after the quarter and after the data
    return date(end // 12, end % 12 + 1, 1) - date(last // 12, last % 12 + 1, 1) >= timedelta(days=YEAR)


def _count(_found: Fetched, indicator: Indicator, _key: Key, tally: Tally) -> Estimate:
    patients = tally.patients.get(SOURCES[indicator.name].n, 0)
    return Estimate(patients, None, None, patients, "count")


def _mean(_found: Fetched, indicator: Indicator, _key: Key, tally: Tally) -> Estimate:
    """Improvement is the change with its sign turned: both scores are better when lower."""
    source = SOURCES[indicator.name]
    n = tally.episodes.get(source.n, 0)
    change = mean_interval(n, tally.sums.get(source.sums, 0), tally.sums.get(source.sums + SQUARES, 0))
    value, high, low = (None if number is None else 0.0 - number / THOUSAND for number in (change.value, change.low, change.high))
    return Estimate(value, low, high, n, change.method)


def _share(_found: Fetched, indicator: Indicator, _key: Key, tally: Tally) -> Estimate:
    source = SOURCES[indicator.name]
    return wilson(tally.episodes.get(source.hit, 0), tally.episodes.get(source.n, 0))


def _incidence(found: Fetched, _indicator: Indicator, key: Key, _tally: Tally) -> Estimate:
    """Cumulative incidence at a year; none where the curve is cut because too few are still under observation."""
    rows = found.rows("times", key)
    days, causes, n = ([row[name] for row in rows] for name in ("day", "cause", "n"))
    curve = aalen_johansen(days, causes, n)
    return NOTHING if at_risk(curve, YEAR) < found.at_risk else at(curve, YEAR)


def _median(found: Fetched, _indicator: Indicator, key: Key, _tally: Tally) -> Estimate:
    rows = found.rows("waits", key)
    return median_interval([row["value"] for row in rows], [row["n"] for row in rows])


_MAKERS = {
    Measured.COUNT: _count,
    Measured.MEAN: _mean,
    Measured.SHARE: _share,
    Measured.INCIDENCE: _incidence,
    Measured.MEDIAN: _median,
}
