"""Whether a difference between groups is more than chance explains, and what else may explain it."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

from synapse_analytics.findings.compared import UNITS, Compared

Row = Mapping[str, Any]
BY_CARE = ("highest_stage", "first_treatment")  # splits by the care that was given
LIMIT = NormalDist().inv_cdf(0.975)  # the limits of a 95 % interval lie so many standard errors from its value
CHANCE = "Chance alone can explain this difference."
BEYOND = "The difference is more than chance explains."
VARIATION = "The page Variation shows whether they differ by more than chance."
OTHER_CARE = "Chance does not explain it, but the groups differ in more than their treatment: Compare treatments takes that into account."


def real(known: Compared, low: str, high: str) -> str:
    """A sentence about the difference between the two ends of a comparison; empty for one group and missing intervals.

    Units are not compared in words here: the page Variation does that with limits of its own.

    The ends are the two groups that differ most of all k, so the level of 5 % is shared by all k (k - 1) / 2 pairs (Bonferroni);
    standard errors are those of the 95 % intervals that are shown.
    """
    if len(known.rows) > 1 and known.by in UNITS:
        return f" {VARIATION}"
    if len(known.rows) < 2 or any(row[end] is None for row in known.rows for end in (low, high)):
        return ""
    pairs = len(known.rows) * (len(known.rows) - 1) / 2
    errors = [(row[high] - row[low]) / (2 * LIMIT) for row in (known.least, known.most)]
    needed = NormalDist().inv_cdf(1 - 0.025 / pairs) * sum(error**2 for error in errors) ** 0.5
    if known.most[known.column] - known.least[known.column] <= needed:
        return f" {CHANCE}"
    return f" {OTHER_CARE if known.by in BY_CARE else BEYOND}"
