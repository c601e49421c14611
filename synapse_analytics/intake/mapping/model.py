"""The mapping: how the tables of a clinic become a bundle, as one file that people read. docs/mapping.md is generated from it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MAPPING_FORMAT = "synapse-mapping/1"
Into = Literal["patients", "episodes", "other_diagnoses", "symptoms", "investigations", "treatments", "scores", "adverse_events"]
OPEN = "?"  # an answer that is still open
_LONGEST = 36_500  # days: a hundred years


def _texts(value: Any) -> Any:
    """One text where a list may stand; numbers as people write them in YAML are texts, too."""
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    return tuple(_text(one) for one in values)


def _text(value: Any) -> Any:
    if isinstance(value, bool):  # YAML reads yes, no, on and off as such
        return "yes" if value else "no"
    return "" if value is None else str(value) if isinstance(value, (int, float)) else value


def _coded(value: Any) -> Any:
    return {_text(key): None if code is None else _text(code) for key, code in value.items()} if isinstance(value, dict) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Codes = Annotated[dict[str, str | None], BeforeValidator(_coded)]


class Part(BaseModel):
    """A part of the mapping: immutable, and a word that does not belong there is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FieldRule(Part):
    """How one field is filled from a row. A text alone (`sex: Gender`) is short for `{from: Gender}`."""

    from_: Texts = Field(
        (), alias="from", description="the column; several columns make one id together, and weight in kg and height together the bmi"
    )
    value: Annotated[str | None, BeforeValidator(_text)] = Field(None, description="the same value for every row, instead of a column")
    format: Texts = Field(
        (), description="how dates are written, such as day/month/year, year-month-day, day-Mon-year, or excel (a count of days); several"
    )
    codes: Codes = Field(
        default_factory=dict, description="what each code of the source means here; an empty meaning (`null`) is not recorded"
    )
    concept_set: str | None = Field(
        None,
        description="look up codes that are not listed in this concept set: diagnoses, treatments, investigations, symptoms, or a file",
    )
    boxes: Codes = Field(
        default_factory=dict,
        description="columns of boxes, and what a yes in each means, such as {MRI done: mri}: each yes is a record; for a number the yeses are "
        "counted (write 1), for a field of yes and no one yes is enough (write yes). `codes` says which texts are yes or no",
    )
    days: dict[str, int] = Field(default_factory=dict, description="for a day: the name of each visit and its day from day 0")
    missing: Texts = Field((), description="texts that mean not recorded in this column, such as 99, 999, *, -, NA")
    empty: Annotated[str | None, BeforeValidator(_text)] = Field(
        None, description="what an empty cell means, such as `no` for a box that is ticked only for yes"
    )
    scale: tuple[float, float] | None = Field(
        None, description="lowest and highest value as written, such as [0, 100] for millimetres; brought to the range of the score"
    )
    scales: dict[str, tuple[float, float]] = Field(
        default_factory=dict,
        description="of the field value, where rows name their score: the `scale` of each code of the source, such as {VAS leg: [0, 100]}",
    )
    unit: Literal["days", "weeks", "months", "years", "cm", "m", "?"] | None = Field(
        None,
        description="unit of a duration (it becomes weeks), of a day (days) or of an age (whole years); cm or m of the height for the bmi",
    )
    items: Texts = Field((), description="the columns of the items of a questionnaire, in its order: ten of the ODI, five of the EQ-5D-5L")
    coded: Literal["0-5", "1-6", "1-5"] | None = Field(
        None, description="how items are coded: 0-5 or 1-6 for the ODI, 1-5 for the EQ-5D-5L"
    )
    stated: str | None = Field(None, description="the column with the score that the source states beside the items")
    nearest: int | None = Field(
        None,
        ge=0,
        le=_LONGEST,
        description="of several values of a patient in dated rows the one nearest to day 0 counts (of two as near the earlier), if it is at "
        "most so many days away; for bmi, smoker, comorbidities and occupation, and with the field date",
    )
    split: str | None = Field(None, description="the sign between several answers in one cell")
    fill: Literal["down"] | None = Field(None, description="an empty cell takes the value above it, as in merged cells")
    otherwise: Literal["refuse", "leave_out"] = Field("refuse", description="what to do with a value that cannot be read")
    why: str = Field("", description="why the draft proposes this")
    ask: str = Field("", description="a question that is still open; `anonymise` stops until it is answered and this line is deleted")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"from": value} if isinstance(value, (str, list)) else value

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the source that this field reads."""
        return (*self.from_, *self.boxes, *self.items, *((self.stated,) if self.stated else ()))


class RowRule(Part):
    """Which rows of which table become records of which file of the bundle, and how each field is filled."""

    from_: str = Field(alias="from", description="the table: a file, a sheet (`visits.xlsx#Scores`), a resource or a table of a database")
    where: dict[str, Texts] = Field(default_factory=dict, description="only rows in which each of these columns has one of these values")
    unless: dict[str, Texts] = Field(default_factory=dict, description="no rows in which one of these columns has one of these values")
    into: Into = Field(description="the file of the bundle")
    fields: dict[str, FieldRule] = Field(default_factory=dict, description="how each field is filled")
    scores: dict[str, FieldRule] = Field(default_factory=dict, description="for scores: one entry for each instrument in the row")
    why: str = Field("", description="why the draft proposes this")
    ask: str = Field("", description="a question that is still open")


class Reading(Part):
    """How a file is read, where that cannot be found from the file itself or was found wrongly."""

    encoding: str | None = Field(None, description="such as utf-8 or windows-1252")
    separator: str | None = Field(None, description="the sign between columns")
    decimal: Literal[".", ","] | None = Field(None, description="the decimal sign of numbers")
    header: int | None = Field(None, ge=1, description="the row of the header, as a spreadsheet numbers rows; the second where it has two")
    header_rows: int | None = Field(
        None,
        ge=1,
        le=2,
        description="2 where the row above the header names visits or the like over several columns: both make one name, `Baseline ODI`",
    )
    rows_below: int = Field(0, ge=0, description="how many rows at the end are no records, such as totals")


class EpisodeRule(Part):
    """What one episode is: one problem of a patient, from first visit to close."""

    is_: Literal["one_per_patient", "column", "gap", "referral", "?"] = Field(
        alias="is",
        description="one_per_patient; column: each value of `id` or of the field episode_id; gap: a new one after so many days without a record; "
        "referral: each row that becomes an episode starts one",
    )
    id: Texts = Field(
        (),
        description="for column: the columns that name the episode in every row, such as [record_id, redcap_event_name]; "
        "it stands for the field episode_id of all rows but those of patients",
    )
    days: int = Field(365, ge=1, le=_LONGEST, description="for gap: days without any record after which a new episode begins")
    lead: int = Field(
        60, ge=0, le=_LONGEST, description="for referral: how many days before its first visit a record already belongs to an episode"
    )
    why: str = ""
    ask: str = ""


class Mapping(Part):
    """The whole mapping."""

    format: Literal["synapse-mapping/1"] = Field(description="always synapse-mapping/1")
    source: Literal["files", "redcap", "omop", "fhir"] = Field("files", description="what kind of source it is")
    clinic: str = Field(description="name of the clinic, as the dashboard shows it")
    data_until: Annotated[str, BeforeValidator(_text)] = Field(
        pattern=r"^(?:\?|(?:19|20)\d\d-(?:0[1-9]|1[0-2]))$", description="the last month with complete data, as 2026-06"
    )
    deidentified_by: str = Field(description="who runs the anonymisation")
    synthetic: bool = Field(default=False, description="true if the patients are made up")
    files: dict[str, Reading] = Field(default_factory=dict, description="how files are read, where it cannot be found from the file itself")
    episode: EpisodeRule = Field(description="what one episode is")
    day_zero: Literal["first_visit", "first_record", "first_score", "first_treatment", "?"] = Field(
        "first_visit", description="which day is day 0 of an episode"
    )
    same_day: Literal["refuse", "first", "last"] = Field(
        "refuse", description="two different values of one score on one day: which one to keep"
    )
    conflicts: Literal["refuse", "first", "last"] = Field(
        "refuse", description="two rows of one patient or episode that differ: which one to keep"
    )
    no_closing_date: Literal["refuse", "last_record", "open"] = Field(
        "refuse", description="an episode that is not open but has no date of closing: closed on the day of its last record, or open"
    )
    rows: tuple[RowRule, ...] = Field(description="which rows become what")
    left_out: dict[str, dict[str, str]] = Field(default_factory=dict, description="columns that are left out, by table, and why")
