"""Exact quantiles of many groups at once."""

from __future__ import annotations

import numpy as np

Array = np.ndarray
LARGEST_TABLE = 4_000_000  # cells: up to here a table of groups by values, which is faster than a sort, fits into the cache


def group_quantiles(groups: Array, values: Array, counts: Array | None, levels: tuple[float, ...], size: int) -> Array:
    """The quantiles of groups 0 to `size` - 1: one row per group, one column per level, NaN where a group has no values.

    Type 7 of Hyndman & Fan 1996, the default of R, numpy and of SQL's percentile_cont: with N values in order the quantile lies at
    position (N - 1) q, between neighbours by linear interpolation. Values are whole numbers; without `counts` each occurs once.
    """
    found = np.full((size, len(levels)), np.nan)
    if not (len(groups) if counts is None else np.any(counts)):
        return found
    groups, values, reached = _counted(groups, values, counts)
    begin = np.flatnonzero(np.append(True, groups[1:] != groups[:-1]))
    end = np.append(begin[1:], len(groups))
    before = np.append(0, reached)[begin]
    total = reached[end - 1] - before
    for column, level in enumerate(levels):
        place = (total - 1) * level
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, total - 1)
        lower, upper = (values[np.searchsorted(reached, before + rank, side="right")] for rank in (below, above))
        found[groups[begin], column] = lower + (upper - lower) * (place - below)
    return found


def _counted(groups: Array, values: Array, counts: Array | None) -> tuple[Array, Array, Array]:
    """Groups and their distinct values in order, and how many values there are up to each."""
    lowest = int(values.min())
    above = values - lowest
    seen = np.zeros(int(above.max()) + 1, dtype=bool)
    seen[above] = True
    known = np.flatnonzero(seen)
    rank = np.cumsum(seen, dtype=np.int32) - 1
    key = groups.astype(np.int64) * len(known)
    key += rank[above]
    if (int(groups.max()) + 1) * len(known) > LARGEST_TABLE:
        order = np.argsort(key)
        key = key[order]
        reached = np.cumsum(np.ones(len(key)) if counts is None else counts[order])
    else:
        table = np.bincount(key, counts)
        key = np.flatnonzero(table)
        reached = np.cumsum(table[key])
    return key // len(known), known[key % len(known)] + lowest, reached
