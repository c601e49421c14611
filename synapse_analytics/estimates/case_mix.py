"""Case mix: what would be expected of these patients anywhere? Regression on cells of equal patients, counts instead of rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from synapse_analytics.estimates import SAME

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
FEWEST_EPISODES = 20  # a level with fewer says too little to be told from the reference
DEPENDENT = 1e-9  # a column of which so little is left beside those before it follows from them
STEPS, HALVINGS = 50, 30
CONVERGED = 1e-10  # the last step of the coefficients
SEPARATED = 20.0  # log odds this far out mean that some cells have all or none
RIDGE = 1e-2  # a prior SD of 10 log odds: nothing to a fit that exists, a bound to one that does not


def design_matrix(codes: Codes, numbers: Array, n: Array, events: Array | None = None) -> Array:
    """Columns of a regression on cells: ones, a column per level other than the most frequent, numbers, what is missing.

    `codes` (cells, k) name levels by whole numbers, missing as a level of its own; `numbers` (cells, m) hold NaN where missing.
    Levels of under 20 episodes, and with `events` those in which all or none had the event, join the most frequent one.
    Numbers are standardised, missing ones stand at the mean with a column that says so. Columns that follow from others are left out.
    """
    n = np.asarray(n, dtype=float)
    columns = [np.ones(len(n))]
    for code in np.asarray(codes).T:
        columns += _levels(code, n, events)
    for number in np.asarray(numbers, dtype=float).T:
        columns += _number(number, n, events)
    return _independent(np.column_stack(columns), n)


def _levels(code: Codes, n: Array, events: Array | None) -> list[Array]:
    levels, place = np.unique(code, return_inverse=True)
    if not len(levels):
        return []
    reference = np.bincount(place, n).argmax()
    members = [(place == level).astype(float) for level in range(len(levels)) if level != reference]
    return [member for member in members if _says_something(member, n, events)]


def _says_something(member: Array, n: Array, events: Array | None) -> bool:
    episodes = member @ n
    return bool(episodes >= FEWEST_EPISODES and (events is None or 0 < member @ events < episodes))


def _number(number: Array, n: Array, events: Array | None) -> list[Array]:
    missing = np.isnan(number)
    weight = np.where(missing, 0.0, n)
    if weight.sum() == 0:
        return []
    known = np.where(missing, 0.0, number)
    mean = weight @ known / weight.sum()
    centred = np.where(missing, 0.0, known - mean)
    spread = np.sqrt(weight @ centred**2 / weight.sum())
    gap = missing.astype(float)
    varies = spread > SAME * max(1.0, abs(mean))  # else what is left of equal numbers is their last digit
    return ([centred / spread] if varies else []) + ([gap] if _says_something(gap, n, events) else [])


def _independent(columns: Array, n: Array) -> Array:
    """The columns without those that follow from the ones before them, among cells with somebody."""
    weighted = columns * np.sqrt(n)[:, None]
    length = np.sqrt((weighted**2).sum(axis=0))
    kept: list[int] = []
    basis = np.zeros(weighted.shape)
    for place in np.flatnonzero(length > 0):
        left = weighted[:, place] / length[place]
        for _ in range(2):  # once more, because rounding leaves some of what was taken away
            left = left - basis[:, : len(kept)] @ (basis[:, : len(kept)].T @ left)
        if (size := np.sqrt(left @ left)) > DEPENDENT:
            basis[:, len(kept)] = left / size
            kept.append(int(place))
    return columns[:, kept]


def expected_share(design: Array, n: Array, events: Array) -> Array | None:
    """The chance of the event in each cell by logistic regression (maximum likelihood); all chances add up to all events.

    Where cells with all or none let coefficients run away, a tiny ridge holds them. None where there is nothing to fit.
    """
    n, events = np.asarray(n, dtype=float), np.asarray(events, dtype=float)
    if not 0 < events.sum() < n.sum():
        return None
    share = _logistic(design, n, events, 0.0)
    return _logistic(design, n, events, RIDGE) if share is None else share


def _logistic(design: Array, n: Array, events: Array, ridge: float) -> Array | None:
    """Newton's method; None where it does not come to rest, or without a ridge runs away."""
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0  # the ones: the overall share is kept

    def loss(coefficients: Array) -> float:
        log_odds = design @ coefficients
        return float(n @ np.logaddexp(0, log_odds) - events @ log_odds + penalty @ coefficients**2 / 2)

    coefficients = np.zeros(design.shape[1])
    coefficients[0] = logit(events.sum() / n.sum())
    for _ in range(STEPS):
        share = expit(design @ coefficients)
        information = (design * (n * share * (1 - share))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.lstsq(information, design.T @ (events - n * share) - penalty * coefficients, rcond=None)[0]
        step = _shortened(loss, coefficients, step)
        coefficients = coefficients + step
        if not ridge and np.abs(design[n > 0] @ coefficients).max() > SEPARATED:
            return None
        if np.abs(step).max() < CONVERGED:
            return expit(design @ coefficients)
    return None


def _shortened(loss: Callable[[Array], float], coefficients: Array, step: Array) -> Array:
    """The step, halved until it no longer makes matters worse; far from the answer Newton's may overshoot."""
    before = loss(coefficients)
    for _ in range(HALVINGS):
        if loss(coefficients + step) <= before + CONVERGED * abs(before):
            break
        step = step / 2
    return step


def expected_mean(design: Array, n: Array, sums: Array, squares: Array) -> tuple[Array, float] | None:
    """(The mean expected in each cell, the variance of one episode about it) by least squares; None without episodes to spare."""
    n, sums, squares = (np.asarray(column, dtype=float) for column in (n, sums, squares))
    spare = n.sum() - design.shape[1]
    if spare <= 0:
        return None
    root = np.sqrt(n)
    cell_means = np.divide(sums, n, out=np.zeros(len(n)), where=n > 0)
    mean = design @ np.linalg.lstsq(design * root[:, None], cell_means * root, rcond=None)[0]
    within, between = squares - cell_means * sums, n * (cell_means - mean) ** 2
    return mean, max(0.0, float((within.sum() + between.sum()) / spare))
