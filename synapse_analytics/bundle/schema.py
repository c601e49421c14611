"""The columns of each file of a bundle: the single declaration behind checks, tables, sample data, data dictionary and exports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from synapse_analytics import vocabulary as v

BUNDLE_FORMAT = "synapse-bundle/1"
ID_PATTERN = r"[A-Za-z0-9_-]{1,64}"
DAY_RANGE = (-3650, 7300)


class Kind(StrEnum):
    """How the values of a column are written and stored."""

    ID = "id"  # ID_PATTERN with at least one letter
    UNIT = "unit"  # short code of a site or clinician, same form as an id
    CODE = "code"  # a code of a closed list, stored as its position in the list
    ICD10 = "icd10"  # letter, two digits, optional point and up to four characters
    MONTH = "month"  # YYYY-MM, stored as year * 12 + month - 1
    DAY = "day"  # whole days from the first visit of the episode
    COUNT = "count"  # a whole number
    NUMBER = "number"  # a decimal number, stored in thousandths
    SCORE = "score"  # a decimal number whose range depends on the instrument, stored in thousandths
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its meaning, its kind, and its range (inclusive), its closed list or the column its values must exist in."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    low: float | None = None
    high: float | None = None
    terms: tuple = ()
    refers_to: str | None = None  # such as "patients.csv.patient_id"


@dataclass(frozen=True, slots=True)
class RecordFile:
    """One file of a bundle: the meaning of a row, the columns in order, and the columns that no two rows share (the key)."""

    name: str
    one_row_is: str
    columns: tuple[Column, ...]
    needed: bool = True
    key: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """The name without its ending, which is also the name of the stored table."""
        return self.name.removesuffix(".csv")

    @property
    def names(self) -> tuple[str, str]:
        """The two names under which a bundle may hold this file: CSV or Parquet."""
        return self.name, f"{self.stem}.parquet"

    def column(self, name: str) -> Column:
        """The declared column of this name; KeyError when there is none."""
        return {column.name: column for column in self.columns}[name]


def _code(name: str, meaning: str, terms: tuple, *, required: bool = False) -> Column:
    return Column(name, Kind.CODE, meaning, required, terms=terms)


def _day(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, Kind.DAY, meaning, required, *DAY_RANGE)


_EPISODE = Column("episode_id", Kind.ID, "the episode this row belongs to", required=True, refers_to="episodes.csv.episode_id")
PATIENTS = RecordFile(
    "patients.csv",
    "a patient",
    (
        Column("patient_id", Kind.ID, "surrogate id of the patient", required=True),
        _code("sex", "sex as recorded", v.SEXES, required=True),
        Column("age_years", Kind.COUNT, "age at first visit in whole years; 90 means 90 and over", required=True, low=0, high=90),
        Column("bmi", Kind.NUMBER, "body mass index, kg/m2", low=10, high=80),
        Column("smoker", Kind.YES_NO, "smokes at first visit"),
        Column("comorbidities", Kind.COUNT, "number of other chronic conditions", low=0, high=20),
        _code("occupation", "kind of work", v.OCCUPATIONS),
    ),
    key=("patient_id",),
)
EPISODES = RecordFile(
    "episodes.csv",
    "one problem, from first visit to close",
    (
        Column("episode_id", Kind.ID, "surrogate id of the episode", required=True),
        Column("patient_id", Kind.ID, "the patient", required=True, refers_to="patients.csv.patient_id"),
        Column("first_visit_month", Kind.MONTH, "month of the first visit, the only calendar value", required=True),
        Column("site", Kind.UNIT, "short code of the site", required=True),
        Column("clinician", Kind.UNIT, "short code of the clinician", required=True),
        _code("diagnosis", "primary diagnosis", v.DIAGNOSES, required=True),
        Column("icd10", Kind.ICD10, "ICD-10 code of the primary diagnosis"),
        _code("side", "side of the pain", v.SIDES),
        Column("symptom_weeks", Kind.COUNT, "weeks with symptoms before the first visit", low=0, high=2600),
        Column(
            "red_flags",
            Kind.YES_NO,
            "red flags at first visit (cauda equina, progressive deficit, cancer, infection, fracture)",
            required=True,
        ),
        _code("status", "state of the episode at the cut-off", v.STATUSES, required=True),
        _day("closed_day", "day the episode closed; needed unless open"),
    ),
    key=("episode_id",),
)
OTHER_DIAGNOSES = RecordFile(
    "other_diagnoses.csv",
    "a secondary diagnosis",
    (
        _EPISODE,
        _code("diagnosis", "secondary diagnosis", v.DIAGNOSES, required=True),
        Column("icd10", Kind.ICD10, "ICD-10 code of the secondary diagnosis"),
    ),
    needed=False,
    key=("episode_id", "diagnosis"),
)
SYMPTOMS = RecordFile(
    "symptoms.csv",
    "a symptom at first visit",
    (_EPISODE, _code("symptom", "symptom present", v.SYMPTOMS, required=True)),
    needed=False,
    key=("episode_id", "symptom"),
)
INVESTIGATIONS = RecordFile(
    "investigations.csv",
    "an investigation",
    (
        _EPISODE,
        _day("day", "day it was done", required=True),
        _code("investigation", "kind of investigation", v.INVESTIGATIONS, required=True),
        _code("finding", "whether it confirmed the diagnosis", v.FINDINGS),
    ),
    needed=False,
)
TREATMENTS = RecordFile(
    "treatments.csv",
    "a course or procedure",
    (
        Column("treatment_id", Kind.ID, "surrogate id of the treatment", required=True),
        _EPISODE,
        _code("treatment", "the treatment given", v.TREATMENTS, required=True),
        _day("start_day", "first day", required=True),
        _day("end_day", "last day of a course; empty: still running, or a procedure"),
        Column("clinician", Kind.UNIT, "short code of the clinician who gave it"),
        Column("sessions", Kind.COUNT, "sessions attended (physical therapy)", low=0, high=1000),
        Column("reoperation", Kind.YES_NO, "a further operation for the same problem (surgery)"),
    ),
    key=("treatment_id",),
)
SCORES = RecordFile(
    "scores.csv",
    "one answer",
    (
        _EPISODE,
        _day("day", "day of the answer", required=True),
        _code("instrument", "which score", v.INSTRUMENTS, required=True),
        Column("value", Kind.SCORE, "the score, in the instrument's own unit", required=True),
    ),
)
ADVERSE_EVENTS = RecordFile(
    "adverse_events.csv",
    "a complication",
    (
        _EPISODE,
        _day("day", "day it happened", required=True),
        _code("event", "kind of event", v.EVENTS, required=True),
        Column("treatment_id", Kind.ID, "the treatment it followed", refers_to="treatments.csv.treatment_id"),
        _code("severity", "how severe", v.SEVERITIES),
    ),
    needed=False,
)
FILES: tuple[RecordFile, ...] = (PATIENTS, EPISODES, OTHER_DIAGNOSES, SYMPTOMS, INVESTIGATIONS, TREATMENTS, SCORES, ADVERSE_EVENTS)


def record_file(name: str) -> RecordFile:
    """The declared file of this name, with or without `.csv`; KeyError when there is none."""
    return {file.stem: file for file in FILES}[name.removesuffix(".csv")]
