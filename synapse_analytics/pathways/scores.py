"""The change from the score just before a step to the one after it (definition "Change over a step")."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from synapse_analytics.pathways.keys import DAY_BITS, for_each_part, pack
from synapse_analytics.pathways.steps import Steps

BEFORE_DAYS = 60  # the answer before lies in start - 60 .. start
SOONEST_AFTER = 14  # the answer after lies in start + 14 ..
LATEST_AFTER = 180  # .. the start of the next step, at most start + 180
NO_SCORE = np.iinfo(np.int32).min
_SHIFT = 4096  # days before the first visit are negative, down to -3650; keys are not


def changes_over_steps(steps: Steps, episode: np.ndarray, day: np.ndarray, value: np.ndarray) -> np.ndarray:
    """For each step the value after it less that before, NO_SCORE without both; answers of one instrument in any order.

    Nearest before is the last one up to the start; after is the last one up to the next start. Both are therefore the
    last answer up to a day, provided it is recent enough.
    """

    def of_part(rows: slice, answers: slice) -> np.ndarray:
        some = Steps(*(getattr(steps, column.name)[rows] for column in fields(Steps)))
        return _changes(some, episode[answers], day[answers], value[answers])

    return np.concatenate(for_each_part(of_part, steps.episode, episode))


def _changes(steps: Steps, episode: np.ndarray, day: np.ndarray, value: np.ndarray) -> np.ndarray:
    key = pack(episode, (day + np.int64(_SHIFT), DAY_BITS))
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
        key, value = key[order], value[order]
    start = steps.start_day.astype(np.int64)
    latest = start + LATEST_AFTER
    followed = np.flatnonzero(steps.episode[1:] == steps.episode[:-1])
    latest[followed] = np.minimum(latest[followed], start[followed + 1])
    change = np.full(len(start), NO_SCORE, dtype=np.int32)
    before = _last_within(key, steps.episode, start - BEFORE_DAYS, start)
    known = np.flatnonzero(before >= 0)
    after = _last_within(key, steps.episode[known], start[known] + SOONEST_AFTER, latest[known])
    known, after = known[after >= 0], after[after >= 0]
    change[known] = value[after] - value[before[known]]
    return change


def _last_within(key: np.ndarray, episode: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The place of the last answer between two days of an episode, -1 where there is none."""
    found = np.searchsorted(key, pack(episode, (last + _SHIFT, DAY_BITS)), side="right") - 1
    if not len(key):
        return found
    return np.where(key[np.maximum(found, 0)] >= pack(episode, (first + _SHIFT, DAY_BITS)), found, -1)
