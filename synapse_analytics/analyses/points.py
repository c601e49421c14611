"""From counts to the values of indicators: one maker per kind, by month, quarter or unit and as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.scoring import THOUSAND, patients_outside
from synapse_analytics.analyses.sources import NEEDS, SOURCES, plain
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.estimates import Estimate
from synapse_analytics.estimates.descriptive import mean_interval, median_interval, rate_interval, wilson
from synapse_analytics.estimates.survival import aalen_johansen, at, at_risk
from synapse_analytics.queries import indicators as q
from synapse_analytics.queries.tallies import SQUARES, WHOLE, Key, Tally
from synapse_analytics.vocabulary.indicators import YEAR, Indicator, Measured

NOTHING = Estimate(None, None, None, 0, "none")
MONTH_UNKNOWN = 16  # days by which the index month of a later event can be off (the 15th stands for the unknown day)


@dataclass(frozen=True, slots=True)
class Point:
    """One value, its n and the counts it is made of."""

    estimate: Estimate
    n: int
    tally: Tally


@dataclass(slots=True)
class Fetched:
    """The counts of some indicators, each family fetched once; days to surgery and waits only where one asks for them."""

    clinic: Clinic
    cohort: Cohort
    indicators: Sequence[Indicator]
    by: str
    _tallies: dict[str, q.Tallies] = field(default_factory=dict)
    _rows: dict[str, dict[Key, list[dict[str, Any]]]] = field(default_factory=dict)

    def of(self, asked: Indicator) -> q.Tallies:
        """The counts of an indicator by key; under WHOLE of everybody."""
        if not_recorded(self.clinic, asked):
            return {WHOLE: Tally()}
        family = SOURCES[asked.name].family
        if family not in self._tallies:
            sources = [source for declared in self.indicators for source in (SOURCES[declared.name], plain(declared.name))]
            names = tuple(name for source in sources if source.family == family for name in source.names)
            self._tallies[family] = q.tallies(self.clinic, self.cohort, family, names, by=self.by)
        return self._tallies[family]

    def keys(self, asked: Indicator) -> list[Any]:
        """The keys in which there is anything of its family, in order."""
        return sorted(key for key in self.of(asked) if key is not WHOLE)

    def times(self, key: Key) -> list[dict[str, Any]]:
        """Days to surgery of a month or quarter of the first visit, or of all."""
        return self._split("times", q.surgery_times)[key]

    def waits(self, key: Key) -> list[dict[str, Any]]:
        """Days to the first treatment of a month or quarter of the first visit, or of all."""
        return self._split("waits", q.waits)[key]

    def _split(self, name: str, ask: Any) -> dict[Key, list[dict[str, Any]]]:
        if name not in self._rows:
            self._rows[name] = defaultdict(list)
            for row in ask(self.clinic, self.cohort, by=self.by):
                self._rows[name][row["key"]].append(row)
                self._rows[name][WHOLE].append(row)
        return self._rows[name]


def point(found: Fetched, asked: Indicator, key: Key) -> Point:
    """The value of an indicator in a month, quarter or unit, or as a whole (WHOLE)."""
    tally = found.of(asked).get(key) or Tally()
    if asked.measured is Measured.INCIDENCE and isinstance(key, int) and not is_closed(found.clinic, asked, key, found.by):
        return Point(NOTHING, 0, Tally())
    return Point(_MAKERS[asked.measured](found, asked, key, tally), tally.episodes.get(SOURCES[asked.name].n, 0), tally)


def is_closed(clinic: Clinic, asked: Indicator, key: int, by: str) -> bool:
    """Whether the follow-up window of everybody with an index in this month (or quarter) is surely over."""
    last = key if by == q.MONTH else key * 3 + 2
    late = MONTH_UNKNOWN if asked.over_time != "month of the first visit" and asked.closes_after else 0
    year, month = map(int, clinic.generation.data_until.split("-"))
    return _end(year * 12 + month - 1) - _end(last) >= timedelta(days=asked.closes_after + late)


def _end(month: int) -> date:
    """The first day after a month."""
    return date((month + 1) // 12, (month + 1) % 12 + 1, 1)


def not_recorded(clinic: Clinic, asked: Indicator) -> bool:
    """Whether the data hold no row of the file the indicator rests on."""
    return asked.name in NEEDS and not clinic.generation.rows.get(NEEDS[asked.name])


def cells(asked: Indicator, counted: Point) -> dict[str, Any]:
    """The columns of a point that are released, and the distinct patients they rest on."""
    source, tally = SOURCES[asked.name], counted.tally
    supports = {"patients": source.n, "hit_patients": source.hit, "miss_patients": source.miss}
    supports |= {"top_patients": source.top, "of_patients": source.of}
    whole, part = (tally.episodes.get(name, 0) for name in (source.of, source.top))
    owners = (tally.patients.get(source.of, 0), tally.patients.get(source.top, 0))
    return {
        "name": asked.name,
        "value": counted.estimate.value,
        "low": counted.estimate.low,
        "high": counted.estimate.high,
        "n": counted.n,
        "events": tally.episodes.get(source.hit, 0) if asked.measured is Measured.SHARE else None,
        "completeness": part / whole if whole else None,
        "top": part,
        "whole": whole,
        "outside_patients": patients_outside((whole, part), owners),
    } | {name: tally.patients.get(condition, 0) for name, condition in supports.items()}


def notes(clinic: Clinic, *asked: Indicator) -> tuple[str, ...]:
    """What has to be said where another score stands in for pain, or a file an indicator rests on was not delivered."""
    headline, said = clinic.generation.headline, []
    if headline != v.HEADLINE:
        missing, shown = (v.find(v.INSTRUMENTS, code).label for code in (v.HEADLINE, headline))
        said.append(f"These data hold no {missing}; {shown} stands in for it.")
    unrecorded = [declared.title for declared in asked if not_recorded(clinic, declared)]
    if unrecorded:
        said.append(f"Not recorded in these data: {'; '.join(unrecorded)}.")
    return tuple(said)


def _count(_found: Fetched, asked: Indicator, _key: Key, tally: Tally) -> Estimate:
    patients = tally.patients.get(SOURCES[asked.name].n, 0)
    return Estimate(patients, None, None, patients, "count")


def _mean(found: Fetched, asked: Indicator, _key: Key, tally: Tally) -> Estimate:
    """Improvement is the change with its sign turned: both scores are better when lower."""
    source = SOURCES[asked.name]
    n = tally.episodes.get(source.n, 0)
    change = mean_interval(n, tally.sums.get(source.sums, 0), tally.sums.get(source.sums + SQUARES, 0))
    value, high, low = (None if number is None else 0.0 - number / THOUSAND for number in (change.value, change.low, change.high))
    if found.clinic.policy.count_step > 1:  # the last digits of a mean tell its n
        value, low, high = (None if number is None else round(number, asked.decimals) for number in (value, low, high))
    return Estimate(value, low, high, n, change.method)


def _share(_found: Fetched, asked: Indicator, _key: Key, tally: Tally) -> Estimate:
    source = SOURCES[asked.name]
    return wilson(tally.episodes.get(source.hit, 0), tally.episodes.get(source.n, 0))


def _rate(_found: Fetched, asked: Indicator, _key: Key, tally: Tally) -> Estimate:
    source = SOURCES[asked.name]
    return rate_interval(tally.sums.get(source.sums, 0), tally.episodes.get(source.n, 0))


def _incidence(found: Fetched, _asked: Indicator, key: Key, _tally: Tally) -> Estimate:
    """Cumulative incidence at a year; none where the curve is cut because too few are still under observation."""
    rows = found.times(key)
    days, causes, n = ([row[name] for row in rows] for name in ("day", "cause", "n"))
    curve = aalen_johansen(days, causes, n)
    return NOTHING if at_risk(curve, YEAR) < found.clinic.policy.at_risk else at(curve, YEAR)


def _median(found: Fetched, _asked: Indicator, key: Key, _tally: Tally) -> Estimate:
    rows = found.waits(key)
    return median_interval([row["value"] for row in rows], [row["n"] for row in rows])


_MAKERS = {
    Measured.COUNT: _count,
    Measured.MEAN: _mean,
    Measured.SHARE: _share,
    Measured.INCIDENCE: _incidence,
    Measured.MEDIAN: _median,
    Measured.RATE: _rate,
}
