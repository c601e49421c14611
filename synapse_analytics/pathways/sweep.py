"""Overlapping courses cut into pieces in which the same units run (definitions c and d).

Whether two courses overlap long enough, and whether one contains the other, is always judged on the united courses,
before any of them is shortened: so the answer does not depend on the order in which pairs are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics.pathways.courses import Courses
from synapse_analytics.pathways.keys import DAY_BITS, field, first_of_run, pack

# Courses of one cluster: each unit has at most 366 separate courses in two years, times 11 course treatments.
RANK_BITS = 12


@dataclass(frozen=True, slots=True)
class Pieces:
    """Stretches of one or more units (bit mask), ordered by episode and start."""

    episode: np.ndarray
    start: np.ndarray
    end: np.ndarray
    units: np.ndarray


def cut_into_pieces(courses: Courses, combination_overlap: int) -> Pieces:
    """The stretches of single and of combined units; most courses overlap no other and are a piece as they are."""
    cluster, rank, size = _clusters(courses)
    alone = size == 1
    single = courses.where(alone)
    together = ~alone
    combined = _sweep(courses.where(together), rank[together], combination_overlap)
    order = np.argsort(
        pack(np.concatenate([single.episode, combined.episode]), (np.concatenate([single.start, combined.start]), DAY_BITS)), kind="stable"
    )
    return Pieces(
        np.concatenate([single.episode, combined.episode])[order],
        np.concatenate([single.start, combined.start])[order],
        np.concatenate([single.end, combined.end])[order],
        np.concatenate([1 << single.unit, combined.units])[order],
    )


def _clusters(courses: Courses) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each course its chain of overlapping courses, its place in it, and how long the chain is."""
    latest_end = np.maximum.accumulate(pack(courses.episode, (courses.end, DAY_BITS)))
    begins = np.ones(len(latest_end), dtype=bool)
    np.greater_equal(pack(courses.episode, (courses.start, DAY_BITS))[1:], latest_end[:-1], out=begins[1:])
    cluster = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    size = np.diff(first, append=len(begins))
    return cluster, np.arange(len(begins)) - first[cluster], size[cluster]


def _shortened_ends(courses: Courses, cluster: np.ndarray, combination_overlap: int) -> np.ndarray:
    """A course ends where a later one starts that it overlaps too shortly, unless one contains the other."""
    start, end = courses.start, courses.end
    shortened = end.copy()
    earlier, lag = np.arange(len(start)), 0
    while earlier.size:
        lag += 1
        earlier = earlier[earlier + lag < len(start)]
        later = earlier + lag
        # Starts only grow along a cluster, so a course that no longer meets the one `lag` behind it meets none further.
        meets = (cluster[later] == cluster[earlier]) & (start[later] < end[earlier])
        earlier, later = earlier[meets], later[meets]
        contained = (end[later] <= end[earlier]) | (start[later] == start[earlier])
        short = ~contained & (end[earlier] - start[later] < combination_overlap)
        shortened[earlier[short]] = np.minimum(shortened[earlier[short]], start[later[short]])
    return shortened


@dataclass(frozen=True, slots=True)
class _Moments:
    """The days on which some course of a cluster starts or ends, and what runs from then on."""

    cluster: np.ndarray
    day: np.ndarray
    units: np.ndarray  # running until the next moment; 0 = none
    first_to_start: np.ndarray  # course starting then that ends first; meaningless where none starts
    last_to_end: np.ndarray  # course ending then that started last; meaningless where none ends


def _moments(courses: Courses, cluster: np.ndarray, rank: np.ndarray, end: np.ndarray) -> _Moments:
    starts = pack(cluster, (courses.start, DAY_BITS), (1, 1), (rank, RANK_BITS))
    ends = pack(cluster, (end, DAY_BITS), (0, 1), (rank, RANK_BITS))
    event = np.sort(np.concatenate([starts, ends]))
    offset = np.flatnonzero(first_of_run(cluster))
    course = offset[event >> (DAY_BITS + 1 + RANK_BITS)] + field(event, 0, RANK_BITS)
    is_start = field(event, RANK_BITS, 1)
    # A unit never overlaps itself, so adding and taking away its bit is exact, and every cluster ends at 0.
    running = np.cumsum((2 * is_start - 1) << courses.unit[course])
    moment = event >> (1 + RANK_BITS)
    begin = np.flatnonzero(first_of_run(moment))
    final = np.append(begin[1:], len(event)) - 1
    ends_before = np.append(0, np.cumsum(1 - is_start))
    first_start = begin + ends_before[final + 1] - ends_before[begin]
    return _Moments(
        moment[begin] >> DAY_BITS,
        field(moment[begin], 0, DAY_BITS),
        running[final],
        course[np.minimum(first_start, len(event) - 1)],
        course[np.maximum(first_start - 1, 0)],
    )


def _sweep(courses: Courses, rank: np.ndarray, combination_overlap: int) -> Pieces:
    cluster = np.cumsum(rank == 0) - 1
    if not len(cluster):
        return Pieces(courses.episode, courses.start, courses.end, courses.unit)
    end = _shortened_ends(courses, cluster, combination_overlap)
    at = _moments(courses, cluster, rank, end)
    start_of, end_of = at.day.copy(), np.append(at.day[1:], 0)
    into_next, into_previous = _absorbed(at, courses, combination_overlap)
    start_of[1:][into_next[:-1]] = at.day[:-1][into_next[:-1]]
    end_of[:-1][into_previous[1:]] = end_of[1:][into_previous[1:]]
    kept = (at.units != 0) & ~into_next & ~into_previous
    episode = courses.episode[rank == 0]
    return Pieces(episode[at.cluster[kept]], start_of[kept], end_of[kept], at.units[kept])


def _absorbed(at: _Moments, courses: Courses, combination_overlap: int) -> tuple[np.ndarray, np.ndarray]:
    """Short uncombined pieces that go into the combination after them, and into the one before them.

    No running cluster has a gap, so a neighbour whose units share a bit is a combination with the same course.
    """
    before, after = np.append(0, at.units[:-1]), np.append(at.units[1:], 0)
    short = np.append(np.diff(at.day), 0) < combination_overlap
    short &= (at.units != 0) & (at.units & (at.units - 1) == 0)
    begins, ends = before & at.units == 0, after & at.units == 0
    # Of the courses that join a first piece the one that ends first is the likeliest to lie inside its course.
    joins = np.append(at.first_to_start[1:], 0)
    holds_next = courses.end[joins] <= courses.end[at.first_to_start]
    # Of the courses that leave a last piece the one that started last is the likeliest to lie inside its course.
    stays = np.append(at.last_to_end[1:], 0)
    holds_previous = courses.start[at.last_to_end] >= courses.start[stays]
    return short & begins & ~ends & ~holds_next, short & ends & ~begins & ~holds_previous
