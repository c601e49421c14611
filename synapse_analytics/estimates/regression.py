"""Linear and logistic regression on plain arrays, with the standard errors that comparisons need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from synapse_analytics.estimates import SAME, Estimate
from synapse_analytics.estimates.balance import independent
from synapse_analytics.estimates.blocks import Clusters, products, side_by_side, spread

Array = NDArray[np.float64]
LOGISTIC_STEPS = 50  # Newton converges in under ten where it converges at all
COLLINEAR = 1e-11  # smallest eigenvalue of the correlations up to which a column follows from the others
ENOUGH_TO_START = 10_000  # rows: their fit is so near that of all rows that Newton takes three steps from there instead of seven
SEPARATED = 30.0  # log odds: so far out, a covariate separates the arms completely


@dataclass(frozen=True, slots=True)
class LinearFit:
    """Coefficients, their model-based covariance, that of the first ones robust (HC3 by cluster), and residual degrees of freedom."""

    coefficients: Array
    covariance: Array
    robust: Array
    freedom: int
    size: int  # how many coefficients there are


@dataclass(frozen=True, slots=True)
class Rows:
    """The columns and matrices of a regression, side by side, the outcome, and which rows belong to one patient."""

    columns: tuple[NDArray[Any], ...]
    outcome: Array
    clusters: Clusters | None = None
    known: NDArray[np.bool_] | None = None  # rows that take part; None: all


def linear(rows: Rows, *, watched: int, moments: Array | None = None, kept: NDArray[np.bool_] | None = None) -> LinearFit | None:
    """Ordinary least squares; HC3 is MacKinnon & White 1985. None unless the columns have full rank and are fewer than the rows.

    The scores of HC3 are added up within each cluster before they are squared (Liang & Zeger 1986): rows of one patient may resemble
    each other. Where every cluster is one row this is HC3 itself. It is computed for the first `watched` coefficients. `moments` are
    the cross products of the columns and, after them, the outcome, if known already; columns that are not `kept` stay out.
    """
    moments = products(*rows.columns, rows.outcome) if moments is None else moments
    kept = np.ones(len(moments) - 1, dtype=bool) if kept is None else kept
    inner = moments[:-1, :-1][np.ix_(kept, kept)]
    freedom = int(len(rows.outcome) if rows.known is None else rows.known.sum()) - len(inner)
    if freedom <= 0 or not _is_regular(inner):
        return None
    bread = np.zeros((len(kept), len(kept)))
    bread[np.ix_(kept, kept)] = np.linalg.inv(inner)
    coefficients = bread @ moments[:-1, -1]
    scores, squares = np.empty((len(rows.outcome), watched)), 0.0
    for here, block in side_by_side(*rows.columns):
        turned = block @ bread
        residuals = rows.outcome[here] - block @ coefficients
        if rows.known is not None:
            residuals *= rows.known[here]
        leverage = np.einsum("ij,ij->i", turned, block)
        scores[here] = turned[:, :watched] * (residuals / np.maximum(1 - leverage, 1e-12))[:, None]
        squares += float(residuals @ residuals)
    return LinearFit(coefficients, bread * (squares / freedom), spread(scores, rows.clusters), freedom, len(inner))


def _is_regular(inner: Array) -> bool:
    """True if no column follows from the others. Eigenvalues of the correlations cost less than the rank of all rows."""
    length = np.sqrt(np.diag(inner))
    return bool(length.min() > 0 and np.linalg.eigvalsh(inner / np.outer(length, length))[0] > COLLINEAR)


def contrast(fit: LinearFit, weights: tuple[float, ...], *, robust: bool = False) -> Estimate:
    """The sum of the first coefficients, each with its weight, and its t interval."""
    size = len(weights)
    covariance = (fit.robust if robust else fit.covariance)[:size, :size]
    value = float(weights @ fit.coefficients[:size])
    half = float(stdtrit(fit.freedom, 0.975) * np.sqrt(weights @ covariance @ weights))
    return Estimate(value, value - half, value + half, fit.freedom + fit.size, "HC3" if robust else "least squares")


@dataclass(frozen=True, slots=True)
class Ancova:
    """The adjusted difference, a minus b, with classical and with HC3 limits."""

    difference: Estimate
    robust: Estimate


def ancova(outcome: Array, arm_a: Array, covariates: Array, clusters: Clusters | None = None) -> Ancova | None:
    """Follow-up on arm and baseline covariates (Vickers & Altman 2001): y = a + g arm + covariates b.

    `outcome` (n) in score units, `arm_a` 1 for arm a and 0 for arm b, `covariates` (n, k) holds the baseline first. `clusters` are
    the patients of the rows, for the robust limits. None where the data cannot carry the model.
    """
    fit = linear(Rows((arm_a, np.ones(len(arm_a)), covariates), outcome, clusters), watched=1)
    return None if fit is None else Ancova(contrast(fit, (1.0,)), contrast(fit, (1.0,), robust=True))


def propensity(covariates: Array, arm_a: Array) -> Array | None:
    """P(arm a | covariates) by unpenalised maximum likelihood, which overlap weights need for exact balance.

    `covariates` (n, k) without a constant. None where the arms are separated or the covariates collinear.
    """
    start = np.zeros(covariates.shape[1] + 1)
    if (thin := len(arm_a) // ENOUGH_TO_START) > 1:
        start, _ = _logistic(covariates[::thin], arm_a[::thin], start)
    coefficients, regular = _logistic(covariates, arm_a, start)
    if not regular:
        return None
    linear_predictor = np.empty(len(arm_a))
    for here, block in side_by_side(covariates):
        linear_predictor[here] = coefficients[0] + block @ coefficients[1:]
    return None if np.abs(linear_predictor).max() > SEPARATED else 1 / (1 + np.exp(-linear_predictor))


def _logistic(covariates: Array, arm_a: Array, start: Array) -> tuple[Array, bool]:
    """Newton's method; False, with the start, where the arms are separated or the covariates collinear."""
    coefficients, constant = start, np.ones(len(arm_a))
    for _ in range(LOGISTIC_STEPS):
        information, slope = np.zeros((len(start), len(start))), np.zeros(len(start))
        for here, block in side_by_side(constant, covariates):
            share = 1 / (1 + np.exp(-np.clip(block @ coefficients, -SEPARATED, SEPARATED)))
            information += (block * (share * (1 - share))[:, None]).T @ block
            slope += (arm_a[here] - share) @ block
        if np.linalg.cond(information) > 1e13:
            return start, False
        step = np.linalg.solve(information, slope)
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-11:
            break
    return coefficients, True


@dataclass(frozen=True, slots=True)
class Interaction:
    """The difference inside a subgroup and outside it, and the p value of a test that they are equal."""

    inside: Estimate
    outside: Estimate
    p: float


def interactions(
    outcome: Array, arm_a: Array, members: list[Array], covariates: Array, clusters: Clusters | None = None
) -> list[Interaction | None]:
    """Is the difference of the arms another inside a subgroup than outside? ANCOVA with arm x subgroup, Wald test of the product (HC3, by patient).

    Each of `members` is 1 inside the subgroup, 0 outside, NaN where not known; unknown rows take no part. The cross products of all
    rows are added up once; each subgroup subtracts those of its unknown rows.
    """
    constant = np.ones(len(outcome))
    inside = [member == 1 for member in members]
    both = [member & (arm_a == 1) for member in inside]
    moments = products(arm_a, constant, covariates, outcome, *inside, *both)
    size = 3 + covariates.shape[1]
    found = []
    for place, member in enumerate(members):
        known = ~np.isnan(member)
        own = moments.copy()
        if not known.all():
            own[:size, :size] -= products(*(part[~known] for part in (arm_a, constant, covariates, outcome)))
        at_member, at_both = size + place, size + len(members) + place
        # A covariate that is the subgroup itself, or follows from it, would stand in the model twice.
        first = [1, at_member, *range(2, size - 1)]
        kept = np.append([True, True, True], independent(own[np.ix_(first, first)]))
        chosen = [0, at_both, *first, size - 1]
        rows = Rows((arm_a, both[place], constant, inside[place], covariates), outcome, clusters, known)
        found.append(_interaction(linear(rows, watched=2, moments=own[np.ix_(chosen, chosen)], kept=kept)))
    return found


def _interaction(fit: LinearFit | None) -> Interaction | None:
    if fit is None:
        return None
    apart, error = abs(fit.coefficients[1]), float(np.sqrt(fit.robust[1, 1]))
    # Where the model fits every score to the last digit there is no error to test against.
    p = float(2 * ndtr(-apart / error)) if error > SAME else float(apart <= SAME)
    return Interaction(contrast(fit, (1.0, 1.0), robust=True), contrast(fit, (1.0,), robust=True), p)
