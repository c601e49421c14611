"""Statistics as pure functions: arrays or counts in, estimates out. No database, no pandas, no import of ours.

descriptive.py     means, shares (Wilson), standardised differences; quantiles.py medians and quartiles of many groups
survival.py        incidence over time where other events compete (Aalen and Johansen)
control_charts.py  limits and signals; funnel.py limits for units, case_mix.py what to expect of their patients
regression.py, weighting.py, balance.py, mixed.py   the models of comparisons, and how alike their arms are
plateau.py         when improvement stops; similarity.py who is near a patient
binomial.py, blocks.py   exact binomial limits, and sums over tall matrices
"""

from __future__ import annotations

from dataclasses import dataclass

Z_95 = 1.959963984540054  # two-sided 95 % point of the normal distribution
SAME = 1e-9  # numbers nearer than this are equal: sums of equal values differ in the last digit, recorded values by a thousandth or more


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % limits, the number `n` it rests on and the name of the method.

    A number that cannot be computed is None, never NaN: a mean of nobody has no value, a group of one has no interval.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str


def side_of_zero(low: float | None, high: float | None) -> int:
    """-1 if an interval lies below zero, 1 if above it, 0 if it holds or touches zero, or if there is none."""
    if low is None or high is None:
        return 0
    return 1 if low > SAME else -1 if high < -SAME else 0


__all__ = ["SAME", "Z_95", "Estimate", "side_of_zero"]
