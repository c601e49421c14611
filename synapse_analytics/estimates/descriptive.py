"""Means, shares, quantiles and standardised differences with their 95 % intervals, from counts and sums.

Sums may be exact integers (scores in thousandths): the variance is then computed without rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

# scipy.stats gives the same numbers, but importing it takes a second and each call a hundred times as long
from scipy.special import gammaincinv, ndtr, stdtrit

from synapse_analytics.estimates import SAME, Z_95, Estimate
from synapse_analytics.estimates.quantiles import group_quantiles

Array = np.ndarray


def variance(n: int, total: float, total_of_squares: float) -> float | None:
    """Sample variance (n - 1) from sums; None for fewer than two values."""
    if n < 2:
        return None
    # n * squares - total^2 before the division: exact for integers, so equal values give exactly 0.
    return max(0.0, (n * total_of_squares - total * total) / (n * (n - 1)))


def sd(n: int, total: float, total_of_squares: float) -> float | None:
    """Sample standard deviation from sums; None for fewer than two values."""
    squared = variance(n, total, total_of_squares)
    return None if squared is None else math.sqrt(squared)


def mean_interval(n: int, total: float, total_of_squares: float) -> Estimate:
    """Mean with t interval: mean +- t(n-1, .975) sd / sqrt(n). Reference: Student; `t.test` of R."""
    spread = sd(n, total, total_of_squares)
    if n == 0 or spread is None:
        return Estimate(total / n if n else None, None, None, n, "t")
    mean, half = total / n, float(stdtrit(n - 1, 0.975)) * spread / math.sqrt(n)
    return Estimate(mean, mean - half, mean + half, n, "t")


def rate_interval(events: int, exposure: float) -> Estimate:
    """Events per 100 of exposure with exact Poisson limits (Garwood 1936; `poisson.test` of R)."""
    if exposure <= 0:
        return Estimate(None, None, None, 0, "exact Poisson")
    low = float(gammaincinv(events, 0.025)) if events else 0.0
    high = float(gammaincinv(events + 1, 0.975))
    value, low, high = (number * 100 / exposure for number in (events, low, high))
    return Estimate(value, low, high, int(exposure), "exact Poisson")


def welch_difference(a: tuple[int, float, float], b: tuple[int, float, float]) -> Estimate:
    """Difference of two means, a minus b, each as (n, total, total of squares), unequal variances (Welch 1947)."""
    n = a[0] + b[0]
    variance_a, variance_b = variance(*a), variance(*b)
    if not a[0] or not b[0]:
        return Estimate(None, None, None, n, "welch")
    difference = a[1] / a[0] - b[1] / b[0]
    if variance_a is None or variance_b is None:
        return Estimate(difference, None, None, n, "welch")
    part_a, part_b = variance_a / a[0], variance_b / b[0]
    if part_a + part_b == 0:
        return Estimate(difference, difference, difference, n, "welch")
    freedom = (part_a + part_b) ** 2 / (part_a**2 / (a[0] - 1) + part_b**2 / (b[0] - 1))
    half = float(stdtrit(freedom, 0.975)) * math.sqrt(part_a + part_b)
    return Estimate(difference, difference - half, difference + half, n, "welch")


def wilson(successes: int, n: int) -> Estimate:
    """Share with Wilson score interval (Wilson 1927), which stays inside 0..1 and is right for small n."""
    if not n:
        return Estimate(None, None, None, 0, "wilson")
    share, z2 = successes / n, Z_95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    # At 0 and at n the limit is the share itself; arithmetic alone leaves 1e-18 there.
    low, high = 0.0 if successes == 0 else centre - half, 1.0 if successes == n else centre + half
    return Estimate(share, low, high, n, "wilson")


def quantile_from_counts(values: Sequence[float] | Array, counts: Sequence[int] | Array, q: float) -> float | None:
    """Exact quantile (see `group_quantiles`) of whole numbers that occur `counts` times each; None when there are none."""
    counts = np.asarray(counts)
    [[found]] = group_quantiles(np.zeros(len(counts), dtype=np.int64), np.asarray(values), counts, (q,), 1)
    return None if math.isnan(found) else float(found)


def median_interval(values: Sequence[float] | Array, counts: Sequence[int] | Array) -> Estimate:
    """Median with the order-statistic interval, which needs no shape of the distribution (Conover 1999, 3.2).

    Limits are the values at ranks n/2 -+ z sqrt(n)/2, rounded outwards; None where such a rank does not exist.
    """
    n = int(np.sum(counts))
    middle = quantile_from_counts(values, counts, 0.5)
    first = math.floor(n / 2 - Z_95 * math.sqrt(n) / 2)
    last = math.ceil(1 + n / 2 + Z_95 * math.sqrt(n) / 2)
    if middle is None or first < 1 or last > n:
        return Estimate(middle, None, None, n, "order statistics")
    low, high = (quantile_from_counts(values, counts, (rank - 1) / (n - 1)) for rank in (first, last))
    return Estimate(middle, low, high, n, "order statistics")


def standardised(mean_a: float, mean_b: float, pooled: float) -> float:
    """The difference of two means in units of a pooled SD; infinite if nothing varies although the means differ."""
    if math.isclose(mean_a, mean_b, rel_tol=SAME, abs_tol=SAME):
        return 0.0
    return (mean_a - mean_b) / pooled if pooled > SAME * max(1.0, abs(mean_a)) else math.copysign(math.inf, mean_a - mean_b)


def smd(mean_a: float, sd_a: float | None, mean_b: float, sd_b: float | None) -> float | None:
    """Standardised mean difference, a minus b, over the root of the mean of the two variances (Austin 2009); None without spread."""
    if sd_a is None or sd_b is None:
        return None
    found = standardised(mean_a, mean_b, math.sqrt((sd_a**2 + sd_b**2) / 2))
    return None if math.isinf(found) else found


def smd_of_shares(share_a: float, share_b: float) -> float | None:
    """Standardised difference of two shares, a minus b, with p(1 - p) as variance (Austin 2009)."""
    return smd(share_a, math.sqrt(share_a * (1 - share_a)), share_b, math.sqrt(share_b * (1 - share_b)))


def _density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def regression_to_the_mean(mean: float, total_sd: float, within_sd: float, limits: tuple[float | None, float | None]) -> float:
    """By how much the next score is expected to fall without any effect, in patients chosen for a baseline inside `limits`.

    within^2 / total x (phi(z_low) - phi(z_high)) / (Phi(z_high) - Phi(z_low)): the mean of a normal distribution
    cut at both ends (docs/methods.md has the form for one end). `mean` and `total_sd` are of all baselines before choosing,
    `within_sd` is the noise of one patient's answers.
    Negative where the chosen patients start low and drift up. 0 where no baseline can lie inside the limits.
    """
    low = -math.inf if limits[0] is None else (limits[0] - mean) / total_sd
    high = math.inf if limits[1] is None else (limits[1] - mean) / total_sd
    inside = float(ndtr(high) - ndtr(low))
    return within_sd**2 / total_sd * (_density(low) - _density(high)) / inside if inside > 0 else 0.0
