"""The shape of a file of concepts, and what is wrong with one in sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from synapse_analytics import vocabulary as v
from synapse_analytics.intake.concepts.text import SYSTEMS
from synapse_analytics.intake.faults import NAMED, Faults, Spot, more_than_named
from synapse_analytics.plain_yaml import NotPlain, as_text, plain, shown, text_of

CONCEPTS_FORMAT = "synapse-concepts/1"
LISTS: dict[str, tuple[v.Term, ...]] = {
    "diagnoses": v.DIAGNOSES,
    "treatments": v.TREATMENTS,
    "investigations": v.INVESTIGATIONS,
    "symptoms": v.SYMPTOMS,
    "instruments": v.INSTRUMENTS,
    "statuses": v.STATUSES,
    "sexes": v.SEXES,
}
_UNUSABLE = "The file of concepts cannot be used."
_COPY = f"Copy one of ours and edit it: {', '.join(LISTS)}."


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Codes(_Part):
    """Codes of one system: where somebody checked them, or `verified: false`."""

    system: Literal["icd10", "snomed", "rxnorm", "atc", "cpt", "opcs4", "loinc", "omop"]
    codes: tuple[str, ...]
    source: str = ""
    verified: bool = True

    @model_validator(mode="after")
    def _has_source(self) -> Codes:
        if self.verified and not self.source.strip():
            raise ValueError("name the source in which somebody checked the codes, or write `verified: false`")
        return self


class Concept(_Part):
    """What one code of our list is called."""

    means: str
    words: tuple[str, ...] = ()
    codes: tuple[Codes, ...] = ()


class ConceptFile(_Part):
    """A whole file: the list that its meanings belong to, and its concepts."""

    format: Literal["synapse-concepts/1"]
    list: Literal["diagnoses", "treatments", "investigations", "symptoms", "instruments", "statuses", "sexes"]
    concepts: tuple[Concept, ...]


def read_concepts(path: Path) -> ConceptFile:
    """The file as it is; IntakeRefused with every fault in a sentence."""
    faults = Faults()
    content = _content(path, faults)
    faults.raise_if_any(_UNUSABLE)
    try:
        return ConceptFile.model_validate(content)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        for found in wrong[:NAMED]:
            faults.add(*_sentence(found), [Spot(path.name)])
        for more in more_than_named(len(wrong)):
            faults.add(more.sentence, more.advice)
    raise_all(faults)
    raise AssertionError  # there was a fault


def raise_all(faults: Faults) -> None:
    """Raise IntakeRefused when there is a fault."""
    faults.raise_if_any(_UNUSABLE)


def _content(path: Path, faults: Faults) -> Any:
    try:
        return plain(text_of(path), as_text).values  # as YAML reads the word `no` as false and the code 0010 as 8
    except OSError:
        faults.add("There is no such file of concepts.", _COPY, [Spot(path.name)])
    except NotPlain as fault:
        faults.add(fault.sentence, fault.advice, [Spot(path.name, row=fault.line)])
    return None


def _sentence(found: Any) -> tuple[str, str]:
    """What pydantic found, as a sentence and an advice."""
    place = ", ".join(f"number {part + 1}" if isinstance(part, int) else shown(part) for part in found["loc"]) or "the file"
    if found["type"] == "missing":
        return f"{place}: it is missing.", _COPY
    if found["type"] == "extra_forbidden":
        return f"{place}: no such word belongs there.", "Delete it, or put a text that holds a comma in quotes."
    if found["type"] == "literal_error":
        return f"{place}: no such name.", f"Allowed: {found['ctx']['expected'].replace(chr(39), '')}."
    return f"{place}: {found['msg'].removeprefix('Value error, ')}.", f"Code systems: {', '.join(SYSTEMS)}. {_COPY}"
