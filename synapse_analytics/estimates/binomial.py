"""The binomial distribution at many places at once. The statistics package gives the same after a second of imports."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincc

Array = NDArray[np.float64]


def at_most(events: Array, n: Array, share: float) -> Array:
    """P(X <= events) of n with this share; 0 below no event, 1 from n on."""
    events, n = np.broadcast_arrays(np.asarray(events, dtype=float), np.asarray(n, dtype=float))
    found = np.where(events < 0, 0.0, 1.0)
    between = (events >= 0) & (events < n)
    found[between] = betaincc(events[between] + 1, n[between] - events[between], share)
    return found


def quantile(chance: float, n: Array, share: float) -> Array:
    """The fewest events that are not exceeded with at least this chance, by halving: whole numbers need no approximation first."""
    n = np.asarray(n, dtype=float)
    enough, too_few = np.floor(n), np.full(n.shape, -1.0)
    while (enough - too_few > 1).any():
        middle = np.floor((enough + too_few) / 2)
        reached = at_most(middle, n, share) >= chance
        open_yet = enough - too_few > 1
        enough = np.where(open_yet & reached, middle, enough)
        too_few = np.where(open_yet & ~reached, middle, too_few)
    return enough
