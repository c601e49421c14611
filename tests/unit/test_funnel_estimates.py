"""Funnels: which method, by hand and against the rule they stand for, and at their edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from synapse_analytics.estimates import funnel as f

FEW, MANY = 9, 12
PATIENTS = 40


def shares(events: list[int], n: int = PATIENTS) -> f.Funnel:
    made = f.crude_shares(np.array(events), np.full(len(events), n))
    assert made is not None
    return made


def test_few_units_keep_exact_limits_however_they_differ() -> None:
    made = shares([5, 35] * 4 + [5])
    assert (made.method, made.phi, made.tau2) == ("exact binomial", 1.0, 0.0)
    assert {level for level, _ in made.verdicts()} == {0.998}


def test_ten_units_are_enough_to_see_how_they_differ() -> None:
    assert [shares([5, 35] * 4 + more).method for more in ([5], [5, 35])] == ["exact binomial", "overdispersed"]


def test_units_that_differ_as_by_chance_keep_exact_limits() -> None:
    assert shares([20, 21, 19] * 4).method == "exact binomial"


def test_units_that_differ_by_more_have_wider_limits() -> None:
    made = shares([10, 20, 30] * 4)
    assert made.method == "overdispersed"
    spread = f.overdispersion(np.array([10, 20, 30] * 4), np.full(MANY, PATIENTS))
    assert (made.phi, made.tau2) == (spread.phi, spread.tau2)
    expected = f.overdispersed_limits(0.5, np.array([40.0]), spread, 0.95)
    band = made.limits(np.array([40.0]), 0.95)
    assert (band.low[0], band.high[0]) == (pytest.approx(expected.low[0]), pytest.approx(expected.high[0]))
    assert {level for level, _ in made.verdicts()} == {None}


def test_wider_limits_never_lie_inside_exact_ones() -> None:
    made = shares([10, 3, 10, 6, 4, 3, 4, 2, 6, 5, 11, 2], 60)  # little more than by chance
    assert made.method == "overdispersed"
    n = np.arange(10.0, 300.0)
    assert (f.overdispersed_limits(made.centre, n, made.spread, 0.95).low > f.exact_limits(made.centre, n, 0.95).low).any()
    for level in f.LEVELS:
        wide, exact = made.limits(n, level), f.exact_limits(made.centre, n, level)
        assert (wide.high >= exact.high).all()
        assert (wide.low <= exact.low).all()


@pytest.mark.parametrize(("share", "patients"), [(0.6, 67), (0.07, 24), (0.05, 67), (0.02, 30)])
def test_units_that_differ_by_chance_keep_exact_limits(share: float, patients: int) -> None:
    """Limits were widened, with "units differ by more than chance", wherever the estimate of the spread was above nought."""
    random = np.random.default_rng(7)
    made = [f.crude_shares(random.binomial(patients, share, 12), np.full(12, patients)) for _ in range(400)]
    assert sum(funnel is not None and funnel.tau2 > 0 for funnel in made) < 0.08 * len(made)


def test_a_unit_that_differs_is_found_among_rare_events() -> None:
    """Three in ten complications among seven in a hundred: widened limits hid every second such unit, also where chance explains the rest."""
    random, found = np.random.default_rng(7), 0
    for _ in range(200):
        events = random.binomial(24, [0.07] * 11 + [0.3])
        made = f.crude_shares(events, np.full(12, 24))
        found += made is not None and made.verdicts()[-1][1] == "above"
    assert found > 0.56 * 200


def test_means_that_differ_by_chance_keep_their_limits() -> None:
    random, wide = np.random.default_rng(7), 0
    for _ in range(400):
        changes = random.normal(2.5, 2.2, (12, 60))
        made = f.crude_means(np.full(12, 60), changes.sum(axis=1), (changes**2).sum(axis=1))
        wide += made is not None and made.tau2 > 0
    assert wide < 0.08 * 400


def test_all_followed_up_is_within() -> None:
    """Ten of ten where 95 % is usual happens by chance to six units in ten."""
    made = f.crude_shares(np.array([10, 180]), np.array([10, 190]))
    assert made is not None
    assert made.verdicts()[0] == (None, None)


def test_means_by_hand() -> None:
    # units 1 2 3 and 4 6 8: pooled SD sqrt((2 + 8) / 4), overall mean 4
    made = f.crude_means(np.array([3, 3]), np.array([6, 18]), np.array([14, 116]))
    assert made is not None
    assert (made.method, made.centre, made.values) == ("z", 4.0, (2.0, 6.0))
    band = made.limits(np.array([3]), 0.95)
    assert band.high[0] - 4 == pytest.approx(1.959964 * math.sqrt(2.5 / 3), abs=1e-6)
    assert made.verdicts() == [(0.95, "below"), (0.95, "above")]


def test_units_of_nobody_or_of_one_tell_nothing_about_the_spread_within_units() -> None:
    # 1 2 3 and 4 6 8, nobody, and 9 alone: still sqrt((2 + 8) / 4)
    made = f.crude_means(np.array([3, 3, 0, 1]), np.array([6, 18, 0, 9]), np.array([14, 116, 0, 81]))
    assert made is not None
    assert (made.one, made.values) == (2.5, (2.0, 6.0, None, 9.0))
    pair = f.crude_means(np.array([2, 1]), np.array([4, 9]), np.array([10, 81]))  # 1 3, and 9 alone
    assert pair is not None
    assert pair.one == 2.0


def test_means_that_differ_by_more_have_wider_limits() -> None:
    n, sums = np.full(MANY, 50), np.array([100.0, 150.0, 200.0] * 4)
    made = f.crude_means(n, sums, sums**2 / 50 + 49 * 1.0)  # SD 1 in every unit
    assert made is not None
    z = np.array([-1, 0, 1] * 4) * math.sqrt(50)
    assert made.phi == pytest.approx((z**2).mean())
    weight = 50.0
    assert made.tau2 == pytest.approx((MANY * made.phi - (MANY - 1)) / (MANY * weight - weight))
    assert made.limits(np.array([50]), 0.95).high[0] == pytest.approx(3 + norm.ppf(0.975) * math.sqrt(1 / 50 + made.tau2))
    assert made.method == "overdispersed"


def test_adjusted_mean_is_the_overall_mean_and_what_is_left() -> None:
    made = f.adjusted_means(np.array([100, 100]), np.array([200.0, 400.0]), np.array([250.0, 350.0]), 4.0)
    assert made is not None
    assert (made.centre, made.values) == (3.0, (2.5, 3.5))
    assert made.limits(np.array([100]), 0.95).high[0] == pytest.approx(3 + 1.959964 * 0.2, abs=1e-6)
    assert made.verdicts() == [(0.95, "below"), (0.95, "above")]


def test_adjusted_share_by_hand() -> None:
    # 30 of 100 where 20 were expected, 30 of 200 where 40 were: overall 0.2
    made = f.adjusted_shares(np.array([30, 30]), np.array([20.0, 40.0]), np.array([14.0, 31.0]), np.array([100, 200]))
    assert made is not None
    assert (made.centre, made.values) == (0.2, (pytest.approx(0.3), pytest.approx(0.15)))
    assert made.n[0] == pytest.approx(0.15 * 20**2 / (0.2**2 * 14))  # v = 45 / 300
    assert made.verdicts() == [(0.95, "above"), (None, None)]  # z = 10 / sqrt 14 = 2.67 and -10 / sqrt 31 = -1.80


def test_units_that_cannot_be_judged_keep_their_number() -> None:
    """Nobody in the unit, or all certain to have the event: z is not defined, and the other units are judged as if alone."""
    made = f.adjusted_shares(np.array([0, 3, 30]), np.array([0.0, 3.0, 20.0]), np.array([0.0, 0.0, 14.0]), np.array([0, 3, 100]))
    assert made is not None
    assert made.n[:2].tolist() == [0, 3]
    assert made.values[0] is None
    nowhere = f.adjusted_shares(np.zeros(2), np.array([2.0, 4.0]), np.array([1.0, 3.0]), np.array([10, 20]))
    assert nowhere is not None
    assert (nowhere.centre, nowhere.values, nowhere.n.tolist()) == (0.0, (0.0, 0.0), [10, 20])


def test_a_small_unit_has_an_effective_number_too() -> None:
    # less than one event expected
    made = f.adjusted_shares(np.array([1, 30]), np.array([0.5, 30.5]), np.array([0.4, 20.0]), np.array([2, 100]))
    assert made is not None
    assert made.n[0] == pytest.approx((20.4 / 102) * 0.5**2 / ((31 / 102) ** 2 * 0.4))


@pytest.mark.parametrize(("beyond", "side"), [(0.0, None), (1.0, None), (2.0, "outside")])
def test_a_unit_on_its_limit_is_within(beyond: float, side: str | None) -> None:
    """Limits at 0 and 1, which no value passes but by the last digit; `beyond` counts such digits."""
    values = (-beyond * f.ROUNDING, 1 + beyond * f.ROUNDING)
    made = f.Funnel("z", 0.5, f.AS_BY_CHANCE, values, np.ones(2), 100.0, bounded=True)
    assert [where for _, where in made.verdicts()] == ([None, None] if side is None else ["below", "above"])


def test_the_last_digit_of_a_large_number_is_worth_more() -> None:
    values = tuple(1000 + digits * f.ROUNDING for digits in (-2000, -500, 0, 500, 2000))
    made = f.Funnel("z", 1000.0, f.AS_BY_CHANCE, values, np.ones(5), 0.0, bounded=False)
    assert [where for _, where in made.verdicts()] == ["below", None, None, None, "above"]


def test_without_case_mix_the_effective_number_is_the_number() -> None:
    n = np.array([30.0, 80.0, 200.0])
    made = f.adjusted_shares(np.array([10, 30, 60]), n * 100 / 310, n * 100 / 310 * 210 / 310, n)
    assert made is not None
    np.testing.assert_allclose(made.n, n)
    assert made.values == pytest.approx((10 / 30, 30 / 80, 60 / 200))


units = st.lists(st.tuples(st.integers(10, 300), st.floats(0.02, 0.98), st.floats(0, 1)), min_size=2, max_size=9)


@given(units)
def test_words_and_picture_agree_with_z(drawn: list[tuple[int, float, float]]) -> None:
    """Where nothing is cut off at 0 or 1, a unit lies outside exactly when (O - E) / sqrt V does."""
    n, chance, drawn_share = (np.array(column) for column in zip(*drawn, strict=True))
    observed, expected, variance = np.round(n * drawn_share), n * chance, n * chance * (1 - chance)
    made = f.adjusted_shares(observed, expected, variance, n)
    if made is None or made.centre == 0:
        return
    z = (observed - expected) / np.sqrt(variance)
    critical = norm.ppf((1 + np.array(f.LEVELS)) / 2)
    bands = [made.limits(made.n, level) for level in f.LEVELS]
    cut = np.any([(band.low == 0) | (band.high == 1) for band in bands], axis=0)
    near = np.abs(np.abs(z)[:, None] - critical).min(axis=1) < 1e-6
    for place in np.flatnonzero(~cut & ~near):
        outside = [level for level, limit in zip(f.LEVELS, critical, strict=True) if abs(z[place]) > limit]
        side = "above" if z[place] > 0 else "below"
        assert made.verdicts()[place] == ((outside[-1], side) if outside else (None, None))


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0, 1)), min_size=1, max_size=15))
def test_whatever_the_units_nothing_is_nan(drawn: list[tuple[int, float]]) -> None:
    n, share = (np.array(column) for column in zip(*drawn, strict=True))
    events = np.round(n * share)
    chance = np.round(share, 1)  # 0 and 1 too
    made = [
        f.crude_shares(events, n),
        f.crude_means(n, events, events),
        f.adjusted_shares(events, n * chance, n * chance * (1 - chance), n),
        f.adjusted_means(n, events, n * chance, 0.0),
    ]
    if n.sum() == 0:
        assert made == [None] * 4
    for funnel in made:
        if funnel is None:
            continue
        assert [value is None or math.isfinite(value) for value in funnel.values] == [True] * len(n)
        assert np.isfinite([funnel.centre, funnel.phi, funnel.tau2]).all()
        assert np.isfinite(funnel.n).all()
        for level in f.LEVELS:
            band = funnel.limits(np.array([1.0, 7.5, 1000.0]), level)
            assert np.isfinite([band.low, band.high]).all()
            assert (band.low <= funnel.centre + 1e-9).all()
            assert (band.high >= funnel.centre - 1e-9).all()
        assert all(verdict == (None, None) for verdict, value in zip(funnel.verdicts(), funnel.values, strict=True) if value is None)


@pytest.mark.parametrize("events", [0, 40])
@pytest.mark.parametrize("count", [1, MANY])
def test_all_or_none_are_within(events: int, count: int) -> None:
    made = shares([events] * count)
    assert (made.method, made.verdicts()) == ("exact binomial", [(None, None)] * count)


def test_a_unit_with_nobody_has_no_value() -> None:
    made = f.crude_shares(np.array([0, 5]), np.array([0, 10]))
    assert made is not None
    assert (made.values, made.centre) == ((None, 0.5), 0.5)
    lone = f.crude_shares(np.array([1, 4]), np.array([1, 9]))
    assert lone is not None
    assert lone.values == (1.0, 4 / 9)


def test_one_unit_is_its_own_centre() -> None:
    made = f.crude_means(np.array([10]), np.array([30.0]), np.array([100.0]))
    assert made is not None
    assert made.verdicts() == [(None, None)]
    assert f.crude_means(np.array([1]), np.array([3.0]), np.array([9.0])) is None


@pytest.mark.parametrize("level", f.LEVELS)
@pytest.mark.parametrize("share", [0, 0.0005, 0.001, 0.01, 0.05, 0.5, 0.95, 0.999, 1])
def test_limits_are_smooth_where_events_are_rare(share: float, level: float) -> None:
    """From 5 episodes on, in steps of a hundredth, a limit moves by no more than between two whole numbers: it never jumps, nor leaves 0..1."""
    for least, most in ((5, 25), (290, 300)):
        n = np.arange(100 * least, 100 * most + 1) / 100
        band, whole = f.exact_limits(share, n, level), f.exact_limits(share, np.arange(least, most + 2.0), level)
        for line, steps in ((band.low, whole.low), (band.high, whole.high)):
            assert ((line >= 0) & (line <= 1)).all()
            assert np.abs(np.diff(line)).max() <= np.abs(np.diff(steps)).max() / 100 + 1e-12
            assert np.allclose(line[::100], steps[: len(line[::100])])  # a unit is judged by the binomial of its own size


def test_units_without_any_event_lie_within() -> None:
    assert {level for level, _ in shares([0] * MANY).verdicts()} == {None}
    assert {level for level, _ in shares([PATIENTS] * MANY).verdicts()} == {None}


def test_equal_means_lie_within_whatever_is_left_by_rounding() -> None:
    """Everybody improved by 0.1 + 0.2: what subtraction leaves is no spread within units, and no unit differs by it."""
    n = np.full(MANY, 30.0)
    for value in (0.1 + 0.2, 0.3, 2.7):
        sums = np.array([sum([value] * 30)] * MANY) * (1 + 1e-16 * np.arange(MANY))
        made = f.crude_means(n, sums, np.array([sum([value**2] * 30)] * MANY))
        assert made is not None
        assert made.one == 0
        assert {level for level, _ in made.verdicts()} == {None}
