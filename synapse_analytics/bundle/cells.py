"""The meaning of one text in one column: the value that is stored, or the rule that it breaks.

Texts repeat, so this runs once per distinct text and column, not once per row; ids are judged in `ids` instead.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal
from functools import cache

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.identity import identity_rule, is_name, is_record_number, is_spreadsheet_damage
from synapse_analytics.bundle.schema import ID_PATTERN, Column, Kind

THOUSANDTHS = 1000
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,30})?")
_ICD10 = re.compile(r"[A-Z][0-9]{2}(?:\.?[0-9A-Z]{1,4})?")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_ID = re.compile(ID_PATTERN)
_RECORD = re.compile(r"[0-9]{5}")  # OPD-101 may be the code of a site, OPD-10177 is a record
_TITLED_ID = re.compile(r"(?i:dr|prof|mr|mrs|ms)[_-][A-Za-z]{2,}")
_FORMULA = "=@\t\uff1d\uff0b\uff20"  # with the full-width twins; a + is judged after phone numbers
_YEARS = (1950, 2100)  # a first visit outside these years is a slip of the pen
_SCORE_LIMIT = Decimal(100_000)  # far outside every instrument; the instrument's own range is checked with its row
MISSING_WORDS = frozenset("nan na n/a #n/a #na nat null none nil nul missing unknown undefined inf infinity - -- ? . tbd".split())  # noqa: SIM905
Diagnosis = Callable[[str, str], str]  # why a text is wrong; the second text where nothing more can be said
ID_MISSING_WORDS = frozenset({"nan", "null", "none", "nat"})  # NA may be a site's code


@dataclass(frozen=True, slots=True)
class Cell:
    """What a text means: the stored value, and its size rounded away from zero (ranges hold before rounding); or a broken rule."""

    value: int = 0
    reach: int = 0
    rule: str = ""
    hint: str = ""


@cache
def broken(rule: str, hint: str = "") -> Cell:
    """The cell of a text that breaks a rule; there are few of them, and may be millions of such texts."""
    return Cell(rule=rule, hint=hint)


def read_cell(column: Column, text: str, *, closely: bool = True) -> Cell:
    """The stored value of a text that is not empty, or the rule it breaks and the nearest legal value.

    Not closely: only that it is wrong; why takes fifty times as long, and of a million wrong values nobody asks it.
    """
    return _READERS[column.kind](column, text, _diagnose if closely else _wrong)


def _wrong(_text: str, otherwise: str) -> str:
    return otherwise


def _number(column: Column, text: str, diagnose: Diagnosis) -> Cell:
    """A decimal number in thousandths."""
    if not _DECIMAL.fullmatch(text):
        return broken(rule=diagnose(text, "wrong_type"), hint="a decimal number such as 3.5")
    number = Decimal(text)
    low, high = (-_SCORE_LIMIT, _SCORE_LIMIT) if column.low is None else (Decimal(str(column.low)), Decimal(str(column.high)))
    if not low <= number <= high:
        return _outside(column, text, diagnose)
    return Cell(_thousandths(number, ROUND_HALF_UP), _thousandths(number, ROUND_UP))


def _thousandths(number: Decimal, rounding: str) -> int:
    return int((number * THOUSANDTHS).quantize(Decimal(1), rounding=rounding))


def _whole(column: Column, text: str, diagnose: Diagnosis) -> Cell:
    if not _INTEGER.fullmatch(text):
        return broken(rule=diagnose(text, "wrong_type"), hint="a whole number")
    number = int(text)
    if column.name == "age_years" and 90 < number <= 150:
        return broken(rule="age_over_90", hint="90 means 90 and over")
    low, high = column.low, column.high
    if low is not None and high is not None and not low <= number <= high:
        return _outside(column, text, diagnose)
    return Cell(number, number)


def _outside(column: Column, text: str, diagnose: Diagnosis) -> Cell:
    if diagnose is _diagnose and len(text) >= 8 and (rule := identity_rule(text)):
        return broken(rule=rule)
    return broken(rule="out_of_range", hint="" if column.low is None else f"{column.low:g} to {column.high:g}")


def _code(column: Column, text: str, diagnose: Diagnosis) -> Cell:
    legal = v.codes(column.terms) if column.kind is Kind.CODE else ("no", "yes")
    if text in legal:
        return Cell(legal.index(text))
    if diagnose is not _diagnose:
        return broken(rule="unknown_code")
    if text[0] in _FORMULA:
        return broken(rule="formula_cell")
    if text.strip() in legal:
        return broken(rule="padding")
    plain = re.sub(r"[\s-]+", "_", text.strip().casefold())
    may_be_code = len(text) <= 64 and sum(map(str.isdigit, text)) < 4  # no code has more; the comparison is slow
    nearest = difflib.get_close_matches(plain, legal, 1, 0.6) if may_be_code else []
    if nearest:
        return broken(rule="unknown_code", hint=nearest[0])
    rule = diagnose(text, "unknown_code")
    return broken(rule="identity_name" if rule == "unknown_code" and is_name(text) else rule)


def _month(_column: Column, text: str, diagnose: Diagnosis) -> Cell:
    match = _MONTH.fullmatch(text)
    if not match:
        return broken(rule=diagnose(text, "wrong_form"), hint="YYYY-MM")
    year, month = int(match[1]), int(match[2])
    if not (_YEARS[0] <= year <= _YEARS[1] and 1 <= month <= 12):
        return broken(rule="out_of_range", hint="YYYY-MM")
    return Cell(year * 12 + month - 1)


def _icd10(_column: Column, text: str, diagnose: Diagnosis) -> Cell:
    return Cell() if _ICD10.fullmatch(text) else broken(rule=diagnose(text, "wrong_form"), hint="such as M51.1")


def _id(_column: Column, text: str, diagnose: Diagnosis) -> Cell:
    """An id, or the short code of a site or clinician."""
    if not _ID.fullmatch(text):
        rule = diagnose(text, "wrong_form")
        is_person = rule == "wrong_form" and diagnose is _diagnose and is_name(text)
        return broken(rule="identity_name" if is_person else rule, hint="letters, digits, - and _")
    if text.casefold() in ID_MISSING_WORDS:
        return broken(rule="missing_word")
    if re.search(r"[A-Za-z]", text):
        return Cell(
            rule="identity_name"
            if _TITLED_ID.fullmatch(text)
            else "identity_record_number"
            if _RECORD.search(text) and is_record_number(text)
            else ""
        )
    rule = "digit_only_id" if text.isdigit() or diagnose is _wrong else identity_rule(text) or "digit_only_id"
    return broken(rule=rule, hint="an id holds at least one letter")


def _diagnose(text: str, otherwise: str) -> str:
    """Why a text is not a value: the most telling rule first, since one cell is reported once."""
    tests = (
        ("formula_cell", lambda: text[0] in _FORMULA),
        ("", lambda: identity_rule(text)),
        ("spreadsheet_damage", lambda: is_spreadsheet_damage(text)),
        ("formula_cell", lambda: text[0] == "+"),  # after identity: a phone number may begin with +
        ("padding", lambda: text != text.strip()),
        ("missing_word", lambda: text.casefold() in MISSING_WORDS),
        ("other_digits", lambda: any(c.isdigit() and not c.isascii() for c in text)),
    )
    for rule, applies in tests:
        if found := applies():
            return rule or str(found)
    return otherwise


_READERS: dict[Kind, Callable[[Column, str, Diagnosis], Cell]] = {
    Kind.ID: _id,
    Kind.UNIT: _id,
    Kind.CODE: _code,
    Kind.YES_NO: _code,
    Kind.ICD10: _icd10,
    Kind.MONTH: _month,
    Kind.DAY: _whole,
    Kind.COUNT: _whole,
    Kind.NUMBER: _number,
    Kind.SCORE: _number,
}
