"""The answers of patients: pain, disability and quality of life at the visits that took place, with noise, floors and gaps."""

from __future__ import annotations

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.care import Care
from synapse_analytics.synthetic.health import Story, draw_noise, true_state
from synapse_analytics.synthetic.people import Columns, Random, happens
from synapse_analytics.synthetic.visits import FIRST_VISIT, FRESH_BASELINE, Visits, draw_visits

PAIN, BACK, BUTTOCK, LEG, ODI, EQ_INDEX, EQ_VAS = range(len(v.INSTRUMENTS))


def draw_answers(random: Random, story: Story, care: Care, last: np.ndarray) -> Columns:
    """The rows of scores.csv up to the `last` day of contact of each episode, in order of episode, day and instrument."""
    visits = draw_visits(random, care)
    visits = visits.only(np.flatnonzero(visits.day <= last[visits.episode]))
    state = true_state(story, care.starts, visits.episode, visits.day)
    answered = _answered(random, story, visits, state[1])
    visits, state = visits.only(answered), state[:, answered]
    return _fill_in(random, story, visits, _with_noise(random, story, visits, state))


def _answered(random: Random, story: Story, visits: Visits, odi: np.ndarray) -> np.ndarray:
    episodes, log_odds = story.episodes, visits.likely.copy()
    if story.setting.scenario.drop_out_by_outcome:
        later = visits.kind != FIRST_VISIT
        log_odds += later * p.ANSWER_LOG_ODDS["age_per_10_years"] * (episodes.age[visits.episode] - 52) / 10
        log_odds += later * p.ANSWER_LOG_ODDS["smoker"] * episodes.smoker[visits.episode]
        log_odds += later * p.ANSWER_LOG_ODDS["odi_per_10"] * (odi - 28) / 10
    return np.flatnonzero(happens(random, log_odds))


def _with_noise(random: Random, story: Story, visits: Visits, state: np.ndarray) -> np.ndarray:
    """Pain and ODI as felt that day.

    Where only measured causes decide, a fresh baseline repeats the luck of the first answers: it then holds everything that the
    decision to treat rested on, and adjusting for it is enough.
    """
    noise = draw_noise(random, len(visits.day))
    lucky = visits.kind >= (FIRST_VISIT if story.setting.scenario.hidden else FRESH_BASELINE)
    return state + np.where(lucky, story.health.luck[:, visits.episode], noise)


def _fill_in(random: Random, story: Story, visits: Visits, felt: np.ndarray) -> Columns:
    """The forms: pain is filled in nearly always, ODI mostly, the rest on the long form. Values are in thousandths."""
    pain, odi = felt
    n = len(pain)
    where = story.health.where[visits.episode]
    buttock = visits.long & (where[:, 1] > -1.2)
    columns = [
        (PAIN, random.random(n) < 0.985, _rating(random, pain)),
        (BACK, visits.long, _rating(random, pain + where[:, 0] + random.normal(0, 0.6, n))),
        (BUTTOCK, buttock, _rating(random, pain + where[:, 1] + random.normal(0, 0.6, n))),
        (LEG, visits.long, _rating(random, pain + where[:, 2] + random.normal(0, 0.6, n))),
        (ODI, random.random(n) < 0.94, _disability(random, odi)),
        (EQ_INDEX, visits.long, _index(random, pain, odi)),
        (EQ_VAS, visits.long & (random.random(n) < 0.9), _health_today(random, odi)),
    ]
    rows = np.concatenate([np.flatnonzero(asked) for _, asked, _ in columns])
    instrument = np.concatenate([np.full(np.count_nonzero(asked), code) for code, asked, _ in columns])
    value = np.concatenate([values[asked] for _, asked, values in columns])
    order = np.argsort(rows, kind="stable")  # visits are in order of episode and day; instruments follow the vocabulary
    rows = rows[order]
    return {"episode_id": visits.episode[rows], "day": visits.day[rows], "instrument": instrument[order], "value": value[order]}


def _rating(random: Random, pain: np.ndarray) -> np.ndarray:
    """A number from 0 to 10, now and then a half."""
    halves = random.random(len(pain)) < p.HALF_POINT_SHARE
    return np.where(halves, np.rint(np.clip(pain, 0, 10) * 2) * 500, np.rint(np.clip(pain, 0, 10)) * 1000).astype(np.int64)


def _disability(random: Random, odi: np.ndarray) -> np.ndarray:
    """Ten items of 0 to 5, so even numbers; with one item left out a percentage of 45, to two decimals."""
    share = np.clip(odi, 0, 100) / 100
    ten, nine = np.rint(share * 50).astype(np.int64), np.rint(share * 45).astype(np.int64)
    hundredths = (nine * 10_000 + 22) // 45
    return np.where(random.random(len(odi)) < p.MISSING_ITEM_SHARE, hundredths * 10, ten * 2_000)


def _index(random: Random, pain: np.ndarray, odi: np.ndarray) -> np.ndarray:
    """A profile of five levels from pain and disability, valued exactly, in thousandths."""
    ability = 1.0 + np.clip(odi, 0, 100)[:, None] / 100 * np.array([3.6, 2.6, 3.4])
    hurt = 1.0 + np.clip(pain, 0, 10)[:, None] / 10 * np.array([3.2, 2.0])
    levels = np.concatenate([ability, hurt], axis=1) + random.normal(0, 0.45, (len(pain), 5))
    chosen = np.clip(np.rint(levels), 1, 5).astype(np.int64) - 1
    tenths_of_a_millionth = 10_000_000 - p.EQ5D_LOSS[np.arange(5), chosen].sum(axis=1)
    return (tenths_of_a_millionth + 5_000) // 10_000


def _health_today(random: Random, odi: np.ndarray) -> np.ndarray:
    """0 to 100, mostly in fives as people draw it."""
    value = np.clip(88 - 0.75 * np.clip(odi, 0, 100) + random.normal(0, 10, len(odi)), 0, 100)
    fives = random.random(len(odi)) < 0.7
    return np.where(fives, np.rint(value / 5) * 5, np.rint(value)).astype(np.int64) * 1000
