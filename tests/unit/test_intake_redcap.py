"""A REDCap project: what its dictionary says is obeyed, and an export with labels gives the same cells as one with codes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources import redcap
from synapse_analytics.intake.sources.redcap_dictionary import choices_of

HEADER = [
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label", "Choices, Calculations, OR Slider Labels",
    "Field Note", "Text Validation Type OR Show Slider Number", "Identifier?",
]  # fmt: skip
FIELDS = [
    ["record_id", "intake", "", "text", "Study ID", "", "", "", ""],
    ["name", "intake", "", "text", "Name", "", "", "", "y"],
    ["phone", "intake", "", "text", "Phone", "", "", "phone", ""],
    ["dob", "intake", "", "text", "Date of <b>birth</b>", "", "", "date_dmy", "y"],
    ["sex", "intake", "", "radio", "Gender", "0, Female | 1, Male", "", "", ""],
    ["flag", "intake", "", "yesno", "Any red flag", "", "", "", ""],
    ["treat", "intake", "", "checkbox", "Treatments", "1, Physio, twice a week | -9, None", "", "", ""],
    ["age", "intake", "", "text", "Age", "", "", "", ""],
    ["comment", "intake", "", "notes", "Comment", "", "", "", ""],
    ["told", "intake", "", "text", "What the patient said", "", "", "", ""],
    ["seen", "visit", "", "text", "Date", "", "", "datetime_ymd", ""],
    ["pain", "visit", "", "text", "Pain", "", "", "number_comma_decimal", ""],
]
RAW = [
    ["record_id", "redcap_event_name", "name", "phone", "dob", "sex", "flag", "treat___1", "treat____9", "age", "comment", "told",
     "intake_complete", "seen", "pain", "visit_complete"],
    ["A1", "baseline_arm_1", "Ada Rossi", "555-1234", "1950-10-24", "0", "1", "1", "0", "71", "first\nsecond", "hurts", "2",
     "2021-02-03 10:15", "6,5", "0"],
    ["A2", "baseline_arm_1", "Bo Weiss", "", "1961-01-02", "1", "0", "0", "1", "60", "", "", "1", "", "", ""],
]  # fmt: skip
LABELS = [
    ["Study ID", "Event Name", "Name", "Phone", "Date of birth", "Gender", "Any red flag", "Treatments (choice=Physio, twice a week)",
     "Treatments (choice=None)", "Age", "Comment", "What the patient said", "Complete?", "Date", "Pain", "Complete?"],
    ["A1", "baseline_arm_1", "Ada Rossi", "555-1234", "1950-10-24", "Female", "Yes", "Checked", "Unchecked", "71", "first\nsecond", "hurts",
     "Complete", "2021-02-03 10:15", "6,5", "Incomplete"],
    ["A2", "baseline_arm_1", "Bo Weiss", "", "1961-01-02", "Male", "No", "Unchecked", "Checked", "60", "", "", "Unverified", "", "", ""],
]  # fmt: skip


def project(folder: Path, **files: list[list[str]]) -> list[RawTable]:
    """A project with its dictionary and these exports, read."""
    for name, rows in {"dictionary": [HEADER, *FIELDS], **files}.items():
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        (folder / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    return redcap.read(folder)


def test_the_dictionary_is_obeyed(tmp_path: Path) -> None:
    (table,) = project(tmp_path, data=RAW)
    assert table.identifiers == {"name", "phone", "dob"}, "flagged, or with a rule that only such fields have"
    assert table.free_text == {"name", "comment", "told"}, "an age without a rule is no prose"
    assert table.labels["treat____9"] == "Treatments (None)"
    assert table.labels["dob"] == "Date of birth"
    assert table.choices["sex"] == {"0": "Female", "1": "Male"}
    assert table.choices["flag"]["1"] == "Yes"
    assert table.choices["treat___1"] == {"0": "Unchecked", "1": "Checked"}
    assert table.date_formats == {"dob": "year-month-day", "seen": "year-month-day"}
    assert (table.column("seen")[0].as_py(), table.column("pain")[0].as_py()) == ("2021-02-03", "6.5")


def test_the_line_of_each_record(tmp_path: Path) -> None:
    (table,) = project(tmp_path, data=RAW)
    assert list(table.rows) == [2, 4], "the note of the first record has two lines"


def test_labels_become_names_and_codes(tmp_path: Path) -> None:
    (raw,) = project(tmp_path, data=RAW)
    (labelled,) = project(tmp_path, data=LABELS)
    assert labelled.cells.to_pylist() == raw.cells.to_pylist()
    assert labelled.identifiers == raw.identifiers


def test_of_both_exports_one_counts(tmp_path: Path) -> None:
    tables = {table.name: table for table in project(tmp_path, data=RAW, labels=LABELS)}
    assert (tables["data.csv"].n, tables["labels.csv"].n, tables["labels.csv"].read) == (2, 0, 2)


def test_the_lists_of_arms_and_events_are_no_records(tmp_path: Path) -> None:
    tables = project(
        tmp_path, data=RAW, event=[["event_name", "arm_num"], ["Enrollment", "1"], ["Visit 1", "1"]], arm=[["arm_num", "name"]]
    )
    assert [(table.name, table.n, table.read) for table in tables] == [("data.csv", 2, 2), ("arm.csv", 0, 0), ("event.csv", 0, 2)]


def test_dates_that_a_spreadsheet_wrote_anew_promise_no_form(tmp_path: Path) -> None:
    changed = [[cell.replace("1950-10-24", "24/10/1950") for cell in row] for row in RAW]
    (table,) = project(tmp_path, data=changed)
    assert "dob" not in table.date_formats


def test_what_is_missing_or_of_another_project_is_said(tmp_path: Path) -> None:
    with pytest.raises(IntakeRefused, match="No file is an export"):
        project(tmp_path)
    with pytest.raises(IntakeRefused, match=r"does not have most columns(.|\n)*other.csv"):
        project(tmp_path, other=[["a", "b", "record_id"], ["1", "2", "3"]])
    (tmp_path / "dictionary.csv").unlink()
    with pytest.raises(IntakeRefused, match="No file is a data dictionary"):
        redcap.read(tmp_path)


def test_a_torn_row_is_named_without_its_values(tmp_path: Path) -> None:
    project(tmp_path, data=RAW)
    with (tmp_path / "data.csv").open("a", encoding="utf-8") as file:
        file.write("A3,Rossi\n")
    with pytest.raises(IntakeRefused, match=r"A row has 2 columns where the header has 16(.|\n)*data.csv") as refusal:
        redcap.read(tmp_path)
    assert "Rossi" not in str(refusal.value)


def test_semicolons_and_the_encoding_of_excel(tmp_path: Path) -> None:
    project(tmp_path, data=RAW)
    text = "record_id;sex;told\nA1;0;schläft schlecht\n"
    (tmp_path / "data.csv").write_bytes(text.encode("windows-1252"))
    (table,) = redcap.read(tmp_path, {"data.csv": Reading(encoding="windows-1252")})
    assert table.column("told").to_pylist() == ["schläft schlecht"]
    assert "semicolons" in table.how
    assert redcap.read(tmp_path)[0].how.startswith("REDCap, WINDOWS-1252")


@given(
    st.dictionaries(
        st.from_regex(r"-?[0-9]{1,3}|[a-z]{1,3}", fullmatch=True), st.from_regex(r"[A-Z][a-z]+(, [a-z]+)?", fullmatch=True), max_size=5
    )
)
def test_choices_are_read_as_they_were_written(choices: dict[str, str]) -> None:
    assert choices_of(" | ".join(f"{code}, {label}" for code, label in choices.items())) == choices


def test_several_arms_are_a_column_of_their_own(tmp_path: Path) -> None:
    two = [RAW[0], RAW[1], [RAW[2][0], "baseline_arm_2", *RAW[2][2:]]]
    (table,) = project(tmp_path, data=two)
    assert table.cells.column_names[-1] == "redcap_arm"
    assert table.column("redcap_arm").to_pylist() == ["1", "2"]
    (table,) = project(tmp_path, data=RAW)
    assert "redcap_arm" not in table.cells.column_names
