"""Pathways with their ends: a row for each way, the ends by the first step, and how many ended well or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.cells import Row, in_points, limit_cells, ratio, share_support
from synapse_analytics.analyses.links import node_name
from synapse_analytics.analyses.measures import N, counts_of, labels, mean_with_limits, patients_of, share_of
from synapse_analytics.analyses.pooling import KEEPS_ITS_NAME, rare
from synapse_analytics.counts import Counted
from synapse_analytics.disclosure import Policy, TableRule
from synapse_analytics.estimates.descriptive import mean_interval
from synapse_analytics.pathways import UNTREATED
from synapse_analytics.pathways.links import NOT_TREATED, link_parts
from synapse_analytics.queries.pathway_counts import STATES, Cells, PathwaySource, add_up

Array = np.ndarray
Tally = tuple[Array, Array]  # episodes and patients of some rows
OTHER = "other"
STATE_CODES = v.codes(v.END_STATES)
CHANGE = ("change", "change_low", "change_high")
MOST_WAYS = 150  # a table nobody reads to the end
SHOWN, FEWEST = 0.03, 10  # of all patients, and patients: fewer with a first step are put together, so that every bar can be read
ENDED = {"resolved+improved": ("resolved", "improved"), "worse": ("worse",), "lost": ("lost",)}

WAYS = TableRule(
    "ways",
    (
        *labels("steps"),
        N,
        share_of("n", "all", "share_of_all"),
        *counts_of(*STATE_CODES),
        *mean_with_limits(*CHANGE, patients="pairs_patients"),
        share_of("pairs", "n", "completeness"),
    ),
)
SHARE_OF_THEM = (*counts_of("n", "of"), share_of("n", "of"))
ENDS = TableRule("ends", (*labels("first_step", "end_state"), *SHARE_OF_THEM))
END = TableRule("end", (*labels("ended"), *SHARE_OF_THEM))


def way_rows(source: PathwaySource, cells: Cells, everybody: Counted, policy: Policy) -> list[Row]:
    """One row for the steps of a pathway, however often they were repeated, the most frequent first; the last one is what is pooled."""
    way = source.paths.way[cells.pathway]
    example = np.unique(source.paths.way, return_index=True)[1]
    kept = _kept(add_up(way, cells.episodes, len(example)), cells.patients.counted(way, len(example)), policy)
    row_of = np.full(len(example), len(kept))
    row_of[kept] = np.arange(len(kept))
    row, size = row_of[way], len(kept) + 1
    state = row * STATES + cells.end_state
    sums = {name: add_up(row, getattr(cells, name), size) for name in ("pairs", "total", "squares")}
    found = _counted(cells, row, size), (sums["pairs"], cells.paired.counted(row, size)), _counted(cells, state, size * STATES)
    names = [tuple(steps.split("|")) for steps, _ in source.codes(example[kept])] + [(OTHER,)]
    rows = []
    for k in np.flatnonzero(found[0][0]).tolist():
        n, pairs, *ends = (_at(found[0], k), _at(found[1], k), *(_at(found[2], k * STATES + state) for state in range(STATES)))
        change = mean_interval(pairs.episodes, int(sums["total"][k]), int(sums["squares"][k]))
        rows.append(
            {"steps": names[k], "share_of_all": n.episodes / everybody.episodes, "completeness": pairs.episodes / n.episodes}
            | share_support("n", "all", n, everybody)
            | share_support("pairs", "n", pairs, n)
            | in_points(limit_cells(change, CHANGE))
            | {code: end.episodes for code, end in zip(STATE_CODES, ends, strict=True)}
            | {patients_of(code): end.patients for code, end in zip(STATE_CODES, ends, strict=True)}
        )
    return rows


def _kept(episodes: Array, patients: Array, policy: Policy) -> Array:
    """The ways that are rows of their own, the most frequent first."""
    order = np.lexsort((np.arange(len(episodes)), -episodes))
    pooled = rare(patients, np.zeros(len(patients)), policy.counted) if policy.rounds else episodes == 0
    return order[~pooled[order] & (episodes[order] > 0)][:MOST_WAYS]


def end_rows(source: PathwaySource, cells: Cells, everybody: Counted, policy: Policy) -> Iterator[Row]:
    """One row for each first step and end state: the most frequent first step before the others, then the rare ones together, then no treatment."""
    names, row = _first_steps(source, cells, max(policy.group, FEWEST, int(everybody.patients * SHOWN)))
    whole = _counted(cells, row, len(names))
    place = row * (STATES + 1) + cells.end_state
    if policy.rounds:  # of each first step the rare ends are one
        size = len(names) * (STATES + 1)
        few = rare(cells.patients.counted(place, size), np.arange(size) // (STATES + 1), policy.counted, KEEPS_ITS_NAME)
        several = add_up(np.arange(size) // (STATES + 1), few.astype(np.int64), len(names)) > 1
        place = np.where(few[place] & several[row], row * (STATES + 1) + STATES, place)
    part = _counted(cells, place, len(names) * (STATES + 1))
    last = {OTHER: 1, UNTREATED: 2}
    for k in sorted(range(len(names)), key=lambda k: (last.get(names[k], 0), -int(whole[0][k]), names[k])):
        for state, code in enumerate((*STATE_CODES, OTHER)):
            n = _at(part, k * (STATES + 1) + state)
            if n.episodes:
                yield {"first_step": names[k], "end_state": code} | _share(n, _at(whole, k))


def _first_steps(source: PathwaySource, cells: Cells, limit: int) -> tuple[list[str], Array]:
    """The names of the first steps, of which the rare ones are one, and the place of the name of each cell."""
    paths = source.paths
    node, row = np.unique(link_parts(paths.key[paths.into[cells.pathway, 0]])[2], return_inverse=True)
    names = [node_name(code, paths.unit) for code in node.tolist()]
    few = rare(cells.patients.counted(row, len(names)), np.zeros(len(names)), limit, KEEPS_ITS_NAME)
    few &= node != NOT_TREATED
    if few.sum() < 2:
        return names, row
    return [*names, OTHER], np.where(few[row], len(names), row)


def ended_rows(cells: Cells, everybody: Counted) -> Iterator[Row]:
    """Of all episodes those that ended well, worse, or were lost."""
    group: Mapping[str, int] = {state: place for place, states in enumerate(ENDED.values()) for state in states}
    target = np.array([group.get(code, -1) for code in STATE_CODES])[cells.end_state]
    found = _counted(cells, target, len(ENDED))
    for place, ended in enumerate(ENDED):
        yield {"ended": ended} | _share(_at(found, place), everybody)


def _counted(cells: Cells, row: Array, size: int) -> Tally:
    return add_up(row, cells.episodes, size), cells.patients.counted(row, size)


def _at(tally: Tally, place: int) -> Counted:
    return Counted(int(tally[0][place]), int(tally[1][place]))


def _share(n: Counted, of: Counted) -> Row:
    return {"share": ratio(n.episodes, of.episodes)} | share_support("n", "of", n, of)
