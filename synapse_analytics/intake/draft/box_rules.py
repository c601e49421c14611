"""The rules for boxes of yes and no: one for each list and day. What the boxes do not say for certain is asked."""

from __future__ import annotations

import re

from synapse_analytics.intake.draft.boxes import MADE_ONE, Boxes, filled_by_boxes
from synapse_analytics.intake.draft.columns import Columns
from synapse_analytics.intake.draft.fields import filled
from synapse_analytics.intake.draft.looks import look_of
from synapse_analytics.intake.draft.tables import FURTHER, Fields, rule, when, who
from synapse_analytics.intake.mapping.fields import record_kind
from synapse_analytics.intake.mapping.model import RowRule

OF_ANOTHER_TABLE = "these boxes are of {}, and another table describes them"
_MAY_BE = "May these boxes stand for {}, or are they {}? Delete those that do not belong here, or write `into: {}` and their field."
_WHEN = "The boxes do not say when. Does this say it? Otherwise write `from: COLUMN` with its `format`, or the day itself as `value`, such as 0."
_SECOND = re.compile("other|second|comorb|further|additional", re.IGNORECASE)
_DAYS = {"treatments": ("start_date", "start_day"), "investigations": ("date", "day")}


def box_rules(columns: Columns) -> list[RowRule]:
    """A rule for the boxes of each question or list; boxes that make one number of a patient are part of the rule of patients."""
    return [_rule(columns, boxes) for boxes in columns.boxes if boxes.kind.into not in MADE_ONE]


def leave_boxes(columns: Columns, into: str) -> None:
    """Boxes of patients or episodes in a table that does not describe these are left out, with the reason."""
    for boxes in (one for one in columns.boxes if one.kind.into == into):
        columns.left |= dict.fromkeys((look.name for look in boxes.looks), OF_ANOTHER_TABLE.format(into))


def _rule(columns: Columns, boxes: Boxes) -> RowRule:
    into = boxes.kind.into
    ask = _MAY_BE.format(into.replace("_", " "), boxes.doubt.replace("_", " "), boxes.doubt) if boxes.doubt else ""
    if into == "other_diagnoses" and not _SECOND.search(boxes.label):
        ask = FURTHER
    return rule(columns, into, {**who(columns), **_day(columns, boxes), boxes.kind.field: filled_by_boxes(boxes)}, ask=ask)


def _day(columns: Columns, boxes: Boxes) -> Fields:
    """The day of what boxes say: the column of dates that is named after them, else the day of the row, which is asked."""
    into = boxes.kind.into
    if into not in _DAYS:
        look = columns.first("date") if into == "other_diagnoses" else None
        return {"date": filled(record_kind(into).field("date"), look, columns)} if look else {}
    date, day = _DAYS[into]
    if boxes.day:
        return {date: filled(record_kind(into).field(date), look_of(columns.table, boxes.day), columns)}
    start = columns.first("start_date") if into == "treatments" else None
    ((said, when_said),) = ({"date": filled(record_kind(into).field(date), start, columns)} if start else when(columns, None)).items()
    return {date if said == "date" else day: {**when_said, "ask": when_said.get("ask") or _WHEN}}
