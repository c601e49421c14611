"""Rules that hold between values: ends after starts, days before the cut-off, closed days, one answer per day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.file_read import FileRead
from synapse_analytics.bundle.ids import Indexes, Reads
from synapse_analytics.bundle.schema import DAY_RANGE, Kind

_OPEN = v.position(v.STATUSES, "open")
_EPOCH = 1970 * 12
_NO_LIMIT = np.int64(1) << 40


@dataclass(frozen=True)
class Linked:
    """The files of a bundle with their references resolved, and the last month with complete data (None: unknown)."""

    reads: Reads
    indexes: Indexes
    data_until: int | None

    @cached_property
    def answers(self) -> Answers:
        """Every whole answer of a known episode, ordered."""
        return _answers_in_order(self.reads["scores.csv"], self.indexes["scores.csv", "episode_id"])


@dataclass(frozen=True, slots=True)
class Answers:
    """Scores in order of episode, instrument and day; `rows` is each answer's row in the file."""

    rows: np.ndarray
    episode: np.ndarray
    instrument: np.ndarray
    day: np.ndarray
    value: np.ndarray


def check_semantics(linked: Linked) -> None:
    """Report everything that is wrong between values of a row, or between rows."""
    _check_days(linked)
    _check_ends(linked.reads["treatments.csv"])
    _check_closing(linked.reads["episodes.csv"])
    _check_keys(linked)
    _check_scores(linked)
    _check_events(linked)


def _check_ends(read: FileRead) -> None:
    (start, has_start), (end, has_end) = read.numbers("start_day"), read.numbers("end_day")
    rows = read.rows.unmarked("start_day", np.flatnonzero(has_start & has_end & (end < start)))
    read.tell_each("end_before_start", "end_day", rows)


def _check_closing(read: FileRead) -> None:
    (status, has_status), (closed, has_closed) = read.numbers("status"), read.numbers("closed_day")
    read.tell_each("closed_before_opened", "closed_day", np.flatnonzero(has_closed & (closed < 0)))
    read.tell_each("missing_closed_day", "closed_day", np.flatnonzero(has_status & (status != _OPEN) & ~has_closed))
    read.tell_each("closed_day_while_open", "closed_day", np.flatnonzero(has_status & (status == _OPEN) & has_closed))


def _check_days(linked: Linked) -> None:
    """Refuse days after the cut-off, taking the first day of the first month as day 0 (so that nothing true is refused)."""
    if linked.data_until is None:
        return
    episodes = linked.reads["episodes.csv"]
    month, has_month = episodes.numbers("first_visit_month")
    episodes.tell_each("after_data_until", "first_visit_month", np.flatnonzero(has_month & (month > linked.data_until)))
    limit = np.where(has_month & (month <= linked.data_until), days_left(month, linked.data_until), _NO_LIMIT)
    for read in linked.reads.values() if limit.size else ():
        for column in read.file.columns:
            if column.kind is Kind.DAY:
                index = np.arange(limit.size) if read is episodes else linked.indexes[read.file.name, "episode_id"]
                day, has_day = read.numbers(column.name)
                read.tell_each("after_data_until", column.name, np.flatnonzero(has_day & (index >= 0) & (day > limit[index])))


def days_left(month: np.ndarray, data_until: int) -> np.ndarray:
    """Days from the first day of each month to the last day of `data_until`."""
    first = (month.astype("int64") - _EPOCH).astype("datetime64[M]").astype("datetime64[D]")
    last = np.datetime64(data_until - _EPOCH + 1, "M").astype("datetime64[D]") - np.timedelta64(1, "D")
    return (last - first).astype(np.int64)


def _check_keys(linked: Linked) -> None:
    """Keys of an episode and a code, such as one symptom noted twice."""
    for read in linked.reads.values():
        if len(read.file.key) < 2:
            continue
        index = linked.indexes[read.file.name, "episode_id"]
        code, present = read.numbers(read.file.key[1])
        rows = np.flatnonzero((index >= 0) & present)
        _, first = np.unique(index[rows].astype(np.int64) * 1000 + code[rows], return_index=True)
        read.tell_each("duplicate_key", read.file.key[1], np.delete(rows, first))


def _answers_in_order(read: FileRead, index: np.ndarray) -> Answers:
    (day, has_day), (instrument, has_instrument), (value, has_value) = map(read.numbers, ("day", "instrument", "value"))
    rows = read.rows.unmarked("value", np.flatnonzero((index >= 0) & has_day & has_instrument & has_value))
    rows = rows.astype(np.int32)  # half the memory of int64
    key = index[rows].astype(np.int64)
    key *= len(v.INSTRUMENTS)
    key += instrument[rows]
    key *= DAY_RANGE[1] - DAY_RANGE[0] + 1
    key += day[rows]
    if (key[1:] < key[:-1]).any():
        rows = rows[np.argsort(key, kind="stable")]
    del key
    return Answers(rows, index[rows], instrument[rows].astype(np.int8), day[rows], value[rows])


def _check_scores(linked: Linked) -> None:
    answers = linked.answers
    conflict = answers.rows[1:][same_answer(answers) & (answers.value[1:] != answers.value[:-1])]
    linked.reads["scores.csv"].tell_each("conflicting_scores", "value", np.sort(conflict))


def same_answer(answers: Answers) -> np.ndarray:
    """For each answer but the first: True if it has the episode, instrument and day of the answer before."""
    same = answers.episode[1:] == answers.episode[:-1]
    same &= answers.instrument[1:] == answers.instrument[:-1]
    same &= answers.day[1:] == answers.day[:-1]
    return same


def _check_events(linked: Linked) -> None:
    """Refuse a complication that names a treatment of another episode."""
    owner = linked.indexes["treatments.csv", "episode_id"]
    if owner.size:
        treatment, own = linked.indexes["adverse_events.csv", "treatment_id"], linked.indexes["adverse_events.csv", "episode_id"]
        other = np.flatnonzero((treatment >= 0) & (own >= 0) & (owner[treatment] >= 0) & (owner[treatment] != own))
        linked.reads["adverse_events.csv"].rows.tell("other_episode", "treatment_id", other)
