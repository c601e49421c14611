"""How the dates of a column are written. Day-first or month-first is proved by the values, or it stays open: it is never guessed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from synapse_analytics.intake.dates import ReadDate, date_reader, years_of_two_digits
from synapse_analytics.intake.draft.looks import Look
from synapse_analytics.intake.mapping.model import OPEN

_SIGNS = ("/", "-", ".", " ")
_PAIRS = tuple((f"day{sign}month{sign}{year}", f"month{sign}day{sign}{year}") for sign in _SIGNS for year in ("year", "yy"))
_PLAIN = (
    *(f"year{sign}month{sign}day" for sign in _SIGNS),
    *(f"day{sign}Mon{sign}{year}" for sign in _SIGNS for year in ("year", "yy")),
    "Mon day, year",
    "day Mon, year",
    "dayMonyear",
)
_READERS: dict[str, ReadDate] = {form: date_reader([form]) for form in (*_PLAIN, *(form for pair in _PAIRS for form in pair))}
_FIRST = 200  # texts that say which forms occur at all
MOSTLY = 0.7  # share of the cells that must be dates


@dataclass(frozen=True, slots=True)
class Dates:
    """The forms of the dates of a column ("?" where day and month can change places), why, and what to ask."""

    forms: tuple[str, ...]
    why: str
    ask: str = ""


def dates_of(look: Look) -> Dates | None:
    """How the dates of this column are written; None when it holds no dates."""
    told = look.table.date_formats.get(look.name)
    if told:
        return Dates((told,), "the data dictionary says how its dates are written")
    texts = list(look.counts)
    first = {form for text in texts[:_FIRST] for form in _fitting(text, tuple(_READERS))}
    fitting = {text: _fitting(text, tuple(first)) for text in texts} if first else {}
    read = sum(look.counts[text] for text, forms in fitting.items() if forms)
    if not read or read < MOSTLY * look.filled:
        return _serial(look)
    return _settled([forms for forms in fitting.values() if forms])


def _fitting(text: str, forms: tuple[str, ...]) -> frozenset[str]:
    if not 6 <= len(text) <= 30 or not any(sign.isdigit() for sign in text):
        return frozenset()
    return frozenset(form for form in forms if _READERS[form](text) is not None)


def _serial(look: Look) -> Dates | None:
    """Days as a spreadsheet counts them, where the name says that these are dates."""
    named = {"date", "dob", "dates"} & set(look.words.split("_"))
    if named and look.numbers and len(look.numbers) == len(look.counts) and all(5_000 < one < 70_000 for one in look.numbers.values()):
        return Dates(("excel",), "the header says that these are dates, and the values are counts of days of a spreadsheet")
    return None


def _settled(found: list[frozenset[str]]) -> Dates:
    forms = [form for form, _ in Counter(form for one in found for form in one if form in _PLAIN).most_common()]
    asks = []
    for day_first, month_first in _PAIRS:
        days = sum(day_first in one and month_first not in one for one in found)
        months = sum(month_first in one and day_first not in one for one in found)
        both = any({day_first, month_first} <= one for one in found)
        if days and not months:
            forms.append(day_first)
        elif months and not days:
            forms.append(month_first)
        elif days or both:
            forms.append(OPEN)
            proof = "the values show both" if days else "no value has a day after the 12th"
            asks.append(f"Are these dates {day_first} or {month_first}? It cannot be seen: {proof}.")
    years = years_of_two_digits([form for one in found for form in one])
    why = f"its values are dates, of which {years}" if years else "its values are dates"
    return Dates(tuple(dict.fromkeys(forms)), why, " ".join(asks) and f"{' '.join(asks)} Write it as the format.")
