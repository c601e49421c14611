"""Control charts and funnels give what qicharts2, NHSRplotthedots and FunnelPlotR give (reference.json)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom, norm

from synapse_analytics.estimates import binomial as b
from synapse_analytics.estimates import control_charts as c
from synapse_analytics.estimates import funnel as f

HERE = Path(__file__).parent
R = json.loads((HERE / "reference.json").read_text())


SIZES = np.array([1, 2, 3, 5, 10, 13, 20, 50, 97, 100, 250, 1000, 5000, 100_000], dtype=float)
SHARES = (0.0, 1e-6, 0.001, 0.01, 0.05, 0.1, 0.3, 0.5, 0.624, 0.9, 0.99, 0.999999, 1.0)
CHANCES = (0.001, 0.005, 0.01, 0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975, 0.999)


@pytest.fixture(scope="module")
def spc() -> tuple[np.ndarray, np.ndarray]:
    with (HERE / "spc.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    return np.array([float(row["x"]) for row in rows]), np.array([float(row["n"]) for row in rows])


def test_individuals_equal_plotthedots(spc: tuple[np.ndarray, np.ndarray]) -> None:
    limits = c.xmr(spc[0] / spc[1])
    assert limits.centre[0] == pytest.approx(R["spc"]["I"]["cl"], abs=1e-12)
    assert limits.low[0] == pytest.approx(R["spc"]["I"]["lcl_2.66"], abs=1e-12)


def test_p_prime_equals_qicharts(spc: tuple[np.ndarray, np.ndarray]) -> None:
    limits = c.p_chart(*spc)
    assert limits.kind == "p'"
    assert (limits.low[0], limits.high[0]) == pytest.approx((R["spc"]["Pprime"]["lcl1"], R["spc"]["Pprime"]["ucl1"]), abs=1e-12)


def test_p_equals_qicharts(spc: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(c, "OVERDISPERSED", np.inf)
    limits = c.p_chart(*spc)
    expected = R["spc"]["P"]
    assert (limits.kind, limits.centre[0]) == ("p", pytest.approx(expected["cl"], abs=1e-12))
    assert (limits.low[0], limits.high[0]) == pytest.approx((expected["lcl1"], expected["ucl1"]), abs=1e-12)


def test_u_equals_qicharts(spc: tuple[np.ndarray, np.ndarray]) -> None:
    limits = c.u_chart(*spc)
    assert (limits.low[0], limits.high[0]) == pytest.approx((R["spc"]["U"]["lcl1"], R["spc"]["U"]["ucl1"]), abs=1e-12)


def flat(points: int, half: float = 3.0) -> c.Limits:
    return c.Limits("XmR", np.zeros(points), np.full(points, -half), np.full(points, half))


def rules(values: list[float]) -> list[c.Rule | None]:
    return c.special_causes(np.array(values), flat(len(values)))


def test_six_on_one_side_are_usual() -> None:
    assert rules([1, 0.5, 1, 0.5, 1, 0.5, -1]) == [None] * 7


def test_seven_on_one_side_are_all_marked() -> None:
    assert rules([1, 0.5, 1, 0.5, 1, 0.5, 1, -1]) == [c.Rule.RUN] * 7 + [None]


def test_all_seven_of_a_rise_are_marked() -> None:
    """As NHSRplotthedots does: a point is part of a trend if it or one of the six after it ends one."""
    assert rules([-1.5, -1, -0.5, 0.1, 0.5, 1, 1.5]) == [c.Rule.TREND] * 7
    assert rules([1, -1.5, -1, -0.5, 0.1, 0.5, 1, 1.5, -1]) == [None, *[c.Rule.TREND] * 7, None]
    assert rules([-1.5, -1, -0.5, 0.1, 0.5, 1, 0.9]) == [None] * 7


def test_all_seven_of_a_fall_are_marked() -> None:
    assert rules([1.5, 1, 0.5, 0.1, -0.5, -1, -1.5, -1]) == [*[c.Rule.TREND] * 7, None]


def test_tie_breaks_a_trend() -> None:
    assert rules([-1.5, -1, -0.5, -0.5, 0.1, 0.5, 1]) == [None] * 7


def test_two_of_three_on_one_side() -> None:
    assert rules([2.5, 1, 2.4, -1]) == [c.Rule.TWO_OF_THREE, None, c.Rule.TWO_OF_THREE, None]


def test_two_of_three_on_both_sides_are_usual() -> None:
    assert rules([2.5, -1, 2.4, -1]) == [None] * 4
    assert rules([2.5, 1, -2.4, -1]) == [None] * 4


def test_outside_comes_first() -> None:
    assert rules([1, 1, 1, 1, 1, 1, 3.5])[-1] is c.Rule.OUTSIDE


def test_assurance_needs_the_whole_band() -> None:
    limits = flat(15)
    assert c.assurance(limits, -4, higher_is_better=True) == "consistently met"
    assert c.assurance(limits, -4, higher_is_better=False) == "consistently missed"
    assert c.assurance(limits, 0, higher_is_better=True) == "hit and miss"


@pytest.mark.parametrize(("level", "name"), [(0.95, "od_95"), (0.998, "od_998")])
def test_overdispersed_limits_equal_package(level: float, name: str, spc: tuple[np.ndarray, np.ndarray]) -> None:
    events, n = spc
    spread = f.overdispersion(events, n)
    expected = R["funnel_PR"]
    assert (spread.phi, spread.tau2) == pytest.approx((expected["phi"], expected["tau2"]), abs=1e-12)
    band = f.overdispersed_limits(events.sum() / n.sum(), np.array([20.0]), spread, level)
    assert (band.low[0], band.high[0]) == pytest.approx(expected["n20"][name], abs=1e-7)  # the package rounds z to six decimals
    narrow = f.overdispersed_limits(events.sum() / n.sum(), np.array([20.0]), f.Spread(1.0, 0.0), level)
    assert (narrow.low[0], narrow.high[0]) == pytest.approx(expected["n20"][name.replace("od", "unadj")], abs=1e-7)


def test_exact_limits_cover_as_said() -> None:
    band = f.exact_limits(0.3, np.array([50.0, 5000.0]), 0.95)
    assert band.low[0] < 0.3 < band.high[0]
    assert (band.high[1] - band.low[1]) < (band.high[0] - band.low[0])


@pytest.mark.parametrize("share", SHARES)
def test_binomial_equals_the_statistics_package(share: float) -> None:
    for chance in CHANCES:
        events = binom.ppf(chance, SIZES, share)
        np.testing.assert_array_equal(b.quantile(chance, SIZES, share), events)
        for near in (events - 1, events, np.minimum(events + 1, SIZES)):
            np.testing.assert_allclose(b.at_most(near, SIZES, share), binom.cdf(near, SIZES, share), rtol=0, atol=1e-12)


def published(share: float, chance: float) -> np.ndarray:
    """Spiegelhalter's interpolated lower binomial limit at all sizes, by the statistics package."""
    events = binom.ppf(chance, SIZES, share)
    reached, before = binom.cdf(events, SIZES, share), binom.cdf(events - 1, SIZES, share)
    inside = np.divide(reached - chance, reached - before, out=np.zeros_like(SIZES), where=reached > before)
    return np.clip((events - inside) / SIZES, 0, 1)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("level", f.LEVELS)
def test_exact_limits_equal_published_on_either_side(share: float, level: float) -> None:
    band = f.exact_limits(share, SIZES, level)
    np.testing.assert_allclose(band.low, published(share, (1 - level) / 2), rtol=0, atol=1e-12)
    np.testing.assert_allclose(band.high, 1 - published(1 - share, (1 - level) / 2), rtol=0, atol=1e-12)


@pytest.mark.parametrize("share", [0.02, 0.05, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("level", f.LEVELS)
def test_outside_exact_limits_is_as_rare_as_said(share: float, level: float) -> None:
    """On either side a unit lies outside exactly when the chance of so few or so many is under (1 - level) / 2."""
    for n in (10, 23, 67, 150):
        band = f.exact_limits(share, np.array([float(n)]), level)
        events = np.arange(n + 1)
        below, above = events / n < band.low[0] - f.ROUNDING, events / n > band.high[0] + f.ROUNDING
        np.testing.assert_array_equal(below, binom.cdf(events, n, share) < (1 - level) / 2)
        np.testing.assert_array_equal(above, binom.sf(events - 1, n, share) < (1 - level) / 2)


@pytest.mark.parametrize("level", f.LEVELS)
def test_normal_limits_equal_the_statistics_package(level: float) -> None:
    made = f.crude_means(np.array([30, 20]), np.array([60.0, 50.0]), np.array([400.0, 300.0]))
    assert made is not None
    band = made.limits(SIZES, level)
    spread = norm.ppf((1 + level) / 2) * np.sqrt((400 - 60**2 / 30 + 300 - 50**2 / 20) / 48 / SIZES)
    np.testing.assert_allclose(band.high, 110 / 50 + spread, rtol=0, atol=1e-12)
    np.testing.assert_allclose(band.low, 110 / 50 - spread, rtol=0, atol=1e-12)


def test_the_last_point_decides_whether_the_target_is_met() -> None:
    """The month before it had fewer patients, so that its limits were wider."""
    limits = c.Limits("p", np.full(13, 0.5), np.array([0.1] * 12 + [0.4]), np.array([0.9] * 12 + [0.6]))
    found = [c.assurance(limits, target, higher_is_better=True) for target in (0.3, 0.5, 0.7)]
    assert found == ["consistently met", "hit and miss", "consistently missed"]
