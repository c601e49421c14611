"""How alike two arms are, before and after weighting, and what unanswered patients could change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synapse_analytics.estimates import Estimate

Array = NDArray[np.float64]
COLLINEAR = 1e-9  # share of a column's variance that the columns before it leave unexplained


def standardised_difference(values: Array, arm_a: Array, weights: Array | None = None) -> float | None:
    """Mean of arm a minus that of arm b over the root of the mean of both variances, of those whose value is known (not NaN).

    The variances are those of the unweighted sample, before and after weighting (Austin 2009), so that weighting cannot shrink
    them; of a yes/no covariate they are p(1 - p). None where an arm has fewer than two; infinite where nothing varies in either arm
    although the means differ.
    """
    means, spreads = [], []
    is_flag = bool(np.isin(values[~np.isnan(values)], (0.0, 1.0)).all())
    for arm in (1, 0):
        here = (arm_a == arm) & ~np.isnan(values)
        if here.sum() < 2:
            return None
        own = values[here]
        means.append(float(np.average(own, weights=None if weights is None else weights[here])))
        spreads.append(float(own.mean() * (1 - own.mean()) if is_flag else own.var(ddof=1)))
    pooled = np.sqrt(sum(spreads) / 2)
    if pooled == 0:
        return 0.0 if means[0] == means[1] else float(np.sign(means[0] - means[1]) * np.inf)
    return (means[0] - means[1]) / float(pooled)


def independent_columns(columns: Array) -> NDArray[np.bool_]:
    """Which columns, with a constant, say something that those before them do not."""
    kept = np.zeros(columns.shape[1], dtype=bool)
    centred = columns - columns.mean(axis=0)
    products = centred.T @ centred
    size = np.diag(products)
    scale = len(columns) * np.abs(columns).max(axis=0, initial=0) ** 2
    for place in range(columns.shape[1]):
        if size[place] <= COLLINEAR * scale[place]:
            continue  # constant
        before = np.flatnonzero(kept)
        cross = products[before, place]
        explained = cross @ np.linalg.solve(products[np.ix_(before, before)], cross) if len(before) else 0.0
        kept[place] = 1 - explained / size[place] > COLLINEAR
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
