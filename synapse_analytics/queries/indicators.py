"""The counts behind the indicators: bits of one narrow mart, by the month of the index or by unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_column
from synapse_analytics.cohort.groups import UNIT_NOT_RECORDED
from synapse_analytics.counts import SQUARES, Counts, Distribution, Relation, count, distribution
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
        needs_facts=by != MONTH,
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
            ROWS.flags.bitwise_and(sa.literal_column(str(among))) != 0,
            ROWS[amount_column(declared)].is_not(None),
        ),
    )
    return distribution(clinic, cohort, relation)


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
    keys = [
        _split(by).label("unit"),
        *(FACTS[code].label(code) for code in CODED[:4]),
        sa.cast(FACTS.red_flags, sa.SmallInteger).label("red_flags"),
        FACTS.symptoms.bitwise_and(1 << WEAKNESS).label("weakness"),
        ROWS.pain.label("pain"),
        ROWS.odi.label("odi"),
    ]
    sums = [
        sa.func.count().label("n"),
        sa.cast(sa.func.sum(sa.case((ROWS.flags.bitwise_and(sa.literal_column(str(hit))) != 0, 1), else_=0)), sa.BigInteger).label("hits"),
        sa.cast(sa.func.sum(wide), sa.BigInteger).label("total"),
        sa.cast(sa.func.sum(wide * wide), sa.BigInteger).label("squares"),
    ]
    held = [ROWS.index_code == INDEXES.index(declared.index), ROWS.flags.bitwise_and(sa.literal_column(str(n))) != 0]
    source = indicator_rows.join(episode_facts, FACTS.episode_key == ROWS.episode_key)
    statement = sa.select(*keys, *sums).select_from(source).where(*held, *cohort.where())
    table = clinic.arrow(statement.group_by(*(sa.literal_column(str(place)) for place in range(1, len(keys) + 1))))
    # In order: sums of floating numbers depend on it, and the engine's order is its own.
    table = table.sort_by([(key.name, "ascending") for key in keys])
    return {column: table.column(column).to_numpy() for column in table.column_names}


__all__ = ["CODED", "MEASURED", "MONTH", "SQUARES", "case_mix", "days_by_month", "fact", "indicator_counts"]
