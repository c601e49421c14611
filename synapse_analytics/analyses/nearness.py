"""How near the patients are who count as alike, in years and points; and where they are too few, what would find enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import exp

import numpy as np

from synapse_analytics.analyses.cells import Row, count_cells
from synapse_analytics.analyses.likeness import FEWEST, RANGES, SCALES, WIDTHS, Nearest, in_calipers, in_units, nearest_to
from synapse_analytics.analyses.measures import N, counts_of, labels, medians_of
from synapse_analytics.counts import Counted
from synapse_analytics.disclosure import TableRule
from synapse_analytics.estimates.similarity import on_scales
from synapse_analytics.queries.similar import Candidates

ALL = "all"  # leave out every particular: the diagnosis alone
NEARNESS = TableRule("nearness", (*labels("particular", "within"), N, *medians_of("median_difference")))
WAYS = TableRule("ways", (*labels("drop", "width"), *counts_of("people")))


def how_near(everybody: Candidates, near: Nearest, asked: Mapping[str, float], width: float) -> list[Row]:
    """Of every particular that is a number: what the width means in its unit, and the median difference of those recorded.

    n counts the episodes that are alike and have the particular recorded. Of weeks of symptoms `within` is how many times as long.
    """
    found = everybody.where(near.places)
    units = in_units(found.attributes)
    rows = []
    for name in (name for name in RANGES if name in asked):
        known = ~np.isnan(units[name])
        gap = np.abs(units[name][known] - asked[name])
        row: Row = {"particular": name, "within": within(name, width)}
        row |= count_cells("n", Counted(int(known.sum()), len(np.unique(found.patient[known]))))
        rows.append(row | {"median_difference": float(np.median(gap)) if len(gap) else None})
    return rows


def within(name: str, width: float) -> float:
    """The largest difference in one particular, if the others do not differ more: years, points, or how many times as many weeks."""
    far = SCALES[name].caliper * width
    return round(exp(far) if SCALES[name].relative else far, 3)


def ways_to_enough(everybody: Candidates, asked: Mapping[str, float], width: float) -> list[Row]:
    """What would find at least FEWEST patients, each counted: one particular left out; else a wider distance; else all left out.

    `drop` names the particular that is left out (`all`: every one, the diagnosis alone decides); `width` is the distance then.
    """
    single = [(name, width) for name in asked] if len(asked) > 1 else []
    rows = sorted(_counted(everybody, asked, single), key=lambda row: -row["people"])
    wider = [("", step) for step in WIDTHS if step > width]
    other = next(_counted(everybody, asked, [*wider, (ALL, width)]), None)
    return [*rows, *([other] if other else [])]


def _counted(everybody: Candidates, asked: Mapping[str, float], tried: Sequence[tuple[str, float]]) -> Iterator[Row]:
    """Those of the tried ways that find enough."""
    attributes, given = in_calipers(everybody.attributes), on_scales(asked, SCALES)
    for drop, width in tried:
        rest = {name: value for name, value in given.items() if drop not in (name, ALL)}
        near = nearest_to(attributes, rest, len(everybody.episode), width)
        people = len(np.unique(everybody.patient[near.places]))
        if people >= FEWEST:
            yield {"drop": drop or None, "width": width} | count_cells("people", Counted(people, people))
