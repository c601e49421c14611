"""Comparing treatments: crude, adjusted and weighted side by side, with what such a comparison cannot show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found, Options
from synapse_analytics.analyses.cells import Row
from synapse_analytics.analyses.comparison import rows as made
from synapse_analytics.analyses.comparison import rules, words
from synapse_analytics.analyses.comparison.arms import COMPARABLE, arms_of, label_of, legal_codes, partners
from synapse_analytics.analyses.comparison.flow import flow_rows
from synapse_analytics.analyses.comparison.models import Analysed, Compared, analysed_of, balance, compare
from synapse_analytics.analyses.comparison.pairs import PREFERRED, Started, in_order
from synapse_analytics.analyses.comparison.responders import responder_rows
from synapse_analytics.analyses.comparison.study import Study, gather
from synapse_analytics.analyses.options import Option
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import MONTH, visit_of
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Policy, TableRule
from synapse_analytics.errors import UsageError
from synapse_analytics.queries.arms import Arm
from synapse_analytics.queries.comparison import Asked

Tables = list[tuple[TableRule, list[Row]]]
TRIED = 4  # pairs that are tried for a page that names none
SURELY_MADE = 300  # episodes that answered in the smaller group: such a pair is not tried first
OPTIONS = (
    Option("a", None, (None, *COMPARABLE), "the first treatment, treatment class or strategy; default: of a pair that can be compared"),
    Option("b", None, (None, *COMPARABLE), "the treatment, class or strategy it is compared with; default: one that can be compared"),
    Option("outcome", None, (None, *v.codes(v.INSTRUMENTS)), "which score; default: the main score of the data"),
    MONTH,
    Option(
        "crossover",
        words.TREATMENT_POLICY,
        (words.TREATMENT_POLICY, words.CENSORED),
        "whether answers after a switch of treatment count (treatment_policy) or not",
    ),
)


@dataclass(frozen=True)
class Judged:
    """A comparison with its models, how alike the arms are before and after weighting, and why it is refused, if it is."""

    study: Study
    analysed: Analysed | None
    found: Compared | None
    pairs: dict[str, tuple[float | None, float | None]]
    reasons: list[str]


def _in_force(clinic: Clinic, chosen: Options) -> Options:
    if chosen["a"] and chosen["b"]:
        arms = arms_of(clinic, chosen["a"], chosen["b"])
        _visits(arms[0], chosen["month"])  # raises where the month comes before the landmark
    return chosen | {"outcome": chosen["outcome"] or clinic.generation.headline}


def _pair_in_force(clinic: Clinic, cohort: Cohort, chosen: Options) -> Options:
    """The pair asked for; where one side or both are open, the first that can be compared, tried where it may be refused yet."""
    given = {side: chosen[side] for side in ("a", "b") if chosen[side]}
    if len(given) == 2:
        return chosen
    started = Started(clinic, cohort, v.position(v.INSTRUMENTS, chosen["outcome"]), v.VISITS[visit_of(chosen["month"])].code)
    every = [(pair, way) for pair in in_order(list(started.pairs()), clinic.policy) for way in ((pair.a, pair.b), (pair.b, pair.a))]
    fitting = [
        (pair, way) for pair, way in every if given.items() <= dict(zip("ab", way, strict=True)).items() and (given or way[0] == pair.a)
    ]
    for pair, (a, b) in fitting[:TRIED]:
        options = chosen | {"a": a, "b": b}
        if pair.least >= SURELY_MADE or not _judged(clinic, _studied(clinic, cohort, options), options).reasons:
            return options
    return _in_force(clinic, chosen | (_legal(given, clinic.policy) if not fitting else dict(zip("ab", fitting[0][1], strict=True))))


def _legal(given: dict[str, str], policy: Policy) -> dict[str, str]:
    """A pair that may be asked for, whatever the data hold."""
    if not given:
        return dict(zip("ab", PREFERRED, strict=True))
    ((side, code),) = given.items()
    offered = partners(code, legal_codes(policy))
    usual = next((other for other in reversed(PREFERRED) if other in offered), next(iter(offered), code))
    return {side: code, "b" if side == "a" else "a": usual}


@analysis(*OPTIONS, settle=_in_force, choose=_pair_in_force)
def compare_treatments(clinic: Clinic, cohort: Cohort, *, outcome: str, month: int, crossover: str, **arms: str) -> Found:
    """How do patients fare after one treatment compared with similar patients after another?

    The index is the start of the treatment (of a class, the first of its treatments), with a baseline at most 60 days old. Episodes
    that had begun the other treatment before are left out, unless it is a step below. A strategy is judged from its landmark, among
    patients alive and under care then, at visits whose period lies after it.
    difference is a minus b in the change of the raw score: crude; ancova and overlap on the covariates of balance; mmrm over the
    visits. responders: the weighted share that improved by the smallest important change. A refused comparison shows no difference and
    says why.
    Without a or b the first pair that can be compared is taken: discectomy and physical therapy, else the pair whose smaller group is
    largest.
    """
    chosen = {"outcome": outcome, "month": month, "crossover": crossover, **arms}
    compared, instrument = arms_of(clinic, **arms), v.find(v.INSTRUMENTS, outcome)
    judged = _judged(clinic, _studied(clinic, cohort, chosen), chosen)
    notes = [
        words.plain_sentence(**arms),
        words.crossover_sentence(crossover, "strategy" if compared[0].strategy else "treatment"),
        words.clustering_sentence(compared),
        *_notes(judged.study, clinic.policy.arm),
    ]
    if not judged.reasons and judged.found and judged.found.repeated and judged.found.repeated.fallback:
        notes.append("There are too few answers for an unstructured covariance; the repeated measures use a random intercept instead.")
    return Found(_tables(clinic, judged, instrument), tuple(notes))


def _studied(clinic: Clinic, cohort: Cohort, chosen: Options) -> Study:
    arms = arms_of(clinic, chosen["a"], chosen["b"])
    asked = Asked(clinic, cohort, arms, v.position(v.INSTRUMENTS, chosen["outcome"]), chosen["crossover"] == words.CENSORED)
    return gather(asked, _visits(arms[0], chosen["month"]), clinic.policy.arm)


def _visits(arm: Arm, month: int) -> tuple[int, ...]:
    """The follow-up visits up to the month, of a strategy those whose window lies after the landmark."""
    last = visit_of(month)
    first_day = arm.strategy.day if arm.strategy else 0
    visits = tuple(place for place in range(1, last + 1) if v.VISITS[place].first > first_day)
    if not visits:
        raise UsageError(
            f"Follow-up at month {month} begins before the groups of {arm.code} are formed (landmark, day {first_day}). Choose a later month."
        )
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


def _judged(clinic: Clinic, study: Study, chosen: Options) -> Judged:
    """The models of a study, and whether what they find may be shown."""
    patients = {arm: study.patients.count(study.analysed & side) for arm, side in study.sides.items()}
    analysed = analysed_of(study) if min(patients.values()) >= clinic.policy.arm else None
    found = compare(study, analysed) if analysed else None
    pairs = balance(study, found.weighted.weights if found and found.weighted else None)
    after = {code: abs(pair[1]) for code, pair in pairs.items() if pair[1] is not None}
    names = {arm: v.inside(label_of(chosen[arm])) for arm in ("a", "b")}
    weighted = found.weighted if found and found.ancova else None
    return Judged(study, analysed, found, pairs, words.refusals(clinic.policy, names, patients, weighted, after))


def _tables(clinic: Clinic, judged: Judged, instrument: v.Instrument) -> Tables:
    """All tables; a refused comparison keeps who was there, how alike they were and how complete, and loses every difference."""
    study, found, policy = judged.study, judged.found, clinic.policy
    shown = None if judged.reasons else found
    quality = made.quality_row(study, found, v.VISITS[study.visits[-1]].target)
    if judged.reasons:
        quality |= {"e_value": None, "e_value_limit": None}
    verdict = {"verdict": words.verdict(shown, instrument) if shown else words.REFUSED, "refused": " ".join(judged.reasons) or None}
    propensity = found.weighted.propensity if found and found.weighted else None
    tables: Tables = [
        (rules.ESTIMATES, made.estimate_rows(study, shown)),
        (rules.BALANCE, made.balance_rows(study, judged.pairs, policy)),
        (rules.OVERLAP, made.overlap_rows(study, propensity, policy)),
        (rules.FLOW, flow_rows(study)),
        (rules.QUALITY, [quality | verdict]),
    ]
    return tables + _differences(judged, shown, instrument, policy)


def _differences(judged: Judged, shown: Compared | None, instrument: v.Instrument, policy: Policy) -> Tables:
    study, analysed = judged.study, judged.analysed
    return [
        (rules.RESPONDERS, responder_rows(study, analysed, shown, instrument, policy) if shown and analysed else []),
        (rules.SUBGROUPS, made.subgroup_rows(study, analysed) if shown and analysed else []),
        (rules.TRAJECTORIES, [row | {"reach": instrument.reach} for row in made.trajectory_rows(study)] if shown else []),
        (rules.START, made.start_row(study, shown, instrument.reach) if shown else []),
        (rules.MMRM, made.mmrm_rows(study, shown) if shown else []),
        (rules.SENSITIVITY, made.sensitivity_rows(study, shown, instrument, policy) if shown else []),
    ]
