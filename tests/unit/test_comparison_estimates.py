"""The pure parts of comparisons: balance, collinear covariates, patients who count twice, deltas, distances, plateaus."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

from synapse_analytics.analyses.distinct import Distinct
from synapse_analytics.estimates import Estimate, quantiles, regression
from synapse_analytics.estimates.balance import Shift, independent, shifted_difference, standardised_differences
from synapse_analytics.estimates.blocks import Clusters, blocks, products, side_by_side
from synapse_analytics.estimates.plateau import interpolated_median, plateau_at
from synapse_analytics.estimates.regression import ancova, interactions, propensity
from synapse_analytics.estimates.similarity import Scale, distances, nearest, on_scales
from synapse_analytics.estimates.weighting import e_value_of_difference, effective_sample_size, overlap_difference


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
    drawn = np.random.default_rng(5).permutation(1000) / 1000
    assert sorted(drawn[nearest(drawn, 1.0, 50)]) == [place / 1000 for place in range(50)]


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


def test_interpolated_median_lies_in_the_class_of_the_middle() -> None:
    # four noughts and six ones: the fifth of ten is the first of the ones
    assert interpolated_median(np.array([0, 1]), 1, np.array([4, 6])) == pytest.approx(0.5 + 1 / 6)


def test_blocks_cover_every_row_once() -> None:
    assert list(blocks(1000, 400)) == [slice(0, 400), slice(400, 800), slice(800, 1000)]
    assert list(blocks(1024)) == [slice(0, 512), slice(512, 1024)]


def test_wide_blocks_are_short() -> None:
    """400,000 multiplications: 40 rows of 100 columns."""
    wide, column = np.ones((100, 99)), np.arange(100.0)
    assert [rows.stop - rows.start for rows, _ in side_by_side(column, wide)] == [40, 40, 20]
    assert [len(block) for _, block in side_by_side(np.ones((100, 100)))] == [40, 40, 20]
    assert [len(block) for _, block in side_by_side(np.ones((5, 700)))] == [1] * 5


def test_products_in_blocks_are_those_of_all_rows() -> None:
    draw = np.random.default_rng(8)
    one, two, three = draw.normal(size=1300), draw.normal(size=(1300, 2)), draw.normal(size=(1300, 3))
    whole = np.column_stack([one, two, three])
    assert products(one, two, three) == pytest.approx(whole.T @ whole)
    assert products(three) == pytest.approx(three.T @ three)
    assert products(one) == pytest.approx(np.array([[one @ one]]))


def test_clusters_add_up_the_rows_of_a_patient() -> None:
    assert Clusters(np.array([7, 3, 7, 5])).summed(np.array([[1.0], [2.0], [4.0], [8.0]])).tolist() == [[2.0], [8.0], [5.0]]
    assert Clusters(np.array([], dtype=np.int64)).summed(np.empty((0, 2))).shape == (0, 2)


def by_hand(columns: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients, classical and HC3 covariance, from the formulas as they stand in the textbook."""
    bread = np.linalg.inv(columns.T @ columns)
    coefficients = bread @ columns.T @ outcome
    residuals = outcome - columns @ coefficients
    scaled = residuals / (1 - np.diag(columns @ bread @ columns.T))
    robust = bread @ (columns * scaled[:, None] ** 2).T @ columns @ bread
    return coefficients, bread * (residuals @ residuals / (len(outcome) - columns.shape[1])), robust


def test_the_adjusted_difference_by_hand(arms: tuple[np.ndarray, ...]) -> None:
    outcome, arm, covariates = arms
    found = ancova(outcome, arm, covariates)
    coefficients, classical, robust = by_hand(np.column_stack([arm, np.ones(300), covariates]), outcome)
    assert found is not None
    for fit, covariance, method in ((found.difference, classical, "least squares"), (found.robust, robust, "HC3")):
        half = t.ppf(0.975, 295) * np.sqrt(covariance[0, 0])
        assert (fit.n, fit.method) == (300, method)
        assert (fit.value, fit.low, fit.high) == pytest.approx((coefficients[0], coefficients[0] - half, coefficients[0] + half))


def test_what_cannot_be_adjusted_has_no_difference() -> None:
    arm, outcome = np.array([1.0, 1, 0, 0]), np.array([1.0, 2, 4, 8])
    assert ancova(outcome, arm, np.array([[1.0], [0], [1], [0]])) is not None
    assert ancova(outcome, arm, np.array([[1.0, 0], [0, 1], [1, 3], [0, 9]])) is None  # as many columns as rows
    assert ancova(outcome, arm, np.array([[3.0], [3], [3], [3]])) is None  # a constant twice
    assert ancova(outcome, arm, np.zeros((4, 1))) is None


def test_an_interaction_by_hand(arms: tuple[np.ndarray, ...]) -> None:
    """One subgroup that is not known of everybody, one that is a covariate itself: each as if fitted alone."""
    outcome, arm, covariates = arms
    one, two = (covariates[:, 1] + covariates[:, 2] > 0.3).astype(float), (covariates[:, 2] > 0).astype(float)
    one[:40] = np.nan
    covariates = np.column_stack([covariates[:, :2], two])
    for found, member, others in zip(
        interactions(outcome, arm, [one, two], covariates), (one, two), (covariates, covariates[:, :2]), strict=True
    ):
        known = ~np.isnan(member)
        columns = np.column_stack([arm, arm * member, np.ones(300), member, others])[known]
        coefficients, _, robust = by_hand(columns, outcome[known])
        inside, outside = np.sqrt(robust[:2, :2].sum()), np.sqrt(robust[0, 0])
        width = t.ppf(0.975, known.sum() - columns.shape[1])
        assert found is not None
        assert (found.inside.value, found.outside.value) == pytest.approx((coefficients[:2].sum(), coefficients[0]))
        assert found.inside.high - found.inside.value == pytest.approx(width * inside)
        assert found.outside.high - found.outside.value == pytest.approx(width * outside)
        assert found.p == pytest.approx(2 * norm.sf(abs(coefficients[1]) / np.sqrt(robust[1, 1])), rel=1e-6)
        assert (found.inside.n, found.outside.n) == (known.sum(), known.sum())


def test_a_perfect_fit_says_yes_or_no() -> None:
    """No residual is left, so there is no error: p is 0 where the subgroups differ and 1 where they do not."""
    draw = np.random.default_rng(6)
    arm, member, base = draw.integers(0, 2, 60) * 1.0, draw.integers(0, 2, 60) * 1.0, draw.integers(0, 9, 60) * 1.0
    for apart, p in ((2.0, 0.0), (0.0, 1.0)):
        (found,) = interactions(base - arm - apart * arm * member, arm, [member], base[:, None])
        assert found is not None
        assert found.p == p


def test_nobody_outside_a_subgroup_has_no_interaction(arms: tuple[np.ndarray, ...]) -> None:
    assert interactions(*arms[:2], [np.ones(300)], arms[2]) == [None]


def test_many_rows_start_from_the_fit_of_some(arms: tuple[np.ndarray, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """300 rows start from every third, 199 from none: half of them would be as much work."""
    _, arm, covariates = arms
    plain, tried, fit = propensity(covariates, arm), [], regression._logistic

    def watched(columns: np.ndarray, outcome: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, bool]:
        tried.append((len(outcome), bool(start.any())))
        return fit(columns, outcome, start)

    monkeypatch.setattr(regression, "_logistic", watched)
    monkeypatch.setattr(regression, "ENOUGH_TO_START", 100)
    assert propensity(covariates, arm) == pytest.approx(plain, abs=1e-10)
    assert propensity(covariates[:199], arm[:199]) is not None
    assert tried == [(100, False), (300, True), (199, False)]


def test_the_propensity_solves_its_equations(arms: tuple[np.ndarray, ...]) -> None:
    """At the maximum of the likelihood residuals are orthogonal to every covariate."""
    _, arm, covariates = arms
    share = propensity(covariates, arm)
    assert share is not None
    assert np.column_stack([np.ones(300), covariates]).T @ (arm - share) == pytest.approx(np.zeros(4), abs=1e-9)
    assert propensity(np.column_stack([covariates, covariates[:, 0]]), arm) is None


def test_e_values_by_hand() -> None:
    # d = -1 / 2; exp(0.91 / 2) = 1.5762; its standard error 1 / 3.92 / 2 = 0.12755; exp(0.455 - 1.78 x 0.12755) = 1.2560
    found = e_value_of_difference(-1.0, -1.5, -0.5, 2.0)
    assert found == pytest.approx((1.5762 + np.sqrt(1.5762 * 0.5762), 1.2560 + np.sqrt(1.2560 * 0.2560)), abs=1e-3)
    assert e_value_of_difference(1.0, 0.5, 1.5, 2.0) == pytest.approx(found)


def test_effective_sizes_by_hand() -> None:
    assert effective_sample_size(np.array([1.0, 2.0, 1.0])) == pytest.approx(16 / 6)
    assert effective_sample_size(np.array([])) == 0.0


@pytest.mark.parametrize("largest", [0, 2**22])
def test_quantiles_by_sort_and_by_table_are_those_of_numpy(largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantiles, "LARGEST_TABLE", largest)
    groups, values, counts = np.array([0, 2, 0, 2, 0, 2]), np.array([5, -3, 5, 8, 11, 8]), np.array([1, 3, 2, 1, 1, 0])
    levels = (0.1, 0.5, 0.9)
    for own, times in ((None, np.ones(6, dtype=int)), (counts, counts)):
        found = quantiles.group_quantiles(groups, values, own, levels, 4)
        for group in (0, 2):
            there = groups == group
            assert found[group] == pytest.approx(np.quantile(np.repeat(values[there], times[there]), levels))
        assert np.isnan(found[[1, 3]]).all()
