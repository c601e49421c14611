"""Which visit a name means, and its day from day 0: `baseline`, `VAS_3m`, `month_12_arm_1`, `6 weeks post op`."""

from __future__ import annotations

import re

from synapse_analytics.bundle.column_names import normalise

_QUESTIONNAIRE = re.compile(r"eq_?5_?d(_?5_?l)?")  # its 5d are no days
_UNITS = {"d": 1.0, "w": 7.0, "m": 365.25 / 12, "y": 365.25}
_UNIT = r"(d|days?|w|wks?|weeks?|m|mo|mos|mths?|months?|y|yrs?|years?)"
_NUMBER_FIRST = re.compile(rf"(?:^|_|(?<=[a-z]))(\d{{1,3}})_?{_UNIT}(?=_|$)")
_UNIT_FIRST = re.compile(rf"(?:^|_){_UNIT}_?(\d{{1,3}})(?=_|$)")
_START = re.compile(
    r"(?:^|_)(bl|base|baseline|pre|preop|pre_op|preoperative|pre_treatment|admission|enrol+ment|screening|intake|t0|v0)(?=_|$)"
)
_REST = re.compile(r"_?(arm_\d+|post_?op(erative)?|follow_?up|fu|visit|review|assessment|questionnaire)(?=_|$)")


def visit_of(name: str) -> tuple[str, int] | None:
    """What is left of a name without its visit, and the day of that visit; None when the name says no visit."""
    words = _QUESTIONNAIRE.sub("eq", normalise(name))
    for pattern, number, unit in ((_NUMBER_FIRST, 1, 2), (_UNIT_FIRST, 2, 1)):
        if match := pattern.search(words):
            day = round(int(match[number]) * _UNITS[match[unit][0]])
            return _without(words, match), day
    match = _START.search(words)
    return (_without(words, match), 0) if match else None


def _without(words: str, match: re.Match[str]) -> str:
    rest = f"{words[: match.start()]}_{words[match.end() :]}"
    return re.sub("_+", "_", _REST.sub("", rest)).strip("_")
