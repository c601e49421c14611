"""The answers of both arms of a comparison up to a crossover."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.queries.arms import first_rivals, landmark, rival_columns
from synapse_analytics.queries.comparison import Asked, People, all_indexes
from synapse_analytics.store.functions import VALUE_ROOM as ROOM
from synapse_analytics.store.tables import episode_facts, index_days, scores

Array = np.ndarray
FACTS, INDEX, SCORES = episode_facts.c, index_days.c, scores.c
NONE = np.iinfo(np.int64).max


def answers_before(asked: Asked, found: People, visits: Sequence[int]) -> Array:
    """Scores (thousandths) of the episodes that crossed over, NaN where not answered by then; one statement.

    Of the answers in the window of a visit given up to the day of the crossover the nearest to its target counts, of two as near
    the earlier, as the marts choose. Whether a visit was expected is not asked here.
    """
    table = asked.clinic.arrow(_given(asked))
    episode, day, value = (table.column(name).to_numpy() for name in ("episode_key", "day", "value"))
    best = np.full((len(found.arm), len(visits)), NONE)
    if not len(best):
        return best.astype(np.float32)
    terms = [v.VISITS[visit] for visit in visits]
    opens, targets = np.array([term.first for term in terms]), np.array([term.target for term in terms])
    row_of = np.empty(int(max(episode.max(initial=0), found.episode.max(initial=0))) + 1, dtype=np.int64)
    for place in (0, 1):
        rows = np.flatnonzero((found.arm == place) & ~np.isnan(found.numbers["crossover_day"]))
        row_of[:] = -1
        row_of[found.episode[rows]] = rows
        row = row_of[episode]
        since = day - found.numbers["index_day"][row]
        used = np.flatnonzero((row >= 0) & (day <= found.numbers["crossover_day"][row]) & (since >= opens[0]) & (since <= terms[-1].last))
        visit = np.searchsorted(opens, since[used], side="right") - 1
        gap = since[used].astype(np.int64) - targets[visit]
        distance = np.where(gap > 0, 2 * gap + 1, -2 * gap)
        np.minimum.at(best, (row[used], visit), distance * ROOM + value[used] + ROOM // 2)
    return np.where(best == NONE, np.nan, best % ROOM - ROOM // 2).astype(np.float32)


def _given(asked: Asked) -> sa.Select:
    """Every answer of the episodes of either arm in which something was done that makes a crossover."""
    source: sa.FromClause = scores.join(episode_facts, FACTS.episode_key == SCORES.episode_key)
    crossed: list[sa.ColumnElement[bool]] = []
    for arm in asked.arms:
        crossed += [column.is_not(None) for name, column in rival_columns(arm).items() if name.startswith("first_")]
        if arm.other_rivals:
            rivals = first_rivals(arm.other_rivals)
            source = source.outerjoin(rivals, rivals.c.episode_key == SCORES.episode_key)
            crossed.append(rivals.c.start_day.is_not(None))
    indexed = sa.select(INDEX.episode_key).where(INDEX.index_code.in_(all_indexes(asked)))
    return (
        sa.select(SCORES.episode_key, SCORES.day, SCORES.value)
        .select_from(source)
        .where(
            SCORES.instrument == asked.instrument,
            SCORES.episode_key.in_(indexed),
            sa.or_(sa.false(), *crossed),
            *landmark(asked.arms[0]),
            *asked.cohort.where(),
        )
    )
