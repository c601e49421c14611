"""A set of concepts: what a word or a code of a clinic means in one of our closed lists, or what it is nearest to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz, process

from synapse_analytics import vocabulary as v
from synapse_analytics.intake.concepts.shape import LISTS, Concept, ConceptFile, raise_all, read_concepts
from synapse_analytics.intake.concepts.text import SYSTEMS, normal_code, normal_words, owner, speaks_alone, system_named
from synapse_analytics.intake.faults import Faults, Spot
from synapse_analytics.plain_yaml import shown

_SHORT = 2  # letters of a word that alone says little
_HERE = Path(__file__).parent
_ALIKE = 82  # of 100: one wrong letter in a word of six; among abbreviations of three letters every letter counts
_LONGEST = 8  # words in a row that are looked for inside a text; no name of ours has more


@dataclass(frozen=True, slots=True)
class ConceptSet:
    """Words and codes, and what they mean. `suggested` holds codes that nobody verified: they never decide a meaning."""

    list: str  # diagnoses, treatments, ...
    words: dict[str, str]  # normal word -> our code
    codes: dict[str, dict[str, str]]  # system -> normal code -> our code
    suggested: dict[str, dict[str, str]]

    def meaning(self, text: str, system: str = "") -> str | None:
        """Our code for a text that is exactly a known word or a verified code; None when it is neither, or when two systems differ.

        `system`: the code system, by our name, OMOP's or FHIR's; its codes alone are then looked up. Without it, numbers of fewer than
        five digits are no codes. Codes of ICD-10, ATC and OPCS-4 stand for all that begin with them.
        """
        if system:
            return _looked_up(self.codes, text, system) or None
        return self.words.get(normal_words(text)) or _looked_up(self.codes, text) or None

    def nearest(self, text: str) -> str:
        """Our code that is nearest to a text: an unverified code, a known word among others, or one with a typo; "" when nothing is close."""
        code = self.meaning(text) or _looked_up(self.suggested, text) or _within(self.words, normal_words(text).split())
        if code:
            return code
        found = process.extractOne(normal_words(text), self.words.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
        return self.words[found[0]] if found else ""


def load(name_or_path: str | Path) -> ConceptSet:
    """The set of this name (diagnoses, treatments, ...) or of a clinic's own file; IntakeRefused says what is wrong with the file."""
    return _own(str(name_or_path)) if str(name_or_path) in LISTS else _read(Path(name_or_path))


@cache
def _own(name: str) -> ConceptSet:
    """Our own set of this name, read once in a process."""
    return _read(_HERE / f"{name}.yaml")


def _read(path: Path) -> ConceptSet:
    file, faults = read_concepts(path), Faults()
    spot, terms = Spot(path.name), LISTS[file.list]
    for concept in file.concepts:
        if concept.means not in v.codes(terms):
            faults.add(f"The list of {file.list} has no {shown(concept.means)}.", f"Allowed: {', '.join(v.codes(terms))}.", [spot])
    words = _collected(((normal_words(word), means) for word, means in _words(file, terms)), "The word", (faults, spot))
    codes = {system: _collected(_codes(file, system, verified=True), f"The {system} code", (faults, spot)) for system in SYSTEMS}
    raise_all(faults)
    suggested = {system: dict(_codes(file, system, verified=False)) for system in SYSTEMS}
    return ConceptSet(file.list, words, codes, suggested)


def _words(file: ConceptFile, terms: tuple[v.Term, ...]) -> Iterator[tuple[str, str]]:
    """Every word of a file, and the code and label of every entry of our list."""
    yield from ((name, term.code) for term in terms for name in (term.code, term.label))
    yield from ((word, concept.means) for concept in file.concepts for word in concept.words)


def _codes(file: ConceptFile, system: str, *, verified: bool) -> Iterator[tuple[str, str]]:
    for concept in file.concepts:
        yield from ((code, concept.means) for code in _codes_of(concept, system, verified=verified))


def _codes_of(concept: Concept, system: str, *, verified: bool) -> list[str]:
    return [normal_code(code) for part in concept.codes if part.system == system and part.verified is verified for code in part.codes]


def _collected(pairs: Iterator[tuple[str, str]], what: str, report: tuple[Faults, Spot]) -> dict[str, str]:
    """Name -> meaning; a name with two meanings is a fault."""
    meanings: dict[str, str] = {}
    for name, means in pairs:
        if not name:
            report[0].add(
                f"{what} of {means} has no letter and no digit.", "Write it under `codes` of the field in the mapping.", [report[1]]
            )
        elif meanings.setdefault(name, means) != means:
            report[0].add(f"{what} {name} means {meanings[name]} and {means}.", "Leave it in one of them.", [report[1]])
    return meanings


def _looked_up(codes: dict[str, dict[str, str]], text: str, system: str = "") -> str:
    """The one meaning of a code in its system, or in all systems when none is named."""
    code = normal_code(text)
    if not code or not (system or speaks_alone(code)):
        return ""
    systems = [system_named(system)] if system else list(codes)
    meanings = {owner(one, code, codes.get(one, {})) for one in systems} - {""}
    return meanings.pop() if len(meanings) == 1 else ""


def _within(words: dict[str, str], parts: list[str]) -> str:
    """The meaning of the longest known words inside a text: `PIVD L4-L5 left` is PIVD, `VAS leg 6m` is VAS leg and not VAS.

    Words of two letters count only at the start: `PT sessions` is physical therapy, `Trigger pt inj` is not.
    """
    lengths = range(min(len(parts), _LONGEST), 0, -1)
    runs = ((start, " ".join(parts[start : start + n])) for n in lengths for start in range(len(parts) - n + 1))
    return next((words[run] for start, run in runs if run in words and (start == 0 or len(run) > _SHORT)), "")
