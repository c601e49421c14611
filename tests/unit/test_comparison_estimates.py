"""The pure parts of comparisons: balance, collinear covariates, patients who count twice, deltas, distances, plateaus."""

from __future__ import annotations

import numpy as np
import pytest

from synapse_analytics.analyses.distinct import Distinct
from synapse_analytics.estimates import Estimate
from synapse_analytics.estimates.balance import Shift, independent, shifted_difference, standardised_differences
from synapse_analytics.estimates.blocks import Clusters, products
from synapse_analytics.estimates.plateau import interpolated_median, plateau_at
from synapse_analytics.estimates.regression import ancova
from synapse_analytics.estimates.similarity import Scale, distances, nearest, on_scales
from synapse_analytics.estimates.weighting import overlap_difference


@pytest.fixture
def arms() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(outcome, arm, covariates) of 300 rows."""
    draw = np.random.default_rng(4)
    covariates = draw.normal(size=(300, 3))
    arm = (draw.random(300) < 1 / (1 + np.exp(-covariates[:, 0]))).astype(float)
    return covariates[:, 0] - arm + draw.normal(size=300), arm, covariates


def test_weights_remove_what_they_model(arms: tuple[np.ndarray, ...]) -> None:
    outcome, arm, covariates = arms
    found = overlap_difference(outcome, arm, covariates)
    assert found is not None
    assert abs(standardised_differences(covariates[:, 0], arm == 1)[0] or 0) > 0.5
    for column in covariates.T:
        assert standardised_differences(column, arm == 1, found.weights)[1] == pytest.approx(0, abs=1e-8)


def test_smd_is_over_the_unweighted_spread() -> None:
    values, arm = np.array([1.0, 3.0, 5.0, 0.0, 2.0, 4.0, np.nan]), np.array([1, 1, 1, 0, 0, 0, 1]) == 1
    assert standardised_differences(values, arm)[0] == pytest.approx(0.5)
    assert standardised_differences(values, arm, np.array([0.0, 0, 1, 0, 0, 1, 9]))[1] == pytest.approx(0.5)
    assert standardised_differences(np.array([1.0, 1, 0, 1]), np.array([True, True, False, False]))[0] == pytest.approx(
        0.5 / np.sqrt(0.125)
    )


def test_complete_separation_is_infinite() -> None:
    assert standardised_differences(np.array([1.0, 1, 0, 0]), np.array([True, True, False, False]))[0] == np.inf


def test_collinear_and_constant_columns_go() -> None:
    draw = np.random.default_rng(1)
    one, two = draw.normal(size=(2, 50))
    columns = np.column_stack([one, np.ones(50), two, one - 2 * two, one * two])
    assert independent(products(np.ones(50), columns)).tolist() == [True, False, True, False, True]


def test_rows_written_twice_say_nothing_new(arms: tuple[np.ndarray, ...]) -> None:
    """Every row twice under the same patient gives the limits of the single rows; without patients they would shrink."""
    outcome, arm, covariates = arms
    patients = np.arange(len(arm))
    twice = [np.repeat(part, 2, axis=0) for part in (outcome, arm, covariates, patients)]
    for method in (overlap_difference, ancova):
        single, double = method(outcome, arm, covariates, Clusters(patients)), method(*twice[:3], Clusters(twice[3]))
        naive = method(*twice[:3])
        assert single is not None
        assert double is not None
        assert naive is not None
        name = "robust" if method is ancova else "difference"
        width = [getattr(fit, name).high - getattr(fit, name).low for fit in (single, double, naive)]
        assert width[1] == pytest.approx(width[0], rel=0.03)
        assert width[2] < 0.75 * width[0]


def test_single_patients_are_their_own_clusters(arms: tuple[np.ndarray, ...]) -> None:
    with_patients, without = ancova(*arms, Clusters(np.arange(300))), ancova(*arms)
    assert with_patients is not None
    assert without is not None
    assert with_patients.robust.low == pytest.approx(without.robust.low, abs=1e-12)


def test_delta_moves_the_difference() -> None:
    found = shifted_difference(Estimate(-2.0, -3.0, -1.0, 50, "MMRM"), 0.5, 0.25, Shift(2.0, 4.0))
    assert (found.value, found.low, found.high) == (-2.0, -3.0, -1.0)
    assert shifted_difference(Estimate(-2.0, -3.0, -1.0, 50, "MMRM"), 0.5, 0.25, Shift(2.0, 0.0)).value == -1.0


def test_distance_is_in_calipers() -> None:
    attributes = {"age": np.array([50.0, 60.0, np.nan]), "weeks": np.array([9.0, 19.0, 9.0])}
    scales = {"age": Scale(10), "weeks": Scale(np.log(2), relative=True)}
    scaled = on_scales(attributes, scales)
    assert distances(scaled, on_scales({"age": 50}, scales), 3).tolist() == [0.0, 1.0, 1.0]
    assert distances(scaled, on_scales({"age": 50, "weeks": 9}, scales), 3) == pytest.approx([0.0, 1.0, np.sqrt(0.5)])
    assert distances(scaled, {}, 3).tolist() == [0.0, 0.0, 0.0]


def test_patients_are_distinct_whatever_rows_are_chosen() -> None:
    draw = np.random.default_rng(2)
    patients = draw.integers(0, 60, 100)
    for chosen in (draw.random(100) < 0.5, np.ones(100, dtype=bool), np.zeros(100, dtype=bool)):
        assert Distinct(patients).count(chosen) == len(set(patients[chosen].tolist()))
    assert Distinct(np.arange(5)).count(np.array([True, False, True, False, False])) == 2
    assert Distinct(np.empty(0, dtype=np.int64)).count(np.empty(0, dtype=bool)) == 0


def test_nearest_keeps_ties_at_the_end() -> None:
    distance = np.array([0.5, 0.1, 0.5, 0.9, 2.0, 0.5])
    assert nearest(distance, 1.0, 10).tolist() == [0, 1, 2, 3, 5]
    assert nearest(distance, 1.0, 2).tolist() == [0, 1, 2, 5]


def test_plateau_looks_at_all_that_follows() -> None:
    assert plateau_at([6.0, 5.0, 4.5, 4.4, 4.6], 1.0) == 1
    assert plateau_at([6.0, 5.0, 5.0, 3.9, 3.8], 1.0) == 3
    assert plateau_at([5.0, 5.2, 4.5], 1.0) == 0


def test_the_last_period_is_no_plateau() -> None:
    """Nothing comes after it: pain that fell to the end of the data was called a plateau at its end."""
    assert plateau_at([6.0, 5.0, 5.0, 3.9], 1.0) is None
    assert plateau_at([6.0, 5.0, 4.0], 1.0) is None
    assert plateau_at([6.0, 5.0, 4.1], 1.0) == 1


def test_interpolated_median_does_not_jump() -> None:
    assert interpolated_median(np.array([3.0, 4, 4, 5]), 1.0) == 4.0
    assert interpolated_median(np.array([4.0, 4, 4, 5]), 1.0) == pytest.approx(3.5 + 2 / 3)
    assert interpolated_median(np.array([]), 1.0) is None
    assert interpolated_median(np.array([6.0, 8, 8, 10]), 2.0) == 8.0  # classes two points wide
    assert interpolated_median(np.array([8.0, 8, 8, 10]), 2.0) == pytest.approx(7 + 4 / 3)
