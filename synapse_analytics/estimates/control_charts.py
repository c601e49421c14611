"""Control charts: is it getting better, or is it noise? XmR, p, p' and u limits, and the four NHS rules with their priority."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

Array = NDArray[np.float64]
MEAN_RANGE_TO_LIMIT = 2.66  # 3 / d2, d2 = 1.128 for two points; NHSRplotthedots rounds to 2.66, and so do we
D2 = 1.128
LARGEST_RANGE = 3.267  # times the mean moving range: above it a range is an upset and is screened out once
RUN, TREND = 7, 7  # points on one side of the mean; points that rise or fall (six steps)
OVERDISPERSED = 1.2  # sigma_z above which p' (Laney 2002) replaces p
TRIAL_POINTS = 13  # under so many points the limits are trial limits


@dataclass(frozen=True, slots=True)
class Limits:
    """Centre and natural process limits, one per point; `kind` is XmR, p, p' or u."""

    kind: str
    centre: Array
    low: Array
    high: Array

    @property
    def trial(self) -> bool:
        """Too few points for limits that last."""
        return len(self.centre) < TRIAL_POINTS


class Rule(StrEnum):
    """Special cause variation by the NHS rules, in their priority."""

    OUTSIDE = "outside the limits"
    TREND = "seven points rising or falling"
    TWO_OF_THREE = "two of three points close to a limit"
    RUN = "seven points on one side of the mean"


def xmr(values: Array) -> Limits:
    """Individuals chart: mean +- 2.66 mean |moving range|, ranges above 3.267 times their mean screened out once.

    Reference: NHSRplotthedots (`spc`); Wheeler 2000. `values` are in order of time.
    """
    values = np.asarray(values, dtype=float)
    ranges = np.abs(np.diff(values))
    if len(ranges) and ranges.mean() > 0:
        ranges = ranges[ranges <= LARGEST_RANGE * ranges.mean()]
    half = MEAN_RANGE_TO_LIMIT * (ranges.mean() if len(ranges) else 0.0)
    centre = np.full(len(values), values.mean() if len(values) else np.nan)
    return Limits("XmR", centre, centre - half, centre + half)


def sigma_z(events: Array, n: Array) -> float:
    """How much wider than binomial the shares scatter between neighbours: mean |diff z| / 1.128 (Laney 2002)."""
    centre = events.sum() / n.sum()
    spread = np.sqrt(centre * (1 - centre) / n)
    if len(n) < 2 or not (spread > 0).all():
        return 1.0
    return float(np.abs(np.diff((events / n - centre) / spread)).mean() / D2)


def p_chart(events: Array, n: Array) -> Limits:
    """Shares of `n`: centre sum x / sum n, +- 3 sd inside 0..1; p' where they scatter more than binomially (sigma_z > 1.2)."""
    events, n = np.asarray(events, dtype=float), np.asarray(n, dtype=float)
    centre = events.sum() / n.sum()
    factor = sigma_z(events, n)
    wide = factor > OVERDISPERSED
    half = 3 * np.sqrt(centre * (1 - centre) / n) * (factor if wide else 1.0)
    return Limits("p'" if wide else "p", np.full(len(n), centre), np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1))


def u_chart(events: Array, exposure: Array) -> Limits:
    """Counts per exposure: centre sum x / sum e, +- 3 sqrt(centre / e), not below 0 (Montgomery 2013)."""
    events, exposure = np.asarray(events, dtype=float), np.asarray(exposure, dtype=float)
    centre = events.sum() / exposure.sum()
    half = 3 * np.sqrt(centre / exposure)
    return Limits("u", np.full(len(exposure), centre), np.maximum(centre - half, 0), centre + half)


def special_causes(values: Array, limits: Limits) -> list[Rule | None]:
    """The rule that marks each point, by priority: outside, trend, two of three, run; None = usual variation."""
    values = np.asarray(values, dtype=float)
    found: list[Rule | None] = [None] * len(values)
    for rule, marks in (
        (Rule.RUN, _runs(np.sign(values - limits.centre), RUN)),
        (Rule.TWO_OF_THREE, _two_of_three(values, limits)),
        (Rule.TREND, _trends(values)),
        (Rule.OUTSIDE, (values > limits.high) | (values < limits.low)),
    ):
        found = [rule if mark else before for mark, before in zip(marks, found, strict=True)]
    return found


def _runs(sides: Array, length: int) -> NDArray[np.bool_]:
    """Every point of a stretch of at least `length` equal, non-zero signs."""
    marks = np.zeros(len(sides), dtype=bool)
    start = 0
    for end in range(1, len(sides) + 1):
        if end == len(sides) or sides[end] != sides[start]:
            marks[start:end] = sides[start] != 0 and end - start >= length
            start = end
    return marks


def _trends(values: Array) -> NDArray[np.bool_]:
    """The seventh and later points of a monotone stretch; a tie breaks it."""
    steps = np.sign(np.diff(values))
    marks = np.zeros(len(values), dtype=bool)
    for last in range(TREND - 1, len(values)):
        stretch = steps[last - TREND + 1 : last]
        marks[last] = bool(abs(stretch.sum()) == TREND - 1)
    return marks


def _two_of_three(values: Array, limits: Limits) -> NDArray[np.bool_]:
    """The outer points of three in a row on one side of the mean, two of them in the outer third (and inside the limits)."""
    above = values - limits.centre
    zone = 2 / 3 * np.where(above > 0, limits.high - limits.centre, limits.centre - limits.low)
    outer = (np.abs(above) > zone) & (values <= limits.high) & (values >= limits.low)
    marks = np.zeros(len(values), dtype=bool)
    for first in range(len(values) - 2):
        three = slice(first, first + 3)
        one_side = abs(np.sign(above[three]).sum()) == 3
        if one_side and outer[three].sum() >= 2:
            marks[three] |= outer[three]
    return marks


def assurance(limits: Limits, target: float, *, higher_is_better: bool) -> str:
    """Against the target: consistently met, consistently missed, or hit and miss within usual variation."""
    low, high = limits.low[-1], limits.high[-1]
    if low <= target <= high:
        return "hit and miss"
    return "consistently met" if (low > target) == higher_is_better else "consistently missed"


def anhoej(values: Array, centre: float) -> tuple[int, int, int, int]:
    """Runs about the centre line (Anhoej & Olesen 2014): longest run, its limit, crossings, their limit."""
    values = np.asarray(values, dtype=float)
    sides = np.sign(values - centre)
    useful = sides[sides != 0]
    changes = np.flatnonzero(np.diff(useful))
    lengths = np.diff(np.concatenate([[-1], changes, [len(useful) - 1]]))
    n = len(useful)
    return int(lengths.max()), round(np.log2(n)) + 3, len(changes), int(binom.ppf(0.05, n - 1, 0.5))
