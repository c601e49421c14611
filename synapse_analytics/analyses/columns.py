"""The columns that answers about indicators share, each with the limits that the gate has to keep for it."""

from __future__ import annotations

from synapse_analytics.analyses.shares import label
from synapse_analytics.analyses.values import SHARES
from synapse_analytics.disclosure import Kind, Measure, TableRule
from synapse_analytics.indicators import Measured

N = Measure("n", Kind.COUNT)
COMPLETENESS = Measure("completeness", Kind.SHARE, "of_patients", part="top_patients", outside="outside_patients", count="top", of="whole")
NUMBERS = ("value", "low", "high")
LIMITS = ("centre", "low", "high", "rule", "meaning")


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


def told(measured: Measured, *names: str) -> tuple[Measure, ...]:
    """Columns that tell of all closed periods together."""
    return tuple(Measure(name, Kind.MEDIAN if measured is Measured.MEDIAN else Kind.MEAN, "told_patients") for name in names)


def points_rule(measured: Measured) -> TableRule:
    """What the gate is told about the points of a course, wherever they are shown."""
    value = values_of(measured)[0]
    if measured in SHARES:
        value = Measure("value", Kind.SHARE, "patients", "hit_patients", "miss_patients", count="events", of="n")
    follows = Kind.MEDIAN if measured is Measured.MEDIAN else Kind.MEAN  # withheld where the value is, never made again
    limits = (Measure(line, follows, "limit_patients", part=value.part, outside=value.outside) for line in LIMITS)
    events = Measure("events", Kind.COUNT, value.part or "patients")
    return TableRule("points", (label("period"), label("state"), N, events, value, *limits))
