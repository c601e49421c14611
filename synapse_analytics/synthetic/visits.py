"""The days on which patients get forms: at the first visit, at the reference visits after it, before and after procedures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.care import Care
from synapse_analytics.synthetic.people import Random

FOLLOW_UP, FRESH_BASELINE, FIRST_VISIT = range(3)
SHORT_FORM_DAYS = ((28, 63), (136, 270))  # 6 weeks and 6 months after the first visit: the short form is enough
NEAREST_VISITS_DAYS = 12  # nobody answers twice in less
Plan = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # episode, day, kind, log odds of an answer


@dataclass(frozen=True, slots=True)
class Visits:
    """One entry per form handed out, in order of episode and day."""

    episode: np.ndarray
    day: np.ndarray
    kind: np.ndarray
    likely: np.ndarray  # log odds of an answer
    long: np.ndarray  # sites of pain and EQ-5D too

    def only(self, rows: np.ndarray) -> Visits:
        """The visits at these positions."""
        return Visits(self.episode[rows], self.day[rows], self.kind[rows], self.likely[rows], self.long[rows])


def draw_visits(random: Random, care: Care) -> Visits:
    """All visits, also those after the cut-off: only the caller knows the last day."""
    n = len(care.starts)
    surgery = care.starts[:, p.DISCECTOMY :].min(axis=1)
    injection = care.starts[:, p.FIRST_PROCEDURE : p.DISCECTOMY].min(axis=1)
    willing = random.normal(0, p.ANSWER_SPREAD, n)
    plans = [*_after_first_visit(random, surgery, willing), *_around(random, injection, p.AFTER_INJECTION, willing)]
    plans += _around(random, surgery, p.AFTER_SURGERY, willing)
    episode, day, kind, likely = (np.concatenate(column) for column in zip(*plans, strict=True))
    always_long = random.random(n) < p.LONG_FORM_SHARE
    short = np.zeros(len(day), dtype=bool)
    for first, last in SHORT_FORM_DAYS:
        short |= (day >= first) & (day <= last) & (kind == FOLLOW_UP)
    since = day - surgery[episode]
    around_surgery = ((since >= -30) & (since <= 0)) | ((since > 270) & (since <= 545))
    long = (always_long[episode] & ~short) | around_surgery
    return _thin_out(Visits(episode, day, kind, likely, long))


def _plan(episode: np.ndarray, day: np.ndarray, kind: int, likely: np.ndarray | float) -> Plan:
    return episode, day.astype(np.int64), np.full(len(episode), kind), np.broadcast_to(likely, len(episode)).astype(np.float64)


def _log_odds(share: float) -> float:
    return float(np.log(share / (1 - share)))


def _after_first_visit(random: Random, surgery: np.ndarray, willing: np.ndarray) -> list[Plan]:
    """The first visit and the reference visits after it; an operation starts the calendar anew."""
    n = len(surgery)
    everyone = np.arange(n)
    at_visit = random.random(n) < 0.55
    plans = [_plan(everyone, np.where(at_visit, 0, -random.integers(1, 15, n)), FIRST_VISIT, _log_odds(p.BASELINE_SHARE))]
    for (target, spread), likely in zip(p.FIRST_VISIT_ANSWERS, p.ANSWER_LOGIT, strict=True):
        day = _deviate(random, target, spread, n)
        due = np.flatnonzero(day < surgery)
        plans.append(_plan(due, day[due], FOLLOW_UP, willing[due] + likely))
    return plans


def _around(random: Random, start: np.ndarray, targets: tuple[tuple[int, int], ...], willing: np.ndarray) -> list[Plan]:
    """A fresh baseline in the weeks before a procedure and answers after it."""
    episode = np.flatnonzero(np.isfinite(start))
    day, n = start[episode], len(episode)
    plans = [_plan(episode, np.maximum(day - random.integers(1, 29, n), 0), FRESH_BASELINE, _log_odds(p.FRESH_BASELINE_SHARE))]
    for target, spread in targets:
        likely = p.ANSWER_LOGIT[np.searchsorted([63, 135, 270, 545], target)]
        plans.append(_plan(episode, day + _deviate(random, target, spread, n), FOLLOW_UP, willing[episode] + likely))
    return plans


def _deviate(random: Random, target: int, spread: int, n: int) -> np.ndarray:
    """Days around the target, later rather than earlier, never so far that they belong to another visit."""
    return np.rint(target + spread * np.clip(random.gamma(4, 0.5, n) - 1.7, -1.6, 3)).astype(np.int64)


def _thin_out(visits: Visits) -> Visits:
    """The visits in order, without those that closely follow another; a fresh baseline replaces the follow-up just before it."""
    visits = visits.only(np.lexsort((visits.kind, visits.day, visits.episode)))
    close = (np.diff(visits.day) < NEAREST_VISITS_DAYS) & (np.diff(visits.episode) == 0)
    to_previous, to_next = np.concatenate([[False], close]), np.concatenate([close, [False]])
    fresh = visits.kind == FRESH_BASELINE
    replaces = fresh & to_previous & np.concatenate([[False], visits.kind[:-1] == FOLLOW_UP])
    replaced = (visits.kind == FOLLOW_UP) & to_next & np.concatenate([fresh[1:], [False]])
    kept = visits.only(np.flatnonzero(~replaced & (~to_previous | replaces)))
    # Two fresh baselines can replace follow-ups around one day (once in a million patients): one of them is given.
    again = (np.diff(kept.day) == 0) & (np.diff(kept.episode) == 0)
    return kept.only(np.flatnonzero(~np.concatenate([[False], again])))
