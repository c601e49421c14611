"""Six made-up patients as a clinic, REDCap, FHIR and OMOP export them: the inputs that the fuzz of the intake mutates."""

from __future__ import annotations

import csv
import io
import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

RAW = Path(__file__).parents[2] / "sample_data" / "raw"
KINDS = ("clinic", "redcap", "fhir", "omop")
PATIENTS = 6
_SEPARATOR = {"treatments.csv": ";"}
_ENCODING = {"treatments.csv": "windows-1252"}
_WHO = {"clinic": "Regn No", "redcap": "record_id", "omop": "person_id"}  # the column that says whose row it is
NO_PATIENTS = frozenset({"data_dictionary.csv", "concept.csv", "care_site.csv", "provider.csv"})
_IDENTIFYING = {
    "Regn No", "Patient Name", "Mobile", "E-mail", "Address", "Aadhaar No", "PAN", "DOB", "Date of 1st visit", "Ref No",
    "mrn", "patient_name", "phone", "email", "address", "aadhaar", "pan", "dob", "first_visit", "person_source_value", "birth_datetime",
}  # fmt: skip
Cells = list[list[Any]]


@dataclass
class Drawn:
    """An input before it is written: tables (of a workbook as `register.xlsx#Register`), resources, then files; its mapping; what was done."""

    kind: str
    tables: dict[str, Cells]
    resources: list[Any]
    mapping: str
    secrets: frozenset[str]  # identifying cells of the sample
    files: dict[str, bytes] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    source: str = ""  # the name of one file, where that is the whole source

    def write(self) -> None:
        """Make the files of the tables and resources."""
        books: dict[str, dict[str, Cells]] = {}
        for name, cells in self.tables.items():
            file, _, sheet = name.partition("#")
            if sheet:
                books.setdefault(file, {})[sheet] = cells
            else:
                self.files[name] = text_file(cells, _SEPARATOR.get(name, ",")).encode(_ENCODING.get(name, "utf-8"), "replace")
        self.files |= {name: workbook(sheets) for name, sheets in books.items()}
        if self.resources:
            bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in self.resources]}
            self.files["bundle.json"] = json.dumps(bundle, ensure_ascii=False).encode("utf-8", "replace")


def text_file(cells: Cells, separator: str) -> str:
    """Cells as a text file."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(cells)
    return text.getvalue()


def workbook(sheets: dict[str, Cells], merged: tuple[int, int, int, int] | None = None) -> bytes:
    """Sheets as a workbook; every text stays a text."""
    content = io.BytesIO()
    about = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "dd-mm-yyyy", "in_memory": True}
    with xlsxwriter.Workbook(content, about) as book:
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for row, line in enumerate(cells):
                sheet.write_row(row, 0, line)
            if merged:
                sheet.merge_range(*merged, "merged")
    return content.getvalue()


def drawn(kind: str) -> Drawn:
    """A fresh copy of the six patients of a kind, to be mutated."""
    return deepcopy(_cut(kind))


@cache
def _cut(kind: str) -> Drawn:
    mapping = (RAW / f"{kind}.mapping.yaml").read_text(encoding="utf-8")
    if kind == "fhir":
        resources = _resources()
        return Drawn(kind, {}, resources, mapping, frozenset(_secrets_of(resources)))
    tables = {name: _few(cells, _WHO[kind]) if name not in NO_PATIENTS else cells for name, cells in _tables(RAW / kind).items()}
    secrets = {text for name, cells in tables.items() if name not in NO_PATIENTS for text in _identifying(cells)}
    return Drawn(kind, tables, [], mapping, frozenset(secrets))


def _tables(folder: Path) -> dict[str, Cells]:
    found: dict[str, Cells] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".csv":
            text = path.read_text(encoding=_ENCODING.get(path.name, "utf-8"), errors="replace")
            found[path.name] = list(csv.reader(io.StringIO(text), delimiter=_SEPARATOR.get(path.name, ",")))
        else:
            book = CalamineWorkbook.from_path(path)
            found |= {f"{path.name}#{name}": book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    return found


def _few(cells: Cells, who: str) -> Cells:
    top = next(place for place, row in enumerate(cells) if who in row)
    column = cells[top].index(who)
    first = list(dict.fromkeys(row[column] for row in cells[top + 1 :]))[:PATIENTS]
    wanted = {"0040750", "0040671", "0040669", "0040134", "0040668", "0040667"} if who == "Regn No" else set(first)
    kept = [row for row in cells[top + 1 :] if row[column] in wanted]
    total = [cells[-1]] if str(cells[-1][0]).startswith("Total") else []
    return [*cells[: top + 1], *(kept or cells[top + 1 : top + 3]), *total]


def _resources() -> list[Any]:
    """The resources of patients who together answered every question: one that nobody answered is no column."""
    bundles = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((RAW / "fhir").glob("*.json"))]
    entries = [entry["resource"] for bundle in bundles for entry in bundle["entry"]]
    said: dict[str, set[str]] = {}
    for one in entries:
        about = said.setdefault(_patient_of(one), set())
        about.update([one["resourceType"], *(item["linkId"] for item in one.get("item", []))])
    chosen: list[str] = []
    while len(chosen) < PATIENTS:
        seen = {what for patient in chosen for what in said[patient]}
        chosen.append(max((one for one in said if one not in chosen), key=lambda patient: len(said[patient] - seen)))
    return [one for one in entries if _patient_of(one) in chosen]


def _patient_of(resource: Any) -> str:
    return str(resource.get("subject", {}).get("reference", resource["id"])).rpartition("/")[2]


def _secrets_of(resources: list[Any]) -> set[str]:
    found = set()
    for one in resources:
        if one["resourceType"] == "Patient":
            found |= {one["id"], one["birthDate"], one["address"][0]["text"], one["name"][0]["family"]}
            found |= {part["value"] for part in (*one["identifier"], *one["telecom"])}
    return {text for text in found if len(text) > 6}


def _identifying(cells: Cells) -> set[str]:
    found = set()
    top = next((place for place, row in enumerate(cells) if _IDENTIFYING & set(map(str, row))), None)
    for place, name in enumerate(cells[top] if top is not None else []):
        if name in _IDENTIFYING:
            for row in cells[top + 1 :]:
                found |= _spellings(row[place])
    return {text for text in found if len(text) > 6}


def _spellings(cell: Any) -> set[str]:
    if isinstance(cell, date):
        return {cell.isoformat(), cell.strftime("%d/%m/%Y"), cell.strftime("%d-%m-%Y")}
    text = str(cell)
    return {text, text.partition(" 00:00")[0], text.replace("+91 ", "")}
