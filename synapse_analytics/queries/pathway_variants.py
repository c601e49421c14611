"""The pathways of one cohort under many definitions: fetched once, built again for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.pathways import NO_END, PathwayDefinition, build_steps
from synapse_analytics.pathways.names import number_pathways
from synapse_analytics.pathways.scores import NO_SCORE
from synapse_analytics.queries.built_pathways import BuiltPathways, Episodes
from synapse_analytics.store.tables import episode_facts, treatments

FACTS, GIVEN = episode_facts.c, treatments.c
WINDOW = PathwayDefinition().window


@dataclass(frozen=True, slots=True)
class Variants:
    """The treatments and episodes of a cohort, without end states and scores."""

    given: tuple[np.ndarray, ...]
    episode: np.ndarray
    patient: np.ndarray
    only: np.ndarray

    @staticmethod
    def fetch(clinic: Clinic, cohort: Cohort) -> Variants:
        """Two narrow statements."""
        given = clinic.arrow(
            sa.select(GIVEN.episode_key, GIVEN.treatment, GIVEN.start_day, sa.func.coalesce(GIVEN.end_day, NO_END), FACTS.follow_up_end)
            .join(episode_facts, FACTS.episode_key == GIVEN.episode_key)
            .where(GIVEN.start_day <= WINDOW, *cohort.where())
        )
        people = clinic.arrow(
            sa.select(FACTS.episode_key, FACTS.patient_key, FACTS.repeat_patient.is_(None).label("only")).where(*cohort.where())
        )
        columns = [column.to_numpy() for column in people.columns]
        return Variants(tuple(column.to_numpy() for column in given.columns), columns[0], columns[1], columns[2].astype(bool))

    def build(self, definition: PathwayDefinition) -> BuiltPathways:
        """The pathways under one definition; every end state is the first of the list and no score is known."""
        steps = build_steps(*self.given, definition)  # type: ignore[arg-type, call-arg]  # given holds the five columns in this order
        treated, pathway, examples = number_pathways(steps)
        entry = np.zeros(int(self.episode.max(initial=0)) + 1, dtype=np.int64)
        entry[self.episode] = np.arange(len(self.episode))
        pathway_of = np.zeros(len(self.episode), dtype=np.int32)
        pathway_of[entry[treated]] = pathway
        nothing, unknown = np.zeros(len(self.episode), dtype=np.int32), np.full(len(self.episode), NO_SCORE, dtype=np.int32)
        episodes = Episodes(self.episode, self.patient, self.only, nothing, unknown, unknown, pathway_of, nothing - 1)
        return BuiltPathways(definition.unit, definition, episodes, steps, examples, entry[steps.episode], np.empty(0))
