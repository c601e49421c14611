"""Answers about escalation: time to injection or surgery, and stepped care."""

from __future__ import annotations

import numpy as np

from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import Row, share_support, wilson_cells
from synapse_analytics.analyses.groups import Group, groups_of
from synapse_analytics.analyses.held import held_places
from synapse_analytics.analyses.measures import counts_of, curve_of, labels, shares_of
from synapse_analytics.analyses.options import Option, split_by
from synapse_analytics.analyses.pooling import joined
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_label, group_order
from synapse_analytics.counts import Counts, Key
from synapse_analytics.disclosure import Policy, TableRule
from synapse_analytics.estimates.survival import Curve, aalen_johansen, curve_at
from synapse_analytics.queries.escalation import (
    EVENTS,
    HAD,
    HORIZON,
    Times,
    conservative_care_before,
    days_to_escalation,
    escalations,
)

ADHERENT, SHORT, RED_FLAGS = "adherent", "short", "red_flags"
WEEKS = range(0, HORIZON + 1, 7)  # days
IMPORTANT = (12, 3, 24, 6)  # months a held curve has to be true at, the first before the others
MONTHS = {0: 0, 3: 91, 6: 182, 12: 365, 24: 730}  # month -> day, as the reference visits have them

CURVE = TableRule("curve", (*labels("group", "day"), *curve_of("events")))
HORIZONS = TableRule("horizons", (*labels("group", "month"), *curve_of("events")))
STEPPED = TableRule("groups", (*labels("group"), *counts_of("n", ADHERENT), *shares_of(ADHERENT), *counts_of(RED_FLAGS)))


@analysis(Option("event", "surgery", EVENTS, "the event whose time is asked for"), split_by())
def time_to_escalation(clinic: Clinic, cohort: Cohort, *, event: str, by: str | None) -> Found:
    """How soon after the first visit does care escalate to an injection or to surgery?

    Cumulative incidence (Aalen-Johansen) by whole weeks and at 3, 6, 12 and 24 months, with log(-log) limits. Resolved, discharged and
    died compete; so does surgery with an injection. Lost, referred elsewhere and still under care are censored. at_risk counts the
    episodes still waiting just before that day. Episodes with the event before the first visit are left out. Under the policy publish a
    curve moves only after enough events, and a month is withheld where the curve has not caught up.
    """
    split = joined(by, escalations(clinic, cohort, by, event=event), clinic.policy, HAD)
    groups = {times.group: times for times in days_to_escalation(clinic, cohort, split, event=event)}
    weeks, horizons = [], []
    for value in group_order(split, groups):
        group = {"group": group_label(split, value)}
        by_week, by_month = _curve_rows(groups[value], clinic.policy)
        weeks += [group | {"day": day} | row for day, row in zip(WEEKS, by_week, strict=True) if row["at_risk"]]
        horizons += [group | {"month": month} | row for month, row in zip(MONTHS, by_month, strict=True)]
    return Found([(CURVE, weeks), (HORIZONS, horizons)])


def _curve_rows(times: Times, policy: Policy) -> tuple[list[Row], list[Row]]:
    """The rows of one group by week and by month, as far as the policy lets the curve move."""
    days, months = np.array(WEEKS), np.array(list(MONTHS.values()))
    curve = aalen_johansen(times.days, times.causes, times.episodes)
    by_day = _points(curve, times, days)
    if not policy.rounds:
        return by_day, _points(curve, times, months)
    week_of = np.searchsorted(days, months, side="right") - 1  # the last week that is over
    wanted = week_of[[list(MONTHS).index(month) for month in IMPORTANT]]
    shown, hidden = held_places(times, days, wanted, policy)
    total = len(times.event_days)
    # Before the first step not even "nobody yet" is told; where so few have it that there is no step, nothing is.
    silent = (shown == 0) & ((days > 0) | (total < policy.counted)) & (total > 0)
    held = [by_day[place] | _behind(int(few), policy) for place, few in zip(shown.tolist(), silent.tolist(), strict=True)]
    # A month must not stand there with the share of an earlier day: where the curve is behind, it is withheld.
    return held, [held[place] | _behind(int(hidden[place]), policy) for place in week_of.tolist()]


def _behind(hidden: int, policy: Policy) -> Row:
    """The support of a row that hides so many patients with the event: these few, in place of all."""
    return {"events": min(hidden, policy.curve_step - 1)} if hidden else {}


def _points(curve: Curve, times: Times, days: np.ndarray) -> list[Row]:
    """The curve on each day; nothing where nobody is at risk any more."""
    columns = (*curve_at(curve, days), times.patients_at_risk(days), times.patients_with_event(days))
    names = ("incidence", "low", "high", "at_risk", "patients", "events")
    nothing = {"incidence": None, "low": None, "high": None, "at_risk": 0, "patients": 0, "events": 0}
    rows = [dict(zip(names, cells, strict=True)) for cells in zip(*(column.tolist() for column in columns), strict=True)]
    return [row if row["at_risk"] else nothing for row in rows]


@analysis(
    Option("min_days", 42, (28, 42, 56, 84), "days of conservative care that count as conservative care first"),
    Option("event", "escalation", ("escalation", *EVENTS), "first injection or surgery (escalation), injection, surgery"),
    split_by(),
)
def stepped_care(clinic: Clinic, cohort: Cohort, *, min_days: int, event: str, by: str | None) -> Found:
    """How often did enough conservative care come before the first injection or surgery?

    n counts episodes with the event from the first visit on and no red flags; adherent had conservative courses on at
    least min_days of the 180 days before it (union of all courses), share with Wilson limits; red_flags counts the
    episodes with the event that were left out for red flags.
    """
    split = joined(by, _with_event(conservative_care_before(clinic, cohort, by, event=event)), clinic.policy)
    days = conservative_care_before(clinic, cohort, split, event=event)

    def kind(key: Key) -> Key | None:
        *group, flagged, covered = key
        return None if covered is None else (*group, RED_FLAGS if flagged else ADHERENT if covered >= min_days else SHORT)

    found, plain = days.fold(kind), _with_event(days)  # of red flags only their number is told
    groups = days.fold(lambda key: key[:-2])  # everybody: a group in which the event never came is told, too
    return Found([(STEPPED, [{"group": group.code} | _adherence(found, plain, group.key) for group in groups_of(split, groups)])])


def _with_event(days: Counts) -> Counts:
    """Those who had the event and no red flags, by group."""
    return days.fold(lambda key: None if key[-1] is None or key[-2] else key[:-2])


def _adherence(found: Counts, plain: Counts, group: Key) -> Row:
    """Adherent, short and red-flag episodes of one group with their patients."""
    adherent, short, flagged = (Group.at(found, (*group, kind), kind) for kind in (ADHERENT, SHORT, RED_FLAGS))
    n = Group.at(plain, group, "n").counted()
    counts = share_support(ADHERENT, "n", adherent.counted(), n, short.patients()) | flagged.cells(RED_FLAGS)
    return counts | wilson_cells(adherent.episodes(), n.episodes)
