"""Pathways of the default definition, counted in the marts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.pathways.names import Name
from synapse_analytics.queries.counting import sum_of, sum_of_squares
from synapse_analytics.queries.pathway_counts import NOBODY, Cells, Histogram, LinkChanges, link_key, node_of
from synapse_analytics.store.tables import episode_facts, pathway_names, treatment_steps

FACTS, STEPS = episode_facts.c, treatment_steps.c


@dataclass(frozen=True, slots=True)
class MartPathways:
    """The pathways of a cohort as the load has stored them; scores are those of the headline instrument."""

    clinic: Clinic
    cohort: Cohort
    unit: str = "class"

    def cells(self) -> Cells:
        """Episodes by pathway and end state."""
        change, only = FACTS.headline_last - FACTS.headline_baseline, FACTS.repeat_patient.is_(None)
        counted = self._columns(
            sa.select(
                FACTS.pathway,
                FACTS.end_state,
                sa.func.count().label("episodes"),
                sa.func.count(sa.case((only, 1))).label("only"),
                sa.func.count(change).label("pairs"),
                sa.func.count(sa.case((only, change))).label("only_pairs"),
                sa.func.coalesce(sum_of(change), 0).label("total"),
                sa.func.coalesce(sum_of_squares(change), 0).label("squares"),
            )
            .where(*self.cohort.where())
            .group_by(FACTS.pathway, FACTS.end_state)
            .order_by(FACTS.pathway, FACTS.end_state)
        )
        others = self._columns(
            sa.select(
                FACTS.pathway, FACTS.end_state, FACTS.patient_key, sa.case((change.is_not(None), 1), else_=0).label("has_pair")
            ).where(FACTS.repeat_patient.is_not(None), *self.cohort.where())
        )
        states = len(v.END_STATES)
        known = counted["pathway"] * states + counted["end_state"]
        cell = np.searchsorted(known, others["pathway"] * states + others["end_state"])
        columns = [*counted.values(), cell, others["patient_key"], others["has_pair"] == 1]
        return Cells(*columns)

    def steps(self) -> np.ndarray:
        """The nodes of each pathway (row) in each place (column), NOBODY after its end."""
        table = self.clinic.arrow(sa.select(pathway_names.c.pathway, pathway_names.c.steps))
        lists = pc.split_pattern(table["steps"].combine_chunks(), "|")
        length = pc.list_value_length(lists).to_numpy()
        words = pc.list_flatten(lists).dictionary_encode()
        nodes = np.array([node_of(word, self.unit) for word in words.dictionary.to_pylist()], dtype=np.int64)
        number = table["pathway"].to_numpy().astype(np.int64)
        found = np.full((int(number.max()) + 1, int(length.max())), NOBODY, dtype=np.int64)
        begin = np.repeat(np.cumsum(length) - length, length)
        found[np.repeat(number, length), np.arange(len(begin)) - begin] = nodes[words.indices.to_numpy()]
        return found

    def names(self, pathways: np.ndarray) -> list[Name]:
        """The words of these pathways."""
        names = pathway_names.c
        rows = self.clinic.rows(sa.select(names.pathway, names.steps, names.times).where(names.pathway.in_(pathways.tolist())))
        known = {row["pathway"]: (row["steps"], row["times"]) for row in rows}
        return [known[int(pathway)] for pathway in pathways]

    def durations(self, pathways: np.ndarray) -> Histogram:
        """Days from the start of the first step to the start of the last, of these pathways."""
        found = self._columns(
            sa.select(
                FACTS.pathway,
                FACTS.end_state,
                FACTS.pathway_days.label("days"),
                sa.func.count().label("episodes"),
                sa.func.count(sa.case((FACTS.repeat_patient.is_(None), 1))).label("only"),
            )
            .where(FACTS.pathway.in_(pathways.tolist()), FACTS.pathway_days.is_not(None), *self.cohort.where())
            .group_by(FACTS.pathway, FACTS.end_state, FACTS.pathway_days)
        )
        return Histogram(found["pathway"] * len(v.END_STATES) + found["end_state"], found["days"], found["episodes"], found["only"])

    def link_days(self) -> Histogram:
        """Days from start to start, per link."""
        return self._links(STEPS.days_since_previous)

    def link_changes(self) -> LinkChanges:
        """Score changes over the target step, per link."""
        change = STEPS.score_after - STEPS.score_before
        link = (STEPS.step, STEPS.previous_units, STEPS.units)
        others = self._columns(
            sa.select(*link, STEPS.repeat_patient.label("patient_key")).where(
                STEPS.repeat_patient.is_not(None), change.is_not(None), *self._of_cohort()
            )
        )
        return LinkChanges(self._links(change, change.is_not(None)), _key(others), others["patient_key"])

    def _links(self, value: sa.ColumnElement[Any], *clauses: sa.ColumnElement[bool]) -> Histogram:
        link = (STEPS.step, STEPS.previous_units, STEPS.units)
        found = self._columns(
            sa.select(
                *link,
                value.label("value"),
                sa.func.count().label("episodes"),
                sa.func.count(sa.case((STEPS.repeat_patient.is_(None), 1))).label("only"),
            )
            .where(*clauses, *self._of_cohort())
            .group_by(*link, value)
        )
        return Histogram(_key(found), found["value"], found["episodes"], found["only"])

    def _of_cohort(self) -> list[sa.ColumnElement[bool]]:
        clauses = self.cohort.where()
        return [STEPS.episode_key.in_(sa.select(FACTS.episode_key).where(*clauses))] if clauses else []

    def _columns(self, statement: sa.Select[Any]) -> dict[str, np.ndarray]:
        table = self.clinic.arrow(statement)
        return {name: table[name].to_numpy().astype(np.int64) for name in table.column_names}


def _key(found: dict[str, np.ndarray]) -> np.ndarray:
    return link_key(found["step"] - 1, found["previous_units"], found["units"])
