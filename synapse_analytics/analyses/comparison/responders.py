"""How many of 100 similar patients improved by the smallest important change: weighted shares of both treatments, early and at the horizon."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.cells import THOUSAND, Row
from synapse_analytics.analyses.comparison.models import Analysed, Compared, analysed_of
from synapse_analytics.analyses.comparison.rows import arm_support
from synapse_analytics.analyses.comparison.rules import FEWEST_IN_ARM, FEWEST_OTHERS, FEWEST_RESPONDERS
from synapse_analytics.analyses.comparison.study import Study
from synapse_analytics.disclosure import Policy
from synapse_analytics.estimates.weighting import LEAST_EFFECTIVE, Overlap, overlap_difference

Array = np.ndarray
EARLY = v.position(v.VISITS, "month_3")


def smallest_change(instrument: v.Instrument) -> float | None:
    """The smallest important change of an instrument, in points; None where no rule in points is defined."""
    return next((preset.threshold for preset in v.presets_of(instrument.code) if preset.kind == "points"), None)


def responder_rows(study: Study, analysed: Analysed, shown: Compared, instrument: v.Instrument, policy: Policy) -> list[Row]:
    """A row for 3 months and one for the horizon: the share of each treatment that improved by at least the smallest important change.

    Weighted as the weighted difference is: by the chance of the other treatment, estimated among those who answered at that visit. Who
    started below the change cannot reach it and counts as not improved.
    """
    threshold = smallest_change(instrument)
    if threshold is None:
        return []
    rows = []
    for place, answered in _visits(study, analysed, policy):
        improved = _improvement(study, place, instrument)[answered.rows] >= round(threshold * THOUSAND)
        chance = shown.weighted.propensity if answered is analysed and shown.weighted else None
        found = overlap_difference(improved.astype(float), answered.arm_a, answered.model, answered.clusters, chance)
        if found is not None and min(found.effective_a, found.effective_b) >= LEAST_EFFECTIVE:
            rows.append({"visit": v.VISITS[study.visits[place]].code} | _shares(found) | _support(study, answered.rows, improved))
    return rows


def _visits(study: Study, analysed: Analysed, policy: Policy) -> Iterator[tuple[int, Analysed]]:
    """The place of each visit among those of the study, with who answered there."""
    last = len(study.visits) - 1
    if EARLY in study.visits[:last]:
        place = study.visits.index(EARLY)
        here = ~np.isnan(study.answers[:, place])
        if min(study.patients.count(here & side) for side in study.sides.values()) >= max(policy.arm, LEAST_EFFECTIVE):
            yield place, analysed_of(study, place)
    yield last, analysed


def _improvement(study: Study, place: int, instrument: v.Instrument) -> Array:
    """By how many thousandths each entry improved; NaN where not answered."""
    change = study.people.numbers["outcome"] - study.answers[:, place]
    return change if instrument.better == "lower" else -change


def _shares(found: Overlap) -> Row:
    ends = {"difference": found.difference.value, "low": found.difference.low, "high": found.difference.high}
    return {"share_a": found.mean_a, "share_b": found.mean_b} | ends


def _support(study: Study, rows: Array, improved: Array) -> Row:
    """Who answered in both arms, and the fewest patients of either who improved and who did not: all five numbers rest on each of these."""
    here = np.zeros(len(study.analysed), dtype=bool)
    here[rows] = True
    better = np.zeros(len(here), dtype=bool)
    better[rows] = improved
    cells = arm_support(study, here) | {"reach": 1.0}
    parts = {FEWEST_IN_ARM: here, FEWEST_RESPONDERS: here & better, FEWEST_OTHERS: here & ~better}
    for name, part in parts.items():
        counts = [study.patients.count(part & side) for side in study.sides.values()]
        cells[name] = min((count for count in counts if count), default=0)
    return cells
