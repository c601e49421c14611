"""The overview: the indicators a board reads first, with interval, n and completeness, and their course by quarter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from synapse_analytics.analyses.asking import question
from synapse_analytics.analyses.points import Fetched, cells, notes, point
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.shares import label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, check_allowed
from synapse_analytics.disclosure import Kind, Measure, Released, Row, TableRule, release
from synapse_analytics.queries.calendar import quarter_name
from synapse_analytics.queries.indicators import QUARTER
from synapse_analytics.queries.tallies import WHOLE
from synapse_analytics.vocabulary.indicators import OVERVIEW, Indicator, Measured, indicator

N = Measure("n", Kind.COUNT)
COMPLETENESS = Measure("completeness", Kind.SHARE, "of_patients", part="top_patients", outside="outside_patients", count="top", of="whole")
NUMBERS = ("value", "low", "high")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the gate is told about one kind of indicator; each kind has limits of its own, so the tables come in parts."""

    indicators: TableRule
    quarters: TableRule


def values_of(measured: Measured) -> tuple[Measure, Measure, Measure]:
    """value, low and high of a kind of indicator, as the gate has to treat them."""
    if measured is Measured.MEAN:
        return Measure("value", Kind.MEAN), Measure("low", Kind.INTERVAL), Measure("high", Kind.INTERVAL)
    if measured in (Measured.COUNT, Measured.MEDIAN):
        kind = Kind.COUNT if measured is Measured.COUNT else Kind.MEDIAN
        value, low, high = (Measure(name, kind) for name in NUMBERS)
    else:
        count, of = ("events", "n") if measured is Measured.SHARE else (None, None)
        value, low, high = (Measure(name, Kind.SHARE, part="hit_patients", outside="miss_patients", count=count, of=of) for name in NUMBERS)
    return value, low, high


def events_of(measured: Measured) -> Measure:
    """How many had it: what a share is made of, so that it can be made again from the rounded counts."""
    return Measure("events", Kind.COUNT, "hit_patients" if measured is Measured.SHARE else "patients")


def _rules(measured: Measured) -> Rules:
    values = values_of(measured)
    return Rules(
        TableRule("indicators", (label("name"), *values, N, events_of(measured), COMPLETENESS, label("unit"))),
        TableRule("quarters", (label("name"), label("quarter"), values[0], N, events_of(measured))),
    )


RULES = {measured: _rules(measured) for measured in Measured}


@analysis()
def overview(clinic: Clinic, cohort: Cohort) -> Released:
    """How is the clinic doing, and is it changing?

    One row per indicator: value with 95 % limits, n episodes, completeness where answers were expected or episodes could
    be lost before the window ended. Improvements are positive. quarters: by quarter of the first visit, of the first surgery
    or of the escalation (15th of the first month plus the day, +-1 month); open windows are not counted.
    """
    check_allowed(cohort, clinic.policy.name)
    declared = [indicator(name) for name in OVERVIEW]
    found = Fetched(clinic, cohort, declared, QUARTER)
    tables: list[tuple[TableRule, list[Row]]] = []
    for asked in declared:
        rules = RULES[asked.measured]
        whole = cells(asked, point(found, asked, WHOLE)) | {"unit": asked.unit}
        tables += [(rules.indicators, [whole]), (rules.quarters, list(_quarters(found, asked)))]
    seen = found.of(indicator("patients_seen"))[WHOLE]
    people = (seen.patients["seen"], seen.episodes["seen"])
    return release(question(clinic, "overview", cohort), people, tables, notes=notes(clinic, *declared))


def _quarters(found: Fetched, asked: Indicator) -> Iterator[dict[str, Any]]:
    """The quarters in which the indicator has anything to count, in order."""
    for key in found.keys(asked):
        counted = point(found, asked, key)
        if counted.n:
            yield cells(asked, counted) | {"quarter": quarter_name(key)}
