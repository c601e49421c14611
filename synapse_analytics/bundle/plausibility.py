"""Oddities for which no bundle is refused: they are counted and shown on the data page, never listed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.file_read import FileRead
from synapse_analytics.bundle.problems import Warning_
from synapse_analytics.bundle.semantics import Answers, Linked, days_left, same_answer
from synapse_analytics.bundle.values import HIGHEST, LOWEST

JUMP_DAYS, JUMP_SHARE = 7, 0.8  # nearly the whole range within a week: more often a slip than a change
LOW_FOLLOW_UP = 0.6  # the lowest band of the Norwegian spine registry
SMALL_CELL = 5
_FEWEST_EXPECTED = 5  # a share of fewer answers says nothing
_DIED = v.position(v.STATUSES, "died")


def warn(linked: Linked) -> list[Warning_]:
    """All warnings with n > 0, in a fixed order."""
    answers = linked.answers
    counts = [
        ("implausible_jump", "scores.csv", _jumps(answers)),
        ("repeated_score", "scores.csv", int(same_answer(answers).sum())),
        ("treatment_outside_episode", "treatments.csv", _outside_episode(linked)),
        ("low_follow_up", "scores.csv", _low_follow_up(linked, answers)),
        ("diagnosis_unlike_icd10", "episodes.csv", _unlike_icd10(linked.reads["episodes.csv"])),
        ("diagnosis_unlike_icd10", "other_diagnoses.csv", _unlike_icd10(linked.reads["other_diagnoses.csv"])),
        ("small_cell", "patients.csv", _in_small_cells(linked)),
    ]
    return [Warning_(rule, file, n) for rule, file, n in counts if n]


def _jumps(answers: Answers) -> int:
    close = answers.episode[1:] == answers.episode[:-1]
    close &= answers.instrument[1:] == answers.instrument[:-1]
    close &= np.diff(answers.day) <= JUMP_DAYS
    later = np.flatnonzero(close) + 1
    jump = np.abs(answers.value[later] - answers.value[later - 1])
    return int((jump >= JUMP_SHARE * (HIGHEST - LOWEST)[answers.instrument[later]]).sum())


def _outside_episode(linked: Linked) -> int:
    read, episodes = linked.reads["treatments.csv"], linked.reads["episodes.csv"]
    index = linked.indexes["treatments.csv", "episode_id"]
    (start, _), (end, has_end), (treatment, _) = map(read.numbers, ("start_day", "end_day", "treatment"))
    closed, has_closed = episodes.numbers("closed_day")
    is_procedure = np.array([term.kind == "procedure" for term in v.TREATMENTS])[treatment]
    before = (start < 0) & np.where(has_end, end < 0, is_procedure)
    return int((before | (has_closed[index] & (start > closed[index]))).sum())


def _unlike_icd10(read: FileRead) -> int:
    """Rows whose ICD-10 code belongs to another diagnosis, or to none although the row's diagnosis has codes."""
    pairs = read.table.select(["diagnosis", "icd10"]).group_by(["diagnosis", "icd10"]).aggregate([([], "count_all")])
    return sum(pair["count_all"] for pair in pairs.to_pylist() if pair["icd10"] and not _agrees(pair["diagnosis"], pair["icd10"]))


def _agrees(diagnosis: int, icd10: str) -> bool:
    code = icd10.replace(".", "")
    owners = {i for i, term in enumerate(v.DIAGNOSES) if any(code.startswith(prefix.replace(".", "")) for prefix in term.icd10)}
    return diagnosis in owners if owners or v.DIAGNOSES[diagnosis].icd10 else True


def _in_small_cells(linked: Linked) -> int:
    """Patients who have an episode in a cell of fewer than five patients."""
    patients, episodes = linked.reads["patients.csv"], linked.reads["episodes.csv"]
    patient = linked.indexes["episodes.csv", "patient_id"]
    units = {
        "patient": patient,
        "band": np.searchsorted([float(band.high or 0) for band in v.AGE_BANDS[:-1]], patients.numbers("age_years")[0][patient]),
        "sex": patients.numbers("sex")[0][patient],
        "diagnosis": episodes.numbers("diagnosis")[0],
        "year": episodes.numbers("first_visit_month")[0] // 12,
        "site": episodes.table.column("site"),
    }
    cells = pa.table(units).group_by([name for name in units if name != "patient"]).aggregate([("patient", "distinct")])
    patients_of = cells.column("patient_distinct")
    small = patients_of.filter(pc.less(pc.list_value_length(patients_of), SMALL_CELL))
    return len(pc.unique(pc.list_flatten(small)))


def _low_follow_up(linked: Linked, answers: Answers) -> int:
    """Site and visit pairs (after the baseline) with under 60 % of the expected answers of the headline score."""
    episodes = linked.reads["episodes.csv"]
    if not answers.rows.size or linked.data_until is None:
        return 0
    headline = answers.instrument == _headline(answers)
    episode, day = answers.episode[headline], answers.day[headline]
    count = episodes.rows.kept
    has_baseline = _answered(episode, day, v.VISITS[0], count)
    (month, _), (status, _), (closed, has_closed) = map(episodes.numbers, ("first_visit_month", "status", "closed_day"))
    surely = days_left(month + 1, linked.data_until)  # the first visit may have been on the last day of its month
    died = np.where((status == _DIED) & has_closed, closed, np.iinfo(np.int32).max)
    sites = np.asarray(episodes.table.column("site").combine_chunks().dictionary_encode().indices)
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
