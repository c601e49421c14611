"""The cohort: one frozen object with three equivalent forms (URL query, Python expression, English sentence).

Each filter knows its clause, its sentence and its URL form. Empty = no restriction. No query is run here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who is asked about; every field is a filter, empty fields restrict nothing."""

    diagnosis: tuple[str, ...] = ()
    any_diagnosis: tuple[str, ...] = ()
    symptom: tuple[str, ...] = ()
    sex: tuple[str, ...] = ()
    age_band: tuple[str, ...] = ()
    age_from: int | None = None
    age_to: int | None = None
    month_from: str | None = None  # YYYY-MM, first visit
    month_to: str | None = None
    site: tuple[str, ...] = ()
    clinician: tuple[str, ...] = ()
    highest_stage: tuple[str, ...] = ()
    treatment: tuple[str, ...] = ()  # treatments or classes received
    pain_band: tuple[str, ...] = ()
    odi_band: tuple[str, ...] = ()
    symptom_band: tuple[str, ...] = ()
    bmi_band: tuple[str, ...] = ()
    smoker: tuple[str, ...] = ()
    comorbidities: tuple[str, ...] = ()  # "0", "1", "2", "3_or_more"
    red_flags: tuple[str, ...] = ()
    investigation: tuple[str, ...] = ()
