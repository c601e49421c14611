"""The naive twin of a cohort: the rows of a bundle read one by one in plain Python, following the definitions only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort import Cohort

Episode = dict[str, Any]


def read_episodes(files: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Episode]:
    """One dictionary per episode with everything a cohort filters or groups by; what is not recorded is None."""
    patients = {row["patient_id"]: row for row in files["patients"]}
    return [_episode(row, patients[row["patient_id"]], files) for row in files["episodes"]]


def kept(episodes: Sequence[Episode], cohort: Cohort) -> list[Episode]:
    """The episodes for which every filter of the cohort holds."""
    return [episode for episode in episodes if all(_holds(episode, name, wanted) for name, wanted in cohort.in_use().items())]


def patients_of(episodes: Sequence[Episode]) -> int:
    """How many different patients these episodes belong to."""
    return len({episode["patient_id"] for episode in episodes})


def group_of(episode: Episode, by: str | None) -> str:
    """The code of the group an episode falls in."""
    if by is None:
        return "all"
    if by == "age_sex":
        return f"{episode['age_band']}_{episode['sex']}"
    value = episode[by]
    if value is None:
        return "none" if by == "first_treatment" else "not_recorded"
    return str(value)


def _recorded(value: Any) -> Any:
    return None if value in ("", None) else value


def _episode(row: Mapping[str, Any], patient: Mapping[str, Any], files: Mapping[str, Sequence[Mapping[str, Any]]]) -> Episode:
    mine = {
        name: [other for other in files[name] if other["episode_id"] == row["episode_id"]]
        for name in files
        if name not in ("patients", "episodes")
    }
    known = {name: _recorded(value) for name, value in {**patient, **row}.items()}
    baselines = {f"baseline_{term.code}": _baseline(mine["scores"], term.code) for term in v.INSTRUMENTS}
    comorbidities, weeks = known["comorbidities"], known["symptom_weeks"]
    return (
        known
        | baselines
        | _treated(mine["treatments"])
        | {
            "diagnoses": {row["diagnosis"], *(other["diagnosis"] for other in mine["other_diagnoses"])},
            "symptoms": {other["symptom"] for other in mine["symptoms"]},
            "done": mine["investigations"],
            "year": row["first_visit_month"][:4],
            "age_band": _band(patient["age_years"], ("0-17", 18, "18-39", 40, "40-64", 65, "65-90")),
            "pain_band": _band(baselines["baseline_nrs_pain"], ("0-3", 4, "4-6", 7, "7-10")),
            "odi_band": _band(baselines["baseline_odi"], ("0-20", 21, "21-40", 41, "41-60", 61, "61-100")),
            "bmi_band": _band(known["bmi"], ("under_18.5", 18.5, "18.5-24.9", 25, "25-29.9", 30, "30_and_over")),
            "symptom_band": _band(weeks, ("under_6_weeks", 6, "6-12_weeks", 13, "3-12_months", 53, "over_1_year")),
            "comorbidity_count": comorbidities,
            "comorbidities": None if comorbidities is None else ("0", "1", "2", "3_or_more")[min(comorbidities, 3)],
        }
    )


def _baseline(scores: Sequence[Mapping[str, Any]], instrument: str) -> float | None:
    """The latest answer on day -60 to 0."""
    answers = {row["day"]: row["value"] for row in scores if row["instrument"] == instrument and -60 <= row["day"] <= 0}
    return answers[max(answers)] if answers else None


def _band(value: float | None, names_and_limits: tuple[Any, ...]) -> str | None:
    """The name before the first limit that the value does not reach."""
    if value is None:
        return None
    for name, limit in zip(names_and_limits[::2], names_and_limits[1::2], strict=False):
        if value < limit:
            return name
    return names_and_limits[-1]


def _treated(rows: Sequence[Mapping[str, Any]]) -> Episode:
    """What was received from day 0 on (a course still running on day 0 counts), the highest stage and the first start."""
    order = {term.code: place for place, term in enumerate(v.TREATMENTS)}
    stages = {term.code: term.stage for term in v.TREATMENTS}
    courses = {term.code for term in v.TREATMENTS if term.kind == "course"}
    running = [row for row in rows if row["treatment"] in courses and (row["end_day"] == "" or row["end_day"] >= 0)]
    received = {row["treatment"] for row in rows if row["start_day"] >= 0 or row in running}
    starts = sorted((row["start_day"], order[row["treatment"]]) for row in rows if row["start_day"] >= 0)
    reached = max((v.position(v.STAGES, stages[code]) for code in received), default=0)
    return {
        "treatments": received,
        "highest_stage": v.STAGES[reached].code,
        "first_treatment": v.TREATMENTS[starts[0][1]].code if starts else None,
    }


def _holds(episode: Episode, name: str, wanted: Any) -> bool:
    classes = {term.code: term.treatment_class for term in v.TREATMENTS}
    sets = {
        "any_diagnosis": episode["diagnoses"],
        "symptom": episode["symptoms"],
        "treatment": episode["treatments"] | {classes[code] for code in episode["treatments"]},
        "investigation": {row["investigation"] for row in episode["done"]},
    }
    if name in sets:
        return bool(sets[name] & set(wanted))
    if name in ("age_from", "month_from"):
        return wanted <= episode["age_years" if name == "age_from" else "first_visit_month"]
    if name in ("age_to", "month_to"):
        return wanted >= episode["age_years" if name == "age_to" else "first_visit_month"]
    return episode[name] in wanted
