"""Curves that move only after enough patients had the event and enough left, so that no step shows what happened to a few."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from synapse_analytics.disclosure import Policy, may_move
from synapse_analytics.queries.escalation import Times

Array = np.ndarray


def held_places(times: Times, days: Array, wanted: Array, policy: Policy) -> tuple[Array, Array]:
    """(for each of some days the place of the day whose row is shown, the patients with the event whom that row hides).

    The curve moves where the gate lets it (`may_move`), and of the days on which it could on the `wanted` ones (places, the
    most important first) as far as they allow each other.
    """
    had, left = times.patients_with_event(days), times.patients_at_risk(days)
    points, ever = list(zip(left.tolist(), had.tolist(), strict=True)), int(had[-1])

    def moves(before: int, after: int) -> bool:
        return may_move(points[before], points[after], ever, policy)

    places, seen = np.arange(len(days)), np.flatnonzero(left >= policy.at_risk)  # beyond what is seen the curve is cut
    end = int(seen[-1]) if len(seen) else 0
    fixed = [0]
    for place in [*wanted.tolist(), end]:
        if place <= end and place not in fixed:
            trial = sorted([*fixed, place])
            fixed = trial if all(moves(*pair) for pair in pairwise(trial)) else fixed
    last = 0
    for place in range(1, end + 1):
        following = next((stop for stop in fixed if stop > place), None)
        if moves(last, place) and (following is None or had[following] == had[place] or moves(place, following)):
            last = place
        places[place] = last
    return places, had - had[places]
