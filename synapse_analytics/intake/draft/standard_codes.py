"""What the codes of a standard's table mean in our lists: by the code in its system, else by the words beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow.compute as pc

from synapse_analytics import vocabulary as v
from synapse_analytics.intake.concepts import ConceptSet, load
from synapse_analytics.intake.concepts.text import normal_words
from synapse_analytics.intake.raw import RawTable

_TAG = re.compile(r"\s*\((?:disorder|procedure|finding|situation|regime/therapy|observable entity|substance|product)\)$")
_MEDICINES = frozenset(term.code for term in v.TREATMENTS if term.treatment_class == "medication")
_SHORTEST = 6  # letters of a medicine or diagnosis that is looked for inside a longer name


@dataclass(frozen=True, slots=True)
class Known:
    """The codes of one column that mean something in a list; those in `by_part` only by a part of their words."""

    codes: dict[str, str] = field(default_factory=dict)
    by_part: frozenset[str] = frozenset()
    distinct: int = 0

    @property
    def why(self) -> str:
        """How many of the codes have a meaning."""
        return f"{len(self.codes)} of {self.distinct} codes of this table are in the concept set"


def distinct(table: RawTable, column: str) -> list[str]:
    """The different texts of a column, in alphabetical order; none when there is no such column."""
    if column not in table.cells.column_names:
        return []
    return sorted(text for text in pc.unique(table.column(column)).to_pylist() if text)


def words_of(table: RawTable, column: str) -> Mapping[str, str]:
    """What the source calls each code of a column."""
    return table.choices.get(column, {})


def known_codes(table: RawTable, column: str, name: str, systems: Mapping[str, tuple[str, str]]) -> Known:
    """The codes of a column that mean something in the list `name`. `systems`: code -> (code system, code in it)."""
    concepts, words = load(name), words_of(table, column)
    found, by_part = {}, set()
    every = distinct(table, column)
    for code in every:
        meaning = _meaning(concepts, code, words.get(code, ""), systems)
        if not meaning and name in _BY_PART and (meaning := _BY_PART[name](concepts, words.get(code, ""))):
            by_part.add(code)
        if meaning:
            found[code] = meaning
    return Known(found, frozenset(by_part), len(every))


def _meaning(concepts: ConceptSet, code: str, words: str, systems: Mapping[str, tuple[str, str]]) -> str | None:
    system, own = systems.get(code, ("", code))
    by_code = (concepts.meaning(own, system) if system else None) or concepts.meaning(code, "omop")
    return by_code or (concepts.meaning(_TAG.sub("", words)) if words else None)


def _medicine(concepts: ConceptSet, words: str) -> str:
    """The one medicine that is named inside longer words (`Ibuprofen 200 MG Oral Tablet`); "" for combinations of several."""
    if "/" in words:
        return ""
    parts = set(re.findall(r"[a-z]+", words.lower()))
    found = {means for word, means in concepts.words.items() if len(word) >= _SHORTEST and word in parts and means in _MEDICINES}
    return found.pop() if len(found) == 1 else ""


def _diagnosis(concepts: ConceptSet, words: str) -> str:
    """The one diagnosis that is named inside longer words (`Chronic low back pain`); "" when several of different meaning are."""
    said = f" {normal_words(words)} "
    found = {means for word, means in concepts.words.items() if len(word) >= _SHORTEST and f" {word} " in said}
    return found.pop() if len(found) == 1 else ""


_BY_PART = {"treatments": _medicine, "diagnoses": _diagnosis}  # the others are too short, or mean too much


def codes_of_terms(table: RawTable, column: str, terms: Sequence[v.Coded], texts: Sequence[str]) -> dict[str, str]:
    """The texts of a column whose code or words are those of an entry of a closed list."""
    names = {name.lower(): term.code for term in terms for name in (term.code, term.label)}
    words = words_of(table, column)
    return {text: names[said] for text in texts if (said := words.get(text, text).lower()) in names}
