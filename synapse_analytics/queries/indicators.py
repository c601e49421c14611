"""The counts behind the indicators: bits of one narrow mart, by the month of the index or by unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_column
from synapse_analytics.cohort.groups import UNIT_NOT_RECORDED
from synapse_analytics.counts import COUNTED, SQUARES, Counts, Distribution, Relation, count, distribution, grouped
from synapse_analytics.indicators import INDEXES, Index, Indicator, Measured, amount_column, facts_of
from synapse_analytics.store.tables import episode_facts, indicator_rows

FACTS, ROWS = episode_facts.c, indicator_rows.c
MONTH = "month"
# What an expected outcome may rest on: what was known before treatment.
CODED = ("diagnosis", "age_band", "sex", "symptom_band", "red_flags", "weakness")
MEASURED = ("pain", "odi")
WEAKNESS = v.position(v.SYMPTOMS, "leg_weakness")
ADDED_UP = (Measured.MEAN, Measured.RATE)


def fact(index: Index, clause: str) -> str:
    """The name under which a clause of an index is counted."""
    return f"{index.code}: {clause}"


def indicator_counts(clinic: Clinic, cohort: Cohort, declared: Sequence[Indicator], by: str) -> Counts:
    """The counts of some indicators, all out of one scan: keys are (position of the index, month or unit)."""
    indexes = sorted({INDEXES.index(one.index) for one in declared})
    bits = {fact(one.index, clause): facts_of(one.index).index(clause) for one in declared for clause in one.clauses()}
    amounts = sorted({amount_column(one) for one in declared if one.measured in ADDED_UP})
    relation = Relation(
        ("indicators", by),
        indicator_rows,
        keys=(ROWS.index_code, _split(by)),
        flags=ROWS.flags,
        bits=bits,
        sums={name: ROWS[name] for name in amounts},
        where=(ROWS.index_code.in_(indexes),),
    )
    return count(clinic, cohort, relation)


def days_by_month(clinic: Clinic, cohort: Cohort, declared: Indicator) -> Distribution:
    """Of a median or an incidence: month of the index, days, and whether the event or a competing end came."""
    names = [clause for clause in (declared.whole.hit, declared.competes) if clause]
    facts = facts_of(declared.index)
    among = 1 << facts.index(declared.among)
    relation = Relation(
        ("days", declared.name),
        indicator_rows,
        keys=(ROWS.month, ROWS[amount_column(declared)]),
        flags=ROWS.flags if names else None,
        bits={name: facts.index(name) for name in names},
        where=(
            ROWS.index_code == INDEXES.index(declared.index),
            _has(among),
            ROWS[amount_column(declared)].is_not(None),
        ),
    )
    return distribution(clinic, cohort, relation)


def _has(mask: int) -> sa.ColumnElement[bool]:
    """True of rows with any of these bits."""
    return ROWS.flags.bitwise_and(sa.literal_column(str(mask))) != 0


def _split(by: str) -> sa.ColumnElement[Any]:
    return ROWS.month if by == MONTH else sa.func.coalesce(group_column(by), UNIT_NOT_RECORDED)


def case_mix(clinic: Clinic, cohort: Cohort, declared: Indicator, *, by: str) -> dict[str, Any]:
    """Episodes that count, in cells of unit and case mix, as columns: `unit`, CODED, MEASURED, n, hits, total and squares.

    Pain is in whole points and ODI in tens, null where not recorded: cells are few, and no row of a patient is fetched.
    """
    facts, counted = facts_of(declared.index), declared.plain
    n, hit = (1 << facts.index(clause) if clause else 0 for clause in (counted.n, counted.hit))
    amount = ROWS[amount_column(declared)] if declared.amount and declared.measured in ADDED_UP else sa.literal_column("0")
    wide = sa.cast(amount, sa.BigInteger)
    keys = {
        "unit": _split(by),
        **{code: FACTS[code] for code in CODED[:4]},
        "red_flags": sa.cast(FACTS.red_flags, sa.SmallInteger),
        "weakness": FACTS.symptoms.bitwise_and(1 << WEAKNESS),
        "pain": ROWS.pain,
        "odi": ROWS.odi,
    }
    added_up = {"hits": sa.case((_has(hit), 1), else_=0), "total": wide, "squares": wide * wide}
    totals = {name: sa.cast(sa.func.sum(column), sa.BigInteger) for name, column in added_up.items()}
    held = (ROWS.index_code == INDEXES.index(declared.index), _has(n))
    relation = Relation(("case mix",), indicator_rows, where=held)
    table = clinic.arrow(grouped(cohort, relation, keys, {**COUNTED, **totals}))
    # In order: sums of floating numbers depend on it, and the engine's order is its own.
    table = table.sort_by([(name, "ascending") for name in keys])
    return {column: table.column(column).to_numpy() for column in table.column_names}


__all__ = ["CODED", "MEASURED", "MONTH", "SQUARES", "case_mix", "days_by_month", "fact", "indicator_counts"]
