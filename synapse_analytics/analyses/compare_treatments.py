"""Comparing treatments: crude, adjusted and weighted side by side, with what such a comparison cannot show."""

from __future__ import annotations

from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question
from synapse_analytics.analyses.comparison import rows as made
from synapse_analytics.analyses.comparison import rules, words
from synapse_analytics.analyses.comparison.arms import COMPARABLE, arms_of
from synapse_analytics.analyses.comparison.flow import flow_rows
from synapse_analytics.analyses.comparison.models import Analysed, Compared, analysed_of, balance, compare
from synapse_analytics.analyses.comparison.study import Study, gather
from synapse_analytics.analyses.registry import Option, analysis
from synapse_analytics.analyses.scoring import MONTH, visit_of
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released, TableRule, is_too_small, release
from synapse_analytics.errors import UsageError
from synapse_analytics.queries.comparison import Arm, Asked
from synapse_analytics.queries.population import population

Tables = list[tuple[TableRule, list[made.Row]]]
OPTIONS = (
    Option("a", "discectomy", COMPARABLE, "the first treatment, treatment class or strategy"),
    Option("b", "physical_therapy", COMPARABLE, "what it is compared with"),
    Option("outcome", None, (None, *v.codes(v.INSTRUMENTS)), "which score; default: the headline score of the data"),
    MONTH,
    Option(
        "crossover",
        words.TREATMENT_POLICY,
        (words.TREATMENT_POLICY, words.CENSORED),
        "whether answers after a crossover count (treatment policy) or not",
    ),
)


@analysis(*OPTIONS)
def compare_treatments(clinic: Clinic, cohort: Cohort, *, month: int, crossover: str, **chosen: Any) -> Released:
    """How do patients fare after one treatment compared with similar patients after another?

    The index is the start of the treatment judged (of a class, the first of its treatments) with a baseline at most 60 days
    old; who had begun the other treatment before, unless it is a step below, is left out. A strategy is judged from its
    landmark, among those alive and under care then, at visits whose window lies after it. difference is a minus b in change of
    the raw score: crude; ancova and overlap on the covariates of `balance`; mmrm over the visits. Refused comparisons show no
    difference and say why.
    """
    code = chosen["outcome"] or clinic.generation.headline
    instrument = v.find(v.INSTRUMENTS, code)
    people = population(clinic, cohort)
    arms = arms_of(clinic, chosen["a"], chosen["b"])
    asked = Asked(clinic, cohort, arms, v.position(v.INSTRUMENTS, code), crossover == words.CENSORED)
    visits = _visits(arms[0], month)
    options = {"a": chosen["a"], "b": chosen["b"], "outcome": code, "month": month, "crossover": crossover}
    to_ask = question(clinic, "compare_treatments", cohort, **options)
    if is_too_small(people[0], clinic.policy):
        return release(to_ask, people, [])
    study = gather(asked, visits, clinic.policy.arm)
    notes = (
        words.plain_sentence(chosen["a"], chosen["b"]),
        words.crossover_sentence(crossover, "strategy" if arms[0].strategy else "treatment"),
        words.clustering_sentence(arms),
        *_notes(study, clinic.policy.arm),
    )
    said: list[str] = []
    tables = _tables(clinic, study, instrument, said)
    return release(to_ask, people, tables, notes=(*notes, *said))


def _visits(arm: Arm, month: int) -> tuple[int, ...]:
    """The follow-up visits up to the month, of a strategy those whose window lies after the landmark."""
    last = visit_of(month)
    first_day = arm.strategy.day if arm.strategy else 0
    visits = tuple(place for place in range(1, last + 1) if v.VISITS[place].first > first_day)
    if not visits:
        raise UsageError(f"The window of month {month} begins before day {first_day}, the landmark of {arm.code}. Choose a later month.")
    return visits


def _notes(study: Study, fewest: int) -> tuple[str, ...]:
    """Who is left out of the comparison, and what the models cannot take into account."""
    notes = []
    if study.left_out:
        compared = np.unique(study.people.numbers["diagnosis"].astype(int))
        notes.append(words.left_out_sentence(study.left_out, [v.DIAGNOSES[place].code for place in compared], fewest))
    if study.not_judged:
        notes.append(words.not_judged_sentence(study.not_judged))
    return tuple(notes)


def _tables(clinic: Clinic, study: Study, instrument: v.Instrument, notes: list[str]) -> Tables:
    """All tables; a refused comparison keeps who was there, how alike they were and how complete, and loses every difference."""
    patients = {arm: study.patients.count(study.analysed & side) for arm, side in study.sides.items()}
    analysed = analysed_of(study) if min(patients.values()) >= clinic.policy.arm else None
    found = compare(study, analysed) if analysed else None
    weights = found.weighted.weights if found and found.weighted else None
    pairs = balance(study, weights)
    after = {code: abs(pair[1]) for code, pair in pairs.items() if pair[1] is not None}
    reasons = words.refusals(clinic.policy, patients, found, after)
    shown = None if reasons else found
    if shown and shown.repeated and shown.repeated.fallback:
        notes.append("The visits do not carry an unstructured covariance; the repeated measures use a random intercept instead.")
    quality = made.quality_row(study, found, v.VISITS[study.visits[-1]].target)
    if reasons:
        quality |= {"e_value": None, "e_value_limit": None}
    verdict = {"verdict": words.verdict(shown, instrument) if shown else words.REFUSED, "refused": " ".join(reasons) or None}
    propensity = found.weighted.propensity if found and found.weighted else None
    tables: Tables = [
        (rules.ESTIMATES, made.estimate_rows(study, shown)),
        (rules.BALANCE, made.balance_rows(study, pairs, clinic.policy)),
        (rules.OVERLAP, made.overlap_rows(study, propensity, clinic.policy)),
        (rules.FLOW, flow_rows(study)),
        (rules.QUALITY, [quality | verdict]),
    ]
    return tables + _differences(study, analysed, shown, instrument)


def _differences(study: Study, analysed: Analysed | None, shown: Compared | None, instrument: v.Instrument) -> Tables:
    return [
        (rules.SUBGROUPS, made.subgroup_rows(study, analysed) if shown and analysed else []),
        (rules.TRAJECTORIES, [row | {"reach": instrument.reach} for row in made.trajectory_rows(study)] if shown else []),
        (rules.MMRM, made.mmrm_rows(study, shown) if shown else []),
        (rules.SENSITIVITY, made.sensitivity_rows(study, shown, instrument) if shown else []),
    ]
