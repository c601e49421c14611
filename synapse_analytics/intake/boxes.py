"""Boxes: columns of yes and no. Each yes may be a record of its own; or all boxes of a row make one number, or one yes or no."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.intake.columns import Rows, read_texts, texts_of
from synapse_analytics.intake.ledger import UNUSABLE
from synapse_analytics.intake.mapping.fields import FieldOf, Reads, answered
from synapse_analytics.intake.mapping.model import FieldRule
from synapse_analytics.intake.values import judge_of

NOT_ALL = "not every box is answered, so that it is not recorded"


def one_by_one(rule: FieldRule) -> Iterator[FieldRule]:
    """The rule for each box that means something, as if it were the only column."""
    for column, meaning in rule.boxes.items():
        if meaning is not None:
            yield rule.model_copy(update={"from_": (column,), "boxes": {}})


def by_boxes(frame: pd.DataFrame, field: FieldOf, rule: FieldRule, rows: Rows) -> pd.DataFrame:
    """A record for each box with a yes, in the order of the rows; a row without one has one record, in which the field is empty."""
    has_yes = _answers(field, rule, rows) == 1
    at, box = np.nonzero(np.column_stack([has_yes, ~has_yes.any(axis=1)]))
    meanings = np.array([*(meaning for meaning in rule.boxes.values() if meaning is not None), None], object)
    return frame.iloc[at].reset_index(drop=True).assign(**{field.name: pd.array(meanings[box], dtype="str")})


def from_boxes(field: FieldOf, rule: FieldRule, rows: Rows) -> np.ndarray | pa.Array:
    """How many boxes of each row have a yes, or whether one has; not recorded where an answer is missing that could change it."""
    answers = _answers(field, rule, rows)
    lacks = np.isnan(answers)
    counts: np.ndarray = answers.sum(axis=1) if answers.size else np.full(len(answers), np.nan)  # no box means anything
    if field.reads is Reads.YES_NO:
        counts = np.where(np.nansum(answers, axis=1) > 0, 1.0, counts)
    some = np.isnan(counts) & ~lacks.all(axis=1)
    rows.ledger.values[rows.index, field.name, NOT_ALL] += int(some.sum())
    rows.ledger.drop(rows.index, rows.rows[some], UNUSABLE)
    if field.reads is not Reads.YES_NO:
        return counts
    said = pa.array(np.where(counts > 0, "yes", "no"), pa.string())
    return pc.if_else(pa.array(np.isnan(counts)), None, said)


def _answers(field: FieldOf, rule: FieldRule, rows: Rows) -> np.ndarray:
    """For each row and box that means something: 1 yes, 0 no, NaN not recorded. What is neither is a fault, as everywhere."""
    judge = judge_of(answered(field), rule, rows.table.decimal)
    read = [read_texts(texts_of(one, rows), judge, one, rows) for one in one_by_one(rule)]
    return np.column_stack([_numbers(answers) for answers in read]) if read else np.zeros((len(rows.rows), 0))


def _numbers(answers: pa.Array) -> np.ndarray:
    return np.asarray(pc.cast(pc.equal(answers, "yes"), pa.float64()).to_numpy(zero_copy_only=False))
