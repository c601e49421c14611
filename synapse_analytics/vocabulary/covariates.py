"""The labels of the attributes at baseline in which patients differ. `analyses/comparison/study.py` says which of them a comparison adjusts for."""

from __future__ import annotations

from synapse_analytics import vocabulary as v

BASELINE = "baseline_"
LABELS = {
    "age": "Age",
    "female": "Women",
    "symptom_weeks": "Weeks of symptoms",
    "bmi": "Body mass index",
    "smoker": "Smoker",
    "comorbidities": "Comorbidities",
    "red_flags": "Red flags",
    "diagnosis": "Diagnosis",
}


def covariate_label(code: str) -> str:
    """The label of an attribute: `age` -> `Age`, `baseline_nrs_pain` -> `Pain at the start`."""
    if code.startswith(BASELINE):
        return f"{v.find(v.INSTRUMENTS, code.removeprefix(BASELINE)).label.split(' (')[0]} at the start"
    return LABELS[code]
