"""A score that the source writes on another scale, such as 0 to 100 mm, on the scale of the instrument."""

from __future__ import annotations

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.intake.scoring.scored import Scored, half_up


def rescaled(values: np.ndarray, raw: tuple[float, float], instrument: str) -> Scored:
    """Values between `raw` (lowest, highest as written) on the range of the instrument, rounded half up to its decimals; NaN stays NaN.

    A value outside `raw` is a fault, never clipped. `raw` from high to low turns a scale on which the best and the worst end are reversed.
    """
    term = v.find(v.INSTRUMENTS, instrument)
    first, last = raw
    if first == last:
        raise ValueError("The lowest and the highest value of a scale differ.")
    wrong = (values < min(raw)) | (values > max(raw))
    moved = (values - first) * (term.reach / (last - first)) + term.low
    return Scored(np.where(wrong, np.nan, half_up(moved, term.decimals)), np.zeros(len(values), dtype=bool), wrong)
