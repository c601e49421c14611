"""Naive twins of the answers about diagnoses: lists of episodes in plain Python, no SQL and none of our estimates."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort import FILTERS
from tests.twins.cohort import Episode, group_of, kept, patients_of

Cells = dict[tuple[str, ...], dict[str, Any]]


def _groups(episodes: Sequence[Episode], by: str | None) -> dict[str, list[Episode]]:
    groups: dict[str, list[Episode]] = {}
    for episode in episodes:
        groups.setdefault(group_of(episode, by), []).append(episode)
    return groups


def _share(part: Sequence[Episode], whole: Sequence[Episode]) -> dict[str, Any]:
    return {"n": len(part), "of": len(whole), "share": len(part) / len(whole) if whole else None}


def diagnosis_mix(episodes: Sequence[Episode], by: str | None) -> Cells:
    """(group, diagnosis) -> n, share."""
    return {
        (group, code): _share([episode for episode in members if episode["diagnosis"] == code], members)
        for group, members in _groups(episodes, by).items()
        for code in v.codes(v.DIAGNOSES)
    }


def symptoms(episodes: Sequence[Episode], by: str | None) -> Cells:
    """(group, symptom) -> n, of, share."""
    return {
        (group, code): _share([episode for episode in members if code in episode["symptoms"]], members)
        for group, members in _groups(episodes, by).items()
        for code in v.codes(v.SYMPTOMS)
    }


def co_diagnoses(episodes: Sequence[Episode], by: str | None) -> Cells:
    """(group, primary, other) -> n, of, share."""
    cells: Cells = {}
    for group, members in _groups(episodes, by).items():
        for primary in {episode["diagnosis"] for episode in members}:
            whole = [episode for episode in members if episode["diagnosis"] == primary]
            for code in v.codes(v.DIAGNOSES):
                cells[group, primary, code] = _share([episode for episode in whole if code in episode["diagnoses"]], whole)
    return cells


def investigations(episodes: Sequence[Episode], by: str | None) -> Cells:
    """(group, investigation) -> n, of, share, median_day, order, confirmed, yield."""
    cells: Cells = {}
    for group, members in _groups(episodes, by).items():
        medians: dict[str, float] = {}
        for code in v.codes(v.INVESTIGATIONS):
            done = [[row for row in episode["done"] if row["investigation"] == code] for episode in members]
            first_days = [min(row["day"] for row in rows) for rows in done if rows]
            confirmed = sum(any(row["finding"] == "confirmed" for row in rows) for rows in done)
            if first_days:
                medians[code] = statistics.median(first_days)
            cells[group, code] = _share([episode for episode, rows in zip(members, done, strict=True) if rows], members) | {
                "median_day": medians.get(code),
                "confirmed": confirmed,
                "yield": confirmed / len(first_days) if first_days else None,
            }
        for place, code in enumerate(sorted(medians, key=medians.__getitem__), start=1):
            cells[group, code]["order"] = place
    return cells


def baseline_numbers(episodes: Sequence[Episode], by: str | None) -> Cells:
    """(group, variable) -> n, mean, sd of the variables that are numbers."""
    columns = {name: name for name in ("age_years", "bmi", "symptom_weeks", *(f"baseline_{term.code}" for term in v.INSTRUMENTS))}
    cells: Cells = {}
    for group, members in _groups(episodes, by).items():
        for name, column in (columns | {"comorbidities": "comorbidity_count"}).items():
            values = [episode[column] for episode in members if episode[column] is not None]
            cells[group, name] = {
                "n": len(values),
                "of": len(values),
                "not_recorded": len(members) - len(values),
                "mean": statistics.fmean(values) if values else None,
                "sd": statistics.stdev(values) if len(values) > 1 else None,
            }
    return cells


def baseline_levels(episodes: Sequence[Episode], by: str | None) -> Cells:
    """(group, variable, level) -> n, of, share of the recorded, and how many are not recorded; an unknown sex is not."""
    levels = {"sex": ("female", "male", "other"), "occupation": v.codes(v.OCCUPATIONS), "smoker": ("yes",), "red_flags": ("yes",)}
    cells: Cells = {}
    for group, members in _groups(episodes, by).items():
        for name, codes in levels.items():
            recorded = [episode for episode in members if episode[name] not in {None, "unknown"}]
            for code in codes:
                share = _share([episode for episode in recorded if episode[name] == code], recorded)
                cells[group, name, code] = share | {"not_recorded": len(members) - len(recorded)}
    return cells


def attrition(episodes: Sequence[Episode], cohort: Any) -> list[dict[str, Any]]:
    """Filter by filter: who is left, and how many patients lost an episode."""
    steps = [{"filter": "all", "patients": patients_of(episodes), "episodes": len(episodes), "touched": 0}]
    used: dict[str, Any] = {}
    before = list(episodes)
    for name in (field for field in FILTERS if field in cohort.in_use()):
        used[name] = getattr(cohort, name)
        left = kept(episodes, type(cohort)(**used))
        lost = [episode for episode in before if episode not in left]
        steps.append({"filter": name, "patients": patients_of(left), "episodes": len(left), "touched": patients_of(lost)})
        before = left
    return steps
