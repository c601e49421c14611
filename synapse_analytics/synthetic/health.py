"""The true state (pain and ODI) of each patient on each day: the natural course plus the effects of treatments, clinicians and the change point.

A state is an array of two lines, pain and ODI, with one column per episode or answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.people import Episodes, Random
from synapse_analytics.synthetic.setting import Setting


@dataclass(frozen=True, slots=True)
class Health:
    """What is true of each episode at its first visit."""

    first: np.ndarray  # state at the first visit
    excess: np.ndarray  # the part of it that goes by itself
    luck: np.ndarray  # noise of the first answers
    shift: np.ndarray  # points that the clinician and the change point add
    response: np.ndarray  # how much of a treatment's effect this patient has; 1 on average
    where: np.ndarray  # pain in back, buttock and leg against the worst pain


@dataclass(frozen=True, slots=True)
class Story:
    """What is known before any treatment: the episodes, the health of the patients and the kind of clinic."""

    episodes: Episodes
    health: Health
    setting: Setting


def draw_health(random: Random, episodes: Episodes, setting: Setting) -> Health:
    """The health of each episode before any treatment."""
    n, diagnosis = len(episodes.patient), episodes.diagnosis
    first = p.MEAN[:, diagnosis] + p.SD[:, diagnosis] * _correlated(random, n, p.PAIN_ODI_CORRELATION)
    noise = draw_noise(random, n)
    going = random.gamma(4.0, 0.25, n)  # mean 1: some get well by themselves, some hardly
    return Health(
        first=first,
        excess=p.EXCESS[:, diagnosis] * going,
        luck=noise + p.PEAK[:, None] * float(setting.scenario.hidden),
        shift=_shift(episodes, setting),
        response=random.gamma(p.RESPONSE_SHAPE, 1 / p.RESPONSE_SHAPE, n),
        where=p.SITE_OF_PAIN[diagnosis] + random.normal(0, 0.9, (n, 3)),
    )


def draw_noise(random: Random, n: int) -> np.ndarray:
    """The within-person noise of so many answers."""
    return p.NOISE[:, None] * _correlated(random, n, p.NOISE_CORRELATION)


def _correlated(random: Random, n: int, correlation: float) -> np.ndarray:
    """Two lines of standard normal draws with this correlation."""
    one, other = random.standard_normal((2, n))
    return np.stack([one, correlation * one + np.sqrt(1 - correlation**2) * other])


def _shift(episodes: Episodes, setting: Setting) -> np.ndarray:
    shift = np.zeros((2, len(episodes.patient)))
    for code, *points in setting.scenario.outcome_shift:
        shift += np.outer(points, episodes.clinician == p.CLINICIANS.index(code))
    if setting.scenario.change_point is not None:
        shift += np.outer(setting.scenario.change_point, episodes.month >= setting.change_month)
    return shift


def true_state(story: Story, starts: np.ndarray, episode: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The state of each `episode` on its `day`; `starts` holds the first day of each treatment of each episode (infinite: never)."""
    health = story.health
    state = _natural(story, episode, day) + health.shift[:, episode] * (1.0 - np.exp(-np.maximum(day, 0) / p.SHIFT_DAYS))
    for position, effect in enumerate(story.setting.scenario.effects):
        rows = np.flatnonzero(starts[episode, position] < day)
        added = effect.at(day[rows] - starts[episode[rows], position])
        state[:, rows] += added * health.response[episode[rows]]
    if story.setting.scenario.hidden:
        _add_flares(starts, episode, day, state)
    return state


def _natural(story: Story, episode: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The state without treatment. Without hidden causes the course is a line, so that no choice of index day gains by it."""
    health, after = story.health, np.maximum(day, 0)
    if story.setting.scenario.hidden:
        return health.first[:, episode] - health.excess[:, episode] * (1.0 - np.exp(-after / p.NATURAL_DAYS))
    return health.first[:, episode] + np.outer(p.LINEAR_PER_YEAR, np.minimum(after, p.LINEAR_DAYS) / 365.0)


def _add_flares(starts: np.ndarray, episode: np.ndarray, day: np.ndarray, state: np.ndarray) -> None:
    """A procedure follows a bad time that began six weeks before it and passes by itself: regression to the mean."""
    for stage, columns in (("injection", slice(p.FIRST_PROCEDURE, p.DISCECTOMY)), ("surgery", slice(p.DISCECTOMY, None))):
        since = day - starts[:, columns].min(axis=1)[episode]
        state += np.outer(p.FLARE[stage], np.where(since > -45, np.exp(-np.maximum(since, 0) / p.FLARE_DAYS), 0.0))
