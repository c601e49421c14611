"""How episodes end: deaths first, then the state and the day of closing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.care import Care
from synapse_analytics.synthetic.health import Story, true_state
from synapse_analytics.synthetic.people import Episodes, Random

OPEN, RESOLVED, DISCHARGED, REFERRED, LOST, DIED = range(len(v.STATUSES))


@dataclass(frozen=True, slots=True)
class Endings:
    """Status and closing day (NONE: open) of each episode, and the last day on which the patient can answer."""

    status: np.ndarray
    closed_day: np.ndarray
    last: np.ndarray


def draw_death(random: Random, episodes: Episodes) -> np.ndarray:
    """The day each patient dies, most of them far beyond the cut-off."""
    per_year = p.DEATHS_PER_YEAR_AT_60 * 2.0 ** ((episodes.age - 60) / p.DEATH_DOUBLES_IN_YEARS)
    return 5 + np.floor(random.exponential(1.0, len(per_year)) * 365 / per_year).clip(0, 1e6).astype(np.int64)


def draw_endings(random: Random, story: Story, care: Care, death: np.ndarray) -> Endings:
    """Episodes of well patients are closed as resolved, others as discharged, referred or lost; those that close after the cut-off are open."""
    n, end = len(death), story.episodes.end
    usual = np.rint(p.CLOSE_DAYS_MEDIAN * np.exp(random.normal(0, p.CLOSE_SPREAD, n))).astype(np.int64)
    day = np.maximum(usual, care.last_day + random.integers(1, 60, n))
    lost = random.random(n) < p.LOST_SHARE
    lost_day = np.maximum(random.integers(20, 700, n), care.last_day + 1)
    day = np.where(lost, lost_day, day)
    pain, _ = true_state(story, care.starts, np.arange(n), day)
    status = np.where(lost, LOST, _state_at_close(random, pain))
    dies_first = death <= day
    day, status = np.where(dies_first, death, day), np.where(dies_first, DIED, status)
    still_open = day > end
    status = np.where(still_open, OPEN, status)
    last = np.minimum(end, np.where(status == LOST, day, death))  # who is lost has left before the death
    return Endings(status, np.where(still_open, p.NONE, day), last)


def _state_at_close(random: Random, pain: np.ndarray) -> np.ndarray:
    chance, well = random.random(len(pain)), pain < 3.0
    unwell = np.where(chance < 0.12, RESOLVED, np.where(chance < 0.84, DISCHARGED, REFERRED))
    return np.where(well & (chance < 0.85), RESOLVED, np.where(well, DISCHARGED, unwell))
