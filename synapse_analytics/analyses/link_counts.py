"""The links between steps with their episodes and patients, and which of them are too rare to be shown apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics.analyses.pooling import Patients, add_up, rare
from synapse_analytics.queries.pathway_counts import END_STATE, FIRST_VISIT, NOBODY, NOT_TREATED, OTHER, Cells, link_key, link_parts

MOST_NODES = 15  # of one column of the Sankey: more bands cannot be told apart


@dataclass(frozen=True, slots=True)
class Links:
    """Links by key, each once, with their episodes and patients."""

    key: np.ndarray
    episodes: np.ndarray
    patients: Patients

    def where(self, chosen: np.ndarray) -> Links:
        """Some of them."""
        row, there = np.cumsum(chosen) - 1, chosen[self.patients.other_row]
        others = Patients(self.patients.only[chosen], row[self.patients.other_row[there]], self.patients.other_patient[there])
        return Links(self.key[chosen], self.episodes[chosen], others)

    def pooled(self, key: np.ndarray) -> Links:
        """The same under new keys, one for each link."""
        known, row = np.unique(key, return_inverse=True)
        only = add_up(row, self.patients.only, len(known))
        others = Patients(only, row[self.patients.other_row], self.patients.other_patient)
        return Links(known, add_up(row, self.episodes, len(known)), others)

    def steps_only(self) -> Links:
        """Without those that lead to an end state or to no treatment."""
        _, _, target = link_parts(self.key)
        return self.where((target < END_STATE) & (target != NOT_TREATED))


def all_links(steps: np.ndarray, cells: Cells) -> Links:
    """The links of every pathway that occurs, and those from its last step to the end states."""
    paths, path_of = np.unique(cells.pathway, return_inverse=True)
    own = steps[paths]
    between, last = _between_steps(own, path_of, cells), _to_end_states(own, path_of, cells)
    return Links(
        np.concatenate([between.key, last.key]),
        np.concatenate([between.episodes, last.episodes]),
        Patients(
            np.concatenate([between.patients.only, last.patients.only]),
            np.concatenate([between.patients.other_row, len(between.key) + last.patients.other_row]),
            np.concatenate([between.patients.other_patient, last.patients.other_patient]),
        ),
    )


def _between_steps(own: np.ndarray, path_of: np.ndarray, cells: Cells) -> Links:
    path, place = np.nonzero(own != NOBODY)
    before = np.where(place == 0, FIRST_VISIT, own[path, np.maximum(place - 1, 0)])
    known, row = np.unique(link_key(place, before, own[path, place]), return_inverse=True)
    episodes, only = (add_up(path_of, values, len(own)) for values in (cells.episodes, cells.only))
    # The links of one pathway stand together, so an episode's are the run of its pathway.
    length = np.bincount(path, minlength=len(own))
    size = length[path_of[cells.other_cell]]
    begin = (np.cumsum(length) - length)[path_of[cells.other_cell]]
    within = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    others = Patients(
        add_up(row, only[path], len(known)), row[np.repeat(begin, size) + within].astype(np.int64), np.repeat(cells.other_patient, size)
    )
    return Links(known, add_up(row, episodes[path], len(known)), others)


def _to_end_states(own: np.ndarray, path_of: np.ndarray, cells: Cells) -> Links:
    length = (own != NOBODY).sum(axis=1)
    last = own[np.arange(len(own)), np.maximum(length - 1, 0)]
    known, row = np.unique(link_key(length[path_of], last[path_of], END_STATE + cells.end_state), return_inverse=True)
    others = Patients(add_up(row, cells.only, len(known)), row[cells.other_cell].astype(np.int64), cells.other_patient)
    return Links(known, add_up(row, cells.episodes, len(known)), others)


def pooled_places(links: Links, limit: int) -> np.ndarray:
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


def _rare_nodes(node: np.ndarray, patients: np.ndarray, episodes: np.ndarray, limit: int) -> np.ndarray:
    column, _, code = link_parts(node)
    pooled = np.zeros(len(node), dtype=bool)
    for number in np.unique(column):
        here = np.flatnonzero((column == number) & (code < END_STATE))
        few = rare(patients[here], np.zeros(len(here)), limit)
        frequent = here[np.argsort(-episodes[here], kind="stable")][:MOST_NODES]
        pooled[here] = few | ~np.isin(here, frequent)
    return pooled


def pooled_transitions(links: Links, limit: int) -> np.ndarray:
    """New keys without places: rare steps become "other", then rare transitions of a source lead to "other"."""
    _, source, target = link_parts(links.key)
    nodes, row = np.unique(target, return_inverse=True)
    episodes = add_up(row, links.episodes, len(nodes))
    frequent = [*nodes[np.argsort(-episodes, kind="stable")][:MOST_NODES], FIRST_VISIT]
    named = [np.where(np.isin(part, frequent), part, OTHER) for part in (source, target)]
    new = link_key(0, *named)
    known, row = np.unique(new, return_inverse=True)
    _, source, target = link_parts(known)
    few = rare(patients_in_any_place(links, new, known), source, limit)
    return link_key(0, source, np.where(few, OTHER, target))[row]


def patients_in_any_place(links: Links, new: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The patients of each new key without a place: at least those of the place where most take it, as some take it twice."""
    place, _, _ = link_parts(links.key)
    there, row = np.unique(link_key(place, *link_parts(new)[1:]), return_inverse=True)
    most = np.zeros(len(known), dtype=np.int64)
    np.maximum.at(most, np.searchsorted(known, link_key(0, *link_parts(there)[1:])), links.patients.counted(row, len(there)))
    return most
