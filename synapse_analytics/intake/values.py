"""One text of a clinic -> a value, or a sentence that says what is wrong with it and what to write into the mapping."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from rapidfuzz import process

from synapse_analytics import vocabulary as v
from synapse_analytics.intake.concepts import load
from synapse_analytics.intake.dates import date_reader
from synapse_analytics.intake.mapping.fields import FieldOf, Reads
from synapse_analytics.intake.mapping.model import FieldRule

Value = float | str | None
EMPTY = "\0empty\0"  # before what an empty cell means: no text of a source begins so
OLDEST = 90  # the highest age of a bundle: 90 means 90 and over
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?|[-+]?\.\d+", re.ASCII)
_ICD10 = re.compile(r"[A-Z]\d\d(?:\.?[0-9A-Z]{1,4})?", re.ASCII)
_SHORT_CODE = re.compile(r"[A-Za-z]{1,4}[_-]?\d{1,3}", re.ASCII)
READ_AS_YES = {"yes", "y", "true", "1", "checked", "ja", "oui", "present"}
READ_AS_NO = {"no", "n", "false", "0", "unchecked", "nein", "non", "absent"}
_DAYS_IN = {"days": Decimal(1), "weeks": Decimal(7), "months": Decimal("30.4375"), "years": Decimal("365.25")}
OTHERWISE = "add it to `missing` if it means not recorded, or write `otherwise: leave_out` to leave it out."
_WITHOUT_A_LIST = {Reads.COUNT, Reads.NUMBER, Reads.DAY, Reads.ICD10}
_CLOSE = 80  # of 100: how like a legal code a text must be to be suggested


@dataclass(frozen=True, slots=True)
class Judged:
    """What a text is: its value (None: not recorded), or what is wrong and what to do."""

    value: Value = None
    wrong: str = ""
    advice: str = ""
    is_unmapped: bool = False
    nearest: str = ""


Judge = Callable[[str], Judged]


def judge_of(field: FieldOf, rule: FieldRule, decimal: str = ".") -> Judge:
    """The function that judges each distinct text of a column, as the field and its rule in the mapping say."""
    missing = set(rule.missing)
    read = _JUDGES[field.reads](field, rule, decimal)
    if field.reads in _WITHOUT_A_LIST:
        read = by_codes(rule, read)

    def judge(text: str) -> Judged:
        if text in missing:
            return Judged()
        judged = _meant(text.removeprefix(EMPTY), field, read) if text.startswith(EMPTY) else read(text)
        return _about(judged, field) if judged.wrong else judged

    return judge


def by_codes(rule: FieldRule, read: Judge) -> Judge:
    """What `codes` says that a text means, read as if it stood there; null is not recorded. Other texts are read as they stand."""
    said = {folded(text): meaning for text, meaning in rule.codes.items()}

    def judge(text: str) -> Judged:
        meaning = said.get(folded(text), text)
        return Judged() if meaning is None else read(meaning)

    return judge if said else read


def _meant(meaning: str, field: FieldOf, read: Judge) -> Judged:
    """What the mapping says that an empty cell means: a word of our lists as it stands, a number or date as it is read."""
    words = v.codes(field.terms) or (v.codes(v.YES_NO) if field.reads is Reads.YES_NO else ())
    return Judged(meaning) if meaning in words else read(meaning)


def _about(judged: Judged, field: FieldOf) -> Judged:
    advice = judged.advice or f"Add it to `missing` of `{field.name}` if it means not recorded, or write `otherwise: leave_out` there."
    return replace(judged, advice=advice)


def _date(field: FieldOf, rule: FieldRule, _decimal: str) -> Judge:
    read = date_reader(rule.format, of_birth=field.name == "date_of_birth")
    forms = " or ".join(rule.format)

    def judge(text: str) -> Judged:
        day = read(text)
        wrong = f"The text is no date in the form {forms}." if forms else "It is not known how this date is written."
        return Judged(float(day)) if day is not None else Judged(None, wrong, f"Add its form to `format` of `{field.name}`, or {OTHERWISE}")

    return judge


def _day(field: FieldOf, rule: FieldRule, decimal: str) -> Judge:
    number = _number(field, rule, decimal)

    def judge(text: str) -> Judged:
        if text in rule.days:
            return Judged(float(rule.days[text]))
        if rule.days:
            return Judged(None, "The visit has no day.", f"Add it to `days` of `{field.name}` with its day from day 0.")
        return number(text)

    return judge


def decimal_of(text: str, sign: str) -> Decimal | None:
    """The number that a text is, by this decimal sign; None when it is none. A sign for thousands is not read: it might be the other sign."""
    other = "." if sign == "," else ","
    plain = text.replace(sign, ".")
    return Decimal(plain) if other not in text and _NUMBER.fullmatch(plain) else None


def _number(field: FieldOf, rule: FieldRule, decimal: str) -> Judge:
    whole = field.reads in {Reads.COUNT, Reads.DAY}

    def judge(text: str) -> Judged:
        number = decimal_of(text, decimal)
        if number is None:
            return Judged(None, "The text is no number.")
        number = _as_counted(number, rule, field)
        if whole and number != number.to_integral_value():
            return Judged(None, "The number is not whole.")
        return _within(number, field)

    return judge


def _as_counted(number: Decimal, rule: FieldRule, field: FieldOf) -> Decimal:
    """The number in the unit of its field: years of an age as people count birthdays, days and weeks to the nearest one."""
    is_age = field.name == "age_years"
    if rule.unit:
        into = _DAYS_IN["years" if is_age else "days" if field.reads is Reads.DAY else "weeks"]
        number = number * _DAYS_IN[rule.unit] / into
        return number.to_integral_value(ROUND_FLOOR if is_age else ROUND_HALF_UP)
    return number.to_integral_value(ROUND_FLOOR) if is_age else number


def _within(number: Decimal, field: FieldOf) -> Judged:
    if field.name == "age_years" and OLDEST < number <= 125:
        return Judged(float(OLDEST))
    if field.low is not None and field.high is not None and not field.low <= number <= field.high:
        return Judged(None, f"The number is outside {field.low:g} to {field.high:g}.", "")
    return Judged(float(number))


def _code(field: FieldOf, rule: FieldRule, _decimal: str) -> Judge:
    allowed = v.codes(field.terms)
    said = {folded(text): code for text, code in rule.codes.items()}
    concepts = load(rule.concept_set) if rule.concept_set else None

    def judge(text: str) -> Judged:
        key = folded(text)
        if key in said:
            return Judged(said[key])
        if concepts and (meaning := concepts.meaning(text)) in allowed:
            return Judged(meaning)
        if key in allowed and not rule.codes:
            return Judged(key)
        nearest = _nearest(text, {**said, **dict.fromkeys(allowed)}) or (concepts.nearest(text) if concepts else "")
        return _unmapped(field, said.get(nearest) or nearest)

    return judge


def _unmapped(field: FieldOf, nearest: str) -> Judged:
    like = f" It is like {nearest}." if nearest else ""
    advice = (
        f"Add it to `codes` of `{field.name}`.{like} Allowed: {', '.join(v.codes(field.terms) or ('yes', 'no'))}, or null for not recorded."
    )
    return Judged(None, "The mapping does not say what this code means.", advice, is_unmapped=True, nearest=nearest)


def _nearest(text: str, known: dict[str, str | None]) -> str:
    found = process.extractOne(folded(text), list(known), score_cutoff=_CLOSE)
    return str(found[0]) if found else ""


def folded(text: str) -> str:
    """A text as it is compared: neither capitals nor runs of spaces matter."""
    return " ".join(text.casefold().split())


def _yes_no(field: FieldOf, rule: FieldRule, _decimal: str) -> Judge:
    said = {folded(text): code for text, code in rule.codes.items()}

    def judge(text: str) -> Judged:
        key = folded(text)
        if key in said:
            return Judged(said[key])
        if not said and key in READ_AS_YES | READ_AS_NO:
            return Judged("yes" if key in READ_AS_YES else "no")
        return _unmapped(field, "")

    return judge


def _icd10(field: FieldOf, _rule: FieldRule, _decimal: str) -> Judge:
    def judge(text: str) -> Judged:
        code = text.upper().replace(" ", "")
        code = f"{code[:3]}.{code[3:]}" if len(code) > 3 and code[3] != "." else code
        return Judged(code) if _ICD10.fullmatch(code) else Judged(None, f"The text is no ICD-10 code, as `{field.name}` needs.")

    return judge


def _unit(_field: FieldOf, rule: FieldRule, _decimal: str) -> Judge:
    """A site or clinician: as `codes` names it, a short code such as C07 as it stands, anything else as a text that becomes a surrogate."""

    def judge(text: str) -> Judged:
        if text in rule.codes:
            return Judged(rule.codes[text])
        return Judged(text if _SHORT_CODE.fullmatch(text) else f"\0{text}")

    return judge


def _id(_field: FieldOf, _rule: FieldRule, _decimal: str) -> Judge:
    return Judged


_JUDGES: dict[Reads, Callable[[FieldOf, FieldRule, str], Judge]] = {
    Reads.ID: _id,
    Reads.UNIT: _unit,
    Reads.DATE: _date,
    Reads.DAY: _day,
    Reads.CODE: _code,
    Reads.ICD10: _icd10,
    Reads.COUNT: _number,
    Reads.NUMBER: _number,
    Reads.YES_NO: _yes_no,
}
