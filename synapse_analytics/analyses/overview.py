"""The overview: the indicators a board reads first, how each stands in the latest year and in all, and the course by which it is judged."""

from __future__ import annotations

from typing import Any

from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import Row
from synapse_analytics.analyses.charts import judged_chart
from synapse_analytics.analyses.columns import COMPLETENESS, events_of, of_closed_periods, points_rule, values_of
from synapse_analytics.analyses.control_chart import DECLARED, VERDICT, verdict_of
from synapse_analytics.analyses.measures import N, labels
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.values import Fetched, latest_year, notes, whole_row
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Measure, TableRule
from synapse_analytics.indicators import OVERVIEW, Indicator, Measured, indicator
from synapse_analytics.vocabulary.periods import MONTH, name_of

COURSE = ("period", "n", "events", "value", "centre", "low", "high")  # of a point, what a small line needs


def _numbers(measured: Measured) -> tuple[Measure, ...]:
    return (*values_of(measured), N, events_of(measured), COMPLETENESS)


def _indicators(measured: Measured) -> TableRule:
    verdict = of_closed_periods(measured, *VERDICT)
    return TableRule("indicators", (*labels("name"), *_numbers(measured), *labels(*DECLARED), *verdict))


def _latest(measured: Measured) -> TableRule:
    return TableRule("latest_year", (*labels("name", "first", "last"), *_numbers(measured)))


def _periods(measured: Measured) -> TableRule:
    return TableRule("periods", (*labels("name"), *(column for column in points_rule(measured).measures if column.name in COURSE)))


# Each kind of indicator has limits of its own, so the tables come in parts.
RULES = {measured: (_indicators(measured), _latest(measured), _periods(measured)) for measured in Measured}


@analysis()
def overview(clinic: Clinic, cohort: Cohort) -> Found:
    """How is the clinic doing, and what has changed lately?

    indicators: a row each, with its value and 95 % limits, the number of episodes, and completeness where answers were expected or
    episodes could be lost before the follow-up period ended. An improvement is a positive number. course is usual, or the meaning of a
    change that began in the last two years and is too strong for chance among so many indicators; since, before and after say when and
    by how much.
    periods: the points on which the verdict rests, by month, quarter or half-year (judged_by): the shortest of which nine of ten points
    may be shown.
    latest_year: the same numbers for the last twelve months whose follow-up period is complete; empty under a policy that rounds.
    """
    declared = [indicator(name) for name in OVERVIEW]
    found = Fetched.of(clinic, cohort, declared)
    tables: list[tuple[TableRule, list[Row]]] = []
    for asked in declared:
        (indicators, latest, periods), made = RULES[asked.measured], judged_chart(found, asked)
        tables.append((indicators, [whole_row(found, asked) | verdict_of(clinic, asked, made)]))
        tables.append((latest, [] if clinic.policy.rounds else [_of_latest_year(found, asked)]))
        tables.append((periods, [row for row in made.rows() if row["state"] == "closed"]))
    return Found(tables, notes(clinic, *declared))


def _of_latest_year(found: Fetched, asked: Indicator) -> dict[str, Any]:
    months = latest_year(found.clinic, asked, found.cohort)
    named = {"first": name_of(months[0], MONTH), "last": name_of(months[-1], MONTH)}
    return dict(whole_row(found, asked, months)) | named
