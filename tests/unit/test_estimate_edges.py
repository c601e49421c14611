"""Estimates at their edges: nobody, one person, ties, no events; and small cases worked by hand."""

from __future__ import annotations

import math
import pkgutil
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import chi2

from synapse_analytics import estimates
from synapse_analytics.estimates import binomial
from synapse_analytics.estimates import descriptive as d
from synapse_analytics.estimates import survival as s


def test_no_estimate_waits_for_the_statistics_package() -> None:
    """Importing it takes a second, which every start of the command line would pay."""
    names = [f"{estimates.__name__}.{module.name}" for module in pkgutil.iter_modules(estimates.__path__)]
    code = f"import sys, {', '.join(names)}; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("low", "high", "side"),
    [(1.0, 2.0, 1), (-2.0, -1.0, -1), (-1.0, 1.0, 0), (0.0, 1.0, 0), (-1.0, 0.0, 0), (1e-10, 1.0, 0), (-1.0, -1e-10, 0)],
)
def test_an_interval_lies_on_one_side_or_on_none(low: float, high: float, side: int) -> None:
    assert estimates.side_of_zero(low, high) == side
    assert [estimates.side_of_zero(*ends) for ends in ((None, None), (low, None), (None, high))] == [0, 0, 0]


def test_nobody_has_no_mean() -> None:
    assert d.mean_interval(0, 0, 0) == d.Estimate(None, None, None, 0, "t")


def test_one_person_has_no_interval() -> None:
    assert d.mean_interval(1, 7, 49) == d.Estimate(7.0, None, None, 1, "t")
    assert d.sd(1, 7, 49) is None


def test_equal_values_have_a_spread_of_exactly_zero() -> None:
    assert d.sd(3, 3 * 3333, 3 * 3333**2) == 0.0


def test_wilson_limits_touch_the_ends() -> None:
    assert d.wilson(0, 8).low == 0.0
    assert d.wilson(8, 8).high == 1.0
    assert d.wilson(0, 0).value is None


def test_rate_equals_poisson_test_of_r() -> None:
    # poisson.test(10): 4.795389 to 18.390356
    estimate = d.rate_interval(10, 100)
    assert (estimate.value, estimate.low, estimate.high) == (10, pytest.approx(4.795389, abs=1e-6), pytest.approx(18.390356, abs=1e-6))


@given(st.integers(0, 5000), st.floats(0.5, 1e6))
def test_rate_limits_are_quantiles_of_chi_square(events: int, exposure: float) -> None:
    estimate = d.rate_interval(events, exposure)
    low = chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    assert estimate.low == pytest.approx(100 * low / exposure, rel=1e-9)
    assert estimate.high == pytest.approx(100 * chi2.ppf(0.975, 2 * events + 2) / 2 / exposure, rel=1e-9)


def test_no_exposure_has_no_rate() -> None:
    assert d.rate_interval(0, 0) == d.Estimate(None, None, None, 0, "exact Poisson")


def test_welch_by_hand() -> None:
    # 1 2 3 against 2 4 6: difference -2, variances 1 and 4, standard error sqrt(5/3), 2.9412 degrees of freedom
    estimate = d.welch_difference((3, 6, 14), (3, 12, 56))
    assert estimate.value == -2
    assert estimate.high - estimate.value == pytest.approx(3.218 * math.sqrt(5 / 3), abs=0.002)


def test_welch_of_equal_spreads_has_a_width() -> None:
    # 1 2 3 against 2 3 4: standard error sqrt(2/3), 4 degrees of freedom
    assert d.welch_difference((3, 6, 14), (3, 9, 29)).high == pytest.approx(-1 + 2.7764 * math.sqrt(2 / 3), abs=1e-4)


def test_welch_without_spread_has_no_width() -> None:
    assert d.welch_difference((2, 4, 8), (2, 2, 2)) == d.Estimate(1.0, 1.0, 1.0, 4, "welch")
    assert d.welch_difference((1, 4, 16), (2, 2, 2)).low is None
    assert d.welch_difference((0, 0, 0), (2, 2, 2)).value is None


def test_standardised_difference_by_hand() -> None:
    assert d.smd(6.0, 2.0, 5.0, 2.0) == 0.5
    assert d.smd(6.0, 1.0, 5.0, 3.0) == pytest.approx(1 / math.sqrt(5))
    assert d.smd_of_shares(0.5, 0.5) == 0
    assert d.smd_of_shares(0.6, 0.4) == pytest.approx(0.2 / math.sqrt(0.24))


def test_standardised_difference_without_spread() -> None:
    assert d.smd(5.0, 0.0, 5.0, 0.0) == 0.0
    assert d.smd(6.0, 0.0, 5.0, 0.0) is None
    assert d.smd(6.0, None, 5.0, 0.0) is None


def test_regression_to_the_mean_by_simulation() -> None:
    # clinical-reference 4.12: mean 5, spread between people 1.8, within a person 1.4, chosen above 7
    assert d.regression_to_the_mean(5, math.hypot(1.8, 1.4), 1.4, (7, None)) == pytest.approx(1.2270, abs=1e-4)


def test_regression_to_the_mean_of_everybody_is_nothing() -> None:
    assert d.regression_to_the_mean(5, 2, 1.4, (None, None)) == 0.0
    assert d.regression_to_the_mean(5, 2, 1.4, (500, 501)) == 0.0
    assert d.regression_to_the_mean(5, 2, 1.4, (None, 3)) < 0


def test_quantile_of_nothing_is_nothing() -> None:
    assert d.quantile_from_counts([], [], 0.5) is None
    assert d.quantile_from_counts([3], [0], 0.5) is None


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=60), st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]))
def test_quantile_equals_numpy(values: list[int], q: float) -> None:
    counted = {value: values.count(value) for value in values}
    assert d.quantile_from_counts(list(counted), list(counted.values()), q) == pytest.approx(float(np.quantile(values, q)))


def test_median_interval_is_two_of_the_values() -> None:
    # n = 100: ranks 40 and 61 of the values 1..100
    estimate = d.median_interval(range(1, 101), [1] * 100)
    assert (estimate.value, estimate.low, estimate.high) == (50.5, 40.0, 61.0)


def test_few_values_have_no_median_interval() -> None:
    assert d.median_interval([1, 2, 3], [1, 1, 1]).low is None
    assert d.median_interval([], []).value is None


def test_incidence_by_hand() -> None:
    # five people: event day 1, censored day 2, event day 3, event day 3, event day 4
    curve = s.aalen_johansen([1, 2, 3, 4], [1, 0, 1, 1], [1, 1, 2, 1])
    assert curve.value.tolist() == pytest.approx([0.2, 0.2, 1 - 0.8 / 3, 1.0])
    assert curve.at_risk.tolist() == [5, 4, 3, 1]


def test_a_step_counts_from_its_own_day() -> None:
    curve = s.aalen_johansen([10, 20], [1, 0])
    assert s.at(curve, 9).value == 0
    assert s.at(curve, 10).value == 0.5
    assert s.at(curve, 999).value == 0.5
    assert [s.at(curve, day).n for day in (10, 11, 21)] == [2, 1, 0]


def test_nobody_gives_an_empty_curve() -> None:
    curve = s.aalen_johansen([], [])
    assert s.at(curve, 100) == d.Estimate(0.0, None, None, 0, "log-log")


def test_no_events_give_zero_without_an_interval() -> None:
    assert s.at(s.aalen_johansen([5, 6], [0, 0]), 6) == d.Estimate(0.0, None, None, 1, "log-log")


def test_an_absent_cause_is_zero() -> None:
    assert s.at(s.aalen_johansen([5, 6], [1, 1], cause=3), 6).value == 0.0


def test_everybody_having_the_event_has_no_interval() -> None:
    last = s.at(s.aalen_johansen([5, 6], [1, 1]), 6)
    assert (last.value, last.low, last.high) == (1.0, None, None)


def test_rounding_is_not_taken_for_spread() -> None:
    # 5, then 6, then the last 6 of 17: the incidence ends at 1 - 1e-16 and its variance at 5e-17
    curve = s.aalen_johansen([0, 0, 1, 2], [0, 1, 1, 1], [4, 5, 4, 4])
    assert s.at(curve, 2).low is None


def test_one_event_among_very_many_has_no_interval() -> None:
    # the variance, 1e-16, cannot be told from rounding
    assert s.at(s.aalen_johansen([1, 2], [1, 0], [1, 10**8 - 1]), 1) == d.Estimate(1e-8, None, None, 10**8, "log-log")


@example([(0, 0, 4), (0, 1, 5), (1, 1, 4), (2, 1, 4)])
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 2), st.integers(1, 4)), min_size=1, max_size=30))
def test_counts_equal_repeated_rows(drawn: list[tuple[int, int, int]]) -> None:
    times, causes, weights = (list(column) for column in zip(*drawn, strict=True))
    repeated = [(time, cause) for time, cause, weight in drawn for _ in range(weight)]
    whole = s.aalen_johansen([time for time, _ in repeated], [cause for _, cause in repeated])
    counted = s.aalen_johansen(times, causes, weights)
    np.testing.assert_allclose(counted.value, whole.value, atol=1e-12)
    np.testing.assert_allclose(counted.se, whole.se, atol=1e-9)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3)), min_size=1, max_size=40))
def test_incidences_add_up_to_that_of_any_cause(drawn: list[tuple[int, int]]) -> None:
    times, causes = (list(column) for column in zip(*drawn, strict=True))
    shares = [s.at(s.aalen_johansen(times, causes, cause=cause), 20).value for cause in (1, 2, 3)]
    any_cause = s.at(s.aalen_johansen(times, np.minimum(causes, 1)), 20).value
    assert sum(shares) == pytest.approx(any_cause)


def test_more_events_than_patients_are_never_exceeded() -> None:
    events, n = np.array([-1.0, 0.0, 5.0, 6.0]), np.full(4, 5.0)
    assert binomial.at_most(events, n, 0.5).tolist() == [0.0, pytest.approx(0.5**5), 1.0, 1.0]
    assert binomial.quantile(0.5, np.array([1.0, 4.0]), 0.5).tolist() == [0.0, 2.0]
