"""FHIR R4 resources: a Bundle for every 50 patients. An Encounter stands for each referral, and everything of it refers to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synapse_analytics.synthetic.raw import words as w
from synapse_analytics.synthetic.raw.truth import Form, Row, Truth
from synapse_analytics.synthetic.raw.writing import plain

PATIENTS_A_FILE = 50
LOCAL = "https://example.org/fhir/codes"  # a code system of this made-up clinic
LOINC = "http://loinc.org"
Resource = dict[str, Any]


def write_fhir(folder: Path, truth: Truth) -> None:
    """bundle_1.json and so on."""
    forms: dict[str, list[Form]] = {}
    for form in truth.forms():
        forms.setdefault(form.episode, []).append(form)
    patients = truth.rows["patients"]
    for number, first in enumerate(range(0, len(patients), PATIENTS_A_FILE), start=1):
        resources = [one for row in patients[first : first + PATIENTS_A_FILE] for one in _of_patient(truth, row, forms)]
        entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in map(_filled, resources)]
        lines = ",\n".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in entries)
        text = f'{{"resourceType":"Bundle","type":"collection","entry":[\n{lines}\n]}}\n'
        (folder / f"bundle_{number}.json").write_text(text, encoding="utf-8", newline="\n")


def _filled(resource: Resource) -> Resource:
    """Without parts that hold nothing, as FHIR has no empty values."""
    return {name: value for name, value in resource.items() if value not in (None, "", [], {})}


def _of_patient(truth: Truth, row: Row, forms: dict[str, list[Form]]) -> Iterator[Resource]:
    yield _patient(truth, row)
    yield from _traits(truth, row)
    for episode in truth.rows["episodes"]:
        if episode["patient_id"] == row["patient_id"]:
            yield from _of_episode(truth, episode, forms.get(episode["episode_id"], []))


def _patient(truth: Truth, row: Row) -> Resource:
    person = truth.people[row["patient_id"]]
    return {
        "resourceType": "Patient", "id": person.mrn,
        "identifier": [
            {"system": "https://example.org/mrn", "value": person.mrn}, {"system": "https://example.org/aadhaar", "value": person.aadhaar},
            {"system": "https://example.org/pan", "value": person.pan},
        ],
        "name": [{"family": person.family, "given": [person.given]}],
        "telecom": [{"system": "phone", "value": person.phone}, {"system": "email", "value": person.email}],
        "gender": row["sex"], "birthDate": str(person.born), "address": [{"text": person.address}],
    }  # fmt: skip


def _coded(code: str, words: str, system: str = LOCAL) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": words}]}


def _term(column: str, code: str) -> Resource | None:
    """A concept of this clinic's own code system, such as diagnosis-1."""
    if not code:
        return None
    at = w.LISTS[column].index(code)
    return _coded(f"{column}-{at + 1}", w.LABELS[column][at].label)


def _traits(truth: Truth, row: Row) -> Iterator[Resource]:
    """What is known of a patient, as Observations."""
    episode = next(one for one in truth.rows["episodes"] if one["patient_id"] == row["patient_id"])
    base = _about(truth, episode["episode_id"], "Observation", f"p{int(row['patient_id'][1:])}")
    del base["encounter"]
    base |= {"status": "final", "effectiveDateTime": str(truth.first_visit[episode["episode_id"]])}
    values = {
        "bmi": (_coded("39156-5", "Body mass index", LOINC), _quantity(row["bmi"], "kg/m2")),
        "smoker": (_coded("smoker", "Smokes now"), {"valueBoolean": row["smoker"] == "yes"} if row["smoker"] else None),
        "comorbidities": (_coded("comorbidities", "Number of other conditions"), _integer(row["comorbidities"])),
        "occupation": (_coded("occupation", "Kind of work"), _concept("occupation", row["occupation"])),
    }
    yield from (base | {"id": f"{base['id']}-{name}", "code": code} | value for name, (code, value) in values.items() if value)


def _quantity(text: str, unit: str) -> Resource | None:
    return {"valueQuantity": {"value": float(text), "unit": unit}} if text else None


def _integer(text: str) -> Resource | None:
    return {"valueInteger": int(text)} if text else None


def _concept(column: str, code: str) -> Resource | None:
    return {"valueCodeableConcept": _term(column, code)} if code else None


def _about(truth: Truth, episode: str, kind: str, name: str) -> Resource:
    """The start of a resource of an episode: kind, id, whose it is, and the Encounter it belongs to."""
    person = truth.people[truth.patient_of[episode]]
    return {
        "resourceType": kind, "id": name, "subject": {"reference": f"Patient/{person.mrn}"},
        "encounter": {"reference": f"Encounter/{_encounter(episode)}"},
    }  # fmt: skip


def _encounter(episode: str) -> str:
    return f"ref-{int(episode[1:])}"


def _of_episode(truth: Truth, episode: Row, forms: list[Form]) -> Iterator[Resource]:
    key = episode["episode_id"]
    yield _referral(truth, episode)
    yield _condition(truth, episode, "encounter-diagnosis", f"dx-{int(key[1:])}-1")
    for at, row in enumerate(truth.of(key, "other_diagnoses"), start=2):
        yield _condition(truth, row, "problem-list-item", f"dx-{int(key[1:])}-{at}")
    yield from _findings(truth, episode)
    for at, row in enumerate(truth.of(key, "investigations"), start=1):
        yield _about(truth, key, "DiagnosticReport", f"inv-{int(key[1:])}-{at}") | {
            "status": "final", "code": _term("investigation", row["investigation"]), "effectiveDateTime": str(truth.day(row)),
            "conclusionCode": [_term("finding", row["finding"])] if row["finding"] else None,
        }  # fmt: skip
    yield from (_treatment(truth, row) for row in truth.of(key, "treatments"))
    for at, row in enumerate(truth.of(key, "adverse_events"), start=1):
        yield _complication(truth, row, f"ae-{int(key[1:])}-{at}")
    yield from (_questionnaire(truth, form) for form in forms)


def _referral(truth: Truth, episode: Row) -> Resource:
    key = episode["episode_id"]
    start, end = truth.first_visit[key], truth.day(episode, "closed_day")
    about = {name: value for name, value in _about(truth, key, "Encounter", _encounter(key)).items() if name != "encounter"}
    return about | {
        "status": "finished" if end else "in-progress", "class": {"code": "AMB"}, "serviceProvider": {"reference": f"Organization/{episode['site']}"},
        "participant": [{"individual": {"reference": f"Practitioner/{episode['clinician']}"}}],
        "period": {"start": f"{start}T09:30:00+05:30", **({"end": f"{end}T17:00:00+05:30"} if end else {})},
    }  # fmt: skip


def _condition(truth: Truth, row: Row, category: str, name: str) -> Resource:
    concept = _term("diagnosis", row["diagnosis"]) or {}
    icd10 = [{"system": "http://hl7.org/fhir/sid/icd-10", "code": row["icd10"]}] if row["icd10"] else []
    # The own code system stands for the list; ICD-10 beside it is what insurers asked for.
    return _about(truth, row["episode_id"], "Condition", name) | {
        "category": [_coded(category, category)], "code": {**concept, "coding": [*concept["coding"], *icd10]},
        "bodySite": [_term("side", row["side"])] if row.get("side") else None, "recordedDate": str(truth.first_visit[row["episode_id"]]),
    }  # fmt: skip


def _findings(truth: Truth, episode: Row) -> Iterator[Resource]:
    """State, symptoms, red flags and how long it had hurt, as Observations of the first visit."""
    key = episode["episode_id"]
    found = [
        ("status", _concept("status", episode["status"])),
        ("red-flags", {"valueBoolean": episode["red_flags"] == "yes"}),
        ("symptom-weeks", _quantity(episode["symptom_weeks"], "wk")),
        *(("symptom", _concept("symptom", row["symptom"])) for row in truth.of(key, "symptoms")),
    ]
    for at, (code, value) in enumerate(found, start=1):
        if value:
            about = _about(truth, key, "Observation", f"obs-{int(key[1:])}-{at}")
            date = {"status": "final", "effectiveDateTime": str(truth.first_visit[key])}
            yield about | date | {"code": _coded(code, code.replace("-", " ").capitalize())} | value


def _treatment(truth: Truth, row: Row) -> Resource:
    """A medicine as MedicationRequest, all else as Procedure."""
    start, end = truth.day(row, "start_day"), truth.day(row, "end_day")
    doctor = {"reference": f"Practitioner/{row['clinician']}"} if row["clinician"] else None
    period = {"start": str(start), **({"end": str(end)} if end else {})}
    name = f"tx-{int(row['treatment_id'][1:])}"
    if row["treatment"] in w.MEDICATION:
        return _about(truth, row["episode_id"], "MedicationRequest", name) | {
            "status": "completed" if end else "active", "intent": "order", "medicationCodeableConcept": _term("treatment", row["treatment"]),
            "authoredOn": str(start), "requester": doctor, "dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": period}}}],
        }  # fmt: skip
    again = {"yes": "further-operation", "no": "first-operation"}.get(row["reoperation"])
    return _about(truth, row["episode_id"], "Procedure", name) | {
        "status": "completed", "code": _term("treatment", row["treatment"]), "performedPeriod": period,
        "performer": [{"actor": doctor}] if doctor else None, "reasonCode": [_coded(again, again.replace("-", " "))] if again else None,
    }  # fmt: skip


def _response(truth: Truth, episode: str, name: str, form: str, answers: dict[str, Resource | None]) -> Resource:
    items = [{"linkId": link, "answer": [answer]} for link, answer in answers.items() if answer]
    about = _about(truth, episode, "QuestionnaireResponse", name)
    return about | {"status": "completed", "questionnaire": f"https://example.org/fhir/Questionnaire/{form}", "item": items}


def _complication(truth: Truth, row: Row, name: str) -> Resource:
    answers: dict[str, Resource | None] = {
        "event": {"valueCoding": (_term("event", row["event"]) or {})["coding"][0]},
        "severity": {"valueCoding": (_term("severity", row["severity"]) or {})["coding"][0]} if row["severity"] else None,
        "treatment": {"valueString": f"tx-{int(row['treatment_id'][1:])}"} if row["treatment_id"] else None,
    }
    return _response(truth, row["episode_id"], name, "complication", answers) | {"authored": str(truth.day(row))}


def _questionnaire(truth: Truth, form: Form) -> Resource:
    def decimal(code: str) -> Resource | None:
        return {"valueDecimal": json.loads(plain(form.scores[code]))} if code in form.scores else None

    answers = {code: decimal(code) for code in ("nrs_pain", "nrs_back", "nrs_buttock", "nrs_leg", "eq_vas")}
    answers |= {f"odi-{at}": None if item is None else {"valueInteger": item} for at, item in enumerate(form.odi, start=1)}
    answers |= {f"eq5d-{at}": None if level is None else {"valueInteger": level} for at, level in enumerate(form.eq5d, start=1)}
    return _response(truth, form.episode, f"q-{form.number}", "spine-visit", answers) | {"authored": f"{form.day}T10:00:00+05:30"}
