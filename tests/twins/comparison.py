"""Naive twin of the arms of a comparison: one episode at a time, straight from the definitions, in plain Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from synapse_analytics import vocabulary as v
from tests.twins.marts import Episode

STEPS = (
    "started",
    "had_other_before",
    "no_baseline",
    "window_open",
    "died",
    "crossed_over",
    "expected",
    "answered_late",
    "not_answered",
    "answered",
)


@dataclass(frozen=True)
class Question:
    """What is compared on which instrument; `censored` ends with a crossover."""

    a: str
    b: str
    instrument: str
    visits: tuple[int, ...]
    censored: bool


def treatments_of(code: str) -> list[v.Treatment]:
    exact = [term for term in v.TREATMENTS if term.code == code]
    return exact or [term for term in v.TREATMENTS if term.treatment_class == code]


def rivals(code: str, other: str) -> set[str]:
    """The other treatment unless it is a step back, and whatever is a stage above."""
    order = [term.code for term in v.STAGES]
    own = order.index(treatments_of(code)[0].stage)
    theirs = {term.code for term in treatments_of(other)}
    return {t.code for t in v.TREATMENTS if order.index(t.stage) > own or (t.code in theirs and order.index(t.stage) >= own)}


def arms(episodes: list[Episode], asked: Question) -> Iterator[tuple[tuple[int, int], dict[str, Any]]]:
    """(arm, episode) -> the eligible with their baseline, expected visits and answers."""
    for place, (own, other) in enumerate(((asked.a, asked.b), (asked.b, asked.a))):
        for episode in episodes:
            found = _by_landmark(episode, own) if "_day_" in own else _by_treatment(episode, own, other)
            if found is not None:
                index_day, crossover = found
                baseline = episode.baseline(asked.instrument, index_day)
                if baseline is not None:
                    visits = {visit: _answer(episode, asked, index_day, crossover, visit) for visit in asked.visits}
                    yield (place, episode.key), {"baseline": baseline, "crossover": crossover, "visits": visits}


def flow(episodes: list[Episode], asked: Question) -> dict[str, list[list[int]]]:
    """step -> of each arm (episodes, distinct patients): who started, and the first reason for which each is not analysed."""
    seen: dict[str, list[list[Episode]]] = {code: [[], []] for code in STEPS}
    for place, (own, other) in enumerate(((asked.a, asked.b), (asked.b, asked.a))):
        for episode in episodes:
            for step in _way(episode, asked, own, other):
                seen[step][place].append(episode)
    return {step: [[len(mine), len({one.row["patient_id"] for one in mine})] for mine in arms] for step, arms in seen.items()}


def _way(episode: Episode, asked: Question, own: str, other: str) -> list[str]:
    """The steps at which an episode is counted."""
    if (_by_landmark(episode, own) if "_day_" in own else _first_start(episode, own)) is None:
        return []
    found = _by_landmark(episode, own) if "_day_" in own else _by_treatment(episode, own, other)
    if found is None:
        return ["started", "had_other_before"]
    if episode.baseline(asked.instrument, found[0]) is None:
        return ["started", "no_baseline"]
    return ["started", *_last_steps(episode, asked, found)]


def _last_steps(episode: Episode, asked: Question, found: tuple[int, int | None]) -> list[str]:
    index_day, crossover = found
    visit = asked.visits[-1]
    if index_day + v.VISITS[visit].last > episode.observed():
        return ["window_open"]
    if not episode.window_counts(index_day, v.VISITS[visit]):
        return ["died"]
    expected, value = _answer(episode, asked, index_day, crossover, visit)
    if not expected:
        return ["crossed_over"]
    if value is not None:
        return ["expected", "answered"]
    whenever = _answer(episode, replace(asked, censored=False), index_day, crossover, visit)[1]
    return ["expected", "not_answered" if whenever is None else "answered_late"]


def _first_start(episode: Episode, own: str) -> int | None:
    codes = {term.code for term in treatments_of(own)}
    return min((row["start_day"] for row in episode.treatments if row["treatment"] in codes and row["start_day"] >= 0), default=None)


def _by_treatment(episode: Episode, own: str, other: str) -> tuple[int, int | None] | None:
    index_day = _first_start(episode, own)
    if index_day is None:
        return None
    against = [row["start_day"] for row in episode.treatments if row["treatment"] in rivals(own, other)]
    if any(day <= index_day for day in against):
        return None
    return index_day, min(against, default=None)


def _by_landmark(episode: Episode, code: str) -> tuple[int, int | None] | None:
    strategy = v.find(v.STRATEGIES, code)
    days = [row["start_day"] for row in episode.treatments if v.find(v.TREATMENTS, row["treatment"]).stage == strategy.stage]
    closed = episode.row["closed_day"]
    if any(day < 0 for day in days) or (closed is not None and closed <= strategy.day) or episode.observed() < strategy.day:
        return None
    first = min(days, default=None)
    reached = first is not None and first <= strategy.day
    if reached != strategy.done:
        return None
    return 0, None if strategy.done else first


def _answer(episode: Episode, asked: Question, index_day: int, crossover: int | None, visit: int) -> tuple[bool, int | None]:
    """(expected, value) at a visit."""
    term = v.VISITS[visit]
    if not all(episode.window_counts(index_day, v.VISITS[k]) for k in range(1, visit + 1)):
        return False, None
    if asked.censored and crossover is not None and crossover - index_day < term.first:
        return False, None
    given = [
        (abs(day - index_day - term.target), day, value)
        for day, value in episode.answers(asked.instrument)
        if term.first <= day - index_day <= term.last and not (asked.censored and crossover is not None and day > crossover)
    ]
    return True, min(given)[2] if given else None
