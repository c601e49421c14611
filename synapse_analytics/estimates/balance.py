"""How alike two arms are, before and after weighting, and what unanswered patients could change."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synapse_analytics.estimates import SAME, Estimate

Array = NDArray[np.float64]
COLLINEAR = 1e-9  # share of a column's variance that the columns before it leave unexplained


def standardised_differences(values: Array, arm_a: NDArray[np.bool_], weights: Array | None = None) -> tuple[float | None, float | None]:
    """Mean of arm a minus that of arm b over the root of the mean of both variances, of those whose value is known: plain and weighted.

    The variances are those of the unweighted sample, before and after weighting (Austin 2009), so that weighting cannot shrink
    them; of a yes/no covariate they are p(1 - p). None where an arm has fewer than two; infinite where nothing varies in either arm
    although the means differ.
    """
    known = ~np.isnan(values)
    chosen = [known & arm_a, known & ~arm_a]
    sides = [values[here] for here in chosen]
    if min(len(own) for own in sides) < 2:
        return None, None
    is_flag = all(((own == 0) | (own == 1)).all() for own in sides)
    means = [float(own.mean()) for own in sides]
    spreads = [mean * (1 - mean) if is_flag else float(own.var(ddof=1)) for mean, own in zip(means, sides, strict=True)]
    pooled = math.sqrt(sum(spreads) / 2)
    if weights is None:
        return _over(means, pooled), None
    weighed = [float(np.average(own, weights=weights[here])) for own, here in zip(sides, chosen, strict=True)]
    return _over(means, pooled), _over(weighed, pooled)


def _over(means: list[float], pooled: float) -> float:
    apart, last_digit = means[0] - means[1], SAME * max(1.0, abs(means[0]), abs(means[1]))
    if abs(apart) <= last_digit:
        return 0.0
    return apart / pooled if pooled > last_digit else math.copysign(math.inf, apart)


def independent(moments: Array) -> NDArray[np.bool_]:
    """Which columns, with a constant, say something that those before them do not.

    `moments` are the cross products of a column of ones and the columns.
    """
    raw = np.diag(moments)[1:]
    left = moments[1:, 1:] - np.outer(moments[0, 1:], moments[0, 1:]) / moments[0, 0]
    size = np.diag(left).copy()
    kept = np.zeros(len(size), dtype=bool)
    for place in range(len(size)):
        if size[place] <= COLLINEAR * raw[place] or left[place, place] <= COLLINEAR * size[place]:
            continue  # constant, or it follows from those before it
        kept[place] = True
        left -= np.outer(left[:, place], left[place] / left[place, place])  # what the columns after it say beyond it
    return kept


@dataclass(frozen=True, slots=True)
class Shift:
    """By how many points unanswered patients of each arm are assumed to be off what the model expects of them."""

    delta_a: float
    delta_b: float


def shifted_difference(found: Estimate, missing_a: float, missing_b: float, shift: Shift) -> Estimate:
    """The difference if those who did not answer were `shift` off: d + delta_a x share missing in a - delta_b x that in b.

    Pattern mixture with a fixed delta (Little 1993; clinical-reference 4.13): the model under missing at random predicts the
    unanswered, the deltas move them. The interval moves along; the shares are taken as known.
    """
    move = shift.delta_a * missing_a - shift.delta_b * missing_b
    ends = [None if end is None else end + move for end in (found.value, found.low, found.high)]
    return Estimate(ends[0], ends[1], ends[2], found.n, "delta")
