"""The steps of every episode: course pieces and procedures in order, repeats united, the tail gathered (definitions a, e, f)."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from synapse_analytics.pathways.courses import Courses, unite_courses
from synapse_analytics.pathways.definition import NO_END, PathwayDefinition, is_procedure, units_of_treatments
from synapse_analytics.pathways.keys import DAY_BITS, START_BITS, UNIT_BITS, field, first_of_run, for_each_part, pack
from synapse_analytics.pathways.sweep import Pieces, cut_into_pieces

POSITION_BITS = 11  # steps of one episode before repeats are united: a piece and a procedure on each of 731 days
MASK_BITS = 17  # the longest list of units


@dataclass(frozen=True, slots=True)
class Steps:
    """One entry per step, ordered by episode and step; episodes without steps do not occur.

    `units` is a bit mask over the unit's list (0 = "more"), `times` counts the repeats united in a step, `start_day`
    and `end_day` (exclusive; of a procedure its day) are those of the first and the last of them.
    """

    episode: np.ndarray
    step: np.ndarray
    units: np.ndarray
    times: np.ndarray
    start_day: np.ndarray
    end_day: np.ndarray


@dataclass(frozen=True, slots=True)
class Treatments:
    """One entry per treatment given: `treatment` is its position in the vocabulary, an open course ends on NO_END."""

    episode: np.ndarray
    treatment: np.ndarray
    start: np.ndarray
    end: np.ndarray
    follow_up_end: np.ndarray


def build_steps(  # noqa: PLR0913, PLR0917 -- the five columns of a treatment, as the store and the queries hold them
    episode: np.ndarray,
    treatment: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    follow_up_end: np.ndarray,
    definition: PathwayDefinition,
) -> Steps:
    """The steps of all episodes; every array holds one entry per treatment, in any order."""
    columns = (episode, treatment, start, end, follow_up_end)
    found = for_each_part(lambda part: _build(Treatments(*(column[part] for column in columns)), definition), episode)
    parts = [[getattr(one, name.name) for one in found] for name in fields(Steps)]
    del found  # and each column of the parts below, as soon as it is one: twice all steps would be the most memory an answer takes
    return Steps(*(np.concatenate(parts.pop(0)) for _ in range(len(parts))))


def _build(given: Treatments, definition: PathwayDefinition) -> Steps:
    pieces = cut_into_pieces(unite_courses(_courses(given, definition), definition.gap_collapse), definition.combination_overlap)
    events = _in_order(pieces, _procedures(given, definition), definition.window)
    return _gather_tail(_unite_repeats(events, definition.repeats), definition.max_steps)


def _courses(given: Treatments, definition: PathwayDefinition) -> Courses:
    end = np.where(given.end == NO_END, np.maximum(given.start, given.follow_up_end), given.end)
    chosen = np.flatnonzero(~is_procedure()[given.treatment] & (given.start <= definition.window) & (end >= 0))
    unit = units_of_treatments(definition.unit)[given.treatment[chosen]]
    return Courses(given.episode[chosen], unit, given.start[chosen], end[chosen])


def _procedures(given: Treatments, definition: PathwayDefinition) -> Pieces:
    """All procedures of one day as one step."""
    chosen = np.flatnonzero(is_procedure()[given.treatment] & (given.start >= 0) & (given.start <= definition.window))
    unit = units_of_treatments(definition.unit)[given.treatment[chosen]]
    key = np.sort(pack(given.episode[chosen], (given.start[chosen], START_BITS), (unit, UNIT_BITS)))
    first = np.flatnonzero(first_of_run(key >> UNIT_BITS))
    units = np.bitwise_or.reduceat(1 << field(key, 0, UNIT_BITS), first) if len(first) else key
    day = field(key[first], UNIT_BITS, START_BITS)
    return Pieces(key[first] >> (UNIT_BITS + START_BITS), day, day, units)


def _in_order(courses: Pieces, procedures: Pieces, window: int) -> Pieces:
    """By start, a course before the procedures of the same day; what starts after the window is no step."""
    inside = courses.start <= window
    columns = [
        np.concatenate([course[inside], procedure])
        for course, procedure in zip(
            (courses.episode, courses.start, courses.end, courses.units),
            (procedures.episode, procedures.start, procedures.end, procedures.units),
            strict=True,
        )
    ]
    # Both halves are in order already, and a stable sort merges such runs in one pass.
    order = np.argsort(pack(columns[0], (columns[1], DAY_BITS)), kind="stable")
    return Pieces(*(column[order] for column in columns))


def _unite_repeats(events: Pieces, repeats: str) -> Steps:
    first = np.ones(len(events.episode), dtype=bool)
    if repeats == "changes":
        same = (events.episode[1:] == events.episode[:-1]) & (events.units[1:] == events.units[:-1])
        np.logical_not(same, out=first[1:])
    elif repeats == "first":
        first = _first_of_each(events)
    begin = np.flatnonzero(first)
    final = np.append(begin[1:], len(first)) - 1 if repeats == "changes" and len(begin) else begin
    return Steps(
        events.episode[begin],
        _count_within(events.episode[begin]),
        events.units[begin],
        final - begin + 1,
        events.start[begin],
        events.end[final],
    )


def _first_of_each(events: Pieces) -> np.ndarray:
    """True where a step occurs for the first time in its episode."""
    position = _count_within(events.episode)
    key = np.sort(pack(events.episode, (events.units, MASK_BITS), (position, POSITION_BITS)))
    key = key[first_of_run(key >> POSITION_BITS)]
    begin = np.flatnonzero(first_of_run(events.episode))
    ordinal = np.cumsum(first_of_run(key >> (POSITION_BITS + MASK_BITS))) - 1
    first = np.zeros(len(events.episode), dtype=bool)
    first[begin[ordinal] + field(key, 0, POSITION_BITS) - 1] = True
    return first


def _count_within(episode: np.ndarray) -> np.ndarray:
    """1, 2, 3 ... within each run of the same episode."""
    begin = np.flatnonzero(first_of_run(episode))
    return np.arange(1, len(episode) + 1) - np.repeat(begin, np.diff(begin, append=len(episode)))


def _gather_tail(steps: Steps, max_steps: int) -> Steps:
    """What follows step `max_steps` becomes one step "more"; its end is that of the last step gathered."""
    tail = steps.step == max_steps + 1
    units, times, end_day = np.where(tail, 0, steps.units), np.where(tail, 1, steps.times), steps.end_day.copy()
    final = np.append(steps.episode[1:] != steps.episode[:-1], np.ones(min(1, len(steps.episode)), dtype=bool))
    end_day[tail] = steps.end_day[final & (steps.step > max_steps)]
    kept = steps.step <= max_steps + 1
    columns = (steps.episode, steps.step, units, times, steps.start_day, end_day)
    types = (np.int32, np.int16, np.int32, np.int16, np.int32, np.int32)
    return Steps(*(column[kept].astype(kind) for column, kind in zip(columns, types, strict=True)))
