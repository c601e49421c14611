"""From counts to the values of indicators, by month, quarter or unit and as a whole: every indicator out of one Counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.cells import THOUSAND, Row, limit_cells, ratio, rows_of, share_support
from synapse_analytics.analyses.groups import Group
from synapse_analytics.analyses.headline import stands_in
from synapse_analytics.analyses.measures import outside_of, patients_of
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import SQUARES, Counted, Counts, Distribution
from synapse_analytics.disclosure import rounded
from synapse_analytics.estimates import Estimate
from synapse_analytics.estimates.descriptive import mean_interval, median_interval, rate_interval, wilson
from synapse_analytics.estimates.quantiles import group_quantiles
from synapse_analytics.estimates.survival import aalen_johansen, at
from synapse_analytics.indicators import INDEXES, Indicator, Measured, amount_column
from synapse_analytics.indicators.declare import YEAR, Facts
from synapse_analytics.queries import indicators as q
from synapse_analytics.vocabulary.periods import MONTH, MONTHS_IN, place_of

Array = np.ndarray
PER = 100  # rates are per 100
NOTHING = Estimate(None, None, None, 0, "none")
MONTH_UNKNOWN = 16  # days by which the index month of a later event can be off (the 15th stands for the unknown day)
CHOSEN_BY_LATER_CARE = {"highest_stage", "treatment", "investigation"}  # filters that the future of a patient decides


@dataclass(frozen=True, slots=True)
class Fetched:
    """The counts of some indicators over a cohort by month of their index or by unit: one scan for all of them."""

    clinic: Clinic
    cohort: Cohort
    counts: Counts

    @classmethod
    def of(cls, clinic: Clinic, cohort: Cohort, indicators: Sequence[Indicator], by: str = MONTH) -> Fetched:
        """Fetch the counts that these indicators need."""
        return cls(clinic, cohort, q.indicator_counts(clinic, cohort, indicators, by))

    def by_key(self, asked: Indicator) -> Counts:
        """The counts of an indicator by month or unit; none where its file was not delivered."""
        code = INDEXES.index(asked.index)
        if not_recorded(self.clinic, asked):
            return self.counts.view("nobody", lambda: self.counts.fold(lambda _key: None))
        return self.counts.view(code, lambda: self.counts.fold(lambda key: key[1:] if key[0] == code else None))

    def by_period(self, asked: Indicator, period: str) -> Counts:
        """The counts of an indicator by month or by what months make: added up here, so that the store is asked once."""
        months, length = self.by_key(asked), MONTHS_IN[period]
        return months if length == 1 else months.view(period, lambda: months.fold(lambda key: (key[0] // length,)))

    def days(self, asked: Indicator, months: range | None = None) -> Distribution:
        """Of a median or an incidence the days, by month; of some months only."""
        every = q.days_by_month(self.clinic, self.cohort, asked)
        return every if months is None else every.between(months)

    def together(self, asked: Indicator, months: range | None = None) -> Counts:
        """The counts of an indicator over all months, or over some, as one."""
        if months is None:
            return self.by_key(asked).whole()
        return self.by_key(asked).view(months, lambda: self.by_key(asked).fold(lambda key: key if key[0] in months else None)).whole()


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was counted of an indicator, one entry for each key of its counts."""

    n: Array
    events: Array | None  # of a share those with the hit, of a rate the events
    value: Array  # NaN where there is none
    patients: Array
    hit_patients: Array
    miss_patients: Array
    reach: float | None = field(default=None, kw_only=True)  # of a mean: how far apart the values of two patients can lie

    def supports(self) -> dict[str, Array]:
        """The patients each key's numbers rest on."""
        return {
            patients_of("n"): self.patients,
            patients_of("events"): self.hit_patients,
            outside_of("events", "n"): self.miss_patients,
        }

    def columns(self) -> dict[str, list[Any]]:
        """n, events, value and the patients they rest on, one entry for each key."""
        value = [None if number != number else number for number in self.value.tolist()]  # noqa: PLR0124 - NaN differs from itself
        events = [None] * len(value) if self.events is None else self.events.tolist()
        supports = {name: patients.tolist() for name, patients in self.supports().items()}
        return {"n": self.n.tolist(), "events": events, "value": value, **supports, "reach": [self.reach] * len(value)}

    def rows(self) -> list[Row]:
        """The same as rows."""
        return rows_of(self.columns())

    def take(self, places: Array) -> Numbers:
        """The numbers of some keys, in this order; a place of -1 stands for nobody."""
        there = places >= 0

        def taken(column: Array, nobody: float = 0) -> Array:
            return np.where(there, column[places], nobody) if len(column) else np.full(len(places), nobody, dtype=column.dtype)

        events = None if self.events is None else taken(self.events)
        counts = (taken(column) for column in self.supports().values())
        return Numbers(taken(self.n), events, taken(self.value, np.nan), *counts, reach=self.reach)


def numbers(found: Fetched, asked: Indicator, counts: Counts, facts: Facts) -> Numbers:
    """n, events and value by key; of an incidence the plain share, of a median none (see medians)."""
    n_name, hit_name = (q.fact(asked.index, clause) if clause else "" for clause in (facts.n, facts.hit))
    n, patients = counts.episodes(n_name), counts.patients(n_name)
    nobody = np.zeros(len(n), dtype=np.int64)
    hits, hit, miss = nobody, nobody, nobody
    if hit_name:
        hits, hit = counts.episodes(hit_name), counts.patients(hit_name)
        if found.clinic.policy.rounds:  # no other policy asks who is outside
            miss = counts.outside(hit_name, n_name)
    events: Array | None = hits
    with np.errstate(divide="ignore", invalid="ignore"):
        if asked.measured is Measured.COUNT:
            events, value = None, patients.astype(float)
        elif asked.measured is Measured.MEAN:  # improvement is the change with its sign turned: both scores are better when lower
            events, value = None, 0.0 - counts.total(amount_column(asked)) / n / THOUSAND
        elif asked.measured is Measured.RATE:
            events = counts.total(amount_column(asked))
            value = PER * events / n
        elif asked.measured is Measured.MEDIAN:
            events, value = None, np.full(len(n), np.nan)
        else:
            value = hits / n
    return Numbers(n, events, np.where(n > 0, value, np.nan), patients, hit, miss, reach=_reach(found.clinic, asked))


def _reach(clinic: Clinic, asked: Indicator) -> float | None:
    """Of a mean change the width of its scale: that of the ODI, or of the score that stands for pain."""
    if asked.measured is not Measured.MEAN:
        return None
    return v.find(v.INSTRUMENTS, "odi" if asked.amount.startswith("odi") else clinic.generation.headline).reach


def medians(days: Distribution, keys: Sequence[int], period: str) -> Array:
    """The median of the days by month, quarter or so; the keys are all there are, in order."""
    place = np.searchsorted(keys, days.key // MONTHS_IN[period])
    return group_quantiles(place, days.value, days.n, (0.5,), len(keys))[:, 0]


def by_period(found: Fetched, asked: Indicator, period: str) -> tuple[list[int], Numbers]:
    """The months (or quarters, and so on) in which its index lies, in order, and what control charts count there."""
    counts = found.by_period(asked, period)
    order = np.array(sorted(range(len(counts.keys)), key=lambda place: counts.keys[place]), dtype=np.int64)
    keys = [counts.keys[place][0] for place in order]
    chosen = numbers(found, asked, counts, asked.plain).take(order)
    if asked.measured is Measured.MEDIAN and keys:
        chosen = replace(chosen, value=medians(found.days(asked), keys, period))
    return keys, chosen


def whole_row(found: Fetched, asked: Indicator, months: range | None = None) -> Row:
    """The value of an indicator over the whole cohort, or over those whose index lies in some months (a range of year * 12 + month - 1).

    With limits, n, events and completeness, and the patients they rest on.
    """
    counts = found.together(asked, months)
    row = numbers(found, asked, counts, asked.whole).rows()[0]
    row |= {"name": asked.name} | limit_cells(_estimate(found, asked, counts, row, months), ("value", "low", "high"))
    row |= {"events": row["events"] if asked.measured is Measured.SHARE else None}
    return row | _completeness(found, asked, Group(asked.name, counts, 0))


def _completeness(found: Fetched, asked: Indicator, whole: Group) -> Row:
    """The share of the expected episodes that were followed up; None for an indicator that nobody can be lost to."""
    if not asked.whole.followed:
        return share_support("followed", "expected", Counted(0, 0), Counted(0, 0)) | {"completeness": None}
    followed, expected = (q.fact(asked.index, clause) for clause in (asked.whole.followed, asked.whole.expected))
    part, of = whole.counted(followed), whole.counted(expected)
    outside = whole.outside(followed, expected) if found.clinic.policy.rounds else 0  # no other policy asks who is outside
    return share_support("followed", "expected", part, of, outside) | {"completeness": ratio(part.episodes, of.episodes)}


def _estimate(found: Fetched, asked: Indicator, counts: Counts, row: Row, months: range | None) -> Estimate:
    n, events, patients = row["n"], row["events"], row["patients"]
    makers: dict[Measured, Callable[[], Estimate]] = {
        Measured.COUNT: lambda: Estimate(patients, None, None, patients, "count"),
        Measured.MEAN: lambda: _improvement(counts, amount_column(asked), n),
        Measured.RATE: lambda: rate_interval(events, n),
        Measured.SHARE: lambda: wilson(events, n),
        Measured.MEDIAN: lambda: _median(found.days(asked, months)),
        Measured.INCIDENCE: lambda: incidence(found, asked, counts, found.days(asked, months)),
    }
    return makers[asked.measured]()


def _improvement(counts: Counts, name: str, n: int) -> Estimate:
    """Improvement is the change with its sign turned: both scores are better when lower."""
    change = mean_interval(n, int(counts.total(name)[0]), int(counts.total(name + SQUARES)[0]))
    value, high, low = (None if number is None else 0.0 - number / THOUSAND for number in (change.value, change.low, change.high))
    return Estimate(value, low, high, n, change.method)


def _median(days: Distribution) -> Estimate:
    return median_interval(days.value, days.n)


def incidence(found: Fetched, asked: Indicator, counts: Counts, days: Distribution) -> Estimate:
    """Cumulative incidence at the end of the window; none where the curve is cut: too few patients are still under observation.

    Where nobody had the event, or everybody, the curve has no limits: they are Wilson's, of those watched to the end.
    """
    if counts.patients(q.fact(asked.index, asked.waits))[0] < found.clinic.policy.at_risk:
        return NOTHING
    found_at = at(aalen_johansen(days.value, _causes(days, asked), days.n), asked.closes_after)
    if found_at.value not in (0, 1):
        return found_at
    watched = rounded(found_at.n, found.clinic.policy) or 0
    return wilson(int(found_at.value) * watched, watched)


def _causes(days: Distribution, asked: Indicator) -> Array:
    """1 the event, 2 a competing end, 0 censored."""
    rival = days.having(asked.competes) if asked.competes else np.zeros(len(days.n), dtype=bool)
    return np.where(days.having(asked.whole.hit), 1, np.where(rival, 2, 0))


def last_closed(clinic: Clinic, asked: Indicator, period: str, cohort: Cohort) -> int:
    """The last month (or quarter, and so on) in which the follow-up window of everybody with an index is surely over.

    How many of the newest patients belong to "operated" or "untreated" is not known yet: their months stay open for a year.
    """
    late = 0 if asked.index.month_is_known or not asked.closes_after else MONTH_UNKNOWN
    wait = YEAR if asked.measured is Measured.COUNT and CHOSEN_BY_LATER_CARE & cohort.in_use().keys() else asked.closes_after
    last = last_month(clinic)
    first_after = date((last + 1) // 12, (last + 1) % 12 + 1, 1) - timedelta(days=wait + late)
    month = first_after.year * 12 + first_after.month - 2
    return last_whole(month, period)


def latest_year(clinic: Clinic, asked: Indicator, cohort: Cohort) -> range:
    """The last twelve months of an index in which everybody's follow-up window is over, as year * 12 + month - 1; fewer where there are fewer."""
    last = last_closed(clinic, asked, MONTH, cohort)
    known = asked.index.month_is_known
    end = min(last, place_of(cohort.month_to)) if cohort.month_to and known else last
    begin = max(place_of(clinic.generation.months[0]), place_of(cohort.month_from) if cohort.month_from and known else 0)
    return range(min(max(end - 11, begin), end), end + 1)


def last_whole(month: int, period: str) -> int:
    """The last quarter (or so) that is over by the end of a month."""
    return (month + 1) // MONTHS_IN[period] - 1


def last_month(clinic: Clinic) -> int:
    """The last month with complete data, as year * 12 + month - 1."""
    return place_of(clinic.generation.data_until)


def not_recorded(clinic: Clinic, asked: Indicator) -> bool:
    """True if the data hold no row of the file the indicator rests on."""
    return asked.needs is not None and not clinic.generation.rows.get(asked.needs)


def notes(clinic: Clinic, *asked: Indicator) -> tuple[str, ...]:
    """The sentences that go with the answer if another score stands in for pain, or a file an indicator rests on was not delivered."""
    said = list(stands_in(clinic))
    unrecorded = [declared.title for declared in asked if not_recorded(clinic, declared)]
    if unrecorded:
        said.append(f"Not recorded in these data: {'; '.join(unrecorded)}.")
    return tuple(said)
