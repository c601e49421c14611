"""Is an indicator getting better, or is it noise? One chart by month, quarter or half-year, and the verdicts of all indicators."""

from __future__ import annotations

from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import Row
from synapse_analytics.analyses.charts import Chart, chart_of, judged_chart
from synapse_analytics.analyses.columns import COMPLETENESS, events_of, of_closed_periods, points_rule, values_of
from synapse_analytics.analyses.measures import N, labels
from synapse_analytics.analyses.options import Option
from synapse_analytics.analyses.points import Points, points_of
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.values import Fetched, notes, whole_row
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import TableRule
from synapse_analytics.errors import NotAllowed
from synapse_analytics.indicators import INDICATORS, NAMES, OVERVIEW, SET_BY_CLINIC, THEMES, Indicator, Measured
from synapse_analytics.indicators import indicator as declared_indicator
from synapse_analytics.vocabulary import codes
from synapse_analytics.vocabulary.periods import MONTHS_IN

INDICATOR = Option("indicator", "pain_improvement_12_months", NAMES, "which indicator; `indicators` lists them")
PERIOD = Option(
    "period", None, (None, *MONTHS_IN), "the time that one point stands for; default: the period by which the indicator is judged"
)
TILES = "overview"
THEME = Option("theme", None, (None, TILES, *codes(THEMES)), "only the indicators of this theme; overview: those of the overview's tiles")
DECLARED = ("unit", "target", "target_source", "direction", "chart", "judged_by", "since")
VERDICT = ("course", "before", "after", "variation", "assurance", "sentence")  # what a chart says, wherever it is said
STEPS = TableRule("steps", labels("period", "reason"))


@analysis(INDICATOR, PERIOD)
def control_chart(clinic: Clinic, cohort: Cohort, *, indicator: str, period: str | None) -> Found:
    """Is this indicator getting better, or is it noise?

    By month, quarter or half-year of the index: the shortest of which nine of ten points may be shown; under publish by quarter,
    half-year or year. The overview judges by the same period (judged_by). XmR limits for means, medians and counts, p for shares (p'
    where they scatter more), u for rates. Only periods whose follow-up is complete count for limits and rules; open ones are drawn
    beside them. rule is the NHS rule that marks a point (outside, trend, two of three, run, in this order); meaning says whether that
    is for the better. Limits are recalculated only at the steps in the settings file. Of an incidence the plain share is drawn; of a
    count, whole periods only.
    """
    asked = declared_indicator(indicator)
    found = Fetched.of(clinic, cohort, [asked])
    judged = judged_chart(found, asked)
    by = judged.points.period
    made = judged if period in (None, by) else chart_of(found, _chosen(found, judged.points, str(period)))
    steps = [{"period": step.month, "reason": step.reason} for step in clinic.settings.recalculations(indicator)]
    summary = _summarised(clinic, asked, made) | {"judged_by": by}
    return Found([(points_rule(asked.measured), made.rows()), (_summary(asked.measured), [summary]), (STEPS, steps)], notes(clinic, asked))


def _chosen(found: Fetched, judged: Points, period: str) -> Points:
    """The points of the period a reader chose; a policy that rounds shows one period only, so that no two can be subtracted."""
    if found.clinic.policy.rounds:
        raise NotAllowed(f"The policy 'publish' shows this indicator by {judged.period}, not by {period}.", drop=["period"])
    return points_of(found, judged.asked, period)


def _summary(measured: Measured) -> TableRule:
    names = ("name", "title", "unit", "direction", "chart", "period", "judged_by", "since", "points", "trial", "target", "target_source")
    columns = of_closed_periods(measured, "centre", "low", "high", *VERDICT)
    return TableRule("summary", (*labels(*names), *columns))


def _summarised(clinic: Clinic, asked: Indicator, found: Chart) -> Row:
    limits = found.found.limits
    last = {name: float(getattr(limits, name)[-1]) if len(limits.centre) else None for name in ("centre", "low", "high")}
    own = {"title": asked.title, "period": found.points.period, "points": len(limits.centre), "trial": limits.trial}
    return verdict_of(clinic, asked, found) | last | own


def verdict_of(clinic: Clinic, asked: Indicator, found: Chart) -> Row:
    """What the chart says, in the columns that the overview, the list of indicators and a single chart share."""
    own = clinic.settings.target(asked.name) is not None
    return {
        "name": asked.name,
        "unit": asked.unit,
        "direction": asked.direction,
        "chart": found.kind,
        "judged_by": found.points.period,
        "target": found.target,
        "target_source": SET_BY_CLINIC if own else asked.target_source,
        **found.change(),
        "variation": found.found.state,
        "assurance": found.assurance,
        "sentence": found.sentence,
        "told_patients": found.told_patients,
    }


def _listed(measured: Measured) -> TableRule:
    numbers = (*values_of(measured), N, events_of(measured), COMPLETENESS)
    declared = labels(*DECLARED)
    verdict = of_closed_periods(measured, *VERDICT)
    return TableRule("indicators", (*labels("name", "theme"), *numbers, *declared, *verdict, *labels("charts")))


LISTED = {measured: _listed(measured) for measured in Measured}


@analysis(THEME)
def indicators(clinic: Clinic, cohort: Cohort, *, theme: str | None) -> Found:
    """How does every indicator stand, against its target and against its own course?

    value with 95 % limits, n and completeness over the whole cohort. variation, assurance and sentence come from its control chart, by
    the period in judged_by: as in overview and control_chart, the shortest of which nine of ten points may be shown. variation is
    usual, improvement, concern, change, or too few.
    """
    declared = [one for one in INDICATORS if theme in (None, one.theme) or (theme == TILES and one.name in OVERVIEW)]
    found = Fetched.of(clinic, cohort, declared)
    tables: list[tuple[TableRule, list[Row]]] = []
    for asked in declared:
        made = judged_chart(found, asked)
        own = {"theme": asked.theme, "charts": asked.charts}
        row = whole_row(found, asked) | own | verdict_of(clinic, asked, made)
        tables.append((LISTED[asked.measured], [row]))
    return Found(tables, notes(clinic, *declared))
