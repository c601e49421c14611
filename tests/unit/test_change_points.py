"""Has a course changed, and since when? Drawn courses in, the change out; every strength against a naive one."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from synapse_analytics.estimates import change_points as cp
from synapse_analytics.estimates import control_charts as spc

LOW, HIGH = [10.0, 12.0, 11.0, 9.0, 10.0, 11.0, 12.0, 10.0, 9.0, 11.0], [19.0, 21.0, 20.0, 22.0, 20.0]
N = 20.0


def shares(events: list[float], n: float = N, **more: int) -> cp.OfEvents:
    return cp.OfEvents(np.array(events), np.full(len(events), n), **more)


def values(*amounts: float) -> cp.OfValues:
    return cp.OfValues(np.array(amounts), np.full(len(amounts), N))


def counts(*seen: float) -> cp.OfEvents:
    return cp.OfEvents(np.array(seen), np.ones(len(seen)), rate=True)


def test_a_step_is_dated_with_its_levels() -> None:
    found = cp.latest_change(shares([*LOW, *HIGH], 40), recent=8)
    assert found is not None
    assert found.since == len(LOW)
    assert found.before == pytest.approx(sum(LOW) / (40 * len(LOW)))
    assert found.after == pytest.approx(sum(HIGH) / (40 * len(HIGH)))
    assert found.strength > cp.STRONG


def test_a_fall_has_the_other_sign() -> None:
    fallen = cp.latest_change(shares([*HIGH, *HIGH, *LOW[:6]], 40), recent=8)
    assert fallen is not None
    assert fallen.strength < -cp.STRONG
    assert fallen.after < fallen.before


def test_a_steady_course_has_no_change() -> None:
    assert cp.latest_change(shares(LOW * 3), recent=24) is None
    assert cp.latest_change(values(*[3.0, 3.2, 2.8, 3.1, 2.9] * 6), recent=24) is None


def test_what_changed_long_ago_is_no_news() -> None:
    course = shares([*LOW, *HIGH * 4], 40)
    assert cp.latest_change(course, recent=8) is None
    assert cp.latest_change(course, recent=20) is not None


def test_an_older_change_hides_no_newer_one() -> None:
    course = shares([*LOW, *HIGH * 3, *LOW[:6]], 40)
    found = cp.latest_change(course, recent=8)
    assert found is not None
    assert found.since == len(LOW) + 3 * len(HIGH)
    assert found.before == pytest.approx(sum(HIGH) / (40 * len(HIGH)))  # the level between the two changes, not that of all years


def test_limits_that_begin_anew_forget_what_was_before() -> None:
    course = shares([*LOW, *HIGH * 2], 40)
    assert cp.latest_change(course, recent=30) is not None
    assert cp.latest_change(course, first=len(LOW), recent=30) is None


def test_too_few_points_tell_nothing() -> None:
    assert cp.latest_change(shares([1.0] * 3 + [19.0] * 4), recent=8) is None
    assert cp.latest_change(shares([1.0] * 4 + [19.0] * 4), recent=8) is not None
    assert cp.latest_change(shares([]), recent=8) is None
    assert cp.latest_change(values(), recent=8) is None


@pytest.mark.parametrize("course", [values(*[5.0] * 20), shares([0.0] * 20), shares([N] * 20)], ids=["values", "nobody", "everybody"])
def test_equal_points_have_no_change(course: cp.Course) -> None:
    assert np.abs(course.strengths(0)).max() == 0
    assert cp.latest_change(course, recent=20) is None


def test_one_last_point_can_be_a_change() -> None:
    found = cp.latest_change(shares([2.0, 1.0, 2.0, 1.0, 3.0, 2.0, 1.0, 2.0, 2.0, 17.0]), recent=8)
    assert found is not None
    assert found.since == 9


def test_a_rate_counts_events_and_gives_them_per_hundred() -> None:
    found = cp.latest_change(shares([2.0] * 10 + [30.0] * 4, rate=True, per=100), recent=8)
    assert found is not None
    assert (found.before, found.after) == (pytest.approx(10), pytest.approx(150))


def test_rounded_counts_count_for_less() -> None:
    exact, rounded = (shares([10.0] * 8 + [15.0] * 6, 25, step=step).strengths(0) for step in (1, 5))
    assert np.abs(rounded).max() < np.abs(exact).max()


def test_shares_that_scatter_count_for_less() -> None:
    wild = shares([2.0, 18.0] * 6 + [18.0, 18.0])
    assert wild._scatter(wild.events, wild.n).min() > spc.OVERDISPERSED
    assert np.abs(wild.strengths(0)).max() < cp.STRONG


def test_values_that_tie_and_then_change_have_changed() -> None:
    """No two neighbours differ but once: their mean range is nearly nought, and the change is as clear as can be."""
    for course in (values(*[5.0] * 40, *[12.0] * 17), values(*[2.5, 2.5, 2.5, 2.5, 3.0] * 2, *[4.0] * 8)):
        found = cp.latest_change(course, recent=24)
        assert found is not None
        assert found.strength > cp.STRONG


def test_a_level_of_values_must_last() -> None:
    """One month of a median says nothing, however far away it lies."""
    steady = [5.0, 5.0, 6.0, 5.0, 4.0, 5.0, 5.0, 6.0, 5.0, 5.0] * 2
    assert cp.latest_change(values(*steady, 14.0), recent=12) is None
    assert cp.latest_change(values(*steady, *[14.0] * 3), recent=12) is not None


def test_one_patient_in_the_last_month_is_no_news() -> None:
    months = [0.0] * 59
    for place in range(0, 55, 5):
        months[place] = 1.0
    assert cp.latest_change(counts(*months, 1.0), recent=24) is None
    assert cp.latest_change(counts(*[30.0, 34.0, 28.0, 31.0] * 10, *[48.0] * 4), recent=24) is not None


@pytest.mark.parametrize("patients", [10, 18, 30, 120])
def test_scattered_patients_are_told_no_change(patients: int) -> None:
    """So many patients at random over five years: of a hundred such clinics a few at most are told that they see more or fewer."""
    draw = np.random.default_rng(patients)
    seen = (np.bincount(draw.integers(0, 60, patients), minlength=60).astype(float) for _ in range(100))
    assert sum(cp.latest_change(counts(*months), recent=24) is not None for months in seen) <= 4


@pytest.mark.parametrize(("days", "patients"), [(3, 35), (1, 20), (10, 100)])
def test_medians_of_whole_days_are_told_no_change(days: int, patients: int) -> None:
    draw = np.random.default_rng(days)
    n = np.full(57, float(patients))
    told = [cp.latest_change(cp.OfValues(np.median(draw.poisson(days, (57, patients)), axis=1), n), recent=24) for _ in range(100)]
    assert sum(change is not None for change in told) <= 4


# --- against naive ones --------------------------------------------------------------------------------------------

COUNTS = st.lists(st.tuples(st.integers(1, 60), st.floats(0, 1)), min_size=2, max_size=30)


@given(COUNTS)
def test_strengths_of_shares_are_likelihood_ratios(drawn: list[tuple[int, float]]) -> None:
    n = [size for size, _ in drawn]
    events = [round(size * part) for size, part in drawn]
    course = cp.OfEvents(np.array(events, dtype=float), np.array(n, dtype=float))
    for split, found in enumerate(course.strengths(0), start=1):
        gain = _log_binomial(events[:split], n[:split]) + _log_binomial(events[split:], n[split:]) - _log_binomial(events, n)
        wider = _naive_scatter(events, n, split)
        root = math.sqrt(max(2 * gain, 0)) / (wider if wider > spc.OVERDISPERSED else 1)
        assert abs(found) == pytest.approx(root, abs=1e-5)
        up = sum(events[split:]) * sum(n[:split]) > sum(events[:split]) * sum(n[split:])
        assert found == 0 or abs(found) < 1e-5 or (found > 0) == up


def _naive_scatter(events: list[int], n: list[int], split: int) -> float:
    share = sum(events) / sum(n)
    if not 0 < share < 1:
        return 1.0
    scores = [(event - size * share) / math.sqrt(size * share * (1 - share)) for event, size in zip(events, n, strict=True)]
    return math.sqrt(_beside([(after - before) ** 2 for before, after in itertools.pairwise(scores)], split) / 2)


def _beside(squares: list[float], split: int) -> float:
    """The mean of what lies on the sides of the split; of all, if nothing differs there."""
    beside = squares[: split - 1] + squares[split:]
    if sum(beside) > 1e-12 * sum(squares):
        return sum(beside) / max(len(beside), 1)
    return sum(squares) / len(squares)


def _log_binomial(events: list[int], n: list[int]) -> float:
    """The log likelihood of the best share; what does not depend on the share is left out in all three."""
    total, size = sum(events), sum(n)
    return float(
        stats.binom.logpmf(total, size, total / size) - math.lgamma(size + 1) + math.lgamma(total + 1) + math.lgamma(size - total + 1)
    )


@given(st.lists(st.tuples(st.floats(-50, 50), st.integers(1, 80)), min_size=8, max_size=30))
def test_strengths_of_values_are_differences_by_their_error(drawn: list[tuple[float, int]]) -> None:
    amounts, n = [amount for amount, _ in drawn], [size for _, size in drawn]
    course = cp.OfValues(np.array(amounts), np.array(n, dtype=float))
    squares = [(b - a) ** 2 / (1 / m + 1 / k) for (a, m), (b, k) in itertools.pairwise(drawn)]
    for split, found in enumerate(course.strengths(0), start=1):
        before, after = (
            sum(amount * size for amount, size in part) / sum(size for _, size in part) for part in (drawn[:split], drawn[split:])
        )
        spread = math.sqrt(_beside(squares, split))
        if spread <= 0 or min(split, len(n) - split) < cp.LASTING:
            assert found == 0
            continue
        t = (after - before) / (spread * math.sqrt(1 / sum(n[:split]) + 1 / sum(n[split:])))
        expected = cp._as_normal(np.array([t]), cp.EFFICIENCY * (len(n) - 2))[0]
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)
        assert abs(found) <= abs(t) + 1e-6  # with a scatter of few points the same difference says less


@pytest.mark.parametrize("freedom", [5, 10, 30])
@pytest.mark.parametrize("t", [0.5, 2.0, 4.0])
def test_a_t_becomes_the_normal_number_that_is_as_unlikely(t: float, freedom: float) -> None:
    """Wallace's formula against the quantiles themselves."""
    exact = stats.norm.isf(stats.t.sf(t, freedom))
    assert cp._as_normal(np.array([t]), freedom)[0] == pytest.approx(exact, rel=0.01)


@given(st.integers(0, 10_000))
def test_no_split_is_stronger_than_the_one_that_is_named(seed: int) -> None:
    draw = np.random.default_rng(seed)
    events = draw.binomial(40, np.repeat([0.3, 0.6], [draw.integers(8, 20), draw.integers(2, 8)])).astype(float)
    course = cp.OfEvents(events, np.full(len(events), 40.0))
    found = cp.latest_change(course, recent=len(events))
    if found is not None:
        assert abs(found.strength) == pytest.approx(np.abs(course.strengths(0)).max()) or found.since > 8
        assert course.level(slice(found.since, len(course))) == found.after
