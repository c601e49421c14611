"""Funnel plots: does a unit differ by more than chance? Exact and overdispersed limits. A unit outside them is worth a look; units are never ranked.

Crude and case-mix adjusted funnels answer the same questions through one `Funnel`, so that the picture and the words agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtri

from synapse_analytics.estimates.binomial import at_most, quantile

Array = NDArray[np.float64]
LEVELS = (0.95, 0.998)
UNITS_FOR_OVERDISPERSION = 10  # fewer units are too few to distinguish their spread from chance
BY_CHANCE = 0.05  # p value from which the spread between units is taken for chance, and no limit is widened
TAIL = 0.1  # share of units winsorised at each end before the spread is estimated
ROUNDING = 1e-9  # relative; a unit on its limit is within it
EXACT, WIDENED, NORMAL = "exact binomial", "overdispersed", "z"


@dataclass(frozen=True, slots=True)
class Band:
    """The limits of one level (such as 0.95) at each n."""

    level: float
    low: Array
    high: Array


@dataclass(frozen=True, slots=True)
class Spread:
    """How much units differ: phi = mean of squared z, about 1 by chance alone; tau2 = variance between units beyond chance."""

    phi: float
    tau2: float


AS_BY_CHANCE = Spread(1.0, 0.0)


def exact_limits(target: float, n: Array, level: float) -> Band:
    """Binomial limits for shares, interpolated between whole events so that the funnel is smooth (Spiegelhalter 2005).

    A share is outside if the chance of it, or of one further out, is under (1 - level) / 2. The published upper limit counts the
    events at the limit as outside: where 95 % is usual, it would place a unit that followed up all of its 10 patients outside the
    99.8 % limits, which happens by chance to six units in ten. So the upper limit here is the lower limit of the patients without
    the event. Between two whole numbers of patients the curve is straight: there is no binomial of 7.3 patients, and limits made
    as if there were one jump at every whole number where events are rare.
    """
    chance = (1 - level) / 2
    whole = np.maximum(np.floor(n), 1)
    part = np.clip(n - whole, 0, 1)
    low, high = (((1 - part) * _lowest(share, whole, chance) + part * _lowest(share, whole + 1, chance)) for share in (target, 1 - target))
    return Band(level, low, 1 - high)


def _lowest(target: float, n: Array, chance: float) -> Array:
    events = quantile(chance, n, target)
    reached, before = at_most(events, n, target), at_most(events - 1, n, target)
    return np.maximum(events - (reached - chance) / (reached - before), 0) / n


def overdispersion(events: Array, n: Array) -> Spread:
    """Spread between units on the arcsine scale, tails winsorised (Spiegelhalter 2012; R's FunnelPlotR).

    y = asin sqrt p, s = 1 / (2 sqrt n), z = (y - y0) / s; tau2 = max(0, (k phi - (k - 1)) / (sum w - sum w^2 / sum w)), w = 1 / s^2.
    """
    centre = np.arcsin(np.sqrt(events.sum() / n.sum()))
    z = (np.arcsin(np.sqrt(events / n)) - centre) * 2 * np.sqrt(n)
    return _between(z, 4 * n)


def _between(z: Array, weight: Array) -> Spread:
    low, high = np.quantile(z, [TAIL, 1 - TAIL])
    units = len(z)
    phi = float(np.mean(np.clip(z, low, high) ** 2))
    return Spread(phi, max(0.0, (units * phi - (units - 1)) / (weight.sum() - (weight**2).sum() / weight.sum())))


def overdispersed_limits(target: float, n: Array, spread: Spread, level: float) -> Band:
    """sin^2(asin sqrt target +- z sqrt(s^2 + tau2)), inside 0..1."""
    half = ndtri((1 + level) / 2) * np.sqrt(1 / (4 * n) + spread.tau2)
    centre = np.arcsin(np.sqrt(target))
    return Band(level, np.sin(np.maximum(centre - half, 0)) ** 2, np.sin(np.minimum(centre + half, np.pi / 2)) ** 2)


@dataclass(frozen=True, slots=True)
class Funnel:
    """All units of one indicator against their common centre, and the limits at any number of episodes."""

    method: str  # exact binomial, overdispersed, z
    centre: float
    spread: Spread
    values: tuple[float | None, ...]  # of each unit; None for a unit without episodes
    n: Array  # episodes of each unit; for an adjusted share the effective number
    one: float | None  # variance of one episode; None for a crude share, whose limits are binomial
    bounded: bool  # limits stay inside 0..1

    @property
    def phi(self) -> float:
        """Mean of squared z of the units, 1 where they differ by chance alone."""
        return self.spread.phi

    @property
    def tau2(self) -> float:
        """Variance between units by which the limits are wider; 0 where they are not."""
        return self.spread.tau2

    def limits(self, n: Array, level: float) -> Band:
        """The limits of a unit with so many episodes."""
        if self.one is None:
            exact = exact_limits(self.centre, n, level)
            return _wider(exact, overdispersed_limits(self.centre, n, self.spread, level)) if self.tau2 > 0 else exact
        half = ndtri((1 + level) / 2) * np.sqrt(self.one / n + self.tau2)
        low, high = self.centre - half, self.centre + half
        return Band(level, np.clip(low, 0, 1), np.clip(high, 0, 1)) if self.bounded else Band(level, low, high)

    def verdicts(self, levels: tuple[float, ...] = LEVELS) -> list[tuple[float | None, str | None]]:
        """For each unit the widest level whose limits it lies outside of, and the side; (None, None) inside, or without episodes."""
        bands = [self.limits(np.where(self.n > 0, self.n, 1), level) for level in levels]
        return [_verdict(value, place, bands) for place, value in enumerate(self.values)]


def _wider(exact: Band, band: Band) -> Band:
    """The wider of exact and overdispersed limits: the approximation of the latter is too narrow where events are rare."""
    return Band(band.level, np.minimum(exact.low, band.low), np.maximum(exact.high, band.high))


def _verdict(value: float | None, place: int, bands: list[Band]) -> tuple[float | None, str | None]:
    if value is None:
        return None, None
    for band in reversed(bands):
        slack = ROUNDING * max(abs(value), 1.0)
        if value > band.high[place] + slack:
            return band.level, "above"
        if value < band.low[place] - slack:
            return band.level, "below"
    return None, None


def _or_none(values: Array, known: NDArray[np.bool_]) -> tuple[float | None, ...]:
    return tuple(float(value) if there else None for value, there in zip(values, known, strict=True))


def _over(above: Array, below: Array) -> Array:
    """above / below, 0 where `below` is 0."""
    return np.divide(above, below, out=np.zeros(len(below)), where=below > 0)


def crude_shares(events: Array, n: Array) -> Funnel | None:
    """Shares as they are: exact limits, wider if ten units or more differ by more than chance. None without episodes."""
    if n.sum() == 0:
        return None
    there = n > 0
    expected = n[there] * (events.sum() / n.sum())
    error = np.sqrt(expected * (1 - events.sum() / n.sum()))
    spread = overdispersion(events[there], n[there]) if _differ(_over(events[there] - expected, error)) else AS_BY_CHANCE
    values = _or_none(_over(events, n), there)
    return Funnel(WIDENED if spread.tau2 > 0 else EXACT, float(events.sum() / n.sum()), spread, values, n, None, bounded=True)


def crude_means(n: Array, sums: Array, squares: Array) -> Funnel | None:
    """Means as they are, their error from the SD within units, pooled over all units. None where no unit has two episodes."""
    freedom = n.sum() - (n > 0).sum()
    if freedom <= 0:
        return None
    within = float((squares - _over(sums**2, n)).sum() / freedom)
    within = within if within > ROUNDING * float(squares.sum() / n.sum()) else 0.0  # of equal values only rounding is left
    return _means(_over(sums, n), n, float(sums.sum() / n.sum()), within)


def adjusted_means(n: Array, observed: Array, expected: Array, residual_variance: float) -> Funnel | None:
    """Means as if all units had the same patients: overall mean + mean of (observed - expected); error: residual SD / sqrt(n)."""
    if n.sum() == 0:
        return None
    centre = float(observed.sum() / n.sum())
    return _means(centre + _over(observed - expected, n), n, centre, residual_variance)


def _means(values: Array, n: Array, centre: float, one: float) -> Funnel:
    there = n > 0
    spread = _spread(values[there] - centre, np.sqrt(one / n[there]))
    return Funnel(WIDENED if spread.tau2 > 0 else NORMAL, centre, spread, _or_none(values, there), n, one, bounded=False)


def _spread(differences: Array, errors: Array) -> Spread:
    if not (errors > 0).all() or not _differ(differences / errors):
        return AS_BY_CHANCE
    return _between(differences / errors, 1 / errors**2)


def _differ(z: Array) -> bool:
    """True if ten units or more differ by more than chance: the sum of their squared z against chi-squared (Pearson).

    An estimated spread above 0 alone is not enough: it is frequent between equal units, most of all where events are rare.
    """
    return len(z) >= UNITS_FOR_OVERDISPERSION and bool(chdtrc(len(z) - 1, float(np.sum(z**2))) < BY_CHANCE)


def adjusted_shares(observed: Array, expected: Array, variance: Array, n: Array) -> Funnel | None:
    """Indirectly standardised shares: overall share x observed / expected, as if every unit had the patients of all.

    Per unit O, E = sum p, V = sum p (1 - p) of its n episodes, p from the case mix alone; z = (O - E) / sqrt V, as in Spiegelhalter
    2005 for indirectly standardised rates, and differences between units add to the variance as for means. So that one pair of
    curves serves all units, a unit stands at the n that gives it its own error: theta sqrt V / E = sqrt(v / n), v = sum V / sum n.
    """
    if n.sum() == 0:
        return None
    centre, one = float(observed.sum() / n.sum()), float(variance.sum() / n.sum())
    judged = (variance > 0) & (centre > 0)
    errors = _over(centre * np.sqrt(variance), expected)
    values = centre * _over(observed, expected)
    effective = np.where(judged, _over(np.full(len(n), one), errors**2), n)
    spread = _spread((values - centre)[judged], errors[judged])
    method = WIDENED if spread.tau2 > 0 else NORMAL
    return Funnel(method, centre, spread, _or_none(np.clip(values, 0, 1), expected > 0), effective, one, bounded=True)
