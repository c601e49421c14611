"""FHIR resources out of files: Bundles, single resources and lists of them in JSON, and one resource a line in NDJSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from synapse_analytics.intake.faults import Faults, spot_of
from synapse_analytics.intake.sources.standard_files import File

ENDINGS = (".json", ".ndjson", ".jsonl")
NO_RESOURCE = "no resource"  # stands for a part that is JSON but no FHIR resource, such as the log of an export
Resource = dict[str, Any]
# Numbers stay as they are written: 6.0 is not 6, and nothing is rounded.
_parse = partial(json.loads, parse_float=str, parse_int=str)


@dataclass(frozen=True, slots=True)
class Found:
    """One resource, its file, the line of NDJSON or the number within a Bundle, and the URL that its Bundle knows it by."""

    resource: Resource
    file: str
    row: int
    url: str = ""


def resources(file: File, faults: Faults) -> Iterator[Found]:
    """Every resource of a file; what cannot be read is a fault with its line, and the rest is read."""
    lines = file.name.lower().endswith((".ndjson", ".jsonl"))
    yield from _of_lines(file, faults) if lines else _of_document(file, faults)


def _of_lines(file: File, faults: Faults) -> Iterator[Found]:
    with file.open() as stream:
        for number, line in enumerate(stream, start=1):
            text = line.strip().removeprefix(b"\xef\xbb\xbf")
            if text:
                for one, url in _unpacked(_read(text, file, faults, number)):
                    yield _found(one, url, file, number)


def _of_document(file: File, faults: Faults) -> Iterator[Found]:
    with file.open() as stream:
        content = _read(stream.read(), file, faults, None)
    for number, (one, url) in enumerate(_unpacked(content), start=1):
        yield _found(one, url, file, number)


def _read(text: bytes, file: File, faults: Faults, line: int | None) -> Any:
    """The JSON of a text; None and a fault when it is none. The library's own message is not used, as it may hold a value."""
    try:
        return _parse(text.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        where: int | None = line if line is not None else error.lineno
    except (UnicodeDecodeError, RecursionError):
        where = line
    advice = "Export the file again: it is cut off, or was changed by hand."
    faults.add("A line of a FHIR file is no JSON.", advice, [spot_of(file.name, "", where, "", None)])
    return None


def _unpacked(content: Any) -> Iterator[tuple[Any, str]]:
    """The resources of a Bundle (of Bundles) or a list, each with the URL its Bundle gives it; any other content is one."""
    if isinstance(content, list):
        for one in content:
            yield from _unpacked(one)
    elif isinstance(content, dict) and content.get("resourceType") == "Bundle":
        for entry in content.get("entry") or []:
            if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
                url = entry.get("fullUrl") or ""
                inner = entry["resource"]
                yield from _unpacked(inner) if inner.get("resourceType") == "Bundle" else [(inner, str(url))]
    elif content is not None:
        yield content, ""


def _found(one: Any, url: str, file: File, number: int) -> Found:
    is_resource = isinstance(one, dict) and isinstance(one.get("resourceType"), str)
    return Found(one if is_resource else {"resourceType": NO_RESOURCE}, file.name, number, url)
