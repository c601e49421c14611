"""Time to an event where other events compete: the cumulative incidence of Aalen and Johansen, from counts.

Times are whole days; equal (time, cause) pairs may come once with their number in `weights`, so that a million
episodes are a few thousand numbers. Causes: 0 = censored, 1, 2, ... = the event that came first. Censoring on a day comes
after the events of that day. Checked against survfit of R (tests/reference).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synapse_analytics.estimates import Z_95, Estimate

Array = np.ndarray
Numbers = Sequence[float] | Array
ROUNDING = 1e-14  # sums that should cancel leave about 1e-16; the smallest variance with a million at risk is 1e-12


@dataclass(frozen=True, slots=True)
class Curve:
    """A cumulative incidence as a right-continuous step function, 0 before the first time: one entry per distinct time, in order.

    Limits are NaN where there are none. `at_risk` counts those who were still under observation just before each time.
    """

    times: Array
    value: Array
    se: Array
    low: Array
    high: Array
    at_risk: Array


def aalen_johansen(times: Numbers, causes: Numbers, weights: Numbers | None = None, cause: int = 1) -> Curve:
    """Cumulative incidence of `cause` where other causes compete: F(t) = sum of S(s-) d(s) / n(s).

    Standard error by the delta method (Marubini & Valsecchi 1995), equal to survfit; limits log(-log) on F.
    """
    causes = np.asarray(causes)
    kind = np.where(causes == 0, 0, np.where(causes == cause, 1, 2))
    day, counts, at_risk = _counts_per_time(times, kind, weights)
    ours, any_cause = counts[1], counts[1] + counts[2]
    before = np.concatenate(([1.0], np.cumprod(1 - any_cause / at_risk)[:-1])) if len(day) else np.empty(0)
    incidence = np.cumsum(before * ours / at_risk)
    variance = _incidence_variance(incidence, before, ours, any_cause, at_risk)
    se = np.sqrt(np.where(variance > ROUNDING, variance, 0.0))
    low, high = _log_log_limits(incidence, se)
    return Curve(day, incidence, se, low, high, at_risk)


def at(curve: Curve, time: float) -> Estimate:
    """The curve's value on a day; before its first time 0, after its last the last. n counts those under observation just before."""
    value, low, high, n = (line[0] for line in curve_at(curve, np.array([time])))
    return Estimate(float(value), _or_none(low), _or_none(high), int(n), "log-log")


def curve_at(curve: Curve, times: Array) -> tuple[Array, Array, Array, Array]:
    """(value, low, high, at risk) of the curve on many days at once; NaN where there are no limits."""
    place = np.searchsorted(curve.times, times, side="right")  # 0 before the first time
    lines = ((0.0, curve.value), (np.nan, curve.low), (np.nan, curve.high))
    value, low, high = (np.append(start, line)[place] for start, line in lines)
    still = np.append(curve.at_risk, 0)[np.searchsorted(curve.times, times, side="left")]
    return value, low, high, still.astype(np.int64)


def _counts_per_time(times: Numbers, kinds: Array, weights: Numbers | None) -> tuple[Array, Array, Array]:
    """Distinct times, how often each kind (0 = censored, 1, 2) happened at them, and the number at risk just before."""
    times, kinds = np.asarray(times), np.asarray(kinds).astype(np.int64)
    weight = np.ones(len(times)) if weights is None else np.asarray(weights, dtype=float)
    day, place = np.unique(times[weight > 0], return_inverse=True)
    counts = np.zeros((3, len(day)))
    np.add.at(counts, (kinds[weight > 0], place), weight[weight > 0])
    return day, counts, counts.sum(axis=0)[::-1].cumsum()[::-1]


def _incidence_variance(incidence: Array, before: Array, ours: Array, any_cause: Array, risk: Array) -> Array:
    """Sum over s <= t of (F(t)-F(s))^2 d/(n(n-d)) + S^2 d1(n-d1)/n^3 - 2 (F(t)-F(s)) S d1/n^2, in one pass."""
    survivors = risk * (risk - any_cause)
    a = np.divide(any_cause, survivors, out=np.zeros(len(risk)), where=survivors > 0)  # the last event of all adds 0: nothing follows it
    b = before * ours / risk**2
    c = before**2 * ours * (risk - ours) / risk**3
    sums = [np.cumsum(part) for part in (a, incidence * a, incidence**2 * a, c, b, incidence * b)]
    return incidence**2 * sums[0] - 2 * incidence * sums[1] + sums[2] + sums[3] - 2 * (incidence * sums[4] - sums[5])


def _log_log_limits(value: Array, se: Array) -> tuple[Array, Array]:
    """value^exp(+- z se / (value ln value)); NaN at 0, at 1 and without spread (Kalbfleisch & Prentice 1980)."""
    low, high = np.full(len(value), np.nan), np.full(len(value), np.nan)
    inside = se > 0  # a curve at 0 or at 1 has no spread
    shown = value[inside]
    power = Z_95 * se[inside] / (shown * np.log(shown))  # negative
    low[inside], high[inside] = shown ** np.exp(-power), shown ** np.exp(power)
    return low, high


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
