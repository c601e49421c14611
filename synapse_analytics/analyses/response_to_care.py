"""Whether care escalated because it did not help: response before escalation, and when conservative care stops helping."""

from __future__ import annotations

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found, Options
from synapse_analytics.analyses.cells import THOUSAND, Row, in_points, limit_cells, ratio
from synapse_analytics.analyses.groups import Group, joined_groups
from synapse_analytics.analyses.headline import check_pain, stands_in
from synapse_analytics.analyses.measures import N, counts_of, labels, mean_with_limits, means_of, medians_of, patients_of, shares_of
from synapse_analytics.analyses.options import Option, split_by
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import TableRule
from synapse_analytics.estimates.descriptive import mean_interval, quantile_from_counts
from synapse_analytics.estimates.plateau import interpolated_median, plateau_at
from synapse_analytics.queries import escalation_response as q
from synapse_analytics.queries.escalation import EVENTS
from synapse_analytics.queries.escalation_response import NOT_ESCALATED, NOT_RESPONDING, RESPONDING, SCORED
from synapse_analytics.store.tables import PERIOD_WEEKS

STILL = THOUSAND  # further improvement below this is none
FEWEST_IN_A_PERIOD = 30  # answers the median of a period has to rest on


def _names(part: str) -> tuple[str, str, str]:
    return f"share_{part}", f"share_{part}_low", f"share_{part}_high"


ESCALATED = TableRule(
    "escalated",
    (
        *labels("group"),
        *counts_of("n", SCORED),
        *mean_with_limits("pain_before", "pain_low", "pain_high", patients_of(SCORED)),
        *means_of("improvement_before", patients=patients_of(SCORED)),
        *counts_of(RESPONDING),
        *shares_of(RESPONDING, SCORED, _names(RESPONDING)),
        *medians_of("median_days_waited"),
    ),
)
WAITING = TableRule(
    "waiting", (*labels("group"), *counts_of(SCORED, NOT_ESCALATED), *shares_of(NOT_ESCALATED, SCORED, _names(NOT_ESCALATED)))
)
PLATEAU = TableRule(
    "plateaus",
    (
        *labels("diagnosis", "treatment_class", "weeks_seen"),
        *medians_of("week", "median_at_start", "median_at_plateau", "median_at_end", patients="fewest_patients"),
        N,
    ),
)


def _if_pain(clinic: Clinic, chosen: Options) -> Options:
    check_pain(clinic)
    return chosen


@analysis(Option("event", "surgery", EVENTS, "which escalation"), split_by(), settle=_if_pain)
def escalation_response(clinic: Clinic, cohort: Cohort, *, event: str, by: str | None) -> Found:
    """Did care escalate although it helped, or stay although it did not?

    escalated: the episodes with the event on day 1 or later. scored have a baseline and an answer in the 60 days before it; responding
    had improved by 2 NRS points or more; median_days_waited is counted from the first visit.
    waiting: episodes whose conservative care began on days 0 to 84, that had neither escalated nor closed by day 84, were scored at 3
    months, and whose follow-up period to day 168 is complete. Of those that had not improved by 2 points (scored), how many had neither
    injection nor surgery within the following 12 weeks.
    """
    split, groups = joined_groups(by, clinic.policy, lambda split: q.escalated(clinic, cohort, split, event), SCORED)
    before = q.before_escalation(clinic, cohort, split, event)
    escalated = [_escalated(group, before[group.key[0] if by else 0]) for group in groups]
    _, groups = joined_groups(by, clinic.policy, lambda split: q.at_twelve_weeks(clinic, cohort, split), NOT_RESPONDING)
    waiting = [
        {"group": group.code} | group.share(NOT_ESCALATED, SCORED, NOT_ESCALATED, NOT_RESPONDING, names=_names(NOT_ESCALATED))
        for group in groups
    ]
    return Found([(ESCALATED, escalated), (WAITING, waiting)], stands_in(clinic))


def _escalated(group: Group, before: q.Before) -> Row:
    scored = group.episodes(SCORED)
    points = limit_cells(mean_interval(scored, before.pain, before.pain_squares), ("pain_before", "pain_low", "pain_high"))
    points |= {"improvement_before": ratio(before.improvement, scored)}
    return (
        {"group": group.code, "median_days_waited": quantile_from_counts(before.days, before.episodes, 0.5)}
        | {"reach": v.find(v.INSTRUMENTS, v.HEADLINE).reach}
        | group.cells("n")
        | group.share(RESPONDING, SCORED, RESPONDING, SCORED, names=_names(RESPONDING))
        | in_points(points)
    )


@analysis(settle=_if_pain)
def plateau(clinic: Clinic, cohort: Cohort) -> Found:
    """From which week on does conservative care bring no further improvement?

    For each diagnosis and conservative class, counted from the start of that care: week is the beginning of the first period of 4 weeks
    after which no later period (up to week 51) has a median pain at least 1 NRS point lower; it is empty if none comes later. Only
    answers before an escalation count, and only periods with at least 30 of them; medians are interpolated within whole points.
    Different patients answer at different times. n counts answers.
    """
    rows = []
    for (diagnosis, treatment_class), found in sorted(q.weeks_of_conservative_care(clinic, cohort).items()):
        names = {"diagnosis": v.DIAGNOSES[diagnosis].code, "treatment_class": v.TREATMENT_CLASSES[treatment_class].code}
        row = _plateau(found)
        if row is not None:
            rows.append(names | row)
    return Found([(PLATEAU, rows)], stands_in(clinic))


def _plateau(found: q.WeeklyScores) -> Row | None:
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
    at_plateau = None if first is None else medians[first]
    return {
        "week": None if first is None else int(periods[first]) * PERIOD_WEEKS,
        "weeks_seen": int(periods[-1] + 1) * PERIOD_WEEKS,
        "n": int(counts[periods].sum()),
        "patients": found.patients_in(periods),
        "fewest_patients": min(found.patients_in(periods[place : place + 1]) for place in range(len(periods))),
    } | in_points({"median_at_start": medians[0], "median_at_plateau": at_plateau, "median_at_end": medians[-1]})
