"""The estimates of a comparison, from the arrays of a Study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synapse_analytics.analyses.cells import in_points, limit_cells
from synapse_analytics.analyses.comparison.design import ENOUGH, LEADING, Design
from synapse_analytics.analyses.comparison.study import Study, female
from synapse_analytics.estimates import SAME, Z_95, Estimate
from synapse_analytics.estimates.balance import standardised_differences
from synapse_analytics.estimates.blocks import Clusters, blocks
from synapse_analytics.estimates.descriptive import welch_difference
from synapse_analytics.estimates.mixed import MixedFit, Pattern, common_intercept, treatment_moments, unstructured
from synapse_analytics.estimates.regression import Interaction, ancova, interactions
from synapse_analytics.estimates.weighting import Overlap, e_value_of_difference, overlap_difference

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Analysed:
    """Who answered at a visit, usually the horizon (`rows` of the study): outcome, arm (1 = a), covariates and patients, as the models take them."""

    rows: Array
    outcome: Array
    arm_a: Array
    model: Array
    clusters: Clusters


def analysed_of(study: Study, place: int = -1) -> Analysed:
    """The analysed of a study: who answered at the horizon, or at another of its visits by its place."""
    rows = np.flatnonzero(~np.isnan(study.answers[:, place]))
    bit = 1 << place % len(study.visits)
    turn = _design(study, [code for code in study.moments if code & bit]).turn[:, LEADING:]
    model = np.empty((len(rows), turn.shape[1]))
    for here in blocks(len(rows)):
        np.matmul(study.columns.values(rows[here]), turn, out=model[here])
    arm_a = study.sides["a"][rows].astype(float)
    return Analysed(rows, study.scores(place, rows), arm_a, model, Clusters(study.people.patient[rows]))


def _design(study: Study, patterns: list[int]) -> Design:
    """The design of those who answered the visits of these patterns."""
    width = study.columns.width
    return Design(study.columns, np.sum([study.moments[code][:width, :width] for code in patterns], axis=0))


@dataclass(frozen=True, slots=True)
class Repeated:
    """The repeated-measures model: per visit (position) each arm's adjusted mean and the difference; how it was fitted."""

    visits: tuple[int, ...]
    means: Mapping[str, list[Estimate]]
    differences: list[Estimate]
    chosen: Array  # who contributed
    fallback: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """The answers at the horizon; what the data cannot carry is None."""

    crude: Estimate
    ancova: Estimate | None
    weighted: Overlap | None
    repeated: Repeated | None
    e_value: float | None
    e_value_limit: float | None


def compare(study: Study, analysed: Analysed) -> Compared:
    """Crude, ANCOVA, overlap weights and repeated measures, all of the same eligible episodes."""
    outcome, arm_a, model, clusters = analysed.outcome, analysed.arm_a, analysed.model, analysed.clusters
    adjusted = ancova(outcome, arm_a, model, clusters)
    weighted = overlap_difference(outcome, arm_a, model, clusters)
    strength = _e_values(weighted.difference, float(outcome.std(ddof=1))) if weighted else (None, None)
    crude = crude_difference(study.answers[analysed.rows, -1] - study.people.numbers["outcome"][analysed.rows], arm_a)
    return Compared(crude, adjusted.robust if adjusted else None, weighted, repeated_measures(study), *strength)


def _e_values(found: Estimate, spread: float) -> tuple[float | None, float | None]:
    if found.value is None or found.low is None or found.high is None or spread <= SAME:
        return None, None
    return e_value_of_difference(found.value, found.low, found.high, spread)


def crude_difference(change: Array, arm_a: Array) -> Estimate:
    """Difference in change with nothing adjusted (Welch); `change` in thousandths, whose sums are exact."""
    sides = [change[arm_a == side].astype(np.int64) for side in (1, 0)]
    first, second = ((len(own), int(own.sum()), int(np.square(own).sum())) for own in sides)
    found = welch_difference(first, second)
    value, low, high = in_points(limit_cells(found, ("value", "low", "high"))).values()
    return Estimate(value, low, high, found.n, found.method)


def repeated_measures(study: Study) -> Repeated | None:
    """MMRM over the visits up to the horizon; the random intercept where the visits do not carry an unstructured covariance."""
    answered = ~np.isnan(study.answers)
    kept = [k for k in range(len(study.visits)) if min((answered[:, k] & side).sum() for side in study.sides.values()) >= ENOUGH]
    if not kept or kept[-1] != len(study.visits) - 1:
        return None
    fit, fallback = _fit(study, kept)
    if fit is None:
        return None
    chosen, size = answered[:, kept].any(axis=1), len(kept)
    weights = {"b": np.eye(size, len(fit.coefficients)), "difference": np.eye(size, len(fit.coefficients), size)}
    weights["a"] = weights["b"] + weights["difference"]
    found = {name: [_linear(fit, row, int(chosen.sum())) for row in rows] for name, rows in weights.items()}
    visits = tuple(study.visits[k] for k in kept)
    return Repeated(visits, {side: found[side] for side in ("a", "b")}, found["difference"], chosen, fallback)


def _fit(study: Study, kept: list[int]) -> tuple[MixedFit | None, bool]:
    """The covariates have mean 0, so that the means of the visits are those of arm b; arm and baseline count anew at each visit."""
    mask = sum(1 << k for k in kept)
    codes = [code for code in study.moments if code & mask]
    design = _design(study, codes)
    width = study.columns.width
    turn = np.zeros((width + len(kept), design.turn.shape[1] + len(kept)))
    turn[:width, : -len(kept)], turn[width:, -len(kept) :] = design.turn, np.eye(len(kept))
    here = [*range(width), *(width + k for k in kept)]
    own: dict[int, Array] = {}
    for code in codes:
        own[code & mask] = own.get(code & mask, 0.0) + study.moments[code][np.ix_(here, here)]
    patterns = [Pattern((code >> np.array(kept)) & 1 == 1, round(sums[0, 0]), turn.T @ sums @ turn) for code, sums in own.items()]
    moments = treatment_moments(patterns, len(kept), LEADING + design.holds_first)
    for fit in (unstructured, common_intercept) if len(kept) > 1 else (unstructured,):
        try:
            found = fit(moments)
        except np.linalg.LinAlgError:
            continue
        if found.converged and np.isfinite(found.covariance).all():
            return found, fit is common_intercept
    return None, False


def _linear(fit: MixedFit, weights: Array, n: int) -> Estimate:
    value, half = float(weights @ fit.coefficients), Z_95 * float(np.sqrt(weights @ fit.covariance @ weights))
    return Estimate(value, value - half, value + half, n, "MMRM")


def balance(study: Study, weights: Array | None) -> dict[str, tuple[float | None, float | None]]:
    """Standardised difference of every covariate before and after weighting; of a list that of the level that differs most."""
    rows = np.flatnonzero(study.analysed)
    arm_a = study.sides["a"][rows]
    found: dict[str, tuple[float | None, float | None]] = {}
    for covariate in study.covariates:
        name = covariate.of or covariate.code
        before, after = standardised_differences(covariate.values(rows), arm_a, weights)
        known = found.get(name, (None, None))
        found[name] = _larger(known[0], before), _larger(known[1], after)
    return found


def _larger(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return one if abs(one) >= abs(other) else other


SUBGROUPS: dict[str, tuple[str, str]] = {  # attribute: (members, the others)
    "sex": ("female", "not_female"),
    "age": ("age_65_and_over", "age_under_65"),
    "baseline": ("baseline_above_median", "baseline_up_to_median"),
    "symptom_duration": ("symptoms_over_1_year", "symptoms_up_to_1_year"),
    "smoker": ("smoker", "non_smoker"),
    "comorbidities": ("any_comorbidity", "no_comorbidity"),
}


def members(study: Study, analysed: Analysed) -> dict[str, Array]:
    """1 inside, 0 outside, NaN not known, for every attribute of SUBGROUPS, of the analysed."""
    number, rows = study.people.numbers, analysed.rows
    baseline = study.baseline[rows]
    return {
        "sex": female(number["sex"][rows]),
        "age": _above(number["age"][rows], 64),
        "baseline": _above(baseline, float(np.median(baseline)) if len(baseline) else 0.0),
        "symptom_duration": _above(number["symptom_weeks"][rows], 52),
        "smoker": number["smoker"][rows],
        "comorbidities": _above(number["comorbidities"][rows], 0),
    }


def _above(values: Array, limit: float) -> Array:
    return np.where(np.isnan(values), np.nan, values > limit)


def subgroups(analysed: Analysed, member_of: Mapping[str, Array]) -> dict[str, Interaction]:
    """The difference inside and outside each subgroup with its interaction test, where both arms have enough of either side."""
    arm_a = analysed.arm_a == 1
    cells = {name: [(member == level) & side for level in (0, 1) for side in (arm_a, ~arm_a)] for name, member in member_of.items()}
    shown = [name for name, parts in cells.items() if min(np.count_nonzero(part) for part in parts) >= ENOUGH]
    fits = interactions(analysed.outcome, analysed.arm_a, [member_of[name] for name in shown], analysed.model, analysed.clusters)
    return {name: fit for name, fit in zip(shown, fits, strict=True) if fit is not None}
