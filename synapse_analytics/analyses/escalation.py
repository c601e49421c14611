"""Answers about escalation: the cascade of care, time to injection or surgery, and stepped care."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.diagnoses import in_order
from synapse_analytics.analyses.registry import Option, analysis
from synapse_analytics.analyses.shares import N, label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_label, group_order
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.estimates.descriptive import wilson
from synapse_analytics.estimates.survival import Curve, aalen_johansen, at, at_risk
from synapse_analytics.queries.escalation import CARE, EVENTS, HORIZON, Times, care_received, conservative_care_before, days_to_escalation
from synapse_analytics.queries.grouped import EVERY, Counted
from synapse_analytics.queries.population import population

SEEN = "seen"
MONTHS = {0: 0, 3: 91, 6: 182, 12: 365, 24: 730}  # month -> day, as the reference visits have them

CASCADE = TableRule(
    "stages",
    (
        label("group"),
        label("stage"),
        N,
        Measure("of_former", Kind.COUNT, "patients_of_former"),
        Measure("share_of_former", Kind.SHARE, "patients_former", part="patients_of_former", count="of_former", of="former"),
        Measure("share_of_all", Kind.SHARE, "patients_all", part="patients", count="n", of="all"),
    ),
)
CURVE = TableRule(
    "curve",
    (
        label("group"),
        label("day"),
        *(Measure(name, Kind.CURVE) for name in ("incidence", "low", "high")),
        Measure("at_risk", Kind.AT_RISK),
    ),
)
HORIZONS = TableRule(
    "horizons",
    (
        label("group"),
        label("month"),
        *(Measure(name, Kind.CURVE) for name in ("incidence", "low", "high")),
        Measure("at_risk", Kind.AT_RISK),
    ),
)
STEPPED = TableRule(
    "groups",
    (
        label("group"),
        N,
        Measure("adherent", Kind.COUNT, "adherent_patients"),
        *(
            Measure(name, Kind.SHARE, "patients", part="adherent_patients", count="adherent", of="n", outside="short_patients")
            for name in ("share", "low", "high")
        ),
        Measure("red_flags", Kind.COUNT, "red_flag_patients"),
    ),
)


@analysis(split_by())
def cascade(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Released:
    """How far does care go: seen, conservative care, injection, surgery?

    n counts episodes that received the stage at any time from the first visit on; of_former those that received the
    stage before it too, share_of_former their share of that stage, share_of_all the share n is of all episodes.
    """
    people = population(clinic, cohort, by=by)
    rows = [row for group, found in in_order(by, care_received(clinic, cohort, by)) for row in _stages(group, found)]
    return release(question(clinic, "cascade", cohort, by=by), people, [(CASCADE, rows)])


def _stages(group: str, found: Counted) -> Iterator[dict[str, Any]]:
    everybody = {"patients_all": found.patients[EVERY], "all": found.episodes[EVERY]}
    first = {"n": found.episodes[EVERY], "patients": found.patients[EVERY], "share_of_all": 1.0}
    yield {"group": group, "stage": SEEN} | everybody | first | _of_former(None, None, None)
    for former, stage in zip((EVERY, *CARE), CARE, strict=False):
        both = stage if former == EVERY else f"{stage}_after"
        n, patients = found.episodes[stage], found.patients[stage]
        yield (
            {"group": group, "stage": stage, "n": n, "patients": patients, "share_of_all": n / found.episodes[EVERY]}
            | everybody
            | _of_former(found, both, former)
        )


def _of_former(found: Counted | None, both: str | None, former: str | None) -> dict[str, Any]:
    if found is None or both is None or former is None:
        return {"of_former": None, "share_of_former": None, "patients_of_former": 0, "patients_former": 0, "former": None}
    whole = found.episodes[former]
    return {
        "of_former": found.episodes[both],
        "share_of_former": found.episodes[both] / whole if whole else None,
        "patients_of_former": found.patients[both],
        "patients_former": found.patients[former],
        "former": whole,
    }


@analysis(Option("event", "surgery", EVENTS, "what is waited for"), split_by())
def time_to_escalation(clinic: Clinic, cohort: Cohort, *, event: str, by: str | None) -> Released:
    """How soon after the first visit does care escalate to an injection or to surgery?

    Cumulative incidence (Aalen-Johansen) by whole weeks and at 3, 6, 12 and 24 months, with log(-log) limits; resolved,
    discharged and died compete, surgery does with an injection; lost, referred and open are censored. at_risk counts
    episodes still waiting just before that day. Episodes with the event before the first visit are left out.
    """
    people = population(clinic, cohort, by=by)
    groups = {times.group: times for times in days_to_escalation(clinic, cohort, by, event=event)}
    weeks, horizons = [], []
    for value in group_order(by, groups):
        times, group = groups[value], group_label(by, value)
        curve = aalen_johansen(times.days, times.causes, times.episodes)
        weeks += [{"group": group, "day": day} | _point(curve, times, day) for day in range(0, HORIZON + 1, 7)]
        horizons += [{"group": group, "month": month} | _point(curve, times, day) for month, day in MONTHS.items()]
    asked = question(clinic, "time_to_escalation", cohort, event=event, by=by)
    return release(asked, people, [(CURVE, [row for row in weeks if row["at_risk"]]), (HORIZONS, horizons)])


def _point(curve: Curve, times: Times, day: int) -> dict[str, Any]:
    """The curve on a day; nothing where nobody is at risk any more."""
    waiting = at_risk(curve, day)
    if not waiting:
        return {"incidence": None, "low": None, "high": None, "at_risk": 0, "patients": 0}
    estimate = at(curve, day)
    shown = {"incidence": estimate.value, "low": estimate.low, "high": estimate.high}
    return shown | {"at_risk": waiting, "patients": times.patients_at_risk(day)}


@analysis(
    Option("min_days", 42, (28, 42, 56, 84), "days of conservative care that make it stepped care"),
    Option("event", "escalation", ("escalation", *EVENTS), "first injection or surgery (escalation), injection, surgery"),
    split_by(),
)
def stepped_care(clinic: Clinic, cohort: Cohort, *, min_days: int, event: str, by: str | None) -> Released:
    """How often did enough conservative care come before the first injection or surgery?

    n counts episodes with the event from the first visit on and no red flags; adherent had conservative courses on at
    least min_days of the 180 days before it (union of all courses), share with Wilson limits; red_flags counts the
    episodes with the event that were left out for red flags.
    """
    people = population(clinic, cohort, by=by)
    rows = []
    for group, found in in_order(by, conservative_care_before(clinic, cohort, by, event=event, min_days=min_days)):
        n, adherent = found.episodes["escalated"], found.episodes["adherent"]
        share = wilson(adherent, n)
        rows.append(
            {"group": group, "n": n, "adherent": adherent, "share": share.value, "low": share.low, "high": share.high}
            | {"red_flags": found.episodes["red_flags"], "red_flag_patients": found.patients["red_flags"]}
            | {"patients": found.patients["escalated"], "adherent_patients": found.patients["adherent"]}
            | {"short_patients": found.patients["short"]}
        )
    return release(question(clinic, "stepped_care", cohort, min_days=min_days, event=event, by=by), people, [(STEPPED, rows)])
