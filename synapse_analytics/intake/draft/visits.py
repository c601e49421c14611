"""Which visit a name means, and its day from day 0: `baseline`, `VAS_3m`, `month_12_arm_1`, `6 weeks post op`."""

from __future__ import annotations

import re

from synapse_analytics.bundle.column_names import normalise

_QUESTIONNAIRE = re.compile(r"eq_?5_?d(_?5_?l)?")  # its 5d are no days
_UNITS = {"d": 1.0, "w": 7.0, "m": 365.25 / 12, "y": 365.25}
_UNIT = r"(d|days?|w|wks?|weeks?|m|mo|mos|mths?|months?|y|yrs?|years?)"
_NUMBER_FIRST = re.compile(rf"(?:^|_|(?<=[a-z]))(\d{{1,3}})_?{_UNIT}(?=_|$)")
_UNIT_FIRST = re.compile(rf"(?:^|_){_UNIT}_?(\d{{1,3}})(?=_|$)")
_WORDS = "baseline|base|bl|pre_?operative|pre_?op|pre_treatment|pre|admission|enrol+ment|screening|intake|t0|v0"
_START = re.compile(rf"(?:^|_)({_WORDS})(?=_|$)|(?<=[a-z])_?0$")
_REST = re.compile(r"_?(arm_\d+|post_?op(erative)?|follow_?up|fu|visit|review|assessment|questionnaire|at|after)(?=_|$)")


def visit_of(name: str) -> tuple[str, int] | None:
    """What is left of a name without its visit, and the day of that visit; None when the name says no visit."""
    given = normalise(name)
    words = _QUESTIONNAIRE.sub(lambda match: "q" * len(match[0]), given)  # as long, so that places stay
    for pattern, number, unit in ((_NUMBER_FIRST, 1, 2), (_UNIT_FIRST, 2, 1)):
        if match := pattern.search(words):
            day = round(int(match[number]) * _UNITS[match[unit][0]])
            return _without(given, match), day
    match = _START.search(words)
    return (_without(given, match), 0) if match else None


def _without(words: str, match: re.Match[str]) -> str:
    rest = f"{words[: match.start()]}_{words[match.end() :]}"
    return re.sub("_+", "_", _REST.sub("", rest)).strip("_")
