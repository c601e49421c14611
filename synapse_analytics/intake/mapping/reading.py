"""Reads a mapping: what is wrong with the file is said in sentences with the place, what is allowed and the nearest word."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, get_args

from pydantic import ConfigDict, ValidationError

from synapse_analytics.intake.faults import NAMED, Fault, Spot, more_than_named, refused
from synapse_analytics.intake.mapping.checking import faults_of
from synapse_analytics.intake.mapping.model import Mapping, Part, Reading
from synapse_analytics.intake.mapping.places import Place, choice, place_in
from synapse_analytics.intake.mapping.plain import Plain, plain, unreadable
from synapse_analytics.intake.mapping.questions import open_questions
from synapse_analytics.plain_yaml import NotPlain, shown, text_of

__all__ = ["faults_of", "mapping_from", "open_questions", "read_mapping", "read_readings"]
P = TypeVar("P", bound=Part)


class _Files(Part):
    """A file that says how files are read, and perhaps more."""

    model_config = ConfigDict(extra="ignore")

    files: dict[str, Reading]


def read_mapping(path: Path, name: str = "") -> Mapping:
    """The mapping in this file; IntakeRefused names every fault, the file (by `name`, where people know it by another) and the line."""
    name = name or path.name
    return mapping_from(_text_of(path, name), name)


def read_readings(path: Path) -> dict[str, Reading]:
    """How files are read, by a YAML file that says it under `files`: a whole mapping, or these lines alone."""
    return _validated(_Files, _text_of(path, path.name), path.name).files


def _text_of(path: Path, name: str) -> str:
    try:
        return text_of(path)
    except NotPlain as fault:
        raise unreadable(fault, name) from None
    except OSError:
        advice = "Name the file that `draft-mapping` wrote, and check that this account may read it."
        raise refused("The mapping cannot be read.", [Fault("There is no such file that can be read.", advice)]) from None


def mapping_from(text: str, name: str) -> Mapping:
    """The mapping in the YAML text of a file of this name; IntakeRefused names every fault."""
    return _validated(Mapping, text, name)


def _validated(part: type[P], text: str, name: str) -> P:
    found = plain(text, name)
    if not isinstance(found.values, dict):
        raise refused(
            "The mapping cannot be read.", [Fault("The file holds no keys.", "See docs/mapping.md for an example.", (Spot(name),))]
        )
    try:
        return part.model_validate(found.values)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=True)
        faults = [_fault(one, found) for one in wrong[:NAMED]] + more_than_named(len(wrong))
    raise refused("The mapping has faults.", faults)  # outside of `except`: a traceback would repeat what was written


def _fault(error: Any, found: Plain) -> Fault:
    place: Place = error["loc"]
    say = _SAYINGS.get(error["type"], _said_otherwise)
    sentence, advice = say(place, error)
    return Fault(f"{place_in(found.values.get('rows', ()), place)}: {sentence}", advice, found.spot(place))


def _unknown(place: Place, _error: Any) -> tuple[str, str]:
    return "this key does not belong here.", choice(str(place[-1]), _keys_at(place[:-1]))


def _missing(place: Place, _error: Any) -> tuple[str, str]:
    if isinstance(place[-1], int):
        return "a value is missing.", "Write lowest and highest, such as [0, 100]."
    return "this key is missing.", f"Write {place[-1]}: {_meaning(place)}."


def _not_listed(_place: Place, error: Any) -> tuple[str, str]:
    allowed = re.findall(r"'([^']*)'", error["ctx"]["expected"])
    return f"'{shown(error['input'])}' is not allowed.", choice(str(error["input"]), allowed)


def _of_kind(kind: str, example: str) -> Callable[[Place, Any], tuple[str, str]]:
    return lambda _place, error: (
        "nothing is written here." if error["input"] is None else f"this is not {kind}.",
        f"Write {example}, or delete the line." if error["input"] is None else f"Write {example}.",
    )


def _said_otherwise(_place: Place, error: Any) -> tuple[str, str]:
    return "this cannot be used.", f"{error['msg'].rstrip('.')}."


def _bounded(than: str) -> Callable[[Place, Any], tuple[str, str]]:
    return lambda _place, error: ("this number is not allowed.", f"Allowed: {next(iter(error['ctx'].values())):,} or {than}.")


_NUMBER = _of_kind("a whole number", "a whole number, such as 90")
_KEYS = _of_kind("a list of keys", "keys and values, each in a line of its own, such as `sex: Gender`")
_TEXT = _of_kind("one text", "one text")
_SAYINGS = MappingProxyType(
    {
        "extra_forbidden": _unknown,
        "missing": _missing,
        "literal_error": _not_listed,
        "int_parsing": _NUMBER,
        "int_type": _NUMBER,
        "int_parsing_size": _NUMBER,
        "greater_than_equal": _bounded("more"),
        "less_than_equal": _bounded("less"),
        "string_pattern_mismatch": lambda _place, _error: ("this is not a month.", "Allowed: year and month, such as 2026-06."),
        "float_parsing": _of_kind("a number", "a number, such as 100"),
        "float_type": _of_kind("a number", "a number, such as 100"),
        "bool_parsing": _of_kind("true or false", "true or false"),
        "bool_type": _of_kind("true or false", "true or false"),
        "string_type": _TEXT,
        "dict_type": _KEYS,
        "model_type": _KEYS,
        "model_attributes_type": _KEYS,
        "tuple_type": _of_kind("a list", "a list, each entry in a line of its own that begins with -"),
        "too_long": _of_kind("a list of two", "lowest and highest, such as [0, 100]"),
    }
)


def _meaning(place: Place) -> str:
    part = _part_at(place[:-1])
    meaning = {field.alias or name: field.description for name, field in part.model_fields.items()}.get(str(place[-1])) if part else ""
    return meaning or "its value"


def _keys_at(place: Place) -> list[str]:
    part = _part_at(place)
    return [field.alias or name for name, field in part.model_fields.items()] if part else []


def _part_at(place: Place) -> type[Part] | None:
    """The part of the mapping that stands at a place: at `rows, 3rd` a rule of rows."""
    part: type[Part] | None = Mapping
    annotation: Any = Mapping
    for step in place:
        fields = {field.alias or name: field.annotation for name, field in part.model_fields.items()} if part else {}
        annotation = fields.get(str(step)) if part else annotation
        if part is None:
            part = _inside(annotation)
            continue
        part = annotation if isinstance(annotation, type) and issubclass(annotation, Part) else None
    return part


def _inside(annotation: Any) -> type[Part] | None:
    return next((one for one in get_args(annotation) if isinstance(one, type) and issubclass(one, Part)), None)
