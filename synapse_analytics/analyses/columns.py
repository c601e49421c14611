"""The columns that answers about indicators share; which limits the gate keeps for one follows from the kind of the indicator."""

from __future__ import annotations

from dataclasses import replace

from synapse_analytics.analyses.measures import N, labels, mean_with_limits, medians_of, patients_of, share_of, shares_of
from synapse_analytics.disclosure import Kind, Measure, TableRule
from synapse_analytics.indicators import Measured

SHARES = (Measured.SHARE, Measured.INCIDENCE)  # in a chart: there even an incidence is a plain share
COMPLETENESS = share_of("followed", "expected", "completeness")
NUMBERS = ("value", "low", "high")
LIMITS = ("centre", "low", "high", "rule", "meaning")


def values_of(measured: Measured) -> tuple[Measure, ...]:
    """value, low and high of a kind of indicator."""
    if measured is Measured.MEAN:
        return mean_with_limits(*NUMBERS)
    if measured is Measured.COUNT:
        return tuple(Measure(name, Kind.COUNT) for name in NUMBERS)
    if measured is Measured.MEDIAN:
        return medians_of(*NUMBERS)
    shares = shares_of("events", names=NUMBERS)
    # Neither a rate nor a cumulative incidence is events over n, so that a policy that rounds cannot make it again from these.
    return shares if measured is Measured.SHARE else tuple(replace(share, count=None, of=None) for share in shares)


def events_of(measured: Measured) -> Measure:
    """How many had it: of a share its numerator, so that it can be made again from the rounded counts."""
    return Measure("events", Kind.COUNT, patients_of("events") if measured is Measured.SHARE else "patients")


def of_closed_periods(measured: Measured, *names: str) -> tuple[Measure, ...]:
    """Columns that rest on all closed periods together."""
    return tuple(Measure(name, Kind.MEDIAN if measured is Measured.MEDIAN else Kind.MEAN, "told_patients") for name in names)


def points_rule(measured: Measured) -> TableRule:
    """The points of the course of an indicator, wherever they are shown."""
    value = share_of("events", name="value") if measured in SHARES else values_of(measured)[0]
    follows = Kind.MEDIAN if measured is Measured.MEDIAN else Kind.MEAN  # withheld where the value is, never made again
    limits = (Measure(line, follows, "limit_patients", part=value.part, outside=value.outside) for line in LIMITS)
    events = Measure("events", Kind.COUNT, value.part or "patients")
    return TableRule("points", (*labels("period", "state"), N, events, value, *limits))
