"""What a generation must show before it is published: the rows it should have, and marts that agree with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from synapse_analytics.errors import StoreError
from synapse_analytics.store.tables import (
    BASE_TABLES,
    MARTS,
    episode_facts,
    episodes,
    index_days,
    index_scores,
    indicator_rows,
    pathway_names,
)
from synapse_analytics.store.workshop import Workshop


def check_generation(workshop: Workshop, expected: Mapping[str, int]) -> dict[str, int]:
    """Rows per table; a fault of ours stops the load here, with the old generation still serving."""
    counts = [_count(table).label(table.name) for table in (*BASE_TABLES, *MARTS)]
    rows = workshop.fetch(sa.select(*counts)).to_pylist()[0]
    wrong = [name for name, n in expected.items() if rows[name] != n]
    if rows["episode_facts"] != rows["episodes"]:
        wrong.append("episode_facts")
    found = workshop.fetch(sa.select(*(count.label(what) for what, count in _faults()))).to_pylist()[0]
    wrong += [what for what, n in found.items() if n]
    if wrong:
        raise StoreError(f"The load stopped before publishing: {', '.join(wrong)} came out wrong. The old data still serve.")
    return rows


def _faults() -> Iterator[tuple[str, sa.ColumnElement[int]]]:
    """Counts of rows that must not exist."""
    for table in BASE_TABLES:
        for column in table.columns:
            if column.name.endswith("_key") and (table.name, column.name) != ("adverse_events", "treatment_key"):
                yield f"{table.name} without {column.name}", _count(table, column.is_(None))
    distinct = sa.select(sa.func.count(sa.distinct(episode_facts.c.episode_key))).scalar_subquery()
    yield "doubled episodes", _count(episodes) - distinct
    yield "pathways without a name", _count(episode_facts, episode_facts.c.pathway.not_in(sa.select(pathway_names.c.pathway)))
    yield "first visits", _count(index_days, index_days.c.index_code == 0) - _count(episodes)
    yield "scores without a baseline", _count(index_scores, index_scores.c.baseline.is_(None))
    yield "episodes that are not seen", _count(episodes) - _count(indicator_rows, indicator_rows.c.index_code == 0)


def _count(table: sa.Table, condition: sa.ColumnElement[bool] | None = None) -> sa.ScalarSelect:
    statement = sa.select(sa.func.count()).select_from(table)
    return (statement if condition is None else statement.where(condition)).scalar_subquery()
