"""A REDCap project: raw values of a longitudinal project with repeating instruments, and its data dictionary.

Each referral of a patient is an event; symptoms are checkboxes; identifiers carry the flag of the dictionary.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synapse_analytics.synthetic.raw import words as w
from synapse_analytics.synthetic.raw.truth import Form, Row, Truth
from synapse_analytics.synthetic.raw.writing import plain, write_csv

NOT_KNOWN = "99"
YES_NO = {"yes": "1", "no": "0", "": ""}
HEADER = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label", "Choices, Calculations, OR Slider Labels",
    "Field Note", "Text Validation Type OR Show Slider Number", "Text Validation Min", "Text Validation Max", "Identifier?",
    "Branching Logic (Show field only if...)", "Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name",
    "Matrix Ranking?", "Field Annotation",
)  # fmt: skip
_ODI = ("Pain intensity", "Personal care", "Lifting", "Walking", "Sitting", "Standing", "Sleeping", "Sex life", "Social life", "Travelling")
_EQ5D = ("Mobility", "Self-care", "Usual activities", "Pain or discomfort", "Anxiety or depression")
# name, form, kind, label, list of choices or validation, identifier
FIELDS: tuple[tuple[str, str, str, str, str, bool], ...] = (
    ("record_id", "demographics", "text", "Record ID", "", False),
    ("mrn", "demographics", "text", "Hospital number", "", True),
    ("patient_name", "demographics", "text", "Name", "", True),
    ("phone", "demographics", "text", "Telephone", "phone", True),
    ("email", "demographics", "text", "E-mail", "email", True),
    ("address", "demographics", "notes", "Address", "", True),
    ("aadhaar", "demographics", "text", "Aadhaar number", "", True),
    ("pan", "demographics", "text", "PAN", "", True),
    ("dob", "demographics", "text", "Date of birth", "date_ymd", True),
    ("sex", "demographics", "radio", "Sex", "sex", False),
    ("bmi", "demographics", "text", "Body mass index (kg/m2)", "number", False),
    ("smoker", "demographics", "yesno", "Smokes now?", "", False),
    ("comorbidities", "demographics", "text", "Number of other chronic conditions (99 = not known)", "integer", False),
    ("occupation", "demographics", "radio", "Kind of work", "occupation", False),
    ("first_visit", "referral", "text", "Date of first visit", "date_ymd", False),
    ("site", "referral", "dropdown", "Site", "site", False),
    ("clinician", "referral", "dropdown", "Clinician", "clinician", False),
    ("diagnosis", "referral", "radio", "Primary diagnosis", "diagnosis", False),
    ("icd10", "referral", "text", "ICD-10 code", "", False),
    ("side", "referral", "radio", "Side of the pain", "side", False),
    ("symptom_weeks", "referral", "text", "Weeks with symptoms", "integer", False),
    ("red_flags", "referral", "yesno", "Red flags?", "", False),
    ("symptoms", "referral", "checkbox", "Symptoms at first visit", "symptom", False),
    ("status", "referral", "radio", "State of the referral", "status", False),
    ("closed_on", "referral", "text", "Date closed", "date_ymd", False),
    ("notes", "referral", "notes", "Notes", "", False),
    ("od_diagnosis", "other_diagnosis", "radio", "Other diagnosis", "diagnosis", False),
    ("od_icd10", "other_diagnosis", "text", "ICD-10 code", "", False),
    ("inv_date", "investigation", "text", "Date of investigation", "date_ymd", False),
    ("inv_kind", "investigation", "radio", "Investigation", "investigation", False),
    ("inv_finding", "investigation", "radio", "Confirms the diagnosis?", "finding", False),
    ("tx_kind", "treatment", "dropdown", "Treatment", "treatment", False),
    ("tx_start", "treatment", "text", "Start date", "date_ymd", False),
    ("tx_end", "treatment", "text", "End date", "date_ymd", False),
    ("tx_clinician", "treatment", "dropdown", "Given by", "clinician", False),
    ("tx_reoperation", "treatment", "yesno", "A further operation for the same problem?", "", False),
    ("q_date", "questionnaire", "text", "Date of answer", "date_ymd", False),
    ("nrs_pain", "questionnaire", "text", "Worst pain, last week (0-10)", "number", False),
    ("nrs_back", "questionnaire", "text", "Back pain (0-10)", "number", False),
    ("nrs_buttock", "questionnaire", "text", "Buttock pain (0-10)", "number", False),
    ("nrs_leg", "questionnaire", "text", "Leg pain (0-10)", "number", False),
    *((f"odi_{place}", "questionnaire", "radio", f"ODI {place}: {label}", "odi", False) for place, label in enumerate(_ODI, start=1)),
    *((f"eq5d_{place}", "questionnaire", "radio", f"EQ-5D-5L: {label}", "eq5d", False) for place, label in enumerate(_EQ5D, start=1)),
    ("eq_vas", "questionnaire", "slider", "Health today (0-100)", "", False),
    ("ae_date", "adverse_event", "text", "Date of event", "date_ymd", False),
    ("ae_event", "adverse_event", "radio", "Event", "event", False),
    ("ae_treatment", "adverse_event", "text", "Number of the treatment it followed", "integer", False),
    ("ae_severity", "adverse_event", "radio", "Severity", "severity", False),
)
_VALIDATIONS = {"phone", "email", "date_ymd", "number", "integer"}
_ITEMS = {"odi": [f"{n + 1}, Answer {n}" for n in range(6)], "eq5d": [f"{n}, Level {n}" for n in range(1, 6)]}
REPEATS = {
    "other_diagnoses": "other_diagnosis",
    "investigations": "investigation",
    "treatments": "treatment",
    "adverse_events": "adverse_event",
}


def write_redcap(folder: Path, truth: Truth) -> None:
    """export.csv and data_dictionary.csv."""
    write_csv(folder / "data_dictionary.csv", [_dictionary(*field) for field in FIELDS], columns=HEADER)
    write_csv(folder / "export.csv", _records(truth), columns=_columns())


def _dictionary(*field: Any) -> dict[str, str]:
    name, form, kind, label, detail, identifier = field
    validation = detail if detail in _VALIDATIONS else ""
    return dict.fromkeys(HEADER, "") | {
        "Variable / Field Name": name, "Form Name": form, "Field Type": kind, "Field Label": label,
        "Choices, Calculations, OR Slider Labels": " | ".join(_choices(detail)) if detail and not validation else "",
        "Text Validation Type OR Show Slider Number": validation, "Identifier?": "y" if identifier else "",
    }  # fmt: skip


def _choices(name: str) -> list[str]:
    if name in _ITEMS:
        return _ITEMS[name]
    words = {"site": tuple(w.SITE_NAMES.values()), "clinician": tuple(w.DOCTORS.values())}.get(name)
    labels = words or tuple(term.label for term in w.LABELS[name])
    return [f"{place}, {label}" for place, label in enumerate(labels, start=1)]


def _columns() -> list[str]:
    columns = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"]
    for name, _, kind, *_ in FIELDS[1:]:
        columns += [f"{name}___{place}" for place in range(1, len(w.LISTS["symptom"]) + 1)] if kind == "checkbox" else [name]
    return columns


def _records(truth: Truth) -> list[dict[str, Any]]:
    """Every patient with the referrals in order, each followed by its repeating instruments."""
    forms: dict[str, list[Form]] = {}
    for form in truth.forms():
        forms.setdefault(form.episode, []).append(form)
    records = []
    order = sorted(truth.rows["episodes"], key=lambda row: (row["patient_id"], truth.number_of[row["episode_id"]]))
    for episode in order:
        base = {
            "record_id": int(episode["patient_id"][1:]),
            "redcap_event_name": f"referral_{truth.number_of[episode['episode_id']]}_arm_1",
        }
        records.append(
            base | (_demographics(truth, episode) if base["redcap_event_name"] == "referral_1_arm_1" else {}) | _referral(truth, episode)
        )
        for name, instrument in REPEATS.items():
            records += _repeated(base, instrument, [_FIELDS_OF[name](truth, row) for row in truth.of(episode["episode_id"], name)])
        records += _repeated(base, "questionnaire", [_form(form) for form in forms.get(episode["episode_id"], [])])
    return records


def _repeated(base: dict[str, Any], instrument: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        base | {"redcap_repeat_instrument": instrument, "redcap_repeat_instance": place} | row for place, row in enumerate(rows, start=1)
    ]


def _demographics(truth: Truth, episode: Row) -> dict[str, Any]:
    person = truth.people[episode["patient_id"]]
    patient = next(row for row in truth.rows["patients"] if row["patient_id"] == episode["patient_id"])
    return {
        "mrn": person.mrn, "patient_name": person.name, "phone": person.phone, "email": person.email, "address": person.address,
        "aadhaar": person.aadhaar, "pan": person.pan, "dob": person.born, "sex": w.number("sex", patient["sex"]), "bmi": patient["bmi"],
        "smoker": YES_NO[patient["smoker"]], "comorbidities": patient["comorbidities"] or NOT_KNOWN,
        "occupation": w.number("occupation", patient["occupation"]),
    }  # fmt: skip


def _referral(truth: Truth, episode: Row) -> dict[str, Any]:
    name = truth.people[episode["patient_id"]].given
    present = {row["symptom"] for row in truth.of(episode["episode_id"], "symptoms")}
    numbered = {column: w.number(column, episode[column]) for column in ("site", "clinician", "diagnosis", "side", "status")}
    return numbered | {
        "first_visit": truth.first_visit[episode["episode_id"]], "icd10": episode["icd10"], "symptom_weeks": episode["symptom_weeks"],
        "red_flags": YES_NO[episode["red_flags"]], "closed_on": truth.day(episode, "closed_day"),
        "notes": f"{name} came with a relative." if int(episode["episode_id"][1:]) % 7 == 0 else "",
        **{f"symptoms___{place}": int(code in present) for place, code in enumerate(w.LISTS["symptom"], start=1)},
    }  # fmt: skip


def _diagnosis(_: Truth, row: Row) -> dict[str, Any]:
    return {"od_diagnosis": w.number("diagnosis", row["diagnosis"]), "od_icd10": row["icd10"]}


def _investigation(truth: Truth, row: Row) -> dict[str, Any]:
    kind, finding = w.number("investigation", row["investigation"]), w.number("finding", row["finding"])
    return {"inv_date": truth.day(row), "inv_kind": kind, "inv_finding": finding}


def _treatment(truth: Truth, row: Row) -> dict[str, Any]:
    return {
        "tx_kind": w.number("treatment", row["treatment"]), "tx_start": truth.day(row, "start_day"), "tx_end": truth.day(row, "end_day"),
        "tx_clinician": w.number("clinician", row["clinician"]), "tx_reoperation": YES_NO[row["reoperation"]],
    }  # fmt: skip


def _event(truth: Truth, row: Row) -> dict[str, Any]:
    own = [treatment["treatment_id"] for treatment in truth.of(row["episode_id"], "treatments")]
    followed = own.index(row["treatment_id"]) + 1 if row["treatment_id"] else ""
    event, severity = w.number("event", row["event"]), w.number("severity", row["severity"])
    return {"ae_date": truth.day(row), "ae_event": event, "ae_treatment": followed, "ae_severity": severity}


def _form(form: Form) -> dict[str, Any]:
    """The questionnaire; this project codes the items of the ODI from 1 to 6."""
    scores = {name: plain(form.scores.get(name)) for name in ("nrs_pain", "nrs_back", "nrs_buttock", "nrs_leg", "eq_vas")}
    odi = {f"odi_{place}": None if item is None else item + 1 for place, item in enumerate(form.odi, start=1)}
    return {"q_date": form.day, **scores, **odi, **{f"eq5d_{place}": level for place, level in enumerate(form.eq5d, start=1)}}


_FIELDS_OF = {"other_diagnoses": _diagnosis, "investigations": _investigation, "treatments": _treatment, "adverse_events": _event}
