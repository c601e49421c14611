"""What each answer is made of: the export table and those of its columns that an analyst wants first.

An answer about what no exported row shows (symptoms, second diagnoses, investigations, the load itself) is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PERSON = ("age_band", "sex", "diagnosis", "year", "site")
SCORES = ("scores", ("episode_id", "patient_id", *PERSON, "day", "instrument", "value"))
TREATMENTS = ("treatments", ("episode_id", "patient_id", *PERSON, "treatment", "start_day", "end_day", "sessions", "reoperation"))
EPISODES = ("episodes", ("episode_id", "patient_id", *PERSON))
FIRST_VISIT = (*PERSON, "bmi", "smoker", "comorbidities", "symptom_weeks", "nrs_pain_baseline", "odi_baseline")
AFTER_A_YEAR = ("nrs_pain_month_12", "odi_month_12")
BASELINE = ("wide", ("episode_id", "patient_id", *FIRST_VISIT))
STEPS = (
    "wide",
    ("episode_id", "patient_id", *PERSON, "first_treatment", "first_injection_day", "first_surgery_day", "closed_day", "status"),
)
COURSE = ("wide", ("episode_id", "patient_id", *FIRST_VISIT, "first_treatment", "first_injection_day", "first_surgery_day", *AFTER_A_YEAR))
EVERYTHING = ("wide", ())  # all of its columns: an indicator may count any of them

ROWS_BEHIND: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "attrition": EPISODES,
        "baseline_by_response": SCORES,
        "baseline_table": BASELINE,
        "better_or_worse": SCORES,
        "branching": TREATMENTS,
        "calibration": COURSE,
        "change_distribution": SCORES,
        "comparable": COURSE,
        "compare_treatments": COURSE,
        "completeness": SCORES,
        "control_chart": EVERYTHING,
        "diagnosis_mix": EPISODES,
        "escalation_response": COURSE,
        "funnel": EVERYTHING,
        "indicators": EVERYTHING,
        "injection_before_surgery": COURSE,
        "overview": EVERYTHING,
        "pathways": TREATMENTS,
        "patients_like_mine": COURSE,
        "plateau": SCORES,
        "responders": SCORES,
        "score_by_week": SCORES,
        "score_over_time": SCORES,
        "sensitivity": TREATMENTS,
        "step_times": TREATMENTS,
        "stepped_care": TREATMENTS,
        "time_to_escalation": STEPS,
        "units_outside": EVERYTHING,
    }
)
