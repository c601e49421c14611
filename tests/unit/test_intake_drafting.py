"""A drafted mapping: guesses with their reasons, what is uncertain is asked, and no value of a patient is in it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics.intake import dates
from synapse_analytics.intake.draft import draft_mapping, note_on_months
from synapse_analytics.intake.draft.codes import meaning_of
from synapse_analytics.intake.draft.names import field_named
from synapse_analytics.intake.draft.visits import visit_of
from synapse_analytics.intake.mapping.fields import record_kind
from synapse_analytics.intake.mapping.model import FieldRule, Mapping, RowRule
from synapse_analytics.intake.mapping.reading import faults_of, mapping_from, open_questions
from synapse_analytics.intake.mapping.writing import to_yaml
from synapse_analytics.intake.raw import RawTable

Cells = dict[str, list]
N = 40
IDS = [f"{100 + row}" for row in range(N)]
ITEMS = {f"ODI{item}": ["0", "5", "3", "9"] * 10 for item in range(1, 11)}


def table(name: str, cells: Cells, **more: object) -> RawTable:
    rows = pa.table({column: pa.array(values, pa.string()) for column, values in cells.items()})
    return RawTable(name, name, rows, np.arange(rows.num_rows) + 2, **more)  # type: ignore[arg-type]


def draft(*cells: Cells, source: str = "files", **more: object) -> Mapping:
    """The draft for these tables, which must also be readable and fit them."""
    tables = [table(f"{number}.csv", one, **more) for number, one in enumerate(cells)]
    mapping = draft_mapping(tables, source=source)  # type: ignore[arg-type]
    assert mapping_from(to_yaml(mapping), "m.yaml") == mapping
    assert [
        fault.sentence for fault in faults_of(mapping, tables) if "no rule makes" not in fault.sentence and "day 0" not in fault.sentence
    ] == []
    return mapping


def rules(mapping: Mapping, into: str) -> list[RowRule]:
    return [rule for rule in mapping.rows if rule.into == into]


def filled(column: str, values: list[str], into: str = "patients", field: str = "") -> FieldRule:
    """How a column beside an id and a sex is taken."""
    cells = {"MRN": IDS, "Sex": ["M", "F"] * (N // 2), column: (values * N)[:N]}
    (rule,) = rules(draft(cells), into)
    return (rule.fields | rule.scores)[field or field_named(column)]


def days(start: date, form: str) -> list[str]:
    return [(start + timedelta(days=9 * row)).strftime(form) for row in range(N)]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("UHID", "patient_id"),
        ("Hospital No.", "patient_id"),
        ("record_id", "patient_id"),
        ("Gender", "sex"),
        ("DateOfBirth", "date_of_birth"),
        ("Occupaton", "occupation"),
        ("Diagnosis", "diagnosis"),
        ("Date of Discharge", "closed_date"),
        ("Visit date", "date"),
        ("red_flags", "red_flags"),
        ("studyid", "patient_id"),
        ("Shoe size", ""),
    ],
)
def test_headers_name_fields(header: str, field: str) -> None:
    assert field_named(header) == field


@pytest.mark.parametrize(
    ("name", "visit"),
    [
        ("VAS_3m", ("vas", 91)),
        ("month_12_arm_1", ("", 365)),
        ("odi_bl", ("odi", 0)),
        ("ODI preop", ("odi", 0)),
        ("6 weeks post op", ("", 42)),
        ("nrs_leg_24m", ("nrs_leg", 730)),
        ("odi_12w", ("odi", 84)),
        ("eq5d_mo", None),
        ("EQ5D5L_VAS_1y", ("eq5_d5_l_vas", 365)),
        ("eq5d_6w", ("eq5d", 42)),
        ("Pre-op ODI", ("odi", 0)),
        ("ODI at 1 year", ("odi", 365)),
        ("vasleg0", ("vasleg", 0)),
        ("Pain 0-10", None),
        ("unscheduled", None),
    ],
)
def test_names_say_visits(name: str, visit: tuple[str, int] | None) -> None:
    assert visit_of(name) == visit


@pytest.mark.parametrize(
    ("form", "found"),
    [("%d/%m/%Y", "day/month/year"), ("%m/%d/%Y", "month/day/year"), ("%Y-%m-%d", "year-month-day"), ("%d-%b-%Y", "day-Mon-year")],
)
def test_dates_that_prove_their_form(form: str, found: str) -> None:
    assert filled("DOB", days(date(1960, 1, 1), form)).format == (found,)


@pytest.mark.parametrize("both", [[], ["25/01/1960", "01/25/1960"]])
def test_day_first_is_never_guessed(both: list[str]) -> None:
    rule = filled(
        "DOB", [f"0{1 + row % 9}/0{1 + row % 7}/1960" for row in range(N - 2)] + (both or ["01/02/1961"] * 2), field="date_of_birth"
    )
    assert rule.format == ("?",)
    assert "day/month/year or month/day/year" in rule.ask
    assert ("both" in rule.ask) == bool(both)


def test_dates_of_a_spreadsheet_and_of_two_forms() -> None:
    assert filled("DOB", [f"{20_000 + row}" for row in range(N)]).format == ("excel",)
    mixed = days(date(1960, 1, 1), "%Y-%m-%d")[:20] + days(date(1961, 1, 1), "%d/%m/%Y")[:20]
    assert set(filled("DOB", mixed).format) == {"year-month-day", "day/month/year"}


@pytest.mark.parametrize(
    "said", ["+91 98765 43210", "zq@quixmar.in", "2345 6789 0124", "14/07/1958", "12 Quixmar Road, Pune 411001", "MRN-0048213"]
)
def test_what_identifies_somebody_is_in_no_hint(said: str) -> None:
    """A choice of a data dictionary, a box and a heading beside it: the draft names the code or leaves the column out."""
    rows = {"record_id": IDS, "dx": ["1", "2"] * (N // 2), "inv___1": ["1", "0"] * (N // 2), "inv___2": ["0", "1"] * (N // 2)}
    labels = {"inv___1": "Investigations (choice=MRI)", "inv___2": f"Investigations (choice={said})"}
    mapping = draft(rows, labels=labels, choices={"dx": {"1": "PIVD", "2": said}})
    text = " ".join(to_yaml(mapping).split())
    assert said not in text
    assert said.casefold() not in text


@pytest.mark.parametrize("said", ["2345 6789 0124", "ABCPQ1234Z", "MRN-0048213"])
def test_a_number_of_somebody_among_the_words_of_a_heading_is_not_repeated(said: str) -> None:
    rows = {"MRN": IDS, "Sex": ["M", "F"] * (N // 2), f"MRI done {said}": ["Y", "N"] * (N // 2)}
    assert said not in to_yaml(draft(rows))


@given(start=st.dates(date(1930, 1, 1), date(2020, 1, 1)), step=st.integers(1, 40), form=st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_a_form_that_is_not_asked_is_the_right_one(start: date, step: int, form: str) -> None:
    texts = [(start + timedelta(days=step * row)).strftime(form) for row in range(12)]
    right = {"%d/%m/%Y": "day/month/year", "%m/%d/%Y": "month/day/year"}[form]
    assert filled("DOB", texts).format in {(right,), ("?",)}


@pytest.mark.parametrize(
    ("header", "values", "scale", "asked", "missing"),
    [
        ("VAS leg", ["10", "55", "99"], (0, 100), False, ()),
        ("NRS leg", ["1", "10", "99", "NA"], None, False, ("99", "NA")),
        ("NRS leg", ["5", "20"], (0, 100), False, ()),
        ("VAS leg mm", ["1", "5"], None, True, ()),
        ("VAS leg mm", ["1", "5", "6"], None, False, ()),
        ("Leg pain average", ["1", "8"], None, True, ()),
        ("Leg pain NRS", ["0", "0.5", "1"], None, True, ()),
        ("NRS leg", ["", ""], None, True, ()),
    ],
)
def test_the_scale_of_pain(header: str, values: list[str], scale: tuple | None, asked: bool, missing: tuple) -> None:
    cells = [value or None for value in (values * N)[:N]]
    if not any(cells):
        assert rules(draft({"MRN": IDS, "Sex": ["M", "F"] * 20, header: cells}), "scores") == []
        return
    rule = filled(header, cells, "scores", "nrs_leg")  # type: ignore[arg-type]
    assert (rule.scale, bool(rule.ask), rule.missing) == (scale, asked, missing)


def test_few_values_of_a_vas_fit_two_scales() -> None:
    (rule,) = rules(draft({"MRN": IDS[:4], "Date": ["2024-01-20"] * 4, "VAS": ["1", "5", "7", "2"]}), "scores")
    assert "0 to 10, 0 to 100" in rule.scores["nrs_pain"].ask


@pytest.mark.parametrize(
    ("values", "coded", "asked"), [("0513", "0-5", False), ("6213", "1-6", False), ("1234", None, True), ("0612", None, True)]
)
def test_the_coding_of_items_is_seen_or_asked(values: str, coded: str | None, asked: bool) -> None:
    cells = {"MRN": IDS, "Date": ["2024-01-20"] * N, "ODI total": ["60"] * N} | {name: list(values) * 10 for name in ITEMS}
    (rule,) = rules(draft(cells), "scores")
    odi = rule.scores["odi"]
    assert (odi.items, odi.stated, odi.coded, bool(odi.ask)) == (tuple(ITEMS), "ODI total", coded, asked)


def test_sentinels_of_items_are_missing() -> None:
    (rule,) = rules(draft({"MRN": IDS, "Date": ["2024-01-20"] * N} | ITEMS), "scores")
    assert rule.scores["odi"].missing == ("9",)
    assert "means not recorded" in rule.scores["odi"].why


def test_a_wide_row_becomes_several_records() -> None:
    cells = {"id": IDS, "sex": ["1", "2"] * 20, "arm": ["A", "B"] * 20, "Diagnosis": ["LCS", "PIVD"] * 20}
    cells |= {f"{score}_{visit}": ["4", "60"] * 20 for score in ("odi", "nrs_leg") for visit in ("bl", "12w")}
    mapping = draft(cells)
    assert [(rule.into, rule.fields["day"].value) for rule in rules(mapping, "scores")] == [("scores", "0"), ("scores", "84")]
    assert rules(mapping, "patients")[0].fields["sex"].codes == {"1": "?", "2": "?"}
    assert rules(mapping, "treatments")[0].fields["treatment"].codes == {"A": "?", "B": "?"}
    assert rules(mapping, "treatments")[0].fields["start_day"].ask
    assert rules(mapping, "episodes")[0].fields["diagnosis"].codes["LCS"] == "spinal_stenosis"
    assert mapping.episode.is_ == "one_per_patient"
    assert mapping.day_zero == "?"


def test_several_rows_of_a_patient_are_asked_about() -> None:
    mapping = draft({"MRN": ["1", "1", "2", "2"], "Sex": ["M", "M", "F", "F"], "Diagnosis": ["LCS", "LCS", "PIVD", "PIVD"]})
    assert mapping.episode.is_ == "?"
    assert "What is one episode?" in mapping.episode.ask


def test_what_a_bundle_needs_and_nobody_gives_is_asked() -> None:
    mapping = draft({"MRN": IDS, "Sex": ["M", "F"] * 20, "Diagnosis": ["LCS", "Disc bulge?"] * 20})
    asked = "\n".join(fault.words() for fault in open_questions(mapping))
    for field in ("site", "clinician", "red_flags", "status", "age_years"):
        assert f"fields, {field}: No column was found" in asked
    assert "'Disc bulge?' has no meaning yet." in asked


def test_ids_that_repeat_between_sites_are_composed() -> None:
    people = {"Site": ["A", "B"] * 20, "MRN": [f"{row // 2}" for row in range(N)], "Sex": ["M", "F"] * 20}
    mapping = draft(people, {"MRN": [f"{row}" for row in range(20)], "Date": ["2024-01-20"] * 20, "ODI": ["60"] * 20})
    assert rules(mapping, "patients")[0].fields["patient_id"].from_ == ("Site", "MRN")
    assert "Which column here says the site?" in rules(mapping, "scores")[0].fields["patient_id"].ask


EVENTS = ("baseline_arm_1", "week_6_arm_1", "unscheduled_arm_1")


def test_a_redcap_project() -> None:
    rows = [(f"{row}", event) for row in range(9) for event in EVENTS]
    only = {event: [row for row, (_, one) in enumerate(rows) if one == event] for event in EVENTS}
    at = lambda value: [value if row in only["baseline_arm_1"] else None for row in range(len(rows))]  # noqa: E731
    cells = {
        "record_id": [one for one, _ in rows],
        "redcap_event_name": [event for _, event in rows],
        "sex": at("1"),
        "dx": at("2"),
        "email": at("x"),
        "sym___1": at("1"),
        "pain_leg": ["7"] * len(rows),
        "basic_complete": at("2"),
    }
    mapping = draft(
        cells,
        source="redcap",
        labels={"dx": "Primary diagnosis", "pain_leg": "Leg pain NRS", "sym___1": "Symptoms (choice=Leg weakness)"},
        choices={"sex": {"1": "Male", "2": "Female"}, "dx": {"1": "Other thing", "2": "Lumbar canal stenosis"}},
        identifiers=frozenset({"email"}),
    )
    (patient,), (episode,), (score,), (symptom,) = (rules(mapping, into) for into in ("patients", "episodes", "scores", "symptoms"))
    assert patient.where == {"redcap_event_name": ("baseline_arm_1",)}
    assert patient.fields["sex"].codes == {"1": "male", "2": "female"}
    assert patient.fields["sex"].empty == "unknown"
    assert episode.fields["diagnosis"].codes == {"1": "?", "2": "spinal_stenosis"}
    assert "1 (Other thing)" in episode.fields["diagnosis"].why
    assert score.fields["day"].days == {"baseline_arm_1": 0, "week_6_arm_1": 42}
    assert "unscheduled_arm_1" in score.fields["day"].ask
    assert (symptom.where, symptom.fields["symptom"].boxes) == ({"redcap_event_name": EVENTS[:1]}, {"sym___1": "leg_weakness"})
    assert mapping.left_out["0.csv"]["email"] == "the source says that it identifies people"


def test_one_column_of_dates_says_when_a_row_was_written() -> None:
    (rule,) = rules(draft({"MRN": IDS, "Seen": days(date(2023, 1, 1), "%d.%m.%Y"), "ODI": ["60"] * N}), "scores")
    assert (rule.fields["date"].from_, rule.fields["date"].format) == (("Seen",), ("day.month.year",))


PLANTED = ["Ravi Kumar", "9876543210", "ravi@example.org", "14 Gandhi Road, Pune", "MRN-00482", "ABCPK1234L", "Mrs Asha Devi"]


@pytest.mark.parametrize("header", ["Sex", "Diagnosis", "Status", "Treatment", "Remark", "Xyz", "Visit", "Instrument", "Smoker", "Symptom"])
def test_no_value_of_a_patient_is_in_a_draft(header: str) -> None:
    """Values that identify people are not written, in whatever column and however often they stand there; nor is a value that is rare."""
    values = (["M", "F"] * N)[: N - 15] + PLANTED * 2 + ["Only once here"]
    text = to_yaml(draft({"MRN": IDS, "Gender": ["M", "F"] * 20, "ODI": ["60"] * N, header: values}))
    assert [value for value in (*PLANTED, "Only once here", *IDS[5:]) if f" {value}\n" in text or value in text.replace("'100'", "")] == []


def test_columns_that_nobody_knows_are_listed_with_a_reason() -> None:
    cells = {"MRN": IDS, "Sex": ["M", "F"] * 20, "Phone": ["9876543210"] * N, "Shoe": ["41"] * N, "Kin": PLANTED[:1] * N}
    cells["Story"] = [f"{row} " + "came with pain and left without it " * 2 for row in range(N)]
    left = draft(cells).left_out["0.csv"]
    assert left["Shoe"] == "nothing says what it is"
    assert left["Story"] == "it holds free text"
    assert set(left) == {"Phone", "Shoe", "Kin", "Story"}


def test_codes_mean_what_clinics_mean() -> None:
    assert meaning_of(record_kind("patients").field("sex"), "F") == "female"
    assert meaning_of(record_kind("patients").field("sex"), "1") == ""
    assert meaning_of(record_kind("patients").field("smoker"), "Y") == "yes"
    assert meaning_of(record_kind("episodes").field("status"), "LTFU") == "lost"
    assert meaning_of(record_kind("treatments").field("treatment"), "TLIF") == "spinal_fusion"


def test_hundreds_of_columns_are_drafted() -> None:
    cells = {f"col_{number}": ["1", "2"] for number in range(300)}
    assert len(draft(cells).left_out["0.csv"]) == 300


def test_forms_of_a_redcap_project_are_told_apart() -> None:
    forms = ["", "", "tx", "tx", "q", "q"] * 4
    at = lambda form, *values: [values[row % len(values)] if one == form else None for row, one in enumerate(forms)]  # noqa: E731
    cells = {
        "record_id": [f"{row // 6}" for row in range(24)],
        "redcap_repeat_instrument": [form or None for form in forms],
        "sex": at("", "1", None),
        "tx_kind": at("tx", "1"),
        "tx_date": at("tx", "2023-01-20", "2023-02-21"),
        "q_date": at("q", "2023-03-20", "2023-04-21"),
        "odi": at("q", "60", "12"),
    }
    more = {"labels": {"tx_kind": "Treatment"}, "choices": {"sex": {"1": "Male"}, "tx_kind": {"1": "Microdiscectomy"}}}
    mapping = draft(cells, source="redcap", **more)
    found = {rule.into: (rule.where["redcap_repeat_instrument"], [one.from_ for one in rule.fields.values()][1:]) for rule in mapping.rows}
    assert found["patients"][0] == ("",)
    assert found["treatments"] == (("tx",), [("tx_kind",), ("tx_date",)])
    assert found["scores"] == (("q",), [("q_date",)])


def test_answers_in_one_cell_are_codes_of_their_own() -> None:
    (rule,) = rules(
        draft({"MRN": IDS, "Sex": ["M", "F"] * 20, "Complaints": ["numbness; claudication", "numbness;fever"] * 20}), "symptoms"
    )
    assert (rule.fields["symptom"].split, set(rule.fields["symptom"].codes)) == (";", {"numbness", "claudication", "fever"})


def test_a_second_list_of_diagnoses_and_merged_cells() -> None:
    people = {"MRN": IDS, "Sex": ["M", "F"] * 20, "Site": (["A"] + [None] * 9) * 4, "Side": ["Lt", "Rt"] * 20, "Diagnosis": ["LCS"] * N}
    one = table("w.xlsx#1", people, sheet="1")
    mapping = draft_mapping([one, table("Other diagnoses", {"MRN": IDS, "Diagnosis": ["PIVD"] * N})], source="files")
    (other,) = rules(mapping, "other_diagnoses")
    assert (other.from_, other.ask) == ("Other diagnoses", "")
    site = rules(mapping, "episodes")[0].fields["site"]
    assert (site.fill, "merged cells" in site.ask) == ("down", True)


@pytest.mark.parametrize("source", ["files", "redcap"])
@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"MRN": [], "Sex": []},
        {"MRN": [None], "DOB": [None], "": ["a"]},
        {"Date": ["2023-01-02"]},
        {"redcap_event_name": ["a"]},
        {"id": ["1"], "visit": ["x" * 5000], "odi": ["1"]},
        {"id": ["1"] * 3, "instrument": ["ODI", "ODI", "zz"], "value": ["1", "nan", "inf"]},
        {"id": ["1"] * 3, "nrs_leg": ["1", "nan", "1e400"], "odi": ["-inf", "-1", "nan"], "age": ["1e99", "nan", "5"]},
    ],
)
def test_odd_tables_are_drafted(cells: Cells, source: str) -> None:
    mapping = draft_mapping([table("x.csv", cells)], source=source)  # type: ignore[arg-type]
    assert mapping_from(to_yaml(mapping), "m.yaml") == mapping
    assert open_questions(mapping)


def test_ten_columns_named_by_the_sections_are_the_items_of_the_odi() -> None:
    sections = ["pain", "personalCare", "lifting", "walking", "sitting", "standing", "sleeping", "sexLife", "socialLife", "travelling"]
    items = {f"scored.{name}": ["0", "1", "5", "2"] * 10 for name in sections}
    whole = {"MRN": IDS, "Sex": ["M", "F"] * 20, "painIntensity": ["no pain at all today"] * N, **items, "oswestry": ["0", "60"] * 20}
    (rule,) = rules(draft(whole), "scores")
    assert list(rule.scores) == ["odi"]
    assert rule.scores["odi"].items == tuple(items)
    assert (rule.scores["odi"].stated, rule.scores["odi"].coded) == ("oswestry", "0-5")
    del whole["scored.sitting"]
    (rule,) = rules(draft(whole), "scores")
    assert rule.scores["odi"].from_ == ("oswestry",)
    assert "questionnaire" in rule.scores["nrs_pain"].ask


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("date_visit_4", ""),
        ("Date of last visit", ""),
        ("Final visit date", ""),
        ("Date of frist visit", "first_visit_date"),
        ("date_enrolled", "first_visit_date"),
        ("Date randomised", "first_visit_date"),
        ("Final diagnosis", "diagnosis"),
    ],
)
def test_names_that_are_nearly_alike_may_mean_different_things(header: str, field: str) -> None:
    assert field_named(header) == field


def test_where_no_table_describes_patients_all_about_them_is_asked() -> None:
    found = draft({"id": ["a", "b"] * 20, "date": ["2024-01-31", "2024-02-28"] * 20, "ODI": ["80", "60"] * 20})
    assert [rule.into for rule in found.rows] == ["patients", "episodes", "scores"]
    assert "age at first visit" in found.rows[0].fields["age_years"].ask
    assert "value: female" in found.rows[0].fields["sex"].ask
    assert found.rows[1].fields["first_visit_date"].from_ == ("date",)
    assert "several rows" in found.episode.ask


def test_a_note_says_which_month_may_be_the_last_and_it_stays_open() -> None:
    """A date in the future is a slip, and dates whose order is not known say nothing."""
    seen = ["2026-03-05", "2026-04-20", "2062-05-01", "2026-01-31"] * (N // 4)
    one = table("a.csv", {"MRN": IDS, "First visit": seen, "Diagnosis": ["LCS", "DDD"] * (N // 2)})
    mapping = draft_mapping([one], source="files")
    note = note_on_months(mapping, [one], date(2026, 6, 15))
    assert note == "The newest visit or score is in 2026-04. Write 2026-04 if that month is complete, otherwise 2026-03."
    assert f"\ndata_until: '?'  # {note}\n" in to_yaml(mapping, note)
    assert mapping_from(to_yaml(mapping, note), "m.yaml") == mapping
    unsure = table("a.csv", {"MRN": IDS, "First visit": ["03/04/2025"] * N, "Diagnosis": ["LCS", "DDD"] * (N // 2)})
    assert note_on_months(draft_mapping([unsure], source="files"), [unsure], date(2026, 6, 15)) == ""


def test_the_draft_says_how_years_of_two_digits_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "_today", lambda: date(2026, 11, 29))
    read = "of which years 00-26 are read as 2000-2026 and 27-99 as 1927-1999"
    assert read in filled("DOB", days(date(1960, 1, 31), "%d/%m/%y"), field="date_of_birth").why
    assert read in filled("DOB", ["01/02/61", "03/04/61"] * 20, field="date_of_birth").why, "also where the form is asked"
    assert "years" not in filled("DOB", days(date(1960, 1, 31), "%d/%m/%Y"), field="date_of_birth").why
    monkeypatch.setattr(dates, "_today", lambda: date(2099, 1, 1))
    assert dates.years_of_two_digits(["day/month/yy"]) == "years 00-99 are read as 2000-2099"


@pytest.mark.parametrize("split", ["", "; LCS"])
def test_a_text_of_one_patient_is_no_code_however_often_it_stands_there(split: str) -> None:
    """Five visits of one patient repeat what may be a name; a code is what several patients have."""
    ids = [f"{row // 5}" for row in range(N)]
    cells = {"MRN": ids, "Sex": ["M"] * N, "Diagnosis": [f"Kumaraswamy{split}"] * 5 + [f"Disc trouble{split}"] * 10 + ["LCS"] * 25}
    assert "Kumaraswamy" not in to_yaml(draft(cells))
    assert "Disc trouble" in to_yaml(draft(cells))
    del cells["MRN"]
    assert "Kumaraswamy" in to_yaml(draft(cells)), "no column names the patients"
