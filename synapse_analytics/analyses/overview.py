"""The overview: the indicators a board reads first, with interval, n and completeness, and their course by quarter."""

from __future__ import annotations

from dataclasses import dataclass

from synapse_analytics.analyses.asking import question
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.shares import label
from synapse_analytics.analyses.values import Fetched, notes, quarter_rows, whole_row
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, Released, Row, TableRule, release
from synapse_analytics.indicators import OVERVIEW, Measured, indicator
from synapse_analytics.queries.calendar import quarter_name
from synapse_analytics.queries.population import population

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
        value, low, high = (
            Measure(name, kind, reach="reach") for name, kind in zip(NUMBERS, (Kind.MEAN, *2 * (Kind.INTERVAL,)), strict=True)
        )
        return value, low, high
    if measured in (Measured.COUNT, Measured.MEDIAN):
        kind = Kind.COUNT if measured is Measured.COUNT else Kind.MEDIAN
        value, low, high = (Measure(name, kind) for name in NUMBERS)
    else:
        count, of = ("events", "n") if measured is Measured.SHARE else (None, None)
        value, low, high = (Measure(name, Kind.SHARE, "patients", "hit_patients", "miss_patients", count, of) for name in NUMBERS)
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
    people = population(clinic, cohort)
    declared = [indicator(name) for name in OVERVIEW]
    found = Fetched.of(clinic, cohort, declared)
    tables: list[tuple[TableRule, list[Row]]] = []
    for asked in declared:
        rules = RULES[asked.measured]
        events = {} if asked.measured is Measured.SHARE else {"events": None}
        quarters: list[Row] = [row | events | {"name": asked.name, "quarter": quarter_name(key)} for key, row in quarter_rows(found, asked)]
        whole: list[Row] = [whole_row(found, asked) | {"unit": asked.unit}]
        tables += [(rules.indicators, whole), (rules.quarters, quarters)]
    return release(question(clinic, "overview", cohort), people, tables, notes=notes(clinic, *declared))
