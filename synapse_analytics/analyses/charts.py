"""What the points of an indicator say: limits from closed periods only and from none that must be withheld and marks, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synapse_analytics.analyses.cells import Row, rows_of
from synapse_analytics.analyses.columns import LIMITS
from synapse_analytics.analyses.points import Points, judged_points
from synapse_analytics.analyses.values import PER, Array, Fetched, Numbers, not_recorded
from synapse_analytics.analyses.verdict import verdict
from synapse_analytics.estimates import change_points as cp
from synapse_analytics.estimates import control_charts as spc
from synapse_analytics.indicators import Indicator, Measured
from synapse_analytics.queries.indicators import fact
from synapse_analytics.vocabulary.periods import MONTHS_IN, name_of, spoken, within

TOO_SMALL = "Too few patients to judge this over time, even by {}; the value for the whole period is shown."
RECENT = 24  # months, up to the last closed one: what changed before is no news
HIDDEN = "Too few patients to show this by {}; it is judged by {}."


@dataclass(frozen=True, slots=True)
class Chart:
    """The points of an indicator, and what the closed ones that may be shown say together."""

    points: Points
    told: Array  # places of the periods on which the limits rest: closed, and large enough to be shown
    found: spc.Variation
    changed: cp.Change | None  # places are among `told`
    sentence: str
    target: float | None
    told_patients: int  # distinct patients of the told periods, or at least enough for their limits

    @property
    def kind(self) -> str | None:
        """How its limits are made; None where no point may be shown, and so no chart."""
        return self.found.limits.kind if len(self.told) else None

    @property
    def assurance(self) -> str | None:
        """Against the target: met, missed or hit and miss; None without a target, a direction or lasting limits."""
        direction = self.points.asked.direction
        if self.target is None or direction == "none":
            return None
        return spc.assurance(self.found.limits, self.target, higher_is_better=direction == "higher")

    @property
    def course(self) -> str:
        """What its course says: usual, or what a recent change that is too strong for chance means to the clinic; or too few."""
        if self.changed is not None:
            return str(spc.meaning_of(self.changed.after - self.changed.before, self.points.asked.direction))
        return "usual" if self.found.limits.in_force >= cp.FEWEST else "too few"

    def change(self) -> Row:
        """The recent change: what it means, since which period, and the levels before and after."""
        since, before, after = None, None, None
        if self.changed is not None:
            since = name_of(self.points.keys[self.told[self.changed.since]], self.points.period)
            before, after = self.changed.before, self.changed.after
        return {"course": self.course, "since": since, "before": before, "after": after}

    def rows(self) -> list[Row]:
        """One row for each period: its numbers, and its limits and mark if the limits rest on it."""
        limits, points = self.found.limits, self.points
        lines = (limits.centre.tolist(), limits.low.tolist(), limits.high.tolist(), self.found.rules, self.found.meanings)
        columns = points.made.columns()
        columns |= {"name": [points.asked.name] * len(points.keys), "period": [name_of(key, points.period) for key in points.keys]}
        columns |= {"state": ["closed" if closed else "open" for closed in points.closed.tolist()]}
        columns |= dict(zip(LIMITS, map(self._of_told, lines), strict=True))
        counted = points.asked.measured is Measured.COUNT
        return rows_of(columns | {"limit_patients": [self.told_patients] * len(points.keys) if counted else columns["patients"]})

    def _of_told(self, values: Sequence[Any]) -> list[Any]:
        """The values of the periods on which the limits rest; None for the others."""
        cells: list[Any] = [None] * len(self.points.keys)
        for place, value in zip(self.told.tolist(), values, strict=True):
            cells[place] = value
        return cells


def judged_chart(found: Fetched, asked: Indicator) -> Chart:
    """The chart by which an indicator is judged: every tile, table and report takes its verdict from this one, made once."""
    under = ("judged", found.clinic.policy.name, found.clinic.settings.digest, asked.name)
    return found.counts.derived(under, lambda: chart_of(found, judged_points(found, asked)))


def chart_of(found: Fetched, points: Points) -> Chart:
    """The control chart of these points."""
    asked, settings = points.asked, found.clinic.settings
    told = points.shown[:0] if points.hidden else points.shown
    labels = [name_of(points.keys[place], points.period) for place in told.tolist()]
    starts = _starts(points.period, labels, [change.month for change in settings.recalculations(asked.name)])
    gaps = _gaps(points, told)
    limits = replace(_limits(points, told, starts), gaps=tuple(gaps))
    values = points.made.value[told]
    variation = spc.variation(values, limits, asked.direction)
    target = settings.target(asked.name)
    sentence = _sentence(found, points, variation, labels, gaps)
    told_patients = _told_patients(found, points, {points.keys[place]: int(points.made.patients[place]) for place in told.tolist()})
    changed = _changed(points, told, limits.last_start, found.clinic.policy.count_step)
    return Chart(points, told, variation, changed, sentence, asked.target if target is None else target, told_patients)


def _changed(points: Points, told: Array, first: int, step: int) -> cp.Change | None:
    """The change of the last two years, under the limits in force; counts are rounded to a multiple of `step`."""
    keys = np.arange(points.keys.start, points.keys.stop)[told]
    recent = int(np.count_nonzero(keys > keys[-1] - RECENT // MONTHS_IN[points.period])) if len(keys) else 0
    return cp.latest_change(_course(points, told, step), first=first, recent=recent)


def _course(points: Points, told: Array, step: int) -> cp.Course:
    made, rate = points.made, points.asked.measured is Measured.RATE
    n = made.n[told].astype(float)
    if points.asked.measured is Measured.COUNT:
        return cp.OfEvents(made.value[told], np.ones(len(told)), rate=True, step=step)
    if made.events is None:
        return cp.OfValues(made.value[told], n)
    return cp.OfEvents(made.events[told].astype(float), n, rate=rate, per=PER if rate else 1, step=step)


def _sentence(found: Fetched, points: Points, variation: spc.Variation, labels: Sequence[str], gaps: Mapping[int, str]) -> str:
    """The verdict, or why there is none."""
    if not_recorded(found.clinic, points.asked):
        return "Not recorded in these data."
    return _hidden(found, points) if points.hidden else verdict(variation, [spoken(said) for said in labels], points.period, gaps)


def _hidden(found: Fetched, points: Points) -> str:
    """Why there is no chart: too few patients at all, or for the period that a reader chose."""
    judged = judged_points(found, points.asked)
    return TOO_SMALL.format(judged.period) if judged.hidden else HIDDEN.format(points.period, judged.period)


def _gaps(points: Points, told: Array) -> dict[int, str]:
    """The periods without a point right before a shown one, such as `May 2023 to Jul 2023`, by the place of that one among the shown."""
    places, gaps = told.tolist(), {}
    for number, (before, after) in enumerate(zip(places, places[1:], strict=False), start=1):
        if after > before + 1:
            names = [spoken(name_of(points.keys[place], points.period)) for place in (before + 1, after - 1)]
            gaps[number] = names[0] if names[0] == names[1] else " to ".join(names)
    return gaps


def _told_patients(found: Fetched, points: Points, told: Mapping[int, int]) -> int:
    """Distinct patients of the shown periods; if one period alone has enough for every limit, its patients, because counting all is slow."""
    asked, largest = points.asked, max(told.values(), default=0)
    if largest >= max(found.clinic.policy.mean, found.clinic.policy.median):
        return largest
    counts = found.by_period(asked, points.period).fold(lambda key: () if key[0] in told else None)
    return int(counts.patients(fact(asked.index, asked.plain.n)).sum())


def _starts(period: str, labels: Sequence[str], months: Sequence[str]) -> list[int]:
    """Where the limits begin anew: at the first shown period from each documented month on."""
    begin = [within(month, period) for month in months]
    return [next((place for place, said in enumerate(labels) if said >= first), len(labels)) for first in begin]


def _limits(points: Points, told: Array, starts: Sequence[int]) -> spc.Limits:
    """XmR for means, medians (about their median) and counts; p (or p') for shares; u for rates.

    The centre of p and u is that of all closed periods, withheld ones too: leaving out the small ones would shift it.
    """
    made, measured = points.made, points.asked.measured
    values = made.value[told]
    if made.events is None:
        ties, lowest = measured is Measured.MEDIAN, -np.inf if measured is Measured.MEAN else 0.0
        return spc.segmented(lambda part: spc.xmr(values[part], about_median=ties, lowest=lowest), len(values), starts)
    events, n = made.events[told].astype(float), made.n[told].astype(float)
    centre = _Centre(made, told, points.there)
    if measured is Measured.RATE:
        found = spc.segmented(lambda part: spc.u_chart(events[part], n[part], centre.of(part)), len(n), starts)
        return spc.Limits(found.kind, found.centre * PER, found.low * PER, found.high * PER, found.starts)
    return spc.segmented(lambda part: spc.p_chart(events[part], n[part], centre.of(part)), len(n), starts)


@dataclass(frozen=True, slots=True)
class _Centre:
    """Events by n over all closed periods from the first to the last of a stretch."""

    made: Numbers
    told: Array
    there: Array

    def of(self, part: slice) -> float | None:
        """The centre of this stretch of shown periods; None where there is none."""
        told = self.told[part]
        if not len(told) or self.made.events is None:
            return None
        counted = slice(told[0], told[-1] + 1)
        inside = self.there[counted]
        return float(self.made.events[counted][inside].sum() / self.made.n[counted][inside].sum())
