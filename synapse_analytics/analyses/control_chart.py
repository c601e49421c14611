"""Is an indicator getting better, or is it noise? One chart by month (or quarter), and the verdicts of all indicators."""

from __future__ import annotations

from typing import Any

from synapse_analytics.analyses.asking import question
from synapse_analytics.analyses.charts import Chart, chart, points_rule
from synapse_analytics.analyses.overview import COMPLETENESS, N, events_of, values_of
from synapse_analytics.analyses.registry import Option, analysis
from synapse_analytics.analyses.shares import label
from synapse_analytics.analyses.values import MONTH, QUARTER, Fetched, notes, whole_row
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, Released, Row, TableRule, release
from synapse_analytics.errors import NotAllowed
from synapse_analytics.indicators import INDICATORS, NAMES, OVERVIEW, SET_BY_CLINIC, THEMES, Indicator, Measured
from synapse_analytics.indicators import indicator as declared_indicator
from synapse_analytics.queries.population import population
from synapse_analytics.vocabulary import codes

INDICATOR = Option("indicator", "pain_improvement_12_months", NAMES, "which indicator; `indicators` lists them")
PERIOD = Option("period", None, (None, MONTH, QUARTER), "points per month or quarter; default: month, under the policy publish quarter")
TILES = "overview"
THEME = Option("theme", None, (None, TILES, *codes(THEMES)), "only the indicators of this theme; overview: those of the overview's tiles")
STEPS = TableRule("steps", (label("period"), label("reason")))


def _told(measured: Measured, *names: str) -> tuple[Measure, ...]:
    """Columns that tell of all closed periods together."""
    return tuple(Measure(name, Kind.MEDIAN if measured is Measured.MEDIAN else Kind.MEAN, "told_patients") for name in names)


@analysis(INDICATOR, PERIOD)
def control_chart(clinic: Clinic, cohort: Cohort, *, indicator: str, period: str | None) -> Released:
    """Is this indicator getting better, or is it noise?

    By month (or quarter) of the index. XmR limits for means, medians and counts, p for shares (p' where they scatter more),
    u for rates. Only periods whose follow-up window is surely over count for limits and rules; `open` ones are drawn beside
    them. rule is the NHS rule that marks a point (outside, trend, two of three, run, in this priority), meaning says whether
    that is for the better. Limits are recalculated at documented steps only (settings file). Of an incidence the plain share.
    """
    asked, by = declared_indicator(indicator), _period(clinic, period)
    people = population(clinic, cohort)
    found = chart(Fetched.of(clinic, cohort, [asked]), asked, by)
    steps = [{"period": step.month, "reason": step.reason} for step in clinic.settings.recalculations(indicator)]
    summary = _summarised(clinic, asked, found)
    tables = [(points_rule(asked.measured), found.rows()), (_summary(asked.measured), [summary]), (STEPS, steps)]
    options = {"indicator": indicator, "period": by}
    return release(question(clinic, "control_chart", cohort, **options), people, tables, notes=notes(clinic, asked))


def _period(clinic: Clinic, period: str | None) -> str:
    if clinic.policy.name != "publish":
        return period or MONTH
    if period == MONTH:
        raise NotAllowed("The policy 'publish' does not allow points by month. Legal: quarter.", drop=["period"])
    return QUARTER


def _summary(measured: Measured) -> TableRule:
    labels = ("name", "title", "unit", "direction", "chart", "points", "trial", "target", "target_source")
    told = _told(measured, "centre", "low", "high", "variation", "assurance", "sentence")
    return TableRule("summary", (*(label(name) for name in labels), *told))


def _summarised(clinic: Clinic, asked: Indicator, found: Chart) -> dict[str, Any]:
    limits = found.found.limits
    last = {name: float(getattr(limits, name)[-1]) if len(limits.centre) else None for name in ("centre", "low", "high")}
    return _verdict(clinic, asked, found) | last | {"title": asked.title, "points": len(limits.centre), "trial": limits.trial}


def _verdict(clinic: Clinic, asked: Indicator, found: Chart) -> dict[str, Any]:
    """What the chart says, in the columns that the list of indicators and a single chart share."""
    own = clinic.settings.target(asked.name) is not None
    return {
        "name": asked.name,
        "unit": asked.unit,
        "direction": asked.direction,
        "chart": found.found.limits.kind if len(found.found.values) else None,
        "target": found.target,
        "target_source": SET_BY_CLINIC if own else asked.target_source,
        "variation": found.found.state,
        "assurance": found.assurance,
        "sentence": found.sentence,
        "told_patients": found.told_patients,
    }


def _listed(measured: Measured) -> TableRule:
    value, low, high = values_of(measured)
    before = (label("name"), label("theme"), value, low, high, N, events_of(measured), COMPLETENESS)
    declared = (label(name) for name in ("unit", "target", "target_source", "direction", "chart"))
    return TableRule("indicators", (*before, *declared, *_told(measured, "variation", "assurance", "sentence"), label("charts")))


LISTED = {measured: _listed(measured) for measured in Measured}


@analysis(THEME)
def indicators(clinic: Clinic, cohort: Cohort, *, theme: str | None) -> Released:
    """How does every indicator stand, against its target and against its own course?

    value with 95 % limits, n and completeness over the whole cohort; variation, assurance and sentence from its control
    chart by month (by quarter under the policy publish, and where too many months are small). variation: usual, improvement,
    concern, change, or too few.
    """
    people = population(clinic, cohort)
    declared = [one for one in INDICATORS if theme in (None, one.theme) or (theme == TILES and one.name in OVERVIEW)]
    found, period = Fetched.of(clinic, cohort, declared), _period(clinic, None)
    tables: list[tuple[TableRule, list[Row]]] = []
    for asked in declared:
        made = chart(found, asked, period)
        if made.hidden and period == MONTH:
            made = chart(found, asked, QUARTER)
        row = whole_row(found, asked) | {"theme": asked.theme, "charts": asked.charts} | _verdict(clinic, asked, made)
        tables.append((LISTED[asked.measured], [row]))
    return release(question(clinic, "indicators", cohort, theme=theme), people, tables, notes=notes(clinic, *declared))
