"""How one field is filled from one column: format, codes, missing values and unit, and why."""

from __future__ import annotations

import re
from typing import Any

from synapse_analytics.intake.bmi import HEIGHTS, WEIGHTS
from synapse_analytics.intake.draft.codes import CONCEPTS, meanings, missing_of, signs_of
from synapse_analytics.intake.draft.columns import Columns
from synapse_analytics.intake.draft.looks import Look
from synapse_analytics.intake.mapping.fields import FieldOf, Reads
from synapse_analytics.intake.mapping.model import OPEN
from synapse_analytics.intake.mapping.questions import words_of

_HEIGHTS = {"cm": r"(?:_|\b)(?:cms?|centimet\w+)(?:_|\b)", "m": r"(?:_|\b)(?:m|mtrs?|met(?:er|re)s?)(?:_|\b)"}
_TALL = 1.5  # times the lowest height: below 120 cm a middle value may be in inches
_HEAVY = 110  # kg: a middle value above may be in pounds
_SHOWN = 6  # codes in a reason
_UNITS = {"days": "day", "weeks": "week|wk", "months": "month|mth", "years": "year|yr"}
_NUMBERS = (Reads.COUNT, Reads.NUMBER, Reads.SCORE, Reads.DAY)


def filled(field: FieldOf, look: Look, columns: Columns) -> dict[str, Any]:
    """The rule of a field that is filled from this column."""
    rule: dict[str, Any] = {"from": look.name, "why": _called(look)}
    if field.reads is Reads.DATE:
        return rule | _dated(look, columns)
    if field.reads in {Reads.CODE, Reads.YES_NO}:
        return rule | _coded(field, look)
    if field.reads in _NUMBERS:
        return rule | _number(field, look)
    missing = signs_of(look)
    return rule | ({"missing": missing} if missing else {}) | _merged(look)


def _merged(look: Look) -> dict[str, Any]:
    """A column of a sheet in which only the first of several rows is filled, as in merged cells."""
    column = look.table.column(look.name)
    if not look.table.sheet or not look.codes or not column[0].is_valid or column.null_count < 0.5 * len(column):
        return {}
    return {"fill": "down", "ask": "Does an empty cell stand for the value above it, as in merged cells? Otherwise delete `fill`, too."}


def asked(field: FieldOf) -> dict[str, Any]:
    """The rule of a field that no column fills, although a bundle cannot be without it."""
    words = words_of(field)
    if field.name == "age_years":
        return {"ask": "No column was found for this: age at first visit, in years. Write `from: COLUMN`, or the field date_of_birth."}
    value = f"`value: {words[0]}` (or {', '.join(words[1:])})" if words else "`value: S1`"
    return {"ask": f"No column was found for this: {field.meaning}. Write `from: COLUMN`, or {value} for every row."}


def _called(look: Look) -> str:
    label = f", which the data dictionary calls '{look.label}'" if look.label != look.name else ""
    return f"the header is '{look.name}'{label}"


def _dated(look: Look, columns: Columns) -> dict[str, Any]:
    dates = columns.dates[look.name]
    rule: dict[str, Any] = {"format": dates.forms, "why": f"{_called(look)}, and {dates.why}"}
    missing = signs_of(look)
    return rule | ({"missing": missing} if missing else {}) | ({"ask": dates.ask} if dates.ask else {})


def _coded(field: FieldOf, look: Look) -> dict[str, Any]:
    codes, hints = meanings(field, look)
    rule: dict[str, Any] = {"codes": codes} if codes else {}
    listed = tuple(code for code in look.codes if code in codes or code in words_of(field))
    if listed:
        shown = ", ".join(listed[:_SHOWN]) + (", and others" if len(listed) > _SHOWN else "")
        rule["why"] = f"{_called(look)}, and its values are {shown}"
    if hints:
        rule["why"] = f"{rule.get('why') or _called(look)}; {hints}"
    if look.split:
        rule["split"] = look.split
    if field.name == "sex" and look.table.column(look.name).null_count:
        rule |= {"empty": "unknown", "why": f"{rule['why']}; an empty cell is unknown, as a bundle needs a sex for everybody"}
    if field.name in CONCEPTS:
        rule["concept_set"] = CONCEPTS[field.name]
    missing = tuple(text for text in signs_of(look) if text not in codes)
    return rule | ({"missing": missing} if missing else {})


def _number(field: FieldOf, look: Look) -> dict[str, Any]:
    missing = missing_of(look, field.low, field.high)
    rule: dict[str, Any] = {"missing": missing} if missing else {}
    sentinels = [text for text in missing if text in look.numbers]
    if sentinels:
        rule["why"] = f"{_called(look)}; {', '.join(sentinels)} is outside {field.low:g} to {field.high:g}, so it means not recorded"
    if field.name.endswith("_weeks"):
        unit = next((unit for unit, form in _UNITS.items() if re.search(form, f"{look.words} {look.label.lower()}")), None)
        rule |= {"unit": unit} if unit else {"unit": OPEN, "ask": "Which unit has this duration?"}
    return rule


def bmi_of_two(columns: Columns) -> dict[str, Any]:
    """The rule of the body mass index from weight and height, where a table has both; the unit of the height is asked where nothing proves it."""
    weight, height = columns.first("weight"), columns.first("height")
    if weight is None or height is None:
        return {}
    unit, why = _unit_of_height(height)
    missing = sorted({*missing_of(weight, *WEIGHTS), *missing_of(height, *HEIGHTS.get(unit, (HEIGHTS["m"][0], HEIGHTS["cm"][1])))})
    heavy = sorted(number for text, number in weight.numbers.items() if text not in missing)
    ask = "" if unit != OPEN else "In which unit is the height? If it is neither cm nor m, delete the bmi."
    if heavy and heavy[len(heavy) // 2] > _HEAVY and not re.search("kg|kilo", weight.words):
        ask = f"{ask} Is the weight in kg? If it is not, delete the bmi.".strip()
    return {"from": [weight.name, height.name], "unit": unit, "missing": missing, "ask": ask} | {
        "why": f"no column holds a body mass index: it is calculated from '{weight.name}' in kg and '{height.name}'{why}"
    }


def _unit_of_height(look: Look) -> tuple[str, str]:
    """The unit of a column of heights, and how it is known: by its name, or as no person is 170 m or 1.7 cm tall."""
    numbers = sorted(look.numbers.values())
    said = next((unit for unit, form in _HEIGHTS.items() if re.search(form, f"{look.words} {look.label.lower()}")), OPEN)
    middle = numbers[len(numbers) // 2] if numbers else 0.0
    fitting = next((unit for unit, (low, high) in HEIGHTS.items() if low * _TALL <= middle <= high), OPEN)
    if said == fitting or not numbers:
        return said, f" in {said}" if said != OPEN else ""
    return (fitting, f" in {fitting}, as its middle value is {middle:g}") if said == OPEN else (OPEN, "")
