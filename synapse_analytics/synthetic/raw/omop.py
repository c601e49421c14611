"""OMOP CDM 5.4 tables as CSV. A visit stands for each referral; concepts of this made-up clinic have ids above two thousand million."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from synapse_analytics.synthetic.parameters import CLINICIANS, SITES
from synapse_analytics.synthetic.raw import words as w
from synapse_analytics.synthetic.raw.truth import EXPORTED, Row, Truth
from synapse_analytics.synthetic.raw.writing import plain, write_csv

OWN = 2_000_000_000  # OMOP keeps the ids above this for concepts of one's own
LISTS = ("diagnosis", "symptom", "investigation", "treatment", "finding", "side", "status", "event", "severity", "instrument", "occupation")
PLAIN = {"smoker": 1, "comorbidities": 2, "occupation": 3, "symptom_weeks": 4, "red_flags": 5, "side": 6}  # questions
SEX = {"male": 8507, "female": 8532, "unknown": 0}
BMI, OUTPATIENT, EHR = 3038553, 9202, 32817
PRIMARY, SECONDARY = 32902, 32908
YES_NO = {"yes": 4188539, "no": 4188540}
STANDARD = (
    (8507, "MALE", "Gender", "Gender", "M"), (8532, "FEMALE", "Gender", "Gender", "F"), (9202, "Outpatient Visit", "Visit", "Visit", "OP"),
    (32817, "EHR", "Type Concept", "Type Concept", "OMOP4976890"), (BMI, "Body mass index (BMI) [Ratio]", "Measurement", "LOINC", "39156-5"),
    (PRIMARY, "Primary diagnosis", "Condition Status", "Condition Status", "OMOP4976972"),
    (SECONDARY, "Secondary diagnosis", "Condition Status", "Condition Status", "OMOP4976978"),
    (YES_NO["yes"], "Yes", "Meas Value", "SNOMED", "373066001"), (YES_NO["no"], "No", "Meas Value", "SNOMED", "373067005"),
)  # fmt: skip
Rows = list[dict[str, Any]]


def concept(column: str, code: str) -> int | str:
    """The id of a code of the bundle in this clinic; empty for none."""
    return OWN + (LISTS.index(column) + 1) * 100 + w.LISTS[column].index(code) + 1 if code else ""


def question(name: str) -> int:
    """The id of what is asked, such as whether a patient smokes."""
    return OWN + PLAIN[name]


def write_omop(folder: Path, truth: Truth) -> None:
    """One CSV file for each table of the CDM that is used."""
    tables = {
        "person": [_person(truth, row) for row in truth.rows["patients"]],
        "visit_occurrence": [_visit(truth, row) for row in truth.rows["episodes"]],
        "condition_occurrence": _conditions(truth),
        "procedure_occurrence": [_procedure(truth, row) for row in truth.rows["treatments"] if row["treatment"] not in w.MEDICATION],
        "drug_exposure": [_drug(truth, row) for row in truth.rows["treatments"] if row["treatment"] in w.MEDICATION],
        "measurement": _measurements(truth),
        "observation": _numbered("observation_id", [*_traits(truth), *_referrals(truth), *_symptoms(truth), *_investigations(truth), *_events(truth)]),
        "death": [_death(truth, row) for row in truth.rows["episodes"] if row["status"] == "died"],
        "provider": [{"provider_id": at, "provider_name": w.DOCTORS[code], "provider_source_value": code} for at, code in enumerate(CLINICIANS, 1)],
        "care_site": [{"care_site_id": at, "care_site_name": w.SITE_NAMES[code], "care_site_source_value": code} for at, code in enumerate(SITES, 1)],
        "concept": _concepts(),
    }  # fmt: skip
    for name, rows in tables.items():
        write_csv(folder / f"{name}.csv", rows)


def _numbered(name: str, rows: Rows) -> Rows:
    return [{name: at} | row for at, row in enumerate(rows, start=1)]


def _person_id(patient: str) -> int:
    return int(patient[1:]) + 500


def _of(truth: Truth, row: Row) -> dict[str, Any]:
    episode = row["episode_id"]
    return {"person_id": _person_id(truth.patient_of[episode]), "visit_occurrence_id": int(episode[1:]) + 7000}


def _person(truth: Truth, row: Row) -> dict[str, Any]:
    person = truth.people[row["patient_id"]]
    born = person.born
    return {
        "person_id": _person_id(row["patient_id"]), "gender_concept_id": SEX[row["sex"]], "year_of_birth": born.year,
        "month_of_birth": born.month, "day_of_birth": born.day, "birth_datetime": f"{born} 00:00:00", "race_concept_id": 0,
        "ethnicity_concept_id": 0, "person_source_value": person.mrn, "gender_source_value": {"male": "M", "female": "F"}.get(row["sex"], ""),
    }  # fmt: skip


def _visit(truth: Truth, episode: Row) -> dict[str, Any]:
    """An open referral ends on the day of the export, as the CDM wants a date."""
    return _of(truth, episode) | {
        "visit_concept_id": OUTPATIENT, "visit_start_date": truth.first_visit[episode["episode_id"]],
        "visit_end_date": truth.day(episode, "closed_day") or EXPORTED, "visit_type_concept_id": EHR,
        "provider_id": int(episode["clinician"][1:]), "care_site_id": int(episode["site"][1:]),
        "discharged_to_concept_id": concept("status", episode["status"]), "discharged_to_source_value": episode["status"],
    }  # fmt: skip


def _conditions(truth: Truth) -> Rows:
    named = [(row, PRIMARY) for row in truth.rows["episodes"]] + [(row, SECONDARY) for row in truth.rows["other_diagnoses"]]
    return _numbered("condition_occurrence_id", [
        _of(truth, row) | {
            "condition_concept_id": concept("diagnosis", row["diagnosis"]), "condition_start_date": truth.first_visit[row["episode_id"]],
            "condition_type_concept_id": EHR, "condition_status_concept_id": status, "condition_source_value": row["icd10"],
        }
        for row, status in named
    ])  # fmt: skip


def _procedure(truth: Truth, row: Row) -> dict[str, Any]:
    return {"procedure_occurrence_id": int(row["treatment_id"][1:])} | _of(truth, row) | {
        "procedure_concept_id": concept("treatment", row["treatment"]), "procedure_date": truth.day(row, "start_day"),
        "procedure_end_date": truth.day(row, "end_day"), "procedure_type_concept_id": EHR,
        "provider_id": int(row["clinician"][1:]) if row["clinician"] else "",
        "procedure_source_value": {"yes": "further operation", "no": "first operation", "": ""}[row["reoperation"]],
    }  # fmt: skip


def _drug(truth: Truth, row: Row) -> dict[str, Any]:
    """A course that still runs ends on the day of the export, as the CDM wants a date."""
    return {"drug_exposure_id": int(row["treatment_id"][1:])} | _of(truth, row) | {
        "drug_concept_id": concept("treatment", row["treatment"]), "drug_exposure_start_date": truth.day(row, "start_day"),
        "drug_exposure_end_date": truth.day(row, "end_day") or EXPORTED, "drug_type_concept_id": EHR,
        "provider_id": int(row["clinician"][1:]) if row["clinician"] else "",
    }  # fmt: skip


def _measurements(truth: Truth) -> Rows:
    """Scores as totals, and the body mass index at the first visit."""
    scores = [
        _measured(_of(truth, row), concept("instrument", row["instrument"]), truth.day(row), row["value"]) for row in truth.rows["scores"]
    ]
    first = {row["patient_id"]: row for row in reversed(truth.rows["episodes"])}
    for row in truth.rows["patients"]:
        if row["bmi"]:
            episode = first[row["patient_id"]]
            scores.append(_measured(_of(truth, episode), BMI, truth.first_visit[episode["episode_id"]], row["bmi"]))
    return _numbered("measurement_id", scores)


def _measured(of: dict[str, Any], what: int | str, day: date | None, value: str) -> dict[str, Any]:
    return of | {
        "measurement_concept_id": what,
        "measurement_date": day,
        "measurement_type_concept_id": EHR,
        "value_as_number": plain(float(value)),
    }


def _observed(truth: Truth, row: Row, what: int | str, *, value: str = "", coded: int | str = "") -> dict[str, Any]:
    return _of(truth, row) | {
        "observation_concept_id": what, "observation_date": truth.first_visit[row["episode_id"]], "observation_type_concept_id": EHR,
        "value_as_number": value, "value_as_concept_id": coded, "observation_source_value": "",
    }  # fmt: skip


def _traits(truth: Truth) -> Rows:
    first = {row["patient_id"]: row for row in reversed(truth.rows["episodes"])}
    found = []
    for row in truth.rows["patients"]:
        at = first[row["patient_id"]]
        found += [_observed(truth, at, question("smoker"), coded=YES_NO[row["smoker"]])] if row["smoker"] else []
        found += [_observed(truth, at, question("comorbidities"), value=row["comorbidities"])] if row["comorbidities"] else []
        coded = concept("occupation", row["occupation"])
        found += [_observed(truth, at, question("occupation"), coded=coded)] if coded else []
    return found


def _referrals(truth: Truth) -> Rows:
    found = []
    for row in truth.rows["episodes"]:
        found.append(_observed(truth, row, question("red_flags"), coded=YES_NO[row["red_flags"]]))
        found += [_observed(truth, row, question("side"), coded=concept("side", row["side"]))] if row["side"] else []
        found += [_observed(truth, row, question("symptom_weeks"), value=row["symptom_weeks"])] if row["symptom_weeks"] else []
    return found


def _symptoms(truth: Truth) -> Rows:
    return [_observed(truth, row, concept("symptom", row["symptom"]), coded=YES_NO["yes"]) for row in truth.rows["symptoms"]]


def _investigations(truth: Truth) -> Rows:
    return [
        _observed(truth, row, concept("investigation", row["investigation"]), coded=concept("finding", row["finding"]))
        | {"observation_date": truth.day(row)}
        for row in truth.rows["investigations"]
    ]


def _events(truth: Truth) -> Rows:
    return [
        _observed(truth, row, concept("event", row["event"]), coded=concept("severity", row["severity"]))
        | {"observation_date": truth.day(row), "observation_source_value": int(row["treatment_id"][1:]) if row["treatment_id"] else ""}
        for row in truth.rows["adverse_events"]
    ]  # fmt: skip


def _death(truth: Truth, row: Row) -> dict[str, Any]:
    return {"person_id": _person_id(row["patient_id"]), "death_date": truth.day(row, "closed_day"), "death_type_concept_id": EHR}


def _concepts() -> Rows:
    own = [
        (concept(column, term.code), term.label, column.capitalize(), "Made-up clinic", f"{column}-{at}")
        for column in LISTS
        for at, term in enumerate(w.LABELS[column], start=1)
    ]
    asked = [(question(name), name.replace("_", " ").capitalize(), "Observation", "Made-up clinic", name) for name in PLAIN]
    names = ("concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_code")
    return [dict(zip(names, row, strict=True)) for row in (*STANDARD, *own, *asked)]
