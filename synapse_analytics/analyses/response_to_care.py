"""Whether care escalated because it did not help: response before escalation, and when conservative care stops helping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.registry import Option, analysis
from synapse_analytics.analyses.shares import N, label, outside
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_label, group_order
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.errors import UsageError
from synapse_analytics.estimates.descriptive import mean_interval, wilson
from synapse_analytics.estimates.plateau import interpolated_median, plateau_at
from synapse_analytics.queries.escalation import EVENTS
from synapse_analytics.queries.escalation_response import Standing, at_twelve_weeks, before_escalation, weeks_of_conservative_care
from synapse_analytics.queries.population import population

Array = np.ndarray
Row = dict[str, Any]
THOUSAND = 1000
RESPONDS = 2 * THOUSAND  # NRS points: preset nrs_2
STILL = THOUSAND  # further improvement below this is none
PERIOD = 4  # weeks taken together: medians of single weeks are noise
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


SCORED = Measure("scored", Kind.COUNT, "scored_patients")
ESCALATED = TableRule(
    "escalated",
    (
        label("group"),
        N,
        SCORED,
        Measure("pain_before", Kind.MEAN, "scored_patients"),
        Measure("pain_low", Kind.INTERVAL, "scored_patients"),
        Measure("pain_high", Kind.INTERVAL, "scored_patients"),
        Measure("improvement_before", Kind.MEAN, "scored_patients"),
        Measure("responding", Kind.COUNT, "responding_patients"),
        *_share("share_responding", "responding"),
        Measure("median_days_waited", Kind.MEDIAN),
    ),
)
WAITING = TableRule(
    "waiting",
    (
        label("group"),
        SCORED,
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


def _check_pain(clinic: Clinic) -> None:
    if not clinic.generation.headline.startswith("nrs"):
        raise UsageError("This needs a pain score from 0 to 10, which these data do not hold.")


@analysis(Option("event", "surgery", EVENTS, "the escalation that is judged"), split_by())
def escalation_response(clinic: Clinic, cohort: Cohort, *, event: str, by: str | None) -> Released:
    """Did care escalate although it helped, or stay although it did not?

    escalated: episodes with the event on day 1 or later; scored have a baseline and an answer in the 60 days before it;
    responding had improved by 2 NRS points or more; median_days_waited from the first visit. waiting: under conservative
    care 12 weeks after the first visit and scored at 3 months, of those that had not improved by 2 points how many had
    neither injection nor surgery within the following 12 weeks (day 168); scored are the ones not responding.
    """
    _check_pain(clinic)
    people = population(clinic, cohort, by=by)
    escalated = [_escalated(group, own) for group, own in _by_group(by, before_escalation(clinic, cohort, by, event))]
    waiting = [_waiting(group, own) for group, own in _by_group(by, at_twelve_weeks(clinic, cohort, by))]
    return release(
        question(clinic, "escalation_response", cohort, event=event, by=by), people, [(ESCALATED, escalated), (WAITING, waiting)]
    )


def _by_group(by: str | None, found: Standing) -> Iterator[tuple[str, Standing]]:
    groups = np.array(found.group, dtype=object)
    for value in group_order(by, dict.fromkeys(found.group)):
        here = groups == value
        yield (
            group_label(by, value),
            Standing([value], *(column[here] for column in (found.patient, found.baseline, found.score, found.day))),
        )


def _patients(found: Standing, chosen: Array) -> int:
    return len(np.unique(found.patient[chosen]))


def _shared(found: Standing, part: str, scored: Array, chosen: Array) -> Row:
    n, of, patients = int(chosen.sum()), int(scored.sum()), _patients(found, scored)
    share, within = wilson(n, of), _patients(found, chosen)
    others = max(_patients(found, scored & ~chosen), outside(within, patients, n=n, of=of))
    cells = {"scored": of, "scored_patients": patients, part: n, f"{part}_patients": within, f"not_{part}_patients": others}
    return cells | {f"share_{part}{end}": value for end, value in (("", share.value), ("_low", share.low), ("_high", share.high))}


def _escalated(group: str, found: Standing) -> Row:
    better = found.baseline - found.score  # pain: lower is better
    scored = ~np.isnan(better)
    pain = found.score[scored]
    mean = mean_interval(len(pain), float(pain.sum()), float(pain @ pain))
    in_points = {
        "pain_before": mean.value,
        "pain_low": mean.low,
        "pain_high": mean.high,
        "improvement_before": float(better[scored].mean()) if len(pain) else None,
    }
    row: Row = {"group": group, "n": len(found.day), "patients": len(np.unique(found.patient))}
    row |= {name: None if value is None else value / THOUSAND for name, value in in_points.items()}
    row["median_days_waited"] = float(np.median(found.day)) if len(found.day) else None
    return row | _shared(found, "responding", scored, scored & (better >= RESPONDS))


def _waiting(group: str, found: Standing) -> Row:
    not_responding = found.baseline - found.score < RESPONDS
    stayed = not_responding & ~(found.day <= 2 * 84)  # NaN: never escalated
    return {"group": group} | _shared(found, "not_escalated", not_responding, stayed)


@analysis()
def plateau(clinic: Clinic, cohort: Cohort) -> Released:
    """From which week on does conservative care bring no further improvement?

    For each diagnosis and conservative class: `week` begins the first period of 4 weeks since its start after which the median
    pain of no later period (up to week 51) lies 1 NRS point or more lower; answers before an escalation, periods with at
    least 30 of them, medians interpolated. Different patients answer at different times. n counts answers.
    """
    _check_pain(clinic)
    people = population(clinic, cohort)
    found = weeks_of_conservative_care(clinic, cohort)
    rows = []
    for diagnosis, term in enumerate(v.DIAGNOSES):
        for place, treatment_class in enumerate(v.TREATMENT_CLASSES):
            here = (found.diagnosis == diagnosis) & (found.treatment_class == place)
            row = _plateau(found.week[here], found.value[here], found.patient[here]) if here.any() else None
            if row is not None:
                rows.append({"diagnosis": term.code, "treatment_class": treatment_class.code} | row)
    return release(question(clinic, "plateau", cohort), people, [(PLATEAU, rows)])


def _plateau(week: Array, value: Array, patient: Array) -> Row | None:
    """None where fewer than three periods have enough answers."""
    period = week // PERIOD
    periods, counts = np.unique(period, return_counts=True)
    periods = periods[counts >= FEWEST_IN_A_PERIOD]
    if len(periods) < 3:
        return None
    medians = [interpolated_median(value[period == one], THOUSAND) or 0.0 for one in periods]
    first = plateau_at(medians, STILL)
    used = np.isin(period, periods)
    return {
        "week": int(periods[first]) * PERIOD,
        "weeks_seen": int(periods[-1] + 1) * PERIOD,
        "median_at_start": medians[0] / THOUSAND,
        "median_at_plateau": medians[first] / THOUSAND,
        "median_at_end": medians[-1] / THOUSAND,
        "n": int(used.sum()),
        "patients": len(np.unique(patient[used])),
        "fewest_patients": min(len(np.unique(patient[period == one])) for one in periods),
    }
