"""Does an injection before surgery help or delay?

Episodes that on the landmark day (90 or 180 after the first visit) are under care and not operated: those with an injection by
then, and those without.
estimates: operated is the share operated within 12 and 24 months of the first visit; day_of_surgery is the mean day of surgery of
these; a score is the change from the first visit to the month. difference is with minus without: crude, ancova and overlap as in
compare_treatments, of pseudo-values where not every episode could be followed to the end. n counts episodes, operated those known
to be operated on, and followed is the share whose end is known. A refused comparison shows no difference and says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found, Options
from synapse_analytics.analyses.cells import Row, count_cells, ratio, share_support
from synapse_analytics.analyses.comparison import rows as made
from synapse_analytics.analyses.comparison.landmark import Landmark, Shown, day_of_surgery, landmark_of, pseudo_by_arm, share_operated
from synapse_analytics.analyses.comparison.models import Compared, analysed_of, balance, compare
from synapse_analytics.analyses.comparison.study import Study
from synapse_analytics.analyses.comparison.words import refusals
from synapse_analytics.analyses.groups import Group
from synapse_analytics.analyses.headline import stands_in
from synapse_analytics.analyses.measures import counts_of, labels, patients_of, share_of
from synapse_analytics.analyses.options import Option
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import visit_of
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counted
from synapse_analytics.disclosure import Kind, Measure, Policy, TableRule, rounded
from synapse_analytics.estimates.weighting import Overlap
from synapse_analytics.queries.injection_before_surgery import REASONS, whom

LANDMARKS = (90, 180)  # days since the first visit
HORIZONS = {12: 365, 24: 730}  # months -> days since the first visit, to which surgery is followed
OPERATED, DAY_OF_SURGERY = "operated", "day_of_surgery"
GROUPS = {"a": "with", "b": "without"}  # an injection by the landmark day
GROUPS_COMPARED = {arm: f"compared_{group}" for arm, group in GROUPS.items()}
OF_GROUP = re.compile(r"_([ab])(?=_|$)")


def _rates(*names: str, of: str = "n", reach: str | None = None) -> tuple[Measure, ...]:
    """Numbers that compare the groups: both have to hold enough patients of the count `of`."""
    return tuple(Measure(name, Kind.RATE, patients_of(f"{of}_with"), part=patients_of(f"{of}_without"), reach=reach) for name in names)


ESTIMATES = TableRule(
    "estimates",
    (
        *labels("landmark", "measure", "month", "method"),
        *_rates("with_injection", "without_injection", "difference", "low", "high", of="fewest", reach="reach"),
        *counts_of("n_with", "n_without", "operated_with", "operated_without"),
        *(share_of(f"known_{group}", f"asked_{group}", f"followed_{group}") for group in GROUPS.values()),
    ),
)
QUALITY = TableRule(
    "quality",
    (
        *labels("landmark", "measure"),
        *_rates("effective_with", "effective_without"),
        *counts_of("n_with", "n_without"),
        share_of("later_without", "n_without", "injected_later"),
        *labels("refused"),
    ),
)
BALANCE = TableRule(
    "balance", (*labels("landmark", "covariate"), *_rates("smd_before", "smd_after"), *counts_of("recorded_with", "recorded_without"))
)
WHOM = TableRule("whom", (*labels("landmark", "step", "left_out"), *counts_of("n")))
ALWAYS = (
    "This is observational: nobody was assigned by chance, so it cannot show that an injection helps or delays. It compares patients who were "
    "under care and without surgery on the day named, by whether they had had an injection by then. Patients who had recovered or had surgery "
    "before that day, perhaps because of an injection or for lack of one, are in neither group. A later injection does not move a patient "
    "to the other group. The adjusted difference is about patients for whom both were plausible at the first visit. What was not recorded "
    "can still explain a difference."
)
SURGERY = (
    "The share with surgery is a cumulative incidence: patients who recovered, were discharged or died count as without surgery; those lost to "
    "follow-up count for as long as they were followed. The day of surgery is a mean of those who had surgery by then, who may differ between "
    "the groups."
)


def _in_force(clinic: Clinic, chosen: Options) -> Options:
    return chosen | {"outcome": chosen["outcome"] or clinic.generation.headline}


@analysis(
    Option("outcome", None, (None, *v.codes(v.INSTRUMENTS)), "which score; default: the main score of the data"),
    Option("month", 12, tuple(HORIZONS), "the visit at which the score is compared, in months from the first visit"),
    settle=_in_force,
)
def injection_before_surgery(clinic: Clinic, cohort: Cohort, *, outcome: str, month: int) -> Found:
    """Does an injection before surgery help or delay?

    Of the episodes under care and not operated on the landmark day (90 or 180 after the first visit) those with and those without an
    injection by then. estimates: operated = share operated within 12 and 24 months of the first visit; day_of_surgery = mean day of
    surgery of these; a score = change from the first visit to the month. difference is with minus without: crude, ancova and overlap
    as in compare_treatments, of pseudo-values where care goes out of sight. n counts episodes, operated those seen to be operated,
    followed is the share whose end is known. A refused comparison shows no difference and says why.
    """
    tables: dict[TableRule, list[Row]] = {rule: [] for rule in (ESTIMATES, QUALITY, BALANCE, WHOM)}
    instrument, last = v.position(v.INSTRUMENTS, outcome), visit_of(month)
    for day in LANDMARKS:
        visits = tuple(place for place in range(1, last + 1) if v.VISITS[place].first > day)
        found = landmark_of(clinic, cohort, day, instrument, visits)
        judged = (
            *_of_surgery(found, clinic.policy),
            *_of_score(found, clinic.policy, outcome, month),
            (WHOM, _whom(clinic, cohort, found)),
        )
        for rule, rows in judged:
            tables[rule] += [{"landmark": day} | {OF_GROUP.sub(_named, name): cell for name, cell in row.items()} for row in rows]
    return Found(list(tables.items()), (ALWAYS, SURGERY, *stands_in(clinic, outcome)))


def _named(arm: re.Match[str]) -> str:
    return f"_{GROUPS[arm[1]]}"


def _of_surgery(found: Landmark, policy: Policy) -> Iterator[tuple[TableRule, list[Row]]]:
    """How many of everybody were operated and when, and how alike the groups are."""
    study = found.everybody
    weighted = found.weighted if _smaller(study) >= policy.arm else None
    pairs = balance(study, weighted.weights if weighted else None)
    refused = _refused(study, found.day, weighted, pairs, policy)
    for month, end in HORIZONS.items():
        yield ESTIMATES, _operated_rows(found, policy, month, end - found.day, shown=refused is None)
    yield QUALITY, [_quality(study, weighted, OPERATED, refused)]
    yield BALANCE, made.balance_rows(study, pairs, policy)


def _of_score(found: Landmark, policy: Policy, outcome: str, month: int) -> Iterator[tuple[TableRule, list[Row]]]:
    """The change of the score of those who answered, as compare_treatments compares it."""
    study = found.answered
    scores = compare(study, analysed_of(study)) if _smaller(study) >= policy.arm else None
    weighted = scores.weighted if scores and scores.ancova else None
    pairs = balance(study, weighted.weights if weighted else None)
    refused = _refused(study, found.day, weighted, pairs, policy)
    yield (
        ESTIMATES,
        [
            row | _reach(row, _smaller(study), v.find(v.INSTRUMENTS, outcome).reach, policy)
            for row in _score_rows(study, None if refused else scores, outcome, month)
        ],
    )
    yield QUALITY, [_quality(study, weighted, outcome, refused)]


def _smaller(study: Study) -> int:
    """The patients of the smaller group."""
    return min(study.patients.count(study.analysed & side) for side in study.sides.values())


def _refused(study: Study, day: int, weighted: Overlap | None, pairs: Mapping[str, tuple[Any, Any]], policy: Policy) -> str | None:
    """Why no difference may be shown, by the rules of compare_treatments; None when it may."""
    names = {"a": f"an injection within {day} days", "b": f"no injection within {day} days"}
    patients = {arm: study.patients.count(study.analysed & side) for arm, side in study.sides.items()}
    after = {code: abs(pair[1]) for code, pair in pairs.items() if pair[1] is not None}
    return " ".join(refusals(policy, names, patients, weighted, after)) or None


def _operated_rows(found: Landmark, policy: Policy, month: int, horizon: int, *, shown: bool) -> list[Row]:
    """The share operated and the day of surgery by each method; both rest on those who were followed to the end, too."""
    study, support = found.everybody, made.arm_support(found.everybody, found.everybody.analysed)
    still = {arm: study.patients.count(side & (found.days >= horizon)) for arm, side in study.sides.items()}
    values = pseudo_by_arm(found, horizon) if shown and min(still.values()) else None
    few: Row = {}
    operated_only: Row = {}
    for arm, side in study.sides.items():
        operated, known = (study.counted(side & chosen) for chosen in (found.operated(horizon), found.known(horizon)))
        everybody = study.counted(side)
        rest = study.patients.count(side & ~found.operated(horizon))
        unknown = study.patients.count(side & ~found.known(horizon))
        support |= count_cells(f"operated_{arm}", operated) | share_support(f"known_{arm}", f"asked_{arm}", known, everybody, unknown)
        support[f"followed_{arm}"] = ratio(known.episodes, everybody.episodes)
        few[patients_of(f"fewest_{arm}")] = min((still[arm], *((operated.patients, rest) if policy.rounds else ())))
        operated_only[patients_of(f"fewest_{arm}")] = min(still[arm], operated.patients)
    shares = share_operated(found, values) if values else [Shown(method, None) for method in ("crude", "ancova", "overlap")]
    days = day_of_surgery(found, values, horizon) if values else [Shown(method, None) for method in ("crude", "overlap")]
    few |= _reach(few, _smaller(study), policy.count_step, policy)  # a share tells no more than counts as the policy rounds them
    operated_only |= _reach(operated_only, min(operated_only.values()), HORIZONS[month], policy)
    return [_row(OPERATED, month, one, support | few) for one in shares] + [
        _row(DAY_OF_SURGERY, month, one, support | operated_only) for one in days
    ]


def _reach(support: Row, patients: int, reach: float, policy: Policy) -> Row:
    """So that a policy that rounds shows means of so many patients, and their difference, in steps of reach / patients: see Measure.

    The gate divides by the fewest patients that a number needs. Two digits alone tell a share of a few, or a difference near zero, so
    exactly that the counts behind them could be told.
    """
    needed = rounded(support[patients_of("fewest_a")], policy) or 1
    return {"reach": reach * needed / (rounded(patients, policy) or 1)}


def _row(measure: str, month: int, one: Shown, support: Row) -> Row:
    values = {"with_injection": one.a, "without_injection": one.b}
    return {"measure": measure, "month": month, "method": one.method} | values | made.difference_cells(one.difference) | support


def _score_rows(study: Study, scores: Compared | None, outcome: str, month: int) -> list[Row]:
    support = made.arm_support(study, study.analysed)
    for arm, side in study.sides.items():
        answered, expected = study.counted(study.analysed & side), study.counted(study.expected[:, -1] & side)
        outside = study.patients.count(study.expected[:, -1] & side & ~study.analysed)
        support |= {f"operated_{arm}": None, patients_of(f"operated_{arm}"): 0, patients_of(f"fewest_{arm}"): answered.patients}
        support |= share_support(f"known_{arm}", f"asked_{arm}", answered, expected, outside)
        support[f"followed_{arm}"] = ratio(answered.episodes, expected.episodes)
    return [_row(outcome, month, one, support) for one in _score_shown(study, scores)]


def _score_shown(study: Study, scores: Compared | None) -> list[Shown]:
    """The change of each group from the first visit, and the difference by each method."""
    if scores is None:
        return [Shown(method, None) for method in ("crude", "ancova", "overlap")]
    change = study.scores(-1, study.analysed) - study.baseline[study.analysed]
    sides = [side[study.analysed] for side in study.sides.values()]
    plain = [float(change[side].mean()) for side in sides]
    weighted = scores.weighted
    weighed = [float(np.average(change[side], weights=weighted.weights[side])) for side in sides] if weighted else [None, None]
    return [
        Shown("crude", scores.crude, *plain),
        Shown("ancova", scores.ancova),
        Shown("overlap", weighted.difference if weighted else None, *weighed),
    ]


def _quality(study: Study, weighted: Overlap | None, measure: str, refused: str | None) -> Row:
    """How many count once the groups are alike, and how many without an injection had one later."""
    without = study.analysed & study.sides["b"]
    later = study.counted(without & (study.people.numbers["crossover_day"] >= 0))  # NaN: never
    whole = study.counted(without)
    outside = study.patients.count(without & ~(study.people.numbers["crossover_day"] >= 0))
    effective = {f"effective_{arm}": size for arm, size in zip(GROUPS, _effective(weighted), strict=True)}
    return (
        {"measure": measure, "refused": refused, "injected_later": ratio(later.episodes, whole.episodes)}
        | effective
        | made.arm_support(study, study.analysed)
        | share_support("later_b", "n_b", later, whole, outside)
    )


def _effective(weighted: Overlap | None) -> tuple[float | None, float | None]:
    return (weighted.effective_a, weighted.effective_b) if weighted else (None, None)


def _whom(clinic: Clinic, cohort: Cohort, found: Landmark) -> list[Row]:
    """From all episodes of the cohort to those that are compared: every one left out stands under the first reason that fits."""
    counts, study = whom(clinic, cohort, found.day), found.everybody
    steps: list[tuple[str, bool, Counted]] = [("all", False, Group.at(counts.whole(), ()).counted())]
    steps += [(reason, True, Group.at(counts, (place,)).counted()) for place, reason in enumerate(REASONS)]
    steps += [("no_baseline", True, _either(*(reached.no_baseline for reached in study.reached))), ("unlike", True, _either(*study.unlike))]
    steps += [(step, False, study.counted(study.sides[arm])) for arm, step in GROUPS_COMPARED.items()]
    return [{"step": step, "left_out": left_out} | count_cells("n", counted) for step, left_out, counted in steps]


def _either(a: Counted, b: Counted) -> Counted:
    """The episodes of both groups; of the patients, who may have an episode in either, as many as there are at least."""
    return Counted(a.episodes + b.episodes, max(a.patients, b.patients))
