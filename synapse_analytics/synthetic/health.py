"""How ill each patient truly is on each day: the course by nature plus what treatments, clinicians and the change point add."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.people import Episodes, Random
from synapse_analytics.synthetic.setting import Setting


@dataclass(frozen=True, slots=True)
class Health:
    """True pain and ODI at the first visit, the part that goes by itself, and the luck of the first answer."""

    pain: np.ndarray
    odi: np.ndarray
    pain_excess: np.ndarray
    odi_excess: np.ndarray
    response: np.ndarray  # how much of a treatment's effect this patient has; 1 on average
    where: np.ndarray  # pain in back, buttock, leg against the worst pain
    pain_luck: np.ndarray  # noise of the first answers, in points
    odi_luck: np.ndarray
    shift_pain: np.ndarray  # of clinician and change point
    shift_odi: np.ndarray


@dataclass(frozen=True, slots=True)
class Story:
    """What is settled before anybody is treated: who came, how ill they are, in which kind of clinic."""

    episodes: Episodes
    health: Health
    setting: Setting


def correlated(random: Random, n: int, correlation: float) -> tuple[np.ndarray, np.ndarray]:
    """Two standard normal draws per row with this correlation."""
    one, other = random.standard_normal((2, n))
    return one, correlation * one + np.sqrt(1 - correlation**2) * other


def draw_health(random: Random, episodes: Episodes, setting: Setting) -> Health:
    """The state of each episode before any treatment."""
    n, diagnosis = len(episodes.patient), episodes.diagnosis
    pain_z, odi_z = correlated(random, n, p.PAIN_ODI_CORRELATION)
    pain_luck, odi_luck = draw_noise(random, n)
    going = random.gamma(4.0, 0.25, n)  # mean 1: some get well by themselves, some hardly
    peak = float(setting.scenario.hidden)
    shift_pain, shift_odi = _shifts(episodes, setting)
    return Health(
        pain=p.PAIN_MEAN[diagnosis] + p.PAIN_SD[diagnosis] * pain_z,
        odi=p.ODI_MEAN[diagnosis] + p.ODI_SD[diagnosis] * odi_z,
        pain_excess=p.PAIN_EXCESS[diagnosis] * going,
        odi_excess=p.ODI_EXCESS[diagnosis] * going,
        response=random.gamma(p.RESPONSE_SHAPE, 1 / p.RESPONSE_SHAPE, n),
        where=p.SITE_OF_PAIN[diagnosis] + random.normal(0, 0.9, (n, 3)),
        pain_luck=pain_luck + p.PEAK_PAIN * peak,
        odi_luck=odi_luck + p.PEAK_ODI * peak,
        shift_pain=shift_pain,
        shift_odi=shift_odi,
    )


def draw_noise(random: Random, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The within-person noise of one answer of pain and of ODI."""
    pain, odi = correlated(random, n, p.NOISE_CORRELATION)
    return p.PAIN_NOISE * pain, p.ODI_NOISE * odi


def _shifts(episodes: Episodes, setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    pain, odi = np.zeros(len(episodes.patient)), np.zeros(len(episodes.patient))
    for code, more_pain, more_odi in setting.scenario.outcome_shift:
        theirs = episodes.clinician == p.CLINICIANS.index(code)
        pain += more_pain * theirs
        odi += more_odi * theirs
    if setting.scenario.change_point is not None:
        since = episodes.month >= setting.change_month
        pain += setting.scenario.change_point[0] * since
        odi += setting.scenario.change_point[1] * since
    return pain, odi


def natural(story: Story, who: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pain and ODI by nature. Without hidden causes the course is a line, so that no choice of index day gains by it."""
    health, after = story.health, np.maximum(day, 0)
    if story.setting.scenario.hidden:
        gone = 1.0 - np.exp(-after / p.NATURAL_DAYS)
        return health.pain[who] - health.pain_excess[who] * gone, health.odi[who] - health.odi_excess[who] * gone
    years = np.minimum(after, p.LINEAR_DAYS) / 365.0
    return health.pain[who] + p.LINEAR_PAIN_PER_YEAR * years, health.odi[who] + p.LINEAR_ODI_PER_YEAR * years


def true_state(story: Story, starts: np.ndarray, who: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pain and ODI of episode `who` on `day`; `starts` holds the first day of each treatment (infinite: never)."""
    health, scenario = story.health, story.setting.scenario
    pain, odi = natural(story, who, day)
    built_up = 1.0 - np.exp(-np.maximum(day, 0) / 60.0)
    pain, odi = pain + health.shift_pain[who] * built_up, odi + health.shift_odi[who] * built_up
    for position, effect in enumerate(scenario.effects):
        rows = np.flatnonzero(starts[who, position] < day)
        more_pain, more_odi = effect.at(day[rows] - starts[who[rows], position])
        pain[rows] += more_pain * health.response[who[rows]]
        odi[rows] += more_odi * health.response[who[rows]]
    if scenario.hidden:
        _add_flares(starts, who, day, (pain, odi))
    return pain, odi


def _add_flares(starts: np.ndarray, who: np.ndarray, day: np.ndarray, state: tuple[np.ndarray, np.ndarray]) -> None:
    """A procedure follows a bad time that began six weeks before it and passes by itself: regression to the mean."""
    for stage, columns in (("injection", slice(p.FIRST_PROCEDURE, p.DISCECTOMY)), ("surgery", slice(p.DISCECTOMY, None))):
        since = day - starts[:, columns].min(axis=1)[who]
        size = np.where(since > -45, np.exp(-np.maximum(since, 0) / p.FLARE_DAYS), 0.0)
        state[0][:] += p.FLARE_PAIN[stage] * size
        state[1][:] += p.FLARE_ODI[stage] * size
