"""Overlap weights: the difference among patients for whom both choices were plausible (Li, Morgan, Zaslavsky 2018)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synapse_analytics.estimates import Z_95, Estimate
from synapse_analytics.estimates.blocks import Clusters, side_by_side, spread
from synapse_analytics.estimates.regression import propensity

Array = NDArray[np.float64]
LEAST_EFFECTIVE = 30  # effective patients of an arm: of fewer nothing is said


@dataclass(frozen=True, slots=True)
class Overlap:
    """The weighted difference, a minus b, with propensities, weights and effective sample sizes of the arms to judge it by, and its means."""

    difference: Estimate
    propensity: Array
    weights: Array
    effective_a: float
    effective_b: float
    mean_a: float = math.nan
    mean_b: float = math.nan


def effective_sample_size(weights: Array) -> float:
    """(sum w)^2 / sum w^2 (Kish 1965): how many unweighted patients would carry the same information."""
    return float(weights.sum() ** 2 / np.square(weights).sum()) if len(weights) else 0.0


def overlap_difference(
    outcome: Array, arm_a: Array, covariates: Array, clusters: Clusters | None = None, share: Array | None = None
) -> Overlap | None:
    """Weighted mean of arm a minus that of arm b; a weighs 1 - e, b weighs e, e = P(a | covariates).

    Interval by stacked M-estimation, which allows for e being estimated: psi = [(z - e) x, z(1 - e)(y - m1), (1 - z) e (y - m0)],
    V = A^-1 (psi' psi) A^-T with A = -sum dpsi/dtheta; the same form as R's PSweight. With `clusters` (the patients of the rows)
    psi is added up within each before it is squared. `share` is e, where it was fitted for another outcome of the same patients.
    None where e cannot be fitted.
    """
    share = propensity(covariates, arm_a) if share is None else share
    if share is None:
        return None
    weights = np.where(arm_a == 1, 1 - share, share)
    weigh_a, weigh_b = arm_a * weights, (1 - arm_a) * weights
    mean_a, mean_b = (float((weigh * outcome).sum() / weigh.sum()) for weigh in (weigh_a, weigh_b))
    error = _sandwich(covariates, arm_a, share, (weigh_a, outcome - mean_a, weigh_b, outcome - mean_b), clusters)
    value = mean_a - mean_b
    estimate = Estimate(value, value - Z_95 * error, value + Z_95 * error, len(outcome), "overlap weights")
    sizes = [effective_sample_size(weights[arm_a == arm]) for arm in (1, 0)]
    return Overlap(estimate, share, weights, sizes[0], sizes[1], mean_a, mean_b)


def _sandwich(covariates: Array, arm_a: Array, share: Array, arms: tuple[Array, Array, Array, Array], clusters: Clusters | None) -> float:
    weigh_a, from_a, weigh_b, from_b = arms
    constant, slope = np.ones(len(share)), share * (1 - share)
    size = covariates.shape[1] + 1
    bread = np.zeros((size + 2, size + 2))
    pull_a, pull_b = arm_a * slope * from_a, (1 - arm_a) * slope * from_b
    for here, block in side_by_side(constant, covariates):
        bread[:size, :size] += (block * slope[here][:, None]).T @ block
        bread[size, :size] += pull_a[here] @ block  # the weight 1 - e falls as e rises
        bread[size + 1, :size] -= pull_b[here] @ block
    bread[size, size], bread[size + 1, size + 1] = weigh_a.sum(), weigh_b.sum()
    inverse = np.linalg.inv(bread)
    # Only the variance of the difference of both means is needed: psi in its direction is one number for each row.
    direction = inverse[size] - inverse[size + 1]
    psi = weigh_a * from_a * direction[size] + weigh_b * from_b * direction[size + 1]
    for here, block in side_by_side(constant, covariates):
        psi[here] += (block @ direction[:size]) * (arm_a - share)[here]
    return math.sqrt(spread(psi, clusters)[0, 0])


def e_value(ratio: float) -> float:
    """The risk ratio that a hidden cause needs with both treatment and outcome to explain `ratio` away (VanderWeele & Ding 2017)."""
    ratio = max(ratio, 1 / ratio)
    return ratio + math.sqrt(ratio * (ratio - 1))


def e_value_of_difference(difference: float, low: float, high: float, sd: float) -> tuple[float, float]:
    """E-values of a difference of means and of its limit nearest to 0: RR ~ exp(0.91 d), d = difference / SD.

    `sd` is the SD of the outcome; the limits follow exp(0.91 d +- 1.78 se_d) of the same paper. 1 where the interval holds 0.
    """
    d, error = difference / sd, (high - low) / (2 * Z_95) / sd
    point = e_value(math.exp(0.91 * d))
    nearest = abs(0.91 * d) - 1.78 * error
    return point, e_value(math.exp(nearest)) if nearest > 0 else 1.0
