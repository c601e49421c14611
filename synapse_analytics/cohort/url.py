"""From a URL query to the values of a cohort: illegal values are left out and named; they are neither guessed nor an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from synapse_analytics.cohort.filters import AGE_LIMITS, FILTERS, RANGES, Filter
from synapse_analytics.cohort.link import is_link
from synapse_analytics.cohort.words import listed, lower_first

Units = Mapping[str, Sequence[str] | None]
SHOWN = 40  # characters of a wrong value that a notice repeats: enough to recognise a typing error
LISTED = 8  # wrong values that a notice names; the rest are counted
SWAPPED = "They were swapped."  # what a page does about limits in the wrong order


def read_url(text: str, *, units: Units) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The legal value of each filter of a URL query, and a notice for everything that was left out or mended."""
    notices: list[str] = []
    given = _given(text, notices)
    chosen = {name: _legal(FILTERS[name], values, units.get(name), notices) for name, values in given.items()}
    for low, high in RANGES:
        first, last = chosen.get(low), chosen.get(high)
        if first is not None and last is not None and first > last:
            notices.append(f"{FILTERS[low].label} {first} was after {lower_first(FILTERS[high].label)} {last}. {SWAPPED}")
            chosen[low], chosen[high] = last, first
    return chosen, tuple(notices)


def faults(notices: Iterable[str]) -> str:
    """What is wrong, without what a page does about it: an error swaps nothing."""
    return " ".join(notice.removesuffix(SWAPPED).rstrip() for notice in notices)


def _given(text: str, notices: list[str]) -> dict[str, list[str]]:
    """Parameter -> its values; `a=x&a=y` and `a=x,y` are the same."""
    query = text.partition("#")[0]
    query = query.split("?", 1)[-1] if is_link(query) else query
    given: dict[str, list[str]] = {}
    unknown: dict[str, None] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key in FILTERS:
            given.setdefault(key, []).extend(part.strip() for part in value.split(",") if part.strip())
        else:
            unknown[key] = None
    if unknown:
        notices.append(f"There is no filter {_listed(unknown)}.")
    return {name: given[name] for name in FILTERS if given.get(name)}


def _legal(declared: Filter, values: list[str], units: Sequence[str] | None, notices: list[str]) -> Any:
    read = [(text, _read(declared, text, units)) for text in dict.fromkeys(values)]
    wrong = [text for text, value in read if value is None]
    if wrong:
        notices.append(f"{declared.label}: {_listed(wrong, 'and')} is not known here.")
    right = tuple(value for _, value in read if value is not None)
    if declared.many:
        return right
    if len(right) > 1:
        notices.append(f"{declared.label} was given more than once; {right[0]} is used.")
    return right[0] if right else None


def _read(declared: Filter, text: str, units: Sequence[str] | None) -> Any:
    """The value of a text, or None when it is not legal; `units` are the sites or clinicians there are."""
    is_age = declared.field in AGE_LIMITS and text.isascii() and text.isdigit() and len(text) <= 3
    value = int(text) if is_age else text
    return value if declared.is_legal(value) and (units is None or text in units) else None


def _listed(texts: Iterable[str], last: str = "or") -> str:
    """Wrong values as a list that stays short, however many a link holds."""
    named = [quoted(text) for text in texts]
    return listed(named if len(named) <= LISTED else [*named[:LISTED], f"{len(named) - LISTED:,} more"], last)


def quoted(text: str) -> str:
    """A wrong value, cut and without control characters, so that a notice stays one short line."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text[:SHOWN])
    return f"'{clean}{'...' if len(text) > SHOWN else ''}'"
