"""The score just before a step and the one after it (definition "Change over a step")."""

from __future__ import annotations

import numpy as np

from synapse_analytics.pathways.keys import DAY_BITS, pack
from synapse_analytics.pathways.steps import Steps

BEFORE_DAYS = 60  # the answer before lies in start - 60 .. start
SOONEST_AFTER = 14  # the answer after lies in start + 14 ..
LATEST_AFTER = 180  # .. the start of the next step, at most start + 180
NO_SCORE = np.iinfo(np.int32).min
_SHIFT = 4096  # days before the first visit are negative, down to -3650; keys are not


def scores_around_steps(steps: Steps, episode: np.ndarray, day: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each step the value before and after it, NO_SCORE where there is none; answers of one instrument in any order.

    Nearest before is the last one up to the start; after is the last one up to the next start. Both are therefore the
    last answer up to a day, provided it is recent enough.
    """
    key = pack(episode, (day + np.int64(_SHIFT), DAY_BITS))
    order = np.argsort(key, kind="stable")
    key, value = key[order], value[order]
    next_start = np.full(len(steps.episode), NO_SCORE, dtype=np.int64) + 2**32
    next_start[:-1][steps.episode[1:] == steps.episode[:-1]] = steps.start_day[1:][steps.episode[1:] == steps.episode[:-1]]
    start = steps.start_day.astype(np.int64)
    before = _last_within(key, value, steps.episode, (start - BEFORE_DAYS, start))
    after = _last_within(key, value, steps.episode, (start + SOONEST_AFTER, np.minimum(next_start, start + LATEST_AFTER)))
    return before, after


def _last_within(key: np.ndarray, value: np.ndarray, episode: np.ndarray, days: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    found = np.searchsorted(key, pack(episode, (days[1] + _SHIFT, DAY_BITS)), side="right") - 1
    if not len(key):
        return np.full(len(episode), NO_SCORE, dtype=np.int32)
    recent = (found >= 0) & (key[np.maximum(found, 0)] >= pack(episode, (days[0] + _SHIFT, DAY_BITS)))
    return np.where(recent, value[np.maximum(found, 0)], NO_SCORE).astype(np.int32)
