"""Investigations, secondary diagnoses, complications, and the ICD-10 codes beside diagnoses."""

from __future__ import annotations

import numpy as np

from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.care import Care
from synapse_analytics.synthetic.people import Columns, Episodes, Random, choose

SECOND_DIAGNOSIS_SHARE = 0.14
# Which diagnosis comes with which (rows: primary): disc disease and stenosis go together. Assumption.
SECOND_DIAGNOSIS = np.array(
    [
        [0, 0.25, 0.45, 0.12, 0.10, 0.08],
        [0.20, 0, 0.55, 0.08, 0.02, 0.15],
        [0.30, 0.30, 0, 0.25, 0.05, 0.10],
        [0.15, 0.15, 0.40, 0, 0.20, 0.10],
        [0.25, 0.10, 0.20, 0.40, 0, 0.05],
        [0.25, 0.25, 0.40, 0.08, 0.02, 0],
    ]
)
MILD_MODERATE_SEVERE = np.array([0.55, 0.33, 0.12])


def draw_icd10(random: Random, diagnosis: np.ndarray) -> np.ndarray:
    """Positions in ICD10, now and then not recorded."""
    rarer = random.random(len(diagnosis)) < 0.2
    return np.where(random.random(len(diagnosis)) < 0.08, p.NONE, diagnosis * 2 + rarer)


def draw_second_diagnoses(random: Random, episodes: Episodes) -> Columns:
    """The rows of other_diagnoses.csv."""
    older = np.where(episodes.age > 60, 1.5, 0.9)
    episode = np.flatnonzero(random.random(len(older)) < SECOND_DIAGNOSIS_SHARE * older)
    diagnosis = choose(random, SECOND_DIAGNOSIS, episodes.diagnosis[episode])
    return {"episode_id": episode, "diagnosis": diagnosis, "icd10": draw_icd10(random, diagnosis)}


def draw_investigations(random: Random, episodes: Episodes, care: Care, alive: np.ndarray) -> Columns:
    """The rows of investigations.csv, some before the first visit; nearly every operation has an MRI before it."""
    n = len(alive)
    done = random.random((n, p.INVESTIGATION_SHARE.shape[1])) < p.INVESTIGATION_SHARE[episodes.diagnosis]
    surgery = care.starts[:, p.DISCECTOMY :].min(axis=1)
    done[:, 2] |= np.isfinite(surgery) & (random.random(n) < 0.93)
    episode, kind = np.nonzero(done)
    usual = np.rint(random.gamma(1.2, 22, len(episode))) - np.where(random.random(len(episode)) < 0.2, 40, 0)
    day = np.where(kind == 0, 0, np.minimum(usual, np.minimum(surgery[episode] - 1, alive[episode]))).astype(np.int64)
    sure = p.CONFIRMED_SHARE[kind]
    chance = random.random(len(episode))
    finding = np.where(chance < sure, 0, np.where(chance < sure + (1 - sure) * 0.6, 1, 2))
    finding = np.where(random.random(len(episode)) < 0.08, p.NONE, finding)
    order = np.lexsort((kind, day, episode))
    return {"episode_id": episode[order], "day": day[order], "investigation": kind[order], "finding": finding[order]}


def draw_complications(random: Random, care: Care, alive: np.ndarray) -> Columns:
    """The rows of adverse_events.csv: after operations by their kind, after injections seldom; on the day itself or in the weeks after."""
    operation = np.flatnonzero(care.treatment >= p.DISCECTOMY)
    happened = random.random((len(operation), 7)) < p.COMPLICATION_SHARE[care.treatment[operation] - p.DISCECTOMY]
    row, event = np.nonzero(happened)
    injection = np.flatnonzero((care.treatment >= p.FIRST_PROCEDURE) & (care.treatment < p.DISCECTOMY))
    injection = injection[random.random(len(injection)) < p.INJECTION_EVENT_SHARE]
    treatment = np.concatenate([operation[row], injection])
    event = np.concatenate([event, np.full(len(injection), 6)])
    # Dural tears on the day, haematoma within days, infection and readmission in the weeks after.
    longest = np.array([0, 30, 4, 1, 40, 80, 30])[event]
    day = care.start[treatment] + np.floor(random.random(len(event)) * (longest + 1)).astype(np.int64)
    severity = np.where(random.random(len(event)) < 0.12, p.NONE, choose(random, MILD_MODERATE_SEVERE, len(event)))
    episode = care.episode[treatment]
    kept = np.flatnonzero(day <= alive[episode])
    kept = kept[np.lexsort((event[kept], day[kept], episode[kept]))]
    columns = {"episode_id": episode, "day": day, "event": event, "treatment_id": treatment, "severity": severity}
    return {name: values[kept] for name, values in columns.items()}
