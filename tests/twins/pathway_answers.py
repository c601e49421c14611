"""Naive twins of the answers about pathways and escalation: one episode at a time, lists and dictionaries."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from tests.twins.marts import Episode, _first_day, _outcome, _term
from tests.twins.pathways import Given, Step, pathway

Cells = dict[tuple, dict[str, Any]]
Grouped = Sequence[tuple[str, Episode]]


def steps_of(episode: Episode, parameters: dict[str, Any]) -> list[Step]:
    """The steps of an episode under these options."""
    given = [Given(row["treatment"], row["start_day"], row["end_day"]) for row in episode.treatments]
    return pathway(
        given,
        episode.follow_up_end(),
        unit=parameters.get("unit", "class"),
        gap=parameters.get("gap_collapse", 30),
        overlap=parameters.get("combination_overlap", 14),
        repeats=parameters.get("repeats", "changes"),
        max_steps=parameters.get("max_steps", 6),
    )


def pathways(episodes: Sequence[Episode], parameters: dict[str, Any], instrument: str) -> Cells:
    """(steps, times, end state) -> the cells of the row."""
    rows: dict[tuple, list[tuple[Episode, list[Step]]]] = defaultdict(list)
    for episode in episodes:
        steps = steps_of(episode, parameters)
        names = tuple(_name(step) for step in steps) or ("untreated",)
        rows[names, tuple(step.times for step in steps) or (1,), _end_state(episode)].append((episode, steps))
    treated = sum(bool(steps) for held in rows.values() for _, steps in held)
    cells = {}
    for key, held in rows.items():
        changes = [change for episode, _ in held if (change := _change(episode, instrument)) is not None]
        is_treated = key[0] != ("untreated",)
        cells[key] = {
            "n": len(held),
            "share_of_all": len(held) / len(episodes),
            "share_of_treated": len(held) / treated if is_treated else None,
            "median_days": statistics.median(steps[-1].start - steps[0].start for _, steps in held) if len(key[0]) > 1 else None,
            "change": statistics.fmean(changes) if changes else None,
            "completeness": len(changes) / len(held),
        }
    return cells


def links(episodes: Sequence[Episode], parameters: dict[str, Any], instrument: str) -> Cells:
    """(place, source, target) -> the cells of the row."""
    found: dict[tuple, list[tuple[int | None, float | None]]] = defaultdict(list)
    for episode in episodes:
        steps = steps_of(episode, parameters)
        source, since = "first_visit", 0
        for place, step in enumerate(steps):
            found[place, source, _name(step)].append((step.start - since, _change_over(episode, steps, place, instrument)))
            source, since = _name(step), step.start
        if not steps:
            found[0, source, "untreated"].append((None, None))
            source = "untreated"
        found[max(len(steps), 1), source, _end_state(episode)].append((None, None))
    totals: dict[tuple, int] = defaultdict(int)
    for (place, source, _), held in found.items():
        totals[place, source] += len(held)
    return {
        key: {
            "n": len(held),
            "share_of_source": len(held) / totals[key[:2]],
            "median_days": _median([days for days, _ in held if days is not None]),
            "change": _median([change for _, change in held if change is not None]),
        }
        for key, held in found.items()
    }


def step_times(episodes: Sequence[Episode], parameters: dict[str, Any]) -> Cells:
    """(source, target) -> the cells of the row."""
    found: dict[tuple, list[int]] = defaultdict(list)
    for episode in episodes:
        source, since = "first_visit", 0
        for step in steps_of(episode, parameters):
            found[source, _name(step)].append(step.start - since)
            source, since = _name(step), step.start
    cells = {}
    for key, days in found.items():
        quartiles = statistics.quantiles(days, n=4, method="inclusive") if len(days) > 1 else [days[0]] * 3
        cells[key] = {"n": len(days), "median_days": quartiles[1], "q1_days": quartiles[0], "q3_days": quartiles[2]}
    return cells


def ways(episodes: Sequence[Episode], parameters: dict[str, Any], instrument: str) -> Cells:
    """steps -> the cells of the row, with the number in each end state."""
    rows: dict[tuple, list[Episode]] = defaultdict(list)
    for episode in episodes:
        rows[(_names(episode, parameters),)].append(episode)
    cells = {}
    for key, held in rows.items():
        changes = [change for episode in held if (change := _change(episode, instrument)) is not None]
        cells[key] = {
            "n": len(held),
            "share_of_all": len(held) / len(episodes),
            "change": statistics.fmean(changes) if changes else None,
            "completeness": len(changes) / len(held),
        } | {code: sum(_end_state(episode) == code for episode in held) for code in v.codes(v.END_STATES)}
    return cells


def ends(episodes: Sequence[Episode], parameters: dict[str, Any]) -> Cells:
    """(first step, end state) -> the cells of the row."""
    rows: dict[tuple, int] = defaultdict(int)
    for episode in episodes:
        rows[_names(episode, parameters)[0], _end_state(episode)] += 1
    whole: dict[str, int] = defaultdict(int)
    for (first, _), n in rows.items():
        whole[first] += n
    return {key: {"n": n, "of": whole[key[0]], "share": n / whole[key[0]]} for key, n in rows.items()}


def ended(episodes: Sequence[Episode]) -> Cells:
    """What became of them -> the cells of the row."""
    cells: Cells = {}
    for code in ("resolved+improved", "worse", "lost"):
        n = sum(_end_state(episode) in code.split("+") for episode in episodes)
        cells[(code,)] = {"n": n, "of": len(episodes), "share": n / len(episodes) if episodes else None}
    return cells


def branches(episodes: Sequence[Episode]) -> Cells:
    """(first, second, third stage) -> the cells of the row; None where the place lies beyond it."""
    found: dict[tuple, int] = defaultdict(int)
    for episode in episodes:
        stages = _order_of_stages(episode)
        whole = [*stages, "none"] if len(stages) < 3 else stages
        for depth in range(len(whole) + 1):
            found[(*whole[:depth], *[None] * (3 - depth))] += 1
    cells = {}
    for key, n in found.items():
        depth = sum(code is not None for code in key)
        if depth:
            former = found[(*key[: depth - 1], *[None] * (4 - depth))]
            cells[key] = {"n": n, "share_of_all": n / len(episodes), "share_of_former": n / former}
    return cells


def stages(episodes: Sequence[Episode]) -> Cells:
    """stage -> the cells of the row; then those operated without an injection before."""
    orders = [_order_of_stages(episode) for episode in episodes]
    cells: Cells = {}
    for stage in ("conservative", "injection", "surgery"):
        n = sum(stage in order for order in orders)
        cells[(stage,)] = {"n": n, "of": len(orders), "share": n / len(orders) if orders else None}
    operated = [order for order in orders if "surgery" in order]
    n = sum("injection" not in order or order.index("injection") > order.index("surgery") for order in operated)
    cells[("no_injection_before",)] = {"n": n, "of": len(operated), "share": n / len(operated) if operated else None}
    return cells


def _order_of_stages(episode: Episode) -> list[str]:
    """The stages that came by day 730, in the order of their first days."""
    first: dict[str, int] = {}
    for row in episode.treatments:
        term, start, end = _term(row), row["start_day"], row["end_day"]
        if start < 0 and (term.kind == "procedure" or (end is not None and end < 0)):
            continue  # over before the first visit
        if start <= 730:
            first[term.stage] = min(first.get(term.stage, 730), max(start, 0))
    order = ("conservative", "injection", "surgery")
    return sorted(first, key=lambda stage: (first[stage], order.index(stage)))


def stepped_care(episodes: Grouped, event: str, min_days: int) -> Cells:
    """group -> n, adherent, share, red_flags."""
    cells: Cells = {}
    for group, members in _groups(episodes).items():
        first = [(episode, day) for episode in members if (day := _event_day(episode, event)) is not None]
        plain = [(episode, day) for episode, day in first if not episode.row["red_flags"]]
        adherent = sum(_conservative_days(episode, day) >= min_days for episode, day in plain)
        share = adherent / len(plain) if plain else None
        cells[(group,)] = {"n": len(plain), "adherent": adherent, "share": share, "red_flags": len(first) - len(plain)}
    return cells


def incidence(episodes: Grouped, event: str) -> dict[str, list[tuple[int, float, int]]]:
    """group -> (day, cumulative incidence, at risk) of every whole week up to 730 on which somebody is at risk."""
    curves = {}
    for group, members in _groups(episodes).items():
        left = [_left(episode, event) for episode in members if _is_at_risk(episode, event)]
        points, value, survival = [], 0.0, 1.0
        for day in range(731):
            at_risk = sum(last >= day for last, _ in left)
            if not at_risk:
                break
            ours, any_cause = (sum(last == day and cause in causes for last, cause in left) for causes in (("event",), ("event", "other")))
            value += survival * ours / at_risk
            survival *= 1 - any_cause / at_risk
            if day % 7 == 0:
                points.append((day, value, at_risk))
        curves[group] = points
    return curves


def _is_at_risk(episode: Episode, event: str) -> bool:
    before = {_term(row).stage for row in episode.treatments if row["start_day"] < 0}
    closed = episode.row["closed_day"]
    return not before & ({"injection", "surgery"} if event == "injection" else {"surgery"}) and (closed is None or closed >= 0)


def _left(episode: Episode, event: str) -> tuple[int, str]:
    """The day an episode stops waiting, and why; what happens on the last day of follow-up counts."""
    happens = [(_event_day(episode, event), 0, "event")]
    if event == "injection":
        happens.append((_event_day(episode, "surgery"), 1, "other"))
    closed = episode.row["closed_day"]
    happens.append((closed, 2, "other" if episode.row["status"] in ("resolved", "discharged", "died") else "censored"))
    happens.append((episode.follow_up_end(), 3, "censored"))
    day, _, cause = min(entry for entry in happens if entry[0] is not None)
    return day, cause


def _event_day(episode: Episode, event: str) -> int | None:
    days = [_first_day(episode, stage) for stage in (("injection", "surgery") if event == "escalation" else (event,))]
    return min((day for day in days if day is not None), default=None)


def _conservative_days(episode: Episode, event: int) -> int:
    covered: set[int] = set()
    for row in episode.treatments:
        if _term(row).stage == "conservative":
            covered |= set(range(row["start_day"], episode.follow_up_end() if row["end_day"] is None else row["end_day"]))
    return sum(event - 180 <= day < event for day in covered)


def _groups(episodes: Grouped) -> dict[str, list[Episode]]:
    groups: dict[str, list[Episode]] = defaultdict(list)
    for group, episode in episodes:
        groups[group].append(episode)
    return groups


def _names(episode: Episode, parameters: dict[str, Any]) -> tuple[str, ...]:
    return tuple(_name(step) for step in steps_of(episode, parameters)) or ("untreated",)


def _name(step: Step) -> str:
    return "+".join(step.units) or "more"


def _end_state(episode: Episode) -> str:
    return v.END_STATES[_outcome(episode, "nrs_pain")["end_state"]].code


def _change(episode: Episode, instrument: str) -> float | None:
    before = episode.baseline(instrument, 0)
    later = [value for day, value in episode.answers(instrument) if 1 <= day <= 730]
    return None if before is None or not later else (later[-1] - before) / 1000


def _change_over(episode: Episode, steps: list[Step], place: int, instrument: str) -> float | None:
    start = steps[place].start
    latest = min(start + 180, steps[place + 1].start if place + 1 < len(steps) else start + 180)
    before = [value for day, value in episode.answers(instrument) if start - 60 <= day <= start]
    after = [value for day, value in episode.answers(instrument) if start + 14 <= day <= latest]
    return (after[-1] - before[-1]) / 1000 if before and after else None


def _median(values: list[Any]) -> float | None:
    return statistics.median(values) if values else None
