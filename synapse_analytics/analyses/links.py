"""The links between steps: what leads where, how long it takes and what it changes. Rare nodes and links are pooled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.pooling import Patients, add_up, rare
from synapse_analytics.disclosure import Policy
from synapse_analytics.estimates.descriptive import quantile_from_counts
from synapse_analytics.pathways import UNTREATED, step_label
from synapse_analytics.queries.pathway_counts import (
    END_STATE,
    FIRST_VISIT,
    NOBODY,
    NOT_TREATED,
    OTHER,
    Cells,
    Histogram,
    PathwaySource,
    link_key,
    link_parts,
)

MOST_NODES = 15  # of one column of the Sankey: more bands cannot be told apart
THOUSAND = 1000
NAMES = {FIRST_VISIT: "first_visit", NOT_TREATED: UNTREATED, OTHER: "other"}


@dataclass(frozen=True, slots=True)
class Links:
    """Every link that occurs, by key in order: its episodes and patients."""

    key: np.ndarray
    episodes: np.ndarray
    patients: Patients

    def where(self, chosen: np.ndarray) -> Links:
        """Some of them."""
        row = np.cumsum(chosen) - 1
        there = chosen[self.patients.other_row]
        others = Patients(self.patients.only[chosen], row[self.patients.other_row[there]], self.patients.other_patient[there])
        return Links(self.key[chosen], self.episodes[chosen], others)

    def pooled(self, key: np.ndarray) -> Links:
        """The same under new keys, one for each link."""
        known, row = np.unique(key, return_inverse=True)
        only = add_up(row, self.patients.only, len(known))
        others = Patients(only, row[self.patients.other_row], self.patients.other_patient)
        return Links(known, add_up(row, self.episodes, len(known)), others)


def pathway_links(source: PathwaySource, cells: Cells, policy: Policy) -> list[dict[str, Any]]:
    """One row per place, source and target, in order of place, then of the most frequent source and target."""
    raw = all_links(source.steps(), cells)
    key = _pool(raw, policy)
    links = raw.pooled(key)
    new_key = dict(zip(raw.key.tolist(), key.tolist(), strict=True))
    days, changes = source.link_days(), source.link_changes()
    median_days = _quantiles(days, new_key, (0.5,))
    median_change = _quantiles(changes.changes, new_key, (0.5,))
    pairs = _pair_patients(changes.changes, changes.other_key, changes.other_patient, new_key)
    rows = _with_sources(links, source.unit)
    for row, link in rows:
        (row["median_days"],) = median_days.get(link, (None,))
        row["timed_patients"] = 0 if row["median_days"] is None else row["patients"]
        (change,) = median_change.get(link, (None,))
        row["change"] = None if change is None else change / THOUSAND
        row["pair_patients"] = pairs.get(link, 0)
    return [row for row, _ in rows]


def transition_times(source: PathwaySource, cells: Cells, policy: Policy) -> list[dict[str, Any]]:
    """One row per source and target in any place, end states left out."""
    every = all_links(source.steps(), cells)
    _, _, target = link_parts(every.key)
    raw = every.where((target < END_STATE) & (target != NOT_TREATED))
    new = _pool_transitions(raw, policy)
    known, row = np.unique(new, return_inverse=True)
    episodes, patients = add_up(row, raw.episodes, len(known)), _patients_in_any_place(raw, new, known)
    quartiles = _quantiles(source.link_days(), dict(zip(raw.key.tolist(), new.tolist(), strict=True)), (0.5, 0.25, 0.75))
    rows = []
    for k, link in enumerate(known.tolist()):
        if link in quartiles:
            _, origin, end = (int(part) for part in link_parts(np.int64(link)))
            days = dict(zip(("median_days", "q1_days", "q3_days"), quartiles[link], strict=True))
            names = {"source": node_name(origin, source.unit), "target": node_name(end, source.unit)}
            rows.append(names | {"n": int(episodes[k]), "patients": int(patients[k])} | days)
    return sorted(rows, key=_first_visit_first)


def _patients_in_any_place(links: Links, new: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The patients of each new key: at least those of the place where most take it, as some take it twice."""
    place, _, _ = link_parts(links.key)
    there, row = np.unique(link_key(place, *link_parts(new)[1:]), return_inverse=True)
    counted = links.patients.counted(row, len(there))
    most = np.zeros(len(known), dtype=np.int64)
    np.maximum.at(most, np.searchsorted(known, link_key(0, *link_parts(there)[1:])), counted)
    return most


def all_links(steps: np.ndarray, cells: Cells) -> Links:
    """The links of every pathway that occurs, weighted with its episodes; the last leads to the end state."""
    paths, place_of = np.unique(cells.pathway, return_inverse=True)
    own = steps[paths]
    length = (own != NOBODY).sum(axis=1)
    keys, holders = [], []  # holder: the cell a link occurs in
    for place in range(own.shape[1]):
        has = length > place
        before = np.full(len(paths), FIRST_VISIT) if place == 0 else own[:, place - 1]
        key = link_key(place, before, np.maximum(own[:, place], NOT_TREATED))
        cell = np.flatnonzero(has[place_of])
        keys.append(key[place_of[cell]])
        holders.append(cell)
    last = own[np.arange(len(paths)), np.maximum(length - 1, 0)]
    keys.append(link_key(length[place_of], last[place_of], END_STATE + cells.end_state))
    holders.append(np.arange(len(place_of)))
    return _weighted(np.concatenate(keys), np.concatenate(holders), cells)


def _weighted(key: np.ndarray, cell: np.ndarray, cells: Cells) -> Links:
    known, row = np.unique(key, return_inverse=True)
    # Each cell has a run of links: sort by cell, and an episode's links are the run of its cell.
    order = np.argsort(cell, kind="stable")
    length = np.bincount(cell, minlength=len(cells.episodes))
    begin = np.cumsum(length) - length
    size = length[cells.other_cell]
    within = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    other_row = row[order][np.repeat(begin[cells.other_cell], size) + within]
    patients = Patients(add_up(row, cells.only[cell], len(known)), other_row, np.repeat(cells.other_patient, size))
    return Links(known, add_up(row, cells.episodes[cell], len(known)), patients)


def _pool(links: Links, policy: Policy) -> np.ndarray:
    """New keys: rare nodes of a column become "other", then rare links of a source lead to "other"."""
    place, source, target = link_parts(links.key)
    node, row = np.unique(link_key(place, 0, target), return_inverse=True)
    column, _, code = link_parts(node)
    patients, episodes = links.patients.counted(row, len(node)), add_up(row, links.episodes, len(node))
    is_end = code >= END_STATE
    pooled = np.zeros(len(node), dtype=bool)
    for number in np.unique(column):
        here = np.flatnonzero((column == number) & ~is_end)
        few = rare(patients[here], np.zeros(len(here)), policy.smallest_count)
        frequent = here[np.argsort(-episodes[here], kind="stable")][:MOST_NODES]
        pooled[here] = few | ~np.isin(here, frequent)
    gone = set(node[pooled].tolist())
    target = np.array(
        [OTHER if hit in gone else code for hit, code in zip(link_key(place, 0, target).tolist(), target.tolist(), strict=True)]
    )
    before = link_key(place - 1, 0, source).tolist()
    source = np.array([OTHER if hit in gone else code for hit, code in zip(before, source.tolist(), strict=True)])
    first, row = np.unique(link_key(place, source, target), return_inverse=True)
    place, source, target = link_parts(first)
    few = rare(links.patients.counted(row, len(first)), link_key(place, source, 0), policy.smallest_count)
    return link_key(place, source, np.where(few, OTHER, target))[row]


def _pool_transitions(links: Links, policy: Policy) -> np.ndarray:
    """New keys without places: rare steps become "other", then rare transitions of a source lead to "other"."""
    _, source, target = link_parts(links.key)
    nodes, row = np.unique(target, return_inverse=True)
    episodes = add_up(row, links.episodes, len(nodes))
    frequent = [*nodes[np.argsort(-episodes, kind="stable")][:MOST_NODES], FIRST_VISIT]
    named = [np.where(np.isin(part, frequent), part, OTHER) for part in (source, target)]
    new = link_key(0, *named)
    known, row = np.unique(new, return_inverse=True)
    _, source, target = link_parts(known)
    few = rare(_patients_in_any_place(links, new, known), source, policy.smallest_count)
    return link_key(0, source, np.where(few, OTHER, target))[row]


def _quantiles(found: Histogram, new_key: dict[int, int], levels: tuple[float, ...]) -> dict[int, tuple[float | None, ...]]:
    """Exact quantiles per new key."""
    known, place = np.unique(found.key, return_inverse=True)
    key = np.array([new_key.get(link, -1) for link in known.tolist()], dtype=np.int64)[place]
    order = np.lexsort((found.value, key))
    key, value, episodes = key[order], found.value[order], found.episodes[order]
    begin = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else np.empty(0, dtype=np.int64)
    groups = zip(key[begin].tolist(), begin, begin + np.diff(begin, append=len(key)), strict=True)
    return {
        link: tuple(quantile_from_counts(value[first:end], episodes[first:end], level) for level in levels)
        for link, first, end in groups
        if link >= 0
    }


def _pair_patients(found: Histogram, other_key: np.ndarray, other_patient: np.ndarray, new_key: dict[int, int]) -> dict[int, int]:
    known, row = np.unique(np.append(found.key, other_key), return_inverse=True)
    patients = Patients(add_up(row[: len(found.key)], found.only, len(known)), row[len(found.key) :], other_patient)
    names, place = np.unique([new_key.get(link, -1) for link in known.tolist()], return_inverse=True)
    return dict(zip(names.tolist(), patients.counted(place, len(names)).tolist(), strict=True))


def _with_sources(links: Links, unit: str) -> list[tuple[dict[str, Any], int]]:
    """Rows with n, patients and those of their source, in order, each with its key."""
    place, source, target = link_parts(links.key)
    sources, owner = np.unique(link_key(place, source, 0), return_inverse=True)
    source_n, source_patients = add_up(owner, links.episodes, len(sources)), links.patients.counted(owner, len(sources))
    patients = links.patients.counted()
    rows = [
        (
            {
                "step": int(place[k]),
                "source": node_name(int(source[k]), unit),
                "target": node_name(int(target[k]), unit),
                "n": int(links.episodes[k]),
                "share_of_source": float(links.episodes[k] / source_n[owner[k]]),
                "patients": int(patients[k]),
                "source_patients": int(source_patients[owner[k]]),
            },
            int(links.key[k]),
        )
        for k in range(len(links.key))
    ]
    rank = {int(number): (int(place[k]), _node_order(int(source[k])), _node_order(int(target[k]))) for k, number in enumerate(links.key)}
    return sorted(rows, key=lambda row: rank[row[1]])


def _node_order(node: int) -> tuple[int, int]:
    """First visit, untreated, steps by vocabulary (single before combined), more, end states, other."""
    if node < 0:
        return (9, 0) if node == OTHER else (0, -node)
    if node == 0:
        return (7, 0)
    return (8, node) if node >= END_STATE else (min(node.bit_count(), 6), node)


def _first_visit_first(row: dict[str, Any]) -> tuple[Any, ...]:
    first, other = NAMES[FIRST_VISIT], NAMES[OTHER]
    return row["source"] != first, row["source"] == other, row["source"], row["target"] == other, -row["n"], row["target"]


def node_name(node: int, unit: str) -> str:
    """A node in words: `first_visit`, `untreated`, `other`, the code of an end state, or a step."""
    if node in NAMES:
        return NAMES[node]
    return v.END_STATES[node - END_STATE].code if node >= END_STATE else step_label(node, unit)
