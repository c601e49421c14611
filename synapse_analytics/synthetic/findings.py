"""What was found on the way: investigations, secondary diagnoses, complications, and the ICD-10 codes written beside diagnoses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.care import Care
from synapse_analytics.synthetic.people import Episodes, Random, choose

# One plausible code and a rarer one per diagnosis; other_spinal: spondylolisthesis, low back pain.
ICD10 = (("M51.1", "M51.2"), ("M48.0", "M48.0"), ("M51.3", "M51.3"), ("M53.3", "M46.1"), ("G57.0", "G57.0"), ("M43.1", "M54.5"))
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


@dataclass(frozen=True, slots=True)
class Investigations:
    """One entry per investigation, in order of episode and day."""

    episode: np.ndarray
    day: np.ndarray
    investigation: np.ndarray
    finding: np.ndarray


@dataclass(frozen=True, slots=True)
class Complications:
    """One entry per complication; `treatment` is the row of the treatment it followed."""

    episode: np.ndarray
    day: np.ndarray
    event: np.ndarray
    treatment: np.ndarray
    severity: np.ndarray


def draw_icd10(random: Random, diagnosis: np.ndarray) -> np.ndarray:
    """Positions in the flat list of ICD10, now and then not recorded."""
    rarer = random.random(len(diagnosis)) < 0.2
    return np.where(random.random(len(diagnosis)) < 0.08, p.NONE, diagnosis * 2 + rarer)


def draw_second_diagnoses(random: Random, episodes: Episodes) -> tuple[np.ndarray, np.ndarray]:
    """Episodes with a secondary diagnosis, and which."""
    older = np.where(episodes.age > 60, 1.5, 0.9)
    episode = np.flatnonzero(random.random(len(older)) < SECOND_DIAGNOSIS_SHARE * older)
    return episode, choose(random, SECOND_DIAGNOSIS, episodes.diagnosis[episode])


def draw_investigations(random: Random, episodes: Episodes, care: Care, alive: np.ndarray) -> Investigations:
    """Pictures and tests before and after the first visit; an operation needs an MRI before it."""
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
    return Investigations(episode[order], day[order], kind[order], finding[order])


def draw_complications(random: Random, care: Care, alive: np.ndarray) -> Complications:
    """After operations by kind, after injections seldom; on the day itself or in the weeks after."""
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
    kept = np.flatnonzero(day <= alive[care.episode[treatment]])
    kept = kept[np.lexsort((event[kept], day[kept], care.episode[treatment[kept]]))]
    return Complications(care.episode[treatment[kept]], day[kept], event[kept], treatment[kept], severity[kept])
