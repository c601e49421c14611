"""Pathways of any definition and any instrument, built on request from the base tables and counted in numpy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Relation, chosen
from synapse_analytics.pathways import NO_END, UNTREATED, PathwayDefinition, Steps, build_steps, changes_over_steps
from synapse_analytics.pathways.links import Paths
from synapse_analytics.pathways.numbering import Codes, codes_of, number_pathways
from synapse_analytics.pathways.scores import BEFORE_DAYS, LATEST_AFTER, NO_SCORE
from synapse_analytics.queries.pathway_counts import ALONE, STATES, Changes, PathwaySource, Values, filled
from synapse_analytics.store.functions import ordered_value, value_of
from synapse_analytics.store.tables import episode_facts, scores, treatments

FACTS, GIVEN, SCORES = episode_facts.c, treatments.c, scores.c
Array = np.ndarray
WINDOW = PathwayDefinition().window


@dataclass(frozen=True)
class Episodes:
    """The episodes of a cohort with their treatments; fetched once, whatever pathways are made of them."""

    clinic: Clinic
    cohort: Cohort
    instrument: str
    key: Array
    patient: Array  # ALONE where the patient has no other episode
    end_state: Array
    change: Array  # from baseline to the last answer, NO_SCORE where one is missing
    given: tuple[Array, ...]  # of each treatment its episode, treatment, start and end, and the end of follow-up where it has no end

    @staticmethod
    def fetch(clinic: Clinic, cohort: Cohort, instrument: str) -> Episodes:
        """Two narrow statements: treatments are joined to their episodes only where a filter asks for it."""
        key, patient, end_state, change, follow_up_end = clinic.arrow(_facts(clinic, cohort, instrument)).columns
        given = (GIVEN.episode_key, GIVEN.treatment, GIVEN.start_day, GIVEN.end_day)
        source, clauses, _ = chosen(cohort, Relation(("treatments",), treatments, where=(GIVEN.start_day <= WINDOW,)))
        episode, treatment, start, end = clinic.arrow(sa.select(*given).select_from(source).where(*clauses)).columns
        columns = (episode.to_numpy(), treatment.to_numpy(), start.to_numpy(), filled(end, NO_END))
        return Episodes(
            clinic,
            cohort,
            instrument,
            key.to_numpy(),
            filled(patient, ALONE),
            end_state.to_numpy(),
            filled(change, NO_SCORE),
            (*columns, _of_open_courses(key.to_numpy(), follow_up_end.to_numpy(), columns[0], columns[3])),
        )

    @cached_property
    def places(self) -> Array:
        """The place of each episode, by its key."""
        return _places(self.key)

    def build(self, definition: PathwayDefinition) -> BuiltPathways:
        """The pathways of these episodes under a definition."""
        episode, treatment, start, end, follow_up_end = self.given
        steps = build_steps(episode, treatment, start, end, follow_up_end, definition)
        treated, number, examples = number_pathways(steps)
        pathway = np.zeros(len(self.key), dtype=np.int32)
        pathway[self.places[treated]] = number
        return BuiltPathways(self, definition, steps, self.places[treated], pathway, examples)

    def answers(self) -> list[Array]:
        """Episode, day and value of every answer that may lie around a step."""
        held = (SCORES.instrument == v.position(v.INSTRUMENTS, self.instrument), SCORES.day.between(-BEFORE_DAYS, WINDOW + LATEST_AFTER))
        source, clauses, _ = chosen(self.cohort, Relation(("answers",), scores, where=held))
        table = self.clinic.arrow(sa.select(SCORES.episode_key, SCORES.day, SCORES.value).select_from(source).where(*clauses))
        return [column.to_numpy() for column in table.columns]


@dataclass(frozen=True)
class BuiltPathways(PathwaySource):
    """The pathways of a cohort under a definition."""

    episodes_of: Episodes
    definition: PathwayDefinition
    steps: Steps
    treated: Array  # places of the episodes that have steps
    pathway: Array  # of each episode
    examples: Array  # of each pathway the place of the first step of one of its episodes, as of number_pathways

    @cached_property
    def paths(self) -> Paths:
        return Paths.of_steps(self.definition.unit, self.steps, self.examples)

    def codes(self, pathways: Array) -> list[Codes]:
        words = iter(codes_of(self.steps, self.examples[pathways[pathways > 0]].tolist(), self.definition))
        return [next(words) if pathway > 0 else (UNTREATED, "1") for pathway in pathways]

    def episodes(self) -> Changes:
        found = self.episodes_of
        return Changes(self._cells, found.change, found.patient)

    def durations(self) -> Values:
        first = self._first
        final = np.append(first[1:], len(self.steps.step)) - 1 if len(first) else first
        days = np.full(len(self.pathway), -1)
        days[self.treated] = self.steps.start_day[final] - self.steps.start_day[first]
        return Values(self._cells, days)

    def link_days(self) -> Values:
        since = np.append(np.int32(0), self.steps.start_day[:-1])
        since[self._first] = 0
        return Values(self._link, self.steps.start_day - since)

    def link_changes(self) -> Changes:
        change = changes_over_steps(self.steps, *self.episodes_of.answers())
        paired = np.flatnonzero(change != NO_SCORE)
        patient = self.episodes_of.patient[self.episodes_of.places[self.steps.episode[paired]]]
        return Changes(self._link[paired], change[paired], patient)

    @cached_property
    def _cells(self) -> Array:
        return self.pathway * STATES + self.episodes_of.end_state

    @cached_property
    def _first(self) -> Array:
        """The first step of each treated episode."""
        return np.flatnonzero(self.steps.step == 1)

    @cached_property
    def _link(self) -> Array:
        """The link that leads to each step."""
        return self.paths.of_each_step(self.steps, self.pathway[self.treated])


def _places(key: Array) -> Array:
    """The place of each episode, by its key."""
    places = np.zeros(int(key.max(initial=0)) + 1, dtype=np.int32)
    places[key] = np.arange(len(key))
    return places


def _of_open_courses(key: Array, follow_up_end: Array, episode: Array, end: Array) -> Array:
    """The end of follow-up of the treatments that have no end: they are few."""
    found = np.zeros(len(end), dtype=np.int32)
    running = np.flatnonzero(end == NO_END)
    found[running] = follow_up_end[_places(key)[episode[running]]]
    return found


def build_pathways(clinic: Clinic, cohort: Cohort, definition: PathwayDefinition, instrument: str) -> BuiltPathways:
    """The pathways of a cohort under a definition, with the scores of an instrument."""
    built = Episodes.fetch(clinic, cohort, instrument).build(definition)
    # The treatments are not needed any more: of a million patients they take 80 MB.
    return replace(built, episodes_of=replace(built.episodes_of, given=()))


def _facts(clinic: Clinic, cohort: Cohort, instrument: str) -> sa.Select[Any]:
    columns = (FACTS.episode_key, FACTS.repeat_patient, FACTS.end_state)
    if instrument == clinic.generation.headline:
        change = FACTS.headline_last - FACTS.headline_baseline
        return sa.select(*columns, change.label("change"), FACTS.follow_up_end).where(*cohort.where())
    last = (
        sa.select(SCORES.episode_key, sa.func.max(ordered_value(SCORES.day, SCORES.value)).label("packed"))
        .where(SCORES.instrument == v.position(v.INSTRUMENTS, instrument), SCORES.day.between(1, WINDOW))
        .group_by(SCORES.episode_key)
        .subquery("last")
    )
    change = value_of(last.c.packed) - FACTS[f"baseline_{instrument}"]
    source = episode_facts.outerjoin(last, last.c.episode_key == FACTS.episode_key)
    return sa.select(*columns, change.label("change"), FACTS.follow_up_end).select_from(source).where(*cohort.where())
