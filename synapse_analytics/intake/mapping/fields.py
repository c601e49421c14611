"""What the rows of a source can become: the files of the bundle, with dates where the bundle has days. Derived from the bundle's schema."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from synapse_analytics.bundle.schema import FILES, Column, Kind, RecordFile
from synapse_analytics.intake.mapping.model import FieldRule


class Reads(StrEnum):
    """How the text of a cell is read."""

    ID = "id"  # any text; it becomes a surrogate
    UNIT = "unit"  # a site or clinician: a short code as it stands, or a surrogate
    DATE = "date"
    DAY = "day"  # whole days from day 0
    CODE = "code"  # a code of a closed list
    ICD10 = "icd10"
    COUNT = "count"
    NUMBER = "number"
    SCORE = "score"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class FieldOf:
    """One thing that a row can say: its name in the mapping, how it is read, and the column of the bundle that it becomes."""

    name: str
    reads: Reads
    meaning: str
    becomes: str  # column of the bundle; "" for what only links rows
    needed: bool = False
    low: float | None = None
    high: float | None = None
    terms: tuple = ()


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One file of the bundle as rows of a source can become it."""

    name: str
    one_row_is: str
    fields: tuple[FieldOf, ...]

    def field(self, name: str) -> FieldOf:
        """The field of this name; KeyError when there is none."""
        return {one.name: one for one in self.fields}[name]


DATE_OF = {  # column of the bundle -> the field that holds its date
    "first_visit_month": "first_visit_date",
    "closed_day": "closed_date",
    "day": "date",
    "start_day": "start_date",
    "end_day": "end_date",
    "age_years": "date_of_birth",
}
_PATIENT = FieldOf("patient_id", Reads.ID, "whose record it is; several columns together where numbers repeat between sites", "patient_id")
_READS = {
    Kind.ID: Reads.ID, Kind.UNIT: Reads.UNIT, Kind.CODE: Reads.CODE, Kind.ICD10: Reads.ICD10, Kind.DAY: Reads.DAY, Kind.COUNT: Reads.COUNT,
    Kind.NUMBER: Reads.NUMBER, Kind.SCORE: Reads.SCORE, Kind.YES_NO: Reads.YES_NO,
}  # fmt: skip
_GIVEN_BY_OTHERS = {
    "episode_id",
    "treatment_id",
    "day",
    "start_day",
    "first_visit_month",
    "age_years",
}  # needed, but not as this very field


def answered(field: FieldOf) -> FieldOf:
    """The field as its boxes are read: each is answered yes or no."""
    return replace(field, reads=Reads.YES_NO, terms=())


def is_several(field: FieldOf, rule: FieldRule) -> bool:
    """True where one row may become several records by this field."""
    return field.reads is Reads.CODE and bool(rule.split or rule.boxes)


def is_bmi_of_two(field: FieldOf, rule: FieldRule) -> bool:
    """True for a body mass index that is calculated from weight and height."""
    return field.name == "bmi" and len(rule.from_) == 2


def units_of(field: FieldOf, rule: FieldRule) -> tuple[str, ...]:
    """The units in which a field may be written: of a time, or of the height from which a body mass index is calculated."""
    if is_bmi_of_two(field, rule):
        return "cm", "m"
    is_time = field.reads is Reads.DAY or field.name.endswith(("_weeks", "_years"))
    return ("days", "weeks", "months", "years") if is_time else ()


def _fields(file: RecordFile) -> tuple[FieldOf, ...]:
    found = [_PATIENT] if file.name not in {"patients.csv", "episodes.csv"} else []
    for column in file.columns:
        if column.kind is not Kind.MONTH:
            found.append(_field(column))
        if column.name in DATE_OF:
            meaning = "date of birth" if column.name == "age_years" else f"date of: {column.meaning}"
            found.append(FieldOf(DATE_OF[column.name], Reads.DATE, meaning, column.name))
    if file.name in {"symptoms.csv", "other_diagnoses.csv"}:
        found.append(FieldOf("date", Reads.DATE, "date on which it was recorded, which says to which episode it belongs", ""))
    if file.name == "patients.csv":
        found.append(FieldOf("date", Reads.DATE, "date on which it was recorded, for `nearest`", ""))
    return tuple(found)


def _field(column: Column) -> FieldOf:
    needed = column.required and column.name not in _GIVEN_BY_OTHERS
    return FieldOf(column.name, _READS[column.kind], column.meaning, column.name, needed, column.low, column.high, column.terms)


RECORDS: tuple[RecordKind, ...] = tuple(RecordKind(file.stem, file.one_row_is, _fields(file)) for file in FILES)


def record_kind(name: str) -> RecordKind:
    """The kind of record of this name; KeyError when there is none."""
    return {kind.name: kind for kind in RECORDS}[name]
