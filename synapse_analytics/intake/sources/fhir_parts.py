"""Parts of a FHIR resource as text: values by their path, dates, codes and references."""

from __future__ import annotations

import re
from typing import Any

SYSTEMS = {  # FHIR R4, "Using Codes": https://hl7.org/fhir/R4/terminologies-systems.html
    "http://snomed.info/sct": "SNOMED CT",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://loinc.org": "LOINC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://www.whocc.no/atc": "ATC",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "https://fhir.hl7.org.uk/Id/opcs-4": "OPCS-4",
    "https://fhir.hl7.org.uk/CodeSystem/OPCS-4": "OPCS-4",
}
_KNOWN = tuple(dict.fromkeys(SYSTEMS.values()))  # the best known first
_HISTORY = re.compile(r"/_history/[^/]*$")
Concept = tuple[str | None, str | None, str | None, str | None, str | None]  # code, system, text, all codings, ICD-10


def at(node: Any, path: tuple[str, ...]) -> Any:
    """What stands at a path of names; of a list its first entry. None when there is nothing."""
    for name in path:
        if isinstance(node, list):
            node = node[0] if node else None
        if not isinstance(node, dict):
            return None
        node = node.get(name)
    return node


def text(value: Any) -> str | None:
    """A single value as text: truth as yes or no; None for what is no single value."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (value.strip() or None) if isinstance(value, str) else None


def day(value: Any) -> str | None:
    """The date of a date or a time, as it was on the clock of the place; a year or a month alone stays as it is."""
    found = text(value)
    return found[:10] if found else None


def codings(concept: Any) -> list[dict[str, Any]]:
    """The codings of a CodeableConcept, or of a list of them."""
    if isinstance(concept, list):
        return [coding for one in concept for coding in codings(one)]
    found = concept.get("coding") if isinstance(concept, dict) else None
    return [coding for coding in found or [] if isinstance(coding, dict) and text(coding.get("code"))]


def system_of(coding: dict[str, Any]) -> str:
    """The short name of the system of a code, or its URL when it is not well known."""
    url = str(coding.get("system") or "")
    return SYSTEMS.get(url, url)


def best(found: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The coding of the best known system, the first of its kind."""
    rank = {name: position for position, name in enumerate(_KNOWN)}
    return min(found, key=lambda coding: rank.get(system_of(coding), len(rank)), default=None)


def concept_of(concept: Any) -> Concept:
    """What a CodeableConcept says: its best code, the system of it, its words, all its codings, and the ICD-10 code among them."""
    found = codings(concept)
    one = best(found)
    said = text(at(concept, ("text",)))
    if one is None:
        return None, None, said, None, None
    every = " | ".join(f"{system_of(coding)} {text(coding['code'])}" for coding in found)
    icd10 = next((text(coding["code"]) for coding in found if system_of(coding).startswith("ICD-10")), None)
    return text(one["code"]), system_of(one) or None, text(one.get("display")) or said, every, icd10


def reference(node: Any, kind: str, contained: dict[str, Any]) -> str | None:
    """Whom or what a reference names: an id, `urn:uuid:...`, or `Patient?identifier=system|value` for one by identifier."""
    if isinstance(node, list):
        node = node[0] if node else None
    if not isinstance(node, dict):
        return None
    found = text(node.get("reference"))
    if found and found.startswith("#"):
        return by_identifier(kind, at(contained.get(found[1:]), ("identifier",)))
    if not found:
        return by_identifier(str(node.get("type") or kind), node.get("identifier"))
    if found.startswith("urn:") or "?" in found:
        return found
    return _HISTORY.sub("", found).rpartition("/")[2]


def by_identifier(kind: str, identifier: Any) -> str | None:
    """The text by which an identifier names a resource of this kind; None without one."""
    value = text(at(identifier, ("value",)))
    return f"{kind}?identifier={text(at(identifier, ('system',))) or ''}|{value}" if value else None
