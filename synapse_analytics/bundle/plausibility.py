"""Oddities that do not refuse a bundle: counted, shown on the data page, and never listed."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.problems import Warning_
from synapse_analytics.bundle.semantics import Answers, Linked, days_left, numbers, same_answer
from synapse_analytics.bundle.table_reader import FileRead

JUMP_DAYS, JUMP_SHARE = 7, 0.8  # nearly the whole range within a week: more often a slip than a change
LOW_FOLLOW_UP = 0.6  # the lowest band of the Norwegian spine registry
SMALL_CELL = 5
_FEWEST_EXPECTED = 5  # a share of fewer answers says nothing
_DIED = v.position(v.STATUSES, "died")
_RANGE = np.array([round((term.high - term.low) * 1000) for term in v.INSTRUMENTS])


def warn(linked: Linked) -> list[Warning_]:
    """All warnings with n > 0, in a fixed order."""
    answers = linked.answers
    counts = [
        ("implausible_jump", "scores.csv", _jumps(answers)),
        ("repeated_score", "scores.csv", _repeats(answers)),
        ("treatment_outside_episode", "treatments.csv", _outside_episode(linked)),
        ("low_follow_up", "scores.csv", _low_follow_up(linked, answers)),
        ("diagnosis_unlike_icd10", "episodes.csv", _unlike_icd10(linked.reads.get("episodes.csv"))),
        ("diagnosis_unlike_icd10", "other_diagnoses.csv", _unlike_icd10(linked.reads.get("other_diagnoses.csv"))),
        ("small_cell", "patients.csv", _in_small_cells(linked)),
    ]
    return [Warning_(rule, file, n) for rule, file, n in counts if n]


def _jumps(answers: Answers | None) -> int:
    if answers is None:
        return 0
    close = answers.episode[1:] == answers.episode[:-1]
    close &= answers.instrument[1:] == answers.instrument[:-1]
    close &= np.diff(answers.day) <= JUMP_DAYS
    later = np.flatnonzero(close) + 1
    jump = np.abs(answers.value[later] - answers.value[later - 1])
    return int((jump >= JUMP_SHARE * _RANGE[answers.instrument[later]]).sum())


def _repeats(answers: Answers | None) -> int:
    return 0 if answers is None else int(same_answer(answers).sum())


def _outside_episode(linked: Linked) -> int:
    read, episodes = linked.reads["treatments.csv"], linked.reads["episodes.csv"]
    index = linked.indexes["treatments.csv", "episode_id"]
    (start, _), (end, has_end) = numbers(read, "start_day"), numbers(read, "end_day")
    closed, has_closed = numbers(episodes, "closed_day")
    is_procedure = np.array([term.kind == "procedure" for term in v.TREATMENTS])[numbers(read, "treatment")[0]]
    before = (start < 0) & np.where(has_end, end < 0, is_procedure)
    return int((before | (has_closed[index] & (start > closed[index]))).sum())


def _unlike_icd10(read: FileRead | None) -> int:
    """Rows whose ICD-10 code agrees with another diagnosis, or with none although theirs names some."""
    if read is None or read.table is None or not read.typed.num_rows:
        return 0
    pairs = read.typed.select(["diagnosis", "icd10"]).group_by(["diagnosis", "icd10"]).aggregate([([], "count_all")])
    return sum(pair["count_all"] for pair in pairs.to_pylist() if pair["icd10"] and not _agrees(pair["diagnosis"], pair["icd10"]))


def _agrees(diagnosis: int, icd10: str) -> bool:
    code = icd10.replace(".", "")
    owners = {i for i, term in enumerate(v.DIAGNOSES) if any(code.startswith(prefix.replace(".", "")) for prefix in term.icd10)}
    return diagnosis in owners if owners or v.DIAGNOSES[diagnosis].icd10 else True


def _in_small_cells(linked: Linked) -> int:
    """Patients who have an episode in a cell of fewer than five patients."""
    patients, episodes = linked.reads["patients.csv"], linked.reads["episodes.csv"]
    patient = linked.indexes["episodes.csv", "patient_id"]
    if not patient.size:
        return 0
    age, sex = numbers(patients, "age_years")[0][patient], numbers(patients, "sex")[0][patient]
    bands = np.searchsorted([float(band.high or 0) for band in v.AGE_BANDS[:-1]], age)
    sites = np.asarray(pc.fill_null(episodes.typed.column("site").combine_chunks().dictionary_encode().indices, -1))
    year = numbers(episodes, "first_visit_month")[0] // 12
    cell = np.zeros(patient.size, np.int64)
    for part in (bands, sex, numbers(episodes, "diagnosis")[0], year, sites + 1):
        cell = cell * 10_000 + part if part is bands else _fold(cell, np.asarray(part, np.int64))
    _, cell = np.unique(cell, return_inverse=True)
    pairs = np.unique(cell.astype(np.int64) * patients.rows.kept + patient)
    sizes = np.bincount(pairs // patients.rows.kept)
    small = pairs[sizes[pairs // patients.rows.kept] < SMALL_CELL]
    return int(np.unique(small % patients.rows.kept).size)


def _fold(cell: np.ndarray, part: np.ndarray) -> np.ndarray:
    return cell * (int(part.max()) + 1) + part


def _low_follow_up(linked: Linked, answers: Answers | None) -> int:
    """Site and visit pairs (after the baseline) with under 60 % of the expected answers of the headline score."""
    episodes = linked.reads["episodes.csv"]
    if answers is None or not answers.rows.size or linked.data_until is None:
        return 0
    headline = answers.instrument == _headline(answers)
    episode, day = answers.episode[headline], answers.day[headline]
    count = episodes.rows.kept
    has_baseline = _answered(episode, day, v.VISITS[0], count)
    month = numbers(episodes, "first_visit_month")[0]
    surely = days_left(month + 1, linked.data_until)  # the first visit may have been on the last day of its month
    (closed, has_closed), status = numbers(episodes, "closed_day"), numbers(episodes, "status")[0]
    died = np.where((status == _DIED) & has_closed, closed, np.iinfo(np.int32).max)
    sites = np.asarray(episodes.typed.column("site").combine_chunks().dictionary_encode().indices)
    low = 0
    for visit in v.VISITS[1:]:
        expected = has_baseline & (surely + 1 >= visit.last + 1) & (died >= visit.last)
        asked = np.bincount(sites[expected], minlength=1)
        came = np.bincount(sites[expected & _answered(episode, day, visit, count)], minlength=asked.size)
        low += int(((asked >= _FEWEST_EXPECTED) & (came < LOW_FOLLOW_UP * asked)).sum())
    return low


def _headline(answers: Answers) -> int:
    there = set(np.unique(answers.instrument).tolist())
    wanted = [v.position(v.INSTRUMENTS, code) for code in v.HEADLINE_FALLBACK]
    return next((code for code in wanted if code in there), wanted[0])


def _answered(episode: np.ndarray, day: np.ndarray, visit: v.Visit, count: int) -> np.ndarray:
    answered = np.zeros(count, bool)
    answered[episode[(day >= visit.first) & (day <= visit.last)]] = True
    return answered
