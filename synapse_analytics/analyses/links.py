"""The links between steps as rows: what leads where, how long it takes and what it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.link_counts import Links, all_links, patients_in_any_place, pooled_places, pooled_transitions
from synapse_analytics.analyses.pooling import Patients, add_up
from synapse_analytics.estimates.quantiles import group_quantiles
from synapse_analytics.pathways import UNTREATED, step_label
from synapse_analytics.queries.pathway_counts import (
    END_STATE,
    FIRST_VISIT,
    NOT_TREATED,
    OTHER,
    Cells,
    Histogram,
    LinkChanges,
    PathwaySource,
    link_key,
    link_parts,
)

THOUSAND = 1000  # scores are stored in thousandths
NAMES = {FIRST_VISIT: "first_visit", NOT_TREATED: UNTREATED, OTHER: "other"}


@dataclass(frozen=True, slots=True)
class Renamed:
    """Old keys in order and what each has become."""

    old: np.ndarray
    new: np.ndarray

    @staticmethod
    def of(old: np.ndarray, new: np.ndarray) -> Renamed:
        """Pairs in any order."""
        order = np.argsort(old)
        return Renamed(old[order], new[order])

    def __call__(self, key: np.ndarray) -> np.ndarray:
        return self.new[np.searchsorted(self.old, key)]


def pathway_links(source: PathwaySource, cells: Cells, limit: int) -> list[dict[str, Any]]:
    """One row per place, source and target, in the order of the vocabulary; under `limit` patients they are pooled."""
    raw = all_links(source.steps(), cells)
    key = pooled_places(raw, limit)
    links, renamed = raw.pooled(key), Renamed.of(raw.key, key)
    changes = source.link_changes()
    days, change = _quantiles(source.link_days(), renamed, (0.5,)), _quantiles(changes.changes, renamed, (0.5,))
    pairs = _pair_patients(changes, renamed)
    rows = []
    for link, row in _counted(links, source.unit):
        median = days.get(link, (None,))[0]
        moved = change.get(link, (None,))[0]
        row |= {"median_days": median, "timed_patients": 0 if median is None else row["patients"]}
        rows.append(row | {"change": None if moved is None else moved / THOUSAND, "pair_patients": pairs.get(link, 0)})
    return rows


def transition_times(source: PathwaySource, cells: Cells, limit: int) -> list[dict[str, Any]]:
    """One row per source and target in any place, end states left out."""
    raw = all_links(source.steps(), cells).steps_only()
    new = pooled_transitions(raw, limit)
    known, row = np.unique(new, return_inverse=True)
    episodes, patients = add_up(row, raw.episodes, len(known)), patients_in_any_place(raw, new, known)
    quartiles = _quantiles(source.link_days(), Renamed.of(raw.key, new), (0.5, 0.25, 0.75))
    rows = []
    for k, link in enumerate(known.tolist()):
        _, origin, end = (int(part) for part in link_parts(np.int64(link)))
        days = dict(zip(("median_days", "q1_days", "q3_days"), quartiles[link], strict=True))
        names = {"source": node_name(origin, source.unit), "target": node_name(end, source.unit)}
        rows.append(names | {"n": int(episodes[k]), "patients": int(patients[k])} | days)
    return sorted(rows, key=_first_visit_first)


def _quantiles(found: Histogram, renamed: Renamed, levels: tuple[float, ...]) -> dict[int, list[float]]:
    """Exact quantiles per new key."""
    if not len(found.key):
        return {}
    groups, quantiles = group_quantiles(renamed(found.key), found.value, found.episodes, levels)
    return dict(zip(groups.tolist(), quantiles.tolist(), strict=True))


def _pair_patients(changes: LinkChanges, renamed: Renamed) -> dict[int, int]:
    known, row = np.unique(renamed(np.append(changes.changes.key, changes.other_key)), return_inverse=True)
    place = row[: len(changes.changes.key)]
    patients = Patients(add_up(place, changes.changes.only, len(known)), row[len(place) :], changes.other_patient)
    return dict(zip(known.tolist(), patients.counted().tolist(), strict=True))


def _counted(links: Links, unit: str) -> list[tuple[int, dict[str, Any]]]:
    """(key, row) with n, patients and those of the source, in order."""
    place, source, target = (part.tolist() for part in link_parts(links.key))
    sources, owner = np.unique(link_key(*link_parts(links.key)[:2], 0), return_inverse=True)
    whole, patients = add_up(owner, links.episodes, len(sources))[owner].tolist(), links.patients.counted().tolist()
    source_patients = links.patients.counted(owner, len(sources))[owner].tolist()
    words = {node: node_name(node, unit) for node in {*source, *target}}
    episodes, keys = links.episodes.tolist(), links.key.tolist()
    order = sorted(range(len(keys)), key=lambda k: (place[k], _node_order(source[k]), _node_order(target[k])))
    return [
        (
            keys[k],
            {
                "step": place[k],
                "source": words[source[k]],
                "target": words[target[k]],
                "n": episodes[k],
                "share_of_source": episodes[k] / whole[k],
                "source_n": whole[k],
                "patients": patients[k],
                "source_patients": source_patients[k],
            },
        )
        for k in order
    ]


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
