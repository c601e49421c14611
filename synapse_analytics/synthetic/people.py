"""The patients of the made-up clinic and their episodes: month, clinician, diagnosis and complaints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.setting import Calendar

Random = np.random.Generator
Columns = dict[str, np.ndarray]  # rows of one file of the bundle: whole numbers (NONE: an empty field), codes and ids by position


@dataclass(frozen=True, slots=True)
class Patients:
    """One entry per patient."""

    diagnosis: np.ndarray
    sex: np.ndarray
    age: np.ndarray
    bmi_tenths: np.ndarray
    smoker: np.ndarray
    comorbidities: np.ndarray
    occupation: np.ndarray


@dataclass(frozen=True, slots=True)
class Episodes:
    """One entry per episode; `end` is the last day with data, counted from the first visit."""

    patient: np.ndarray
    month: np.ndarray
    end: np.ndarray
    clinician: np.ndarray
    diagnosis: np.ndarray
    side: np.ndarray
    symptom_weeks: np.ndarray
    red_flags: np.ndarray
    symptoms: np.ndarray  # one column per symptom
    age: np.ndarray
    smoker: np.ndarray


def happens(random: Random, log_odds: np.ndarray) -> np.ndarray:
    """True in each place with the chance that these log odds give."""
    return random.random(len(log_odds)) < 1.0 / (1.0 + np.exp(-log_odds))


def choose(random: Random, shares: np.ndarray, rows: np.ndarray | int) -> np.ndarray:
    """Positions drawn by shares: so many by one list of shares, or one for each of these rows of a table of shares."""
    if isinstance(rows, int | np.integer):
        return np.minimum(np.searchsorted(np.cumsum(shares), random.random(rows)), len(shares) - 1)
    edges = np.cumsum(shares, axis=1)[rows]
    return np.minimum((random.random(len(rows))[:, None] > edges).sum(axis=1), shares.shape[1] - 1)


def draw_patients(random: Random, n: int) -> Patients:
    """Patients by the diagnosis that brings them first."""
    diagnosis = choose(random, p.DIAGNOSIS_SHARE, n)
    age = np.clip(np.rint(random.normal(p.AGE_MEAN[diagnosis], p.AGE_SD[diagnosis])), 18, 90).astype(np.int64)
    sex = np.where(random.random(n) < p.FEMALE_SHARE[diagnosis], 0, 1)
    rare = random.random(n)
    sex = np.where(rare < 0.002, 2, np.where(rare < 0.005, 3, sex))
    bmi_tenths = np.clip(np.rint(random.gamma(34, 0.78, n) * 10), 160, 500).astype(np.int64)
    smoker = (random.random(n) < p.SMOKER_SHARE[diagnosis] * np.where(age > 70, 0.5, 1.0)).astype(np.int64)
    comorbidities = np.minimum(random.poisson(np.clip((age - 25) / 32, 0.05, 2.0)), 9)
    return Patients(diagnosis, sex, age, bmi_tenths, smoker, comorbidities, _occupation(random, age))


def _occupation(random: Random, age: np.ndarray) -> np.ndarray:
    work = choose(random, np.array([0.38, 0.30, 0.20, 0.0, 0.12]), len(age))
    retired = random.random(len(age)) < np.where(age >= 65, 0.85, np.where(age >= 58, 0.25, 0.0))
    return np.where(retired, 3, work)


def draw_episodes(random: Random, patients: Patients, calendar: Calendar) -> Episodes:
    """The first episode of every patient and the second of the few who come back months later, patient by patient."""
    n, months = len(patients.age), len(calendar.starts)
    first_month = np.minimum(np.searchsorted(calendar.busy, random.random(n)), months - 1)
    later = first_month + random.integers(*p.MONTHS_TO_SECOND_EPISODE, n)
    again = np.flatnonzero((random.random(n) < p.CANDIDATE_FOR_SECOND_EPISODE) & (later < months))
    patient = np.concatenate([np.arange(n), again])
    order = np.argsort(patient, kind="stable")
    patient = patient[order]
    month = np.concatenate([first_month, later[again]])[order]
    same = random.random(len(again)) < 0.6
    second = np.where(same, patients.diagnosis[again], choose(random, p.DIAGNOSIS_SHARE, len(again)))
    return _describe(random, patients, calendar, (patient, month, np.concatenate([patients.diagnosis, second])[order]))


def _describe(random: Random, patients: Patients, calendar: Calendar, drawn: tuple[np.ndarray, np.ndarray, np.ndarray]) -> Episodes:
    patient, month, diagnosis = drawn
    n = len(patient)
    day = calendar.starts[month] + np.floor(random.random(n) * calendar.lengths[month]).astype(np.int64)
    weeks = np.clip(np.rint(p.SYMPTOM_WEEKS_MEDIAN[diagnosis] * np.exp(random.normal(0, 0.9, n))), 0, 1500).astype(np.int64)
    return Episodes(
        patient=patient,
        month=month,
        end=calendar.last_day - day,
        clinician=choose(random, p.CLINICIAN_SHARE, n),
        diagnosis=diagnosis,
        side=choose(random, np.array([0.40, 0.38, 0.22]), n),
        symptom_weeks=weeks,
        red_flags=(random.random(n) < p.RED_FLAG_SHARE[diagnosis]).astype(np.int64),
        symptoms=random.random((n, p.SYMPTOM_SHARE.shape[1])) < p.SYMPTOM_SHARE[diagnosis],
        age=patients.age[patient],
        smoker=patients.smoker[patient],
    )
