"""Two arms of a comparison as they stood at their index: who they were, what was answered later, when they crossed over.

The index is the first start of the treatment being judged, with a baseline at most 60 days old; nobody is chosen by what
happens later. For a strategy it is the landmark: what had been done by then, among those still under care.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.queries.comparison_answers import answers_before, answers_of_mart
from synapse_analytics.store.functions import ordered_value, value_of
from synapse_analytics.store.tables import FIRST_VISIT, episode_facts, index_scores, index_days, treatments

FACTS, INDEX = episode_facts.c, index_days.c
Array = np.ndarray
NUMBERS = {
    "age": FACTS.age_years,
    "sex": FACTS.sex,
    "diagnosis": FACTS.diagnosis,
    "symptom_weeks": FACTS.symptom_weeks,
    "bmi": FACTS.bmi,
    "comorbidities": FACTS.comorbidities,
}
FLAGS = {"smoker": FACTS.smoker, "red_flags": FACTS.red_flags}


@dataclass(frozen=True, slots=True)
class Arm:
    """One side of a comparison: treatments (positions) and their rivals, whose start is a crossover; or a strategy."""

    code: str
    treatments: tuple[int, ...] = ()
    rivals: tuple[int, ...] = ()
    strategy: v.Strategy | None = None


@dataclass(frozen=True, slots=True)
class People:
    """One entry per episode and arm (0 = a, 1 = b), ordered by both; NaN where a number is not recorded or did not happen."""

    arm: Array
    episode: Array
    patient: Array
    numbers: dict[str, Array]  # index_day, closed_visits, prior, crossover_day, outcome, pain, odi and those of NUMBERS and FLAGS

    def where(self, chosen: Array) -> People:
        """Some of them."""
        return People(
            self.arm[chosen],
            self.episode[chosen],
            self.patient[chosen],
            {name: values[chosen] for name, values in self.numbers.items()},
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose comparison on which instrument; `censored` uses no answer given after a crossover."""

    clinic: Clinic
    cohort: Cohort
    arms: tuple[Arm, Arm]
    instrument: int
    censored: bool


def people(asked: Asked) -> People:
    """Everybody who reached the index of an arm, with or without a fresh baseline: one statement."""
    parts = [_with_attributes(asked, chosen(asked, place), place) for place in (0, 1)]
    found = asked.clinic.arrow(sa.union_all(*parts))
    order = np.lexsort((_whole(found, "episode_key"), _whole(found, "arm")))
    names = [name for name in found.column_names if name not in ("arm", "episode_key", "patient_key")]
    return People(
        _whole(found, "arm")[order],
        _whole(found, "episode_key")[order],
        _whole(found, "patient_key")[order],
        {name: _decimal(found[name])[order] for name in names},
    )


def answered(asked: Asked, found: People, visits: Sequence[int]) -> Array:
    """Scores (thousandths) of these people at the reference visits, NaN where not answered; one statement.

    Under `censored` the answer nearest the visit among those given up to the crossover.
    """
    build = answers_before if asked.censored else answers_of_mart
    parts = [build(chosen(asked, place), place, asked.instrument, (visits[0], visits[-1])) for place in (0, 1)]
    rows = asked.clinic.arrow(sa.union_all(*parts))
    scores = np.full((len(found.arm), len(visits)), np.nan)
    if not rows.num_rows or not len(found.arm):
        return scores
    room = int(found.episode.max()) + 1
    known, key = found.arm * room + found.episode, _whole(rows, "arm") * room + _whole(rows, "episode_key")
    place = np.minimum(np.searchsorted(known, key), len(known) - 1)
    column = np.searchsorted(np.asarray(visits), _whole(rows, "visit"))
    held = (known[place] == key) & (_whole(rows, "episode_key") < room)
    scores[place[held], column[held]] = _whole(rows, "value")[held]
    return scores


def chosen(asked: Asked, place: int) -> sa.CTE:
    """Episodes of the cohort with the index of this arm: episode, patient, index, how many windows closed, prior, crossover."""
    arm = asked.arms[place]
    return (_by_landmark(asked, arm.strategy) if arm.strategy else _by_treatment(asked, arm)).cte(f"arm_{place}")


def _by_treatment(asked: Asked, arm: Arm) -> sa.Select[Any]:
    first = _first_index(asked, arm).subquery()
    given = treatments.c
    later = sa.case((given.start_day > first.c.index_day, given.start_day))
    earlier = sa.case((given.start_day <= first.c.index_day, 1))
    rival = (
        sa.select(first.c.episode_key, sa.func.min(later).label("crossover_day"), sa.func.max(earlier).label("prior"))
        .join(treatments, given.episode_key == first.c.episode_key)
        .where(given.treatment.in_(arm.rivals))
        .group_by(first.c.episode_key)
        .subquery()
    )
    return sa.select(
        *first.c, sa.func.coalesce(rival.c.prior, 0).label("prior"), sa.cast(rival.c.crossover_day, sa.Integer).label("crossover_day")
    ).outerjoin(rival, rival.c.episode_key == first.c.episode_key)


def _first_index(asked: Asked, arm: Arm) -> sa.Select[Any]:
    """The first start of any of the arm's treatments; of two on one day the first in vocabulary order."""
    codes = [place + 1 for place in arm.treatments]
    columns = (INDEX.episode_key, INDEX.patient_key, INDEX.index_code, INDEX.index_day, INDEX.closed_visits)
    source: sa.FromClause = index_days
    kept: list[sa.ColumnElement[bool]] = [INDEX.index_code.in_(codes)]
    if len(codes) > 1:
        packed = sa.func.min(ordered_value(INDEX.index_day, INDEX.index_code)).label("packed")
        nearest = sa.select(INDEX.episode_key, packed).where(*kept).group_by(INDEX.episode_key).subquery()
        same = sa.and_(nearest.c.episode_key == INDEX.episode_key, value_of(nearest.c.packed) == INDEX.index_code)
        source, kept = index_days.join(nearest, same), []
    if clauses := asked.cohort.where():
        source = source.join(episode_facts, FACTS.episode_key == INDEX.episode_key)
        kept = [*kept, *clauses]
    return sa.select(*columns).select_from(source).where(*kept)


def _by_landmark(asked: Asked, strategy: v.Strategy) -> sa.Select[Any]:
    """Alive, under care and observed on the landmark; those who had it before the first visit belong to neither side."""
    day = FACTS[f"first_{strategy.stage}_day"]
    before = FACTS.injected_before_day_0 if strategy.stage == "injection" else FACTS.operated_before_day_0
    reached = day <= strategy.day if strategy.done else sa.or_(day.is_(None), day > strategy.day)
    crossover = sa.cast(sa.null(), sa.Integer) if strategy.done else day
    return sa.select(
        FACTS.episode_key,
        FACTS.patient_key,
        sa.cast(sa.literal(FIRST_VISIT), sa.SmallInteger).label("index_code"),
        sa.cast(sa.literal(0), sa.Integer).label("index_day"),
        index_days.c.closed_visits,
        sa.literal(0).label("prior"),
        crossover.label("crossover_day"),
    ).join(index_days, sa.and_(INDEX.episode_key == FACTS.episode_key, INDEX.index_code == FIRST_VISIT)).where(
        reached,
        before.is_not(True),
        sa.or_(FACTS.closed_day.is_(None), FACTS.closed_day > strategy.day),
        FACTS.days_surely_observed >= strategy.day,
        *asked.cohort.where(),
    )


def _with_attributes(asked: Asked, arm: sa.CTE, place: int) -> sa.Select[Any]:
    headline = v.position(v.INSTRUMENTS, asked.clinic.generation.headline)
    wanted = {"outcome": asked.instrument, "pain": headline, "odi": v.position(v.INSTRUMENTS, "odi")}
    source: sa.FromClause = arm.join(episode_facts, FACTS.episode_key == arm.c.episode_key)
    baselines = []
    for name, instrument in wanted.items():
        one = index_scores.alias(f"{name}_{place}")
        same = sa.and_(one.c.episode_key == arm.c.episode_key, one.c.index_code == arm.c.index_code, one.c.instrument == instrument)
        source = source.outerjoin(one, same)
        baselines.append(one.c.baseline.label(name))
    flags = [sa.case((column.is_(True), 1), (column.is_(False), 0)).label(name) for name, column in FLAGS.items()]
    return sa.select(
        sa.literal(place).label("arm"),
        arm.c.episode_key,
        arm.c.patient_key,
        arm.c.index_day,
        arm.c.closed_visits,
        arm.c.prior,
        arm.c.crossover_day,
        *baselines,
        *(column.label(name) for name, column in NUMBERS.items()),
        *flags,
    ).select_from(source)


def _whole(table: pa.Table, name: str) -> Array:
    return table[name].to_numpy().astype(np.int64)


def _decimal(column: pa.ChunkedArray) -> Array:
    return column.cast(pa.float64()).to_numpy()
