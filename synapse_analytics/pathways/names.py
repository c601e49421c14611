"""A number and the words for every distinct pathway."""

from __future__ import annotations

import numpy as np

from synapse_analytics.pathways.definition import UNTREATED, PathwayDefinition, step_label
from synapse_analytics.pathways.keys import first_of_run
from synapse_analytics.pathways.steps import Steps

LARGEST_TABLE = 2**25  # up to so many possible keys a table of booleans finds the distinct ones faster than a sort


def name_pathways(steps: Steps, definition: PathwayDefinition) -> tuple[np.ndarray, np.ndarray, list[tuple[str, str]]]:
    """(episodes, the pathway of each, names): `names[pathway]` is (steps, times), as in ("medication|discectomy", "1|2").

    Pathway 0 is always ("untreated", "1"), for the episodes that have no steps and so are not listed here.
    """
    kinds, kind_of_step = _distinct(steps.units << 16 | steps.times)
    words = [(step_label(int(kind) >> 16, definition.unit), str(int(kind) & 0xFFFF)) for kind in kinds]
    begin = np.flatnonzero(first_of_run(steps.episode))
    length = np.diff(begin, append=len(steps.episode))
    pathway = np.zeros(len(begin), dtype=np.int64)
    names: list[tuple[str, str]] = [("", "")]
    for step in range(int(length.max(initial=0))):
        longer = np.flatnonzero(length > step)
        key = pathway[longer] * len(kinds) + kind_of_step[begin[longer] + step]
        distinct, place = _distinct(key)
        stopped = len(names)
        pathway[longer] = stopped + place
        names += [_longer(names[int(key) // len(kinds)], words[int(key) % len(kinds)]) for key in distinct]
    used, pathway = _distinct(pathway)
    return steps.episode[begin], (pathway + 1).astype(np.int32), [(UNTREATED, "1"), *(names[int(number)] for number in used)]


def _longer(name: tuple[str, str], step: tuple[str, str]) -> tuple[str, str]:
    return step if not name[0] else (f"{name[0]}|{step[0]}", f"{name[1]}|{step[1]}")


def _distinct(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct keys in order, and the place of each key among them."""
    if not len(key) or int(key.max()) >= LARGEST_TABLE:
        return np.unique(key, return_inverse=True)
    seen = np.zeros(int(key.max()) + 1, dtype=bool)
    seen[key] = True
    place = np.cumsum(seen, dtype=np.int32) - 1
    return np.flatnonzero(seen), place[key]
