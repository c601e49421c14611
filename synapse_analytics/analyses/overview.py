"""The overview: every indicator with its interval, n and completeness, and its course by quarter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question
from synapse_analytics.analyses.indicators import INDICATORS, Indicator, Measured
from synapse_analytics.analyses.overview_points import SOURCES, Fetched, Point, point
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import patients_outside, presets_of
from synapse_analytics.analyses.shares import label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, check_allowed
from synapse_analytics.disclosure import Kind, Measure, Released, Row, TableRule, release
from synapse_analytics.queries import overview as q
from synapse_analytics.queries.calendar import quarter_name
from synapse_analytics.queries.tallies import WHOLE
from synapse_analytics.store.tables import episode_facts

N = Measure("n", Kind.COUNT)
COMPLETENESS = Measure("completeness", Kind.SHARE, "of_patients", part="top_patients", rest="outside_patients", keep_part=True)
NUMBERS = ("value", "low", "high")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the gate is told about one kind of indicator; each kind has limits of its own, so the tables come in parts."""

    indicators: TableRule
    quarters: TableRule


def _rules(value: Measure, low: Measure, high: Measure) -> Rules:
    return Rules(
        TableRule("indicators", (label("name"), value, low, high, N, COMPLETENESS, label("unit"))),
        TableRule("quarters", (label("name"), label("quarter"), value, N), within=("name",)),
    )


SHARES = _rules(*(Measure(name, Kind.SHARE, part="hit_patients", rest="miss_patients") for name in NUMBERS))
RULES = {
    Measured.COUNT: _rules(*(Measure(name, Kind.COUNT) for name in NUMBERS)),
    Measured.MEAN: _rules(Measure("value", Kind.MEAN), Measure("low", Kind.INTERVAL), Measure("high", Kind.INTERVAL)),
    Measured.MEDIAN: _rules(*(Measure(name, Kind.MEDIAN) for name in NUMBERS)),
    Measured.SHARE: SHARES,
    Measured.INCIDENCE: SHARES,
}


@analysis()
def overview(clinic: Clinic, cohort: Cohort) -> Released:
    """How is the clinic doing, and is it changing?

    One row per indicator: value with 95 % limits, n episodes, completeness where answers were expected or episodes could
    be lost before the window ended. Improvements are positive. quarters: by quarter of the first visit, after surgery by
    calendar quarter of the surgery (15th of the first month plus the day, +-1 month); open windows are not counted.
    """
    check_allowed(cohort, clinic.policy.name)
    found = _fetched(clinic, cohort)
    tables: list[tuple[TableRule, list[Row]]] = []
    for indicator in INDICATORS:
        rules = RULES[indicator.measured]
        whole = _cells(indicator, point(found, indicator, WHOLE))
        tables += [(rules.indicators, [whole | {"unit": indicator.unit}]), (rules.quarters, list(_quarters(found, indicator)))]
    seen = found.tallies[WHOLE]
    people = (seen.patients["seen"], seen.episodes["seen"])
    return release(question(clinic, "overview", cohort), people, tables, notes=_notes(clinic))


def _fetched(clinic: Clinic, cohort: Cohort) -> Fetched:
    return Fetched(
        q.episode_tallies(clinic, cohort, _outcomes(clinic)),
        q.surgery_tallies(clinic, cohort),
        q.surgery_times(clinic, cohort),
        q.waits(clinic, cohort),
        clinic.generation.data_until,
        clinic.policy.at_risk,
    )


def _outcomes(clinic: Clinic) -> tuple[q.Outcome, ...]:
    """The two scores of the overview, the headline and ODI, each with the first of its presets."""
    named = (("pain", "headline", clinic.generation.headline), ("odi", "odi", "odi"))
    return tuple(
        q.Outcome(name, prefix, episode_facts.c[f"baseline_{code}"], v.find(v.INSTRUMENTS, code), presets_of(code)[0])
        for name, prefix, code in named
    )


def _quarters(found: Fetched, indicator: Indicator) -> Iterator[dict[str, Any]]:
    """The quarters in which the indicator has anything to count, in order."""
    for key in sorted(key for key in found.of(indicator) if key is not None):
        counted = point(found, indicator, key)
        if counted.n:
            yield _cells(indicator, counted) | {"quarter": quarter_name(key)}


def _cells(indicator: Indicator, counted: Point) -> dict[str, Any]:
    """The released columns of a point and the distinct patients they rest on."""
    source, tally = SOURCES[indicator.name], counted.tally
    supports = {"patients": source.n, "hit_patients": source.hit, "miss_patients": source.miss}
    supports |= {"top_patients": source.top, "of_patients": source.of}
    whole, part = (tally.episodes.get(name, 0) for name in (source.of, source.top))
    owners = (tally.patients.get(source.of, 0), tally.patients.get(source.top, 0))
    return {
        "name": indicator.name,
        "value": counted.estimate.value,
        "low": counted.estimate.low,
        "high": counted.estimate.high,
        "n": counted.n,
        "completeness": part / whole if whole else None,
        "outside_patients": patients_outside((whole, part), owners),
    } | {name: tally.patients.get(condition, 0) for name, condition in supports.items()}


def _notes(clinic: Clinic) -> tuple[str, ...]:
    headline = clinic.generation.headline
    if headline == v.HEADLINE:
        return ()
    missing, shown = (v.find(v.INSTRUMENTS, code).label for code in (v.HEADLINE, headline))
    return (f"These data hold no {missing}; {shown} stands in for it.",)
