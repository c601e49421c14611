"""Pathways of the default definition, counted in the marts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Relation, grouped
from synapse_analytics.pathways import MORE, UNTREATED, unit_terms
from synapse_analytics.pathways.links import NOBODY, NOT_TREATED, Paths
from synapse_analytics.pathways.numbering import Codes
from synapse_analytics.pathways.scores import NO_SCORE
from synapse_analytics.queries.pathway_counts import ALONE, STATES, Changes, PathwaySource, Values
from synapse_analytics.store.tables import episode_facts, pathway_names, treatment_steps

FACTS, STEPS, NAMES = episode_facts.c, treatment_steps.c, pathway_names.c
Array = np.ndarray
UNIT = "class"  # of the default definition
KEPT = 4  # generations whose pathways are kept at hand; 27,000 pathways take 4 MB


@dataclass(frozen=True, slots=True)
class Stored:
    """The pathways of a generation: their words, and their links."""

    steps: pa.Array
    times: pa.Array
    paths: Paths


_stored: OrderedDict[str, Stored] = OrderedDict()
_guard = threading.Lock()


def stored_pathways(clinic: Clinic) -> Stored:
    """The pathways of the generation, fetched once."""
    found = _stored.get(clinic.generation.id)
    if found is None:
        table = clinic.arrow(sa.select(NAMES.steps, NAMES.times).order_by(NAMES.pathway))
        steps, times = (column.combine_chunks() for column in table.columns)
        found = Stored(steps, times, Paths.of(UNIT, _nodes(steps)))
        with _guard:
            _stored[clinic.generation.id] = found
            while len(_stored) > KEPT:
                _stored.popitem(last=False)
    return found


def _nodes(steps: pa.Array) -> Array:
    """The nodes of each pathway (row) in each place (column), NOBODY after its end."""
    lists = pc.split_pattern(steps, "|")
    length = pc.list_value_length(lists).to_numpy()
    words = pc.list_flatten(lists).dictionary_encode()
    nodes = np.array([_node_of(word) for word in words.dictionary.to_pylist()], dtype=np.int64)
    found = np.full((len(steps), int(length.max())), NOBODY, dtype=np.int64)
    begin = np.repeat(np.cumsum(length) - length, length)
    found[np.repeat(np.arange(len(steps)), length), np.arange(len(begin)) - begin] = nodes[words.indices.to_numpy()]
    return found


def _node_of(words: str) -> int:
    """The node of a step that is given in words."""
    if words in {UNTREATED, MORE}:
        return NOT_TREATED if words == UNTREATED else 0
    places = {term.code: place for place, term in enumerate(unit_terms(UNIT))}
    return sum(1 << places[code] for code in words.split("+"))


class MartPathways(PathwaySource):
    """The pathways of a cohort as the load has stored them; scores are those of the headline instrument."""

    def __init__(self, clinic: Clinic, cohort: Cohort) -> None:
        self.clinic, self.cohort, self.stored = clinic, cohort, stored_pathways(clinic)

    @property
    def paths(self) -> Paths:
        return self.stored.paths

    def codes(self, pathways: Array) -> list[Codes]:
        return list(zip(self.stored.steps.take(pathways).to_pylist(), self.stored.times.take(pathways).to_pylist(), strict=True))

    @cached_property
    def _facts(self) -> dict[str, Array]:
        """Four narrow columns of every episode: grouped by all of them half as many rows were left, at four times the cost."""
        columns = {
            "key": FACTS.pathway * STATES + FACTS.end_state,
            "change": _filled(FACTS.headline_last - FACTS.headline_baseline, NO_SCORE),
            "patient": _filled(FACTS.repeat_patient, ALONE),
            "days": _filled(FACTS.pathway_days, -1),
        }
        return self._fetched(sa.select(*(column.label(name) for name, column in columns.items())).where(*self.cohort.where()))

    def episodes(self) -> Changes:
        return Changes(*(self._facts[name] for name in ("key", "change", "patient")))

    def durations(self) -> Values:
        return Values(self._facts["key"], self._facts["days"])

    def link_days(self) -> Values:
        return Values(**self._counted(key=STEPS.link, value=STEPS.days))

    def link_changes(self) -> Changes:
        columns = {"key": STEPS.link, "value": STEPS.change, "patient": _filled(STEPS.repeat_patient, ALONE)}
        return Changes(**self._counted(STEPS.change.is_not(None), **columns))

    def _counted(self, *clauses: sa.ColumnElement[bool], **columns: sa.ColumnElement[Any]) -> dict[str, Array]:
        """How many steps of the cohort have the same values in these columns."""
        return self._fetched(grouped(self.cohort, Relation(("steps",), treatment_steps, where=clauses), columns))

    def _fetched(self, statement: sa.Select[Any]) -> dict[str, Array]:
        table = self.clinic.arrow(statement)
        return {name: table.column(name).to_numpy() for name in table.column_names}


def _filled(column: sa.ColumnElement[Any], absent: int) -> sa.ColumnElement[Any]:
    """A column of whole numbers with something else instead of null."""
    return sa.func.coalesce(column, sa.literal_column(str(absent)))
