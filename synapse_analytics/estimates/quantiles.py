"""Exact quantiles of many groups at once, from counts per value."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def group_quantiles(groups: Array, values: Array, counts: Array, levels: tuple[float, ...]) -> tuple[Array, Array]:
    """(groups in order, their quantiles: one row per group, one column per level).

    Type 7 of Hyndman & Fan 1996 as in `quantile_from_counts`: with N values in order the quantile lies at position
    (N - 1) q, between neighbours by linear interpolation. Groups are whole numbers; counts are at least 1.
    """
    order = np.lexsort((values, groups))
    groups, values = groups[order], values[order]
    reached = np.cumsum(counts[order])
    first = np.ones(len(groups), dtype=bool)
    np.not_equal(groups[1:], groups[:-1], out=first[1:])
    begin = np.flatnonzero(first)
    end = begin + np.diff(begin, append=len(groups))
    before = np.concatenate(([0], reached))[begin] if len(begin) else begin
    total = reached[end - 1] - before
    found = np.empty((len(begin), len(levels)))
    for column, level in enumerate(levels):
        place = (total - 1) * level
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, total - 1)
        lower, upper = (values[np.searchsorted(reached, before + rank, side="right")] for rank in (below, above))
        found[:, column] = lower + (upper - lower) * (place - below)
    return groups[begin], found
