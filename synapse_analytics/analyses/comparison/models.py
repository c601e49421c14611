"""The estimates of a comparison, from the arrays of a Study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synapse_analytics.analyses.comparison.study import ENOUGH, Covariate, Study
from synapse_analytics.estimates import Z_95, Estimate
from synapse_analytics.estimates.balance import independent_columns, standardised_difference
from synapse_analytics.estimates.descriptive import welch_difference
from synapse_analytics.estimates.mixed import MixedFit, mmrm, random_intercept, treatment_by_visit
from synapse_analytics.estimates.regression import Interaction, ancova, interaction
from synapse_analytics.estimates.weighting import Overlap, e_value_of_difference, overlap_difference

Array = np.ndarray


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


def compare(study: Study) -> Compared:
    """Crude, ANCOVA, overlap weights and repeated measures, all of the same eligible episodes."""
    here = study.analysed
    outcome, arm, model = study.scores[here, -1], study.arm_a[here], study.model(here)
    patients = study.people.patient[here]
    adjusted = ancova(outcome, arm, model, patients)
    weighted = overlap_difference(outcome, arm, model, patients)
    strength = _e_values(weighted.difference, float(outcome.std(ddof=1))) if weighted else (None, None)
    crude = crude_difference(outcome - study.baseline[here], arm)
    return Compared(crude, adjusted.robust if adjusted else None, weighted, repeated_measures(study), *strength)


def _e_values(found: Estimate, spread: float) -> tuple[float | None, float | None]:
    if found.value is None or found.low is None or found.high is None or spread == 0:
        return None, None
    return e_value_of_difference(found.value, found.low, found.high, spread)


def crude_difference(change: Array, arm: Array) -> Estimate:
    """Difference in change with nothing adjusted (Welch)."""
    sides = [change[arm == side] for side in (1, 0)]
    first, second = ((len(own), float(own.sum()), float(own @ own)) for own in sides)
    return welch_difference(first, second)


def repeated_measures(study: Study) -> Repeated | None:
    """MMRM over the visits up to the horizon; the random intercept where the visits do not carry an unstructured covariance."""
    arm = study.arm_a
    answered = ~np.isnan(study.scores)
    kept = [k for k in range(len(study.visits)) if min(answered[arm == side, k].sum() for side in (0, 1)) >= ENOUGH]
    if not kept or kept[-1] != len(study.visits) - 1:
        return None
    chosen = answered[:, kept].any(axis=1)
    model, baseline = study.model(chosen), study.baseline[chosen]
    scores = study.scores[chosen][:, kept]
    # The first column of the model is the baseline, which the design holds by visit; centred, the visit means are those of arm b.
    design = treatment_by_visit(arm[chosen], baseline - baseline.mean(), model[:, 1:] if baseline.std() > 0 else model, len(kept))
    if baseline.std() == 0:
        design = np.delete(design, np.s_[2 * len(kept) : 3 * len(kept)], axis=2)
    fit, fallback = _fit(design, scores)
    if fit is None:
        return None
    size = len(kept)
    weights = {"b": np.eye(size, len(fit.coefficients)), "difference": np.eye(size, len(fit.coefficients), size)}
    weights["a"] = weights["b"] + weights["difference"]
    found = {name: [_linear(fit, row, int(chosen.sum())) for row in rows] for name, rows in weights.items()}
    visits = tuple(study.visits[k] for k in kept)
    return Repeated(visits, {side: found[side] for side in ("a", "b")}, found["difference"], chosen, fallback)


def _fit(design: Array, scores: Array) -> tuple[MixedFit | None, bool]:
    fits = (mmrm, random_intercept) if scores.shape[1] > 1 else (mmrm,)
    for fit in fits:
        try:
            found = fit(design, scores)
        except np.linalg.LinAlgError:
            continue
        if found.converged and np.isfinite(found.covariance).all():
            return found, fit is random_intercept
    return None, False


def _linear(fit: MixedFit, weights: Array, n: int) -> Estimate:
    value, half = float(weights @ fit.coefficients), Z_95 * float(np.sqrt(weights @ fit.covariance @ weights))
    return Estimate(value, value - half, value + half, n, "MMRM")


def balance(study: Study, weights: Array | None) -> dict[str, tuple[float | None, float | None]]:
    """Standardised difference of every covariate before and after weighting; of a list that of the level that differs most."""
    here = study.analysed
    arm = study.arm_a[here]
    found: dict[str, tuple[float | None, float | None]] = {}
    for covariate in study.covariates:
        values, name = covariate.values[here], covariate.of or covariate.code
        before, after = found.get(name, (None, None))
        weighted = None if weights is None else standardised_difference(values, arm, weights)
        found[name] = _larger(before, standardised_difference(values, arm)), _larger(after, weighted)
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


def members(study: Study) -> dict[str, Array]:
    """1 inside, 0 outside, NaN not known, for every attribute of SUBGROUPS."""
    known: dict[str, Covariate] = {covariate.code: covariate for covariate in study.covariates}
    number, baseline = study.people.numbers, study.baseline
    middle = float(np.median(baseline[study.analysed])) if study.analysed.any() else 0.0
    return {
        "sex": known["female"].values,
        "age": _above(number["age"], 64),
        "baseline": _above(baseline, middle),
        "symptom_duration": _above(number["symptom_weeks"], 52),
        "smoker": number["smoker"],
        "comorbidities": _above(number["comorbidities"], 0),
    }


def _above(values: Array, limit: float) -> Array:
    return np.where(np.isnan(values), np.nan, values > limit)


def subgroup(study: Study, model: Array, member: Array) -> Interaction | None:
    """The difference inside and outside a subgroup with its interaction test; `model` are the covariates of the analysed."""
    known = ~np.isnan(member[study.analysed])
    here = study.analysed & ~np.isnan(member)
    cells = [((study.arm_a[here] == side) & (member[here] == level)).sum() for side in (0, 1) for level in (0, 1)]
    if min(cells) < ENOUGH:
        return None
    # What says no more than the subgroup itself (a covariate that is the subgroup) would stand in the model twice.
    columns = np.column_stack([member[here], model[known]])
    columns = columns[:, independent_columns(columns)][:, 1:]
    return interaction(study.scores[here, -1], study.arm_a[here], member[here], columns, study.people.patient[here])
