"""The steps of the default pathway definition and the name of each episode's pathway, computed in numpy from the treatments."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pyarrow as pa

from synapse_analytics.pathways import NO_END, UNTREATED, PathwayDefinition, Steps, build_steps, changes_over_steps
from synapse_analytics.pathways.links import Paths
from synapse_analytics.pathways.numbering import codes_of, number_pathways
from synapse_analytics.pathways.scores import NO_SCORE
from synapse_analytics.store.tables import CARRIED
from synapse_analytics.store.workshop import Workshop

CHUNK = 250_000  # episodes at a time; their treatments and sort keys take about 100 MB
DEFAULT = PathwayDefinition()


def keep_steps(workshop: Workshop, headline: int) -> None:
    """Keep treatment_steps and pathway_names, and lay out as `episode_pathways` the pathway of each treated episode."""
    episodes = workshop.fetch(
        f"SELECT repeat_patient, {', '.join(CARRIED)} FROM follow_up JOIN carried USING (episode_key) ORDER BY episode_key"
    )
    steps, change = _together([_chunk(workshop, headline, *chosen) for chosen in episode_ranges(len(episodes))])
    episode, pathway, examples = number_pathways(steps)
    link = Paths.of_steps(DEFAULT.unit, steps, examples).of_each_step(steps, pathway)
    workshop.keep("treatment_steps", _mart(steps, change, episodes, link))
    words = [(UNTREATED, "1"), *codes_of(steps, examples[1:].tolist(), DEFAULT)]
    names = {name: pa.array([word[place] for word in words], pa.string()) for place, name in enumerate(("steps", "times"))}
    workshop.keep("pathway_names", pa.table({"pathway": np.arange(len(words), dtype=np.int32), **names}))
    begin = np.flatnonzero(steps.step == 1)
    final = np.append(begin[1:], len(steps.step)) - 1 if len(begin) else begin
    days = (steps.start_day[final] - steps.start_day[begin]).astype(np.int32)
    table = pa.table({"episode_key": episode.astype(np.int32), "pathway": pathway, "pathway_days": days})
    workshop.lay_out("episode_pathways", table)


def episode_ranges(episodes: int) -> list[tuple[int, int]]:
    """(first, last) episode keys of each chunk; one empty chunk when there are no episodes."""
    return [(begin, begin + CHUNK - 1) for begin in range(0, max(episodes, 1), CHUNK)]


def _chunk(workshop: Workshop, headline: int, first: int, last: int) -> tuple[Steps, np.ndarray]:
    given = workshop.fetch(
        f"SELECT episode_key, treatment, start_day, coalesce(end_day, {NO_END}) AS end_day, follow_up_end "
        f"FROM treatments JOIN follow_up USING (episode_key) WHERE episode_key BETWEEN {first} AND {last}"
    )
    episode, treatment, start, end, follow_up_end = (column.to_numpy() for column in given.columns)
    steps = build_steps(episode, treatment, start, end, follow_up_end, DEFAULT)
    answers = workshop.fetch(
        f"SELECT episode_key, day, value FROM scores WHERE instrument = {headline} AND episode_key BETWEEN {first} AND {last}"
    )
    return steps, changes_over_steps(steps, *(column.to_numpy() for column in answers.columns))


def _together(chunks: list[tuple[Steps, np.ndarray]]) -> tuple[Steps, np.ndarray]:
    columns = ([getattr(steps, column.name) for steps, _ in chunks] for column in fields(Steps))
    return Steps(*(np.concatenate(parts) for parts in columns)), np.concatenate([change for _, change in chunks])


def _mart(steps: Steps, change: np.ndarray, episodes: pa.Table, link: np.ndarray) -> pa.Table:
    """One row per step, in order of the episodes, as their facts are joined by episode; `episodes` has what is known of each."""
    of_episode = episodes.take(pa.array(steps.episode))
    since = np.append(0, steps.start_day[:-1])
    since[steps.step == 1] = 0
    return pa.table(
        {
            "episode_key": steps.episode,
            **{name: of_episode.column(name) for name in of_episode.column_names},
            "link": link,
            "days": steps.start_day - since,
            "change": pa.array(change, mask=change == NO_SCORE),
        }
    )
