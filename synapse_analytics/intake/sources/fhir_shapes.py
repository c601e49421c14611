"""Which parts of each FHIR R4 resource become which columns. Paths: names with points; the first that holds something counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Path = tuple[str, ...]
Paths = tuple[Path, ...]
IDENTITY = ("name", "telecom", "address", "identifier", "photo", "contact")  # parts of a Patient that say who it is


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of one kind of resource: where its code, its dates, its references and its plain texts stand."""

    code: Paths = ()
    dates: Mapping[str, Paths] = field(default_factory=dict)
    references: Mapping[str, tuple[str, Paths]] = field(default_factory=dict)  # column -> kind of resource, and where
    texts: Mapping[str, Paths] = field(default_factory=dict)
    free_text: frozenset[str] = frozenset()


def _paths(*written: str) -> Paths:
    return tuple(tuple(one.split(".")) for one in written)


def _shape(code: str, date: str, end_date: str, **texts: str) -> Shape:
    """A clinical resource, with what nearly all of them have; several paths are parted by spaces."""
    more = {name: _paths(*written.split()) for name, written in texts.items() if name not in _REFERENCES}
    references = {"patient": ("Patient", _paths("subject", "patient")), "encounter": ("Encounter", _paths("encounter"))}
    references |= {name: (_REFERENCES[name], _paths(*written.split())) for name, written in texts.items() if name in _REFERENCES}
    dates = {"date": _paths(*date.split()), "end_date": _paths(*end_date.split())}
    return Shape(_paths(*code.split()), dates, references, {"status": _paths("status")} | more)


_REFERENCES = {"episode": "EpisodeOfCare", "clinician": "Practitioner", "site": "Organization", "medication": "Medication"}
_MEDICINE = "medicationCodeableConcept"
SHAPES: dict[str, Shape] = {
    "Patient": Shape(
        dates={"birthDate": _paths("birthDate"), "deceased_date": _paths("deceasedDateTime")},
        texts={"gender": _paths("gender"), "deceased": _paths("deceasedBoolean"), "active": _paths("active")},
    ),
    "Condition": _shape(
        "code", "onsetDateTime onsetPeriod.start recordedDate", "abatementDateTime abatementPeriod.end",
        clinical_status="clinicalStatus.coding.code", verification="verificationStatus.coding.code", category="category.coding.code",
        body_site="bodySite.coding.code", severity="severity.coding.code", clinician="asserter recorder",
    ),
    "Procedure": _shape(
        "code", "performedDateTime performedPeriod.start", "performedPeriod.end",
        body_site="bodySite.coding.code", reason="reasonCode.coding.code", part_of="partOf.reference", clinician="performer.actor", site="performer.onBehalfOf location",
    ),
    "MedicationRequest": _shape(
        _MEDICINE, "authoredOn dosageInstruction.timing.repeat.boundsPeriod.start dispenseRequest.validityPeriod.start",
        "dosageInstruction.timing.repeat.boundsPeriod.end dispenseRequest.validityPeriod.end",
        intent="intent", medication="medicationReference", clinician="requester",
    ),
    "MedicationStatement": _shape(
        _MEDICINE, "effectiveDateTime effectivePeriod.start dateAsserted", "effectivePeriod.end", medication="medicationReference",
        encounter="context",
    ),
    "ServiceRequest": _shape(
        "code", "occurrenceDateTime occurrencePeriod.start authoredOn", "occurrencePeriod.end",
        intent="intent", category="category.coding.code", body_site="bodySite.coding.code", clinician="requester",
    ),
    "DiagnosticReport": _shape(
        "code", "effectiveDateTime effectivePeriod.start issued", "effectivePeriod.end",
        category="category.coding.code", value_code="conclusionCode.coding.code", clinician="resultsInterpreter performer",
    ),
    "Observation": _shape(
        "code", "effectiveDateTime effectivePeriod.start effectiveInstant issued", "effectivePeriod.end",
        category="category.coding.code", clinician="performer",
        value="valueQuantity.value valueInteger valueBoolean valueDecimal", unit="valueQuantity.unit valueQuantity.code",
        value_code="valueCodeableConcept.coding.code", value_text="valueString valueCodeableConcept.text", body_site="bodySite.coding.code",
    ),
    "QuestionnaireResponse": _shape("", "authored", "", questionnaire="questionnaire", clinician="author"),
    "Encounter": _shape(
        "type", "period.start", "period.end", encounter_class="class.code", service_type="serviceType.coding.code",
        reason="reasonCode.coding.code", disposition="hospitalization.dischargeDisposition.coding.code", episode="episodeOfCare",
        clinician="participant.individual", site="serviceProvider",
    ),
    "EpisodeOfCare": _shape(
        "type", "period.start", "period.end", diagnosis="diagnosis.condition.reference", clinician="careManager", site="managingOrganization"
    ),
    "Medication": Shape(code=_paths("code"), texts={"status": _paths("status")}),
}  # fmt: skip
FREE_TEXT = frozenset({"value_text"})
