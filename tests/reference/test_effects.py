"""Comparisons of treatments give what R gives on the same data (reference.json)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from synapse_analytics.estimates import mixed, weighting
from synapse_analytics.estimates.regression import ancova, interactions, propensity

HERE = Path(__file__).parent
R = json.loads((HERE / "reference.json").read_text())
VISITS = ("6w", "3m", "12m")


@pytest.fixture(scope="module")
def prom() -> list[dict[str, str]]:
    with (HERE / "prom.csv").open(newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def year(prom: list[dict[str, str]]) -> list[dict[str, str]]:
    """The answers at 12 months."""
    return [row for row in prom if row["visit"] == "12m" and row["nrs"]]


def columns(rows: list[dict[str, str]], *names: str) -> np.ndarray:
    return np.array([[float(row[name] == "M") if name == "sex" else float(row[name]) for name in names] for row in rows])


def test_ancova_equals_lm(year: list[dict[str, str]]) -> None:
    surgery = np.array([float(row["grp"] == "surg") for row in year])
    injection = np.array([float(row["grp"] == "esi") for row in year])
    result = ancova(columns(year, "nrs")[:, 0], surgery, np.column_stack([columns(year, "base"), injection]))
    expected = R["ancova_12m_surg_vs_cons"]
    assert result is not None
    assert (result.difference.value, result.difference.low, result.difference.high) == pytest.approx(
        (expected["est"], *expected["ci95"]), abs=1e-8
    )
    width = result.robust.high - result.robust.low
    classical = result.difference.high - result.difference.low
    assert width / classical == pytest.approx(expected["hc3_se"] / expected["se"], abs=1e-8)


def test_overlap_equals_psweight(year: list[dict[str, str]]) -> None:
    treated = np.array([float(row["grp"] != "cons") for row in year])
    covariates = columns(year, "age", "base", "sex", "odi0")
    result = weighting.overlap_difference(columns(year, "nrs")[:, 0], treated, covariates)
    expected = R["overlap_weighting"]
    assert result is not None
    assert result.difference.value == pytest.approx(expected["ATO"], abs=1e-10)
    error = (result.difference.high - result.difference.value) / 1.959963984540054
    assert error == pytest.approx(expected["se_PSweight_sandwich"], abs=1e-10)
    assert sorted([result.effective_a, result.effective_b]) == pytest.approx(expected["ess"], abs=1e-7)
    assert result.effective_a == weighting.effective_sample_size(result.weights[treated == 1])


def test_overlap_balances_means_exactly(prom: list[dict[str, str]]) -> None:
    everyone = [row for row in prom if row["visit"] == "12m"]
    treated = np.array([float(row["grp"] != "cons") for row in everyone])
    covariates = columns(everyone, "age", "base", "sex", "odi0")
    share = propensity(covariates, treated)
    weights = np.where(treated == 1, 1 - share, share)
    for arm in (0, 1):
        chosen = treated == arm
        means = weights[chosen] @ covariates[chosen] / weights[chosen].sum()
        assert means == pytest.approx(list(R["overlap_weighting"]["weighted_means_both_arms"].values()), rel=1e-8)


def design_of(prom: list[dict[str, str]]) -> tuple[np.ndarray, np.ndarray]:
    """visit * group + baseline, coded as R does: 6 weeks and conservative care are the reference."""
    subjects = [prom[start : start + 3] for start in range(0, len(prom), 3)]
    outcome = np.array([[float(row["nrs"]) if row["nrs"] else np.nan for row in rows] for rows in subjects])
    design = np.zeros((len(subjects), 3, 10))
    for i, rows in enumerate(subjects):
        groups = [float(rows[0]["grp"] == "esi"), float(rows[0]["grp"] == "surg")]
        for v in range(3):
            later = [float(v == 1), float(v == 2)]
            design[i, v] = [1, *groups, *later, float(rows[0]["base"]), *(g * w for g in groups for w in later)]
    return design, outcome


SURGERY, SURGERY_AT_12_MONTHS = 2, 9


def test_mmrm_equals_gls(prom: list[dict[str, str]]) -> None:
    fit = mixed.mmrm(*design_of(prom))
    expected = R["gls_unstructured_REML"]
    chosen = np.zeros(10)
    chosen[[SURGERY, SURGERY_AT_12_MONTHS]] = 1
    assert fit.converged
    assert fit.coefficients[SURGERY] == pytest.approx(expected["surg"][0], abs=1e-5)
    assert chosen @ fit.coefficients == pytest.approx(expected["surg_minus_cons_12m"][0], abs=1e-5)
    assert np.sqrt(chosen @ fit.covariance @ chosen) == pytest.approx(expected["surg_minus_cons_12m"][1], abs=1e-5)
    assert np.sqrt(np.diag(fit.sigma)) == pytest.approx(expected["sd"], abs=1e-5)
    assert fit.log_likelihood == pytest.approx(expected["reml_loglik"], abs=1e-5)


def test_cross_products_by_pattern_give_the_same_fit(prom: list[dict[str, str]]) -> None:
    """A comparison needs only a constant, the arm, the baseline and covariates once, not the wide design of every visit."""
    subjects = prom[::3]
    arm, base = (
        np.array([float(row[name] == "surg") if name == "grp" else float(row[name]) for row in subjects]) for name in ("grp", "base")
    )
    covariates = columns(subjects, "age", "sex") - 40
    _, outcome = design_of(prom)
    answered = ~np.isnan(outcome)
    rows = np.column_stack([np.ones(len(arm)), arm, base - 6, covariates, np.nan_to_num(outcome)])
    patterns = []
    for seen in {tuple(row) for row in answered.tolist() if any(row)}:
        own = rows[(answered == seen).all(axis=1)]
        patterns.append(mixed.Pattern(np.array(seen), len(own), own.T @ own))
    short = mixed.unstructured(mixed.treatment_moments(patterns, 3, 3))
    wide = mixed.mmrm(mixed.treatment_by_visit(arm, base - 6, covariates, 3), outcome)
    assert short.coefficients == pytest.approx(wide.coefficients, abs=1e-9)
    assert short.covariance == pytest.approx(wide.covariance, abs=1e-9)


def test_singular_visits_do_not_converge() -> None:
    """The second visit repeats the first: there is no covariance between them to estimate."""
    draw = np.random.default_rng(3)
    once = draw.normal(size=60)
    design = mixed.treatment_by_visit((np.arange(60) % 2).astype(float), draw.normal(size=60), np.empty((60, 0)), 2)
    assert not mixed.mmrm(design, np.column_stack([once, once])).converged


def test_random_intercept_equals_lmer(prom: list[dict[str, str]]) -> None:
    fit = mixed.common_intercept(mixed.moments_of(*design_of(prom)))
    expected = R["lmer_random_intercept"]
    assert fit.coefficients[SURGERY] == pytest.approx(expected["surg"][0], abs=1e-4)
    assert np.sqrt(fit.covariance[SURGERY, SURGERY]) == pytest.approx(expected["surg"][1], abs=1e-4)
    assert fit.sigma[0, 1] == pytest.approx(expected["var_subject"], abs=1e-4)
    assert fit.sigma[0, 0] - fit.sigma[0, 1] == pytest.approx(expected["var_resid"], abs=1e-4)
    assert fit.log_likelihood == pytest.approx(expected["reml_loglik"], abs=1e-5)


def test_visit_design_gives_the_same_contrast(prom: list[dict[str, str]]) -> None:
    subjects = prom[::3]
    surgery, injection = (np.array([float(row["grp"] == name) for row in subjects]) for name in ("surg", "esi"))
    _, outcome = design_of(prom)
    both = [
        mixed.treatment_by_visit(arm, np.array([float(row["base"]) for row in subjects]), np.empty((len(subjects), 0)), 3)
        for arm in (surgery, injection)
    ]
    fit = mixed.mmrm(np.concatenate([both[0], both[1][:, :, 3:6]], axis=2), outcome)
    assert fit.coefficients[5] == pytest.approx(
        R["gls_unstructured_REML"]["surg_minus_cons_12m"][0], abs=0.05
    )  # baseline x visit is freer than R's model


@pytest.mark.parametrize("ratio", ["0.80", "0.91", "3.9"])
def test_e_value_equals_package(ratio: str) -> None:
    assert weighting.e_value(float(ratio)) == pytest.approx(R["evalue"][f"RR{ratio}"], abs=1e-12)


def test_e_value_of_no_effect_is_one() -> None:
    assert weighting.e_value_of_difference(-0.2, -0.9, 0.5, 2.0)[1] == 1.0


def test_interaction_finds_the_subgroup() -> None:
    draw = np.random.default_rng(11)
    arm, member, base = draw.integers(0, 2, 800).astype(float), draw.integers(0, 2, 800).astype(float), draw.normal(6, 1.5, 800)
    outcome = 0.7 * base - 1.0 * arm - 1.5 * arm * member + draw.normal(0, 1, 800)
    (found,) = interactions(outcome, arm, [member], base[:, None])
    assert found is not None
    assert found.p < 1e-6
    assert found.inside.low < -2.5 < found.inside.high
    assert found.outside.low < -1.0 < found.outside.high


def test_separated_arms_have_no_propensity() -> None:
    x = np.linspace(-1, 1, 40)
    assert propensity(x[:, None], (x > 0).astype(float)) is None


def test_the_slope_and_the_information_are_those_of_the_likelihood(prom: list[dict[str, str]]) -> None:
    """First and second differences of -2 log likelihood, at a covariance that fits the data fairly well."""
    moments = mixed.moments_of(*design_of(prom))
    sigma = np.array([[4.0, 2.2, 2.1], [2.2, 5.0, 2.6], [2.1, 2.6, 6.0]])
    pairs = [(0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2)]
    slopes = np.zeros((6, 3, 3))
    for place, (row, column) in enumerate(pairs):
        slopes[place, row, column] = slopes[place, column, row] = 1.0

    def value(move: np.ndarray) -> float:
        return mixed._solve(moments, sigma + np.tensordot(move, slopes, 1)).value

    found, small = mixed._solve(moments, sigma), 1e-3
    steps = small * np.eye(6)
    first = np.array([value(step) - value(-step) for step in steps]) / (2 * small)
    second = [[value(a + b) - value(a - b) - value(b - a) + value(-a - b) for b in steps] for a in steps]
    assert np.einsum("iab,ab->i", slopes, found.gradient) == pytest.approx(first, rel=1e-4, abs=1e-4)
    observed = np.array(second) / (4 * small**2) / 2
    assert np.linalg.eigvalsh(observed)[0] > 0
    assert mixed._information(moments, found, slopes) == pytest.approx(observed, rel=1e-4, abs=1e-4)


def test_far_from_the_maximum_the_information_is_the_expected_one(prom: list[dict[str, str]]) -> None:
    """1/2 n tr(W D_i W D_j), here for one variance common to all visits, far too large: 1/2 (number of answers) / variance^2."""
    design, outcome = design_of(prom)
    moments = mixed.moments_of(design, outcome)
    slopes = np.eye(3)[None]
    answers = (~np.isnan(outcome)).sum()
    assert mixed._information(moments, mixed._solve(moments, 1000.0 * np.eye(3)), slopes)[0, 0] == pytest.approx(answers / 2 / 1000**2)


def test_few_steps_reach_the_maximum(prom: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    solved, solve = [], mixed._solve
    monkeypatch.setattr(mixed, "_solve", lambda *given: solved.append(given) or solve(*given))
    mixed.mmrm(*design_of(prom))
    whole = len(solved)
    mixed.common_intercept(mixed.moments_of(*design_of(prom)))
    assert (whole, len(solved) - whole) == (5, 7)


def test_a_step_is_halved_until_sigma_is_a_covariance(prom: list[dict[str, str]]) -> None:
    moments = mixed.moments_of(*design_of(prom))
    moved = mixed._better(
        moments, lambda variance: (variance[0] * np.eye(3), np.eye(3)[None]), (np.array([5.0]), np.array([-18.0])), np.inf
    )
    assert moved is not None
    assert moved[0].tolist() == [0.5]  # neither -13 nor -4


def test_a_fit_that_is_stopped_on_its_way_has_not_converged(prom: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    assert mixed.mmrm(*design_of(prom)).converged
    monkeypatch.setattr(mixed, "STEPS", 2)
    assert not mixed.mmrm(*design_of(prom)).converged


def test_covariances_by_pair(prom: list[dict[str, str]]) -> None:
    """Two visits around their means: the residuals of those who answered both; variances alone where the pairs contradict each other."""
    draw = np.random.default_rng(9)
    outcome = draw.multivariate_normal([0, 0], [[4, 1], [1, 2]], 30)
    outcome[:5, 1], outcome[25:, 0] = np.nan, np.nan
    design = np.broadcast_to(np.eye(2), (30, 2, 2))
    left = outcome - np.nanmean(outcome, axis=0)
    both = left[5:25]
    expected = [
        [np.nansum(left[:, 0] ** 2) / 24, both[:, 0] @ both[:, 1] / 19],
        [both[:, 0] @ both[:, 1] / 19, np.nansum(left[:, 1] ** 2) / 24],
    ]
    assert mixed._residual_covariance(mixed.moments_of(design, outcome)) == pytest.approx(np.array(expected))
    outcome[:, 1] = outcome[:, 0]
    found = mixed._residual_covariance(mixed.moments_of(design, outcome))
    assert found[0, 1] == 0.0
    assert found[0, 0] == found[1, 1] == pytest.approx(np.nanvar(outcome[:, 0], ddof=1))


def test_unlike_answers_of_one_patient_leave_no_variance_between_patients() -> None:
    """The two answers of each patient are opposites: the fit is that of unrelated answers."""
    draw = np.random.default_rng(12)
    once = draw.normal(size=40)
    fit = mixed.common_intercept(mixed.moments_of(np.broadcast_to(np.eye(2), (40, 2, 2)), np.column_stack([once, -once])))
    assert fit.converged
    assert fit.sigma == pytest.approx(np.eye(2) * np.var(once, ddof=1), rel=1e-6)


def test_the_design_of_a_comparison() -> None:
    arm, baseline, covariates = np.array([1.0, 0.0]), np.array([7.0, 5.0]), np.array([[3.0, 4.0], [1.0, 2.0]])
    design = mixed.treatment_by_visit(arm, baseline, covariates, 2)
    assert design[0].tolist() == [[1, 0, 1, 0, 7, 0, 3, 4], [0, 1, 0, 1, 0, 7, 3, 4]]
    assert design[1].tolist() == [[1, 0, 0, 0, 5, 0, 1, 2], [0, 1, 0, 0, 0, 5, 1, 2]]


def test_e_value_is_that_of_the_effect_the_other_way_round() -> None:
    assert weighting.e_value(0.5) == pytest.approx(weighting.e_value(2.0)) == pytest.approx(2 + np.sqrt(2))
    assert weighting.e_value(1.0) == 1.0
