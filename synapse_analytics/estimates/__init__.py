"""Statistics as pure functions: arrays or counts in, estimates out. No database, no pandas, no import of ours."""

from __future__ import annotations

from dataclasses import dataclass

Z_95 = 1.959963984540054  # two-sided 95 % point of the normal distribution


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % limits, what `n` it rests on and the method by name.

    What cannot be computed is None, never NaN: a mean of nobody has no value, a group of one has no interval.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str


__all__ = ["Z_95", "Estimate"]
