"""Answers about escalation: the cascade of care, time to injection or surgery, and stepped care."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.held import held_places
from synapse_analytics.analyses.pooling import joined
from synapse_analytics.analyses.registry import Option, analysis
from synapse_analytics.analyses.shares import N, in_order, label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_label, group_order
from synapse_analytics.counts import Counts
from synapse_analytics.disclosure import Kind, Measure, Policy, Released, TableRule, release
from synapse_analytics.estimates.descriptive import wilson
from synapse_analytics.estimates.survival import Curve, aalen_johansen, curve_at
from synapse_analytics.queries.escalation import (
    CARE,
    EVENTS,
    HAD,
    HORIZON,
    Times,
    care_received,
    conservative_care_before,
    days_to_escalation,
    escalations,
)
from synapse_analytics.queries.population import population

SEEN = "seen"
ADHERENT, SHORT, RED_FLAGS = "adherent", "short", "red_flags"
WEEKS = range(0, HORIZON + 1, 7)  # days
IMPORTANT = (12, 3, 24, 6)  # months a held curve has to be true at, the first before the others
MONTHS = {0: 0, 3: 91, 6: 182, 12: 365, 24: 730}  # month -> day, as the reference visits have them

CASCADE = TableRule(
    "stages",
    (
        label("group"),
        label("stage"),
        N,
        Measure("of_former", Kind.COUNT, "patients_of_former"),
        Measure(
            "share_of_former",
            Kind.SHARE,
            "patients_former",
            part="patients_of_former",
            outside="outside_former",
            count="of_former",
            of="former",
        ),
        Measure("share_of_all", Kind.SHARE, "patients_all", part="patients", outside="outside_all", count="n", of="all"),
    ),
)
CURVE = TableRule(
    "curve",
    (
        label("group"),
        label("day"),
        *(Measure(name, Kind.CURVE, part="events") for name in ("incidence", "low", "high")),
        Measure("at_risk", Kind.AT_RISK, part="events"),
    ),
)
HORIZONS = TableRule(
    "horizons",
    (
        label("group"),
        label("month"),
        *(Measure(name, Kind.CURVE, part="events") for name in ("incidence", "low", "high")),
        Measure("at_risk", Kind.AT_RISK, part="events"),
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
    split = joined(by, care_received(clinic, cohort, by), clinic.policy)
    found = care_received(clinic, cohort, split)
    rows = [row for group, place in in_order(split, found) for row in _stages(group, found, place)]
    return release(question(clinic, "cascade", cohort, by=by), people, [(CASCADE, rows)])


def _stages(group: str, found: Counts, place: int) -> Iterator[dict[str, Any]]:
    everybody, patients = int(found.episodes()[place]), int(found.patients()[place])
    of_all = {"group": group, "all": everybody, "patients_all": patients}
    none = dict.fromkeys(("of_former", "share_of_former", "former"))
    none |= dict.fromkeys(("patients_of_former", "patients_former", "outside_former", "outside_all"), 0)
    yield of_all | {"stage": SEEN, "n": everybody, "patients": patients, "share_of_all": 1.0} | none
    for former, stage in zip(((), *((stage,) for stage in CARE)), CARE, strict=False):
        n, both, whole = (int(found.episodes(*names)[place]) for names in ((stage,), (*former, stage), former))
        yield (
            of_all
            | {"stage": stage, "n": n, "patients": int(found.patients(stage)[place]), "share_of_all": n / everybody}
            | {"of_former": both, "share_of_former": both / whole if whole else None, "former": whole}
            | {"patients_of_former": int(found.patients(*former, stage)[place]), "patients_former": int(found.patients(*former)[place])}
            | {"outside_former": int(found.outside(stage, *former)[place]), "outside_all": int(found.outside(stage)[place])}
        )


@analysis(Option("event", "surgery", EVENTS, "what is waited for"), split_by())
def time_to_escalation(clinic: Clinic, cohort: Cohort, *, event: str, by: str | None) -> Released:
    """How soon after the first visit does care escalate to an injection or to surgery?

    Cumulative incidence (Aalen-Johansen) by whole weeks and at 3, 6, 12 and 24 months, with log(-log) limits; resolved,
    discharged and died compete, surgery does with an injection; lost, referred and open are censored. at_risk counts
    episodes still waiting just before that day. Episodes with the event before the first visit are left out. Under the policy
    publish a curve moves after enough events only; the months are read off it, and withheld where it is behind.
    """
    people = population(clinic, cohort, by=by)
    split = joined(by, escalations(clinic, cohort, by, event=event), clinic.policy, HAD)
    groups = {times.group: times for times in days_to_escalation(clinic, cohort, split, event=event)}
    weeks, horizons = [], []
    for value in group_order(split, groups):
        group = {"group": group_label(split, value)}
        by_week, by_month = _curve_rows(groups[value], clinic.policy)
        weeks += [group | row for row in by_week]
        horizons += [group | row for row in by_month]
    asked = question(clinic, "time_to_escalation", cohort, event=event, by=by)
    return release(asked, people, [(CURVE, [row for row in weeks if row["at_risk"]]), (HORIZONS, horizons)])


def _curve_rows(times: Times, policy: Policy) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of one group by week and by month, as far as the policy lets the curve move."""
    days, months = np.array(WEEKS), np.array(list(MONTHS.values()))
    curve = aalen_johansen(times.days, times.causes, times.episodes)
    by_day = _points(curve, times, days)
    if not policy.rounds:
        by_month = _points(curve, times, months)
    else:
        week_of = np.searchsorted(days, months, side="right") - 1  # the last week that is over
        wanted = week_of[[list(MONTHS).index(month) for month in IMPORTANT]]
        shown, hidden = held_places(times, days, wanted, policy)
        total = len(times.event_days)
        # Before the first step not even "nobody yet" is told; where so few have it that there is no step, nothing is.
        silent = (shown == 0) & ((days > 0) | (total < policy.counted)) & (total > 0)
        by_day = [by_day[place] | _behind(int(told), policy) for place, told in zip(shown.tolist(), silent.tolist(), strict=True)]
        # A month must not stand there with the share of an earlier day: where the curve is behind, it is withheld.
        by_month = [by_day[place] | _behind(int(hidden[place]), policy) for place in week_of.tolist()]
    return (
        [{"day": day} | row for day, row in zip(WEEKS, by_day, strict=True)],
        [{"month": month} | row for month, row in zip(MONTHS, by_month, strict=True)],
    )


def _behind(hidden: int, policy: Policy) -> dict[str, int]:
    """The support of a row that hides so many patients with the event: these few, in place of all."""
    return {"events": min(hidden, policy.curve_step - 1)} if hidden else {}


def _points(curve: Curve, times: Times, days: np.ndarray) -> list[dict[str, Any]]:
    """The curve on each day; nothing where nobody is at risk any more."""
    columns = (*curve_at(curve, days), times.patients_at_risk(days), times.patients_with_event(days))
    names = ("incidence", "low", "high", "at_risk", "patients", "events")
    nothing = {"incidence": None, "low": None, "high": None, "at_risk": 0, "patients": 0, "events": 0}
    rows = [dict(zip(names, cells, strict=True)) for cells in zip(*(column.tolist() for column in columns), strict=True)]
    return [row if row["at_risk"] else nothing for row in rows]


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
    split = joined(by, _with_event(conservative_care_before(clinic, cohort, by, event=event)), clinic.policy)
    days = conservative_care_before(clinic, cohort, split, event=event)

    def kind(key: tuple[Any, ...]) -> tuple[Any, ...] | None:
        *group, flagged, covered = key
        return None if covered is None else (*group, RED_FLAGS if flagged else ADHERENT if covered >= min_days else SHORT)

    found = days.fold(kind)
    plain = _with_event(days)  # of red flags only their number is told
    groups = days.fold(lambda key: key[:-2])  # everybody: a group in which the event never came is told, too
    rows = [{"group": group} | _adherence(found, plain, groups.keys[place]) for group, place in in_order(split, groups)]
    return release(question(clinic, "stepped_care", cohort, min_days=min_days, event=event, by=by), people, [(STEPPED, rows)])


def _with_event(days: Counts) -> Counts:
    """Those who had the event and no red flags, by group."""
    return days.fold(lambda key: None if key[-1] is None or key[-2] else key[:-2])


def _adherence(found: Counts, plain: Counts, group: tuple[Any, ...]) -> dict[str, Any]:
    """Adherent, short and red-flag episodes of one group with their patients."""
    counted = {kind: _of(found, (*group, kind)) for kind in (ADHERENT, SHORT, RED_FLAGS)}
    (n, patients), (adherent, adherent_patients) = _of(plain, group), counted[ADHERENT]
    share = wilson(adherent, n)
    return {
        "n": n,
        "adherent": adherent,
        "share": share.value,
        "low": share.low,
        "high": share.high,
        "red_flags": counted[RED_FLAGS][0],
        "patients": patients,
        "adherent_patients": adherent_patients,
        "short_patients": counted[SHORT][1],
        "red_flag_patients": counted[RED_FLAGS][1],
    }


def _of(found: Counts, key: tuple[Any, ...]) -> tuple[int, int]:
    """(episodes, patients) of a key; nobody where it is not there."""
    place = found.place.get(key)
    return (0, 0) if place is None else (int(found.episodes()[place]), int(found.patients()[place]))
