"""Pseudo-values: what each patient adds to a cumulative incidence, so that a regression or weights can adjust it.

theta_i = n theta - (n - 1) theta(without i), with theta from Aalen and Johansen (Andersen, Klein & Rosthoj 2003, Biometrika 90:15;
Andersen & Perme 2010, Stat Methods Med Res 19:71). Patients with the same time and cause have the same pseudo-value, so that a
million of them are a few thousand curves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CENSORED, OURS, OTHER = 0, 1, 2


@dataclass(frozen=True, slots=True)
class PseudoValues:
    """One entry for each patient: of the share that had the event by the horizon, and of the days from it to the horizon."""

    incidence: Array
    days_after: Array


def pseudo_values(times: NDArray[np.integer], causes: NDArray[np.integer], horizon: int) -> PseudoValues:
    """Pseudo-values of the incidence at the horizon, and of the mean days after the event up to it (nought for who had none).

    `times` are whole days from 0, `causes` 0 = censored, 1 = the event, any other = an event that competes. What happens after the
    horizon is not looked at. At least two patients.
    """
    late = times > horizon
    times = np.where(late, horizon + 1, times).astype(np.int64)
    kinds = np.where(late | (causes == CENSORED), CENSORED, np.where(causes == OURS, OURS, OTHER))
    classes, of, sizes = np.unique(times * 3 + kinds, return_inverse=True, return_counts=True)
    own_time, own_kind = np.divmod(classes, 3)
    days = np.unique(own_time[own_kind != CENSORED])
    counts = np.array([[sizes[(own_time == day) & (own_kind == kind)].sum() for day in days] for kind in (OURS, OTHER)], dtype=float)
    at_risk = np.array([sizes[own_time >= day].sum() for day in days], dtype=float)
    counts, n = counts.reshape(2, len(days)), len(times)
    whole = _incidence(counts[0], counts.sum(axis=0), at_risk, days, horizon)
    here = own_time[:, None] == days
    without = _incidence(
        counts[0] - (here & (own_kind == OURS)[:, None]),
        counts.sum(axis=0) - (here & (own_kind != CENSORED)[:, None]),
        at_risk - (own_time[:, None] >= days),
        days,
        horizon,
    )
    incidence, days_after = (n * all_of - (n - 1) * rest for all_of, rest in zip(whole, without, strict=True))
    return PseudoValues(incidence[of], days_after[of])


def _incidence(ours: Array, events: Array, at_risk: Array, days: NDArray[np.int64], horizon: int) -> tuple[Array, Array]:
    """(incidence at the horizon, mean days after the event); the last axis is that of the days with events."""
    risk = np.where(at_risk > 0, at_risk, 1.0)  # where nobody is left nothing happens
    before = np.cumprod(1 - events / risk, axis=-1)
    before = np.concatenate([np.ones((*before.shape[:-1], 1)), before[..., :-1]], axis=-1)
    steps = before * ours / risk
    return steps.sum(axis=-1), (steps * (horizon - days)).sum(axis=-1)


def mean_day(values: PseudoValues, horizon: int, weights: Array | None = None) -> tuple[float, Array]:
    """The mean day of the event among those who had it by the horizon, and the pull of each patient on it; NaN where nobody had it.

    It is horizon - days_after / incidence, a ratio of two (weighted) means. The pull (delta method) has the mean 0, and its variance is
    that of the mean day: an interval made for a mean holds for it.
    """
    share, after = (float(np.average(part, weights=weights)) for part in (values.incidence, values.days_after))
    if share <= 0:
        return float("nan"), np.zeros(len(values.incidence))
    return horizon - after / share, -(values.days_after - after / share * values.incidence) / share
