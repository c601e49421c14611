"""The links between steps as rows: what leads where, how long it takes and what it changes."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.cells import THOUSAND, Row, share_support
from synapse_analytics.analyses.link_counts import Links, patients_in_any_place, pooled_places, pooled_transitions
from synapse_analytics.counts import Counted
from synapse_analytics.estimates.quantiles import group_quantiles
from synapse_analytics.pathways import UNTREATED, step_code
from synapse_analytics.pathways.links import END_STATE, FIRST_VISIT, NOT_TREATED, OTHER, link_key, link_parts
from synapse_analytics.queries.pathway_counts import ALONE, Cells, Changes, PathwaySource, add_up, distinct, in_order

Array = np.ndarray
NAMES = {FIRST_VISIT: "first_visit", NOT_TREATED: UNTREATED, OTHER: "other"}


def pathway_links(source: PathwaySource, cells: Cells, limit: int) -> list[Row]:
    """One row per place, source and target, in the order of the vocabulary; under `limit` patients they are pooled."""
    links = Links.of(source.paths, cells)
    key, row = np.unique(pooled_places(links, limit), return_inverse=True)
    of_link, size = np.append(row, -1).astype(np.int32)[links.row], len(key)
    days, changes = source.link_days(), source.link_changes()
    of_change = of_link[changes.key]
    columns = (
        *_names(key, source.paths.unit),
        *_counts(links, key, row),
        known(group_quantiles(of_link[days.key], days.value, days.n, (0.5,), size)[:, 0]),
        known(group_quantiles(of_change, changes.value, changes.n, (0.5,), size)[:, 0] / THOUSAND),
        _pair_patients(changes, of_change, size).tolist(),
    )
    rows = [
        {"step": step, "source": begin, "target": end, "share_of_source": n / of, "median_days": median, "change": moved}
        | share_support("n", "of", Counted(n, patients), Counted(of, patients_of))
        | {"timed_patients": 0 if median is None else patients, "pairs_patients": pairs}
        for step, begin, end, n, of, patients, patients_of, median, moved, pairs in zip(*columns, strict=True)
    ]
    place, begin, end = (part.tolist() for part in link_parts(key))
    return [rows[k] for k in sorted(range(size), key=lambda k: (place[k], _node_order(begin[k]), _node_order(end[k])))]


def transition_times(source: PathwaySource, cells: Cells, limit: int) -> list[Row]:
    """One row per source and target in any place, end states left out."""
    links = Links.of(source.paths, cells)
    pooled = pooled_transitions(links, limit)
    size = len(pooled.key)
    episodes, patients = add_up(pooled.row, links.episodes, size), patients_in_any_place(links, cells, pooled.row, size)
    days = source.link_days()
    quartiles = group_quantiles(np.append(pooled.row, -1)[links.row[days.key]], days.value, days.n, (0.5, 0.25, 0.75), size)
    rows = []
    for k, (_, origin, end) in enumerate(zip(*(part.tolist() for part in link_parts(pooled.key)), strict=True)):
        names = {"source": node_name(origin, source.paths.unit), "target": node_name(end, source.paths.unit)}
        times = dict(zip(("median_days", "q1_days", "q3_days"), quartiles[k].tolist(), strict=True))
        rows.append(names | {"n": int(episodes[k]), "patients": int(patients[k])} | times)
    return sorted(rows, key=_first_visit_first)


def known(numbers: Array) -> list[float | None]:
    """Plain numbers, None for NaN."""
    return [None if isnan(number) else number for number in numbers.tolist()]


def _pair_patients(changes: Changes, row: Array, rows: int) -> Array:
    """Distinct patients with a change, of each row."""
    alone, others = changes.patient == ALONE, in_order(changes.patient)
    counted = np.bincount(row[alone], None if changes.n is None else changes.n[alone], rows).astype(np.int64)
    return counted + distinct(row[others], changes.patient[others], rows)


def _names(key: Array, unit: str) -> tuple[list[int], list[str], list[str]]:
    """Place, source and target of links in words."""
    place, *ends = (part.tolist() for part in link_parts(key))
    words = {node: node_name(node, unit) for node in {*ends[0], *ends[1]}}
    source, target = ([words[node] for node in nodes] for nodes in ends)
    return place, source, target


def _counts(links: Links, key: Array, row: Array) -> Iterator[list[int]]:
    """Episodes of each pooled link and of its source, and their patients; `row` is the pooled link of each link."""
    place, source, _ = link_parts(key)
    sources, owner = np.unique(link_key(place, source, 0), return_inverse=True)
    episodes = add_up(row, links.episodes, len(key))
    yield episodes.tolist()
    yield add_up(owner, episodes, len(sources))[owner].tolist()
    yield links.patients.counted(row, len(key)).tolist()
    yield links.patients.counted(owner[row], len(sources))[owner].tolist()


def _node_order(node: int) -> tuple[int, int]:
    """First visit, untreated, steps by vocabulary (single before combined), more, end states, other."""
    if node < 0:
        return (9, 0) if node == OTHER else (0, -node)
    if node == 0:
        return (7, 0)
    return (8, node) if node >= END_STATE else (min(node.bit_count(), 6), node)


def _first_visit_first(row: Row) -> tuple[Any, ...]:
    first, other = NAMES[FIRST_VISIT], NAMES[OTHER]
    return row["source"] != first, row["source"] == other, row["source"], row["target"] == other, -row["n"], row["target"]


def node_name(node: int, unit: str) -> str:
    """A node in words: `first_visit`, `untreated`, `other`, the code of an end state, or a step."""
    if node in NAMES:
        return NAMES[node]
    return v.END_STATES[node - END_STATE].code if node >= END_STATE else step_code(node, unit)
