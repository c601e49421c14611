"""One chunk of patients, from random numbers to the rows of every file of the bundle."""

from __future__ import annotations

import numpy as np

from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.answers import draw_answers
from synapse_analytics.synthetic.care import Care, draw_care
from synapse_analytics.synthetic.endings import DIED, Endings, draw_death, draw_endings
from synapse_analytics.synthetic.findings import draw_complications, draw_icd10, draw_investigations, draw_second_diagnoses
from synapse_analytics.synthetic.health import Story, draw_health
from synapse_analytics.synthetic.people import Columns, Episodes, Patients, Random, draw_episodes, draw_patients
from synapse_analytics.synthetic.setting import Setting


def draw_chunk(random: Random, n: int, setting: Setting) -> dict[str, Columns]:
    """So many patients: the rows of every file, by its name; an id is the position of its row in this chunk."""
    patients = draw_patients(random, n)
    episodes = draw_episodes(random, patients, setting.calendar)
    story = Story(episodes, draw_health(random, episodes, setting), setting)
    death = draw_death(random, episodes)
    care = draw_care(random, story, np.minimum(episodes.end, death))
    endings = draw_endings(random, story, care, death)
    answers = draw_answers(random, story, care, endings.last)
    episode, symptom = np.nonzero(episodes.symptoms)
    return {
        "patients.csv": _patients(random, patients),
        "episodes.csv": _episodes(random, episodes, endings, setting),
        "other_diagnoses.csv": draw_second_diagnoses(random, episodes),
        "symptoms.csv": {"episode_id": episode, "symptom": symptom},
        "investigations.csv": draw_investigations(random, episodes, care, endings.last),
        "treatments.csv": _treatments(random, episodes, care, endings),
        "scores.csv": answers,
        "adverse_events.csv": draw_complications(random, care, endings.last),
    }


def _sometimes(random: Random, values: np.ndarray, missing: float) -> np.ndarray:
    """The values, with this share of them not recorded."""
    return np.where(random.random(len(values)) < missing, p.NONE, values)


def _patients(random: Random, patients: Patients) -> Columns:
    tenths = _sometimes(random, patients.bmi_tenths, 0.07)
    return {
        "patient_id": np.arange(len(tenths)),
        "sex": patients.sex,
        "age_years": patients.age,
        "bmi": np.where(tenths == p.NONE, p.NONE, tenths * 100),
        "smoker": _sometimes(random, patients.smoker, 0.04),
        "comorbidities": _sometimes(random, patients.comorbidities, 0.05),
        "occupation": _sometimes(random, patients.occupation, 0.08),
    }


def _episodes(random: Random, episodes: Episodes, endings: Endings, setting: Setting) -> Columns:
    return {
        "episode_id": np.arange(len(episodes.patient)),
        "patient_id": episodes.patient,
        "first_visit_month": setting.calendar.first + episodes.month,
        "site": p.SITE_OF_CLINICIAN[episodes.clinician],
        "clinician": episodes.clinician,
        "diagnosis": episodes.diagnosis,
        "icd10": draw_icd10(random, episodes.diagnosis),
        "side": _sometimes(random, episodes.side, 0.10),
        "symptom_weeks": _sometimes(random, episodes.symptom_weeks, 0.06),
        "red_flags": episodes.red_flags,
        "status": endings.status,
        "closed_day": endings.closed_day,
    }


def _treatments(random: Random, episodes: Episodes, care: Care, endings: Endings) -> Columns:
    died = (endings.status[care.episode] == DIED) & (care.treatment < p.FIRST_PROCEDURE) & (care.end == p.NONE)
    return {
        "treatment_id": np.arange(len(care.episode)),
        "episode_id": care.episode,
        "treatment": care.treatment,
        "start_day": care.start,
        "end_day": np.where(died, endings.closed_day[care.episode], care.end),
        "clinician": _sometimes(random, episodes.clinician[care.episode], 0.3),
        "sessions": care.sessions,
        "reoperation": care.reoperation,
    }
