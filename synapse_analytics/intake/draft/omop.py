"""The mapping that is proposed for an OMOP CDM: rows are chosen by their concepts, which are listed with what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synapse_analytics.intake.draft.standard import Drafted, Place, Standard, rules
from synapse_analytics.intake.draft.standard_codes import distinct, known_codes
from synapse_analytics.intake.mapping.model import RowRule
from synapse_analytics.intake.raw import RawTable

SECONDARY = "32908"  # concept "Secondary diagnosis" of the vocabulary Condition Status
_PLACES = (
    Place(
        "condition_occurrence", "condition_concept_id", "condition_start_date", ("diagnoses", "symptoms"),
        icd10="condition_source_value", clinician="provider_id",
    ),
    Place(
        "procedure_occurrence", "procedure_concept_id", "procedure_date", ("treatments", "investigations"),
        id="procedure_occurrence_id", end="procedure_end_date", clinician="provider_id",
    ),
    Place(
        "drug_exposure", "drug_concept_id", "drug_exposure_start_date", ("treatments",),
        id="drug_exposure_id", end="drug_exposure_end_date", clinician="provider_id",
    ),
    Place("measurement", "measurement_concept_id", "measurement_date", ("instruments", "investigations"), value="value_as_number",
          value_codes="value_as_concept_id"),
    Place("observation", "observation_concept_id", "observation_date", ("instruments", "symptoms", "investigations", "events"),
          value="value_as_number", value_codes="value_as_concept_id", link="observation_event_id"),
)  # fmt: skip
OMOP = Standard(
    patient="person_id", visit="visit_occurrence_id", places=_PLACES, visits="visit_occurrence", visit_id="visit_occurrence_id",
    visit_start="visit_start_date", visit_end="visit_end_date", clinician="provider_id", site="care_site_id",
    status="discharged_to_concept_id", secondary={"condition_status_concept_id": (SECONDARY,)},
)  # fmt: skip


def drafted(tables: Sequence[RawTable]) -> Drafted:
    """The tables with the code system of each concept, by the table `concept`."""
    by_name = {table.name: table for table in tables}
    concepts = by_name.get("concept")
    systems: dict[str, tuple[str, str]] = {}
    if concepts is not None and concepts.n:
        columns = [concepts.column(name).to_pylist() for name in ("concept_id", "vocabulary_id", "concept_code")]
        systems = {number: (system or "", code or "") for number, system, code in zip(*columns, strict=True)}
    return Drafted(OMOP, by_name, {place.table: systems for place in _PLACES})


def propose(tables: list[RawTable]) -> list[RowRule]:
    """The rules that are proposed for the tables of an OMOP CDM; what is not certain is asked."""
    found = drafted(tables)
    return [_patients(found), *rules(found)]


def _patients(found: Drafted) -> RowRule:
    person = found.tables["person"]
    sexes = known_codes(person, "gender_concept_id", "sexes", {})
    unknown = {code: "unknown" for code in distinct(person, "gender_concept_id") if code not in sexes.codes}
    fields: dict[str, Any] = {
        "patient_id": "person_id",
        "sex": {"from": "gender_concept_id", "codes": {**sexes.codes, **unknown}, "empty": "unknown"},
        "date_of_birth": {"from": "birth_date", "format": "year-month-day", "why": "made of the day, month and year of birth"},
    }
    return RowRule.model_validate({"from": "person", "into": "patients", "fields": fields, "why": "the table of persons of the CDM"})
