"""How far patients are from one patient, in calipers, and which patients are near enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
NOT_KNOWN = 1.0  # caliper: the distance of a value that is not recorded, neither near nor far


@dataclass(frozen=True, slots=True)
class Scale:
    """The difference of one attribute that counts as 1; `relative` compares logarithms (weeks of symptoms)."""

    caliper: float
    relative: bool = False

    def of(self, values: Array) -> Array:
        """Values on the scale of calipers."""
        return (np.log1p(values) if self.relative else values) / self.caliper


def on_scales(values: Mapping[str, Any], scales: Mapping[str, Scale]) -> dict[str, Any]:
    """Attributes of many patients, or of one, on the scale of calipers."""
    return {name: scales[name].of(np.asarray(own, dtype=float)) for name, own in values.items()}


def distances(attributes: Mapping[str, Array], asked: Mapping[str, Any], size: int) -> Array:
    """Root mean square of the differences over the attributes asked for, all on the scale of calipers, for `size` patients."""
    total = np.zeros(size)
    for name, value in asked.items():
        gap = attributes[name] - value
        total += np.where(np.isnan(gap), NOT_KNOWN, gap) ** 2
    return np.sqrt(total / max(len(asked), 1))


def nearest(distance: Array, width: float, most: int) -> NDArray[np.intp]:
    """Places of the `most` nearest patients within `width` calipers, and of all who are as near as the last of them."""
    within = np.flatnonzero(distance <= width)
    if len(within) <= most:
        return within
    limit = np.partition(distance[within], most - 1)[most - 1]
    return within[distance[within] <= limit]
