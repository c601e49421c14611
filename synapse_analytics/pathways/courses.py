"""Courses of one unit united: overlapping ones and those a short gap apart become one (definition b)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics.pathways.keys import DAY_BITS, LAST_DAY, START_BITS, UNIT_BITS, field, pack


@dataclass(frozen=True, slots=True)
class Courses:
    """United courses, ordered by episode, start, end and unit; the end is exclusive."""

    episode: np.ndarray
    unit: np.ndarray
    start: np.ndarray
    end: np.ndarray

    def where(self, chosen: np.ndarray) -> Courses:
        """The chosen courses, in the same order."""
        chosen = np.flatnonzero(chosen)  # faster than a mask for several columns
        return Courses(self.episode[chosen], self.unit[chosen], self.start[chosen], self.end[chosen])


def unite_courses(courses: Courses, gap_collapse: int) -> Courses:
    """Courses of the same episode and unit with at most `gap_collapse` days between them, as one."""
    start, end = np.maximum(courses.start, 0), np.minimum(courses.end, LAST_DAY)
    # A course that ends on the day it starts lasts that day: with an exclusive end it would vanish.
    end = np.maximum(end, start + 1)
    key = np.sort(pack(courses.episode, (courses.unit, UNIT_BITS), (start, START_BITS), (end, DAY_BITS)))
    owner = key >> (START_BITS + DAY_BITS) << DAY_BITS  # episode and unit
    start, end = field(key, DAY_BITS, START_BITS), field(key, 0, DAY_BITS)
    # The running maximum needs no reset: a later owner outweighs every end of the one before it.
    latest_end = np.maximum.accumulate(owner + end)
    begins = np.ones(len(key), dtype=bool)
    np.greater(owner[1:] + start[1:] - latest_end[:-1], gap_collapse, out=begins[1:])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(key)) - 1 if len(key) else first
    return _ordered(owner[first], start[first], latest_end[last])


def _ordered(owner: np.ndarray, start: np.ndarray, latest_end: np.ndarray) -> Courses:
    episode, unit, end = owner >> (UNIT_BITS + DAY_BITS), field(owner, DAY_BITS, UNIT_BITS), field(latest_end, 0, DAY_BITS)
    key = np.sort(pack(episode, (start, START_BITS), (end, DAY_BITS), (unit, UNIT_BITS)))
    return Courses(
        key >> (START_BITS + DAY_BITS + UNIT_BITS),
        field(key, 0, UNIT_BITS),
        field(key, DAY_BITS + UNIT_BITS, START_BITS),
        field(key, UNIT_BITS, DAY_BITS),
    )
