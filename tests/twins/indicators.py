"""Naive twins of the indicators: who counts, with which value, loops over one episode at a time."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from synapse_analytics import vocabulary as v
from synapse_analytics.indicators import Indicator, Measured
from tests.twins import outcomes
from tests.twins.marts import Episode
from tests.twins.pathway_answers import _conservative_days, _event_day

Value = tuple[int, float | None]  # n and value
PRESETS = {"good_state_12_months": "odi_22", "success_discectomy_12_months": "odi_20", "success_laminectomy_12_months": "odi_30pct"}
MARGIN = 16  # days the month of a later event may be off


def value(asked: Indicator, episodes: Sequence[Episode]) -> Value:
    """n and value of an indicator over some episodes; a share also where the answer gives a cumulative incidence."""
    if asked.name == "patients_seen":
        return len(episodes), outcomes.patients_of(episodes)
    if asked.name == "median_wait":
        waited = outcomes.waits(episodes)
        return len(waited), statistics.median(waited) if waited else None
    numbers = [number for episode in episodes if (number := _number(asked)(asked, episode)) is not None]
    factor = 100 if asked.measured is Measured.RATE else 1
    return len(numbers), factor * statistics.fmean(numbers) if numbers else None


def month(asked: Indicator, episode: Episode) -> int | None:
    """The month (year * 12 + month - 1) the episode counts in: of its index, a later one by the 15th of the first month."""
    day = _index(asked, episode)
    if day is None:
        return None
    first = episode.row["first_visit_month"]
    if day == 0 and asked.over_time == "month of the first visit":
        return first
    then = date(first // 12, first % 12 + 1, 15) + timedelta(days=day)
    return min(then.year * 12 + then.month - 1, outcomes.last_month(episode))


def is_closed(asked: Indicator, month_: int, data_until: str) -> bool:
    """Whether everybody's window is over, whichever day of the month the index was."""
    later = asked.closes_after + (MARGIN if asked.over_time != "month of the first visit" and asked.closes_after else 0)
    year, last = map(int, data_until.split("-"))
    return _after(year * 12 + last - 1) - _after(month_) >= timedelta(days=later)


def _after(month_: int) -> date:
    return date((month_ + 1) // 12, (month_ + 1) % 12 + 1, 1)


def _index(asked: Indicator, episode: Episode) -> int | None:
    if asked.theme in v.codes(v.TREATMENTS):
        return outcomes.index_day(episode, asked.theme)
    steps = {
        "conservative_care_first": "escalation",
        "conservative_care_before_injection": "injection",
        "conservative_care_before_surgery": "surgery",
        "surgery_without_clear_reason": "surgery",
    }
    if asked.name in steps:
        return _event_day(episode, steps[asked.name])
    return outcomes.first_surgery(episode) if asked.theme == "safety" else 0


def _score(asked: Indicator, episode: Episode) -> float | None:
    """Improvement, or 1 and 0 for who responded and who did not; None for who does not count."""
    instrument = "odi" if asked.name.startswith(("odi", "good", "success")) else "nrs_pain"
    months = 3 if asked.name.endswith("_3_months") else 12
    visit = v.find(v.VISITS, f"month_{months}")
    day = _index(asked, episode)
    if day is None or (asked.theme == "conservative_only" and not _only_conservative(episode, visit.last)):
        return None
    if asked.name.startswith("follow_up"):
        expected = episode.baseline(instrument, day) is not None and episode.window_counts(day, visit)
        return float(outcomes.visit_value(episode, instrument, day, visit) is not None) if expected else None
    before, after = episode.baseline(instrument, day), outcomes.visit_value(episode, instrument, day, visit)
    if after is None:
        return None
    if asked.measured is Measured.MEAN:
        return (before - after) / 1000
    responded = outcomes.improved(v.find(v.PRESETS, PRESETS.get(asked.name, "odi_10" if instrument == "odi" else "nrs_2")), before, after)
    return None if responded is None else float(responded)


def _only_conservative(episode: Episode, end: int) -> bool:
    given = [(v.find(v.TREATMENTS, row["treatment"]).stage, row["start_day"], row["end_day"]) for row in episode.treatments]
    begun = any(stage == "conservative" and day <= end and (day >= 0 or last is None or last >= 0) for stage, day, last in given)
    return begun and not any(stage != "conservative" and day <= end for stage, day, _ in given)


def _operated(asked: Indicator, episode: Episode) -> float | None:
    if not outcomes._is_waiting(episode) or episode.observed() < 365:
        return None
    day, cause = outcomes._leaving(episode)
    return float(cause == "surgery" and day <= 365)


def _stepped(asked: Indicator, episode: Episode) -> float | None:
    day = _index(asked, episode)
    return None if day is None or episode.row["red_flags"] else float(_conservative_days(episode, day) >= 42)


def _reason(asked: Indicator, episode: Episode) -> float | None:
    day = _index(asked, episode)
    leg = None if day is None else episode.baseline("nrs_leg", day)
    if leg is None or episode.row["diagnosis"] != "herniated_disc":
        return None
    weak = any(row["symptom"] == "leg_weakness" for row in episode.symptoms)
    return float(leg < 3500 and not weak and not episode.row["red_flags"])


def _after_surgery(asked: Indicator, episode: Episode) -> float | None:
    day = _index(asked, episode)
    if day is None or episode.observed() < day + asked.closes_after:
        return None
    harm = [row["day"] - day for row in episode.events if 0 <= row["day"] - day <= asked.closes_after]
    if asked.measured is Measured.RATE:
        return float(len(harm))
    again = [at - day for at in outcomes.surgeries(episode) if 0 < at - day <= asked.closes_after]
    return float(bool(harm if asked.name.startswith("complications") else again))


def _yield(_asked: Indicator, episode: Episode) -> float | None:
    findings = {row["finding"] for row in episode.investigations}
    return float("confirmed" in findings) if episode.investigations else None


# By the name of an indicator, else by its theme, else what is said of scores.
NUMBERS: dict[str, Callable[[Indicator, Episode], float | None]] = {
    "surgery_within_12_months": _operated,
    "surgery_without_clear_reason": _reason,
    "investigation_yield": _yield,
    "stepped": _stepped,
    "safety": _after_surgery,
}


def _number(asked: Indicator) -> Callable[[Indicator, Episode], float | None]:
    return NUMBERS.get(asked.name) or NUMBERS.get(asked.theme) or _score
