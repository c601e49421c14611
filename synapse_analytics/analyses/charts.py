"""The points of a control chart and what they say: limits from closed periods only, and from none that must be withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from synapse_analytics.analyses.overview import N, values_of
from synapse_analytics.analyses.shares import label
from synapse_analytics.analyses.values import MONTH, PER, SHARES, Array, Fetched, Numbers, Row, by_period, last_closed, last_month
from synapse_analytics.disclosure import Kind, Measure, Policy, TableRule, in_steps, rounded, shortened, survives
from synapse_analytics.estimates import control_charts as spc
from synapse_analytics.indicators import Indicator, Measured
from synapse_analytics.queries.calendar import month_name, quarter_name
from synapse_analytics.queries.indicators import fact
from synapse_analytics.vocabulary.periods import of_quarter, spoken

MOSTLY = 5  # four of five periods must be shown, or there is no chart
HIDDEN = {
    "month": "Too many months rest on too few patients for a chart; try quarters.",
    "quarter": "Too many quarters rest on too few patients for a chart.",
}
LIMITS = ("centre", "low", "high", "rule", "meaning")


@dataclass(frozen=True, slots=True)
class Chart:
    """The periods with their numbers, and what the closed ones that may be shown say together."""

    asked: Indicator
    period: str
    keys: range  # months or quarters, without a gap
    made: Numbers
    closed: Array  # True where everybody's follow-up window is over
    told: Array  # places of the periods on which the limits rest
    found: spc.Variation
    sentence: str
    target: float | None
    hidden: bool  # too many periods are too small
    told_patients: int  # distinct patients of the told periods, or at least enough for their limits

    @property
    def assurance(self) -> str | None:
        """Against the target: met, missed or hit and miss; None without a target, a direction or lasting limits."""
        if self.target is None or self.asked.direction == "none":
            return None
        return spc.assurance(self.found.limits, self.target, higher_is_better=self.asked.direction == "higher")

    def rows(self) -> list[Row]:
        """One row for each period: its numbers, and its limits and mark where it is told."""
        name = month_name if self.period == MONTH else quarter_name
        limits = self.found.limits
        lines = zip(limits.centre.tolist(), limits.low.tolist(), limits.high.tolist(), self.found.rules, self.found.meanings, strict=True)
        marks = dict(zip(self.told.tolist(), lines, strict=True))
        rows = []
        for place, (key, row) in enumerate(zip(self.keys, self.made.rows(), strict=True)):
            said = name(key)
            row |= {"period": said, "quarter": of_quarter(said), "state": "closed" if self.closed[place] else "open"}
            row |= dict(zip(LIMITS, marks.get(place, (None,) * len(LIMITS)), strict=True))
            rows.append(row | {"limit_patients": self.told_patients if self.asked.measured is Measured.COUNT else row["patients"]})
        return rows


def points_rule(measured: Measured) -> TableRule:
    """What the gate is told about the points of a chart."""
    value = values_of(measured)[0]
    if measured in SHARES:
        value = Measure("value", Kind.SHARE, "patients", "hit_patients", "miss_patients", count="events", of="n")
    follows = Kind.MEDIAN if measured is Measured.MEDIAN else Kind.MEAN  # withheld where the value is, never made again
    limits = (Measure(name, follows, "limit_patients", part=value.part, outside=value.outside) for name in LIMITS)
    events = Measure("events", Kind.COUNT, value.part or "patients")
    return TableRule("points", (label("period"), label("quarter"), label("state"), N, events, value, *limits))


def chart(found: Fetched, asked: Indicator, period: str) -> Chart:
    """The control chart of an indicator by month or quarter."""
    keys, made = _periods(found, asked, period)
    settings, policy = found.clinic.settings, found.clinic.policy
    closed = np.arange(keys.start, keys.stop) <= last_closed(found.clinic, asked, period)
    there = closed & ~np.isnan(made.value)
    told = np.flatnonzero(there & survives(points_rule(asked.measured), "value", made.supports() | _counts(made), policy))
    hidden = MOSTLY * len(told) < (MOSTLY - 1) * int(
        np.count_nonzero(there)
    )  # months with a few events are withheld, those without are not: what is left would look too good
    told = told[:0] if hidden else told
    name = month_name if period == MONTH else quarter_name
    labels = [name(keys[place]) for place in told.tolist()]
    starts = _starts(period, labels, [change.month for change in settings.recalculations(asked.name)])
    limits = replace(_limits(asked, made, told, there, starts), gaps=tuple((np.flatnonzero(np.diff(told) > 1) + 1).tolist()))
    values = made.value[told]
    variation = spc.variation(spc.special_causes(values, limits), values, limits, asked.direction)
    target = settings.target(asked.name)
    sentence = HIDDEN[period] if hidden else spc.verdict(variation, [spoken(said) for said in labels], period)
    return Chart(
        asked,
        period,
        keys,
        made,
        closed,
        told,
        variation,
        sentence,
        asked.target if target is None else target,
        hidden,
        _told_patients(found, asked, period, {keys[place]: int(made.patients[place]) for place in told.tolist()}),
    )


def _counts(made: Numbers) -> dict[str, Array]:
    """Numerator and denominator of a share."""
    return {} if made.events is None else {"n": made.n, "events": made.events}


def _told_patients(found: Fetched, asked: Indicator, period: str, told: Mapping[int, int]) -> int:
    """Distinct patients of the told months or quarters; if one of these has enough for every limit, that one's: uniting all is dear."""
    largest = max(told.values(), default=0)
    if largest >= max(found.clinic.policy.mean, found.clinic.policy.median):
        return largest
    counts = found.by_period(asked, period).fold(lambda key: () if key[0] in told else None)
    return int(counts.patients(fact(asked.index, asked.plain.n)).sum())


def _periods(found: Fetched, asked: Indicator, period: str) -> tuple[range, Numbers]:
    """Every period from the first to the last with any index, so that a gap is a gap; of a count to the end of the data."""
    known, made = by_period(found, asked, period)
    if not known:
        return range(0), made
    last = known[-1]
    if asked.measured is Measured.COUNT and not found.cohort.month_to:
        last = last_month(found.clinic) if period == MONTH else last_month(found.clinic) // 3
    keys = range(known[0], last + 1)
    places = np.full(len(keys), -1, dtype=np.int64)
    places[np.array(known) - known[0]] = np.arange(len(known))
    every = made.take(places)
    if asked.measured is Measured.COUNT:
        every = replace(every, value=np.nan_to_num(every.value))
    return keys, _as_shown(asked, every, found.clinic.policy)


def _as_shown(asked: Indicator, made: Numbers, policy: Policy) -> Numbers:
    """n, events and value as the policy shows them: limits made of exact counts would tell them beside rounded ones."""
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


def _starts(period: str, labels: Sequence[str], months: Sequence[str]) -> list[int]:
    """Where the limits begin anew: at the first told period from each documented month on."""
    begin = months if period == MONTH else [of_quarter(month) for month in months]
    return [next((place for place, said in enumerate(labels) if said >= first), len(labels)) for first in begin]


def _limits(asked: Indicator, made: Numbers, told: Array, there: Array, starts: Sequence[int]) -> spc.Limits:
    """XmR for means, medians (about their median) and counts; p (or p') for shares; u for rates.

    The centre of p and u is that of all closed periods, withheld ones too: leaving out the small ones would shift it.
    """
    values = made.value[told]
    if made.events is None:
        ties = asked.measured is Measured.MEDIAN
        return spc.segmented(lambda part: spc.xmr(values[part], about_median=ties), len(values), starts)
    all_events, all_n = made.events, made.n
    events, n = all_events[told].astype(float), all_n[told].astype(float)

    def centre(part: slice) -> float | None:
        """Events by n over all closed periods from the first to the last of these."""
        if not len(told[part]):
            return None
        counted = slice(told[part][0], told[part][-1] + 1)
        inside = there[counted]
        return float(all_events[counted][inside].sum() / all_n[counted][inside].sum())

    if asked.measured is Measured.RATE:
        found = spc.segmented(lambda part: spc.u_chart(events[part], n[part], centre(part)), len(n), starts)
        return spc.Limits(found.kind, found.centre * PER, found.low * PER, found.high * PER, found.starts)
    return spc.segmented(lambda part: spc.p_chart(events[part], n[part], centre(part)), len(n), starts)
