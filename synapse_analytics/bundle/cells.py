"""The meaning of one text in one column: the value that is stored, or the rule that the text breaks.

Texts repeat, so this runs once for each distinct text of a column, not once for each row. Whole columns of ids are judged in `ids`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal
from functools import cache

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.identity import identity_rule, is_name, is_record_number, is_spreadsheet_damage, is_titled_code
from synapse_analytics.bundle.schema import ID_PATTERN, Column, Kind

THOUSANDTHS = 1000
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,30})?")
_ICD10 = re.compile(r"[A-Z][0-9]{2}(?:\.?[0-9A-Z]{1,4})?")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_ID = re.compile(ID_PATTERN)
_FIVE_DIGITS = re.compile(r"[0-9]{5}")  # OPD-101 may be the code of a site, OPD-10177 is a record
_FORMULA = "=@\t\uff1d\uff0b\uff20"  # with the full-width twins; a + is judged after phone numbers
_YEARS = (1950, 2100)  # a first visit outside these years is a slip of the pen
_SCORE_LIMIT = Decimal(100_000)  # far outside every instrument; the instrument's own range is checked with its row
MISSING_WORDS = frozenset("nan na n/a #n/a #na nat null none nil nul missing unknown undefined inf infinity - -- ? . tbd".split())  # noqa: SIM905
ID_MISSING_WORDS = frozenset({"nan", "null", "none", "nat"})  # NA may be a site's code


@dataclass(frozen=True, slots=True)
class Cell:
    """A stored value with its size before rounding, rounded away from zero (ranges hold before rounding); or a broken rule with its hint."""

    value: int = 0
    reach: int = 0
    rule: str = ""
    hint: str = ""


@cache
def broken(rule: str, hint: str = "") -> Cell:
    """The cell of a text that breaks a rule; there are few such cells for what may be millions of texts."""
    return Cell(rule=rule, hint=hint)


def read_cell(column: Column, text: str, *, closely: bool = True) -> Cell:
    """The stored value of a text that is not empty, or the rule that the text breaks and the nearest legal value or range.

    To look closely for the most telling rule takes fifty times as long; of a million wrong texts nobody needs it.
    """
    cell = _READERS[column.kind](column, text)
    return _most_telling(column, text, cell) if closely and cell.rule else cell


def _number(column: Column, text: str) -> Cell:
    """A decimal number in thousandths."""
    if not _DECIMAL.fullmatch(text):
        return broken("wrong_type", "a decimal number such as 3.5")
    number = Decimal(text)
    low, high = (-_SCORE_LIMIT, _SCORE_LIMIT) if column.low is None else (Decimal(str(column.low)), Decimal(str(column.high)))
    if not low <= number <= high:
        return _out_of_range(column)
    return Cell(_thousandths(number, ROUND_HALF_UP), _thousandths(number, ROUND_UP))


def _thousandths(number: Decimal, rounding: str) -> int:
    return int((number * THOUSANDTHS).quantize(Decimal(1), rounding=rounding))


def _whole(column: Column, text: str) -> Cell:
    if not _INTEGER.fullmatch(text):
        return broken("wrong_type", "a whole number")
    number = int(text)
    if column.name == "age_years" and 90 < number <= 150:
        return broken("age_over_90", "90 means 90 and over")
    if column.low is not None and column.high is not None and not column.low <= number <= column.high:
        return _out_of_range(column)
    return Cell(number, number)


def _out_of_range(column: Column) -> Cell:
    return broken("out_of_range", "" if column.low is None else f"{column.low:g} to {column.high:g}")


def _legal_codes(column: Column) -> tuple[str, ...]:
    return v.codes(column.terms if column.kind is Kind.CODE else v.YES_NO)


def _code(column: Column, text: str) -> Cell:
    legal = _legal_codes(column)
    return Cell(legal.index(text)) if text in legal else broken("unknown_code")


def _month(_column: Column, text: str) -> Cell:
    match = _MONTH.fullmatch(text)
    if not match:
        return broken("wrong_form", "YYYY-MM")
    year, month = int(match[1]), int(match[2])
    if not (_YEARS[0] <= year <= _YEARS[1] and 1 <= month <= 12):
        return broken("out_of_range", "YYYY-MM")
    return Cell(year * 12 + month - 1)


def _icd10(_column: Column, text: str) -> Cell:
    return Cell() if _ICD10.fullmatch(text) else broken("wrong_form", "such as M51.1")


def _id(_column: Column, text: str) -> Cell:
    """An id, or the short code of a site or clinician."""
    if not _ID.fullmatch(text):
        return broken("wrong_form", "letters, digits, - and _")
    if text.casefold() in ID_MISSING_WORDS:
        return broken("missing_word")
    if not re.search(r"[A-Za-z]", text):
        return broken("digit_only_id", "an id holds at least one letter")
    if is_titled_code(text):
        return broken("identity_name")
    return broken("identity_record_number") if _FIVE_DIGITS.search(text) and is_record_number(text) else Cell()


_READERS: dict[Kind, Callable[[Column, str], Cell]] = {
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


def _most_telling(column: Column, text: str, cell: Cell) -> Cell:
    """The same cell, or one with a rule that says more: a phone number in place of a code is no misspelt code."""
    if cell.rule in ("wrong_type", "wrong_form"):
        rule = _fault_of(text)
        if not rule and column.kind in (Kind.ID, Kind.UNIT) and is_name(text):
            rule = "identity_name"
        return broken(rule or cell.rule, cell.hint)
    if cell.rule == "unknown_code":
        return _unknown_code(_legal_codes(column), text)
    if cell.rule == "digit_only_id" and not text.isdigit():
        return broken(identity_rule(text) or cell.rule, cell.hint)
    if cell.rule == "out_of_range" and len(text) >= 8 and (identity := identity_rule(text)):
        return broken(identity)
    return cell


def _unknown_code(legal: tuple[str, ...], text: str) -> Cell:
    if text[0] in _FORMULA:
        return broken("formula_cell")
    if text.strip() in legal:
        return broken("padding")
    plain = re.sub(r"[\s-]+", "_", text.strip().casefold())
    may_be_code = len(text) <= 64 and sum(map(str.isdigit, text)) < 4  # no code has more digits; the comparison is slow
    nearest = difflib.get_close_matches(plain, legal, 1, 0.6) if may_be_code else []
    if nearest:
        return broken("unknown_code", nearest[0])
    return broken(_fault_of(text) or ("identity_name" if is_name(text) else "unknown_code"))


def _fault_of(text: str) -> str:
    """The most telling rule that this text breaks in any column, as one cell is reported once; empty when it breaks none."""
    return next(filter(None, _faults_of(text)), "")


def _faults_of(text: str) -> Iterator[str]:
    yield "formula_cell" if text[0] in _FORMULA else ""
    yield identity_rule(text) or ""
    yield "spreadsheet_damage" if is_spreadsheet_damage(text) else ""
    yield "formula_cell" if text[0] == "+" else ""  # after identity_rule: a phone number may begin with +
    yield "padding" if text != text.strip() else ""
    yield "missing_word" if text.casefold() in MISSING_WORDS else ""
    yield "other_digits" if any(c.isdigit() and not c.isascii() for c in text) else ""
