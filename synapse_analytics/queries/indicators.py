"""The counts behind the indicators: a pass over the episodes of a family, split by month, quarter or unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_column
from synapse_analytics.cohort.groups import NOT_RECORDED
from synapse_analytics.queries.calendar import quarter
from synapse_analytics.queries.counting import sum_of, sum_of_squares
from synapse_analytics.queries.escalation import at_risk_on_day_0
from synapse_analytics.queries.families import FACTS, YEAR, Family, families, operated
from synapse_analytics.queries.tallies import Case, Counting, Key, Tally, tally
from synapse_analytics.store.functions import int_div

Tallies = dict[Key, Tally]
MONTH, QUARTER = "month", "quarter"
POINT, TEN_POINTS = 1_000, 10_000  # thousandths
# What an expected outcome may rest on: what was known before treatment.
CODED = ("diagnosis", "age_band", "sex", "symptom_band", "red_flags", "weakness")
MEASURED = ("pain", "odi")


def split(clinic: Clinic, family: Family, by: str) -> sa.ColumnElement[Any]:
    """What episodes of a family are split by: the month or quarter of their index, or a unit (site, clinician).

    The month of a later event may be off by one; none lies after the data.
    """
    year, month = map(int, clinic.generation.data_until.split("-"))
    last = year * 12 + month - 1
    capped = sa.case((family.month > last, last), else_=family.month)
    if by == MONTH:
        return capped
    return quarter(capped) if by == QUARTER else sa.func.coalesce(group_column(by), NOT_RECORDED)


def tallies(clinic: Clinic, cohort: Cohort, name: str, names: Sequence[str], *, by: str) -> Tallies:
    """Counts and sums of one family: only these names (sums are recognised among them), by key and as a whole."""
    family = families(clinic.generation.headline)[name]
    return tally(clinic, cohort, _counting(family, names, split(clinic, family, by)))


def _counting(family: Family, names: Sequence[str], key: sa.ColumnElement[Any]) -> Counting:
    sums = {name: total for name, total in family.sums.items() if name in names}
    exact = tuple(name for name in family.exact if name in names)
    asked = Counting(key, family.cases, sums, family.where, exact, family.source)
    return Counting(key, asked.only(tuple(names)), sums, family.where, exact, family.source)


def surgery_times(clinic: Clinic, cohort: Cohort, *, by: str) -> list[dict[str, Any]]:
    """key (month or quarter of the first visit), day, cause, n: when episodes were operated (1), had a competing end (2), were censored (0).

    Whatever happens after a year is one entry, still at risk.
    """
    final = [v.position(v.STATUSES, code) for code in ("resolved", "discharged", "died")]
    ended = sa.and_(FACTS.closed_day.is_not(None), FACTS.status.in_(final))
    day = sa.case((operated(), FACTS.first_surgery_day), else_=sa.func.coalesce(FACTS.closed_day, FACTS.follow_up_end))
    columns = (_first_visit_key(by), day.label("day"), sa.case((operated(), 1), (ended, 2), else_=0).label("cause"))
    left = sa.select(*columns).where(*at_risk_on_day_0("surgery"), *cohort.where()).subquery("left_on")
    within = left.c.day <= YEAR
    capped = sa.select(
        left.c.key, sa.case((within, left.c.day), else_=YEAR + 1).label("day"), sa.case((within, left.c.cause), else_=0).label("cause")
    ).subquery("capped")
    keys = (capped.c.key, capped.c.day, capped.c.cause)
    return clinic.rows(sa.select(*keys, sa.func.count().label("n")).group_by(*keys))


def waits(clinic: Clinic, cohort: Cohort, *, by: str) -> list[dict[str, Any]]:
    """key (month or quarter of the first visit), value (days to the first treatment), n."""
    key, value = _first_visit_key(by), FACTS.first_treatment_day.label("value")
    statement = sa.select(key, value, sa.func.count().label("n")).where(value.is_not(None), *cohort.where())
    return clinic.rows(statement.group_by(key, value))


def _first_visit_key(by: str) -> sa.ColumnElement[Any]:
    return (FACTS.first_visit_month if by == MONTH else quarter(FACTS.first_visit_month)).label("key")


def case_mix(clinic: Clinic, cohort: Cohort, name: str, counts: tuple[str, str, str], *, by: str) -> dict[str, Any]:
    """Episodes of a family in cells of unit and case mix, as columns: `unit`, CODED, MEASURED, n, hits, total and squares.

    `counts` names who is counted, who of them is a hit and what is summed, in thousandths ("" = nobody, nothing). Pain is in whole
    points and ODI in tens, null where not recorded: cells are few, and no row of a patient is fetched.
    """
    family = families(clinic.generation.headline)[name]
    counted, hit, total = counts
    asked = Counting(split(clinic, family, by), family.cases)
    met = [_holds(asked.only((one,))[0], one) if one else sa.false() for one in (counted, hit)]
    pain, odi = family.baselines
    weakness = sa.case((FACTS.symptoms.bitwise_and(1 << v.position(v.SYMPTOMS, "leg_weakness")) != 0, 1), else_=0)
    flagged = sa.case((FACTS.red_flags.is_(True), 1), (FACTS.red_flags.is_(False), 0))
    columns = [
        split(clinic, family, by).label("unit"),
        *(FACTS[code].label(code) for code in CODED[:4]),
        flagged.label("red_flags"),
        weakness.label("weakness"),
        int_div(pain + POINT // 2, POINT).label("pain"),
        int_div(odi + TEN_POINTS // 2, TEN_POINTS).label("odi"),
        sa.case((met[1], 1), else_=0).label("hit"),
        (family.sums[total] if total else sa.literal_column("0")).label("total"),
    ]
    rows = sa.select(*columns).select_from(family.source).where(met[0], *family.where, *cohort.where()).subquery("counted")
    keys = [rows.c[column] for column in ("unit", *CODED, *MEASURED)]
    sums = [sum_of(rows.c.hit).label("hits"), sum_of(rows.c.total).label("total"), sum_of_squares(rows.c.total).label("squares")]
    table = clinic.arrow(sa.select(*keys, sa.func.count().label("n"), *sums).group_by(*keys))
    return {column: table.column(column).to_numpy() for column in table.column_names}


def _holds(case: Case, name: str) -> sa.ColumnElement[bool]:
    """The clause that is true where a case says this name: the first condition that fits decides."""
    return sa.case(*((held, name in names) for held, names in case), else_=False)
