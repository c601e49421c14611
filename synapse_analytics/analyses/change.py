"""Answers about single changes: how they are distributed, follow-up by baseline, and who did not answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.pooling import spans
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, MONTH, THOUSAND, Spread, enough, notes, number, scored, spreads, visit_of
from synapse_analytics.analyses.shares import label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counts, Key
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.queries.outcomes import Scored, Values, change_bins, values_by_baseline
from synapse_analytics.queries.population import population

Array = np.ndarray
Row = dict[str, Any]
# Bin width of each scale, in thousandths: a point of pain, ten of ODI and EQ VAS, a tenth of the EQ-5D index.
WIDTHS = {10: 1000, 100: 10_000, 1: 100}
BINS = TableRule(
    "bins",
    (
        label("group"),
        label("from"),
        label("to"),
        Measure("n", Kind.COUNT),
        Measure("share", Kind.SHARE, "group_patients", part="patients", outside="other_patients", count="n", of="of"),
    ),
)
BY_BASELINE = TableRule(
    "by_baseline",
    (
        label("group"),
        label("from"),
        label("to"),
        Measure("n", Kind.COUNT),
        Measure("mean", Kind.MEAN, reach="reach"),
        Measure("sd", Kind.MEAN, reach="reach"),
        Measure("low", Kind.INTERVAL, reach="reach"),
        Measure("high", Kind.INTERVAL, reach="reach"),
        Measure("q1", Kind.QUARTILE),
        Measure("median", Kind.MEDIAN),
        Measure("q3", Kind.QUARTILE),
    ),
)


def bin_width(instrument: v.Instrument) -> int:
    """Width of a bin of this scale, in thousandths."""
    return WIDTHS[round(instrument.high)]


def _bins(low: int, high: int, width: int) -> range:
    """Numbers of the half-open bins that cover low..high; the last also holds its upper end."""
    return range(low // width, -(-high // width))


@analysis(INSTRUMENT, MONTH, INDEX, split_by())
def change_distribution(clinic: Clinic, cohort: Cohort, *, month: int, index: str, by: str | None, **chosen: str | None) -> Released:
    """How are the changes distributed, and where did patients end up from their baseline?

    bins: change = follow-up minus baseline, raw score, from <= change < to (the last bin holds its upper end); share is of
    the answered episodes of the group. by_baseline: the follow-up score of those whose baseline lies in from..to. Under the
    policy publish neighbouring bins are one until they hold enough patients.
    """
    visit = visit_of(month)
    asked = enough(scored(clinic, cohort, chosen["instrument"], index, by), lambda given: _counted(given, visit))
    people = population(clinic, cohort, by=by)
    tables = _tables(asked, visit)
    options = {"instrument": asked.instrument.code, "month": month, "index": index, "by": by}
    return release(question(clinic, "change_distribution", cohort, **options), people, tables, notes=notes(asked))


def _counted(asked: Scored, visit: int) -> Counts:
    """The answers at a visit by group, bin of the change and bin of the baseline."""
    changes, levels, width = _scale(asked)
    return change_bins(asked, visit, width, (changes[-1], levels[-1]))


def _scale(asked: Scored) -> tuple[range, range, int]:
    """The bins of the changes, the bins of the baselines, and their width."""
    width = bin_width(asked.instrument)
    low, high = (round(end * THOUSAND) for end in (asked.instrument.low, asked.instrument.high))
    return _bins(low - high, high - low, width), _bins(low, high, width), width


def _tables(asked: Scored, visit: int) -> list[tuple[TableRule, list[Row]]]:
    changes, levels, width = _scale(asked)
    counts = _counted(asked, visit)
    by_change = counts.fold(lambda key: key[:-1])
    by_level = counts.fold(lambda key: (*key[:-2], key[-1]))
    values = values_by_baseline(asked, visit, width, levels[-1])
    bins: list[Row] = []
    by_baseline: list[Row] = []
    for key, group in asked.groups(counts.keys):
        bins += [{"group": group} | row for row in _change_rows(asked, by_change, key, changes)]
        by_baseline += [{"group": group} | row for row in _baseline_rows(asked, by_level, key, levels, values)]
    return [(BINS, bins), (BY_BASELINE, by_baseline)]


def _joined_bins(asked: Scored, found: Counts, group: Key, bins: range) -> tuple[list[tuple[int, int]], Array]:
    """(first and last bin of each row, the row of each bin): one bin each, or neighbours together until they hold enough patients."""
    row = np.arange(len(bins))
    if asked.clinic.policy.rounds:
        row = spans(found, lambda key: key[-1] - bins.start if key[:-1] == group else None, len(bins), asked.clinic.policy.counted)
    ends = [np.flatnonzero(row == number)[[0, -1]] + bins.start for number in range(row[-1] + 1)]
    return [(int(first), int(last)) for first, last in ends], row


def _of_row(group: Key, row: Array, start: int) -> Callable[[Key], Key | None]:
    """The row of the bin of a key; None for other groups."""
    return lambda key: (int(row[key[-1] - start]),) if key[:-1] == group else None


def _change_rows(asked: Scored, found: Counts, group: Key, bins: range) -> Iterator[Row]:
    """The bins of the changes of one group, empty ones too."""
    whole = found.view("groups", lambda: found.fold(lambda key: key[:-1]))
    of, group_patients = (number(column, whole.place.get(group)) for column in (whole.episodes(), whole.patients()))
    ends, row = _joined_bins(asked, found, group, bins)
    counts = found.fold(_of_row(group, row, bins.start))
    for k, (first, last) in enumerate(ends):
        place = counts.place.get((k,))
        n, patients = number(counts.episodes(), place), number(counts.patients(), place)
        others = 0
        if asked.clinic.policy.rounds:  # no other policy asks who is outside
            others = _patients_beside(counts, k)
        support = {"of": of, "patients": patients, "group_patients": group_patients, "other_patients": others}
        yield {"n": n, "share": n / of if of else None} | support | _limits(first, last, bin_width(asked.instrument))


def _patients_beside(counts: Counts, row: int) -> int:
    """Distinct patients with an answer in any other row."""
    return int(counts.fold(lambda key: None if key == (row,) else ()).whole().patients()[0])


def _baseline_rows(asked: Scored, found: Counts, group: Key, bins: range, values: Values) -> Iterator[Row]:
    """The follow-up scores of one group by bin of the baseline, empty ones too."""
    ends, row = _joined_bins(asked, found, group, bins)
    of_row = _of_row(group, row, bins.start)
    counts, spread = found.fold(of_row), spreads(values.fold(of_row))
    for k, (first, last) in enumerate(ends):
        cells = spread.get((k,), Spread())
        patients = number(counts.patients(), counts.place.get((k,)))
        reach = {"reach": asked.instrument.reach}
        yield {"n": cells.n, "patients": patients} | reach | cells.cells() | _limits(first, last, bin_width(asked.instrument))


def _limits(first: int, last: int, width: int) -> dict[str, float]:
    return {"from": first * width / THOUSAND, "to": (last + 1) * width / THOUSAND}
