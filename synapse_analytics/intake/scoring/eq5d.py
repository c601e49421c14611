"""The EQ-5D-5L index with the value set of India.

Index: 1 + the sum of one decrement for each dimension. Jyani G, et al. Development of an EQ-5D value set for India using an extended
design (DEVINE) study. Value in Health 2022;25:1218-26, doi 10.1016/j.jval.2021.11.1370. The coefficients were read in the R package
eq5d (MIT licence), which cites the paper, and agree with that package's eight test values; the paper itself was not read.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa

from synapse_analytics.intake.scoring.scored import Scored, half_up

DIMENSIONS = ("mobility", "self-care", "usual activities", "pain or discomfort", "anxiety or depression")
LEVELS = 5
DECREMENTS = np.array(  # a row for each level, a column for each dimension
    [
        [0, 0, 0, 0, 0],
        [-0.0496623, -0.0512558, -0.0454892, -0.0513593, -0.0162728],
        [-0.0988915, -0.1305876, -0.0886009, -0.1255064, -0.0626321],
        [-0.2541657, -0.3014405, -0.2415260, -0.3897716, -0.1635654],
        [-0.3874732, -0.3798653, -0.3239096, -0.5842377, -0.2470492],
    ]
)
_PLACES = LEVELS ** np.arange(len(DIMENSIONS) - 1, -1, -1)  # a profile is a number of five digits in base 5
_PROFILE = re.compile(r"[1-5]{5}", re.ASCII)


def eq5d5l_index(levels: np.ndarray) -> Scored:
    """The index (-0.923 to 1, three decimals) of rows x five levels (1 to 5); NaN = not answered. All five dimensions are needed.

    A level outside 1 to 5, or not a whole number, is a fault.
    """
    if levels.ndim != 2 or levels.shape[1] != len(DIMENSIONS):
        raise ValueError(f"The EQ-5D-5L needs {len(DIMENSIONS)} levels in each row.")
    given = ~np.isnan(levels)
    wrong = (given & ~((levels >= 1) & (levels <= LEVELS) & (levels == np.floor(levels)))).any(axis=1)
    whole = given.all(axis=1) & ~wrong
    values = np.full(len(levels), np.nan)
    values[whole] = _index_of_profiles()[(levels[whole].astype(np.int64) - 1) @ _PLACES]
    return Scored(values, ~wrong & ~whole & given.any(axis=1), wrong)


def levels_of_profiles(profiles: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Rows x five levels of profiles written as texts such as `21232`; null gives NaN, any other text a level of 0, which is a fault."""
    encoded = profiles.combine_chunks() if isinstance(profiles, pa.ChunkedArray) else profiles
    encoded = encoded.dictionary_encode()
    levels = np.array([_levels(text) for text in encoded.dictionary.to_pylist()] + [[np.nan] * len(DIMENSIONS)])
    return levels[encoded.indices.fill_null(len(levels) - 1).to_numpy(zero_copy_only=False)]


def _levels(text: str) -> list[float]:
    return [float(digit) for digit in text] if _PROFILE.fullmatch(text) else [0.0] * len(DIMENSIONS)


@cache
def _index_of_profiles() -> np.ndarray:
    """The index of all 3,125 profiles, from 11111 to 55555."""
    levels = np.indices((LEVELS,) * len(DIMENSIONS)).reshape(len(DIMENSIONS), -1)
    decrements = sum(DECREMENTS[level, dimension] for dimension, level in enumerate(levels))
    return half_up(1 + decrements, 3)
