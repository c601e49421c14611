"""The steps of the default pathway definition and the name of each episode's pathway, computed in numpy from the treatments."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from synapse_analytics.pathways import NO_END, UNTREATED, PathwayDefinition, Steps, build_steps, changes_over_steps
from synapse_analytics.pathways.links import Paths
from synapse_analytics.pathways.names import names_of, number_pathways
from synapse_analytics.pathways.scores import NO_SCORE
from synapse_analytics.store.tables import scores, treatments
from synapse_analytics.store.workshop import Workshop

CHUNK = 250_000  # episodes at a time; their treatments and sort keys take about 100 MB
DEFAULT = PathwayDefinition()


def keep_steps(workshop: Workshop, follow_up: sa.TableClause, headline: int) -> sa.TableClause:
    """Write treatment_steps and pathway_names; returns the pathway of each treated episode."""
    patients = workshop.fetch(sa.select(follow_up.c.repeat_patient).order_by(follow_up.c.episode_key)).column(0)
    steps, change = _together([_chunk(workshop, follow_up, headline, chosen) for chosen in episode_ranges(len(patients))])
    episode, pathway, examples = number_pathways(steps)
    link = Paths.of_steps(DEFAULT.unit, steps, examples).of_each_step(steps, pathway)
    workshop.keep("treatment_steps", _mart(steps, change, patients, link))
    words = [(UNTREATED, "1"), *names_of(steps, examples[1:].tolist(), DEFAULT)]
    names = {name: pa.array([word[place] for word in words], pa.string()) for place, name in enumerate(("steps", "times"))}
    workshop.keep("pathway_names", pa.table({"pathway": np.arange(len(words), dtype=np.int32), **names}))
    begin = np.flatnonzero(steps.step == 1)
    final = np.append(begin[1:], len(steps.step)) - 1 if len(begin) else begin
    days = (steps.start_day[final] - steps.start_day[begin]).astype(np.int32)
    return workshop.lay_out(
        "episode_pathways", pa.table({"episode_key": episode.astype(np.int32), "pathway": pathway, "pathway_days": days})
    )


def episode_ranges(episodes: int) -> list[tuple[int, int]]:
    """(first, last) episode keys of each chunk; one empty chunk when there are no episodes."""
    return [(begin, begin + CHUNK - 1) for begin in range(0, max(episodes, 1), CHUNK)]


def _chunk(workshop: Workshop, follow_up: sa.TableClause, headline: int, chosen: tuple[int, int]) -> tuple[Steps, np.ndarray]:
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
    return steps, changes_over_steps(steps, *(column.to_numpy() for column in answers.columns))


def _together(chunks: list[tuple[Steps, np.ndarray]]) -> tuple[Steps, np.ndarray]:
    columns = ([getattr(steps, column.name) for steps, _ in chunks] for column in fields(Steps))
    return Steps(*(np.concatenate(parts) for parts in columns)), np.concatenate([change for _, change in chunks])


def _mart(steps: Steps, change: np.ndarray, patients: pa.ChunkedArray, link: np.ndarray) -> pa.Table:
    """One row per step, in order of the episodes, as their facts are joined by episode; `patients` has the repeat patient of each."""
    since = np.append(0, steps.start_day[:-1])
    since[steps.step == 1] = 0
    return pa.table(
        {
            "episode_key": steps.episode,
            "repeat_patient": patients.take(pa.array(steps.episode)),
            "link": link,
            "days": steps.start_day - since,
            "change": pa.array(change, mask=change == NO_SCORE),
        }
    )
