"""Pathways of any definition and any instrument, built on request from the base tables and counted in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.pathways import NO_END, UNTREATED, PathwayDefinition, Steps, build_steps, scores_around_steps
from synapse_analytics.pathways.names import Name, names_of, number_pathways
from synapse_analytics.pathways.scores import BEFORE_DAYS, LATEST_AFTER, NO_SCORE
from synapse_analytics.queries.pathway_counts import FIRST_VISIT, NOBODY, NOT_TREATED, Cells, Histogram, LinkChanges, histogram, link_key
from synapse_analytics.store.functions import ordered_value, value_of
from synapse_analytics.store.tables import episode_facts, scores, treatments

FACTS = episode_facts.c


@dataclass(frozen=True, slots=True)
class Episodes:
    """One entry per episode of the cohort; NO_SCORE where there is no answer."""

    key: np.ndarray
    patient: np.ndarray
    only: np.ndarray
    end_state: np.ndarray
    baseline: np.ndarray
    last: np.ndarray
    pathway: np.ndarray
    days: np.ndarray  # start of the first step to the start of the last; -1 without steps


@dataclass(frozen=True, slots=True)
class BuiltPathways:
    """The pathways of a cohort; `examples` are those of number_pathways, `place` the episode (its entry) of each step."""

    unit: str
    definition: PathwayDefinition
    episodes: Episodes
    built: Steps
    examples: np.ndarray
    place: np.ndarray
    change: np.ndarray  # over each step, NO_SCORE where it has no pair

    def cells(self) -> Cells:
        """Episodes by pathway and end state."""
        found = self.episodes
        key = found.pathway.astype(np.int64) * len(v.END_STATES) + found.end_state
        order = np.argsort(key, kind="stable")
        in_order = key[order]
        begin = np.flatnonzero(np.append(True, in_order[1:] != in_order[:-1])) if len(key) else np.empty(0, dtype=np.int64)
        cell = np.empty(len(key), dtype=np.int64)
        cell[order] = np.repeat(np.arange(len(begin)), np.diff(begin, append=len(key)))
        paired = (found.baseline != NO_SCORE) & (found.last != NO_SCORE)
        change = np.where(paired, found.last.astype(np.int64) - found.baseline, 0)
        summed = [
            np.add.reduceat(values.astype(np.int64)[order], begin) if len(begin) else begin
            for values in (np.ones(len(key)), found.only, paired, paired & found.only, change, change * change)
        ]
        several = ~found.only
        states = len(v.END_STATES)
        own = (in_order[begin] // states, in_order[begin] % states, *summed)
        others = (cell[several], found.patient[several], paired[several])
        return Cells(*[*own, *others])

    def steps(self) -> np.ndarray:
        """The nodes of each pathway (row) in each place (column), NOBODY after its end."""
        width = int(self.built.step.max(initial=1))
        found = np.full((len(self.examples), width), NOBODY, dtype=np.int64)
        found[0, 0] = NOT_TREATED
        treated = self.examples[1:]
        for place in range(width):
            row = np.minimum(treated + place, max(len(self.built.step) - 1, 0))
            here = (treated + place < len(self.built.step)) & (self.built.step[row] == place + 1)
            found[1:, place][here] = self.built.units[row[here]]
        return found

    def names(self, pathways: np.ndarray) -> list[Name]:
        """The words of these pathways."""
        treated = pathways[pathways > 0]
        words = iter(names_of(self.built, self.examples[treated].tolist(), self.definition))
        return [next(words) if pathway > 0 else (UNTREATED, "1") for pathway in pathways]

    def durations(self, pathways: np.ndarray) -> Histogram:
        """Days from the start of the first step to the start of the last, of these pathways."""
        found = self.episodes
        wanted = np.zeros(len(self.examples), dtype=bool)
        wanted[pathways] = True
        chosen = wanted[found.pathway] & (found.days >= 0)
        key = found.pathway[chosen].astype(np.int64) * len(v.END_STATES) + found.end_state[chosen]
        return histogram(key, found.days[chosen], found.only[chosen])

    def link_days(self) -> Histogram:
        """Days from start to start, per link."""
        return histogram(self._keys(), self._since_previous(self.built.start_day, 0), self.episodes.only[self.place])

    def link_changes(self) -> LinkChanges:
        """Score changes over the target step, per link."""
        paired = self.change != NO_SCORE
        key, only = self._keys()[paired], self.episodes.only[self.place[paired]]
        patient = self.episodes.patient[self.place[paired]]
        return LinkChanges(histogram(key, self.change[paired], only), key[~only], patient[~only])

    def _keys(self) -> np.ndarray:
        previous = np.append(0, self.built.units[:-1])
        previous[self.built.step == 1] = FIRST_VISIT
        return link_key(self.built.step.astype(np.int64) - 1, previous, self.built.units)

    def _since_previous(self, day: np.ndarray, origin: int) -> np.ndarray:
        before = np.append(origin, day[:-1])
        before[self.built.step == 1] = origin
        return day - before


def build_pathways(clinic: Clinic, cohort: Cohort, definition: PathwayDefinition, instrument: str) -> BuiltPathways:
    """The pathways of a cohort under a definition, with the scores of an instrument."""
    given = _numbers(clinic.arrow(_given(cohort, definition)))
    steps = build_steps(given[0], given[1], given[2], given[3], given[4], definition)
    treated, pathway, examples = number_pathways(steps)
    key, patient, only, end_state, baseline, last = _numbers(clinic.arrow(_facts(cohort, instrument, clinic)))
    entry = np.zeros(int(key.max(initial=0)) + 1, dtype=np.int64)
    entry[key] = np.arange(len(key))
    pathway_of, days = np.zeros(len(key), dtype=np.int32), np.full(len(key), -1, dtype=np.int32)
    begin = np.flatnonzero(steps.step == 1)
    final = np.append(begin[1:], len(steps.step)) - 1 if len(begin) else begin
    pathway_of[entry[treated]] = pathway
    days[entry[treated]] = steps.start_day[final] - steps.start_day[begin]
    episodes = Episodes(key, patient, only.astype(bool), end_state, baseline, last, pathway_of, days)
    before, after = scores_around_steps(steps, *_numbers(clinic.arrow(_answers(cohort, instrument))))
    paired = (before != NO_SCORE) & (after != NO_SCORE)
    change = np.where(paired, after.astype(np.int64) - before, NO_SCORE)
    return BuiltPathways(definition.unit, definition, episodes, steps, examples, entry[steps.episode], change)


def _numbers(table: pa.Table) -> list[np.ndarray]:
    return [column.to_numpy() for column in table.columns]


def _of_cohort(cohort: Cohort, episode_key: sa.ColumnElement[int]) -> list[sa.ColumnElement[bool]]:
    clauses = cohort.where()
    return [episode_key.in_(sa.select(FACTS.episode_key).where(*clauses))] if clauses else []


def _given(cohort: Cohort, definition: PathwayDefinition) -> sa.Select[Any]:
    given = treatments.c
    return (
        sa.select(given.episode_key, given.treatment, given.start_day, sa.func.coalesce(given.end_day, NO_END), FACTS.follow_up_end)
        .join(episode_facts, FACTS.episode_key == given.episode_key)
        .where(given.start_day <= definition.window, *cohort.where())
    )


def _facts(cohort: Cohort, instrument: str, clinic: Clinic) -> sa.Select[Any]:
    columns = (FACTS.episode_key, FACTS.patient_key, FACTS.repeat_patient.is_(None).label("only"), FACTS.end_state)
    if instrument == clinic.generation.headline:
        pair = [sa.func.coalesce(column, NO_SCORE) for column in (FACTS.headline_baseline, FACTS.headline_last)]
        return sa.select(*columns, *pair).where(*cohort.where())
    last = (
        sa.select(scores.c.episode_key, sa.func.max(ordered_value(scores.c.day, scores.c.value)).label("packed"))
        .where(scores.c.instrument == v.position(v.INSTRUMENTS, instrument), scores.c.day.between(1, 730))
        .group_by(scores.c.episode_key)
        .subquery("last")
    )
    pair = [sa.func.coalesce(column, NO_SCORE) for column in (FACTS[f"baseline_{instrument}"], value_of(last.c.packed))]
    return sa.select(*columns, *pair).outerjoin(last, last.c.episode_key == FACTS.episode_key).where(*cohort.where())


def _answers(cohort: Cohort, instrument: str) -> sa.Select[Any]:
    day = scores.c.day
    return sa.select(scores.c.episode_key, day, scores.c.value).where(
        scores.c.instrument == v.position(v.INSTRUMENTS, instrument),
        day.between(-BEFORE_DAYS, 730 + LATEST_AFTER),
        *_of_cohort(cohort, scores.c.episode_key),
    )
