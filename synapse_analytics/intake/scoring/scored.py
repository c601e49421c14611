"""What every score answers with: the values, and which rows have none and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Written decimals have few digits: a value this near to half a unit is half a unit that binary numbers cannot hold.
_HALF = 0.5 + 1e-9


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of n rows. A row without a score, and in neither mask, has no answer at all."""

    values: np.ndarray  # NaN = no score
    too_few: np.ndarray  # some answers, but fewer than the instrument needs
    out_of_range: np.ndarray  # a value outside the coding: a fault, the row has no score


def half_up(values: np.ndarray, decimals: int) -> np.ndarray:
    """Values rounded to so many decimals as people do: 2.5 is 3, 1.005 is 1.01, -2.5 is -3; NaN stays NaN.

    Exact for values whose decimals people write (up to 12 digits): numpy's own rounding takes 2.5 to 2 and 1.005 to 1.0.
    """
    unit = 10.0**decimals
    return np.copysign(np.floor(np.abs(values) * unit + _HALF), values) / unit + 0.0  # + 0.0: no score is -0.0
