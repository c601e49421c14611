"""Body mass index from weight in kg and height in cm or m: impossible measures are faults, and where one is missing there is no index."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synapse_analytics.intake.columns import Rows, are_wrong, read_numbers, tell, texts_of
from synapse_analytics.intake.ledger import UNUSABLE
from synapse_analytics.intake.mapping.fields import FieldOf
from synapse_analytics.intake.mapping.model import FieldRule
from synapse_analytics.intake.scoring.scored import half_up
from synapse_analytics.intake.values import OTHERWISE, Judge, Judged, judge_of

LACKS_ONE = "the body mass index needs weight and height, and one is not recorded"
WEIGHTS, HEIGHTS = (20.0, 400.0), {"cm": (80.0, 250.0), "m": (0.8, 2.5)}  # of people who can be measured at a clinic
_METRES = {"cm": 0.01, "m": 1.0}


def bmi_of(field: FieldOf, rule: FieldRule, rows: Rows) -> np.ndarray:
    """The body mass index of each row, from its two columns: weight, then height; NaN where one is missing or impossible."""
    unit = rule.unit or "cm"
    weight = _measure(replace(field, low=WEIGHTS[0], high=WEIGHTS[1]), rule.from_[0], "weight", rule, rows)
    height = _measure(replace(field, low=HEIGHTS[unit][0], high=HEIGHTS[unit][1]), rule.from_[1], f"height in {unit}", rule, rows)
    lacks = np.isnan(weight) ^ np.isnan(height)
    rows.ledger.values[rows.index, " + ".join(rule.from_), LACKS_ONE] += int(lacks.sum())
    rows.ledger.drop(rows.index, rows.rows[lacks], UNUSABLE)
    weight, height = (np.where(np.isinf(measure), np.nan, measure) for measure in (weight, height))
    found = half_up(weight / (height * _METRES[unit]) ** 2, 1)
    wrong = (found < field.low) | (found > field.high)
    if wrong.any():
        advice = f"Check both in the source, and the unit; or write `otherwise: leave_out` for `{field.name}`."
        tell(
            f"Weight and height give a body mass index outside {field.low:g} to {field.high:g}.", advice, np.flatnonzero(wrong), rule, rows
        )
    return np.where(wrong, np.nan, found)


def _measure(field: FieldOf, column: str, what: str, rule: FieldRule, rows: Rows) -> np.ndarray:
    """The measure of each row: NaN where none is recorded, infinite where it cannot be used."""
    one = rule.model_copy(update={"from_": (column,), "unit": None})
    texts, judge = texts_of(one, rows), _saying(judge_of(field, one, rows.table.decimal), what, f"{field.low:g} to {field.high:g}")
    return np.where(are_wrong(texts, judge), np.inf, read_numbers(texts, judge, one, rows))


def _saying(judge: Judge, what: str, between: str) -> Judge:
    """The judge with sentences about weight and height, which are no fields of their own."""

    def said(text: str) -> Judged:
        judged = judge(text)
        if not judged.wrong.startswith("The number is outside"):
            return judged
        unit = "Write the `unit` of the height (cm or m) as it is in the source; " if what != "weight" else "The weight must be in kg; "
        return replace(judged, wrong=f"The {what} is outside {between}.", advice=unit + OTHERWISE)

    return said
