"""Comparing treatments: crude, adjusted and weighted side by side, with what such a comparison cannot show."""

from __future__ import annotations

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found, Options
from synapse_analytics.analyses.cells import Row
from synapse_analytics.analyses.comparison import rows as made
from synapse_analytics.analyses.comparison import rules, words
from synapse_analytics.analyses.comparison.arms import COMPARABLE, arms_of
from synapse_analytics.analyses.comparison.flow import flow_rows
from synapse_analytics.analyses.comparison.models import Analysed, Compared, analysed_of, balance, compare
from synapse_analytics.analyses.comparison.study import Study, gather
from synapse_analytics.analyses.options import Option
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import MONTH, visit_of
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import TableRule
from synapse_analytics.errors import UsageError
from synapse_analytics.queries.comparison import Arm, Asked

Tables = list[tuple[TableRule, list[Row]]]
OPTIONS = (
    Option("a", "discectomy", COMPARABLE, "the first treatment, treatment class or strategy"),
    Option("b", "physical_therapy", COMPARABLE, "the treatment, class or strategy it is compared with"),
    Option("outcome", None, (None, *v.codes(v.INSTRUMENTS)), "which score; default: the headline score of the data"),
    MONTH,
    Option(
        "crossover",
        words.TREATMENT_POLICY,
        (words.TREATMENT_POLICY, words.CENSORED),
        "whether answers after a crossover count (treatment policy) or not",
    ),
)


def _in_force(clinic: Clinic, chosen: Options) -> Options:
    arms = arms_of(clinic, chosen["a"], chosen["b"])
    _visits(arms[0], chosen["month"])  # raises where the month comes before the landmark
    return chosen | {"outcome": chosen["outcome"] or clinic.generation.headline}


@analysis(*OPTIONS, settle=_in_force)
def compare_treatments(clinic: Clinic, cohort: Cohort, *, outcome: str, month: int, crossover: str, **arms: str) -> Found:
    """How do patients fare after one treatment compared with similar patients after another?

    The index is the start of the treatment judged (of a class, the first of its treatments) with a baseline at most 60 days
    old; who had begun the other treatment before, unless it is a step below, is left out. A strategy is judged from its
    landmark, among those alive and under care then, at visits whose window lies after it. difference is a minus b in change of
    the raw score: crude; ancova and overlap on the covariates of `balance`; mmrm over the visits. Refused comparisons show no
    difference and say why.
    """
    compared, instrument = arms_of(clinic, **arms), v.find(v.INSTRUMENTS, outcome)
    asked = Asked(clinic, cohort, compared, v.position(v.INSTRUMENTS, outcome), crossover == words.CENSORED)
    study = gather(asked, _visits(compared[0], month), clinic.policy.arm)
    notes = [
        words.plain_sentence(**arms),
        words.crossover_sentence(crossover, "strategy" if compared[0].strategy else "treatment"),
        words.clustering_sentence(compared),
        *_notes(study, clinic.policy.arm),
    ]
    tables = _tables(clinic, study, instrument, notes)
    return Found(tables, tuple(notes))


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
