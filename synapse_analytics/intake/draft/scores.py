"""Columns that hold scores or items of questionnaires: which score, which visit, how they are coded, on which scale."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.column_names import normalise
from synapse_analytics.intake.draft.codes import missing_of
from synapse_analytics.intake.draft.looks import Look
from synapse_analytics.intake.draft.visits import visit_of
from synapse_analytics.intake.mapping.model import FieldRule

_ODI = r"(?:odi|oswestry)"
_EQ = r"(?:eq_?5_?d(?:_?5_?l)?|eq5d5l|euroqol|eq)"
_SECTIONS = ["pain", "care", "lift", "walk", "sit", "stand", "sleep", "sex", "social", "travel"]
_DIMENSIONS = (r"mo\b|mobility", r"sc\b|self_?care", r"ua\b|(?:usual_)?activit", r"pd\b|pain|discomfort", r"ad\b|anx|depress")
_WHOLE = r"(?:_(?:total|score|index|percent|percentage|pct|sum|result|value))*"
_ITEM = re.compile(rf"{_ODI}_?(?:q|item|section|sec|s|question)?_?(10|[1-9])(?:_\w+)?")
_EQ_ITEM = re.compile(rf"{_EQ}_?(?:q|item|dim)_?([1-5])|(?:eq5d|eq_5d|eq5d5l|eq_5d_5l)_([1-5])")
_PAIN = r"(?:nrs|nprs|vas|npr|pain|ndi_pain)"
_PARTS = (("nrs_leg", "leg|limb|radic\\w*|sciatic\\w*"), ("nrs_back", "back|lbp|lumbar"), ("nrs_buttock", "buttock|glut\\w*"))
_NOT_WORST = re.compile(r"(?:^|_)(avg|average|mean|usual|typical|now|current|present|least|best|lowest)(?=_|$)")
_HIGHEST_ITEM = 6  # of the ODI, coded 1-6
_AN_ITEM = 5  # items of questionnaires end here
_NO_SCORE = re.compile(r"side|duration|onset|site|type|location|medic|date|since|week|month|relief")


@dataclass(frozen=True, slots=True)
class ScoreColumn:
    """A column that holds a score, or one item of it (`item` counts from 1), at a visit when its name says so."""

    look: Look
    instrument: str
    item: int = 0
    day: int | None = None


def score_column(look: Look) -> ScoreColumn | None:
    """What score a column of numbers holds; None when its name and label say none."""
    if not look.is_numeric and look.filled:
        return None
    for name in dict.fromkeys((look.name, look.label)):
        visit = visit_of(name)
        words = visit[0] if visit else normalise(name)
        found = _score_named(words)
        if found:
            return ScoreColumn(look, *found, visit[1] if visit else None)
    return None


def _score_named(words: str) -> tuple[str, int] | None:
    if re.search(r"(^|_)(eq_?vas|eqvas)|(eq_?5_?d|euroqol)\w*_vas|vas_(eq\w*|health)|health_(vas|state|today)", words):
        return "eq_vas", 0
    if re.fullmatch(rf"{_ODI}{_WHOLE}", words) or re.fullmatch(r"oswestry_disability(_index)?(_score|_percent)?", words):
        return "odi", 0
    if match := _ITEM.fullmatch(words):
        return "odi", int(match[1])
    if re.match(rf"{_ODI}_", words):
        return next((("odi", number) for number, section in enumerate(_SECTIONS, 1) if section in words), None)
    return _quality(words) or _pain(words)


def _quality(words: str) -> tuple[str, int] | None:
    if re.fullmatch(rf"{_EQ}{_WHOLE}|(?:{_EQ}_)?utility(_score|_index)?", words) and words != "eq":
        return "eq5d5l_index", 0
    if match := _EQ_ITEM.fullmatch(words):
        return "eq5d5l_index", int(match[1] or match[2])
    rest = re.sub(rf"^{_EQ}_?", "", words)
    if rest == words and not re.fullmatch(r"mo|sc|ua|pd|ad|mobility|self_?care|usual_activit\w+|pain_discomfort|anxiety_depression", words):
        return None
    spaced = rest.replace("_", " ")
    return next((("eq5d5l_index", n) for n, form in enumerate(_DIMENSIONS, 1) if re.match(form.replace("_?", " ?"), spaced)), None)


def _pain(words: str) -> tuple[str, int] | None:
    if not re.search(rf"(^|_){_PAIN}(?=_|$|leg|back|butt)|_0_100?(_|$)", words) or _NO_SCORE.search(words):
        return None
    return next(((code, 0) for code, form in _PARTS if re.search(form, words)), ("nrs_pain", 0))


def items_by_section(looks: Sequence[Look]) -> list[ScoreColumn]:
    """The ten items of an ODI that are named by their sections alone (`lifting`, `sexLife`); none unless each section has one such column."""
    items = [look for look in looks if look.is_numeric and max(look.numbers.values()) <= _HIGHEST_ITEM]
    found = [[look for look in items if section in look.words] for section in _SECTIONS]
    if any(len(columns) != 1 for columns in found) or len({columns[0].name for columns in found}) != len(_SECTIONS):
        return []
    return [ScoreColumn(columns[0], "odi", number) for number, columns in enumerate(found, 1)]


def score_rule(found: Sequence[ScoreColumn]) -> FieldRule | None:
    """How one score of one visit is filled from its column, or from its items and the stated score beside them."""
    items = {one.item: one.look for one in found if one.item}
    total = next((one.look for one in found if not one.item), None)
    instrument = found[0].instrument
    if len(items) == {"odi": 10, "eq5d5l_index": 5}.get(instrument):
        return _items(instrument, [items[number] for number in sorted(items)], total)
    return _stated(instrument, total) if total else None


def _items(instrument: str, looks: list[Look], total: Look | None) -> FieldRule:
    label = v.find(v.INSTRUMENTS, instrument).label
    low, high = (1, 5) if instrument == "eq5d5l_index" else (0, 6)
    missing = sorted({text for look in looks for text in missing_of(look, low, high)})
    values = {number for look in looks for text, number in look.numbers.items() if text not in missing}
    coded, ask = ("1-5", "") if instrument == "eq5d5l_index" else _coding(values)
    why = f"{len(looks)} columns are named like the items of the {label}" + (f", with values {_span(values)}" if values else "")
    return FieldRule.model_validate(
        {"items": [look.name for look in looks], "stated": total.name if total else None, "coded": coded}
        | {"missing": missing, "why": f"{why}{_why_missing(missing)}", "ask": ask}
    )


def _coding(values: set[float]) -> tuple[str | None, str]:
    if 0 in values and 6 not in values:
        return "0-5", ""
    if 6 in values and 0 not in values:
        return "1-6", ""
    proof = "the values hold both 0 and 6" if values else "there are no values"
    proof = "no value is 0 or 6" if values and 0 not in values else proof
    return None, f"Are the items coded 0-5 or 1-6? It cannot be seen: {proof}. Write `coded: 0-5` or `coded: 1-6`."


def _stated(instrument: str, look: Look) -> FieldRule:
    term = v.find(v.INSTRUMENTS, instrument)
    missing, values = _values(look, term.low, term.high)
    if term.high == 10 and values and max(values) > 10:  # some are above 10 even without 88, 98 and 99: a scale to 100
        missing, values = _values(look, 0, 100)
    scale, why, ask = _scale(instrument, look, values)
    return FieldRule.model_validate(
        {"from": look.name, "missing": missing, "scale": scale, "why": f"{why}{_why_missing(missing)}", "ask": ask}
    )


def _values(look: Look, low: float, high: float) -> tuple[tuple[str, ...], set[float]]:
    """The texts that mean not recorded in a range, and the numbers that are left."""
    missing = missing_of(look, low, high)
    return missing, {number for text, number in look.numbers.items() if text not in missing}


def _scale(instrument: str, look: Look, values: set[float]) -> tuple[tuple[float, float] | None, str, str]:
    label = v.find(v.INSTRUMENTS, instrument).label
    why = f"the header is '{look.name}'" + (f", and its values are {_span(values)}" if values else ", and it holds no values")
    if instrument == "eq5d5l_index":
        return None, why, "With which value set was this index calculated? Only the one of India may stay; otherwise delete this score."
    if not values:
        return None, why, f"Which scale has the {label} here? Write `scale: [0, 10]`, or delete this score."
    if instrument.startswith("nrs"):
        return _pain_scale(look, values, why)
    if instrument == "odi" and max(values) <= 50:
        choices = "`scale: [0, 1]`, " * (max(values) <= 1) + "`scale: [0, 50]` for the sum of ten items, or `scale: [0, 100]` for percent"
        return None, why, f"Is this a sum or percent? No value is above {max(values):g}. Write {choices}."
    return None, why, ""


def _pain_scale(look: Look, values: set[float], why: str) -> tuple[tuple[float, float] | None, str, str]:
    scale = (0, 100) if max(values) > 10 else None
    if other := _NOT_WORST.search(look.words):
        return (
            scale,
            why,
            f"This score is the worst pain in the last week, and the header says '{other[1]}'. May it stand for it? Else delete this score.",
        )
    if max(values) > 10:
        return scale, why, ""
    if 1 < max(values) <= _AN_ITEM:
        return (
            None,
            why,
            f"No value is above {max(values):g}: is this a scale from 0 to 10, or one item of a questionnaire? Then delete this score.",
        )
    if max(values) <= 1 or (re.search(r"vas|mm", look.words) and sum(look.counts.values()) < 30):
        return (
            None,
            why,
            "Is this scale 0 to 10, 0 to 100 or 0 to 1? The values fit several. Write `scale: [0, 1]`, `scale: [0, 10]` or `scale: [0, 100]`.",
        )
    return None, why, ""


def _span(values: set[float]) -> str:
    return f"{min(values):g} to {max(values):g}"


def _why_missing(missing: Sequence[str]) -> str:
    return f"; {', '.join(missing)} cannot be an answer, so it means not recorded" if missing else ""
