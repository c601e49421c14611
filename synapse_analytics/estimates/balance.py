"""How alike two arms are, before and after weighting, and how patients who did not answer could change the difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synapse_analytics.estimates import Estimate
from synapse_analytics.estimates.descriptive import standardised

Array = NDArray[np.float64]
COLLINEAR = 1e-9  # share of a column's variance that the columns before it leave unexplained


def standardised_differences(values: Array, arm_a: NDArray[np.bool_], weights: Array | None = None) -> tuple[float | None, float | None]:
    """Mean of arm a minus that of arm b over the root of the mean of both variances, among known values: plain and weighted.

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
    plain = standardised(means[0], means[1], pooled)
    if weights is None:
        return plain, None
    weighed = [float(np.average(own, weights=weights[here])) for own, here in zip(sides, chosen, strict=True)]
    return plain, standardised(weighed[0], weighed[1], pooled)


def independent(moments: Array) -> NDArray[np.bool_]:
    """True for each column that does not follow linearly from a constant and the columns before it.

    `moments` are the cross products of a column of ones and the columns.
    """
    raw = np.diag(moments)[1:]
    left = moments[1:, 1:] - np.outer(moments[0, 1:], moments[0, 1:]) / moments[0, 0]
    size = np.diag(left).copy()
    kept = np.zeros(len(size), dtype=bool)
    for place in range(len(size)):
        if size[place] <= COLLINEAR * raw[place] or left[place, place] <= COLLINEAR * size[place]:
            continue
        kept[place] = True
        left -= np.outer(
            left[:, place], left[place] / left[place, place]
        )  # keeps only the part of later columns this one leaves unexplained
    return kept


@dataclass(frozen=True, slots=True)
class Shift:
    """By how many points the patients of each arm who did not answer are assumed to differ from the model's expectation."""

    delta_a: float
    delta_b: float


def shifted_difference(found: Estimate, missing_a: float, missing_b: float, shift: Shift) -> Estimate:
    """The difference d if patients without answer differed by `shift`: d + delta_a x share missing in a - delta_b x share missing in b.

    Pattern mixture with a fixed delta (Little 1993): the model under missing at random predicts the missing scores, the deltas move
    them. The interval moves along; the shares are taken as known.
    """
    move = shift.delta_a * missing_a - shift.delta_b * missing_b
    value, low, high = (None if end is None else end + move for end in (found.value, found.low, found.high))
    return Estimate(value, low, high, found.n, "delta")
