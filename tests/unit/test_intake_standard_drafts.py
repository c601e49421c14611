"""What is proposed for OMOP and FHIR: rows are chosen by what their codes mean, and what nothing says is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from synapse_analytics.intake.draft import fhir, omop
from synapse_analytics.intake.draft.standard_codes import known_codes
from synapse_analytics.intake.mapping.model import RowRule
from synapse_analytics.intake.raw import RawTable

CONCEPTS = {
    "1": ("Spinal stenosis", "SNOMED", "76107001"),
    "2": ("Ibuprofen 200 MG Oral Tablet", "RxNorm", "310965"),
    "3": ("Acetaminophen 325 MG / Hydrocodone 5 MG Oral Tablet", "RxNorm", "857002"),
    "4": ("Pain severity - 0-10 verbal numeric rating [Score] - Reported", "LOINC", "72514-3"),
    "5": ("Body height", "LOINC", "8302-2"),
    "6": ("Red flags", "Own", "x"),
    "7": ("Yes", "SNOMED", "373066001"),
}


def table(name: str, rows: Sequence[Mapping[str, str]], choices: Mapping[str, Mapping[str, str]] | None = None) -> RawTable:
    columns = {
        column: pa.array([row.get(column) for row in rows], pa.string()) for column in dict.fromkeys(name for row in rows for name in row)
    }
    return RawTable(name, f"{name}.csv", pa.table(columns), np.arange(2, len(rows) + 2), choices=choices or {})


def cdm(name: str, *rows: Mapping[str, str]) -> RawTable:
    """A table of the CDM with the names of its concepts."""
    found = table(name, rows)
    words = {number: concept[0] for number, concept in CONCEPTS.items()}
    return table(name, rows, {column: words for column in found.cells.column_names if column.endswith("concept_id")})


def visit(end: str) -> RawTable:
    return cdm(
        "visit_occurrence",
        {"visit_occurrence_id": "v", "person_id": "p", "visit_start_date": "2021-01-01", "visit_end_date": end, "care_site_id": "1"},
    )


def source(end_of_visit: str) -> list[RawTable]:
    on = {"person_id": "p", "visit_occurrence_id": "v", "provider_id": "9"}
    concepts = [
        {"concept_id": number, "concept_name": one[0], "vocabulary_id": one[1], "concept_code": one[2]} for number, one in CONCEPTS.items()
    ]
    return [
        cdm("person", {"person_id": "p", "gender_concept_id": "8532", "birth_date": "1950-07-01"}),
        visit(end_of_visit),
        cdm(
            "condition_occurrence",
            on | {"condition_concept_id": "1", "condition_start_date": "2021-01-01", "condition_source_value": "M48.06"},
        ),
        cdm(
            "drug_exposure",
            on | {"drug_exposure_id": "1", "drug_concept_id": "2", "drug_exposure_start_date": "2021-01-02"},
            on | {"drug_exposure_id": "2", "drug_concept_id": "3", "drug_exposure_start_date": "2021-01-03"},
        ),
        cdm(
            "measurement",
            on | {"measurement_concept_id": "4", "measurement_date": "2021-01-01", "value_as_number": "7"},
            on | {"measurement_concept_id": "5", "measurement_date": "2021-01-01", "value_as_number": "170"},
        ),
        cdm("observation", on | {"observation_concept_id": "6", "observation_date": "2021-01-01", "value_as_concept_id": "7"}),
        table("concept", concepts),
    ]


def proposed(end_of_visit: str) -> list[RowRule]:
    return omop.propose(source(end_of_visit))


def of(rules: Sequence[RowRule], into: str) -> list[RowRule]:
    return [rule for rule in rules if rule.into == into]


def test_rows_are_chosen_by_what_their_concepts_mean() -> None:
    rules = proposed("2021-01-01")
    (scores,) = of(rules, "scores")
    assert scores.where == {"measurement_concept_id": ("4",)}, "height is no score"
    assert scores.fields["instrument"].codes == {"4": "nrs_pain"}
    (patients,) = of(rules, "patients")
    assert patients.fields["sex"].codes == {"8532": "female"}
    assert all(rule.why for rule in rules)


def test_a_medicine_known_by_a_part_of_its_name_is_asked_and_a_combination_is_not_guessed() -> None:
    (treatments,) = of(proposed("2021-01-01"), "treatments")
    assert treatments.fields["treatment"].codes == {"2": "anti_inflammatory"}
    assert "Ibuprofen 200 MG" in treatments.ask


def test_a_visit_of_a_day_is_no_episode() -> None:
    first, flags = of(proposed("2021-01-01"), "episodes")
    assert first.from_ == "condition_occurrence"
    assert first.fields["first_visit_date"].from_ == ("condition_start_date",)
    assert "episode_id" not in first.fields
    assert first.fields["diagnosis"].codes == {"1": "spinal_stenosis"}
    assert first.fields["site"].ask
    assert first.fields["status"].ask
    assert "red_flags" not in first.fields, "a row of its own says it"
    assert flags.fields["red_flags"].codes == {"7": "yes"}


def test_a_visit_of_weeks_is_an_episode() -> None:
    rules = proposed("2021-06-01")
    visits, diagnosis, _ = of(rules, "episodes")
    assert (visits.from_, visits.fields["episode_id"].from_, visits.fields["site"].from_) == (
        "visit_occurrence", ("visit_occurrence_id",), ("care_site_id",),
    )  # fmt: skip
    assert diagnosis.fields["episode_id"].from_ == ("visit_occurrence_id",)
    assert all("episode_id" in rule.fields for rule in rules if rule.into not in {"patients"})


def test_without_a_known_diagnosis_the_draft_asks() -> None:
    tables = [one for one in source("2021-01-01") if one.name != "condition_occurrence"]
    unknown = cdm("condition_occurrence", {"person_id": "p", "condition_concept_id": "5", "condition_start_date": "2021-01-01"})
    first = of(omop.propose([*tables, unknown]), "episodes")[0]
    assert "None of the codes" in first.fields["diagnosis"].ask


def test_questionnaires_of_fhir() -> None:
    answers = {f"odi-{at}": "0" for at in range(1, 11)} | {f"eq5d.{at}": "2" for at in range(1, 5)}
    row = {"id": "q", "patient": "p", "status": "completed", "date": "2021-01-01", "leg": "7", **answers, "event": "e1"}
    table_ = table("QuestionnaireResponse", [row], {"event": {"e1": "Dural tear"}})
    labelled = RawTable(
        **{name: getattr(table_, name) for name in ("name", "file", "cells", "rows", "choices")}, labels={"leg": "Leg pain"}
    )
    scores, events = fhir.propose([labelled])
    assert scores.scores["odi"].items == tuple(f"odi-{at}" for at in range(1, 11))
    assert scores.scores["odi"].coded == "0-5"
    assert scores.scores["nrs_leg"].from_ == ("leg",)
    assert "eq5d5l_index" not in scores.scores, "an item is missing"
    assert events.fields["event"].codes == {"e1": "dural_tear"}


def test_codes_of_fhir_by_system_and_words() -> None:
    rows = [
        {
            "id": "1",
            "patient": "p",
            "status": "completed",
            "code": "M51.16",
            "code_system": "ICD-10-CM",
            "icd10": "M51.16",
            "date": "2021-01-01",
        },
        {"id": "2", "patient": "p", "status": "completed", "code": "own", "code_system": "http://x", "date": "2021-01-01"},
        {"id": "3", "patient": "p", "status": "completed", "code": "44054006", "code_system": "SNOMED CT", "date": "2021-01-01"},
    ]
    words = {"code": {"own": "Piriformis syndrome (disorder)", "44054006": "Diabetes mellitus type 2 (disorder)"}}
    first = of(fhir.propose([table("Condition", rows, words)]), "episodes")[0]
    assert first.fields["diagnosis"].codes == {"M51.16": "herniated_disc", "own": "piriformis_syndrome"}
    assert set(first.where["code"]) == {"M51.16", "own"}


def test_symptoms_of_fhir_stand_in_values() -> None:
    row = {"id": "1", "patient": "p", "status": "final", "code": "symptom", "value_code": "s1", "date": "2021-01-01"}
    words = {"code": {"symptom": "Symptom"}, "value_code": {"s1": "Leg weakness"}}
    (rule,) = of(fhir.propose([table("Observation", [row], words)]), "symptoms")
    assert rule.fields["symptom"].codes == {"s1": "leg_weakness"}


def test_a_diagnosis_inside_a_longer_name_is_proposed_and_asked() -> None:
    names = {"1": "Chronic low back pain (finding)", "2": "Chronic neck pain", "3": "Spinal stenosis", "4": "Injury of other ligament"}
    known = known_codes(table("condition", [{"code": one} for one in names], {"code": names}), "code", "diagnoses", {})
    assert known.codes == {"1": "other_spinal", "3": "spinal_stenosis"}
    assert known.by_part == {"1"}
