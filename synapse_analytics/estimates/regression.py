"""Linear and logistic regression on plain arrays, with the standard errors the comparisons need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from synapse_analytics.estimates import Estimate

Array = NDArray[np.float64]
LOGISTIC_STEPS = 50  # Newton converges in under ten where it converges at all
COLLINEAR = 1e-11
SEPARATED = 30.0  # a linear predictor this far out means that a covariate tells the arms apart completely


@dataclass(frozen=True, slots=True)
class LinearFit:
    """Coefficients, their covariance (model-based, and HC3 summed within clusters) and the residual degrees of freedom."""

    coefficients: Array
    covariance: Array
    robust: Array
    freedom: int


def summed_within(rows: Array, clusters: Array | None) -> Array:
    """Rows added up within clusters (patients with several episodes); the rows themselves where every row is its own cluster."""
    if clusters is None:
        return rows
    order = np.argsort(clusters, kind="stable")
    begin = np.flatnonzero(np.diff(clusters[order], prepend=clusters[order[0]] - 1))
    return np.add.reduceat(rows[order], begin)


def linear(design: Array, outcome: Array, clusters: Array | None = None) -> LinearFit | None:
    """Ordinary least squares; HC3 is MacKinnon & White 1985. None where the design does not have full rank or no spare rows.

    With `clusters` the scores of HC3 are added up within each cluster before they are squared (Liang & Zeger 1986): rows of one
    patient may resemble each other. Where every cluster is one row this is HC3 itself.
    """
    rows, columns = design.shape
    products = design.T @ design
    if rows <= columns or not _is_regular(products):
        return None
    bread = np.linalg.inv(products)
    coefficients = bread @ (design.T @ outcome)
    residuals = outcome - design @ coefficients
    leverage = np.einsum("ij,ij->i", design @ bread, design)
    covariance = bread * (residuals @ residuals) / (rows - columns)
    scores = summed_within(design * (residuals / np.maximum(1 - leverage, 1e-12))[:, None], clusters)
    robust = bread @ (scores.T @ scores) @ bread
    return LinearFit(coefficients, covariance, robust, rows - columns)


def _is_regular(products: Array) -> bool:
    """Whether no column follows from the others: the smallest eigenvalue of their correlations is not 0. Cheaper than the rank of all rows."""
    length = np.sqrt(np.diag(products))
    return bool(length.min() > 0 and np.linalg.eigvalsh(products / np.outer(length, length))[0] > COLLINEAR)


def contrast(fit: LinearFit, weights: Array, *, robust: bool = False) -> Estimate:
    """weights . coefficients with its t interval."""
    covariance = fit.robust if robust else fit.covariance
    value = float(weights @ fit.coefficients)
    half = float(stdtrit(fit.freedom, 0.975) * np.sqrt(weights @ covariance @ weights))
    return Estimate(value, value - half, value + half, fit.freedom + len(weights), "HC3" if robust else "least squares")


@dataclass(frozen=True, slots=True)
class Ancova:
    """The adjusted difference, a minus b, with classical and HC3 limits, and each arm's mean at the grand-mean covariates."""

    difference: Estimate
    robust: Estimate
    mean_a: Estimate
    mean_b: Estimate


def ancova(outcome: Array, arm_a: Array, covariates: Array, clusters: Array | None = None) -> Ancova | None:
    """Follow-up on arm and baseline covariates (Vickers & Altman 2001): y = a + g arm + covariates b.

    `outcome` (n) in score units, `arm_a` 1 for arm a and 0 for arm b, `covariates` (n, k) holds the baseline first. `clusters` names
    the patient of each row for the robust limits. None where the data cannot carry the model.
    """
    design = np.column_stack([np.ones(len(outcome)), arm_a, covariates])
    fit = linear(design, np.asarray(outcome, dtype=float), clusters)
    if fit is None:
        return None
    centre = covariates.mean(axis=0)
    only_arm = np.zeros(design.shape[1])
    only_arm[1] = 1.0
    at_a, at_b = (np.concatenate([[1.0, arm], centre]) for arm in (1.0, 0.0))
    return Ancova(contrast(fit, only_arm), contrast(fit, only_arm, robust=True), contrast(fit, at_a), contrast(fit, at_b))


def propensity(design: Array, arm_a: Array) -> Array | None:
    """P(arm a | covariates) by unpenalised maximum likelihood, which overlap weights need for exact balance.

    `design` (n, k) with its column of ones. None where the arms are separated or the covariates collinear.
    """
    coefficients = np.zeros(design.shape[1])
    for _ in range(LOGISTIC_STEPS):
        share = 1 / (1 + np.exp(-np.clip(design @ coefficients, -SEPARATED, SEPARATED)))
        information = (design * (share * (1 - share))[:, None]).T @ design
        if np.linalg.cond(information) > 1e13:
            return None
        step = np.linalg.solve(information, design.T @ (arm_a - share))
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-11:
            break
    linear_predictor = design @ coefficients
    return None if np.abs(linear_predictor).max() > SEPARATED else 1 / (1 + np.exp(-linear_predictor))


@dataclass(frozen=True, slots=True)
class Interaction:
    """The difference inside a subgroup and outside it, and the p value that they are the same."""

    inside: Estimate
    outside: Estimate
    p: float


def interaction(outcome: Array, arm_a: Array, member: Array, covariates: Array, clusters: Array | None = None) -> Interaction | None:
    """Does the difference differ in a subgroup? ANCOVA with arm x subgroup; Wald test of the product (HC3, by cluster)."""
    design = np.column_stack([np.ones(len(outcome)), arm_a, member, arm_a * member, covariates])
    fit = linear(design, np.asarray(outcome, dtype=float), clusters)
    if fit is None:
        return None
    outside, inside, product = (np.zeros(design.shape[1]) for _ in range(3))
    outside[1] = inside[1] = inside[3] = product[3] = 1.0
    z = abs(product @ fit.coefficients) / np.sqrt(product @ fit.robust @ product)
    return Interaction(contrast(fit, inside, robust=True), contrast(fit, outside, robust=True), float(2 * ndtr(-z)))
