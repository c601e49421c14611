"""A covariate that is the same for everybody is balanced, whatever the last digit of its means."""

from __future__ import annotations

import numpy as np
import pytest

from synapse_analytics.estimates.balance import standardised_differences
from synapse_analytics.estimates.case_mix import design_matrix
from synapse_analytics.estimates.descriptive import smd
from synapse_analytics.estimates.plateau import plateau_at

CONSTANTS = [*map(float, range(45, 66)), 30.0, 30.1, 24.7, 6.0, 0.3]


@pytest.mark.parametrize("constant", CONSTANTS)
def test_what_is_the_same_for_everybody_is_balanced(constant: float) -> None:
    draw = np.random.default_rng(3)
    for size in (7, 212, 5001):
        arm_a = draw.random(size) < 0.4
        arm_a[:4] = [True, True, False, False]
        assert standardised_differences(np.full(size, constant), arm_a, draw.random(size)) == (0.0, 0.0)


def test_constants_that_differ_between_the_arms_are_as_far_apart_as_can_be() -> None:
    values, arm_a = np.array([50.1] * 9 + [50.2] * 7), np.arange(16) < 9
    assert standardised_differences(values, arm_a, np.linspace(0.1, 1, 16)) == (-np.inf, -np.inf)


@pytest.mark.parametrize("constant", CONSTANTS)
def test_what_is_the_same_for_everybody_explains_nothing_between_units(constant: float) -> None:
    draw = np.random.default_rng(5)
    for cells in (3, 40, 701):
        n = draw.integers(1, 90, cells).astype(float)
        number = np.full((cells, 1), constant)
        n[0], number[0] = 5, np.nan  # too few for a column of their own
        assert design_matrix(np.zeros((cells, 1), dtype=np.int64), number, n).shape == (cells, 1)


def test_a_mean_of_equal_values_is_that_value() -> None:
    assert smd(0.1 + 0.2, 0.0, 0.3, 0.0) == 0.0
    assert smd(50.0, 1e-16, 50.0 + 1e-14, 0.0) == 0.0
    assert smd(50.0, 0.0, 51.0, 0.0) is None


@pytest.mark.parametrize("start", [0.1, 0.3, 0.7, 1.1, 2.3, 6.7])
def test_a_fall_of_exactly_what_counts_counts(start: float) -> None:
    """0.3 + 1 - 0.3 is a little less than 1 in a computer."""
    assert plateau_at([start + 1.0, start, start], 1.0) == 1
