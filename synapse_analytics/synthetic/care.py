"""The treatments: conservative courses, injections and operations, stepped as in a clinic and more often for the worse patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.health import Story
from synapse_analytics.synthetic.people import Episodes, Random, choose, happens

Rows = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # episode, treatment, start, end


@dataclass(frozen=True, slots=True)
class Care:
    """One entry per treatment, in order of episode and start day; and per episode the first start of each treatment."""

    episode: np.ndarray
    treatment: np.ndarray
    start: np.ndarray
    end: np.ndarray  # NONE: a procedure, or still running
    sessions: np.ndarray
    reoperation: np.ndarray
    starts: np.ndarray  # episode x treatment, infinite when never given
    last_day: np.ndarray  # of each episode; after its end when a course is still running


def draw_care(random: Random, story: Story, alive: np.ndarray) -> Care:
    """All treatments that begin by the day on which the patient is last `alive` (or the data end)."""
    episodes = story.episodes
    injection = _injection_day(random, story)
    surgery = _surgery_day(random, story, np.isfinite(injection))
    injection = np.where((injection > surgery - 14) & (random.random(len(surgery)) < 0.85), np.inf, injection)
    treated = random.random(len(surgery)) >= p.UNTREATED_SHARE
    operations, reoperation = _operations(random, episodes, surgery)
    parts = [
        _courses(random, episodes, treated),
        _courses_after_surgery(random, surgery),
        _injections(random, episodes, injection, surgery),
        operations,
    ]
    again = np.concatenate([np.full(len(part[0]), p.NONE) for part in parts[:-1]] + [reoperation])
    episode, treatment, start, end = (np.concatenate(column) for column in zip(*parts, strict=True))
    kept = np.flatnonzero(start <= alive[episode])
    kept = kept[np.lexsort((treatment[kept], start[kept], episode[kept]))]
    return _assemble(random, (episode[kept], treatment[kept], start[kept], end[kept]), again[kept], alive)


def _assemble(random: Random, rows: Rows, reoperation: np.ndarray, alive: np.ndarray) -> Care:
    episode, treatment, start, end = rows
    therapy = treatment == p.PHYSICAL_THERAPY
    weekly = np.where(therapy, np.maximum(end - start, 7) / 7.0 * random.gamma(9, 0.17, len(episode)), 0)
    sessions = np.where(therapy & (random.random(len(episode)) < 0.95), np.clip(np.rint(weekly), 1, 60), p.NONE).astype(np.int64)
    starts = np.full((len(alive), len(p.EFFECTS)), np.inf)
    np.minimum.at(starts, (episode, treatment), start)
    last_day = np.zeros(len(alive), dtype=np.int64)
    np.maximum.at(last_day, episode, np.maximum(start, end))
    end = np.where(end > alive[episode], p.NONE, end)
    return Care(episode, treatment, start, end, sessions, reoperation, starts, last_day)


def _severity(story: Story) -> np.ndarray:
    """Standardised first answers of pain and ODI (with their luck): decisions rest on them."""
    dx = story.episodes.diagnosis
    return (story.health.first + story.health.luck - p.MEAN[:, dx]) / np.hypot(p.SD[:, dx], p.NOISE[:, None])


def _injection_day(random: Random, story: Story) -> np.ndarray:
    pain, odi = _severity(story)
    given = happens(random, p.INJECTION_LOGIT[story.episodes.diagnosis] + 0.45 * pain + 0.2 * odi)
    n = len(given)
    day = np.where(random.random(n) < 0.15, random.integers(7, 42, n), 30 + np.rint(np.exp(random.normal(4.0, 0.75, n))))
    return np.where(given, day, np.inf)


def _surgery_day(random: Random, story: Story, injected: np.ndarray) -> np.ndarray:
    episodes, health, scenario = story.episodes, story.health, story.setting.scenario
    pain, odi = _severity(story)
    odds, dx = p.SURGERY_LOG_ODDS, episodes.diagnosis
    log_odds = p.SURGERY_LOGIT[dx] + odds["pain"] * pain + odds["odi"] * odi + odds["injection"] * injected
    log_odds += odds["weakness"] * episodes.symptoms[:, p.WEAKNESS] + odds["red_flags"] * episodes.red_flags
    log_odds += odds["age_over_80"] * (episodes.age > 80)
    if scenario.hidden:
        usual = p.EXCESS[0, dx]
        stays = (usual - health.excess[0]) / np.maximum(usual * 0.5, 0.1)
        log_odds += p.HIDDEN_LOG_ODDS * ((health.first[1] - p.MEAN[1, dx]) / p.SD[1, dx] + 0.5 * stays)
    for code, more in scenario.surgery_log_odds:
        log_odds += more * (episodes.clinician == p.CLINICIANS.index(code))
    return np.where(happens(random, log_odds), _decision_day(random, episodes.red_flags == 1), np.inf)


def _decision_day(random: Random, red_flags: np.ndarray) -> np.ndarray:
    n = len(red_flags)
    kind, early = random.random(n), random.integers(10, 45, n)
    usual = np.minimum(45 + np.rint(np.exp(random.normal(4.55, 0.6, n))), 362)
    late = random.integers(366, 1_000, n)
    day = np.where(kind < p.EARLY_SURGERY_SHARE, early, np.where(kind > 1 - p.LATE_SURGERY_SHARE, late, usual))
    return np.where(red_flags & (random.random(n) < 0.85), random.integers(1, 30, n), day)


def _courses(random: Random, episodes: Episodes, treated: np.ndarray) -> Rows:
    """First courses of each kind, and a second of the same kind for a few."""
    n, kinds = len(treated), p.COURSE_SHARE.shape[1]
    given = (random.random((n, kinds)) < p.COURSE_SHARE[episodes.diagnosis]) & treated[:, None]
    episode, treatment = np.nonzero(given)
    start = np.floor(p.COURSE_START_MEDIAN[treatment] * np.exp(random.normal(0, 0.8, len(episode)))).astype(np.int64)
    end = start + _duration(random, treatment)
    repeatable = np.isin(treatment, (p.PHYSICAL_THERAPY, p.ANTI_INFLAMMATORY))
    twice = np.flatnonzero(repeatable & (random.random(len(episode)) < p.REPEATED_COURSE_SHARE))
    later = end[twice] + 35 + np.rint(random.exponential(70, len(twice))).astype(np.int64)
    later_end = later + _duration(random, treatment[twice])
    return (
        np.concatenate([episode, episode[twice]]),
        np.concatenate([treatment, treatment[twice]]),
        np.concatenate([start, later]),
        np.concatenate([end, later_end]),
    )


def _duration(random: Random, treatment: np.ndarray) -> np.ndarray:
    return np.maximum(np.rint(p.COURSE_DAYS_MEDIAN[treatment] * np.exp(random.normal(0, 0.45, len(treatment)))), 5).astype(np.int64)


def _courses_after_surgery(random: Random, surgery: np.ndarray) -> Rows:
    episode = np.flatnonzero(np.isfinite(surgery) & (random.random(len(surgery)) < 0.5))
    start = (surgery[episode] + random.integers(14, 43, len(episode))).astype(np.int64)
    return episode, np.full(len(episode), p.PHYSICAL_THERAPY), start, start + random.integers(30, 91, len(episode))


def _injections(random: Random, episodes: Episodes, injection: np.ndarray, surgery: np.ndarray) -> Rows:
    episode = np.flatnonzero(np.isfinite(injection))
    epidural = random.random(len(episode)) < p.EPIDURAL_SHARE[episodes.diagnosis[episode]]
    kind = np.where(epidural, p.FIRST_PROCEDURE, p.OTHER_INJECTION)
    day = injection[episode].astype(np.int64)
    second = day + random.integers(30, 150, len(episode))
    again = np.flatnonzero((random.random(len(episode)) < 0.24) & (second < surgery[episode] - 14))
    start = np.concatenate([day, second[again]])
    return np.concatenate([episode, episode[again]]), np.concatenate([kind, kind[again]]), start, np.full(len(start), p.NONE)


def _operations(random: Random, episodes: Episodes, surgery: np.ndarray) -> tuple[Rows, np.ndarray]:
    """Operations, the repeated ones after them, and whether each is a repeat."""
    episode = np.flatnonzero(np.isfinite(surgery))
    mix = choose(random, p.SURGERY_MIX, episodes.diagnosis[episode])
    day = surgery[episode].astype(np.int64)
    repeated = np.flatnonzero(random.random(len(episode)) < p.REOPERATION_SHARE[mix])
    wait = 5 + np.rint(p.REOPERATION_DAYS_MEDIAN * np.exp(random.normal(0, p.REOPERATION_SPREAD, len(repeated)))).astype(np.int64)
    second_kind = np.where(random.random(len(repeated)) < 0.65, mix[repeated], 2)
    start = np.concatenate([day, day[repeated] + wait])
    rows = (
        np.concatenate([episode, episode[repeated]]),
        p.DISCECTOMY + np.concatenate([mix, second_kind]),
        start,
        np.full(len(start), p.NONE),
    )
    return rows, np.concatenate([np.zeros(len(day), dtype=np.int64), np.ones(len(repeated), dtype=np.int64)])
