"""Answers about single changes: how they are distributed, follow-up by baseline, and who did not answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, MONTH, THOUSAND, Spread, notes, number, scored, spreads, visit_of
from synapse_analytics.analyses.shares import label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counts, Key
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.queries.outcomes import Scored, change_bins, values_by_baseline
from synapse_analytics.queries.population import population

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
        Measure("share", Kind.SHARE, "group_patients", part="patients", count="n", of="of"),
    ),
)
BY_BASELINE = TableRule(
    "by_baseline",
    (
        label("group"),
        label("from"),
        label("to"),
        Measure("n", Kind.COUNT),
        Measure("mean", Kind.MEAN),
        Measure("sd", Kind.MEAN),
        Measure("low", Kind.INTERVAL),
        Measure("high", Kind.INTERVAL),
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
    the answered episodes of the group. by_baseline: the follow-up score of those whose baseline lies in from..to.
    """
    asked = scored(clinic, cohort, chosen["instrument"], index, by)
    people = population(clinic, cohort, by=by)
    tables = _tables(asked, visit_of(month))
    options = {"instrument": asked.instrument.code, "month": month, "index": index, "by": by}
    return release(question(clinic, "change_distribution", cohort, **options), people, tables, notes=notes(asked))


def _tables(asked: Scored, visit: int) -> list[tuple[TableRule, list[Row]]]:
    width = bin_width(asked.instrument)
    low, high = (round(end * THOUSAND) for end in (asked.instrument.low, asked.instrument.high))
    changes, levels = _bins(low - high, high - low, width), _bins(low, high, width)
    counts = change_bins(asked, visit, width, (changes[-1], levels[-1]))
    by_level = counts.fold(lambda key: (*key[:-2], key[-1]))
    by_change = counts.fold(lambda key: key[:-1])
    spread = spreads(values_by_baseline(asked, visit, width, levels[-1]))
    bins: list[Row] = []
    by_baseline: list[Row] = []
    for key, group in asked.groups(counts.keys):
        bins += [{"group": group} | row for row in _change_rows(by_change, key, changes, width)]
        for level in levels:
            patients = number(by_level.patients(), by_level.place.get((*key, level)))
            cells = spread.get((*key, level), Spread())
            by_baseline.append({"group": group, "n": cells.n, "patients": patients} | cells.cells() | _limits(level, width))
    return [(BINS, bins), (BY_BASELINE, by_baseline)]


def _change_rows(found: Counts, group: Key, bins: range, width: int) -> Iterator[Row]:
    """The bins of the changes of one group, empty ones too."""
    whole = found.view("groups", lambda: found.fold(lambda key: key[:-1]))
    of, group_patients = (number(column, whole.place.get(group)) for column in (whole.episodes(), whole.patients()))
    for bin_ in bins:
        place = found.place.get((*group, bin_))
        n, patients = number(found.episodes(), place), number(found.patients(), place)
        share = n / of if of else None
        yield {"n": n, "patients": patients, "share": share, "of": of, "group_patients": group_patients} | _limits(bin_, width)


def _limits(number: int, width: int) -> dict[str, float]:
    return {"from": number * width / THOUSAND, "to": (number + 1) * width / THOUSAND}
