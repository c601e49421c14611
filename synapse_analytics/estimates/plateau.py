"""When improvement stops: medians of whole-number scores without jumps, and the place from which little more is gained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def interpolated_median(values: np.ndarray, width: float) -> float | None:
    """Median of grouped data: classes of `width` around whole multiples of it, linear inside the class that holds the middle.

    Plain medians of whole-number scores move in steps of a whole point, which is the size being looked for.
    """
    if not len(values):
        return None
    classes, counts = np.unique(np.round(values / width), return_counts=True)
    reached = np.cumsum(counts)
    place = int(np.searchsorted(reached, len(values) / 2))
    below = reached[place] - counts[place]
    return float((classes[place] - 0.5 + (len(values) / 2 - below) / counts[place]) * width)


def plateau_at(medians: Sequence[float], little: float) -> int:
    """The first place after which no later median lies `little` or more below it (lower is better)."""
    ahead = np.minimum.accumulate(np.asarray(medians)[::-1])[::-1]
    return int(np.flatnonzero(np.asarray(medians) - ahead < little)[0])
