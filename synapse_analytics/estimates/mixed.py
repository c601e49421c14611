"""Repeated measures by restricted maximum likelihood: MMRM with unstructured covariance, and the random intercept.

The likelihood needs the rows only through cross products by pattern of answered visits, so that one step costs the same for a
hundred patients and for a hundred thousand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MixedFit:
    """Coefficients with covariance, the covariance of one subject's visits, and the restricted log likelihood."""

    coefficients: Array
    covariance: Array
    sigma: Array
    log_likelihood: float
    converged: bool


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The subjects that answered the same visits: cross products of design and outcome between visits."""

    visits: NDArray[np.intp]
    n: int
    xx: Array  # (k, k, p, p)
    xy: Array  # (k, k, p)
    yy: Array  # (k, k)


def _patterns(design: Array, outcome: Array) -> list[_Pattern]:
    answered = ~np.isnan(outcome)
    code = answered @ (1 << np.arange(outcome.shape[1]))
    found = []
    for value in np.unique(code[code > 0]):
        subjects = code == value
        visits = np.flatnonzero(answered[np.argmax(subjects)])
        x, y = design[subjects][:, visits], outcome[subjects][:, visits]
        n, k, p = x.shape
        wide = x.reshape(n, k * p)  # one product of all visits and columns at once
        xx = (wide.T @ wide).reshape(k, p, k, p).transpose(0, 2, 1, 3)
        xy = (wide.T @ y).reshape(k, p, k).transpose(0, 2, 1)
        yy = y.T @ y
        found.append(_Pattern(visits, int(subjects.sum()), xx, xy, yy))
    return found


def _solve(patterns: list[_Pattern], sigma: Array) -> tuple[Array, Array, list[Array]]:
    """Generalised least squares given sigma: coefficients, their covariance, each pattern's inverse."""
    inverses = [np.asarray(np.linalg.inv(sigma[np.ix_(p.visits, p.visits)])) for p in patterns]
    information: Array = np.sum([np.einsum("ab,abij->ij", w, p.xx) for w, p in zip(inverses, patterns, strict=True)], axis=0)
    right: Array = np.sum([np.einsum("ab,abi->i", w, p.xy) for w, p in zip(inverses, patterns, strict=True)], axis=0)
    covariance = np.asarray(np.linalg.inv(information))
    return covariance @ right, covariance, inverses


def _objective(patterns: list[_Pattern], sigma: Array) -> tuple[float, Array]:
    """-2 restricted log likelihood without its constant, and its gradient in sigma."""
    coefficients, covariance, inverses = _solve(patterns, sigma)
    value = -np.linalg.slogdet(covariance)[1]
    gradient = np.zeros_like(sigma)
    for w, p in zip(inverses, patterns, strict=True):
        cross = np.einsum("abi,i->ab", p.xy, coefficients)
        residual = p.yy - cross - cross.T + np.einsum("abij,i,j->ab", p.xx, coefficients, coefficients)
        spread = np.einsum("abij,ij->ab", p.xx, covariance)
        value += -p.n * np.linalg.slogdet(w)[1] + np.sum(w * residual)
        gradient[np.ix_(p.visits, p.visits)] += p.n * w - w @ (residual + spread) @ w
    return float(value), gradient


def _maximise(patterns: list[_Pattern], start: Array, build: Callable[[Array], tuple[Array, Callable[[Array], Array]]]) -> MixedFit:
    """Minimise over the parameters of sigma; `build` gives sigma and how its gradient turns into theirs."""

    def step(parameters: Array) -> tuple[float, Array]:
        sigma, chain = build(parameters)
        value, gradient = _objective(patterns, sigma)
        return value / 2, chain(gradient) / 2

    from scipy.optimize import minimize  # noqa: PLC0415 - half a second that only this needs

    found = minimize(step, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 500})
    sigma, _ = build(found.x)
    coefficients, covariance, _ = _solve(patterns, sigma)
    answers = sum(p.n * len(p.visits) for p in patterns)
    constant = (answers - len(coefficients)) * math.log(2 * math.pi)
    steep = float(np.abs(found.jac).max()) if len(found.x) else 0.0
    return MixedFit(coefficients, covariance, sigma, -(2 * found.fun + constant) / 2, steep < 1e-3 * max(1.0, abs(found.fun)))


def _residual_variances(patterns: list[_Pattern], visits: int) -> Array:
    coefficients, _, _ = _solve(patterns, np.eye(visits))
    total, count = np.zeros(visits), np.zeros(visits)
    for p in patterns:
        for place, visit in enumerate(p.visits):
            fitted = 2 * p.xy[place, place] @ coefficients - coefficients @ p.xx[place, place] @ coefficients
            total[visit] += p.yy[place, place] - fitted
            count[visit] += p.n
    return np.maximum(total / np.maximum(count - 1, 1), 1e-6)


def mmrm(design: Array, outcome: Array) -> MixedFit:
    """Mixed model for repeated measures: y_i = X_i b + e_i, e_i ~ N(0, S), S unstructured over the visits, by REML.

    `design` (n, visits, p), `outcome` (n, visits) with NaN where not answered; all answered visits are used, which is right when
    missingness depends only on what was observed. -2 l = sum log|S_i| + r' V^-1 r + log|X' V^-1 X| + (N - p) log 2 pi, as R's
    nlme::gls(corSymm, varIdent). S is held positive by its Cholesky factor with a logarithmic diagonal.
    """
    patterns, size = _patterns(design, outcome), outcome.shape[1]
    rows, columns = np.tril_indices(size)
    diagonal = rows == columns

    def build(parameters: Array) -> tuple[Array, Callable[[Array], Array]]:
        factor = np.zeros((size, size))
        factor[rows, columns] = np.where(diagonal, np.exp(np.where(diagonal, parameters, 0.0)), parameters)

        def chain(gradient: Array) -> Array:
            slope = (2 * gradient @ factor)[rows, columns]
            return np.where(diagonal, slope * factor[rows, columns], slope)

        return factor @ factor.T, chain

    start = np.zeros(len(rows))
    start[diagonal] = np.log(_residual_variances(patterns, size)) / 2
    return _maximise(patterns, start, build)


def random_intercept(design: Array, outcome: Array) -> MixedFit:
    """The same model with S = between J + within I, the fallback where visits are too few for an unstructured S; as R's lme4::lmer."""
    patterns, size = _patterns(design, outcome), outcome.shape[1]
    together, alone = np.ones((size, size)), np.eye(size)

    def build(parameters: Array) -> tuple[Array, Callable[[Array], Array]]:
        between, within = np.exp(parameters)

        def chain(gradient: Array) -> Array:
            return np.array([gradient.sum() * between, np.trace(gradient) * within])

        return between * together + within * alone, chain

    start = np.log(np.full(2, _residual_variances(patterns, size).mean() / 2))
    return _maximise(patterns, start, build)


def treatment_by_visit(arm_a: Array, baseline: Array, covariates: Array, visits: int) -> Array:
    """The design of a comparison: visit means, arm x visit, baseline x visit, covariates; (n, visits, p).

    Coefficient `visits + v` is the difference, a minus b, at visit v.
    """
    n, others = len(arm_a), covariates.shape[1]
    design = np.zeros((n, visits, 3 * visits + others))
    for visit in range(visits):
        design[:, visit, visit] = 1.0
        design[:, visit, visits + visit] = arm_a
        design[:, visit, 2 * visits + visit] = baseline
        design[:, visit, 3 * visits :] = covariates
    return design
