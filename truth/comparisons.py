"""One simulated comparison of two treatments whose true difference is known, and what each method says of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synapse_analytics.estimates import Z_95
from synapse_analytics.estimates.descriptive import welch_difference
from synapse_analytics.estimates.mixed import mmrm, treatment_by_visit
from synapse_analytics.estimates.regression import ancova
from synapse_analytics.estimates.weighting import overlap_difference
from truth.tables import percent, table

Array = NDArray[np.float64]
ARM_SIZE = 600
VISITS = 3  # 3, 6 and 12 months; the question is the last
METHODS = ("crude", "ancova", "overlap", "mmrm")


@dataclass(frozen=True, slots=True)
class World:
    """How patients come to a treatment and how they are lost; `effect` is the true difference at 12 months, in NRS points."""

    name: str
    effect: float
    hidden_severity: float = 0.0  # how strongly something nobody measured drives both choice and outcome
    lost_by_outcome: float = 0.0  # how strongly the pain at 12 months itself, not what was seen before, drives drop-out


WORLDS = (
    World("measured selection, effect -0.6", -0.6),
    World("measured selection, no effect", 0.0),
    World("hidden severity", -0.6, hidden_severity=0.8),
    World("drop-out by outcome", -0.6, lost_by_outcome=0.6),
)


@dataclass(frozen=True, slots=True)
class Simulated:
    """Arrays of one simulated clinic: scores at each visit with NaN where lost."""

    arm_a: Array
    baseline: Array
    covariates: Array
    scores: Array


def simulate(world: World, draw: np.random.Generator) -> Simulated:
    """Patients until both arms have 600: selection by baseline, age and disability; noise; drop-out by what was last seen."""
    n = ARM_SIZE * 4
    true_pain, age, hidden = draw.normal(6, 1.6, n), draw.normal(0, 1, n), draw.normal(0, 1, n)
    baseline = true_pain + draw.normal(0, 1.3, n)
    disability = 0.5 * (baseline - 6) / 2 + draw.normal(0, 0.9, n)
    chooses = 0.5 * (baseline - 6) / 2 - 0.35 * age + 0.4 * disability + world.hidden_severity * hidden
    arm = (draw.random(n) < 1 / (1 + np.exp(-chooses))).astype(float)
    kept = np.sort(np.concatenate([np.flatnonzero(arm == a)[:ARM_SIZE] for a in (0, 1)]))
    expected = 2.0 + 0.45 * baseline + 0.25 * age + 0.5 * disability + 0.5 * world.hidden_severity * hidden
    steady = draw.normal(0, 1.2, n)
    reach = np.array([0.6, 0.8, 1.0])
    scores = (
        (expected + steady)[:, None] - np.array([0.2, 0.5, 0.8]) + world.effect * arm[:, None] * reach + draw.normal(0, 1.3, (n, VISITS))
    )
    return _lost(world, Simulated(arm[kept], baseline[kept], np.column_stack([age, disability])[kept], scores[kept]), draw)


def _lost(world: World, made: Simulated, draw: np.random.Generator) -> Simulated:
    """Answers missing at random given what was seen; in the hostile world by the answer that would have been given."""
    seen, scores = made.baseline, made.scores.copy()
    gone = np.zeros(len(seen), dtype=bool)
    for visit in range(VISITS):
        drive = -2.2 + 0.25 * (seen - 5) - 0.3 * made.covariates[:, 0] + world.lost_by_outcome * (made.scores[:, visit] - 4)
        gone = gone | (draw.random(len(seen)) < 1 / (1 + np.exp(-drive)))
        seen = np.where(gone, seen, made.scores[:, visit])
        scores[gone, visit] = np.nan
    return Simulated(made.arm_a, made.baseline, made.covariates, scores)


def verdicts(made: Simulated) -> dict[str, tuple[float, float, float]]:
    """(difference, low, high) at 12 months by each method."""
    answered = ~np.isnan(made.scores[:, -1])
    outcome, arm = made.scores[answered, -1], made.arm_a[answered]
    covariates = np.column_stack([made.baseline, made.covariates])
    change = outcome - made.baseline[answered]
    crude = welch_difference(*((int((arm == a).sum()), change[arm == a].sum(), (change[arm == a] ** 2).sum()) for a in (1, 0)))
    adjusted = ancova(outcome, arm, covariates[answered])
    weighted = overlap_difference(outcome, arm, covariates[answered])
    fit = mmrm(treatment_by_visit(made.arm_a, made.baseline, made.covariates, VISITS), made.scores)
    place = 2 * VISITS - 1
    value, half = fit.coefficients[place], Z_95 * np.sqrt(fit.covariance[place, place])
    if adjusted is None or weighted is None:
        raise ValueError("A simulated comparison could not be fitted; the worlds above should never allow that.")
    estimates = {"crude": crude, "ancova": adjusted.difference, "overlap": weighted.difference}
    found = {name: (e.value, e.low, e.high) for name, e in estimates.items()}
    return found | {"mmrm": (value, value - half, value + half)}


def report(seeds: int) -> str:
    """Bias, coverage and findings of each method in each world."""
    header = ["world", "method", "bias", "95 % interval covers", "finds a difference", "SD of estimates"]
    text = f"{seeds:,} seeds, 600 patients per arm, one question (pain at 12 months), printed by `make truth`.\n\n"
    return text + table(header, [row for world in WORLDS for row in judged(world, seeds)]) + "\n"


def judged(world: World, seeds: int) -> list[list[str]]:
    """One row per method: mean bias, how often the interval covers the truth, how often it excludes no difference."""
    results = {method: np.empty((seeds, 3)) for method in METHODS}
    for seed in range(seeds):
        if seed % 100 == 0:
            sys.stderr.write(f"{world.name}: {seed} of {seeds}\n")
        for method, found in verdicts(simulate(world, np.random.default_rng([seed, WORLDS.index(world)]))).items():
            results[method][seed] = found
    rows = []
    for method, found in results.items():
        value, low, high = found.T
        bias, covers, finds = (
            (value - world.effect).mean(),
            ((low <= world.effect) & (world.effect <= high)).mean(),
            ((low > 0) | (high < 0)).mean(),
        )
        rows.append([world.name, method, f"{bias:+.3f}", percent(covers), percent(finds), f"{value.std():.3f}"])
    return rows
