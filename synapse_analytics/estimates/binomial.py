"""The binomial distribution of many units at once. scipy.stats gives the same numbers, but importing it takes a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrik, betaincc

Array = NDArray[np.float64]


def at_most(events: Array, n: Array, share: float) -> Array:
    """P(X <= events) for X binomial with whole `n` >= 1 and `share`; 0 below no event, 1 from n on."""
    inside = np.clip(events, 0, n - 1)  # bdtr is 3e-12 off where events are rare, the incomplete beta function is not
    return np.select([events < 0, events >= n], [0.0, 1.0], betaincc(inside + 1, n - inside, share))


def quantile(chance: float, n: Array, share: float) -> Array:
    """The fewest events k with P(X <= k) >= chance."""
    # bdtrik solves for a real k, so the whole number below it may do too; it gives NaN for a share of 0, whose quantile is 0.
    above = np.ceil(np.nan_to_num(bdtrik(chance, n, share)))
    below = np.maximum(above - 1, 0)
    return np.where(at_most(below, n, share) >= chance, below, above)
