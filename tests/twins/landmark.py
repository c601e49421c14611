"""Naive twin of the comparison from a landmark day: one patient at a time, in plain Python, straight from the definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synapse_analytics import vocabulary as v
from tests.twins.marts import Episode

HORIZON = 730
STEPS = (
    "operated_by_then",
    "closed_by_then",
    "not_observed_so_long",
    "injected_before",
    "no_baseline",
    "compared_with",
    "compared_without",
)


@dataclass(frozen=True)
class Member:
    """One compared episode: what came first after the landmark (0 seen no longer, 1 surgery, 2 another end), and when."""

    episode: Episode
    days: int  # since the landmark
    cause: int
    baseline: int
    change: int | None  # of the score at the visit


def starts(episode: Episode, stage: str) -> list[int]:
    """The days on which treatments of a stage began."""
    return [row["start_day"] for row in episode.treatments if v.find(v.TREATMENTS, row["treatment"]).stage == stage]


def step_of(episode: Episode, day: int, instrument: str) -> str:
    """The first reason for which an episode is not compared, or its group."""
    if any(start <= day for start in starts(episode, "surgery")):
        return "operated_by_then"
    if episode.closed_by(day):
        return "closed_by_then"
    if episode.observed() < day:
        return "not_observed_so_long"
    if any(start < 0 for start in starts(episode, "injection")):
        return "injected_before"
    if episode.baseline(instrument, 0) is None:
        return "no_baseline"
    return "compared_with" if any(start <= day for start in starts(episode, "injection")) else "compared_without"


def members(episodes: Sequence[Episode], day: int, instrument: str, month: int) -> dict[str, list[Member]]:
    """Both groups."""
    found: dict[str, list[Member]] = {"with": [], "without": []}
    for episode in episodes:
        step = step_of(episode, day, instrument)
        if step.startswith("compared_"):
            found[step.removeprefix("compared_")].append(_member(episode, day, instrument, month))
    return found


def _member(episode: Episode, day: int, instrument: str, month: int) -> Member:
    baseline = episode.baseline(instrument, 0)
    assert baseline is not None
    visit = v.find(v.VISITS, f"month_{month}")
    given = [(abs(d - visit.target), d, value) for d, value in episode.answers(instrument) if visit.first <= d <= visit.last]
    expected = all(episode.window_counts(0, one) for one in v.VISITS[1 : v.position(v.VISITS, visit.code) + 1])
    change = min(given)[2] - baseline if given and expected else None
    end = min(d for d in (episode.row["closed_day"], episode.follow_up_end()) if d is not None)
    surgery = min((start for start in starts(episode, "surgery") if start > day), default=HORIZON + 1)
    final = episode.row["closed_day"] if episode.row["status"] in ("resolved", "discharged", "died") else HORIZON + 1
    first = min(surgery, final)
    if first <= min(end, HORIZON):
        return Member(episode, first - day, 1 if surgery <= final else 2, baseline, change)
    return Member(episode, min(end, HORIZON + 1) - day, 0, baseline, change)


def incidence(group: Sequence[Member], horizon: int) -> tuple[float, float | None]:
    """(share operated by the horizon, mean day of surgery since the landmark), after Aalen and Johansen."""
    alive, share, days = 1.0, 0.0, 0.0
    for day in sorted({one.days for one in group if one.cause and one.days <= horizon}):
        at_risk = sum(one.days >= day for one in group)
        operated = sum(one.days == day and one.cause == 1 for one in group)
        step = alive * operated / at_risk
        share, days = share + step, days + step * day
        alive *= 1 - sum(one.days == day and one.cause > 0 for one in group) / at_risk
    return share, days / share if share else None


def pseudo(group: Sequence[Member], horizon: int) -> list[float]:
    """What each adds to the share operated: literally n times the share minus n - 1 times that of the others."""
    whole, n = incidence(group, horizon)[0], len(group)
    return [n * whole - (n - 1) * incidence([*group[:at], *group[at + 1 :]], horizon)[0] for at in range(n)]
