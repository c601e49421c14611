"""One chunk of patients, from random numbers to the columns of every file of the bundle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from synapse_analytics import vocabulary as v
from synapse_analytics.synthetic import findings
from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.answers import Answers, draw_answers
from synapse_analytics.synthetic.care import Care, draw_care
from synapse_analytics.synthetic.endings import DIED, Endings, draw_death, draw_endings
from synapse_analytics.synthetic.health import Story, draw_health
from synapse_analytics.synthetic.people import Episodes, Patients, Random, draw_episodes, draw_patients
from synapse_analytics.synthetic.setting import Setting
from synapse_analytics.synthetic.writing import decimals, ids, whole, words

Columns = dict[str, pa.Array]
_ICD10 = tuple(code for pair in findings.ICD10 for code in pair)
_NO_YES = ("no", "yes")


@dataclass(frozen=True, slots=True)
class Offsets:
    """How many patients, episodes and treatments came before this chunk."""

    patients: int = 1
    episodes: int = 1
    treatments: int = 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """All that happens to the patients of one chunk."""

    patients: Patients
    episodes: Episodes
    care: Care
    endings: Endings
    answers: Answers


def draw_chunk(random: Random, n: int, setting: Setting) -> Drawn:
    """So many patients with all that happens to them."""
    patients = draw_patients(random, n)
    episodes = draw_episodes(random, patients, setting.calendar)
    story = Story(episodes, draw_health(random, episodes, setting), setting)
    death = draw_death(random, episodes)
    care = draw_care(random, story, np.minimum(episodes.end, death))
    endings = draw_endings(random, story, care, death)
    answers = draw_answers(random, story, care, endings.last)
    return Drawn(patients, episodes, care, endings, answers)


def columns_of(random: Random, drawn: Drawn, setting: Setting, before: Offsets) -> dict[str, Columns]:
    """The rows of every file, by file name."""
    episode_ids = ids("E", np.arange(len(drawn.episodes.patient)) + before.episodes)
    treatment_numbers = np.arange(len(drawn.care.episode)) + before.treatments
    return {
        "patients.csv": _patients(random, drawn.patients, before),
        "episodes.csv": _episodes(random, drawn, setting, before) | {"episode_id": episode_ids},
        "other_diagnoses.csv": _other_diagnoses(random, drawn.episodes, episode_ids),
        "symptoms.csv": _symptoms(drawn.episodes, episode_ids),
        "investigations.csv": _investigations(random, drawn, episode_ids),
        "treatments.csv": _treatments(random, drawn, episode_ids) | {"treatment_id": ids("T", treatment_numbers)},
        "scores.csv": _scores(drawn.answers, episode_ids),
        "adverse_events.csv": _adverse_events(random, drawn, episode_ids, treatment_numbers),
    }


def _sometimes(random: Random, values: np.ndarray, missing: float) -> np.ndarray:
    """The values with a share not recorded."""
    return np.where(random.random(len(values)) < missing, p.NONE, values)


def _patients(random: Random, patients: Patients, before: Offsets) -> Columns:
    n = len(patients.age)
    tenths = _sometimes(random, patients.bmi_tenths, 0.07)
    return {
        "patient_id": ids("P", np.arange(n) + before.patients),
        "sex": words(v.codes(v.SEXES), patients.sex),
        "age_years": whole(patients.age),
        "bmi": decimals(np.where(tenths == p.NONE, p.NONE, tenths * 100)),
        "smoker": words(_NO_YES, _sometimes(random, patients.smoker, 0.04)),
        "comorbidities": whole(_sometimes(random, patients.comorbidities, 0.05)),
        "occupation": words(v.codes(v.OCCUPATIONS), _sometimes(random, patients.occupation, 0.08)),
    }


def _episodes(random: Random, drawn: Drawn, setting: Setting, before: Offsets) -> Columns:
    episodes, endings = drawn.episodes, drawn.endings
    first = setting.calendar.first
    months = tuple(f"{m // 12}-{m % 12 + 1:02d}" for m in range(first, first + len(setting.calendar.starts)))
    return {
        "patient_id": ids("P", episodes.patient + before.patients),
        "first_visit_month": words(months, episodes.month),
        "site": words(p.SITES, p.SITE_OF_CLINICIAN[episodes.clinician]),
        "clinician": words(p.CLINICIANS, episodes.clinician),
        "diagnosis": words(v.codes(v.DIAGNOSES), episodes.diagnosis),
        "icd10": words(_ICD10, findings.draw_icd10(random, episodes.diagnosis)),
        "side": words(v.codes(v.SIDES), _sometimes(random, episodes.side, 0.10)),
        "symptom_weeks": whole(_sometimes(random, episodes.symptom_weeks, 0.06)),
        "red_flags": words(_NO_YES, episodes.red_flags),
        "status": words(v.codes(v.STATUSES), endings.status),
        "closed_day": whole(endings.closed_day),
    }


def _other_diagnoses(random: Random, episodes: Episodes, episode_ids: pa.Array) -> Columns:
    episode, diagnosis = findings.draw_second_diagnoses(random, episodes)
    return {
        "episode_id": episode_ids.take(pa.array(episode)),
        "diagnosis": words(v.codes(v.DIAGNOSES), diagnosis),
        "icd10": words(_ICD10, findings.draw_icd10(random, diagnosis)),
    }


def _symptoms(episodes: Episodes, episode_ids: pa.Array) -> Columns:
    episode, symptom = np.nonzero(episodes.symptoms)
    return {"episode_id": episode_ids.take(pa.array(episode)), "symptom": words(v.codes(v.SYMPTOMS), symptom)}


def _investigations(random: Random, drawn: Drawn, episode_ids: pa.Array) -> Columns:
    done = findings.draw_investigations(random, drawn.episodes, drawn.care, drawn.endings.last)
    return {
        "episode_id": episode_ids.take(pa.array(done.episode)),
        "day": whole(done.day),
        "investigation": words(v.codes(v.INVESTIGATIONS), done.investigation),
        "finding": words(v.codes(v.FINDINGS), done.finding),
    }


def _treatments(random: Random, drawn: Drawn, episode_ids: pa.Array) -> Columns:
    care = drawn.care
    died = (drawn.endings.status[care.episode] == DIED) & (care.treatment < p.FIRST_PROCEDURE) & (care.end == p.NONE)
    return {
        "episode_id": episode_ids.take(pa.array(care.episode)),
        "treatment": words(v.codes(v.TREATMENTS), care.treatment),
        "start_day": whole(care.start),
        "end_day": whole(np.where(died, drawn.endings.closed_day[care.episode], care.end)),
        "clinician": words(p.CLINICIANS, _sometimes(random, drawn.episodes.clinician[care.episode], 0.3)),
        "sessions": whole(care.sessions),
        "reoperation": words(_NO_YES, care.reoperation),
    }


def _scores(answers: Answers, episode_ids: pa.Array) -> Columns:
    return {
        "episode_id": episode_ids.take(pa.array(answers.episode)),
        "day": whole(answers.day),
        "instrument": words(v.codes(v.INSTRUMENTS), answers.instrument),
        "value": decimals(answers.value),
    }


def _adverse_events(random: Random, drawn: Drawn, episode_ids: pa.Array, treatment_numbers: np.ndarray) -> Columns:
    events = findings.draw_complications(random, drawn.care, drawn.endings.last)
    return {
        "episode_id": episode_ids.take(pa.array(events.episode)),
        "day": whole(events.day),
        "event": words(v.codes(v.EVENTS), events.event),
        "treatment_id": ids("T", treatment_numbers[events.treatment]),
        "severity": words(v.codes(v.SEVERITIES), events.severity),
    }
