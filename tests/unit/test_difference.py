"""A sentence calls a difference more than chance only where the intervals allow it, with all pairs of groups counted."""

from __future__ import annotations

import pytest

from synapse_analytics.findings.better_or_worse import of_hundred
from synapse_analytics.findings.compared import compared
from synapse_analytics.findings.difference import BEYOND, CHANCE, OTHER_CARE, VARIATION, real


def said(*means: float, half: float = 0.98, by: str = "sex") -> str:
    """What is said of groups with these means and intervals of so much on each side (0.98: a standard error of 0.5)."""
    rows = [{"group": f"g{k}", "mean": mean, "low": mean - half, "high": mean + half, "n": 50} for k, mean in enumerate(means)]
    return real(compared(rows, by, "mean", "n"), "low", "high").strip()


def test_two_groups_are_compared_at_five_per_cent() -> None:
    """Two standard errors of 0.5 make one of 0.71: beyond 1.39 the difference is more than chance explains."""
    assert (said(0, 1.38), said(0, 1.40)) == (CHANCE, BEYOND)


def test_of_many_groups_the_ends_must_lie_further_apart() -> None:
    """Of 8 groups there are 28 pairs: the two that differ most are 3.12 standard errors apart before that is said."""
    middle = [1.0] * 6
    assert (said(0, *middle, 2.1), said(0, *middle, 2.3)) == (CHANCE, BEYOND)


@pytest.mark.parametrize(
    ("by", "words"), [("site", VARIATION), ("clinician", VARIATION), ("first_treatment", OTHER_CARE), ("highest_stage", OTHER_CARE)]
)
def test_units_and_treatments_are_left_to_their_pages(by: str, words: str) -> None:
    assert said(0, 5, by=by) == words


def test_one_group_has_no_difference() -> None:
    assert said(1) == said(1, by="site") == ""


@pytest.mark.parametrize(
    ("shares", "numbers"),
    [
        ([0.636, 0.315, 0.049], ["64", "31", "5"]),  # rounded one by one they would make 101
        ([1 / 3, 1 / 3, 1 / 3], ["34", "33", "33"]),
        ([0.996, 0.004], ["more than 99", "fewer than 1"]),
        ([1.0, 0.0, 0.0], ["100", "0", "0"]),
        ([0.64, 0.35, 0.048], ["64", "35", "5"]),  # shares of rounded counts make no whole
    ],
)
def test_numbers_of_a_hundred_add_up(shares: list[float], numbers: list[str]) -> None:
    assert of_hundred(shares) == numbers
