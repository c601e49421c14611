"""What is wrong with how one field is filled: parts that exclude each other, parts of another kind of field, words outside a closed list."""

from __future__ import annotations

from types import MappingProxyType

from synapse_analytics import vocabulary as v
from synapse_analytics.intake.faults import Faults
from synapse_analytics.intake.mapping.fields import FieldOf, Reads, answered, is_bmi_of_two, units_of
from synapse_analytics.intake.mapping.model import OPEN, FieldRule
from synapse_analytics.intake.mapping.places import Place, choice, place_words
from synapse_analytics.intake.mapping.questions import words_of, words_of_boxes
from synapse_analytics.plain_yaml import shown

ITEMS = MappingProxyType({"odi": (10, ("0-5", "1-6")), "eq5d5l_index": (5, ("1-5",))})
_NUMBERS = (Reads.SCORE, Reads.NUMBER, Reads.COUNT)
_TIMED = (*_NUMBERS, Reads.DAY)
# A part of a field -> the kinds of fields that it belongs to.
_BELONGS = MappingProxyType(
    {
        "format": (Reads.DATE,),
        "days": (Reads.DAY,),
        "scale": (Reads.SCORE,),
        "scales": (Reads.SCORE,),
        "unit": _TIMED,
        "items": (Reads.SCORE,),
        "coded": (Reads.SCORE,),
        "stated": (Reads.SCORE,),
        "split": (Reads.CODE,),
        "boxes": (Reads.CODE, Reads.COUNT, Reads.YES_NO),
        "concept_set": (Reads.CODE,),
    }
)


def check_field(faults: Faults, place: Place, rule: FieldRule, field: FieldOf, *, instrument: str = "") -> None:
    """Add what is wrong with one field; `instrument` is the score that a value is of, where the place names it."""
    _check_source(faults, place, rule, field)
    _check_parts(faults, place, rule, field)
    _check_words(faults, place, rule, answered(field) if rule.boxes else field)
    _check_boxes(faults, place, rule, field)
    _check_numbers(faults, place, rule)
    _check_days(faults, place, rule, field)
    if rule.items:
        _check_items(faults, place, rule, instrument)


def _check_source(faults: Faults, place: Place, rule: FieldRule, field: FieldOf) -> None:
    given = [name for name, value in _sources(rule) if value is not None and value != ()]
    if len(given) > 1:
        faults.add(f"{place_words(place)}: {' and '.join(given)} exclude each other.", "Keep one of them.")
    if not given and not rule.ask:
        faults.add(f"{place_words(place)}: nothing says what fills this field.", "Write `from: COLUMN` or `value: TEXT`.")
    if len(rule.from_) > 1 and field.reads is not Reads.ID and not is_bmi_of_two(field, rule):
        more = " For the bmi write weight, then height." if field.name == "bmi" else ""
        faults.add(f"{place_words(place)}: several columns make one id, and this is no id.", f"Keep one column.{more}")
    if field.reads is Reads.DATE and rule.from_ and not rule.format and not rule.ask:
        advice = "Write `format: day/month/year`, month/day/year, year-month-day, day-Mon-year or excel."
        faults.add(f"{place_words(place)}: nothing says how these dates are written.", advice)


def _sources(rule: FieldRule) -> tuple[tuple[str, object], ...]:
    return ("from", rule.from_), ("value", rule.value), ("items", rule.items), ("boxes", tuple(rule.boxes))


def _check_parts(faults: Faults, place: Place, rule: FieldRule, field: FieldOf) -> None:
    for name, reads in _BELONGS.items():
        if getattr(rule, name) and field.reads not in reads:
            faults.add(f"{place_words((*place, name))}: this does not belong to {_said(field)}.", "Delete the line.")
    _check_unit(faults, place, rule, field)
    if rule.codes and field.reads in {Reads.ID, Reads.DATE}:
        faults.add(f"{place_words((*place, 'codes'))}: this does not belong to {_said(field)}.", "Delete these lines.")


def _check_unit(faults: Faults, place: Place, rule: FieldRule, field: FieldOf) -> None:
    allowed = units_of(field, rule)
    if rule.unit and not allowed:
        sentence = "only a duration, a day, an age, and a bmi from weight and height have a unit."
        faults.add(f"{place_words((*place, 'unit'))}: {sentence}", "Delete the line.")
    elif rule.unit not in {None, OPEN, *allowed}:
        faults.add(f"{place_words((*place, 'unit'))}: {rule.unit} does not belong to {field.name}.", choice(str(rule.unit), allowed))
    if is_bmi_of_two(field, rule) and not rule.unit:
        faults.add(f"{place_words(place)}: nothing says in which unit the height is.", "Write `unit: cm` or `unit: m`.")


def _said(field: FieldOf) -> str:
    return {Reads.ID: "an id", Reads.UNIT: "a site or clinician", Reads.DATE: "a date", Reads.CODE: "a code of a closed list"}.get(
        field.reads, f"{field.name}, which is a {field.reads.value.replace('_', ' or ')}"
    )


def _check_words(faults: Faults, place: Place, rule: FieldRule, field: FieldOf) -> None:
    allowed = words_of(field)
    if not allowed:
        return
    if rule.value not in {None, OPEN, *allowed}:
        faults.add(f"{place_words((*place, 'value'))}: '{shown(rule.value)}' is not allowed.", choice(str(rule.value), allowed))
    for code, meaning in rule.codes.items():
        if meaning not in {None, OPEN, *allowed}:
            sentence = f"{place_words((*place, 'codes', shown(code)))}: '{shown(meaning)}' is not allowed."
            faults.add(sentence, f"{choice(str(meaning), allowed)} Write null for what is not to be recorded.")


def _check_boxes(faults: Faults, place: Place, rule: FieldRule, field: FieldOf) -> None:
    allowed = words_of_boxes(field)
    for column, meaning in rule.boxes.items():
        if allowed and meaning not in {None, OPEN, *allowed}:
            sentence = f"{place_words((*place, 'boxes', shown(column)))}: '{shown(meaning)}' is not allowed."
            faults.add(sentence, f"{choice(str(meaning), allowed)} Write null for a box that is not to be recorded.")
    beside = [name for name in ("split", "concept_set", "fill") if getattr(rule, name)] if rule.boxes else []
    if beside:
        faults.add(f"{place_words((*place, beside[0]))}: this does not belong to boxes.", "Delete the line.")


def _check_numbers(faults: Faults, place: Place, rule: FieldRule) -> None:
    scales: dict[Place, tuple[float, float]] = {("scales", shown(code)): scale for code, scale in rule.scales.items()}
    for at in (
        at
        for at, scale in (scales | ({("scale",): rule.scale} if rule.scale else {})).items()
        if not -1e6 < scale[0] < scale[0] + 0.001 <= scale[1] < 1e6
    ):
        faults.add(f"{place_words((*place, *at))}: the lowest value must come first.", "Write lowest and highest, such as [0, 100].")


def _check_days(faults: Faults, place: Place, rule: FieldRule, field: FieldOf) -> None:
    """A day that no episode has would be left out with its records, although the mapping says it."""
    if field.low is None or field.high is None:
        return
    for visit in (visit for visit, day in rule.days.items() if not field.low <= day <= field.high):
        sentence = f"{place_words((*place, 'days', shown(visit)))}: this day is not allowed."
        faults.add(sentence, f"Allowed: whole days from day 0, {field.low:g} to {field.high:g}.")


def _check_items(faults: Faults, place: Place, rule: FieldRule, instrument: str) -> None:
    if instrument and instrument not in ITEMS:
        faults.add(f"{place_words((*place, 'items'))}: only {' and '.join(ITEMS)} are calculated from items.", "Write `from: COLUMN`.")
        return
    number, coded = ITEMS.get(instrument, (len(rule.items), ("0-5", "1-6", "1-5")))
    if len(rule.items) != number:
        label = v.find(v.INSTRUMENTS, instrument).label
        faults.add(f"{place_words((*place, 'items'))}: the {label} has {number} items, not {len(rule.items)}.", "Name each once, in order.")
    if len(set(rule.items)) != len(rule.items):
        faults.add(f"{place_words((*place, 'items'))}: a column is there twice.", "Name each once, in the order of the questionnaire.")
    if rule.coded not in coded and not rule.ask:
        faults.add(f"{place_words(place)}: nothing says how the items are coded.", f"Write `coded: {'` or `coded: '.join(coded)}`.")
