"""FHIR resources become tables of texts: references, dates, codes, answers and what identifies people, as they really are written."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources import fhir

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [{"system": "http://clinic/mrn", "value": "MRN-77"}],
    "name": [{"family": "Rossi", "given": ["Ada"]}],
    "telecom": [{"value": "555-450-5873"}],
    "gender": "female",
    "birthDate": "1950-10",
    "deceasedDateTime": "2020-05-06T23:30:00-05:00",
}


def coded(*codings: tuple[str, str, str]) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display} for system, code, display in codings]}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"fullUrl": f"urn:uuid:u-{one.get('id')}", "resource": one} for one in resources]}


def condition(subject: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "id": "c", "subject": subject, **more}


def tables(tmp_path: Path, *contents: Any) -> dict[str, RawTable]:
    for number, content in enumerate(contents):
        (tmp_path / f"part{number}.json").write_text(json.dumps(content), encoding="utf-8-sig")
    return {table.name: table for table in fhir.read(tmp_path)}


def rows(table: RawTable) -> list[dict[str, str | None]]:
    return table.cells.to_pylist()


def test_what_names_a_patient_is_not_read_and_flagged(tmp_path: Path) -> None:
    patient = tables(tmp_path, bundle(PATIENT))["Patient"]
    (row,) = rows(patient)
    assert (row["id"], row["gender"], row["birthDate"], row["deceased_date"]) == ("p1", "female", "1950-10", "2020-05-06")
    assert {"name", "telecom", "address", "identifier"} <= patient.identifiers
    assert row["name"]
    assert not row["address"]
    assert not {"Rossi", "Ada", "MRN-77", "555-450-5873"} & {str(value) for value in row.values()}


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p1"},
        {"reference": "https://server/fhir/Patient/p1/_history/3"},
        {"reference": "urn:uuid:u-p1"},
        {"reference": "Patient?identifier=http://clinic/mrn|MRN-77"},
        {"identifier": {"system": "http://clinic/mrn", "value": "MRN-77"}},
        {"reference": "#inside"},
    ],
    ids=lambda subject: next(iter(subject.values())) if "reference" in subject else "identifier",
)
def test_every_way_to_refer_to_a_patient(tmp_path: Path, subject: dict[str, Any]) -> None:
    inside = {"resourceType": "Patient", "id": "inside", "identifier": PATIENT["identifier"]}
    found = tables(tmp_path, bundle(condition(subject, contained=[inside]), PATIENT))
    assert rows(found["Condition"])[0]["patient"] == "p1"


def test_the_best_known_code_and_its_words(tmp_path: Path) -> None:
    codes = coded(
        ("http://local", "L9", "Local"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "M51.26", "Disc"),
        ("http://snomed.info/sct", "76107001", "Spinal stenosis"),
    )
    found = tables(
        tmp_path, condition({"reference": "Patient/p1"}, code=codes, onsetPeriod={"start": "2021"}, abatementDateTime="2022-03-04")
    )
    (row,) = rows(found["Condition"])
    assert (row["code"], row["code_system"], row["code_text"], row["icd10"]) == ("76107001", "SNOMED CT", "Spinal stenosis", "M51.26")
    assert (row["date"], row["end_date"]) == ("2021", "2022-03-04")
    assert found["Condition"].choices["code"]["76107001"] == "Spinal stenosis"


def test_components_are_rows_and_numbers_stay_as_written(tmp_path: Path) -> None:
    part = {"code": coded(("http://loinc.org", "72514-3", "Pain")), "valueQuantity": {"value": 6.50, "unit": "{score}"}}
    panel = {"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2021-02-03T10:00:00Z"}
    text = json.dumps(panel | {"code": coded(("http://loinc.org", "1-8", "Panel")), "component": [part]}).replace("6.5", "6.50")
    (tmp_path / "one.json").write_text(text, encoding="utf-8")
    (table,) = fhir.read(tmp_path)
    whole, one = rows(table)
    assert "1 resource, and 1 row of their components" in table.how
    assert whole["component_of"] is None
    assert (one["id"], one["component_of"], one["code"], one["value"], one["unit"]) == ("o-1", "o", "72514-3", "6.50", "{score}")
    assert (one["patient"], one["date"]) == ("p1", "2021-02-03")


def test_what_is_told_names_no_file_of_one_person(tmp_path: Path) -> None:
    told: list[str] = []
    (tmp_path / "Ada_Rossi_77.json").write_text(json.dumps(bundle(PATIENT)), encoding="utf-8")
    (table,) = fhir.read(tmp_path, progress=lambda what, *_: told.append(what))
    assert set(told) == {"Reading FHIR resources"}
    assert table.file == tmp_path.name


def test_medicine_in_a_resource_of_its_own_or_inside(tmp_path: Path) -> None:
    ibuprofen = coded(("http://www.nlm.nih.gov/research/umls/rxnorm", "5640", "ibuprofen"))
    medicine = {"resourceType": "Medication", "id": "m", "code": ibuprofen}
    order = {"resourceType": "MedicationRequest", "subject": {"reference": "Patient/p1"}, "authoredOn": "2021-01-01"}
    outside = order | {"id": "r1", "medicationReference": {"reference": "Medication/m"}}
    inside = order | {"id": "r2", "medicationReference": {"reference": "#m"}, "contained": [medicine]}
    plain = order | {"id": "r3", "medicationCodeableConcept": coded(("http://www.whocc.no/atc", "M01AE01", "ibuprofen"))}
    found = tables(tmp_path, bundle(outside, inside, plain, medicine))
    assert [row["code"] for row in rows(found["MedicationRequest"])] == ["5640", "5640", "M01AE01"]
    assert found["Medication"].n == 0
    assert found["Medication"].read == 1


def test_one_column_for_each_question(tmp_path: Path) -> None:
    group = {
        "linkId": "odi",
        "item": [
            {"linkId": "odi1", "text": "Pain intensity", "answer": [{"valueCoding": {"code": "2", "display": "moderate"}}]},
            {"linkId": "odi2", "text": "Personal care", "answer": [{"valueInteger": 3}]},
        ],
    }
    several = {"linkId": "where", "answer": [{"valueString": "back"}, {"valueString": "leg"}]}
    response = {
        "resourceType": "QuestionnaireResponse",
        "id": "q",
        "questionnaire": "http://x/odi",
        "authored": "2021-05-06",
        "item": [group, several],
    }
    table = tables(tmp_path, response)["QuestionnaireResponse"]
    (row,) = rows(table)
    assert (row["odi1"], row["odi2"], row["where"], row["date"]) == ("2", "3", "back; leg", "2021-05-06")
    assert table.labels == {"odi1": "Pain intensity", "odi2": "Personal care"}


def test_unknown_kinds_are_counted_and_the_same_resource_counts_once(tmp_path: Path) -> None:
    found = tables(tmp_path, bundle(PATIENT, {"resourceType": "CarePlan", "id": "x"}), bundle(PATIENT), {"log": "of the export"})
    assert (found["Patient"].n, found["Patient"].read) == (1, 2)
    assert found["CarePlan"].read == 1
    assert found["no resource"].read == 1
    assert found["Patient"].file == tmp_path.name, "several files: the source is named"


def test_lines_of_ndjson_in_a_zip_keep_their_number(tmp_path: Path) -> None:
    lines = [json.dumps(PATIENT), "", json.dumps(PATIENT | {"id": "p2"})]
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("Patient.ndjson", "\n".join(lines))
    (table,) = fhir.read(tmp_path / "export.zip")
    assert (table.file, list(table.rows)) == ("Patient.ndjson", [1, 3])


@pytest.mark.parametrize(("name", "line"), [("broken.ndjson", 2), ("broken.json", 1)])
def test_broken_json_is_named_with_its_line_and_no_value(tmp_path: Path, name: str, line: int) -> None:
    head = json.dumps({"resourceType": "Patient", "id": "p"}) + "\n" if name.endswith("ndjson") else ""
    (tmp_path / name).write_text(head + '{"resourceType": "Patient", "name": "Rossi', encoding="utf-8")
    with pytest.raises(IntakeRefused) as refusal:
        fhir.read(tmp_path)
    assert f"{name}, row {line}" in str(refusal.value)
    assert "Rossi" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_nothing_to_use_is_said(tmp_path: Path) -> None:
    with pytest.raises(IntakeRefused, match=r"No FHIR resource was found"):
        tables(tmp_path, {"a": 1})
    with pytest.raises(IntakeRefused, match="no such file"):
        fhir.read(tmp_path / "absent.json")
