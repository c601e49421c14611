"""Two arms of a comparison: the attributes of their episodes at the index, the later answers, and the crossovers.

The index is the first start of the treatment being judged, with a baseline at most 60 days old; no
episode is chosen by a later event. The index of a strategy is the landmark: it compares what had been done by then among the
episodes still under care.

Episodes, indexes and scores are fetched by a plain scan each and put together by the number of the episode: at a million
patients that takes a quarter of the time of the same join in SQL, and a third of its memory.
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
from synapse_analytics.counts import Counted
from synapse_analytics.queries.arms import Arm, first_rivals, indexes_of, landmark, rival_columns
from synapse_analytics.store.tables import episode_facts, index_days, index_scores

FACTS, INDEX, SCORES = episode_facts.c, index_days.c, index_scores.c
Array = np.ndarray
ATTRIBUTES = {
    "age": FACTS.age_years,
    "sex": FACTS.sex,
    "diagnosis": FACTS.diagnosis,
    "symptom_weeks": FACTS.symptom_weeks,
    "bmi": FACTS.bmi,
    "comorbidities": FACTS.comorbidities,
    "smoker": FACTS.smoker,
    "red_flags": FACTS.red_flags,
    "days_surely_observed": FACTS.days_surely_observed,
}
BEFORE_DAY_0 = -1
IN_VIEW = "in_view"  # of an episode: under care at the landmark of a strategy


@dataclass(frozen=True, slots=True)
class People:
    """One entry per eligible episode and arm (0 = a, 1 = b).

    `numbers` are index_day, closed_visits, crossover_day, the baselines outcome, pain and odi, the answers by visit code and the
    ATTRIBUTES: whole numbers as stored, in float32, which holds them exactly; NaN where not recorded or not happened.
    """

    arm: Array
    episode: Array
    patient: Array
    numbers: dict[str, Array]

    def narrowed(self, chosen: Array) -> People:
        """The chosen entries; the memory of the others is freed one column at a time."""
        for name, values in self.numbers.items():
            self.numbers[name] = values[chosen]
        return People(self.arm[chosen], self.episode[chosen], self.patient[chosen], self.numbers)


@dataclass(frozen=True, slots=True)
class Reached:
    """Episodes that reached the index of an arm; of them those that had the other before; of the rest those without a fresh baseline."""

    started: Counted
    had_other_before: Counted
    no_baseline: Counted


@dataclass(frozen=True, slots=True)
class Entered:
    """All episodes of the cohort; those that belong to neither arm, to one or both, and to both: each of these has two starts."""

    cohort: Counted
    neither: Counted
    either: Counted
    both: Counted


@dataclass(frozen=True, slots=True)
class Asked:
    """A comparison: clinic, cohort, arms and instrument; `censored` uses no answer given after a crossover."""

    clinic: Clinic
    cohort: Cohort
    arms: tuple[Arm, Arm]
    instrument: int
    censored: bool


def people(asked: Asked, visits: Sequence[int]) -> tuple[People, tuple[Reached, Reached], Entered]:
    """The episodes with a fresh baseline that had not had the other before, how many reached the index of each arm, and how many none."""
    facts = _Table(asked.clinic.arrow(_facts(asked)))
    fact, index = _indexes(asked, facts)
    arm = _arms(asked.arms, index, facts, fact)
    starts = np.where(arm == 0, *(_rival_start(asked, place, facts, (fact, index["episode_key"])) for place in (0, 1)))
    before = (arm >= 0) & (starts <= index["index_day"])  # NaN: never
    patient = index["patient_key"]
    numbers = _answers(asked, visits, index, arm)
    bare = (arm >= 0) & ~before & np.isnan(numbers["outcome"])
    reached = [Reached(*(counted(patient, who & (arm == place)) for who in (arm >= 0, before, bare))) for place in (0, 1)]
    numbers |= {"crossover_day": starts} | {name: index[name].astype(np.float32) for name in ("index_day", "closed_visits")}
    kept = np.flatnonzero((arm >= 0) & ~before & ~np.isnan(numbers["outcome"]))
    eligible = People(arm, index["episode_key"], patient, numbers).narrowed(kept)
    eligible.numbers.update({name: facts.number(name)[fact[kept]] for name in ATTRIBUTES})
    return eligible, (reached[0], reached[1]), _entered(facts.key("patient_key"), [fact[arm == place] for place in (0, 1)])


def _entered(patient: Array, entries: Sequence[Array]) -> Entered:
    """Of all episodes of the cohort, by their place: who stands in which arm."""
    sides = np.zeros(len(patient), dtype=np.int8)
    for place, mine in enumerate(entries):
        sides[mine] |= 1 << place
    return Entered(*(counted(patient, chosen) for chosen in (sides >= 0, sides == 0, sides > 0, sides == 3)))


def all_indexes(asked: Asked) -> list[int]:
    """The codes of the indexes of both arms."""
    return sorted({code for arm in asked.arms for code in indexes_of(arm)})


def _facts(asked: Asked) -> sa.Select[Any]:
    """The episodes of the cohort; of a strategy with whether they belong to either side."""
    columns = {**ATTRIBUTES, **rival_columns(asked.arms[0]), **rival_columns(asked.arms[1])}
    if asked.arms[0].strategy:
        columns[IN_VIEW] = sa.case((sa.and_(*landmark(asked.arms[0])), 1), else_=0)
    wanted = (column.label(name) for name, column in columns.items())
    return sa.select(FACTS.episode_key, FACTS.patient_key, *wanted).where(*asked.cohort.where())


def _indexes(asked: Asked, facts: _Table) -> tuple[Array, dict[str, Array]]:
    """The indexes of both arms among these episodes: where each stands among them, and its columns."""
    columns = (INDEX.index_code, INDEX.episode_key, INDEX.patient_key, INDEX.index_day, INDEX.closed_visits)
    table = _Table(asked.clinic.arrow(sa.select(*columns).where(INDEX.index_code.in_(all_indexes(asked)))))
    fact = _places(facts.key("episode_key"), table.key("episode_key"))
    inside = np.flatnonzero(fact >= 0)
    if asked.arms[0].strategy:
        inside = inside[facts.key(IN_VIEW)[fact[inside]] == 1]
    return fact[inside], {column.name: table.key(column.name)[inside] for column in columns}


def _answers(asked: Asked, visits: Sequence[int], index: dict[str, Array], arm: Array) -> dict[str, Array]:
    """The baselines of these indexes, and the answers at the visits by their code."""
    code, episode = index["index_code"], index["episode_key"]
    room = int(episode.max(initial=0)) + 1
    at = np.full(2 * room, -1, dtype=np.int32)  # which row an episode has in each arm; of a strategy it has one
    in_arm = arm if asked.arms[0].strategy is None else np.zeros_like(arm)
    held = np.flatnonzero(in_arm >= 0)
    at[in_arm[held].astype(np.int64) * room + episode[held]] = held
    found = {}
    for name, instrument in _baselines(asked).items():
        columns = {name: SCORES.baseline}
        if name == "outcome":
            columns |= {v.VISITS[visit].code: SCORES[v.VISITS[visit].code] for visit in visits}
        wanted = (column.label(label) for label, column in columns.items())
        asked_for = (SCORES.instrument == instrument, SCORES.index_code.in_(all_indexes(asked)))
        table = _Table(asked.clinic.arrow(sa.select(SCORES.index_code, SCORES.episode_key, *wanted).where(*asked_for)))
        scored, owner = table.key("episode_key"), _arm_of(asked.arms)[table.key("index_code")].astype(np.int64)
        row = np.where(scored < room, at[owner * room + np.minimum(scored, room - 1)], -1)
        good = np.flatnonzero((row >= 0) & (code[row] == table.key("index_code"))) if len(code) else row[:0]
        for label in columns:
            found[label] = np.full(len(code), np.nan, dtype=np.float32)
            found[label][row[good]] = table.number(label)[good]
    return found


def _baselines(asked: Asked) -> dict[str, int]:
    """The instruments whose baselines are covariates: none twice."""
    found = {"outcome": asked.instrument}
    for name, code in (("pain", asked.clinic.generation.headline), ("odi", "odi")):
        if (place := v.position(v.INSTRUMENTS, code)) not in found.values():
            found[name] = place
    return found


class _Table:
    """The columns of a table as arrays."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def key(self, name: str) -> Array:
        """Whole numbers that are never null."""
        return self._table.column(name).to_numpy()

    def number(self, name: str) -> Array:
        """Whole numbers and flags as float32, NaN where null."""
        return self._table.column(name).cast(pa.float32()).to_numpy()


def _places(keys: Array, wanted: Array) -> Array:
    """Where each wanted key stands among the keys; -1 where it does not."""
    at = np.full(int(max(keys.max(initial=0), wanted.max(initial=0))) + 1, -1, dtype=np.int32)
    at[keys] = np.arange(len(keys), dtype=np.int32)
    return at[wanted]


def _arm_of(arms: tuple[Arm, Arm]) -> Array:
    """The arm of each index code; -1 for that of another treatment. A strategy has one index for both arms."""
    found = np.full(len(v.TREATMENTS) + 1, -1, dtype=np.int8)
    for place in (1, 0):
        found[list(indexes_of(arms[place]))] = place
    return found


def _arms(arms: tuple[Arm, Arm], index: dict[str, Array], facts: _Table, fact: Array) -> Array:
    """0 or 1 for the index of arm a or b; -1 where the episode had an earlier index of the same arm."""
    if arms[0].strategy:
        done = facts.number(f"first_{arms[0].strategy.stage}")[fact] <= arms[0].strategy.day  # NaN: never done
        return np.where(done == arms[0].strategy.done, 0, 1).astype(np.int8)
    code = index["index_code"]
    arm = _arm_of(arms)[code]
    if len(arms[0].treatments) + len(arms[1].treatments) == 2:
        return arm
    # The first start of any of the arm's treatments; of two on one day the first in vocabulary order.
    order = index["index_day"].astype(np.int64) * (len(v.TREATMENTS) + 1) + code
    own = index["episode_key"].astype(np.int64) * 2 + arm
    first = np.full(int(own.max(initial=0)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, own, order)
    return np.where(first[own] == order, arm, np.int8(-1))


def _rival_start(asked: Asked, place: int, facts: _Table, rows: tuple[Array, Array]) -> Array:
    """The first day on which something was done that makes a crossover; -1 where that was before the first visit, NaN if never."""
    arm, (fact, episode) = asked.arms[place], rows
    days = [np.full(len(fact), np.nan, dtype=np.float32)]
    if arm.strategy and not arm.strategy.done:
        days.append(facts.number(f"first_{arm.strategy.stage}")[fact])
    for stage in arm.rival_stages:
        days.append(np.where(facts.number(f"{stage}_before") == 1, np.float32(BEFORE_DAY_0), facts.number(f"first_{stage}"))[fact])
    if arm.other_rivals:
        table = _Table(asked.clinic.arrow(sa.select(*first_rivals(arm.other_rivals).c)))
        found = _places(table.key("episode_key"), episode)
        first = np.append(table.number("start_day"), np.float32(np.nan))  # the last place is that of those who had none
        days.append(first[found])
    return np.fmin.reduce(days)


def counted(patient: Array, chosen: Array) -> Counted:
    """How many of these rows are chosen, and of how many patients they are."""
    seen = np.zeros(int(patient.max(initial=0)) + 1, dtype=bool)
    seen[patient[chosen]] = True
    return Counted(int(np.count_nonzero(chosen)), int(np.count_nonzero(seen)))
