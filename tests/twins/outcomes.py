"""Naive twins of the answers about outcomes: lists of episodes in plain Python, no SQL and none of our estimates."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from tests.twins.marts import Episode

Members = Sequence[tuple[str, Episode]]  # (group, episode)
Cells = dict[tuple[Any, ...], dict[str, Any]]
THOUSAND = 1000


def index_day(episode: Episode, index: str) -> int | None:
    """The day of the index, or None when the episode has none."""
    code = 0 if index == "first_visit" else v.position(v.TREATMENTS, index) + 1
    return dict(episode.indexes()).get(code)


def visit_value(episode: Episode, instrument: str, day: int, visit: v.Visit) -> int | None:
    """The answer nearest the target inside the window, of two as near the earlier; with a baseline and when expected."""
    if episode.baseline(instrument, day) is None or not episode.window_counts(day, visit):
        return None
    inside = [
        (abs(at - day - visit.target), at, value) for at, value in episode.answers(instrument) if visit.first <= at - day <= visit.last
    ]
    return min(inside)[2] if inside else None


def grouped(members: Members) -> dict[str, list[Episode]]:
    """Episodes by group."""
    groups: dict[str, list[Episode]] = {}
    for group, episode in members:
        groups.setdefault(group, []).append(episode)
    return groups


def _spread(values: Sequence[float]) -> dict[str, Any]:
    """n, mean, SD and quartiles (numpy's default is type 7), in units."""
    if not values:
        return {"n": 0, "mean": None, "sd": None, "q1": None, "median": None, "q3": None}
    units = [value / THOUSAND for value in values]
    quartiles = dict(zip(("q1", "median", "q3"), (float(q) for q in np.quantile(units, (0.25, 0.5, 0.75))), strict=True))
    return {"n": len(units), "mean": statistics.fmean(units), "sd": statistics.stdev(units) if len(units) > 1 else None} | quartiles


def visits(members: Members, instrument: str, index: str) -> Cells:
    """(group, visit) -> n, expected, completeness, mean, SD, quartiles and change."""
    found: Cells = {}
    for group, episodes in grouped(members).items():
        indexed = [(episode, day) for episode in episodes if (day := index_day(episode, index)) is not None]
        if not indexed:
            continue
        baselines = [(episode, day) for episode, day in indexed if episode.baseline(instrument, day) is not None]
        values = [episode.baseline(instrument, day) for episode, day in baselines]
        found[group, "baseline"] = _spread(values) | _complete(len(values), len(indexed)) | {"change": None}
        for visit in v.VISITS[1:]:
            expected = [(episode, day) for episode, day in baselines if episode.window_counts(day, visit)]
            pairs = [(episode.baseline(instrument, day), visit_value(episode, instrument, day, visit)) for episode, day in expected]
            answered = [(before, after) for before, after in pairs if after is not None]
            change = statistics.fmean((after - before) / THOUSAND for before, after in answered) if answered else None
            year = v.find(v.VISITS, "month_12")
            steps = [
                (later - after) / THOUSAND
                for (episode, day), (_, after) in zip(expected, pairs, strict=True)
                if visit.target < year.target and after is not None and (later := visit_value(episode, instrument, day, year)) is not None
            ]
            found[group, visit.code] = (
                _spread([after for _, after in answered])
                | _complete(len(answered), len(expected))
                | {"change": change, "both": len(steps), "further": statistics.fmean(steps) if steps else None}
            )
    return found


def _complete(n: int, expected: int) -> dict[str, Any]:
    return {"expected": expected, "completeness": n / expected if expected else None}


def weeks(members: Members, instrument: str, index: str, step: int) -> Cells:
    """(group, first week) -> n, patients, mean and last week of the last answers in steps of so many weeks; one step begins at week -4."""
    values: dict[tuple[str, int], list[tuple[float, str]]] = {}
    for group, episode in members:
        day = index_day(episode, index)
        if day is not None:
            week_of = [((at - day) // 7, value) for at, value in episode.answers(instrument)]
            last = {(week + 4) // step: value for week, value in week_of if -8 <= week <= 104}
            for number, value in last.items():
                values.setdefault((group, number * step - 4), []).append((value / THOUSAND, episode.row["patient_id"]))
    return {
        (group, max(first, -8)): {
            "n": len(found),
            "patients": len({patient for _, patient in found}),
            "mean": statistics.fmean(value for value, _ in found),
            "to_week": min(first + step - 1, 104),
        }
        for (group, first), found in values.items()
    }


def step_of(members: Members, instrument: str, index: str, enough: int) -> int:
    """The narrowest step at which 9 of 10 steps from the first visit to week 104, of groups with any such step, hold enough patients."""
    for step in (1, 2, 4):
        held = [key[0] for key, row in weeks(members, instrument, index, step).items() if key[1] >= 0 and row["patients"] >= enough]
        places = {1: 105, 2: 53, 4: 27}[step]  # weeks 0 to 104
        if held and len(held) >= 0.9 * places * len(set(held)):
            return step
    return 8


def improved(preset: v.Preset, before: int, after: int) -> bool | None:
    """Whether the preset is met; None when the best score of the scale would not meet it."""
    better_by = after - before if preset.instrument_family == "eq5d5l_index" else before - after
    best = 1000 - before if preset.instrument_family == "eq5d5l_index" else before
    match preset.kind:
        case "points":
            return None if best < round(preset.threshold * THOUSAND) else better_by >= round(preset.threshold * THOUSAND)
        case "percent":
            return None if before == 0 else better_by * 100 >= preset.threshold * before
    return after <= preset.threshold * THOUSAND


def responders(members: Members, instrument: str, preset: v.Preset, month: int, index: str) -> Cells:
    """(group,) -> n, responders, share, expected, share_of_expected, cannot_respond, worst and best."""
    visit = v.find(v.VISITS, f"month_{month}")
    found: Cells = {}
    for group, episodes in grouped(members).items():
        days = [(episode, day) for episode in episodes if (day := index_day(episode, index)) is not None]
        closed = [(e, day) for e, day in days if e.baseline(instrument, day) is not None and e.window_counts(day, visit)]
        if not closed:
            continue
        befores = [episode.baseline(instrument, day) for episode, day in closed]
        afters = [visit_value(episode, instrument, day, visit) for episode, day in closed]
        able = [improved(preset, before, 0 if instrument != "eq5d5l_index" else 1000) is not None for before in befores]
        verdicts = [improved(preset, b, a) for b, a in zip(befores, afters, strict=True) if a is not None]
        n, hit, expected = len([x for x in verdicts if x is not None]), verdicts.count(True), sum(able)
        found[(group,)] = {
            "n": n,
            "responders": hit,
            "share": hit / n if n else None,
            "expected": expected,
            "share_of_expected": hit / expected if expected else None,
            "completeness": n / expected if expected else None,
            "cannot_respond": verdicts.count(None),
            "worst": hit / expected if expected else None,
            "best": (hit + expected - n) / expected if expected else None,
        }
    return found


def verdicts(members: Members, instrument: str, points: int, month: int, index: str) -> Cells:
    """(group, verdict) -> n, answered, expected and both shares, by a smallest important change in thousandths."""
    visit, sign = v.find(v.VISITS, f"month_{month}"), 1 if instrument == "eq5d5l_index" else -1
    said: dict[str, list[str]] = {}
    for group, episode in members:
        day = index_day(episode, index)
        if day is None or episode.baseline(instrument, day) is None or not episode.window_counts(day, visit):
            continue
        after = visit_value(episode, instrument, day, visit)
        gain = 0 if after is None else sign * (after - episode.baseline(instrument, day))
        verdict = "not_answered" if after is None else "better" if gain >= points else "worse" if gain <= -points else "same"
        said.setdefault(group, []).append(verdict)
    found: Cells = {}
    for group, given in said.items():
        answered = len(given) - given.count("not_answered")
        for verdict in ("better", "same", "worse", "not_answered"):
            n = given.count(verdict)
            shares = {"share_of_expected": n / len(given), "of_answered": n / answered if answered and verdict != "not_answered" else None}
            found[group, verdict] = {"n": n, "answered": answered, "expected": len(given)} | shares
    return found


def changes(members: Members, instrument: str, month: int, index: str) -> dict[str, list[tuple[int, int]]]:
    """Group -> (baseline, answer) of the answered episodes."""
    visit = v.find(v.VISITS, f"month_{month}")
    found: dict[str, list[tuple[int, int]]] = {}
    for group, episode in members:
        day = index_day(episode, index)
        after = None if day is None else visit_value(episode, instrument, day, visit)
        if after is not None:
            found.setdefault(group, []).append((episode.baseline(instrument, day), after))
    return found


def patients_of(episodes: Iterable[Episode]) -> int:
    """Distinct patients."""
    return len({episode.row["patient_id"] for episode in episodes})


def quarter_of(episode: Episode) -> str:
    """Quarter of the first visit."""
    return _quarter(episode.row["first_visit_month"])


def surgery_quarter(episode: Episode) -> str:
    """Quarter of the first surgery: the 15th of the first month plus its day."""
    month = episode.row["first_visit_month"]
    day = date(month // 12, month % 12 + 1, 15) + timedelta(days=first_surgery(episode))
    return _quarter(min(day.year * 12 + day.month - 1, last_month(episode)))


def last_month(episode: Episode) -> int:
    """The last month with data: no event lies after it, even where its month is only guessed."""
    year, month = map(int, episode.data_until.split("-"))
    return year * 12 + month - 1


def _quarter(month: int) -> str:
    return f"{month // 12}-Q{month % 12 // 3 + 1}"


def surgeries(episode: Episode) -> list[int]:
    """Days of surgery."""
    kinds = {term.code for term in v.TREATMENTS if term.stage == "surgery"}
    return sorted(row["start_day"] for row in episode.treatments if row["treatment"] in kinds)


def first_surgery(episode: Episode) -> int | None:
    """Day of the first surgery from day 0 on."""
    return min((day for day in surgeries(episode) if day >= 0), default=None)


def improvement(episodes: Sequence[Episode], instrument: str, months: int) -> tuple[int, float | None]:
    """n and mean improvement."""
    pairs = changes([("all", episode) for episode in episodes], instrument, months, "first_visit").get("all", [])
    return len(pairs), statistics.fmean((before - after) / THOUSAND for before, after in pairs) if pairs else None


def after_surgery(episodes: Sequence[Episode], window: int, *, event: str) -> tuple[int, float | None]:
    """n operated whose window is surely closed, and the share in which the event followed."""
    hits = []
    for episode in episodes:
        day = first_surgery(episode)
        if day is None or episode.observed() < day + window:
            continue
        later = [at - day for at in surgeries(episode) if at > day]
        harm = [row["day"] - day for row in episode.events if row["day"] >= day]
        hits.append(min(later if event == "reoperation" else harm, default=9999) <= window)
    return len(hits), sum(hits) / len(hits) if hits else None


def operated_within_a_year(episodes: Sequence[Episode]) -> tuple[int, float | None]:
    """n waiting on day 0, and the cumulative incidence at day 365, one day after the other."""
    leaving = [_leaving(episode) for episode in episodes if _is_waiting(episode)]
    free, incidence = 1.0, 0.0
    for day in range(366):
        at_risk = [cause for left, cause in leaving if left >= day]
        today = [cause for left, cause in leaving if left == day]
        if at_risk:
            incidence += free * today.count("surgery") / len(at_risk)
            free *= 1 - (today.count("surgery") + today.count("competing")) / len(at_risk)
    return len(leaving), incidence if any(left >= 365 for left, _ in leaving) else None


def _is_waiting(episode: Episode) -> bool:
    closed = episode.row["closed_day"]
    return not any(day < 0 for day in surgeries(episode)) and (closed is None or closed >= 0)


def _leaving(episode: Episode) -> tuple[int, str]:
    """The day the episode left and why; of several things on one day surgery counts, then what competes."""
    ends = [(episode.follow_up_end(), 2, "censored")]
    if first_surgery(episode) is not None:
        ends.append((first_surgery(episode), 0, "surgery"))
    if episode.row["closed_day"] is not None:
        competes = episode.row["status"] in ("resolved", "discharged", "died")
        ends.append((episode.row["closed_day"], 1 if competes else 2, "competing" if competes else "censored"))
    day, _, cause = min(ends)
    return day, cause


def waits(episodes: Sequence[Episode]) -> list[int]:
    """Days to the first treatment, treated only."""
    firsts = [[row["start_day"] for row in episode.treatments if row["start_day"] >= 0] for episode in episodes]
    return [min(days) for days in firsts if days]
