"""Rare rows pooled as "other" before the gate: a picture that can be read, and little that is withheld."""

from __future__ import annotations

import numpy as np

from synapse_analytics.disclosure import Policy

RARE = 0.001  # of all patients: a thinner band or a row further down is not read


def rare(counts: np.ndarray, within: np.ndarray, limit: int) -> np.ndarray:
    """Which rows to pool, in each `within`: those under the limit, and the next smallest until the pool reaches it.

    A pool under the limit would hold as little that may be shown as the rows it is made of.
    """
    order = np.lexsort((counts, within))
    pooled = np.zeros(len(counts), dtype=bool)
    owner, size = None, 0
    for row, count, owned in zip(order.tolist(), counts[order].tolist(), within[order].tolist(), strict=True):
        if owned != owner:
            owner, size = owned, 0
        if 0 < count < limit or 0 < size < limit:
            pooled[row] = True
            size += count
    return pooled


def rare_limit(policy: Policy, patients: int) -> int:
    """Fewer patients than this are rare in a cohort of so many."""
    return max(policy.group, int(patients * RARE))
