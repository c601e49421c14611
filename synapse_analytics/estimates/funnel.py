"""Funnel plots: does a unit differ by more than chance? Exact and overdispersed limits; outside means look into it, never a rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, norm

Array = NDArray[np.float64]
LEVELS = (0.95, 0.998)
UNITS_FOR_OVERDISPERSION = 10  # the spread between fewer units cannot be told from chance
TAIL = 0.1  # share of units winsorised at each end before the spread is judged


@dataclass(frozen=True, slots=True)
class Band:
    """Limits of one level at each n."""

    level: float
    low: Array
    high: Array


def exact_limits(target: float, n: Array, level: float) -> Band:
    """Binomial limits for shares, interpolated between whole events so that the funnel is smooth (Spiegelhalter 2005)."""
    n = np.asarray(n, dtype=float)
    tails = ((1 - level) / 2, (1 + level) / 2)
    low, high = (_interpolated(target, n, p) for p in tails)
    return Band(level, np.clip(low, 0, 1), np.clip(high, 0, 1))


def _interpolated(target: float, n: Array, p: float) -> Array:
    events = binom.ppf(p, n, target)
    chance, before = binom.cdf(events, n, target), binom.cdf(events - 1, n, target)
    return (events - np.divide(chance - p, chance - before, out=np.zeros_like(n), where=chance > before)) / n


@dataclass(frozen=True, slots=True)
class Spread:
    """How much more than by chance units differ: phi = mean of squared z, tau2 = variance between units (arcsine scale)."""

    phi: float
    tau2: float


def overdispersion(events: Array, n: Array) -> Spread:
    """Spread between units on the variance-stabilised scale, tails winsorised (Spiegelhalter 2012; R's FunnelPlotR).

    y = asin sqrt p, s = 1 / (2 sqrt n), z = (y - y0) / s; tau2 = max(0, (k phi - (k - 1)) / (sum w - sum w^2 / sum w)), w = 1 / s^2.
    """
    events, n = np.asarray(events, dtype=float), np.asarray(n, dtype=float)
    centre = np.arcsin(np.sqrt(events.sum() / n.sum()))
    z = (np.arcsin(np.sqrt(events / n)) - centre) * 2 * np.sqrt(n)
    return _between(z, 4 * n)


def _between(z: Array, weight: Array) -> Spread:
    low, high = np.quantile(z, [TAIL, 1 - TAIL])
    units = len(z)
    phi = float(np.mean(np.clip(z, low, high) ** 2))
    if units * phi < units - 1 or units < 2:
        return Spread(phi, 0.0)
    return Spread(phi, max(0.0, (units * phi - (units - 1)) / (weight.sum() - (weight**2).sum() / weight.sum())))


def overdispersed_limits(target: float, n: Array, spread: Spread, level: float) -> Band:
    """sin^2(asin sqrt target +- z sqrt(s^2 + tau2)), inside 0..1."""
    n = np.asarray(n, dtype=float)
    half = norm.ppf((1 + level) / 2) * np.sqrt(1 / (4 * n) + spread.tau2)
    centre = np.arcsin(np.sqrt(target))
    return Band(level, np.sin(np.maximum(centre - half, 0)) ** 2, np.sin(np.minimum(centre + half, np.pi / 2)) ** 2)


def z_scores(means: Array, errors: Array) -> tuple[Array, Spread]:
    """Means of units against their pooled mean in standard errors, widened where units differ more than by chance."""
    means, errors = np.asarray(means, dtype=float), np.asarray(errors, dtype=float)
    weight = 1 / errors**2
    pooled = (weight @ means) / weight.sum()
    z = (means - pooled) / errors
    spread = _between(z, weight) if len(z) >= UNITS_FOR_OVERDISPERSION else Spread(1.0, 0.0)
    return (means - pooled) / np.sqrt(errors**2 + spread.tau2), spread


def verdict(share: float, low_high: dict[float, tuple[float, float]]) -> str:
    """The plain sentence of one unit: inside, outside 95 %, outside 99.8 %."""
    for level in sorted(low_high, reverse=True):
        low, high = low_high[level]
        if share < low or share > high:
            return f"{'above' if share > high else 'below'} the {level * 100:g} % limits: look into it"
    return "within the limits"
