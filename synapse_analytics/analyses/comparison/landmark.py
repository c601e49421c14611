"""Patients under care and not operated on a landmark day, with (a) and without (b) an injection by then: what followed.

Nobody is put into a group by what came later, and nobody who had surgery first is counted as one whom an injection saved from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from synapse_analytics.analyses.comparison.models import Analysed, analysed_of
from synapse_analytics.analyses.comparison.study import Study, gather
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.estimates import Estimate
from synapse_analytics.estimates.descriptive import welch_difference
from synapse_analytics.estimates.pseudo_values import OURS, PseudoValues, mean_day, pseudo_values
from synapse_analytics.estimates.regression import ancova
from synapse_analytics.estimates.weighting import Overlap, overlap_difference
from synapse_analytics.queries.comparison import Asked
from synapse_analytics.queries.injection_before_surgery import arms, exits

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Shown:
    """A number of both groups and its difference, a minus b, by one method; the values are None where the method gives none."""

    method: str
    difference: Estimate | None
    a: float | None = None
    b: float | None = None


@dataclass(frozen=True)
class Landmark:
    """The eligible episodes of both groups on one landmark day.

    `answered` is a comparison of scores, of those who answered at its horizon; `everybody` holds the same people, all of them as
    analysed, because whether they were operated is known, or estimated, for each. `days` (since the landmark) and `causes` say when
    and why each left the risk set of surgery.
    """

    day: int
    answered: Study
    everybody: Study
    days: Array
    causes: Array

    @cached_property
    def analysed(self) -> Analysed:
        """The covariates of everybody, as the models take them."""
        return analysed_of(self.everybody)

    @cached_property
    def weighted(self) -> Overlap | None:
        """Overlap weights of everybody; its difference is that of a number that nobody asks for."""
        known = self.analysed
        return overlap_difference(known.arm_a, known.arm_a, known.model, known.clusters)

    def operated(self, horizon: int) -> Array:
        """Who is seen to be operated by so many days after the landmark."""
        return (self.causes == OURS) & (self.days <= horizon)

    def known(self, horizon: int) -> Array:
        """Of whom it is known whether they were operated by then: care did not go out of sight before."""
        return (self.causes != 0) | (self.days >= horizon)


def landmark_of(clinic: Clinic, cohort: Cohort, day: int, instrument: int, visits: tuple[int, ...]) -> Landmark:
    """Fetch both groups on a landmark day, the answers at these visits, and what became of them."""
    study = gather(Asked(clinic, cohort, arms(day), instrument, censored=False), visits, clinic.policy.arm)
    size = len(study.people.arm)
    everybody = replace(
        study,
        visits=visits[-1:],
        answers=np.zeros((size, 1)),
        expected=np.ones((size, 1), dtype=bool),
        answered_late=np.zeros(size, dtype=bool),
    )
    found = exits(clinic, cohort, day)
    order = np.argsort(found.episode)
    at = order[np.searchsorted(found.episode, study.people.episode, sorter=order)]
    return Landmark(day, study, everybody, found.day[at].astype(np.int64) - day, found.cause[at].astype(np.int64))


def pseudo_by_arm(found: Landmark, horizon: int) -> PseudoValues:
    """Pseudo-values within each group, so that care may go out of sight sooner in one than in the other."""
    incidence, after = np.empty(len(found.days)), np.empty(len(found.days))
    for side in found.everybody.sides.values():
        own = pseudo_values(found.days[side], found.causes[side], horizon)
        incidence[side], after[side] = own.incidence, own.days_after
    return PseudoValues(incidence, after)


def share_operated(found: Landmark, values: PseudoValues) -> list[Shown]:
    """The share operated by the horizon: as it was, adjusted by regression, and by overlap weights."""
    outcome, known, sides = values.incidence, found.analysed, found.everybody.sides
    adjusted, weighted = ancova(outcome, known.arm_a, known.model, known.clusters), _weighted(found, outcome)
    return [
        Shown("crude", _plain_difference(found, outcome), *(float(outcome[side].mean()) for side in sides.values())),
        Shown("ancova", adjusted.robust if adjusted else None),
        Shown("overlap", weighted.difference, weighted.mean_a, weighted.mean_b) if weighted else Shown("overlap", None),
    ]


def day_of_surgery(found: Landmark, values: PseudoValues, horizon: int) -> list[Shown]:
    """The mean day of surgery since the first visit, of those operated by the horizon: as it was, and by overlap weights."""
    shown = []
    for method, weights in (("crude", None), ("overlap", found.weighted.weights if found.weighted else None)):
        means, pull = {}, np.zeros(len(found.days))
        for arm, side in found.everybody.sides.items():
            own = PseudoValues(values.incidence[side], values.days_after[side])
            mean, pull[side] = mean_day(own, horizon, None if weights is None else weights[side])
            means[arm] = mean + found.day
        again = None if weights is None else _weighted(found, pull)
        spread = _plain_difference(found, pull) if weights is None else again.difference if again else None
        shown.append(Shown(method, _moved(spread, means["a"] - means["b"]), means["a"], means["b"]))
    return shown


def _plain_difference(found: Landmark, outcome: Array) -> Estimate:
    sides: Mapping[str, Array] = found.everybody.sides
    a, b = ((len(own), float(own.sum()), float(np.square(own).sum())) for own in (outcome[sides["a"]], outcome[sides["b"]]))
    return welch_difference(a, b)


def _weighted(found: Landmark, outcome: Array) -> Overlap | None:
    """The weighted means of another number of everybody, with the weights that are known."""
    if found.weighted is None:
        return None
    known = found.analysed
    return overlap_difference(outcome, known.arm_a, known.model, known.clusters, found.weighted.propensity)


def _moved(spread: Estimate | None, value: float) -> Estimate | None:
    """The interval of a difference around another value."""
    if spread is None or spread.low is None or spread.high is None or np.isnan(value):
        return None
    half = (spread.high - spread.low) / 2
    return Estimate(value, value - half, value + half, spread.n, spread.method)
