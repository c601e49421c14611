"""The links between steps with their episodes and patients, and which of them are too rare to be shown apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics.analyses.pooling import rare
from synapse_analytics.pathways.links import END_STATE, FIRST_VISIT, NOT_TREATED, OTHER, Paths, link_key, link_parts
from synapse_analytics.queries.pathway_counts import Cells, Patients, add_up, distinct

Array = np.ndarray
MOST_NODES = 15  # of one column of the Sankey: more bands cannot be told apart


@dataclass(frozen=True, slots=True)
class Links:
    """The links that a cohort takes, with their episodes and patients."""

    key: Array
    episodes: Array
    patients: Patients
    row: Array  # of each link of the paths its place here, -1 where nobody takes it
    taken: Array  # of each cell its links, a column for each place

    @classmethod
    def of(cls, paths: Paths, cells: Cells) -> Links:
        """Count the episodes of the cells over their links."""
        taken = paths.taken(cells.pathway, cells.end_state)
        episodes, alone = (
            np.sum([add_up(column, counts, len(paths.key)) for column in taken.T], axis=0)
            for counts in (cells.episodes, cells.patients.alone)
        )
        known = np.flatnonzero(episodes)
        row = np.full(len(paths.key) + 1, -1, dtype=np.int32)  # link -1 is none
        row[known] = np.arange(len(known))
        ((cell, patient),) = cells.patients.others
        others = []
        for column in taken.T:  # nobody takes a link in two places, so patients are counted place by place
            link = row[column[cell]]
            there = link >= 0
            others.append((link[there], patient[there]))
        return cls(paths.key[known], episodes[known], Patients(alone[known], tuple(others)), row, taken)


def pooled_places(links: Links, limit: int) -> Array:
    """New keys: rare nodes of a column become "other", then rare links of a source lead to "other"."""
    place, source, target = link_parts(links.key)
    node, row = np.unique(link_key(place, 0, target), return_inverse=True)
    gone = node[_rare_nodes(node, links.patients.counted(row, len(node)), add_up(row, links.episodes, len(node)), limit)]
    # A node is the target of links in its place and the source of links in the next.
    source = np.where((place > 0) & np.isin(link_key(np.maximum(place - 1, 0), 0, source), gone), OTHER, source)
    target = np.where(np.isin(link_key(place, 0, target), gone), OTHER, target)
    known, row = np.unique(link_key(place, source, target), return_inverse=True)
    place, source, target = link_parts(known)
    few = rare(links.patients.counted(row, len(known)), link_key(place, source, 0), limit)
    return link_key(place, source, np.where(few, OTHER, target))[row]


def _rare_nodes(node: Array, patients: Array, episodes: Array, limit: int) -> Array:
    column, _, code = link_parts(node)
    pooled = np.zeros(len(node), dtype=bool)
    for number in np.unique(column):
        here = np.flatnonzero((column == number) & (code < END_STATE))
        few = rare(patients[here], np.zeros(len(here)), limit)
        frequent = here[np.argsort(-episodes[here], kind="stable")][:MOST_NODES]
        pooled[here] = few | ~np.isin(here, frequent)
    return pooled


@dataclass(frozen=True, slots=True)
class Transitions:
    """Sources and targets in any place, end states left out: pooled keys, and of each link its place among them, -1 = none."""

    key: Array
    row: Array


def pooled_transitions(links: Links, limit: int) -> Transitions:
    """Rare steps become "other", then rare transitions of a source lead to "other"."""
    _, source, target = link_parts(links.key)
    here = np.flatnonzero((target < END_STATE) & (target != NOT_TREATED))
    parts = source[here], target[here]
    nodes, number = np.unique(parts[1], return_inverse=True)
    frequent = nodes[np.argsort(-add_up(number, links.episodes[here], len(nodes)), kind="stable")][:MOST_NODES]
    named = [np.where(np.isin(part, [*frequent, FIRST_VISIT]), part, OTHER) for part in parts]
    known, number = np.unique(link_key(0, *named), return_inverse=True)
    row = np.full(len(links.key), -1)
    row[here] = number
    _, source, target = link_parts(known)
    few = rare(_patients_in_busiest_place(links, row, len(known)), source, limit)
    pooled, place = np.unique(link_key(0, source, np.where(few, OTHER, target)), return_inverse=True)
    row[here] = place[number]
    return Transitions(pooled, row)


def _patients_in_busiest_place(links: Links, row: Array, rows: int) -> Array:
    """The patients of each row in the place where most of them take it."""
    place, _, _ = link_parts(links.key)
    places = int(place.max(initial=0)) + 1
    return links.patients.counted(np.where(row < 0, -1, row * places + place), rows * places).reshape(rows, places).max(axis=1)


def patients_in_any_place(links: Links, cells: Cells, row_of: Array, rows: int) -> Array:
    """Distinct patients of each of the new rows that `row_of` maps links to; an episode may take a row in several places."""
    taken = np.append(row_of, -1)[links.row[links.taken]]
    for place in range(1, taken.shape[1]):
        for earlier in range(place):
            taken[taken[:, place] == taken[:, earlier], place] = -1
    ((cell, patient),) = cells.patients.others
    several = distinct(taken[cell].ravel(), np.repeat(patient, taken.shape[1]), rows)
    return several + np.sum([add_up(column, cells.patients.alone, rows) for column in taken.T], axis=0)
