"""What gives people away, where it is found in real exports; every number here is made up."""

from __future__ import annotations

from tests.faults.drawn import Case, add_column, line, manifest, swap

PATIENTS, SCORES, EPISODES = "patients.csv", "scores.csv", "episodes.csv"
TITLED = ("Dr_Sharma", "Dr_Sharma2", "Mrs_Sharma_2", "Smt_Lakshmi9", "shri-ramesh-kumar1", "Dr_A_Sharma", "MISS-RAO")


def _column(name: str) -> Case:
    return Case(add_column(PATIENTS, name, ["a", "b", "c"]), "identity_column", PATIENTS, 1, name)


def _value(rule: str, text: str) -> Case:
    """A value in a column outside the schema whose name says nothing."""
    quoted = f'"{text}"' if "," in text else text
    return Case(add_column(PATIENTS, "other", ["", quoted, ""]), rule, PATIENTS, 3, "other", text)


def _sex(rule: str, text: str) -> Case:
    """A value in a closed column of the schema."""
    quoted = f'"{text}"' if "," in text else text
    return Case(line(PATIENTS, 3, f"P2,{quoted},61,,no,2,retired"), rule, PATIENTS, 3, "sex", text)


def _id(rule: str, text: str) -> Case:
    return Case(swap(PATIENTS, "P3", text), rule, PATIENTS, 4, "patient_id", text)


IDENTIFYING: dict[str, Case] = {
    **{f"column {name}": _column(name) for name in (
        "date_of_birth", "DOB", "Patient Name", "patientName", "E-Mail", "mobile_no", "phone1", "Aadhaar Number", "PAN", "voter_id",
        "abha_id", "MRN", "UHID", "address", "pin_code", "visit_date", "ip_address", "website", "father_name", "remarks", "passport_no",
    )},
    "name": _value("identity_name", "Asha Verma"),
    "name with title": _value("identity_name", "Dr. verma"),
    "name in another script": _value("identity_name", "आशा वर्मा"),
    "phone": _value("identity_phone", "9812345645"),
    "phone with country code": _value("identity_phone", "+91 98123 45645"),
    "landline": _value("identity_phone", "022-23456789"),
    "phone in words": _value("identity_phone", "call 9812345645 evenings"),
    "phone in other digits": _value("identity_phone", "९८१२३४५६४५"),
    "e-mail": _value("identity_email", "asha.verma@example.org"),
    "pan": _value("identity_pan", "ABCPV1234K"),
    "voter id": _value("identity_voter", "XYZ1234567"),
    "health id": _value("identity_health_id", "91-1234-5678-9012"),
    "health handle": _value("identity_health_id", "asha@abdm"),
    "record number": _value("identity_record_number", "MRN-0048213"),
    "passport": _value("identity_document", "K1234567"),
    "address": _value("identity_address", "12 Hill Road, Bandra"),
    "position on the map": _value("identity_address", "19.07609, 72.87774"),
    "ip address": _value("identity_network", "192.168.10.77"),
    "ip address, version 6": _value("identity_network", "2001:db8::8a2e:370:7334"),
    "device address": _value("identity_network", "00:1b:44:11:3a:b7"),
    "url": _value("identity_url", "https://example.org/p/77"),
    "date": _value("identity_date", "2021-03-14"),
    "date in numbers": _value("identity_date", "14/03/2021"),
    "date in words": _value("identity_date", "14 March 2021"),
    "time stamp": _value("identity_date", "2021-03-14T09:30:00"),
    "formula": _value("formula_cell", "=1+2"),
    "aadhaar column": Case(
        add_column(PATIENTS, "other", ["234123412346", "345634563458", "499118665246"]), "identity_aadhaar", PATIENTS, 1, "other", "2341"
    ),
    "phone in a code column": _sex("identity_phone", "9812345645"),
    "e-mail in a code column": _sex("identity_email", "asha@example.org"),
    "name in a code column": _sex("identity_name", "Asha Verma"),
    "date in a code column": _sex("identity_date", "1960-05-17"),
    "formula in a code column": _sex("formula_cell", "@SUM(A1)"),
    "tab before a code": _sex("formula_cell", "\tmale"),
    "phone as a score": Case(line(SCORES, 2, "E1,0,nrs_pain,9812345645"), "identity_phone", SCORES, 2, "value", "9812345645"),
    "date as a month": Case(swap(EPISODES, "2020-02", "2020-02-17"), "identity_date", EPISODES, 3, "first_visit_month", "2020-02-17"),
    "date as a day": Case(line(SCORES, 2, "E1,2020-01-05,nrs_pain,8"), "identity_date", SCORES, 2, "day", "2020-01-05"),
    "packed date as a day": Case(line(SCORES, 2, "E1,20200105,nrs_pain,8"), "identity_date", SCORES, 2, "day", "20200105"),
    "doctor's name as clinician": Case(swap(EPISODES, "C02", "Dr_Verma"), "identity_name", EPISODES, 3, "clinician", "Dr_Verma"),
    "age of 93": Case(line(PATIENTS, 3, "P2,male,93,,no,2,retired"), "age_over_90", PATIENTS, 3, "age_years"),
    "digit-only patient id": _id("digit_only_id", "0048213"),
    "digit-only site": Case(swap(EPISODES, "S2", "417"), "digit_only_id", EPISODES, 4, "site", "417"),
    "record number as id": _id("identity_record_number", "MRN0048213"),
    "name as id": _id("identity_name", "Asha_Verma"),
    **{f"{name} as id": _id("identity_name", name) for name in TITLED},
    **{f"{name} as clinician": Case(swap(EPISODES, "C02", name), "identity_name", EPISODES, 3, "clinician", name) for name in TITLED},
    "pan as id": _id("identity_pan", "ABCPV1234K"),
    "voter id as id": _id("identity_voter", "XYZ1234567"),
    "date as id": _id("identity_date", "1960-05-17"),
    "e-mail as id": _id("identity_email", "asha@example.org"),
    "phone in the manifest": Case(manifest(method="ask 9812345645"), "identity_phone", "manifest.json", column="method", hidden="9812345645"),
    "e-mail in the manifest": Case(
        manifest(deidentified_by="asha@example.org"), "identity_email", "manifest.json", column="deidentified_by", hidden="asha@example.org"
    ),
}  # fmt: skip
