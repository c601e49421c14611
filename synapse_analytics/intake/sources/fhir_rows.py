"""FHIR resources to rows of text, one list of columns for each kind of resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from synapse_analytics.intake.sources.fhir_files import Found, Resource
from synapse_analytics.intake.sources.fhir_parts import at, by_identifier, codings, concept_of, day, reference, text
from synapse_analytics.intake.sources.fhir_shapes import IDENTITY, SHAPES, Paths, Shape

Row = dict[str, str | None]
CODE = ("code", "code_system", "code_text", "codings", "icd10")
LEFT_AT_THE_DOOR = "(not read)"  # stands for a part of a Patient that says who it is


def rows_of(found: Found) -> Iterator[Row]:
    """The row of a resource; of an Observation also one for each component."""
    resource = found.resource
    kind = resource["resourceType"]
    row = row_of(resource, SHAPES[kind], found.url)
    if kind == "Patient":
        row |= {name: LEFT_AT_THE_DOOR if resource.get(name) else None for name in IDENTITY}
    if kind == "QuestionnaireResponse":
        row |= answers(resource.get("item"))
    if kind != "Observation":
        yield row
        return
    yield {"component_of": None, **row}
    for number, part in enumerate(_dicts(resource.get("component")), start=1):
        yield {"component_of": row["id"], **row, **_component(part, f"{row['id']}-{number}")}


def row_of(resource: Resource, shape: Shape, url: str = "") -> Row:
    """The cells of one resource by column."""
    row: Row = {"id": text(resource.get("id")) or url.rpartition(":")[2].rpartition("/")[2] or None}
    contained = {str(one.get("id")): one for one in _dicts(resource.get("contained"))}
    for name, (kind, paths) in shape.references.items():
        row[name] = reference(_first(resource, paths), kind, contained)
    if shape.code:
        row |= zip(CODE, concept_of(_first(resource, shape.code) or _within(resource, contained)), strict=True)
    for name, paths in shape.dates.items():
        row[name] = day(_first(resource, paths))
    for name, paths in shape.texts.items():
        row[name] = text(_first(resource, paths))
    return row


def _within(resource: Resource, contained: dict[str, Any]) -> Any:
    """The code of a medicine that the resource itself holds."""
    inside = str(at(resource, ("medicationReference", "reference")) or "").removeprefix("#")
    return at(contained.get(inside), ("code",))


def _component(part: Resource, name: str) -> Row:
    shape = SHAPES["Observation"]
    values = {column: text(_first(part, paths)) for column, paths in shape.texts.items() if column.startswith(("value", "unit"))}
    return {"id": name, **dict(zip(CODE, concept_of(part.get("code")), strict=True)), **values}


def answers(items: Any) -> Row:
    """The answer to each question of a QuestionnaireResponse by its linkId; several answers stand with semicolons between them."""
    row: Row = {}
    for item in _dicts(items):
        given = _dicts(item.get("answer"))
        said = [value for answer in given if (value := _answer(answer))]
        if text(item.get("linkId")):
            row[item["linkId"].strip()] = "; ".join(said) or None
        for nested in (item, *given):
            row |= answers(nested.get("item"))
    return row


def questions(items: Any) -> dict[str, str]:
    """The words of each question by its linkId."""
    found: dict[str, str] = {}
    for item in _dicts(items):
        if text(item.get("linkId")) and text(item.get("text")):
            found[item["linkId"].strip()] = item["text"].strip()
        for nested in (item, *_dicts(item.get("answer"))):
            found |= questions(nested.get("item"))
    return found


def _answer(answer: Resource) -> str | None:
    for name, value in answer.items():
        if name == "valueCoding":
            return text(at(value, ("code",))) or text(at(value, ("display",)))
        if name == "valueQuantity":
            return text(at(value, ("value",)))
        if name in {"valueDate", "valueDateTime"}:
            return day(value)
        if name.startswith("value"):
            return text(value)
    return None


def displays(resource: Resource) -> Iterator[tuple[str, str, str]]:
    """(column, code, words) of the codes of a resource that say what they mean."""
    shape = SHAPES[resource["resourceType"]]
    yield from _choices(resource.get("item"))
    places = {"code": shape.code, "value_code": (("valueCodeableConcept",), ("conclusionCode",))} if shape.code else {}
    for column, paths in places.items():
        for path in paths:
            for coding in codings(at(resource, path)):
                if words := text(coding.get("display")):
                    yield column, coding["code"].strip(), words


def _choices(items: Any) -> Iterator[tuple[str, str, str]]:
    """The same of the answers of a questionnaire, by linkId."""
    for item in _dicts(items):
        given = _dicts(item.get("answer"))
        for coding in (answer["valueCoding"] for answer in given if isinstance(answer.get("valueCoding"), dict)):
            if text(item.get("linkId")) and text(coding.get("code")) and (words := text(coding.get("display"))):
                yield item["linkId"].strip(), coding["code"].strip(), words
        for nested in (item, *given):
            yield from _choices(nested.get("item"))


def names_of(found: Found) -> Iterator[tuple[str, str]]:
    """(name, id) under which references know a resource besides its id: the urn of its Bundle, and its identifiers."""
    resource = found.resource
    own = text(resource.get("id")) or found.url.rpartition(":")[2]
    if found.url.startswith("urn:"):
        yield found.url, own
    for identifier in _dicts(resource.get("identifier")):
        if name := by_identifier(resource["resourceType"], identifier):
            yield name, own


def _first(resource: Resource, paths: Paths) -> Any:
    for path in paths:
        value = at(resource, path)
        if value is not None:
            return value
    return None


def _dicts(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; a single object counts as one."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
