"""From counts to the values of indicators, by month, quarter or unit and as a whole: every indicator out of one Counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import SQUARES, Counts, Distribution
from synapse_analytics.estimates import Estimate
from synapse_analytics.estimates.descriptive import mean_interval, median_interval, quantile_from_counts, rate_interval, wilson
from synapse_analytics.estimates.survival import aalen_johansen, at, at_risk
from synapse_analytics.indicators import INDEXES, YEAR, Indicator, Measured, amount_column
from synapse_analytics.indicators.declare import Facts
from synapse_analytics.queries import indicators as q

Array = np.ndarray
Row = dict[str, Any]
THOUSAND = 1000
PER = 100  # rates are per 100
NOTHING = Estimate(None, None, None, 0, "none")
MONTH_UNKNOWN = 16  # days by which the index month of a later event can be off (the 15th stands for the unknown day)
MONTH, QUARTER = "month", "quarter"
SHARES = (Measured.SHARE, Measured.INCIDENCE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """The counts of some indicators over a cohort by month of their index or by unit: one scan for all of them."""

    clinic: Clinic
    cohort: Cohort
    counts: Counts
    by: str

    @classmethod
    def of(cls, clinic: Clinic, cohort: Cohort, indicators: Sequence[Indicator], by: str = MONTH) -> Fetched:
        """Fetch what these indicators need; what the data do not record is not counted."""
        return cls(clinic, cohort, q.indicator_counts(clinic, cohort, indicators, by), by)

    def by_key(self, asked: Indicator) -> Counts:
        """The counts of an indicator by month or unit; none where its file was not delivered."""
        code = INDEXES.index(asked.index)
        if not_recorded(self.clinic, asked):
            return self.counts.view("nobody", lambda: self.counts.fold(lambda _key: None))
        return self.counts.view(code, lambda: self.counts.fold(lambda key: key[1:] if key[0] == code else None))

    def by_period(self, asked: Indicator, period: str) -> Counts:
        """The counts of an indicator by month or quarter."""
        months = self.by_key(asked)
        return months if period == MONTH else months.view(QUARTER, lambda: months.fold(lambda key: (key[0] // 3,)))

    def days(self, asked: Indicator) -> Distribution:
        """Of a median or an incidence the days, by month."""
        return q.days_by_month(self.clinic, self.cohort, asked)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was counted of an indicator, one entry for each key of its counts."""

    n: Array
    events: Array | None  # of a share those with the hit, of a rate the events
    value: Array  # NaN where there is none
    patients: Array
    hit_patients: Array
    miss_patients: Array

    def row(self, place: int) -> Row:
        """n, events, value and the patients they rest on, of one key."""
        value = self.value[place]
        return {
            "n": int(self.n[place]),
            "events": None if self.events is None else int(self.events[place]),
            "value": None if np.isnan(value) else float(value),
            "patients": int(self.patients[place]),
            "hit_patients": int(self.hit_patients[place]),
            "miss_patients": int(self.miss_patients[place]),
        }


def numbers(found: Fetched, asked: Indicator, counts: Counts, facts: Facts) -> Numbers:
    """n, events and value by key; of an incidence the plain share, of a median none (see medians)."""
    n_name, hit_name = (q.fact(asked.index, clause) if clause else "" for clause in (facts.n, facts.hit))
    n, patients = counts.episodes(n_name), counts.patients(n_name)
    nobody = np.zeros(len(n), dtype=np.int64)
    hits, hit, miss = nobody, nobody, nobody
    if hit_name:
        hits, hit, miss = counts.episodes(hit_name), counts.patients(hit_name), counts.outside(hit_name, n_name)
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
    return Numbers(n, events, np.where(n > 0, value, np.nan), patients, hit, miss)


def medians(days: Distribution, keys: Sequence[int], period: str) -> Array:
    """The median of the days by month or quarter."""
    key = days.key if period == MONTH else days.key // 3
    found = [quantile_from_counts(days.value[key == one], days.n[key == one], 0.5) for one in keys]
    return np.array([np.nan if value is None else value for value in found], dtype=float)


def by_period(found: Fetched, asked: Indicator, period: str) -> tuple[list[int], Numbers]:
    """The months or quarters in which its index lies, in order, and what control charts count there."""
    counts = found.by_period(asked, period)
    order = sorted(range(len(counts.keys)), key=lambda place: counts.keys[place])
    keys = [counts.keys[place][0] for place in order]
    made = numbers(found, asked, counts, asked.plain)
    chosen = Numbers(*(None if column is None else column[order] for column in _columns(made)))
    if asked.measured is Measured.MEDIAN and keys:
        chosen = Numbers(chosen.n, None, medians(found.days(asked), keys, period), *_columns(chosen)[3:])
    return keys, chosen


def _columns(made: Numbers) -> tuple[Any, ...]:
    return made.n, made.events, made.value, made.patients, made.hit_patients, made.miss_patients


def whole_row(found: Fetched, asked: Indicator) -> Row:
    """The value of an indicator over the whole cohort with limits, n, events and completeness, and the patients they rest on."""
    counts = found.by_key(asked).whole()
    facts = asked.whole
    row = numbers(found, asked, counts, facts).row(0)
    estimate = _estimate(found, asked, counts, row)
    row |= {"name": asked.name, "value": estimate.value, "low": estimate.low, "high": estimate.high}
    row |= {"events": row["events"] if asked.measured is Measured.SHARE else None}
    expected, followed = (q.fact(asked.index, clause) if clause else "" for clause in (facts.expected, facts.followed))
    whole, part = (int(counts.episodes(name)[0]) if name else 0 for name in (expected, followed))
    return row | {
        "completeness": part / whole if whole else None,
        "whole": whole,
        "top": part,
        "of_patients": int(counts.patients(expected)[0]) if expected else 0,
        "top_patients": int(counts.patients(followed)[0]) if followed else 0,
        "outside_patients": int(counts.outside(followed, expected)[0]) if followed else 0,
    }


def _estimate(found: Fetched, asked: Indicator, counts: Counts, row: Row) -> Estimate:
    n = row["n"]
    if asked.measured is Measured.COUNT:
        return Estimate(row["patients"], None, None, row["patients"], "count")
    if asked.measured is Measured.MEAN:
        name = amount_column(asked)
        change = mean_interval(n, int(counts.total(name)[0]), int(counts.total(name + SQUARES)[0]))
        value, high, low = (None if number is None else 0.0 - number / THOUSAND for number in (change.value, change.low, change.high))
        return Estimate(value, low, high, n, change.method)
    if asked.measured is Measured.RATE:
        return rate_interval(row["events"], n)
    if asked.measured is Measured.SHARE:
        return wilson(row["events"], n)
    if not_recorded(found.clinic, asked):
        return NOTHING
    days = found.days(asked)
    if asked.measured is Measured.MEDIAN:
        return median_interval(days.value, days.n)
    return incidence(days, asked, np.ones(len(days.n), dtype=bool), found.clinic.policy.at_risk)


def incidence(days: Distribution, asked: Indicator, chosen: Array, fewest: int) -> Estimate:
    """Cumulative incidence at a year of some rows; none where the curve is cut because too few are still under observation."""
    hit, competing = days.having(asked.whole.hit), days.having(asked.competes)
    causes = np.where(hit, 1, np.where(competing, 2, 0))
    curve = aalen_johansen(days.value[chosen], causes[chosen], days.n[chosen])
    return NOTHING if at_risk(curve, YEAR) < fewest else at(curve, YEAR)


def quarter_rows(found: Fetched, asked: Indicator) -> Iterator[tuple[int, Row]]:
    """(quarter, n, value and what they rest on) of the quarters in which the indicator has anything to count, in order."""
    keys, made = by_period(found, asked, QUARTER)
    if asked.measured is Measured.INCIDENCE:
        made = numbers(found, asked, found.by_period(asked, QUARTER), asked.whole)
        order = {key[0]: place for place, key in enumerate(found.by_period(asked, QUARTER).keys)}
        days = found.days(asked) if keys else None
        for key in keys:
            row = made.row(order[key])
            if row["n"] and days is not None and is_closed(found.clinic, asked, key, QUARTER):
                yield key, row | {"value": incidence(days, asked, days.key // 3 == key, found.clinic.policy.at_risk).value}
        return
    for place, key in enumerate(keys):
        row = made.row(place)
        if row["n"]:
            yield key, row


def is_closed(clinic: Clinic, asked: Indicator, key: int, period: str) -> bool:
    """True if the follow-up window of everybody with an index in this month (or quarter) is surely over."""
    last = key if period == MONTH else key * 3 + 2
    late = 0 if asked.index.month_is_known or not asked.closes_after else MONTH_UNKNOWN
    return _end(last_month(clinic)) - _end(last) >= timedelta(days=asked.closes_after + late)


def last_month(clinic: Clinic) -> int:
    """The last month with complete data, as year * 12 + month - 1."""
    year, month = map(int, clinic.generation.data_until.split("-"))
    return year * 12 + month - 1


def _end(month: int) -> date:
    """The first day after a month."""
    return date((month + 1) // 12, (month + 1) % 12 + 1, 1)


def not_recorded(clinic: Clinic, asked: Indicator) -> bool:
    """True if the data hold no row of the file the indicator rests on."""
    return asked.needs is not None and not clinic.generation.rows.get(asked.needs)


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
