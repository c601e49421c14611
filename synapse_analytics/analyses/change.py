"""How single changes are distributed, and where patients ended up from their baseline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import THOUSAND, Row, ratio, share_support
from synapse_analytics.analyses.groups import Group
from synapse_analytics.analyses.measures import N, labels, share_of, spread
from synapse_analytics.analyses.options import split_by
from synapse_analytics.analyses.pooling import spans
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, MONTH, Spread, in_force, joined_by, notes, scored, spreads, visit_of
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counts, Key
from synapse_analytics.disclosure import TableRule
from synapse_analytics.queries.outcomes import Scored, Values, change_bins, values_by_baseline

Array = np.ndarray
# Bin width of each scale, in thousandths: a point of pain, ten of ODI and EQ VAS, a tenth of the EQ-5D index.
WIDTHS = {10: 1000, 100: 10_000, 1: 100}
BINS = TableRule("bins", (*labels("group", "from", "to"), N, share_of("n", "of")))
BY_BASELINE = TableRule("by_baseline", (*labels("group", "from", "to"), N, *spread()))


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers of the half-open bins of all changes and of all baselines (the last also holds its upper end), and their width."""

    changes: range
    levels: range
    width: int  # thousandths

    @classmethod
    def of(cls, instrument: v.Instrument) -> Scale:
        """The bins of this instrument."""
        width = WIDTHS[round(instrument.high)]
        low, high = (round(end * THOUSAND) for end in (instrument.low, instrument.high))
        changes, levels = (range(first // width, -(-last // width)) for first, last in ((low - high, high - low), (low, high)))
        return cls(changes, levels, width)

    def ends(self, first: int, last: int) -> Row:
        """Where the bins from the first to the last begin and end."""
        return {"from": first * self.width / THOUSAND, "to": (last + 1) * self.width / THOUSAND}


@analysis(INSTRUMENT, MONTH, INDEX, split_by(), settle=in_force)
def change_distribution(clinic: Clinic, cohort: Cohort, *, month: int, **chosen: Any) -> Found:
    """How are the changes distributed, and how do patients fare at follow-up, by their baseline?

    bins: change is follow-up minus baseline in the raw score, from <= change < to (the last bin includes its upper end); share is of
    the group's episodes that answered. by_baseline: the follow-up score of those whose baseline lies in from..to. Under the policy
    publish neighbouring bins are one until they hold enough patients.
    """
    visit = visit_of(month)
    asked = joined_by(scored(clinic, cohort, **chosen), lambda given: _counted(given, visit))
    scale, counts = Scale.of(asked.instrument), _counted(asked, visit)
    by_change, by_level = counts.fold(lambda key: key[:-1]), counts.fold(lambda key: (*key[:-2], key[-1]))
    values = values_by_baseline(asked, visit, scale.width, scale.levels[-1])
    bins: list[Row] = []
    by_baseline: list[Row] = []
    for key, group in asked.groups(counts.keys):
        bins += [{"group": group} | row for row in _change_rows(asked, by_change, key, scale)]
        by_baseline += [{"group": group} | row for row in _baseline_rows(asked, by_level, key, scale, values)]
    return Found([(BINS, bins), (BY_BASELINE, by_baseline)], notes(asked))


def _counted(asked: Scored, visit: int) -> Counts:
    """The answers at a visit by group, bin of the change and bin of the baseline."""
    scale = Scale.of(asked.instrument)
    return change_bins(asked, visit, scale.width, (scale.changes[-1], scale.levels[-1]))


def _joined_bins(asked: Scored, found: Counts, group: Key, bins: range) -> tuple[list[tuple[int, int]], Callable[[Key], Key | None]]:
    """(first and last bin of each row, the row of a key; None for other groups): a bin each, or neighbours until enough patients."""
    row = np.arange(len(bins))
    if asked.clinic.policy.rounds:
        row = spans(found, lambda key: key[-1] - bins.start if key[:-1] == group else None, len(bins), asked.clinic.policy.counted)
    ends = [np.flatnonzero(row == number)[[0, -1]] + bins.start for number in range(row[-1] + 1)]

    def row_of(key: Key) -> Key | None:
        return (int(row[key[-1] - bins.start]),) if key[:-1] == group else None

    return [(int(first), int(last)) for first, last in ends], row_of


def _change_rows(asked: Scored, found: Counts, group: Key, scale: Scale) -> Iterator[Row]:
    """The bins of the changes of one group, empty ones too."""
    whole = Group.at(found.view("groups", lambda: found.fold(lambda key: key[:-1])), group).counted()
    ends, row_of = _joined_bins(asked, found, group, scale.changes)
    counts = found.fold(row_of)
    for k, (first, last) in enumerate(ends):
        counted = Group.at(counts, (k,)).counted()
        others = _patients_beside(counts, k) if asked.clinic.policy.rounds else 0  # no other policy asks who is outside
        row = share_support("n", "of", counted, whole, others)
        yield row | {"share": ratio(counted.episodes, whole.episodes)} | scale.ends(first, last)


def _patients_beside(counts: Counts, row: int) -> int:
    """Distinct patients with an answer in any other row."""
    return int(counts.fold(lambda key: None if key == (row,) else ()).whole().patients()[0])


def _baseline_rows(asked: Scored, found: Counts, group: Key, scale: Scale, values: Values) -> Iterator[Row]:
    """The follow-up scores of one group by bin of the baseline, empty ones too."""
    ends, row_of = _joined_bins(asked, found, group, scale.levels)
    counts, answers = found.fold(row_of), spreads(values.fold(row_of))
    for k, (first, last) in enumerate(ends):
        cells = answers.get((k,), Spread())
        patients = Group.at(counts, (k,)).patients()
        yield {"n": cells.n, "patients": patients, "reach": asked.instrument.reach} | cells.cells() | scale.ends(first, last)
