"""How often is a clinic in which nothing changes told that something needs attention? And in how many quarters is a true change found?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synapse_analytics.analyses.charts import RECENT
from synapse_analytics.analyses.points import SHOWN
from synapse_analytics.disclosure import PUBLISH
from synapse_analytics.estimates import change_points as cp
from synapse_analytics.indicators import OVERVIEW, Indicator, Measured, indicator
from truth.tables import percent, table

Array = NDArray[np.float64]
MONTHS, FROM = 60, 24  # of the simulated data; the page is looked at after each quarter from the 24th month on
QUARTER, LONGEST = 3, 12  # months
CHANGED = 36  # the month from which the true change holds
FOUND_WITHIN = (4, 8)  # quarters
SHARE_CHANGE, MEAN_CHANGE = 0.10, 0.5  # of a share, and in points of pain
# Of the sample: value and share of the patients who count, by indicator; of a mean also the SD of one patient.
SHARES = {
    "pain_responders_3_months": (0.52, 0.68),
    "pain_responders_12_months": (0.64, 0.43),
    "odi_responders_3_months": (0.56, 0.62),
    "odi_responders_12_months": (0.65, 0.39),
    "surgery_within_12_months": (0.15, 1.0),
    "conservative_care_first": (0.46, 0.32),
    "complications_within_90_days": (0.07, 0.13),
    "reoperation_within_90_days": (0.02, 0.13),
    "reoperation_within_12_months": (0.07, 0.11),
    "follow_up_completeness_3_months": (0.81, 0.85),
    "follow_up_completeness_12_months": (0.70, 0.62),
}
MEANS = {
    "pain_improvement_3_months": (1.7, 2.3, 0.68),
    "pain_improvement_12_months": (2.4, 2.5, 0.43),
    "odi_improvement_3_months": (11.0, 14.0, 0.63),
    "odi_improvement_12_months": (15.3, 15.0, 0.40),
}
WAIT, TREATED = 10.0, 0.9  # mean days to the first treatment, in whole days; share of the patients who are treated
MOST_DRAWN = 400  # waits of one point; the median of more hardly varies
TRUE_SHARE, TRUE_MEAN = "pain_responders_12_months", "pain_improvement_12_months"


@dataclass(frozen=True, slots=True)
class Size:
    """A clinic: its name, how it is judged, patients a month, how many months one point holds, and whether numbers are rounded to be shared."""

    name: str
    judged: str
    a_month: float
    per: int
    rounds: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A course as the page judges it, and how many months a point holds."""

    course: cp.OfEvents | cp.OfValues
    per: int

    def until(self, months: int) -> cp.Course:
        """The course as it is after so many months."""
        points = months // self.per
        if isinstance(self.course, cp.OfEvents):
            return replace(self.course, events=self.course.events[:points], n=self.course.n[:points])
        return replace(self.course, values=self.course.values[:points], n=self.course.n[:points])


SIZES = (
    Size("300 patients in five years", "by quarter", 5, 3),
    Size("2,000 patients", "by month", 33, 1),
    Size("2,000 patients", "by quarter", 33, 3),
    Size("2,000 patients", "by quarter, rounded to be shared", 33, 3, rounds=True),
    Size("20,000 patients", "by month", 333, 1),
    Size("1,000,000 patients", "by month", 16_667, 1),
)


def report(seeds: int) -> str:
    """The table: false attention by size of the clinic, and how soon a true change is found."""
    head = ["clinic", "judged", "quarters with false attention"]
    head += [
        f"{what} found within {within} quarters" for what in ("10 points of a share", "half a point of pain") for within in FOUND_WITHIN
    ]
    text = f"{seeds:,} clinics of each size were simulated (`make truth`), with the {len(OVERVIEW)} indicators of the overview over {MONTHS} months, "
    text += f"looked at after every quarter from month {FROM} on. **False attention**: nothing changes, and some indicator is said to have "
    text += f"changed. **Found**: one indicator improves in month {CHANGED}, and is said to be better.\n\n"
    return text + table(head, [_row(size, seeds) for size in SIZES]) + "\n"


def _row(size: Size, seeds: int) -> list[str]:
    sys.stderr.write(f"attention, {size.name} {size.judged}\n")
    false = [told for seed in range(seeds) for told in _told(simulated(size, np.random.default_rng([seed, 11])), size)]
    cells = [size.name, size.judged, percent(float(np.mean(false)))]
    for name in (TRUE_SHARE, TRUE_MEAN):
        waits = [first_found(size, name, np.random.default_rng([seed, 12])) for seed in range(seeds)]
        cells += [percent(float(np.mean([wait <= within for wait in waits])), 0) for within in FOUND_WITHIN]
    return cells


def _told(courses: Sequence[Judged], size: Size) -> list[bool]:
    """Whether any indicator is said to have changed, quarter by quarter."""
    return [any(_change(judged, months) is not None for judged in courses) for months in range(FROM, MONTHS + 1, QUARTER)]


def first_found(size: Size, name: str, draw: np.random.Generator) -> float:
    """How many quarters after a true change of an indicator it is said to be better; infinite if that never happens."""
    judged = simulated_course(indicator(name), size, draw, changes=True)
    for months in range(CHANGED + QUARTER, MONTHS + 1, QUARTER):
        found = _change(judged, months)
        if found is not None and found.strength > 0:
            return (months - CHANGED) / QUARTER
    return np.inf


def _change(judged: Judged, months: int) -> cp.Change | None:
    """What the page says after so many months."""
    return cp.latest_change(judged.until(months), recent=RECENT // judged.per)


def simulated(size: Size, draw: np.random.Generator) -> list[Judged]:
    """The courses of all indicators of the overview in a clinic in which nothing changes."""
    return [simulated_course(indicator(name), size, draw) for name in OVERVIEW]


def simulated_course(asked: Indicator, size: Size, draw: np.random.Generator, *, changes: bool = False) -> Judged:
    """The course of one indicator, by chance alone; with `changes` it is better from the month CHANGED on."""
    points = MONTHS // size.per
    later = (np.arange(points) * size.per >= CHANGED) & changes
    if asked.name in SHARES:
        share, counted = SHARES[asked.name]
        n = _n(size, counted, draw)
        events = draw.binomial(n, share + SHARE_CHANGE * later)
        return _as_shown(events, n, size.per) if size.rounds else Judged(cp.OfEvents(events.astype(float), n.astype(float)), size.per)
    if asked.name in MEANS:
        mean, sd, counted = MEANS[asked.name]
        n = _n(size, counted, draw)
        return Judged(cp.OfValues(draw.normal(mean + MEAN_CHANGE * later, sd / np.sqrt(n)), n.astype(float)), size.per)
    if asked.measured is Measured.COUNT:
        seen = draw.poisson(size.a_month * size.per, points).astype(float)
        return Judged(cp.OfEvents(seen, np.ones(points), rate=True), size.per)
    n = _n(size, TREATED, draw)
    waits = [np.median(draw.geometric(1 / WAIT, min(number, MOST_DRAWN)) - 1) for number in n.tolist()]
    return Judged(cp.OfValues(np.array(waits), n.astype(float)), size.per)


def _as_shown(events: NDArray[np.int64], n: NDArray[np.int64], per: int) -> Judged:
    """Shares as they are shared: by the shortest period of which nine of ten points may be shown, each count rounded."""
    while per < LONGEST and _mostly_hidden(events, n):
        events, n, per = events.reshape(-1, 2).sum(axis=1), n.reshape(-1, 2).sum(axis=1), 2 * per
    step = PUBLISH.count_step
    told = 0 if _mostly_hidden(events, n) else len(n)
    return Judged(cp.OfEvents(step * np.round(events[:told] / step), step * np.round(n[:told] / step), step=step), per)


def _mostly_hidden(events: NDArray[np.int64], n: NDArray[np.int64]) -> bool:
    hidden = [(count > 0) & (count < PUBLISH.counted) for count in (events, n - events)]
    return bool((~(hidden[0] | hidden[1])).mean() < SHOWN[0] / SHOWN[1])


def _n(size: Size, counted: float, draw: np.random.Generator) -> NDArray[np.int64]:
    return np.maximum(draw.poisson(size.a_month * size.per * counted, MONTHS // size.per), 1)
