"""When improvement stops: medians of whole-number scores without jumps, and the place after which patients gain little more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synapse_analytics.estimates import SAME


def interpolated_median(values: np.ndarray, width: float, counts: np.ndarray | None = None) -> float | None:
    """Median of grouped data: classes of `width` around whole multiples of it, linear inside the class that holds the middle.

    Plain medians of whole-number scores move by a whole point at a time, and the gains to be found are as small as that. A score
    between two whole points counts in the class of the nearer one. Without `counts` each value occurs once.
    """
    if not len(values):
        return None
    classes, place = np.unique(np.round(values / width), return_inverse=True)
    within = np.bincount(place, counts)
    reached = np.cumsum(within)
    middle = int(np.searchsorted(reached, reached[-1] / 2))
    below = reached[middle] - within[middle]
    return float((classes[middle] - 0.5 + (reached[-1] / 2 - below) / within[middle]) * width)


def plateau_at(medians: Sequence[float], little: float) -> int | None:
    """The first place after which no later median lies `little` or more below it (lower is better).

    None if that is the last place: no later score says whether improvement goes on.
    """
    ahead = np.minimum.accumulate(np.asarray(medians)[::-1])[::-1]
    first = int(np.flatnonzero(np.asarray(medians) - ahead < little - SAME)[0])
    return None if first == len(medians) - 1 else first
