"""Answers about single changes: how they are distributed, follow-up by baseline, and who did not answer."""

from __future__ import annotations

from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.outcomes import Histogram
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, MONTH, THOUSAND, Scored, scored, visit_of
from synapse_analytics.analyses.shares import label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.queries import outcomes as q
from synapse_analytics.queries.population import population

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
    visit = visit_of(month)
    tables = [(BINS, _change_rows(asked, visit)), (BY_BASELINE, _baseline_rows(asked, visit))]
    options = {"instrument": asked.instrument.code, "month": month, "index": index, "by": by}
    return release(question(clinic, "change_distribution", cohort, **options), people, tables, notes=asked.notes())


def _change_rows(asked: Scored, visit: int) -> list[dict[str, Any]]:
    width, reach = bin_width(asked.instrument), round((asked.instrument.high - asked.instrument.low) * THOUSAND)
    numbers = _bins(-reach, reach, width)
    rows = asked.rows(q.visit_scores, q.visit_scores.c.visit == visit)
    found = q.change_bins(asked.clinic, rows, width, numbers[-1])
    patients = q.answered_patients(asked.clinic, rows)
    shown = []
    for group, code in asked.groups(patients):
        total = sum(row["every"] for key, row in found.items() if key[0] == group)
        for number in numbers:
            row = found.get((group, number), {"every": 0, "every_patients": 0})
            share = row["every"] / total if total else None
            shown.append(
                {
                    "group": code,
                    "n": row["every"],
                    "patients": row["every_patients"],
                    "share": share,
                    "of": total,
                    "group_patients": patients.get((group,), 0),
                }
                | _limits(number, width)
            )
    return shown


def _baseline_rows(asked: Scored, visit: int) -> list[dict[str, Any]]:
    width = bin_width(asked.instrument)
    numbers = _bins(round(asked.instrument.low * THOUSAND), round(asked.instrument.high * THOUSAND), width)
    rows = asked.rows(q.visit_scores, q.visit_scores.c.visit == visit)
    values, patients = q.follow_up_by_baseline(asked.clinic, rows, width, numbers[-1])
    found: dict[tuple[Any, int], Histogram] = {}
    for row in values:
        found.setdefault((row["group"], row["bin"]), Histogram()).add(row)
    shown = []
    for group, code in asked.groups(patients):
        for number in numbers:
            cells = found.get((group, number), Histogram()).cells(with_change=False)
            shown.append({"group": code, "patients": patients.get((group, number), 0)} | cells | _limits(number, width))
    return shown


def _limits(number: int, width: int) -> dict[str, float]:
    return {"from": number * width / THOUSAND, "to": (number + 1) * width / THOUSAND}
