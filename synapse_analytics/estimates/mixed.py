"""Repeated measures by restricted maximum likelihood: MMRM with unstructured covariance, and the random intercept.

The likelihood needs the rows only through cross products by pattern of answered visits, so that one step costs the same for a
hundred patients and for a hundred thousand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
STEPS = 40  # Newton takes about eight; a fit that needs more runs towards a singular covariance
EXACT, CLOSE = 1e-16, 1e-8  # gain in log likelihood of one more step: at EXACT the search ends, up to CLOSE the fit has converged
LONGEST = 2.0  # step of a logarithm
HALVINGS = 12  # of a step without gain


@dataclass(frozen=True, slots=True)
class MixedFit:
    """Coefficients with covariance, the covariance of one subject's visits, and the restricted log likelihood."""

    coefficients: Array
    covariance: Array
    sigma: Array
    log_likelihood: float
    converged: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """The patients who answered the same visits: cross products of their columns and, after them, the outcome at each visit."""

    answered: NDArray[np.bool_]
    n: int
    products: Array  # the outcome counts as 0 where it was not answered


class Moments:
    """All that the likelihood needs: cross products by pattern, and the coefficient of each column at each visit (-1: none)."""

    def __init__(self, patterns: Sequence[Pattern], coefficients: NDArray[np.intp]) -> None:
        visits, columns = coefficients.shape
        products = np.array([pattern.products for pattern in patterns])
        self.answered = np.array([pattern.answered for pattern in patterns])
        self.n = np.array([pattern.n for pattern in patterns], dtype=float)
        self.xx, self.xy, self.yy = products[:, :columns, :columns], products[:, :columns, columns:], products[:, columns:, columns:]
        self.both = self.answered[:, :, None] & self.answered[:, None, :]
        self._at, self._size = coefficients, int(coefficients.max()) + 1
        at = np.where(coefficients < 0, self._size, coefficients)
        self._cells = (at[:, None, :, None] * (self._size + 1) + at[None, :, None, :]).ravel()  # (a, b, column, column)

    def gathered(self, weights: Array) -> Array:
        """sum w_ab X_a' X_b over patterns (one matrix for each of the first axis of `weights`) in the order of the coefficients."""
        room = self._size + 1
        flat = self.xx.reshape(len(self.n), -1)
        parts = [np.bincount(self._cells, (one.reshape(len(self.n), -1).T @ flat).ravel(), room**2) for one in weights]
        return np.array(parts, dtype=float).reshape(len(parts), room, room)[:, :-1, :-1]

    def added(self, columns: Array) -> Array:
        """Sums (..., visit, column) added up by coefficient."""
        found = np.zeros((*columns.shape[:-2], self._size + 1))
        for visit, at in enumerate(self._at):
            found[..., at] += columns[..., visit, :]
        return found[..., :-1]

    def at_visits(self, values: Array) -> Array:
        """The coefficients (p) as (visit, column), their covariance (p, p) as (a, b, column, column); 0 where there is none."""
        if values.ndim == 1:
            return np.append(values, 0.0)[self._at]
        return np.pad(values, (0, 1)).ravel()[self._cells].reshape(*self._at.shape[:1] * 2, *self._at.shape[1:] * 2)


def moments_of(design: Array, outcome: Array) -> Moments:
    """The moments of any design (n, visits, p) and outcome (n, visits), NaN where not answered."""
    n, visits, size = design.shape
    wide = np.concatenate([design.reshape(n, visits * size), np.nan_to_num(outcome)], axis=1)
    code = ~np.isnan(outcome) @ (1 << np.arange(visits))
    patterns = []
    for value in np.unique(code[code > 0]):
        own = wide[code == value]
        patterns.append(Pattern((value >> np.arange(visits)) & 1 == 1, len(own), own.T @ own))
    coefficients = np.full((visits, visits * size), -1)
    for visit in range(visits):
        coefficients[visit, visit * size : (visit + 1) * size] = np.arange(size)
    return Moments(patterns, coefficients)


def treatment_moments(patterns: Sequence[Pattern], visits: int, by_visit: int) -> Moments:
    """The moments of a comparison: the first `by_visit` columns have a coefficient for each visit, the others one for all visits.

    With a constant and the arm as the first columns the difference, a minus b, at visit v is coefficient `visits + v`.
    """
    columns = len(patterns[0].products) - visits
    own = np.arange(visits)[:, None] + visits * np.arange(by_visit)
    shared = np.broadcast_to(np.arange(by_visit * visits, by_visit * visits + columns - by_visit), (visits, columns - by_visit))
    return Moments(patterns, np.concatenate([own, shared], axis=1))


@dataclass(frozen=True, slots=True)
class _Solved:
    """Generalised least squares given sigma, -2 restricted log likelihood without its constant, and its gradient in sigma."""

    coefficients: Array
    covariance: Array
    inverses: Array  # W (patterns, visits, visits), 0 where not answered
    residual: Array  # likewise: sum (y - X b)(y - X b)'
    spread: Array  # likewise: sum X C X'
    value: float
    gradient: Array


def _solve(moments: Moments, sigma: Array) -> _Solved:
    filled = np.where(moments.both, sigma, np.eye(len(sigma)))
    inverses = np.linalg.inv(filled) * moments.both
    covariance = np.linalg.inv(moments.gathered(inverses[None])[0])
    coefficients = covariance @ moments.added((inverses @ moments.xy.transpose(0, 2, 1)).sum(axis=0))
    fitted = moments.at_visits(coefficients)
    cross = fitted @ moments.xy
    residual = moments.yy - cross - cross.transpose(0, 2, 1) + fitted @ moments.xx @ fitted.T
    spread = np.einsum("qxy,abxy->qab", moments.xx, moments.at_visits(covariance))
    residual, spread = residual * moments.both, spread * moments.both
    value = moments.n @ np.linalg.slogdet(filled)[1] + np.sum(inverses * residual) - np.linalg.slogdet(covariance)[1]
    gradient = np.einsum("q,qab->ab", moments.n, inverses) - (inverses @ (residual + spread) @ inverses).sum(axis=0)
    return _Solved(coefficients, covariance, inverses, residual, spread, float(value), gradient)


def _information(moments: Moments, found: _Solved, slopes: Array) -> Array:
    """The information on parameters in which sigma has these slopes: the observed one if positive definite, else the expected one.

    With W = V^-1, T = residual + spread, M_i = X' W D_i W X and C the covariance: tr(W D_i W D_j W T) - 1/2 n tr(W D_i W D_j)
    - r' W D_i W X C X' W D_j W r - 1/2 tr(M_i C M_j C); expected with known coefficients: 1/2 n tr(W D_i W D_j).
    """
    number = len(slopes)
    half = found.inverses @ slopes[:, None]  # (parameter, pattern, visit, visit)
    whole = half @ found.inverses
    expected = _traces(half * moments.n[:, None, None], half) / 2
    turned = (found.inverses @ (found.residual + found.spread) @ whole).sum(axis=1)
    both = turned.reshape(number, -1) @ slopes.transpose(0, 2, 1).reshape(number, -1).T
    left = moments.xy.transpose(0, 2, 1) - moments.at_visits(found.coefficients) @ moments.xx
    pull = moments.added((whole @ left).sum(axis=1))
    bent = moments.gathered(whole) @ found.covariance
    observed = (both + both.T) / 2 - expected - pull @ found.covariance @ pull.T - _traces(bent, bent) / 2
    bends = np.linalg.eigvalsh(observed)
    return observed if bends[0] > 1e-6 * bends[-1] else expected


def _traces(one: Array, other: Array) -> Array:
    """The traces of products of each matrix of one stack with each of the other, added up over the axes between first and last two."""
    return one.reshape(len(one), -1) @ np.swapaxes(other, -1, -2).reshape(len(other), -1).T


Build = Callable[[Array], tuple[Array, Array]]  # parameters: sigma, and its slope in each of them


def _maximise(moments: Moments, start: Array, build: Build, logarithms: NDArray[np.bool_] | None = None) -> MixedFit:
    """Newton's method over the parameters of sigma; a step without gain is halved."""
    parameters, gain = start, math.inf
    sigma, slopes = build(parameters)
    found = _solve(moments, sigma)
    for _ in range(STEPS):
        slope = np.einsum("iab,ab->i", slopes, found.gradient) / 2
        step = -np.linalg.lstsq(_information(moments, found, slopes), slope, rcond=None)[0]
        gain = float(-slope @ step)
        if gain < EXACT:
            break
        if logarithms is not None:
            step = step / max(1.0, float(np.abs(step[logarithms]).max()) / LONGEST)
        moved = _better(moments, build, (parameters, step), found.value if gain > CLOSE else math.inf)
        if moved is None:
            break
        parameters, found = moved
        sigma, slopes = build(parameters)
    constant = (float(moments.n @ moments.answered.sum(axis=1)) - len(found.coefficients)) * math.log(2 * math.pi)
    return MixedFit(found.coefficients, found.covariance, sigma, -(found.value + constant) / 2, gain < CLOSE)


def _better(moments: Moments, build: Build, move: tuple[Array, Array], limit: float) -> tuple[Array, _Solved] | None:
    """The whole step, else its half, its quarter ...: the first at which sigma is a covariance and the likelihood no worse."""
    for halvings in range(HALVINGS):
        parameters = move[0] + move[1] / 2**halvings
        sigma, _ = build(parameters)
        if np.linalg.eigvalsh(sigma)[0] > 0:
            found = _solve(moments, sigma)
            if found.value <= limit:
                return parameters, found
    return None


def _residual_covariance(moments: Moments) -> Array:
    """The covariance of the visits around plain least squares, pair by pair; only the variances where the pairs contradict each other."""
    residual = _solve(moments, np.eye(moments.answered.shape[1])).residual.sum(axis=0)
    pairs = np.einsum("q,qab->ab", moments.n, moments.both)
    sigma = residual / np.maximum(pairs - 1, 1)
    variances = np.diag(np.maximum(np.diag(sigma), 1e-6))
    return sigma if np.linalg.eigvalsh(sigma)[0] > 1e-2 * variances.max() else variances


def unstructured(moments: Moments) -> MixedFit:
    """Mixed model for repeated measures: y_i = X_i b + e_i, e_i ~ N(0, S), S unstructured over the visits, by REML.

    All answered visits are used, which is right when missingness depends only on what was observed. -2 l = sum log|S_i| + r' V^-1 r
    + log|X' V^-1 X| + (N - p) log 2 pi, as R's nlme::gls(corSymm, varIdent). S is held positive by its Cholesky factor with a
    logarithmic diagonal; where it runs towards a singular S the fit has not converged.
    """
    size = moments.answered.shape[1]
    rows, columns = np.tril_indices(size)
    diagonal = rows == columns

    def build(parameters: Array) -> tuple[Array, Array]:
        factor = np.zeros((size, size))
        factor[rows, columns] = np.where(diagonal, np.exp(np.where(diagonal, parameters, 0.0)), parameters)
        slopes = np.zeros((len(rows), size, size))
        slopes[np.arange(len(rows)), rows] = factor[:, columns].T * np.where(diagonal, factor[rows, columns], 1.0)[:, None]
        return factor @ factor.T, slopes + slopes.transpose(0, 2, 1)

    start: Array = np.linalg.cholesky(_residual_covariance(moments))[rows, columns].astype(float)
    start[diagonal] = np.log(start[diagonal])
    return _maximise(moments, start, build, diagonal)


def common_intercept(moments: Moments) -> MixedFit:
    """The same model with S = between J + within I, for when too few visits are answered for an unstructured S; as R's lme4::lmer."""
    size = moments.answered.shape[1]
    parts = np.array([np.eye(size), np.ones((size, size))])
    half = float(np.diag(_residual_covariance(moments)).mean()) / 2

    def build(parameters: Array) -> tuple[Array, Array]:
        slopes = parts[: len(parameters)]
        return np.tensordot(parameters, slopes, 1), slopes

    fit = _maximise(moments, np.full(2, half), build)
    # If the answers of one patient are less alike than those of two, there is no variance between patients.
    return fit if fit.sigma[0, -1] >= 0 else _maximise(moments, np.full(1, 2 * half), build)


def mmrm(design: Array, outcome: Array) -> MixedFit:
    """The unstructured model of any design (n, visits, p) and outcome (n, visits), NaN where not answered."""
    return unstructured(moments_of(design, outcome))


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
