"""Scores of a cohort week by week: one answer of each episode in steps of one or several weeks, out of what is fetched once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from synapse_analytics.counts import Column, Key
from synapse_analytics.queries.outcomes import Scored, selected, total_of
from synapse_analytics.store.tables import STEPS_FROM, week_scores

Array = np.ndarray
Sums = dict[Key, dict[str, int]]  # (group, first week of a step) -> n, total, squares and distinct patients
WEEK = week_scores.c
HALVES = ((-8, 51), (52, 104))  # two numbers hold the weeks of a patient as bits
FIRST, LAST = HALVES[0][0], HALVES[-1][1]


@dataclass(frozen=True, slots=True)
class Weeks:
    """The answers of each week by the widest step of which they are the last, and the weeks of patients who have several episodes."""

    answers: Sums  # (group, week, widest step)
    groups: list[Key]  # of each patient
    weeks: tuple[Array, Array]  # of each patient, as bits

    def in_steps(self, step: int) -> Sums:
        """The last answer of each episode in steps of so many weeks: n, total, squares, and exact distinct patients."""
        found: Sums = {}
        for (*group, week, last_of), counts in self.answers.items():
            if last_of >= step:
                sums = found.setdefault((*group, first_week(week, step)), dict.fromkeys(counts, 0))
                for name, number in counts.items():
                    sums[name] += number
        for key, patients in self._repeat_patients(step).items():
            found[key]["patients"] += patients
        return found

    def _repeat_patients(self, step: int) -> dict[Key, int]:
        held: dict[int, Array] = {}
        for (first, last), weeks in zip(HALVES, self.weeks, strict=True):
            for week in range(first, last + 1):
                begun = first_week(week, step)
                held[begun] = held.get(begun, False) | ((weeks >> (week - first)) & 1 == 1)
        place = {group: number for number, group in enumerate(dict.fromkeys(self.groups))}
        owner = np.array([place[group] for group in self.groups], dtype=np.int64)
        found: dict[Key, int] = {}
        for begun, answered in held.items():
            patients = np.bincount(owner[answered], minlength=len(place))
            found |= {(*group, begun): int(patients[at]) for group, at in place.items() if patients[at]}
        return found


def first_week(week: int, step: int) -> int:
    """The week with which a step of so many weeks begins; the first and the last step may reach beyond the weeks there are."""
    return (week - STEPS_FROM) // step * step + STEPS_FROM


def weeks_of(asked: Scored) -> Weeks:
    """The weekly answers of a cohort, by group."""
    value = sa.cast(WEEK.value, sa.BigInteger)
    alone = sa.func.count() - sa.func.count(WEEK.repeat_patient)
    sums = {"total": total_of(value), "squares": total_of(value * value), "patients": alone}
    rows = asked.clinic.rows(selected(asked, week_scores, (WEEK.week, WEEK.last_of), sums))
    found = {
        tuple(value for name, value in row.items() if name.startswith("key_")): {name: row[name] for name in ("n", *sums)} for row in rows
    }
    return Weeks(found, *_of_repeat_patients(asked))


def _of_repeat_patients(asked: Scored) -> tuple[list[Key], tuple[Array, Array]]:
    """Of each group and patient with several episodes the weeks with an answer, united over its episodes."""
    bits: list[Column] = []
    for first, last in HALVES:
        bit = sa.cast(sa.literal_column("1"), sa.BigInteger).bitwise_lshift(WEEK.week - first)
        bits.append(sa.func.bit_or(sa.case((WEEK.week.between(first, last), bit), else_=sa.literal_column("0"))))
    sums: dict[str, Any] = {f"weeks_{number}": bit for number, bit in enumerate(bits)}
    table = asked.clinic.arrow(selected(asked, week_scores, (WEEK.repeat_patient,), sums, (WEEK.repeat_patient.is_not(None),)))
    groups: list[Key] = [()] * table.num_rows if asked.by is None else [(value,) for value in table.column("key_0").to_pylist()]
    first_half, second_half = (table.column(name).to_numpy() for name in sums)
    return groups, (first_half, second_half)
