"""Scores just before care escalated, at 12 weeks where it had not escalated, and week by week under conservative care."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, Split, group_column, group_keys
from synapse_analytics.counts import COUNTED, Counts, Relation, count, grouped, whole
from synapse_analytics.pathways.keys import first_of_run
from synapse_analytics.store.tables import conservative_periods, conservative_weeks, episode_facts

FACTS = episode_facts.c
Array = np.ndarray
RESPONDS = 2000  # thousandths of an NRS point: preset nrs_2
DAY_168 = 2 * 84  # 12 weeks after the 12 weeks of conservative care
CLASSES = len(v.TREATMENT_CLASSES)
SCORED, RESPONDING = "scored", "responding"
NOT_RESPONDING, NOT_ESCALATED = "not_responding", "not_escalated"


@dataclass(frozen=True, slots=True)
class Before:
    """Of the escalated episodes of a group: sums of the scored ones in thousandths, and on which days they escalated."""

    pain: int
    pain_squares: int
    improvement: int
    days: Array
    episodes: Array  # on each of these days


def escalated(clinic: Clinic, cohort: Cohort, by: Split, event: str) -> Counts:
    """Episodes by group that had the event on day 1 or later; facts are SCORED before it, and RESPONDING by then."""
    better = _better(event)
    flags = sa.case((better >= RESPONDS, 3), (better.is_not(None), 1), else_=0)  # pain: lower is better
    relation = Relation(("escalated", event, by), keys=group_keys(by), flags=flags, bits={SCORED: 0, RESPONDING: 1}, where=_had(event))
    return count(clinic, cohort, relation)


def before_escalation(clinic: Clinic, cohort: Cohort, by: Split, event: str) -> dict[Any, Before]:
    """The scores before the event and its days, by value of the grouping column."""
    better, day = _better(event), FACTS[f"first_{event}_day"]
    pain = sa.case((better.is_not(None), sa.cast(FACTS[f"score_before_{event}"], sa.BigInteger)))
    added_up = {"pain": pain, "pain_squares": pain * pain, "improvement": better}
    totals = {name: sa.func.coalesce(sa.cast(sa.func.sum(column), sa.BigInteger), 0) for name, column in added_up.items()}
    relation = Relation(("before", event), where=_had(event))
    table = clinic.arrow(grouped(cohort, relation, {"group": group_column(by), "day": day}, {**COUNTED, **totals}))
    encoded = table.column("group").combine_chunks().dictionary_encode("encode")
    rows = [np.flatnonzero(encoded.indices.to_numpy() == place) for place in range(len(encoded.dictionary))]
    days, n = (table.column(name).to_numpy() for name in ("day", "n"))
    sums = {name: table.column(name).to_numpy() for name in totals}
    return {
        group: Before(**{name: int(column[own].sum()) for name, column in sums.items()}, days=days[own], episodes=n[own])
        for group, own in zip(encoded.dictionary.to_pylist(), rows, strict=True)
    }


def at_twelve_weeks(clinic: Clinic, cohort: Cohort, by: Split) -> Counts:
    """Episodes by group with conservative care begun on day 0 to 84, neither escalated nor closed by then, scored at 3 months,
    whose day 168 lies surely within the data: of others nobody knows yet whether they escalate by then.

    Facts are NOT_RESPONDING and, of these, NOT_ESCALATED by day 168.
    """
    better = FACTS.headline_baseline - FACTS.headline_month_3
    flags = sa.case((better >= RESPONDS, 0), (FACTS.first_escalation_day <= DAY_168, 1), else_=3)
    relation = Relation(
        ("at 12 weeks", by),
        keys=group_keys(by),
        flags=flags,
        bits={NOT_RESPONDING: 0, NOT_ESCALATED: 1},
        where=(FACTS.conservative_at_12_weeks.is_(True), better.is_not(None), FACTS.days_surely_observed >= DAY_168),
    )
    return count(clinic, cohort, relation)


def _better(event: str) -> sa.ColumnElement[int]:
    return FACTS.headline_baseline - FACTS[f"score_before_{event}"]


def _had(event: str) -> tuple[sa.ColumnElement[bool], ...]:
    """The event came on day 1 or later; an episode that had it before the first visit was never at risk."""
    return FACTS[f"first_{event}_day"] >= 1, FACTS[f"{event}_exit_cause"].is_not(None)


@dataclass(frozen=True, slots=True)
class WeeklyScores:
    """Answers under one conservative class and diagnosis: how many of each value in each period, and in which of them patients answered."""

    period: Array
    value: Array  # thousandths
    n: Array
    periods: Array  # bit k: answered in period k
    people: Array  # how many patients did so in exactly these periods

    def patients_in(self, periods: Array) -> int:
        """Distinct patients with an answer in any of these periods."""
        return int(self.people[self.periods & int((1 << periods).sum()) != 0].sum())


def weeks_of_conservative_care(clinic: Clinic, cohort: Cohort) -> dict[tuple[int, int], WeeklyScores]:
    """By diagnosis and class (positions): the last answer of every week from the start of the class, as long as nothing had escalated."""
    key, period, value, n = _of_care(clinic, cohort, conservative_weeks, ("period", "value"))
    owner, periods, patient, episodes = _of_care(clinic, cohort, conservative_periods, ("periods", "repeat_patient"))
    several = patient >= 0
    owner, periods, people = _united(owner, periods, patient, several, episodes)
    return {
        divmod(one, CLASSES): WeeklyScores(
            period[key == one], value[key == one], n[key == one], periods[owner == one], people[owner == one]
        )
        for one in np.unique(key).tolist()
    }


def _united(owner: Array, periods: Array, patient: Array, several: Array, episodes: Array) -> tuple[Array, Array, Array]:
    """Owner, periods and patients: patients with several episodes are one by one, their periods those of all their episodes."""
    order = np.flatnonzero(several)[np.lexsort((owner[several], patient[several]))]
    begin = np.flatnonzero(first_of_run(owner[order]) | first_of_run(patient[order]))
    both = np.bitwise_or.reduceat(periods[order], begin) if len(order) else periods[order]
    alone = ~several
    return (
        np.concatenate([owner[alone], owner[order][begin]]),
        np.concatenate([periods[alone], both]),
        np.concatenate([episodes[alone], np.ones(len(begin), dtype=np.int64)]),
    )


def _of_care(clinic: Clinic, cohort: Cohort, mart: sa.Table, columns: tuple[str, str]) -> list[Array]:
    """Diagnosis and class as one number, two columns (-1 where there is none), and how many rows of the cohort have these."""
    key = FACTS.diagnosis * sa.literal_column(str(CLASSES)) + mart.c.treatment_class
    columns_of = {"key": key} | {name: sa.func.coalesce(mart.c[name], sa.literal_column("-1")) for name in columns}
    table = clinic.arrow(grouped(cohort, Relation((mart.name,), mart), columns_of))
    return [whole(column) for column in table.columns]
