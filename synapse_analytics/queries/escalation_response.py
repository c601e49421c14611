"""How patients stood just before their care escalated, and at 12 weeks where it had not; and when conservative care stops helping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_column, group_keys
from synapse_analytics.counts import Counts, Relation, count
from synapse_analytics.store.functions import int_div
from synapse_analytics.store.tables import episode_facts, index_days, week_scores

FACTS, INDEX, WEEKS = episode_facts.c, index_days.c, week_scores.c
Array = np.ndarray
RESPONDS = 2000  # thousandths of an NRS point: preset nrs_2
DAY_168 = 2 * 84  # 12 weeks after the 12 weeks of conservative care
CODES: sa.ColumnElement[int] = sa.literal_column(str(len(v.TREATMENTS) + 1))  # of an index: the first visit, and each treatment
PERIOD, LAST_WEEK = 4, 51  # weeks taken together: medians of single weeks are noise
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


def escalated(clinic: Clinic, cohort: Cohort, by: str | None, event: str) -> Counts:
    """Episodes by group that had the event on day 1 or later; facts are SCORED before it, and RESPONDING by then."""
    better = _better(event)
    flags = sa.case((better >= RESPONDS, 3), (better.is_not(None), 1), else_=0)  # pain: lower is better
    relation = Relation(("escalated", event, by), keys=group_keys(by), flags=flags, bits={SCORED: 0, RESPONDING: 1}, where=_had(event))
    return count(clinic, cohort, relation)


def before_escalation(clinic: Clinic, cohort: Cohort, by: str | None, event: str) -> dict[Any, Before]:
    """The scores before the event and its days, by value of the grouping column."""
    better, day = _better(event), FACTS[f"first_{event}_day"]
    pain = sa.case((better.is_not(None), sa.cast(FACTS[f"score_before_{event}"], sa.BigInteger)))
    totals = {"pain": pain, "pain_squares": pain * pain, "improvement": better}
    table = clinic.arrow(
        sa.select(
            group_column(by).label("group"),
            day.label("day"),
            sa.func.count().label("n"),
            *(sa.func.coalesce(sa.cast(sa.func.sum(column), sa.BigInteger), 0).label(name) for name, column in totals.items()),
        )
        .where(*_had(event), *cohort.where())
        .group_by(sa.literal_column("1"), sa.literal_column("2"))
    )
    encoded = table.column("group").combine_chunks().dictionary_encode("encode")
    rows = [np.flatnonzero(encoded.indices.to_numpy() == place) for place in range(len(encoded.dictionary))]
    days, n = (table.column(name).to_numpy() for name in ("day", "n"))
    sums = {name: table.column(name).to_numpy() for name in totals}
    return {
        group: Before(**{name: int(column[own].sum()) for name, column in sums.items()}, days=days[own], episodes=n[own])
        for group, own in zip(encoded.dictionary.to_pylist(), rows, strict=True)
    }


def at_twelve_weeks(clinic: Clinic, cohort: Cohort, by: str | None) -> Counts:
    """Episodes by group under conservative care 12 weeks after the first visit, scored at 3 months.

    Facts are NOT_RESPONDING and, of these, NOT_ESCALATED by day 168.
    """
    better = FACTS.headline_baseline - FACTS.headline_month_3
    flags = sa.case((better >= RESPONDS, 0), (FACTS.first_escalation_day <= DAY_168, 1), else_=3)
    relation = Relation(
        ("at 12 weeks", by),
        keys=group_keys(by),
        flags=flags,
        bits={NOT_RESPONDING: 0, NOT_ESCALATED: 1},
        where=(FACTS.conservative_at_12_weeks.is_(True), better.is_not(None)),
    )
    return count(clinic, cohort, relation)


def _better(event: str) -> sa.ColumnElement[int]:
    return FACTS.headline_baseline - FACTS[f"score_before_{event}"]


def _had(event: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Who had the event before the first visit was never at risk of it."""
    return FACTS[f"first_{event}_day"] >= 1, FACTS[f"{event}_exit_cause"].is_not(None)


@dataclass(frozen=True, slots=True)
class WeeklyScores:
    """Answers under one conservative class and diagnosis: how many of each value in each period, and patients by their periods."""

    period: Array
    value: Array  # thousandths
    n: Array
    periods: Array  # bit k: the patient answered in period k
    patients: Array

    def patients_in(self, periods: Array) -> int:
        """Distinct patients with an answer in any of these periods."""
        return int(self.patients[self.periods & int((1 << periods).sum()) != 0].sum())


def weeks_of_conservative_care(clinic: Clinic, cohort: Cohort) -> dict[tuple[int, int], WeeklyScores]:
    """By diagnosis and class (positions): the last answer of every week from the start of the class, as long as nothing had escalated."""
    answers = _answers(clinic, cohort).subquery("answers").c
    kept = (answers.diagnosis, answers.treatment_class)
    values = (*kept, answers.period, answers.value)
    periods = sa.func.bit_or(sa.cast(sa.literal_column("1"), sa.Integer).bitwise_lshift(sa.cast(answers.period, sa.Integer)))
    people = sa.select(*kept, periods.label("periods")).group_by(*kept, answers.patient_key).subquery("people").c
    # Two statements: one that kept the answers for both would need more memory than a statement may take.
    counted = clinic.arrow(sa.select(*values, sa.func.count().label("n")).group_by(*values))
    masks = clinic.arrow(sa.select(*people, sa.func.count().label("n")).group_by(*people))
    return _by_class(counted, masks)


def _answers(clinic: Clinic, cohort: Cohort) -> sa.Select[Any]:
    """Diagnosis, class, period, value and patient of each answer."""
    classes = {
        number + 1: v.position(v.TREATMENT_CLASSES, term.treatment_class)
        for number, term in enumerate(v.TREATMENTS)
        if term.stage == "conservative"
    }
    place = sa.case(classes, value=INDEX.index_code)
    begun = (
        sa.select(
            INDEX.episode_key, place.label("treatment_class"), sa.func.min(INDEX.index_day * CODES + INDEX.index_code).label("packed")
        )
        .where(INDEX.index_code.in_(list(classes)))
        .group_by(sa.literal_column("1"), sa.literal_column("2"))
        .subquery("first")
    )
    first = begun.c
    return (
        sa.select(
            FACTS.diagnosis,
            first.treatment_class,
            int_div(WEEKS.week, sa.literal_column(str(PERIOD))).label("period"),
            WEEKS.value,
            FACTS.patient_key,
        )
        .select_from(begun)
        .join(week_scores, sa.and_(WEEKS.episode_key == first.episode_key, WEEKS.index_code == first.packed % CODES))
        .join(episode_facts, FACTS.episode_key == first.episode_key)
        .where(
            WEEKS.index_code.in_(list(classes)),
            WEEKS.instrument == v.position(v.INSTRUMENTS, clinic.generation.headline),
            WEEKS.week.between(0, LAST_WEEK),
            sa.or_(FACTS.first_escalation_day.is_(None), FACTS.first_escalation_day > int_div(first.packed, CODES) + 7 * WEEKS.week + 6),
            *cohort.where(),
        )
    )


def _by_class(counted: pa.Table, masks: pa.Table) -> dict[tuple[int, int], WeeklyScores]:
    classes = len(v.TREATMENT_CLASSES)
    (key, *values), (owner, *periods) = (
        (columns[0] * classes + columns[1], *columns[2:])
        for columns in ([column.to_numpy().astype(np.int64) for column in table.columns] for table in (counted, masks))
    )
    return {
        divmod(one, classes): WeeklyScores(*(column[key == one] for column in values), *(column[owner == one] for column in periods))
        for one in np.unique(key).tolist()
    }
