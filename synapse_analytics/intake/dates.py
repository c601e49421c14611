"""Dates as clinics write them, by the forms that the mapping names: never by a guess between day-first and month-first."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 - twelve words
_PARTS = {
    "day": r"(?P<day>\d{1,2})",
    "month": r"(?P<month>\d{1,2})",
    "Mon": r"(?P<Mon>[A-Za-z]{3,9})\.?",
    "year": r"(?P<year>\d{4})",
    "yy": r"(?P<yy>\d{2})",
}
_TIME = r"(?:[T ]\d{1,2}:\d{2}.*)?"
_WORD = re.compile("[A-Za-z]+")
_EXCEL = "excel"
_DAY_ONE_OF_EXCEL = date(1899, 12, 30).toordinal()  # so that 1 March 1900 and all later days come out right
_EPOCH = date(1970, 1, 1).toordinal()
_FIRST_YEAR, _LAST_YEAR = 1880, 2200
ReadDate = Callable[[str], int | None]


def is_date_form(form: str) -> bool:
    """True for a form that can be read: `excel`, or day, month (or Mon) and year (or yy), each once, with any signs between."""
    words = set(_WORD.findall(form))
    return form == _EXCEL or words in ({"day", month, year} for month in ("month", "Mon") for year in ("year", "yy"))


def date_reader(forms: Sequence[str], *, of_birth: bool = False) -> ReadDate:
    """A function from a text to days since 1970-01-01, by the first of the forms that fits; None when none does.

    A year of two digits is the latest that is not after the present one; a date of birth is then not after today either.
    """
    latest = _today() if of_birth else None
    readers = [_excel if form == _EXCEL else _by_pattern(form, latest) for form in forms]

    def read(text: str) -> int | None:
        return next((day for reader in readers if (day := reader(text)) is not None), None)

    return read


def years_of_two_digits(forms: Sequence[str]) -> str:
    """How years of two digits are read, as a part of a sentence; "" where the forms have none."""
    now = _today().year
    own = now % 100
    after = f" and {own + 1:02}-99 as {now - 99}-{now - own - 1}" if own < 99 else ""
    return f"years 00-{own:02} are read as {now - own}-{now}{after}" if any("yy" in _WORD.findall(form) for form in forms) else ""


def _today() -> date:
    return date.today()  # noqa: DTZ011 - a day of the clinic


def _by_pattern(form: str, latest: date | None) -> ReadDate:
    parts = re.split("([A-Za-z]+)", form)
    pattern = re.compile("".join(_PARTS.get(part, re.escape(part)) for part in parts) + _TIME, re.ASCII)

    def read(text: str) -> int | None:
        match = pattern.fullmatch(text)
        return _day_of(match.groupdict(), latest) if match else None

    return read


def _day_of(found: dict[str, str], latest: date | None) -> int | None:
    month = MONTHS.index(word) + 1 if (word := found.get("Mon", "")[:3].lower()) in MONTHS else int(found.get("month", 0))
    year = int(found["year"]) if "year" in found else _century(int(found["yy"]))
    if latest and "yy" in found and (year, month, int(found["day"])) > (latest.year, latest.month, latest.day):
        year -= 100
    try:
        return date(year, month, int(found["day"])).toordinal() - _EPOCH if _FIRST_YEAR <= year <= _LAST_YEAR else None
    except ValueError:  # 31 February
        return None


def _century(two_digits: int) -> int:
    """The latest year with these two digits that is not after the present one: nobody is born, and nothing is done, in the future."""
    latest = _today().year
    return latest - (latest - two_digits) % 100


def _excel(text: str) -> int | None:
    if not re.fullmatch(r"\d{1,6}(?:\.\d+)?", text, re.ASCII):
        return None
    day = int(float(text))
    return day + _DAY_ONE_OF_EXCEL - _EPOCH if 60 < day < 110_000 else None
