"""The score that the source states, beside the one calculated from the items: where they contradict each other, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synapse_analytics.intake.scoring.odi import HIGHEST, ITEMS

# How far a stated score may lie from the calculated one by rounding alone.
# ODI: clinics round to whole numbers (0.5) or to even ones (1), as ten answered items give even numbers only. Possible scores lie at least
# 2 points apart, so that 1 never hides an item that differs. EQ-5D: stated to two decimals. All others: stated to whole numbers.
TOLERANCE = {"odi": 1.0, "eq5d5l_index": 0.005}
_WHOLE = 0.5
_TINY = 1e-9  # differences of decimals are not exact in binary
_NEARLY_ALL = 0.95  # of the conflicts must be explained, and at least three
_FEWEST = 3


def stated_against_computed(stated: np.ndarray, computed: np.ndarray, instrument: str) -> np.ndarray:
    """True where both scores exist and differ by more than rounding."""
    return np.abs(stated - computed) > _tolerance(instrument)


def why_they_differ(stated: np.ndarray, computed: np.ndarray, instrument: str, answered: np.ndarray | None = None) -> str:
    """One sentence if (nearly) all conflicts have the same cause, and what to change in the mapping; "" if they do not.

    `answered`: how many of its items each row answers; without it every item counts as answered.
    """
    conflicts = stated_against_computed(stated, computed, instrument)
    if conflicts.sum() < _FEWEST:
        return ""
    items = np.full(len(stated), ITEMS) if answered is None else answered
    pair = _Pair(stated[conflicts], computed[conflicts], items[conflicts])
    if instrument == "eq5d5l_index" and _other_value_set(stated, computed):
        return "The stated index comes from another value set: only the profile 11111 agrees. The calculated one, for India, is used."
    return next((cause.words for cause in _CAUSES.get(instrument, ()) if _explains(cause, pair, _tolerance(instrument))), "")


@dataclass(frozen=True, slots=True)
class _Pair:
    stated: np.ndarray
    computed: np.ndarray
    answered: np.ndarray


@dataclass(frozen=True, slots=True)
class _Cause:
    words: str
    as_computed: Callable[[_Pair], np.ndarray]  # what the calculated score would be if the stated one were read so


def _tolerance(instrument: str) -> float:
    return TOLERANCE.get(instrument, _WHOLE) + _TINY


def _explains(cause: _Cause, pair: _Pair, tolerance: float) -> bool:
    return bool(np.mean(np.abs(cause.as_computed(pair) - pair.computed) <= tolerance) >= _NEARLY_ALL)


def _other_value_set(stated: np.ndarray, computed: np.ndarray) -> bool:
    both = ~np.isnan(stated) & ~np.isnan(computed)
    best = computed[both] == 1
    unlike = stated_against_computed(stated, computed, "eq5d5l_index")[both]
    return bool(best.any() and not unlike[best].any() and unlike[~best].mean() >= _NEARLY_ALL)


_ONE_POINT_EACH = 100 / HIGHEST  # one point more in every item is 20 more in the score
_HUNDREDFOLD = _Cause("The stated score is a fraction from 0 to 1: state its scale, [0, 1].", lambda pair: pair.stated * 100)
_CAUSES: dict[str, tuple[_Cause, ...]] = {
    "odi": (
        _Cause(
            "All calculated scores are 20 above the stated ones: the items are coded 1-6, but read as 0-5. Write `coded: 1-6`.",
            lambda pair: pair.stated + _ONE_POINT_EACH,
        ),
        _Cause(
            "All calculated scores are 20 below the stated ones: the items are coded 0-5, but read as 1-6. Write `coded: 0-5`.",
            lambda pair: pair.stated - _ONE_POINT_EACH,
        ),
        _Cause(
            "The stated score is the sum of the items (0 to 50), not the percentage. The calculated one is used.",
            lambda pair: pair.stated * 100 / (HIGHEST * pair.answered),
        ),
        _Cause(
            "The stated score counts items without an answer as 0, so that it is too low. The calculated one is used.",
            lambda pair: pair.stated * ITEMS / pair.answered,
        ),
        _HUNDREDFOLD,
    ),
    "eq_vas": (_HUNDREDFOLD,),
    **{
        code: (
            _Cause("The stated score is in millimetres (0 to 100): state its scale, [0, 100].", lambda pair: pair.stated / 10),
            _Cause("The stated score is a fraction from 0 to 1: state its scale, [0, 1].", lambda pair: pair.stated * 10),
        )
        for code in ("nrs_pain", "nrs_back", "nrs_buttock", "nrs_leg")
    },
}
