"""The steps of the default pathway definition and the name of each episode's pathway, computed in numpy from the treatments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from synapse_analytics.pathways import NO_END, PathwayDefinition, Steps, build_steps, name_pathways, scores_around_steps
from synapse_analytics.store.base import arrow_type
from synapse_analytics.store.tables import scores, treatment_steps, treatments
from synapse_analytics.store.workshop import Workshop

CHUNK = 250_000  # episodes at a time; their treatments and sort keys take about 100 MB
NO_SCORE = np.iinfo(np.int32).min
DEFAULT = PathwayDefinition()


@dataclass(frozen=True, slots=True)
class Owners:
    """By episode key: the patient where it has other episodes (null where not)."""

    repeat_patient: pa.ChunkedArray

    def __len__(self) -> int:
        return len(self.repeat_patient)


@dataclass(frozen=True, slots=True)
class ScoredSteps:
    """Steps with the headline score before and after each."""

    steps: Steps
    before: np.ndarray
    after: np.ndarray


def keep_steps(workshop: Workshop, follow_up: sa.TableClause, headline: int) -> sa.TableClause:
    """Write treatment_steps and pathway_names; returns the pathway of each treated episode."""
    owners = _owners(workshop, follow_up)
    chunks = [_chunk(workshop, follow_up, headline, chosen) for chosen in episode_ranges(len(owners))]
    found = _together(chunks)
    workshop.keep("treatment_steps", _mart(found, owners))
    episode, pathway, names = name_pathways(found.steps, DEFAULT)
    numbers = pa.array(np.arange(len(names), dtype=np.int32))
    words = [pa.array([name[place] for name in names], pa.string()) for place in (0, 1)]
    workshop.keep("pathway_names", pa.table({"pathway": numbers, "steps": words[0], "times": words[1]}))
    begin = np.flatnonzero(found.steps.step == 1)
    final = np.append(begin[1:], len(found.steps.step)) - 1 if len(begin) else begin
    days = (found.steps.start_day[final] - found.steps.start_day[begin]).astype(np.int32)
    return workshop.lay_out(
        "episode_pathways", pa.table({"episode_key": episode.astype(np.int32), "pathway": pathway, "pathway_days": days})
    )


def episode_ranges(episodes: int) -> list[tuple[int, int]]:
    """(first, last) episode keys of each chunk; one empty chunk when there are no episodes."""
    return [(begin, begin + CHUNK - 1) for begin in range(0, max(episodes, 1), CHUNK)]


def _owners(workshop: Workshop, follow_up: sa.TableClause) -> Owners:
    return Owners(workshop.fetch(sa.select(follow_up.c.repeat_patient).order_by(follow_up.c.episode_key)).column(0))


def _chunk(workshop: Workshop, follow_up: sa.TableClause, headline: int, chosen: tuple[int, int]) -> ScoredSteps:
    given = workshop.fetch(
        sa.select(
            treatments.c.episode_key,
            treatments.c.treatment,
            treatments.c.start_day,
            sa.func.coalesce(treatments.c.end_day, NO_END).label("end_day"),
            follow_up.c.follow_up_end,
        )
        .join(follow_up, follow_up.c.episode_key == treatments.c.episode_key)
        .where(treatments.c.episode_key.between(*chosen))
    )
    episode, treatment, start, end, follow_up_end = (column.to_numpy() for column in given.columns)
    steps = build_steps(episode, treatment, start, end, follow_up_end, DEFAULT)
    answers = workshop.fetch(
        sa.select(scores.c.episode_key, scores.c.day, scores.c.value).where(
            scores.c.instrument == headline, scores.c.episode_key.between(*chosen)
        )
    )
    return ScoredSteps(steps, *scores_around_steps(steps, *(column.to_numpy() for column in answers.columns)))


def _together(chunks: list[ScoredSteps]) -> ScoredSteps:
    names = ("episode", "step", "units", "times", "start_day", "end_day")
    steps = Steps(*(np.concatenate([getattr(chunk.steps, name) for chunk in chunks]) for name in names))
    return ScoredSteps(steps, np.concatenate([chunk.before for chunk in chunks]), np.concatenate([chunk.after for chunk in chunks]))


def _mart(found: ScoredSteps, owners: Owners) -> pa.Table:
    steps = found.steps
    first = steps.step == 1
    previous_units, previous_start = np.full(len(first), -1), np.zeros(len(first), dtype=np.int64)
    later = np.flatnonzero(~first)
    previous_units[later], previous_start[later] = steps.units[later - 1], steps.start_day[later - 1]
    values = {
        "episode_key": steps.episode,
        "repeat_patient": owners.repeat_patient.take(pa.array(steps.episode)).combine_chunks(),
        "step": steps.step,
        "units": steps.units,
        "previous_units": previous_units,
        "times": steps.times,
        "start_day": steps.start_day,
        "end_day": steps.end_day,
        "days_since_previous": steps.start_day - previous_start,
        "score_before": pa.array(found.before, mask=found.before == NO_SCORE),
        "score_after": pa.array(found.after, mask=found.after == NO_SCORE),
    }
    columns = {column.name: _array(values[column.name]).cast(arrow_type(column)) for column in treatment_steps.columns}
    # Rows come by episode and step; the mart is read a step at a time.
    return pa.table(columns).take(pa.array(np.argsort(steps.step, kind="stable")))


def _array(values: np.ndarray | pa.Array) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values)
