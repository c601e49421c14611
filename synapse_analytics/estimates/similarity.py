"""How far patients are from one patient, in calipers, and who is near enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
NOT_KNOWN = 1.0  # a value that is not recorded counts as one caliper away: neither near nor far


@dataclass(frozen=True, slots=True)
class Scale:
    """One attribute's caliper: the difference that counts as 1; `relative` compares logarithms (weeks of symptoms)."""

    caliper: float
    relative: bool = False

    def of(self, values: Array) -> Array:
        """Values on the scale of calipers."""
        return (np.log1p(values) if self.relative else values) / self.caliper


def distances(attributes: Mapping[str, Array], asked: Mapping[str, float], scales: Mapping[str, Scale]) -> Array:
    """Root mean square of the differences in calipers over the attributes asked for; 0 for everybody where none is."""
    size = len(next(iter(attributes.values())))
    total = np.zeros(size)
    for name, value in asked.items():
        scale = scales[name]
        gap = scale.of(attributes[name]) - float(scale.of(np.asarray(value, dtype=float)))
        total += np.where(np.isnan(gap), NOT_KNOWN, gap) ** 2
    return np.sqrt(total / max(len(asked), 1))


def nearest(distance: Array, width: float, most: int) -> NDArray[np.intp]:
    """Places of those within `width` calipers, at most the `most` nearest; who is as near as the last of them stays in."""
    within = np.flatnonzero(distance <= width)
    if len(within) <= most:
        return within
    limit = np.partition(distance[within], most - 1)[most - 1]
    return within[distance[within] <= limit]
