"""The tables and columns of the OMOP CDM 5.3 and 5.4 that are read. Free text, names and addresses are never asked for.

Source: the field-level lists of https://ohdsi.github.io/CommonDataModel/ (cdm53, cdm54).
"""

from __future__ import annotations

_LINKS = ("person_id", "visit_occurrence_id", "provider_id")


def _event(name: str, dates: str, *more: str) -> tuple[str, ...]:
    """The columns of a table of events: its id, its links, its concept as standard and as it was in the source, and its dates."""
    short = name.partition("_")[0]
    return (f"{name}_id", *_LINKS, f"{short}_concept_id", f"{short}_source_value", f"{short}_source_concept_id", *dates.split(), *more)


_RESULT = ("value_as_number", "value_as_concept_id", "unit_concept_id", "unit_source_value")
COLUMNS: dict[str, tuple[str, ...]] = {
    "person": (
        "person_id", "gender_concept_id", "gender_source_value", "year_of_birth", "month_of_birth", "day_of_birth", "birth_datetime",
        "provider_id", "care_site_id",
    ),
    "visit_occurrence": (
        "visit_occurrence_id", "person_id", "provider_id", "care_site_id", "visit_concept_id", "visit_start_date", "visit_end_date",
        "discharge_to_concept_id", "discharged_to_concept_id",
    ),
    "condition_occurrence": _event("condition_occurrence", "condition_start_date condition_end_date", "condition_status_concept_id"),
    "procedure_occurrence": _event("procedure_occurrence", "procedure_date procedure_end_date", "modifier_concept_id", "modifier_source_value"),
    "drug_exposure": _event("drug_exposure", "drug_exposure_start_date drug_exposure_end_date", "days_supply", "route_concept_id"),
    "device_exposure": _event("device_exposure", "device_exposure_start_date device_exposure_end_date"),
    "measurement": _event("measurement", "measurement_date", *_RESULT),
    "observation": _event("observation", "observation_date", *_RESULT, "observation_event_id"),
    "death": ("person_id", "death_date", "cause_concept_id"),
    "provider": ("provider_id", "specialty_concept_id", "care_site_id"),
    "care_site": ("care_site_id", "place_of_service_concept_id"),
}  # fmt: skip
CONCEPT = ("concept_id", "concept_name", "vocabulary_id", "concept_code")
NEEDED = {"person": "person_id"}  # without them a source is no OMOP CDM


def is_concept(column: str) -> bool:
    """True for a column that holds numbers of the table `concept`."""
    return column.endswith("concept_id")


def is_date(column: str) -> bool:
    """True for a column that holds dates."""
    return column.endswith(("_date", "_datetime"))


def is_number_of_a_row(column: str) -> bool:
    """True for a column that holds whole numbers which name something: ids, and the parts of a date of birth."""
    return column.endswith(("_id", "_of_birth"))
