"""How words, codes and the names of code systems are compared: capitals, dots, spaces and hyphens do not count."""

from __future__ import annotations

import re
import unicodedata

SYSTEMS: dict[str, tuple[str, ...]] = {  # code system -> its other names: OMOP's, FHIR's, and those of people
    "icd10": ("ICD10CM", "ICD10WHO", "http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm"),
    "snomed": ("SNOMEDCT", "SCT", "http://snomed.info/sct"),
    "rxnorm": ("http://www.nlm.nih.gov/research/umls/rxnorm",),
    "atc": ("WHOATC", "http://www.whocc.no/atc"),
    "cpt": ("CPT4", "http://www.ama-assn.org/go/cpt"),
    "opcs4": ("OPCS", "OPCS4", "https://fhir.hl7.org.uk/CodeSystem/OPCS-4"),
    "loinc": ("LN", "http://loinc.org"),
    "omop": ("concept_id", "OMOP concept"),
}
BY_PREFIX = {"icd10", "atc", "opcs4"}  # a code stands for all codes that begin with it
_LONGER = 4  # signs that a code may have beyond a prefix: M51 -> M51.1, M51.16
_SHORTEST_NUMBER = 5  # a shorter number may be anybody's own code, so that its system must be named: 161 is paracetamol in RxNorm
_NOT_WORDS = re.compile(r"[^\w%]+|_")
_NOT_CODES = re.compile(r"[\W_]+")


def normal_words(text: str) -> str:
    """Words as they are compared: `X-Ray  L.S. Spine` is `x ray ls spine`."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace(".", "").replace("'", "")
    return " ".join(_NOT_WORDS.sub(" ", plain).split())


def normal_code(text: str) -> str:
    """A code as it is compared: `m51.1` is `M511`."""
    return _NOT_CODES.sub("", text).upper()


def system_named(name: str) -> str:
    """The code system behind a name or address: `http://snomed.info/sct` is `snomed`; "" when it is none of ours."""
    return _NAMES.get(normal_code(name), "")


def owner(system: str, code: str, codes: dict[str, str]) -> str:
    """The meaning of a normal code in one system; with prefixes the longest wins; "" when it has none."""
    if code in codes or system not in BY_PREFIX:
        return codes.get(code, "")
    starts = range(len(code) - 1, max(2, len(code) - _LONGER - 1), -1)
    return next((codes[code[:end]] for end in starts if code[:end] in codes), "")


def speaks_alone(code: str) -> bool:
    """True if a code says enough without its system."""
    return not code.isdigit() or len(code) >= _SHORTEST_NUMBER


_NAMES = {normal_code(name): system for system, others in SYSTEMS.items() for name in (system, *others)}
