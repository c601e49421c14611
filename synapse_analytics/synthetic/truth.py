"""The effects that were built into a made-up clinic, so that comparisons, funnels and charts can be judged against them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.setting import Setting
from synapse_analytics.vocabulary.periods import MONTH, name_of

TRUTH_FORMAT = "synapse-truth/1"
HOW_TO_READ = (
    "An effect is the mean over patients of what one treatment adds, alone; a patient's own is drawn around it (SD half of it).",
    "Floors, ceilings and rounding make observed differences a little smaller.",
    "Under treatment policy a difference also holds what came with and after: half of the operated have physical therapy afterwards.",
    "A clinician's or the change point's points are added to every follow-up score of their episodes, 1 - exp(-day / 60) of them by a day.",
)
SURGERY, OUTCOMES = ["surgery within 12 months"], ["pain improvement", "odi improvement"]
HORIZONS = {"week_6": 42, "month_3": 91, "month_6": 182, "month_12": 365, "month_24": 730}


def truth(setting: Setting, *, patients: int, seed: int) -> dict[str, Any]:
    """The effects of each treatment against no such treatment, in points of the raw score (negative is better), before floors and rounding."""
    scenario = setting.scenario
    return {
        "format": TRUTH_FORMAT,
        "scenario": scenario.name,
        "seed": seed,
        "patients": patients,
        "months": len(setting.calendar.starts),
        "data_until": p.DATA_UNTIL,
        "treatments": [_treatment(code, effect) for code, effect in zip(v.codes(v.TREATMENTS), scenario.effects, strict=True)],
        "clinicians": _clinicians(scenario),
        "change_point": _change_point(setting),
        "selection": "measured and hidden" if scenario.hidden else "measured only",
        "drop_out": "age, smoking and disability" if scenario.drop_out_by_outcome else "at random",
        "parameters": _parameters(scenario),
        "how_to_read": HOW_TO_READ,
    }


def _pain_and_odi(points: Iterable[Any]) -> dict[str, Any]:
    return dict(zip(("pain", "odi"), points, strict=True))


def _treatment(code: str, effect: p.Effect) -> dict[str, Any]:
    """One treatment's effects; adding 0.0 turns a rounded -0.0 into 0.0."""
    effects = np.round(effect.at(np.array(list(HORIZONS.values()))), 3) + 0.0
    by_visit = {visit: _pain_and_odi(points) for visit, points in zip(HORIZONS, effects.T.tolist(), strict=True)}
    year = by_visit["month_12"]
    return {"treatment": code, "pain_month_12": year["pain"], "odi_month_12": year["odi"], "by_visit": by_visit}


def _clinicians(scenario: p.Scenario) -> list[dict[str, Any]]:
    surgery = [{"clinician": code, "differs_in": SURGERY, "log_odds": more} for code, more in scenario.surgery_log_odds]
    outcome = [{"clinician": code, "differs_in": OUTCOMES} | _pain_and_odi(points) for code, *points in scenario.outcome_shift]
    return surgery + outcome


def _change_point(setting: Setting) -> dict[str, Any] | None:
    if setting.scenario.change_point is None:
        return None
    month = name_of(setting.calendar.first + setting.change_month, MONTH)
    return {"first_visit_month": month, "differs_in": OUTCOMES} | _pain_and_odi(setting.scenario.change_point)


def _parameters(scenario: p.Scenario) -> dict[str, Any]:
    pain_noise, odi_noise = p.NOISE.tolist()
    flares = _pain_and_odi(dict(zip(p.FLARE, points, strict=True)) for points in np.transpose(list(p.FLARE.values())).tolist())
    return {
        "pain_noise": pain_noise,
        "odi_noise": odi_noise,
        "first_answers_at_a_peak": _pain_and_odi(p.PEAK.tolist() if scenario.hidden else (0, 0)),
        "flare_before_procedures": flares if scenario.hidden else None,
        "surgery_log_odds": p.SURGERY_LOG_ODDS,
        "hidden_log_odds": p.HIDDEN_LOG_ODDS if scenario.hidden else 0,
        "natural_course": "exponential, by diagnosis" if scenario.hidden else "a line, the same for all",
        "shift_builds_up_days": int(p.SHIFT_DAYS),
    }


def write_truth(path: Path, setting: Setting, *, patients: int, seed: int) -> None:
    """The truth as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(truth(setting, patients=patients, seed=seed), indent=2) + "\n", encoding="utf-8", newline="\n")
