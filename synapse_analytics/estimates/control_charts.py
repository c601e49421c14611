"""Control charts: is it getting better, or is it noise? XmR, p, p' and u limits, the four NHS rules and what they mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MEAN_RANGE_TO_LIMIT = 2.66  # 3 / d2, d2 = 1.128 for two points; NHSRplotthedots rounds to 2.66, and so do we
D2 = 1.128
LARGEST_RANGE = 3.267  # times the mean moving range: above it a range is an upset and is screened out once
RUN, TREND, THREE = 7, 7, 3  # points on one side of the mean; points that rise or fall (six steps); points close to a limit
OVERDISPERSED = 1.2  # sigma_z above which p' (Laney 2002) replaces p
TRIAL_POINTS = 13  # under so many points the limits are trial limits
ROUNDING = 1e-9  # relative to the largest number compared: equal months must not differ by the last digit of their mean
SMALLEST = 1e-12  # no two shares, means or counts differ by less; 0.1 + 0.2 and 0.3 do
FEWEST = 2  # points: one alone says nothing about variation


@dataclass(frozen=True, slots=True)
class Limits:
    """Centre and natural process limits, one per point; `kind` is XmR, p, p' or u."""

    kind: str
    centre: Array
    low: Array
    high: Array
    starts: tuple[int, ...] = (0,)  # points at which the limits begin anew
    gaps: tuple[int, ...] = ()  # points before which periods are missing: no rule runs over a gap, the limits go on
    middle: str = "mean"  # or median, for values that often tie

    @property
    def last_start(self) -> int:
        """The point at which the limits in force begin."""
        return self.starts[-1]

    @property
    def in_force(self) -> int:
        """How many points the limits in force rest on."""
        return len(self.centre) - self.last_start

    @property
    def trial(self) -> bool:
        """True if the limits in force rest on too few points to last."""
        return self.in_force < TRIAL_POINTS


class Rule(StrEnum):
    """The NHS rules by which a point is special cause variation, the strongest first."""

    OUTSIDE = "outside the limits"
    TREND = "seven points rising or falling"
    TWO_OF_THREE = "two of three points close to a limit"
    RUN = "seven points on one side of the mean"


class Meaning(StrEnum):
    """What a marked point means to the clinic; a change where neither direction is better."""

    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    CHANGE = "change"


def xmr(values: Array, *, about_median: bool = False, lowest: float = -math.inf) -> Limits:
    """Individuals chart: mean +- 2.66 mean |moving range|, ranges above 3.267 times their mean screened out once.

    Reference: NHSRplotthedots (`spc`); Wheeler 2000. `values` are in order of time. `about_median` centres on the median, as
    run charts do: values that often tie (medians of whole days) would otherwise all lie on one side of a mean just beside them.
    No limit lies below `lowest`, which is 0 for counts.
    """
    ranges = np.abs(np.diff(values))
    if len(ranges) and ranges.mean() > 0:
        ranges = ranges[ranges <= LARGEST_RANGE * ranges.mean()]
    half = MEAN_RANGE_TO_LIMIT * (ranges.mean() if len(ranges) else 0.0)
    middle = np.median if about_median else np.mean
    centre = np.full(len(values), middle(values) if len(values) else math.nan)
    return Limits("XmR", centre, np.maximum(centre - half, lowest), centre + half, middle="median" if about_median else "mean")


def _pooled(events: Array, n: Array) -> float:
    return float(events.sum() / n.sum()) if n.sum() > 0 else math.nan


def _root(parts: float, n: Array) -> Array:
    """sqrt(parts / n); infinite where n is 0."""
    return np.sqrt(np.divide(parts, n, out=np.full(len(n), np.inf), where=n > 0))


def sigma_z(events: Array, n: Array, centre: float | None = None) -> float:
    """How much wider than binomial the shares scatter between neighbours: mean |diff z| / 1.128 (Laney 2002)."""
    centre = _pooled(events, n) if centre is None else centre
    if len(n) < FEWEST or not (0 < centre < 1) or not (n > 0).all():
        return 1.0
    return float(np.abs(np.diff((events / n - centre) / _root(centre * (1 - centre), n))).mean() / D2)


def p_chart(events: Array, n: Array, centre: float | None = None) -> Limits:
    """Shares of `n`: centre sum x / sum n, +- 3 sd inside 0..1; p' where they scatter more than binomially (sigma_z > 1.2).

    `centre` is given where it rests on more than is shown: the share over all months, also over those withheld for few patients.
    """
    centre = _pooled(events, n) if centre is None else centre
    factor = sigma_z(events, n, centre)
    wide = factor > OVERDISPERSED
    half = 3 * _root(centre * (1 - centre), n) * (factor if wide else 1.0)
    return Limits("p'" if wide else "p", np.full(len(n), centre), np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1))


def u_chart(events: Array, exposure: Array, centre: float | None = None) -> Limits:
    """Counts per exposure: centre sum x / sum e (or as given), +- 3 sqrt(centre / e), not below 0 (Montgomery 2013)."""
    centre = _pooled(events, exposure) if centre is None else centre
    half = 3 * _root(centre, exposure)
    return Limits("u", np.full(len(exposure), centre), np.maximum(centre - half, 0), centre + half)


def segmented(chart: Callable[[slice], Limits], points: int, starts: Sequence[int]) -> Limits:
    """Limits that begin anew at `starts` (documented steps, nothing else), each stretch by itself; the kind is that of the last.

    `chart` makes the limits of one stretch, such as `lambda part: xmr(values[part])`. Starts outside 1..points - 1 change nothing.
    """
    begin = (0, *sorted({start for start in starts if 0 < start < points}))
    parts = [chart(part) for part in _stretches(begin, points)]
    centre, low, high = (np.concatenate([getattr(part, line) for part in parts]) for line in ("centre", "low", "high"))
    return Limits(parts[-1].kind, centre, low, high, begin, middle=parts[-1].middle)


def _stretches(begin: tuple[int, ...], points: int) -> Iterator[slice]:
    return (slice(first, last) for first, last in zip(begin, (*begin[1:], points), strict=True))


def _breaks(limits: Limits) -> tuple[int, ...]:
    return tuple(sorted({*limits.starts, *limits.gaps}))


def special_causes(values: Array, limits: Limits) -> list[Rule | None]:
    """The rule that marks each point, by priority: outside, trend, two of three, run; None = usual variation.

    No rule runs over a point where the limits begin anew (before it the process was another one) or over missing periods.
    """
    found: list[Rule | None] = []
    for part in _stretches(_breaks(limits), len(values)):
        found += _marked(values[part], Limits(limits.kind, limits.centre[part], limits.low[part], limits.high[part]))
    return found


def _marked(values: Array, limits: Limits) -> list[Rule | None]:
    slack, sides = _slack(values), _sides(values, limits)
    outside = (values > limits.high + slack) | (values < limits.low - slack)
    found = np.full(len(values), None, dtype=object)
    found[_equal_in_a_row(sides) >= RUN] = Rule.RUN
    found[_two_of_three(values, limits, sides, outside)] = Rule.TWO_OF_THREE
    found[_trends(values) != 0] = Rule.TREND
    found[outside] = Rule.OUTSIDE
    return list(found)


def _slack(values: Array) -> float:
    """The largest difference between two values that counts as none."""
    return max(SMALLEST, ROUNDING * float(np.abs(values[np.isfinite(values)]).max(initial=0.0)))


def _signs(differences: Array, slack: float) -> Array:
    return np.where(np.abs(differences) <= slack, 0.0, np.sign(differences))


def _sides(values: Array, limits: Limits) -> Array:
    """1 for a point above the centre, -1 below, 0 on it."""
    return _signs(values - limits.centre, _slack(values))


def _steps(values: Array) -> Array:
    """1 for a point above the one before it, -1 below; 0 for the first."""
    return _signs(np.diff(values, prepend=values[:1]), _slack(values))


def _equal_in_a_row(signs: Array) -> Array:
    """For each sign the length of the row of equal signs it stands in; 0 where the sign is 0."""
    begin = np.flatnonzero(np.append(True, signs[1:] != signs[:-1]))[: len(signs)]
    lengths = np.diff(begin, append=len(signs))
    return np.abs(signs) * np.repeat(lengths, lengths)


def _trends(values: Array) -> Array:
    """1 for every point of at least seven that rise, -1 of those that fall, else 0; a tie breaks a trend, a turning point ends the first.

    All points of the seven are marked, the first too, as in NHS England's "Making data count" (NHSRplotthedots, part of seven trend).
    """
    steps = _steps(values)[1:]
    lasting = np.where(_equal_in_a_row(steps) >= TREND - 1, steps, 0.0)
    arriving, leaving = np.append(0.0, lasting), np.append(lasting, 0.0)
    return np.where(arriving != 0, arriving, leaving)[: len(values)]


def _two_of_three(values: Array, limits: Limits, sides: Array, outside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The outer points of three in a row on one side of the mean, two of them in the outer third (and inside the limits).

    Limits are as far above as below the mean unless one was cut at the end of the scale: months without any event are not
    close to a limit that was cut at 0.
    """
    if len(values) < THREE:
        return np.zeros(len(values), dtype=bool)
    zone = 2 / 3 * np.maximum(limits.high - limits.centre, limits.centre - limits.low)
    outer = (np.abs(values - limits.centre) > zone + _slack(values)) & ~outside
    three = np.ones(THREE)
    one_side = np.abs(np.convolve(sides, three, "valid")) == THREE
    found = one_side & (np.convolve(outer, three, "valid") >= 2)
    return outer & (np.convolve(found, three) > 0)


@dataclass(frozen=True, slots=True)
class Variation:
    """A chart as judged: the rule and its meaning for each point, and the state of the whole chart, which is that of its last point."""

    values: Array
    limits: Limits
    rules: list[Rule | None]
    meanings: list[Meaning | None]
    state: str  # usual, improvement, concern, change, too few


def variation(values: Array, limits: Limits, direction: str) -> Variation:
    """The marks of a chart and their meaning where `direction` is better (higher, lower, none).

    A trend is judged by where it goes, every other mark by the side of the centre it is on. The last point decides for the
    chart, as in NHS England's "Making data count", which asks for the present state.
    """
    rules = special_causes(values, limits)
    trends = np.concatenate([_trends(values[part]) for part in _stretches(_breaks(limits), len(values))])
    ways = np.where([rule is Rule.TREND for rule in rules], trends, _sides(values, limits))
    meanings = [None if rule is None else meaning_of(way, direction) for rule, way in zip(rules, ways, strict=True)]
    state = "too few" if limits.in_force < FEWEST else str(meanings[-1] or "usual")
    return Variation(values, limits, rules, meanings, state)


def meaning_of(way: float, direction: str) -> Meaning:
    """What it means that values go up (`way` above 0) or down, where `direction` is better (higher, lower, none)."""
    if direction == "none":
        return Meaning.CHANGE
    return Meaning.IMPROVEMENT if (way > 0) == (direction == "higher") else Meaning.CONCERN


@dataclass(frozen=True, slots=True)
class Signal:
    """The mark of a point: its rule, how many points up to it rise or fall (or lie on one side of the centre), and whether upwards (above)."""

    rule: Rule | None
    length: int
    upwards: bool


def signal(found: Variation, place: int) -> Signal:
    """The mark of the point at this place. It reaches back over no point where the limits begin anew, and over no gap."""
    rule = found.rules[place]
    begin = max(start for start in _breaks(found.limits) if start <= place)
    if rule is Rule.TREND:
        steps = _steps(found.values)
        return Signal(rule, 1 + _equal_until(steps, place, begin + 1), bool(steps[place] > 0))
    sides = _sides(found.values, found.limits)
    return Signal(rule, _equal_until(sides, place, begin), bool(sides[place] > 0))


def cutting_gaps(found: Variation) -> list[int]:
    """The gaps that cut a run or a trend: without the gap seven or more points would be one signal, under the limits in force."""
    start = found.limits.last_start
    steps = _equal_in_a_row(_steps(found.values[start:])[1:])
    sides = _sides(found.values, found.limits)[start:]
    run = _equal_in_a_row(sides)
    gaps = [gap - start for gap in found.limits.gaps if gap > start]
    return [gap + start for gap in gaps if steps[gap - 1] >= TREND - 1 or (run[gap] >= RUN and sides[gap] == sides[gap - 1])]


def _equal_until(signs: Array, place: int, first: int) -> int:
    """How many signs up to and including this place are equal, none before `first` counted."""
    others = np.flatnonzero(signs[first : place + 1] != signs[place])
    return place + 1 - first - (int(others[-1]) + 1 if len(others) else 0)


def assurance(limits: Limits, target: float, *, higher_is_better: bool) -> str | None:
    """Against the target: consistently met, consistently missed, or hit and miss within usual variation.

    By the limits at the last point; None while they are trial limits, which are too uncertain for a promise. A value on the
    target meets it, so limits that end at the target are met.
    """
    if limits.trial:
        return None
    worse, better = limits.low[-1], limits.high[-1]
    if not higher_is_better:
        worse, better, target = -better, -worse, -target
    slack = _slack(np.array([worse, better, target]))
    if worse >= target - slack:
        return "consistently met"
    return "consistently missed" if better < target - slack else "hit and miss"
