"""Control charts: is it getting better, or is it noise? XmR, p, p' and u limits, the four NHS rules, what they mean, and in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
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
ROUNDING = 1e-9  # of the largest number compared: equal months must not differ by the last digit of their mean
SMALLEST = 1e-12  # no share, mean or count differs by less; sums of 0.1 and 0.2 do
FEWEST = 2  # of one point nothing can be said


@dataclass(frozen=True, slots=True)
class Limits:
    """Centre and natural process limits, one per point; `kind` is XmR, p, p' or u; at `starts` the limits begin anew."""

    kind: str
    centre: Array
    low: Array
    high: Array
    starts: tuple[int, ...] = (0,)
    gaps: tuple[int, ...] = ()  # points before which periods are missing: no rule runs over them, the limits go on
    middle: str = "mean"  # what the centre is: the mean, or the median of values that often tie

    @property
    def last_start(self) -> int:
        """Where the limits in force begin."""
        return self.starts[-1]

    @property
    def in_force(self) -> int:
        """The points on which the limits in force rest."""
        return len(self.centre) - self.last_start

    @property
    def trial(self) -> bool:
        """Too few points for limits that last."""
        return self.in_force < TRIAL_POINTS


class Rule(StrEnum):
    """Special cause variation by the NHS rules, in their priority."""

    OUTSIDE = "outside the limits"
    TREND = "seven points rising or falling"
    TWO_OF_THREE = "two of three points close to a limit"
    RUN = "seven points on one side of the mean"


class Meaning(StrEnum):
    """What special cause variation means to the clinic; a change where neither way is better."""

    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    CHANGE = "change"


def xmr(values: Array, *, about_median: bool = False, lowest: float = -math.inf) -> Limits:
    """Individuals chart: mean +- 2.66 mean |moving range|, ranges above 3.267 times their mean screened out once.

    Reference: NHSRplotthedots (`spc`); Wheeler 2000. `values` are in order of time. `about_median` centres on the median, as
    run charts do: values that often tie (medians of whole days) would else lie on one side of a mean just beside them. No
    limit lies below `lowest`: there are no minus two patients.
    """
    values = np.asarray(values, dtype=float)
    ranges = np.abs(np.diff(values))
    if len(ranges) and ranges.mean() > 0:
        ranges = ranges[ranges <= LARGEST_RANGE * ranges.mean()]
    half = MEAN_RANGE_TO_LIMIT * (ranges.mean() if len(ranges) else 0.0)
    middle = np.median if about_median else np.mean
    centre = np.full(len(values), middle(values) if len(values) else np.nan)
    return Limits("XmR", centre, np.maximum(centre - half, lowest), centre + half, middle="median" if about_median else "mean")


def _pooled(events: Array, n: Array) -> float:
    return float(events.sum() / n.sum()) if n.sum() > 0 else math.nan


def _root(parts: float, n: Array) -> Array:
    """sqrt(parts / n); without limit where n is 0."""
    return np.sqrt(np.divide(parts, n, out=np.full(len(n), np.inf), where=n > 0))


def sigma_z(events: Array, n: Array, centre: float | None = None) -> float:
    """How much wider than binomial the shares scatter between neighbours: mean |diff z| / 1.128 (Laney 2002)."""
    events, n = np.asarray(events, dtype=float), np.asarray(n, dtype=float)
    centre = _pooled(events, n) if centre is None else centre
    if len(n) < FEWEST or not (0 < centre < 1) or not (n > 0).all():
        return 1.0
    return float(np.abs(np.diff((events / n - centre) / _root(centre * (1 - centre), n))).mean() / D2)


def p_chart(events: Array, n: Array, centre: float | None = None) -> Limits:
    """Shares of `n`: centre sum x / sum n, +- 3 sd inside 0..1; p' where they scatter more than binomially (sigma_z > 1.2).

    `centre` is given where more is known than is shown: the share over all months, those withheld for few patients too.
    """
    events, n = np.asarray(events, dtype=float), np.asarray(n, dtype=float)
    centre = _pooled(events, n) if centre is None else centre
    factor = sigma_z(events, n, centre)
    wide = factor > OVERDISPERSED
    half = 3 * _root(centre * (1 - centre), n) * (factor if wide else 1.0)
    return Limits("p'" if wide else "p", np.full(len(n), centre), np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1))


def u_chart(events: Array, exposure: Array, centre: float | None = None) -> Limits:
    """Counts per exposure: centre sum x / sum e (or as given), +- 3 sqrt(centre / e), not below 0 (Montgomery 2013)."""
    events, exposure = np.asarray(events, dtype=float), np.asarray(exposure, dtype=float)
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

    No rule runs over a point where the limits begin anew (what came before was another process) or over missing periods.
    """
    values = np.asarray(values, dtype=float)
    found: list[Rule | None] = []
    for part in _stretches(_breaks(limits), len(values)):
        found += _marked(values[part], Limits(limits.kind, limits.centre[part], limits.low[part], limits.high[part]))
    return found


def _marked(values: Array, limits: Limits) -> list[Rule | None]:
    slack, sides = _slack(values), _sides(values, limits)
    outside = (values > limits.high + slack) | (values < limits.low - slack)
    found = np.full(len(values), None, dtype=object)
    found[_runs(sides)] = Rule.RUN
    found[_two_of_three(values, limits, sides, outside)] = Rule.TWO_OF_THREE
    found[_trends(values) != 0] = Rule.TREND
    found[outside] = Rule.OUTSIDE
    return list(found)


def _slack(values: Array) -> float:
    return max(SMALLEST, ROUNDING * float(np.abs(values[np.isfinite(values)]).max(initial=0.0)))


def _signs(differences: Array, slack: float) -> Array:
    return np.where(np.abs(differences) <= slack, 0.0, np.sign(differences))


def _sides(values: Array, limits: Limits) -> Array:
    """1 above the mean, -1 below, 0 on it."""
    return _signs(values - limits.centre, _slack(values))


def _stretch(signs: Array) -> Array:
    """The length of the stretch of equal signs that each stands in; 0 where the sign is 0."""
    begin = np.flatnonzero(np.append(True, signs[1:] != signs[:-1]))[: len(signs)]
    lengths = np.diff(begin, append=len(signs))
    return np.where(signs == 0, 0, np.repeat(lengths, lengths))


def _runs(sides: Array) -> NDArray[np.bool_]:
    """Every point of a stretch of at least seven on one side."""
    return _stretch(sides) >= RUN


def _trends(values: Array) -> Array:
    """1 for every point of at least seven that rise, -1 of those that fall, else 0; a tie breaks a trend, a turning point ends the first.

    All points of the seven are marked, the first too, as in NHS England's "Making data count" (NHSRplotthedots, part of seven trend).
    """
    steps = _steps(values)[1:]
    lasting = np.where(_stretch(steps) >= TREND - 1, steps, 0.0)
    arriving, leaving = np.append(0.0, lasting), np.append(lasting, 0.0)
    return np.where(arriving != 0, arriving, leaving)[: len(values)]


def _two_of_three(values: Array, limits: Limits, sides: Array, outside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The outer points of three in a row on one side of the mean, two of them in the outer third (and inside the limits).

    Limits are as far above as below the mean unless one was cut at the end of the scale: months without any event are not
    close to a limit because the limit was cut at nothing.
    """
    zone = 2 / 3 * np.maximum(limits.high - limits.centre, limits.centre - limits.low)
    outer = (np.abs(values - limits.centre) > zone + _slack(values)) & ~outside
    near = np.zeros(len(values), dtype=bool)  # every point of any such three
    if len(values) >= THREE:
        found = np.abs(sides[:-2] + sides[1:-1] + sides[2:]) == THREE
        found &= outer[:-2].astype(int) + outer[1:-1] + outer[2:] >= 2
        for first, last in ((0, -2), (1, -1), (2, None)):
            near[first:last] |= found
    return outer & near


@dataclass(frozen=True, slots=True)
class Variation:
    """A chart as judged: per point the rule and its meaning, and the state of the whole chart, which is that of its last point."""

    values: Array
    limits: Limits
    rules: list[Rule | None]
    meanings: list[Meaning | None]
    state: str  # usual, improvement, concern, change, too few


def variation(rules: Sequence[Rule | None], values: Array, limits: Limits, direction: str) -> Variation:
    """What the marks mean where `direction` is better (higher, lower, none). A trend is judged by where it goes, all else by its side.

    The last point decides for the chart, as in NHS England's "Making data count": it asks what is so now.
    """
    values = np.asarray(values, dtype=float)
    ways = np.where([rule is Rule.TREND for rule in rules], _ways(values, limits), _sides(values, limits))
    meanings = [_meaning(rule, way, direction) for rule, way in zip(rules, ways, strict=True)]
    if limits.in_force < FEWEST:
        return Variation(values, limits, list(rules), meanings, "too few")
    return Variation(values, limits, list(rules), meanings, str(meanings[-1] or "usual"))


def _ways(values: Array, limits: Limits) -> Array:
    """Where the trend goes that each point belongs to; 0 where there is none."""
    return np.concatenate([_trends(values[part]) for part in _stretches(_breaks(limits), len(values))])


def _steps(values: Array) -> Array:
    """Whether each point lies above (1) or below (-1) the one before; 0 for the first."""
    return _signs(np.diff(values, prepend=values[:1]), _slack(values))


def _meaning(rule: Rule | None, way: float, direction: str) -> Meaning | None:
    if rule is None:
        return None
    if direction == "none":
        return Meaning.CHANGE
    return Meaning.IMPROVEMENT if (way > 0) == (direction == "higher") else Meaning.CONCERN


def verdict(found: Variation, labels: Sequence[str], period: str = "month", missing: Mapping[int, str] | None = None) -> str:
    """The chart in one sentence, from the last point; where that is usual, the latest mark since the limits began is recalled.

    `labels` name the points ("2024-03"), `period` what each of them is: a verdict is always one by month, quarter or so. Where
    the limits are trial limits a second sentence says so. `missing` names what has no point right before a place: where it ends
    a run or a trend, that is said.
    """
    start, words = found.limits.last_start, f"{period}s"
    since = f" since {labels[start]}" if start else ""
    if found.state == "too few":
        return f"Too few {words}{since}."
    beware = f" Trial limits: only {found.limits.in_force} {words}{since}." if found.limits.trial else ""
    gap = next((missing[place] for place in reversed(_ended(found)) if place in missing), None) if missing else None
    beware += f" No run or trend is followed over {gap}, for which there is no point." if gap else ""
    marked = [place for place, rule in enumerate(found.rules) if rule and place >= start]
    if not marked:
        return f"Within its usual variation, by {period}.{beware}"
    said = _said(found, marked[-1], labels, words)
    if marked[-1] < len(found.rules) - 1:
        return f"Within its usual variation now, by {period}; {said}.{beware}"
    other = [place for place in marked if found.meanings[place] != found.meanings[marked[-1]]]
    before = f"; before that {_said(found, other[-1], labels, words)}: {found.meanings[other[-1]]}" if other else ""
    return f"{said[0].upper()}{said[1:]}: {found.state}, by {period}{before}.{beware}"


def _ended(found: Variation) -> list[int]:
    """The gaps over which seven or more points would lie on one side, or rise or fall, under the limits in force."""
    start, values = found.limits.last_start, found.values
    steps = _stretch(_steps(values[start:])[1:])
    sides = _sides(values, found.limits)[start:]
    run = _stretch(sides)
    gaps = [place - start for place in found.limits.gaps if place > start]
    ended = [place for place in gaps if steps[place - 1] >= TREND - 1 or (run[place] >= RUN and sides[place] == sides[place - 1])]
    return [place + start for place in ended]


def _said(found: Variation, place: int, labels: Sequence[str], words: str) -> str:
    """The mark of one point in words; of the last point as what lasts, of an earlier one as what was."""
    rule, here = found.rules[place], labels[place]
    lasts = place == len(found.rules) - 1
    begin = max(start for start in _breaks(found.limits) if start <= place)
    if rule is Rule.OUTSIDE:
        return f"outside its limits in {here}"
    if rule is Rule.TWO_OF_THREE:
        return f"2 of 3 {words} close to a limit, last {here}"
    if rule is Rule.TREND:
        steps = _steps(found.values)
        length = 1 + _equal_until(steps, place, begin + 1)
        return f"{'rising' if steps[place] > 0 else 'falling'} for {length} {words}, last {here}"
    sides = _sides(found.values, found.limits)
    length = _equal_until(sides, place, begin)
    first = labels[place - length + 1]
    side = f"{'above' if sides[place] > 0 else 'below'} its {found.limits.middle}"
    return f"{length} {words} {side} {f'since {first}' if lasts else f'from {first} to {here}'}"


def _equal_until(signs: Array, place: int, first: int) -> int:
    """How many signs up to this place are the same, none before `first`."""
    length = 0
    while place - length >= first and signs[place - length] == signs[place]:
        length += 1
    return length


def assurance(limits: Limits, target: float, *, higher_is_better: bool) -> str | None:
    """Against the target: consistently met, consistently missed, or hit and miss within usual variation.

    By the limits at the last point; None while they are trial limits, which are too uncertain for a promise. What lies on the
    target meets it: limits that end at the target are met, and so is a process that always is exactly there.
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
