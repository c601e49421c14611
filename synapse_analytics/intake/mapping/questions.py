"""What a mapping leaves open: every `ask`, and every value that is still "?", in the order of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.intake.concepts import ConceptSet, load
from synapse_analytics.intake.concepts.shape import LISTS
from synapse_analytics.intake.faults import Fault
from synapse_analytics.intake.mapping.fields import FieldOf, Reads, answered, record_kind, units_of
from synapse_analytics.intake.mapping.model import OPEN, Mapping
from synapse_analytics.intake.mapping.places import Place, place_in
from synapse_analytics.plain_yaml import shown

OF_CODES = (("codes",), ("boxes",))  # the parts of a field below which each code, or each box, has its meaning
_ANSWER = "Answer it here, then delete the line `ask`."
TEXTS_OF_SOURCE = frozenset({"missing", "where", "unless", "left_out", "why", "split"})  # there "?" is a text of the source


def open_questions(mapping: Mapping) -> list[Fault]:
    """Every question that is still open, with its place and what to write; empty when `anonymise` may run."""
    values = mapping.model_dump(by_alias=True, exclude_defaults=True)
    return [_fault(mapping, values["rows"], place, value) for place, value in _open(values, ())]


def _open(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            if key not in TEXTS_OF_SOURCE or place[-1:] in OF_CODES:
                yield from _open(one, (*place, key))
    elif isinstance(value, (list, tuple)):
        for number, one in enumerate(value):
            yield from _open(one, (*place, number) if len(value) > 1 or isinstance(one, dict) else place)
    elif value == OPEN or (value and place[-1:] == ("ask",)):
        yield place, value


def _fault(mapping: Mapping, rows: Sequence[dict[str, Any]], place: Place, value: str) -> Fault:
    if place[-1] == "ask":
        return Fault(f"{place_in(rows, place[:-1])}: {value}", _ANSWER)
    if place[-2:-1] in OF_CODES:
        allowed = _nearest(mapping, place) + _allowed(mapping, place)
        return Fault(
            f"{place_in(rows, place[:-1])}: '{shown(place[-1])}' has no meaning yet.", f"Write {allowed}, or null to leave it out."
        )
    return Fault(f"{place_in(rows, place)}: this is still open.", f"Write {_wanted(mapping, place)} instead of '?'.")


def _nearest(mapping: Mapping, place: Place) -> str:
    """What the concept set of the field is nearest to for a code, as the beginning of a piece of advice."""
    rule = mapping.rows[int(place[1])].fields.get(str(place[3])) if len(place) > 4 and place[2] == "fields" else None
    near = concepts(rule.concept_set).nearest(str(place[-1])) if rule and rule.concept_set in LISTS else ""
    return f"{near}, which is nearest, or " if near else ""


@cache
def concepts(name: str) -> ConceptSet:
    """A set of concepts of ours, read once."""
    return load(name)


def _wanted(mapping: Mapping, place: Place) -> str:
    if place[0] == "rows" and place[-1] in {"value", "unit"}:
        return _allowed(mapping, place)
    return {
        "clinic": "the name of the clinic",
        "data_until": "the last month with complete data, such as 2026-06,",
        "deidentified_by": "who runs the anonymisation",
        "is": "one_per_patient, column, gap or referral",
        "day_zero": "first_visit, first_record, first_score or first_treatment",
        "format": "how the dates are written, such as day/month/year or month/day/year,",
        "from": "the name of the column",
    }.get(str(place[-1]), "the answer")


def _allowed(mapping: Mapping, place: Place) -> str:
    """What may be written for a code or a value of the field at a place."""
    words = words_at(mapping, place)
    return f"one of {', '.join(words)}" if words else "what it means"


def field_at(mapping: Mapping, place: Place) -> FieldOf | None:
    """The field of the record that a place in `rows` is about; None where there is no such field."""
    if len(place) < 4 or place[2] != "fields":
        return None
    rule = mapping.rows[int(place[1])]
    field = next((one for one in record_kind(rule.into).fields if one.name == place[3]), None)
    boxes = str(place[3]) in rule.fields and rule.fields[str(place[3])].boxes
    return answered(field) if field and boxes and "boxes" not in place[4:5] else field


def words_of_boxes(field: FieldOf) -> tuple[str, ...]:
    """What a yes in a box of this field may mean."""
    return {Reads.COUNT: ("1",), Reads.YES_NO: ("yes",)}.get(field.reads) or words_of(field)


def words_at(mapping: Mapping, place: Place) -> tuple[str, ...]:
    """The words that may be written for a code, a box, a value or a unit at a place; none where any text may."""
    field = field_at(mapping, place)
    if field is None:
        return ()
    if place[4:] == ("unit",):
        return units_of(field, mapping.rows[int(place[1])].fields[field.name])
    return words_of_boxes(field) if place[4:5] == ("boxes",) else words_of(field)


def words_of(field: FieldOf) -> tuple[str, ...]:
    """The words of the closed list that a field takes; none where it takes numbers, dates or ids."""
    if field.reads is Reads.YES_NO:
        return v.codes(v.YES_NO)
    return v.codes(field.terms)
