"""Whether care escalated because it did not help: response before escalation, and when conservative care stops helping."""

from __future__ import annotations

from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.headline import check_pain, stands_in
from synapse_analytics.analyses.pooling import joined
from synapse_analytics.analyses.registry import Option, analysis
from synapse_analytics.analyses.shares import N, in_order, label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counts
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.estimates.descriptive import mean_interval, quantile_from_counts, wilson
from synapse_analytics.estimates.plateau import interpolated_median, plateau_at
from synapse_analytics.queries.escalation import EVENTS
from synapse_analytics.queries.escalation_response import (
    NOT_ESCALATED,
    NOT_RESPONDING,
    RESPONDING,
    SCORED,
    Before,
    WeeklyScores,
    at_twelve_weeks,
    before_escalation,
    escalated,
    weeks_of_conservative_care,
)
from synapse_analytics.queries.population import population
from synapse_analytics.store.tables import PERIOD_WEEKS

Row = dict[str, Any]
THOUSAND = 1000
STILL = THOUSAND  # further improvement below this is none
FEWEST_IN_A_PERIOD = 30  # answers the median of a period has to rest on


def _share(name: str, part: str) -> tuple[Measure, ...]:
    support: dict[str, Any] = {
        "patients": "scored_patients",
        "part": f"{part}_patients",
        "count": part,
        "of": "scored",
        "outside": f"not_{part}_patients",
    }
    return tuple(Measure(f"{name}{end}", Kind.SHARE, **support) for end in ("", "_low", "_high"))


N_SCORED = Measure("scored", Kind.COUNT, "scored_patients")
ESCALATED = TableRule(
    "escalated",
    (
        label("group"),
        N,
        N_SCORED,
        Measure("pain_before", Kind.MEAN, "scored_patients", reach="reach"),
        Measure("pain_low", Kind.INTERVAL, "scored_patients", reach="reach"),
        Measure("pain_high", Kind.INTERVAL, "scored_patients", reach="reach"),
        Measure("improvement_before", Kind.MEAN, "scored_patients", reach="reach"),
        Measure("responding", Kind.COUNT, "responding_patients"),
        *_share("share_responding", "responding"),
        Measure("median_days_waited", Kind.MEDIAN),
    ),
)
WAITING = TableRule(
    "waiting",
    (
        label("group"),
        N_SCORED,
        Measure("not_escalated", Kind.COUNT, "not_escalated_patients"),
        *_share("share_not_escalated", "not_escalated"),
    ),
)
PLATEAU = TableRule(
    "plateaus",
    (
        label("diagnosis"),
        label("treatment_class"),
        label("weeks_seen"),
        Measure("week", Kind.MEDIAN, "fewest_patients"),
        Measure("median_at_start", Kind.MEDIAN, "fewest_patients"),
        Measure("median_at_plateau", Kind.MEDIAN, "fewest_patients"),
        Measure("median_at_end", Kind.MEDIAN, "fewest_patients"),
        N,
    ),
)


@analysis(Option("event", "surgery", EVENTS, "the escalation that is judged"), split_by())
def escalation_response(clinic: Clinic, cohort: Cohort, *, event: str, by: str | None) -> Released:
    """Did care escalate although it helped, or stay although it did not?

    escalated: episodes with the event on day 1 or later; scored have a baseline and an answer in the 60 days before it;
    responding had improved by 2 NRS points or more; median_days_waited from the first visit. waiting: conservative care begun
    on day 0 to 84, neither escalated nor closed by then, scored at 3 months, surely watched to day 168: of those that had not improved by 2 points how
    many had neither injection nor surgery within the following 12 weeks (day 168); scored are the ones not responding.
    """
    check_pain(clinic)
    people = population(clinic, cohort, by=by)
    split = joined(by, escalated(clinic, cohort, by, event), clinic.policy, SCORED)
    found, before = escalated(clinic, cohort, split, event), before_escalation(clinic, cohort, split, event)
    after = [_escalated(group, found, place, before[found.keys[place][0] if by else 0]) for group, place in in_order(split, found)]
    waits = joined(by, at_twelve_weeks(clinic, cohort, by), clinic.policy, NOT_RESPONDING)
    waited = at_twelve_weeks(clinic, cohort, waits)
    waiting = [
        {"group": group} | _shared(waited, place, NOT_RESPONDING, NOT_ESCALATED, "not_escalated")
        for group, place in in_order(waits, waited)
    ]
    asked, reach = question(clinic, "escalation_response", cohort, event=event, by=by), {"reach": v.find(v.INSTRUMENTS, v.HEADLINE).reach}
    return release(asked, people, [(ESCALATED, [row | reach for row in after]), (WAITING, waiting)], notes=stands_in(clinic))


def _shared(found: Counts, place: int, scored: str, fact: str, part: str) -> Row:
    """A share of the scored episodes of one group with its Wilson limits."""
    n, of = int(found.episodes(scored, fact)[place]), int(found.episodes(scored)[place])
    share = wilson(n, of)
    support = {
        "scored": of,
        "scored_patients": int(found.patients(scored)[place]),
        part: n,
        f"{part}_patients": int(found.patients(scored, fact)[place]),
        f"not_{part}_patients": int(found.outside(fact, scored)[place]),
    }
    return support | {f"share_{part}{end}": value for end, value in (("", share.value), ("_low", share.low), ("_high", share.high))}


def _escalated(group: str, found: Counts, place: int, before: Before) -> Row:
    row: Row = {"group": group, "n": int(found.episodes()[place]), "patients": int(found.patients()[place])}
    row |= _shared(found, place, SCORED, RESPONDING, "responding")
    pain = mean_interval(row["scored"], before.pain, before.pain_squares)
    in_points = {
        "pain_before": pain.value,
        "pain_low": pain.low,
        "pain_high": pain.high,
        "improvement_before": before.improvement / row["scored"] if row["scored"] else None,
    }
    row |= {name: None if value is None else value / THOUSAND for name, value in in_points.items()}
    return row | {"median_days_waited": quantile_from_counts(before.days, before.episodes, 0.5)}


@analysis()
def plateau(clinic: Clinic, cohort: Cohort) -> Released:
    """From which week on does conservative care bring no further improvement?

    For each diagnosis and conservative class: `week` begins the first period of 4 weeks since its start after which the median
    pain of no later period (up to week 51) lies 1 NRS point or more lower (null if none comes later); answers before an escalation, periods with at
    least 30 of them, medians interpolated within whole points. Different patients answer at different times. n counts answers.
    """
    check_pain(clinic)
    people = population(clinic, cohort)
    found = weeks_of_conservative_care(clinic, cohort)
    rows = []
    for diagnosis, treatment_class in sorted(found):
        row = _plateau(found[diagnosis, treatment_class])
        if row is not None:
            names = {"diagnosis": v.DIAGNOSES[diagnosis].code, "treatment_class": v.TREATMENT_CLASSES[treatment_class].code}
            rows.append(names | row)
    return release(question(clinic, "plateau", cohort), people, [(PLATEAU, rows)], notes=stands_in(clinic))


def _plateau(found: WeeklyScores) -> Row | None:
    """None where fewer than three periods have enough answers."""
    counts = np.bincount(found.period, found.n).astype(np.int64)
    periods = np.flatnonzero(counts >= FEWEST_IN_A_PERIOD)
    if len(periods) < 3:
        return None
    medians = []
    for one in periods:
        here = found.period == one
        medians.append(interpolated_median(found.value[here], THOUSAND, found.n[here]) or 0.0)
    first = plateau_at(medians, STILL)
    return {
        "week": None if first is None else int(periods[first]) * PERIOD_WEEKS,
        "weeks_seen": int(periods[-1] + 1) * PERIOD_WEEKS,
        "median_at_start": medians[0] / THOUSAND,
        "median_at_plateau": None if first is None else medians[first] / THOUSAND,
        "median_at_end": medians[-1] / THOUSAND,
        "n": int(counts[periods].sum()),
        "patients": found.patients_in(periods),
        "fewest_patients": min(found.patients_in(periods[place : place + 1]) for place in range(len(periods))),
    }
