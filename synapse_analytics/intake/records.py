"""The rules of a mapping on the tables of a source: records of each file of the bundle, still with the clinic's ids and dates.

A record is a row of a data frame: texts as `str` (missing: None), numbers and dates as float64 (missing: NaN; dates as days since 1970-01-01),
and `table` and `row`, the place that it came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics import vocabulary as v
from synapse_analytics.intake.bmi import bmi_of
from synapse_analytics.intake.boxes import by_boxes, from_boxes
from synapse_analytics.intake.columns import Rows, one_array, read_numbers, read_texts, texts_of
from synapse_analytics.intake.faults import Faults
from synapse_analytics.intake.ledger import NO_BOX, NOTHING, Ledger
from synapse_analytics.intake.mapping.fields import RECORDS, FieldOf, Reads, RecordKind, is_bmi_of_two, is_several, record_kind
from synapse_analytics.intake.mapping.model import FieldRule, RowRule
from synapse_analytics.intake.questionnaires import read_score
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.values import folded, judge_of
from synapse_analytics.progress import Progress, quiet

Frames = dict[str, pd.DataFrame]
_NUMBERS = {Reads.DATE, Reads.DAY, Reads.COUNT, Reads.NUMBER, Reads.SCORE}
_LINKS = {"patient_id", "episode_id"}
_JOINED = {"patients", "episodes"}  # a row says something of one even where it lacks a needed field


def read_records(
    tables: Sequence[RawTable], rules: Sequence[RowRule], faults: Faults, ledger: Ledger, progress: Progress = quiet
) -> Frames:
    """All records by the file of the bundle that they become; faults and rows without a record go to `faults` and `ledger`."""
    places = {table.name: place for place, table in enumerate(tables)}
    found: dict[str, list[pd.DataFrame]] = {kind.name: [] for kind in RECORDS}
    for done, rule in enumerate(rules):
        progress("Reading rows", done, len(rules))
        table = tables[places[rule.from_]]
        ledger.reads(places[rule.from_])
        who = rule.fields["patient_id"].from_ if "patient_id" in rule.fields else ()
        rows = Rows(table, places[rule.from_], chosen(rule, table), faults, ledger, who[-1] if who else "")
        found[rule.into].append(_scores(rule, rows) if rule.scores else _records(rule, rows))
    progress("Reading rows", len(rules), len(rules))
    return {name: _together(record_kind(name), frames) for name, frames in found.items()}


def chosen(rule: RowRule, table: RawTable) -> np.ndarray:
    """The positions of the rows that the rule takes."""
    chosen = np.ones(table.n, bool)
    for conditions, wanted in ((rule.where, True), (rule.unless, False)):
        for column, texts in conditions.items():
            there = pc.is_in(pc.fill_null(table.column(column), ""), value_set=pa.array(texts, pa.string()))
            chosen &= np.asarray(there) == wanted
    return np.flatnonzero(chosen)


def _records(rule: RowRule, rows: Rows) -> pd.DataFrame:
    """The records of one rule; a row in which every field but links and constants is empty is no record."""
    kind = record_kind(rule.into)
    reads = {
        name: _field(kind.field(name), one, rows)
        for name, one in rule.fields.items()
        if not is_several(kind.field(name), one) and kind.field(name).reads is not Reads.SCORE
    }
    frame = _frame(reads, rows)
    for name, one in rule.fields.items():
        if is_several(kind.field(name), one):
            frame = (by_boxes if one.boxes else _several)(frame, kind.field(name), one, rows)
            frame = _with_both(frame) if name == "side" else frame
    if rule.into == "scores":
        frame = _long_scores(frame, rule, rows)
    return _with_content(_with_yes(frame, rule, rows), rule, rows)


def _field(field: FieldOf, rule: FieldRule, rows: Rows) -> np.ndarray | pa.Array:
    if rule.boxes:
        return from_boxes(field, rule, rows)
    if is_bmi_of_two(field, rule):
        return bmi_of(field, rule, rows)
    judge = judge_of(field, rule, rows.table.decimal)
    read = read_numbers if field.reads in _NUMBERS else read_texts
    return read(texts_of(rule, rows), judge, rule, rows)


def _frame(reads: Mapping[str, np.ndarray | pa.Array], rows: Rows) -> pd.DataFrame:
    columns = {name: _series(read) for name, read in reads.items()}
    return pd.DataFrame(columns | {"table": np.full(rows.rows.size, rows.index, np.int16), "row": rows.rows.astype(np.int32)})


def _series(values: np.ndarray | pa.Array) -> pd.Series:
    return pd.Series(values) if isinstance(values, np.ndarray) else pd.Series(pd.array(values, dtype="str"))


def _several(frame: pd.DataFrame, field: FieldOf, rule: FieldRule, rows: Rows) -> pd.DataFrame:
    """A record for each of several answers in one cell."""
    texts = _series(texts_of(rule, rows)).str.split(rule.split, regex=False)
    frame = frame.assign(at=np.arange(len(frame)), **{field.name: texts}).explode(field.name, ignore_index=True)
    stripped = frame[field.name].astype("str").str.strip()
    answers = one_array(pa.array(stripped.where(stripped != ""), pa.string(), from_pandas=True))
    one_each = replace(rows, rows=rows.rows[frame["at"].to_numpy()])
    read = read_texts(answers, judge_of(field, rule, rows.table.decimal), rule, one_each)
    return frame.assign(**{field.name: _series(read)}).drop(columns="at")


def _with_both(frame: pd.DataFrame) -> pd.DataFrame:
    """Left and right of one row are both sides, not two rows that differ."""
    is_both = frame.groupby("row")["side"].transform("nunique").to_numpy() > 1
    return frame.assign(side=frame["side"].mask(is_both, "both"))[~(is_both & frame.duplicated("row").to_numpy())]


def _with_yes(frame: pd.DataFrame, rule: RowRule, rows: Rows) -> pd.DataFrame:
    """The records without those that need a box with a yes and have none."""
    kind = record_kind(rule.into)
    boxes = [name for name, one in rule.fields.items() if one.boxes and kind.field(name).needed and rule.into not in _JOINED]
    lacks = frame[boxes].isna().any(axis=1).to_numpy()
    rows.ledger.drop(rows.index, frame["row"].to_numpy()[lacks], NO_BOX)
    return frame[~lacks] if lacks.any() else frame


def _with_content(frame: pd.DataFrame, rule: RowRule, rows: Rows) -> pd.DataFrame:
    aside = _LINKS | {"date"} if rule.into == "patients" else _LINKS  # a date alone says nothing of a patient
    said = [name for name, one in rule.fields.items() if _is_said(one) and name not in aside]
    links = [name for name, one in rule.fields.items() if one.value is None]
    there = frame[said or links].notna().any(axis=1).to_numpy()
    for name in (name for name, one in rule.fields.items() if one.value is None and name not in {*said, *aside}):
        there = there | (frame[name].notna().to_numpy() & _is_written(rule.fields[name], frame, rows))
    rows.ledger.drop(rows.index, frame["row"].to_numpy()[~there], NOTHING)
    return frame[there] if not there.all() else frame


def _is_said(rule: FieldRule) -> bool:
    """True if only what stands in a row fills this field: not a constant, nor the meaning of an empty cell."""
    return rule.value is None and rule.empty is None and "" not in rule.codes


def _is_written(rule: FieldRule, frame: pd.DataFrame, rows: Rows) -> np.ndarray:
    """For each record whether something stands in the columns of this field: then its value is not the meaning of empty cells alone."""
    at = frame["row"].to_numpy()
    return np.any([np.asarray(rows.table.column(name).is_valid())[at] for name in rule.columns], axis=0)


def _scores(rule: RowRule, rows: Rows) -> pd.DataFrame:
    """One record for each score of a row."""
    links = _frame({name: _field(record_kind("scores").field(name), one, rows) for name, one in rule.fields.items()}, rows)
    frames = []
    answered = np.zeros(rows.rows.size, bool)
    for code, one in rule.scores.items():
        values = read_score(v.find(v.INSTRUMENTS, code), one, rows)
        there = ~np.isnan(values)
        answered |= there
        frames.append(links[there].assign(instrument=pd.array([code] * int(there.sum()), dtype="str"), value=values[there]))
    rows.ledger.drop(rows.index, rows.rows[~answered], NOTHING)
    return pd.concat(frames, ignore_index=True)


def _long_scores(frame: pd.DataFrame, rule: RowRule, rows: Rows) -> pd.DataFrame:
    """The values of rows that name their instrument: each instrument has its own range, each code of the source its own scale."""
    if "value" not in rule.fields or "instrument" not in frame:
        return frame
    values, value = np.full(len(frame), np.nan), rule.fields["value"]
    scales = {folded(code): scale for code, scale in value.scales.items()}
    said = _series(texts_of(rule.fields["instrument"], rows)).fillna("").map(folded)
    pairs = pd.DataFrame({"score": frame["instrument"], "code": said.where(said.isin(list(scales)), "")})
    for score, code in pairs.dropna().drop_duplicates().itertuples(index=False):
        at = np.flatnonzero(((pairs["score"] == score) & (pairs["code"] == code)).to_numpy())
        one = value.model_copy(update={"scale": scales.get(code, value.scale)})
        values[at] = read_score(v.find(v.INSTRUMENTS, score), one, replace(rows, rows=rows.rows[at]))
    return frame.assign(value=values)


def _together(kind: RecordKind, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The records of all rules under each other, with every field of the kind."""
    there = [frame for frame in frames if len(frame)]
    if not there:
        return _empty(kind.name).copy()
    whole = there[0].reset_index(drop=True) if len(there) == 1 else pd.concat(there, ignore_index=True)
    columns = {field.name: whole[field.name] if field.name in whole else _nothing(field, len(whole)) for field in kind.fields}
    return pd.DataFrame(columns | {"table": whole["table"], "row": whole["row"]})


@cache
def _empty(kind: str) -> pd.DataFrame:
    columns = {field.name: _nothing(field, 0) for field in record_kind(kind).fields}
    return pd.DataFrame(columns | {"table": np.zeros(0, np.int16), "row": np.zeros(0, np.int32)})


def _nothing(field: FieldOf, n: int) -> np.ndarray | pd.Series:
    return np.full(n, np.nan) if field.reads in _NUMBERS else pd.Series(pd.array(pa.nulls(n, pa.string()), dtype="str"))
