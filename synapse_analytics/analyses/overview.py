"""The overview: the indicators a board reads first, with interval, n and completeness, and the course by which each is judged."""

from __future__ import annotations

from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import Row
from synapse_analytics.analyses.charts import judged_chart
from synapse_analytics.analyses.columns import COMPLETENESS, events_of, points_rule, values_of
from synapse_analytics.analyses.measures import N, labels
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.values import Fetched, notes, whole_row
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import TableRule
from synapse_analytics.indicators import OVERVIEW, Measured, indicator

COURSE = ("period", "n", "events", "value")  # of a point, what a small line needs; its limits stand on the chart


def _indicators(measured: Measured) -> TableRule:
    numbers = (*values_of(measured), N, events_of(measured), COMPLETENESS)
    return TableRule("indicators", (*labels("name"), *numbers, *labels("unit", "judged_by", "chart")))


def _periods(measured: Measured) -> TableRule:
    return TableRule("periods", (*labels("name"), *(column for column in points_rule(measured).measures if column.name in COURSE)))


# Each kind of indicator has limits of its own, so the tables come in parts.
RULES = {measured: (_indicators(measured), _periods(measured)) for measured in Measured}


@analysis()
def overview(clinic: Clinic, cohort: Cohort) -> Found:
    """How is the clinic doing, and is it changing?

    One row per indicator: value with 95 % limits, n episodes, completeness where answers were expected or episodes could
    be lost before the window ended. Improvements are positive. periods: the points on which the verdict of `indicators` rests, by
    the period in judged_by: month, quarter or half-year, the finest of which nine of ten points may be shown.
    """
    declared = [indicator(name) for name in OVERVIEW]
    found = Fetched.of(clinic, cohort, declared)
    tables: list[tuple[TableRule, list[Row]]] = []
    for asked in declared:
        (indicators, periods), made = RULES[asked.measured], judged_chart(found, asked)
        about = {"unit": asked.unit, "judged_by": made.points.period, "chart": made.kind}
        tables.append((indicators, [whole_row(found, asked) | about]))
        tables.append((periods, [row for row in made.rows() if row["state"] == "closed"]))
    return Found(tables, notes(clinic, *declared))
