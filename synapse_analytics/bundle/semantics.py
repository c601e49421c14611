"""Rules that hold between values: ends after starts, days before the cut-off, closed days, one answer per day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.ids import Indexes, Reads
from synapse_analytics.bundle.problems import Report
from synapse_analytics.bundle.schema import DAY_RANGE, Kind
from synapse_analytics.bundle.table_reader import FileRead, report_rows

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
    def answers(self) -> Answers | None:
        """Every whole answer of a known episode, ordered; None when the file or a column is missing."""
        return _answers_in_order(self)


def check_semantics(linked: Linked, report: Report) -> None:
    """Report everything that is wrong between values of a row, or between rows."""
    _check_days(linked, report)
    _check_ends(linked.reads.get("treatments.csv"), report)
    _check_closing(linked.reads.get("episodes.csv"), report)
    _check_keys(linked, report)
    _check_scores(linked, report)
    _check_events(linked, report)


def numbers(read: FileRead, column: str) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of a column, and whether each is there."""
    array = read.typed.column(column)
    present = np.asarray(pc.is_valid(array))
    return np.asarray(pc.fill_null(array.cast(pa.int32()), 0), np.int32), present


def _report(report: Report, rule: str, read: FileRead, column: str, rows: np.ndarray) -> None:
    """Report numbers that have no problem yet; too short to be shown even masked, they are told by stars of their length."""
    rows = read.rows.unmarked(column, rows)
    read.rows.mark(column, rows)
    room = report.room(rule)
    shown, present = numbers(read, column)
    for row in rows[:room].tolist():
        text = str(shown[row]) if present[row] else ""
        report_rows(report, rule, read, (column, np.array([row]), "*" * len(text), ""))
    report.count(rule, rows.size - room)


def _check_ends(read: FileRead | None, report: Report) -> None:
    if read and read.table is not None:
        (start, has_start), (end, has_end) = numbers(read, "start_day"), numbers(read, "end_day")
        _report(
            report,
            "end_before_start",
            read,
            "end_day",
            read.rows.unmarked("start_day", np.flatnonzero(has_start & has_end & (end < start))),
        )


def _check_closing(read: FileRead | None, report: Report) -> None:
    if not read or read.table is None:
        return
    (status, has_status), (closed, has_closed) = numbers(read, "status"), numbers(read, "closed_day")
    _report(report, "closed_before_opened", read, "closed_day", np.flatnonzero(has_closed & (closed < 0)))
    empty = np.asarray(pc.is_null(read.typed.column("closed_day")))
    if "status" in read.columns:
        _report(report, "missing_closed_day", read, "closed_day", np.flatnonzero(has_status & (status != _OPEN) & empty))
        _report(report, "closed_day_while_open", read, "closed_day", np.flatnonzero(has_status & (status == _OPEN) & has_closed))


def _check_days(linked: Linked, report: Report) -> None:
    """Refuse days after the cut-off, taking the first day of the first month as day 0 (so that nothing true is refused)."""
    episodes = linked.reads.get("episodes.csv")
    if linked.data_until is None or episodes is None or episodes.table is None:
        return
    month, has_month = numbers(episodes, "first_visit_month")
    _report(report, "after_data_until", episodes, "first_visit_month", np.flatnonzero(has_month & (month > linked.data_until)))
    limit = np.where(has_month & (month <= linked.data_until), days_left(month, linked.data_until), _NO_LIMIT)
    for read in linked.reads.values():
        if read.table is None:
            continue
        for column in read.file.columns:
            if column.kind is Kind.DAY and column.name in read.columns:
                index = np.arange(limit.size) if read is episodes else linked.indexes[read.file.name, "episode_id"]
                day, has_day = numbers(read, column.name)
                late = has_day & (index >= 0) & (day > limit[index] if limit.size else False)
                _report(report, "after_data_until", read, column.name, np.flatnonzero(late))


def days_left(month: np.ndarray, data_until: int) -> np.ndarray:
    """Days from the first day of each month to the last day of `data_until`."""
    first = (month.astype("int64") - _EPOCH).astype("datetime64[M]").astype("datetime64[D]")
    last = np.datetime64(data_until - _EPOCH + 1, "M").astype("datetime64[D]") - np.timedelta64(1, "D")
    return (last - first).astype(np.int64)


def _check_keys(linked: Linked, report: Report) -> None:
    """Keys of an episode and a code, such as one symptom noted twice."""
    for read in linked.reads.values():
        if read.table is None or len(read.file.key) < 2 or not set(read.file.key) <= read.columns:
            continue
        column = read.file.key[1]
        index = linked.indexes[read.file.name, "episode_id"]
        code, present = numbers(read, column)
        rows = np.flatnonzero((index >= 0) & present)
        _, first = np.unique(index[rows].astype(np.int64) * 1000 + code[rows], return_index=True)
        repeated = np.ones(rows.size, bool)
        repeated[first] = False
        _report(report, "duplicate_key", read, column, rows[repeated])


@dataclass(frozen=True, slots=True)
class Answers:
    """Scores in order of episode, instrument and day; `rows` is each answer's row in the file."""

    rows: np.ndarray
    episode: np.ndarray
    instrument: np.ndarray
    day: np.ndarray
    value: np.ndarray


def _answers_in_order(linked: Linked) -> Answers | None:
    read = linked.reads.get("scores.csv")
    index = linked.indexes.get(("scores.csv", "episode_id"))
    if read is None or read.table is None or index is None:
        return None
    (day, has_day), (instrument, has_instrument), (value, has_value) = (numbers(read, name) for name in ("day", "instrument", "value"))
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


def _check_scores(linked: Linked, report: Report) -> None:
    answers = linked.answers
    if answers is None or answers.rows.size < 2:
        return
    same = same_answer(answers)
    conflict = answers.rows[1:][same & (answers.value[1:] != answers.value[:-1])]
    _report(report, "conflicting_scores", linked.reads["scores.csv"], "value", np.sort(conflict))


def same_answer(answers: Answers) -> np.ndarray:
    """Whether each answer but the first is of the same episode, instrument and day as the one before."""
    same = answers.episode[1:] == answers.episode[:-1]
    same &= answers.instrument[1:] == answers.instrument[:-1]
    same &= answers.day[1:] == answers.day[:-1]
    return same


def _check_events(linked: Linked, report: Report) -> None:
    """A complication names a treatment of its own episode."""
    treatment = linked.indexes.get(("adverse_events.csv", "treatment_id"))
    own, owner = linked.indexes.get(("adverse_events.csv", "episode_id")), linked.indexes.get(("treatments.csv", "episode_id"))
    if treatment is None or own is None or owner is None or not owner.size:
        return
    other = np.flatnonzero((treatment >= 0) & (own >= 0) & (owner[treatment] >= 0) & (owner[treatment] != own))
    room = report.room("other_episode")
    read = linked.reads["adverse_events.csv"]
    for row in other[:room]:
        report_rows(report, "other_episode", read, ("treatment_id", np.array([row]), "", ""))
    report.count("other_episode", other.size - room)
