"""Places in a mapping as people say them, and the nearest allowed word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from rapidfuzz import fuzz, process, utils

from synapse_analytics.intake.labels import shown_table
from synapse_analytics.intake.mapping.model import Into
from synapse_analytics.plain_yaml import shown

Place = tuple[str | int, ...]
ALIKE = 60  # of 100: from here on a word is offered as the one that may be meant
LONGEST = 200  # characters of a part of a place that are repeated


def place_words(place: Place) -> str:
    """A place in words: `("files", "a.csv", "header")` is "files, a.csv, header", and `("rows", 2)` is "rows, 3rd"."""
    return ", ".join(ordinal(part + 1) if isinstance(part, int) else shown(part, LONGEST) for part in place) or "the file"


def entry_words(number: int, table: object, into: object) -> str:
    """An entry of rows by what people see of it: rows from 'visits.csv' into scores (the 17th entry of rows)."""
    said = [f"from '{shown_table(table)}'"] if isinstance(table, str) else []
    said += [f"into {into}"] if into in get_args(Into) else []
    return f"{' '.join(['rows', *said])} (the {ordinal(number + 1)} entry of rows)"


def place_in(rows: Sequence[Mapping[str, Any]], place: Place) -> str:
    """A place in words, with an entry of rows by its table and what it becomes; `rows` are as written, right or wrong."""
    if place[:1] != ("rows",) or len(place) < 2 or not isinstance(place[1], int):
        return place_words(place)
    entry = rows[place[1]] if isinstance(rows[place[1]], Mapping) else {}
    return place_words((entry_words(place[1], entry.get("from"), entry.get("into")), *place[2:]))


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def nearest(word: str, allowed: Iterable[str], least: float = ALIKE) -> str:
    """The allowed word that is most like this one; "" when none is like it."""
    found = process.extractOne(word, list(allowed), scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=least)
    return found[0] if found else ""


def choice(word: str, allowed: Sequence[str]) -> str:
    """What may be meant and what is allowed, as a piece of advice."""
    near = nearest(word, allowed)
    meant = f"Did you mean '{near}'? " if near else ""
    return f"{meant}Allowed: {', '.join(allowed) or 'nothing'}."
