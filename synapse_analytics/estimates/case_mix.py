"""Case mix: the result to expect from these patients at any unit. Regression on cells of patients with equal attributes, not on rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from synapse_analytics.estimates import SAME

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
FEWEST_EPISODES = 20  # too few to estimate how a level differs from the reference
DEPENDENT = 1e-9  # share of its length that a column must keep beside the columns before it, or it follows from them
STEPS, HALVINGS = 50, 30
CONVERGED = 1e-10  # log odds: a step of the coefficients as small is the last
SEPARATED = 20.0  # log odds: so far out, all or none of the episodes of some cells have the event
RIDGE = 1e-2  # a prior SD of 10 log odds: changes no fit that exists, bounds one that does not


def design_matrix(codes: Codes, numbers: Array, n: Array, events: Array | None = None) -> Array:
    """Columns of a regression on cells: ones, a column for each level but the most frequent, numbers, flags of missing numbers.

    `codes` (cells, k) name levels by whole numbers, missing as a level of its own; `numbers` (cells, m) hold NaN where missing.
    Levels of under 20 episodes, and with `events` those in which all or none had the event, join the most frequent one.
    Numbers are standardised; a missing number is the mean, and a column flags it. Columns that follow from others are left out.
    """
    columns = [np.ones(len(n))]
    for code in codes.T:
        columns += _levels(code, n, events)
    for number in numbers.T:
        columns += _number(number, n, events)
    return _independent(np.column_stack(columns), n)


def _levels(code: Codes, n: Array, events: Array | None) -> list[Array]:
    levels, place = np.unique(code, return_inverse=True)
    if not len(levels):
        return []
    reference = np.bincount(place, n).argmax()
    members = [(place == level).astype(float) for level in range(len(levels)) if level != reference]
    return [member for member in members if _can_be_estimated(member, n, events)]


def _can_be_estimated(member: Array, n: Array, events: Array | None) -> bool:
    episodes = member @ n
    return bool(episodes >= FEWEST_EPISODES and (events is None or 0 < member @ events < episodes))


def _number(number: Array, n: Array, events: Array | None) -> list[Array]:
    missing = np.isnan(number)
    weight = np.where(missing, 0.0, n)
    if weight.sum() == 0:
        return []
    known = np.nan_to_num(number)
    mean = weight @ known / weight.sum()
    centred = np.where(missing, 0.0, known - mean)
    spread = np.sqrt(weight @ centred**2 / weight.sum())
    gap = missing.astype(float)
    varies = spread > SAME * max(1.0, abs(mean))  # equal numbers differ from their mean in the last digit
    return ([centred / spread] if varies else []) + ([gap] if _can_be_estimated(gap, n, events) else [])


def _independent(columns: Array, n: Array) -> Array:
    """The columns that do not follow from the ones before them, by Gram-Schmidt over cells that hold episodes."""
    weighted = columns * np.sqrt(n)[:, None]
    length = np.sqrt((weighted**2).sum(axis=0))
    kept: list[int] = []
    basis = np.zeros(weighted.shape)
    for place in np.flatnonzero(length > 0):
        left = weighted[:, place] / length[place]
        for _ in range(2):  # twice, because rounding leaves a part of the first subtraction
            left = left - basis[:, : len(kept)] @ (basis[:, : len(kept)].T @ left)
        if (size := np.sqrt(left @ left)) > DEPENDENT:
            basis[:, len(kept)] = left / size
            kept.append(int(place))
    return columns[:, kept]


def expected_share(design: Array, n: Array, events: Array) -> Array | None:
    """The chance of the event in each cell by logistic regression (maximum likelihood); all chances add up to all events.

    If cells with all or none let the coefficients run away, a tiny ridge holds them. None if no episode or every episode has the event.
    """
    if not 0 < events.sum() < n.sum():
        return None
    share = _logistic(design, n, events, 0.0)
    return _logistic(design, n, events, RIDGE) if share is None else share


def _logistic(design: Array, n: Array, events: Array, ridge: float) -> Array | None:
    """Newton's method; None where it does not converge, or runs away without a ridge."""
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0  # of the column of ones, so that the overall share is kept

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
    """The step, halved until the loss no longer grows; far from the minimum Newton's step may overshoot."""
    before = loss(coefficients)
    for _ in range(HALVINGS):
        if loss(coefficients + step) <= before + CONVERGED * abs(before):
            break
        step = step / 2
    return step


def expected_mean(design: Array, n: Array, sums: Array, squares: Array) -> tuple[Array, float] | None:
    """(The mean expected in each cell, the variance of one episode about it) by least squares.

    None unless there are more episodes than columns.
    """
    spare = n.sum() - design.shape[1]
    if spare <= 0:
        return None
    root = np.sqrt(n)
    cell_means = np.divide(sums, n, out=np.zeros(len(n)), where=n > 0)
    mean = design @ np.linalg.lstsq(design * root[:, None], cell_means * root, rcond=None)[0]
    within, between = squares - cell_means * sums, n * (cell_means - mean) ** 2
    return mean, max(0.0, float((within.sum() + between.sum()) / spare))
