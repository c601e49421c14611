"""The shape of a file of concepts, and what is wrong with one in sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from synapse_analytics import vocabulary as v
from synapse_analytics.intake.concepts.text import SYSTEMS
from synapse_analytics.intake.faults import Faults, Spot

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
        for found in error.errors(include_url=False, include_input=False):
            faults.add(*_sentence(found), [Spot(path.name)])
    raise_all(faults)
    raise AssertionError  # there was a fault


def raise_all(faults: Faults) -> None:
    """Raise IntakeRefused when there is a fault."""
    faults.raise_if_any(_UNUSABLE)


class _Twice(yaml.MarkedYAMLError):
    """A name stands twice in one entry: YAML alone would forget what stands at the first."""


class _Texts(yaml.BaseLoader):
    """Everything as text, as YAML reads the word `no` as false and the code 0010 as 8."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - as in the library
        names = [name.value for name, _ in node.value]
        if len(names) != len({*map(str, names)}):
            raise _Twice(problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


def _content(path: Path, faults: Faults) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Texts)  # noqa: S506 - it makes nothing but texts and lists
    except OSError:
        faults.add("There is no such file of concepts.", _COPY, [Spot(path.name)])
    except UnicodeDecodeError:
        faults.add("The file of concepts is not UTF-8 text.", "Save it as UTF-8.", [Spot(path.name)])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        faults.add(
            "A name stands twice in one entry." if isinstance(error, _Twice) else "The file of concepts is not YAML.",
            "See how colons, hyphens and indents stand in one of ours.",
            [Spot(path.name, row=mark.line + 1 if mark else None)],
        )
    return None


def _sentence(found: Any) -> tuple[str, str]:
    """What pydantic found, as a sentence and an advice."""
    place = ", ".join(f"number {part + 1}" if isinstance(part, int) else str(part) for part in found["loc"]) or "the file"
    if found["type"] == "missing":
        return f"{place}: it is missing.", _COPY
    if found["type"] == "extra_forbidden":
        return f"{place}: no such word belongs there.", "Delete it, or put a text that holds a comma in quotes."
    if found["type"] == "literal_error":
        return f"{place}: no such name.", f"Allowed: {found['ctx']['expected'].replace(chr(39), '')}."
    return f"{place}: {found['msg'].removeprefix('Value error, ')}.", f"Code systems: {', '.join(SYSTEMS)}. {_COPY}"
