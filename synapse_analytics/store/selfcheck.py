"""What a generation must show before it is published: the rows it should have, and marts that agree with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.anonymity import SMALLEST_CLASS
from synapse_analytics.errors import StoreError
from synapse_analytics.store.functions import int_div
from synapse_analytics.store.tables import (
    BASE_TABLES,
    MARTS,
    anonymous_episodes,
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
    yield "episodes that cannot be exported", _count(episodes) - _count(anonymous_episodes)
    yield "combinations of too few patients", _rare_combinations()
    yield "exported cells", _changed_cells()
    yield "exported cells of patients", _given_back()


def _rare_combinations() -> sa.ScalarSelect:
    """Combinations of the exported cells that are shared by fewer than five patients, where there are five."""
    rows = anonymous_episodes.c
    patients = sa.func.count(sa.distinct(rows.patient_key))
    needed = sa.func.least(SMALLEST_CLASS, sa.select(patients).scalar_subquery())
    rare = sa.select(patients.label("patients")).group_by(*_cells().values()).having(patients < needed).subquery()
    return sa.select(sa.func.count()).select_from(rare).scalar_subquery()


def _changed_cells() -> sa.ScalarSelect:
    """Exported cells that are neither blank nor what the episode holds."""
    facts = episode_facts.c
    oldest = len(v.FIVE_YEAR_BANDS) - 1
    true = {name: facts[name] for name in _cells()} | {"age_band": sa.func.least(int_div(facts.age_years, 5), oldest)}
    wrong = [cell != true[name] for name, cell in _cells().items()]
    joined = anonymous_episodes.join(episode_facts, facts.episode_key == anonymous_episodes.c.episode_key)
    return sa.select(sa.func.count()).select_from(joined).where(sa.or_(*wrong)).scalar_subquery()


def _given_back() -> sa.ScalarSelect:
    """Patients of whom one row shows the age band or the sex that another row blanks."""
    rows = anonymous_episodes.c
    mixed = [sa.func.count(cell).not_in((0, sa.func.count())) for cell in (rows.age_band, rows.sex)]
    found = sa.select(rows.patient_key).group_by(rows.patient_key).having(sa.or_(*mixed)).subquery()
    return sa.select(sa.func.count()).select_from(found).scalar_subquery()


def _cells() -> dict[str, sa.Column]:
    return {column.name: column for column in anonymous_episodes.columns if not column.name.endswith("_key")}


def _count(table: sa.Table, condition: sa.ColumnElement[bool] | None = None) -> sa.ScalarSelect:
    statement = sa.select(sa.func.count()).select_from(table)
    return (statement if condition is None else statement.where(condition)).scalar_subquery()
