"""Overlap weights: the difference among patients for whom both choices were plausible (Li, Morgan, Zaslavsky 2018)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synapse_analytics.estimates import Z_95, Estimate
from synapse_analytics.estimates.regression import propensity, summed_within

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Overlap:
    """The weighted difference, a minus b, with what is needed to judge it."""

    difference: Estimate
    propensity: Array
    weights: Array
    effective_a: float
    effective_b: float


def effective_sample_size(weights: Array) -> float:
    """(sum w)^2 / sum w^2 (Kish 1965): how many unweighted patients would carry the same information."""
    return float(weights.sum() ** 2 / (weights @ weights)) if len(weights) else 0.0


def overlap_difference(outcome: Array, arm_a: Array, covariates: Array, clusters: Array | None = None) -> Overlap | None:
    """Weighted mean of arm a minus that of arm b; a weighs 1 - e, b weighs e, e = P(a | covariates).

    Interval by stacked M-estimation, which counts that e is estimated: psi = [(z - e) x, z(1 - e)(y - m1), (1 - z) e (y - m0)],
    V = A^-1 (psi' psi) A^-T with A = -sum dpsi/dtheta; the same form as R's PSweight. With `clusters` (the patient of each row)
    psi is added up within each before it is squared. None where e cannot be fitted.
    """
    design = np.column_stack([np.ones(len(outcome)), covariates])
    share = propensity(design, arm_a)
    if share is None:
        return None
    weights = np.where(arm_a == 1, 1 - share, share)
    weigh_a, weigh_b = arm_a * weights, (1 - arm_a) * weights
    mean_a, mean_b = (float(w @ outcome / w.sum()) for w in (weigh_a, weigh_b))
    error = _sandwich(design, arm_a, share, (weigh_a, outcome - mean_a, weigh_b, outcome - mean_b), clusters)
    value = mean_a - mean_b
    estimate = Estimate(value, value - Z_95 * error, value + Z_95 * error, len(outcome), "overlap weights")
    return Overlap(estimate, share, weights, *(effective_sample_size(weights[arm_a == arm]) for arm in (1, 0)))


def _sandwich(design: Array, arm_a: Array, share: Array, arms: tuple[Array, Array, Array, Array], clusters: Array | None) -> float:
    weigh_a, from_a, weigh_b, from_b = arms
    psi = summed_within(np.column_stack([design * (arm_a - share)[:, None], weigh_a * from_a, weigh_b * from_b]), clusters)
    size = design.shape[1]
    slope = share * (1 - share)
    bread = np.zeros((size + 2, size + 2))
    bread[:size, :size] = (design * slope[:, None]).T @ design
    bread[size, :size] = (arm_a * slope * from_a) @ design  # the weight 1 - e falls as e rises
    bread[size + 1, :size] = -((1 - arm_a) * slope * from_b) @ design
    bread[size, size], bread[size + 1, size + 1] = weigh_a.sum(), weigh_b.sum()
    inverse = np.linalg.inv(bread)
    covariance = inverse @ (psi.T @ psi) @ inverse.T
    return math.sqrt(covariance[size, size] + covariance[size + 1, size + 1] - 2 * covariance[size, size + 1])


def e_value(ratio: float) -> float:
    """How strong a hidden cause must be with treatment and outcome, as risk ratio, to explain `ratio` away (VanderWeele & Ding 2017)."""
    ratio = 1 / ratio if ratio < 1 else ratio
    return ratio + math.sqrt(ratio * (ratio - 1))


def e_value_of_difference(difference: float, low: float, high: float, sd: float) -> tuple[float, float]:
    """E-values of a difference of means and of its limit nearest to none: RR ~ exp(0.91 d), d = difference / SD.

    `sd` is the SD of the outcome; the limits follow exp(0.91 d +- 1.78 se_d) of the same paper. 1 where the interval holds 0.
    """
    d, error = difference / sd, (high - low) / (2 * Z_95) / sd
    point = e_value(math.exp(0.91 * d))
    nearest = abs(0.91 * d) - 1.78 * error
    return point, e_value(math.exp(nearest)) if nearest > 0 else 1.0
