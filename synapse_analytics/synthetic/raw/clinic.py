"""The files of a clinic: a workbook of several sheets, a treatment list and a questionnaire list, as messy as they come."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from synapse_analytics.synthetic.raw import words as w
from synapse_analytics.synthetic.raw.truth import Form, Row, Truth
from synapse_analytics.synthetic.raw.writing import plain, write_csv

EVERY = 40  # so many-th rows carry a fault
LEFT_OUT = 999  # what the clinic writes for a leg pain that was not asked
REGISTER = (
    "Site", "Regn No", "Ref No", "Patient Name", "Mobile", "E-mail", "Address", "Aadhaar No", "PAN", "Sex", "DOB", "Age", "BMI", "Smoker",
    "Co-morb", "Occupation", "Date of 1st visit", "Consultant", "Diagnosis", "ICD", "Side", "Duration (wks)", "Red flag", "Complaints",
    "Outcome", "Closed on",
)  # fmt: skip
YES_NO = {"yes": "Y", "no": "N", "": ""}


def write_clinic(folder: Path, truth: Truth) -> None:
    """register.xlsx, treatments.csv and questionnaires.csv."""
    _write_workbook(folder / "register.xlsx", truth)
    write_csv(folder / "treatments.csv", [_treatment(truth, row, at) for at, row in enumerate(truth.rows["treatments"])], separator=";",
              encoding="windows-1252")  # fmt: skip
    write_csv(folder / "questionnaires.csv", _questionnaires(truth))


def reference(truth: Truth, episode: str) -> str:
    """The number of a referral, such as 2024/0117."""
    return f"{truth.first_visit[episode].year}/{int(episode[1:]):04d}"


def _keys(truth: Truth, episode: str) -> dict[str, str]:
    return {"Regn No": truth.people[truth.patient_of[episode]].mrn, "Ref No": reference(truth, episode)}


def _write_workbook(path: Path, truth: Truth) -> None:
    book = xlsxwriter.Workbook(str(path), {"in_memory": True})
    book.set_properties({"title": "Made-up register", "created": datetime(2026, 1, 1)})  # noqa: DTZ001 - the library takes no time zone
    as_date = book.add_format({"num_format": "dd-mm-yyyy"})
    episodes = sorted(truth.rows["episodes"], key=lambda row: (row["site"], row["episode_id"]))
    sheet = book.add_worksheet("Register")
    sheet.merge_range(0, 0, 0, len(REGISTER) - 1, "Made-up Spine Clinic - patient register (no patient exists)", None)
    sheet.write(1, 0, "Printed 05-01-2026")
    _write_rows(sheet, [_register_row(truth, row, at) for at, row in enumerate(episodes)], as_date, first=2)
    _merge_sites(sheet, episodes)
    sheet.write(len(episodes) + 3, 0, f"Total: {len(episodes)} referrals")
    for name, rows in _other_sheets(truth).items():
        _write_rows(book.add_worksheet(name), rows, as_date)
    book.close()


def _write_rows(sheet: Worksheet, rows: list[dict[str, Any]], as_date: Format, first: int = 0) -> None:
    sheet.write_row(first, 0, list(rows[0]))
    for line, row in enumerate(rows, start=first + 1):
        for place, value in enumerate(row.values()):
            if isinstance(value, date):
                sheet.write_datetime(line, place, value, as_date)
            elif value not in ("", None):
                sheet.write(line, place, value)


def _merge_sites(sheet: Worksheet, episodes: list[Row]) -> None:
    sites = [row["site"] for row in episodes]
    for site in sorted(set(sites)):
        first, last = sites.index(site) + 3, len(sites) - sites[::-1].index(site) + 2
        sheet.merge_range(first, 0, last, 0, w.SITE_NAMES[site], None)


def _register_row(truth: Truth, episode: Row, at: int) -> dict[str, Any]:
    patient = next(row for row in truth.rows["patients"] if row["patient_id"] == episode["patient_id"])
    person, own = truth.people[episode["patient_id"]], truth.of(episode["episode_id"], "symptoms")
    return dict(zip(REGISTER, (
        None, person.mrn, reference(truth, episode["episode_id"]), person.name, person.phone, person.email, person.address,
        person.aadhaar, person.pan, {"male": "M", "female": "F"}.get(patient["sex"], ""), person.born,
        int(patient["age_years"]) if at % 3 else None, float(patient["bmi"]) if patient["bmi"] else None, YES_NO[patient["smoker"]],
        int(patient["comorbidities"] or 99), w.said(w.OCCUPATIONS, patient["occupation"], at), truth.first_visit[episode["episode_id"]],
        w.DOCTORS[episode["clinician"]], w.said(w.DIAGNOSES, episode["diagnosis"], at), episode["icd10"],
        w.said(w.SIDES, episode["side"], at), int(episode["symptom_weeks"]) if episode["symptom_weeks"] else "NA",
        YES_NO[episode["red_flags"]], ", ".join(w.said(w.SYMPTOMS, row["symptom"], at) for row in own),
        w.said(w.STATUSES, episode["status"], at), truth.day(episode, "closed_day"),
    ), strict=True))  # fmt: skip


def _other_sheets(truth: Truth) -> dict[str, list[dict[str, Any]]]:
    return {
        "Investigations": [
            {**_keys(truth, row["episode_id"]), "Date": truth.day(row), "Test": w.said(w.INVESTIGATIONS, row["investigation"], at),
             "Report": w.said(w.FINDINGS, row["finding"], at)}
            for at, row in enumerate(truth.rows["investigations"])
        ],
        "Other diagnoses": [
            {**_keys(truth, row["episode_id"]), "Diagnosis": w.said(w.DIAGNOSES, row["diagnosis"], at), "ICD": row["icd10"]}
            for at, row in enumerate(truth.rows["other_diagnoses"])
        ],
        "Complications": [
            {**_keys(truth, row["episode_id"]), "Date": truth.day(row), "Event": w.said(w.EVENTS, row["event"], at),
             "Bill No": row["treatment_id"].replace("T0000", "B/"), "Grade": w.said(w.SEVERITIES, row["severity"], at)}
            for at, row in enumerate(truth.rows["adverse_events"])
        ],
    }  # fmt: skip


def _treatment(truth: Truth, row: Row, at: int) -> dict[str, str]:
    person = truth.people[truth.patient_of[row["episode_id"]]]
    remarks = (f"Spoke to {person.given} on {person.phone}, agrees – café 9 am", f"{person.name} regular", "", "", "")
    return {
        **_keys(truth, row["episode_id"]),
        "Bill No": row["treatment_id"].replace("T0000", "B/"),
        "Treatment": w.said(w.TREATMENTS, row["treatment"], at),
        "Start": _written(truth.day(row, "start_day")),
        "Stop": _written(truth.day(row, "end_day")),
        "Given by": w.DOCTORS.get(row["clinician"], ""),
        "Redo": YES_NO[row["reoperation"]],
        "Amount": f"{(at * 137 % 9000) + 250},50",
        "Remarks": remarks[at % len(remarks)],
    }


def _written(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""


def _questionnaires(truth: Truth) -> list[dict[str, str]]:
    rows = []
    for form in truth.forms():
        row = {**_keys(truth, form.episode), **_answers(form)}
        rows += [row, dict(row)] if form.number % EVERY == EVERY - 1 else [row]
    strangers = [{**rows[0], "Regn No": f"99{number:05d}", "Ref No": f"2020/{number:04d}"} for number in (9001, 9002)]
    return rows + strangers


def _answers(form: Form) -> dict[str, str]:
    scores = form.scores
    stated = min(100, round(scores["odi"]) + (10 if form.number % (3 * EVERY) == 1 else 0)) if "odi" in scores else None
    leg = scores.get("nrs_leg")
    return {
        "Date": _written(form.day),
        "Pain 0-10": plain(scores.get("nrs_pain")),
        "Back 0-10": plain(scores.get("nrs_back")),
        "Buttock 0-10": plain(scores.get("nrs_buttock")),
        "Leg VAS mm": plain(LEFT_OUT if leg is None else leg * 10),
        **{f"ODI{place}": "" if item is None else str(item) for place, item in enumerate(form.odi, start=1)},
        "ODI %": "" if stated is None else str(stated),
        **dict(zip(("MO", "SC", "UA", "PD", "AD"), ("" if level is None else str(level) for level in form.eq5d), strict=True)),
        "EQ VAS": plain(scores.get("eq_vas")),
    }
