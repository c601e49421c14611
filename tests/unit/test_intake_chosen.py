"""A field that somebody says is in a column: it is drafted from this column, and what its codes mean is asked next."""

from __future__ import annotations

import pytest

from synapse_analytics.intake.draft import answered, columns_for, draft_mapping
from synapse_analytics.intake.mapping.leaves import leaves, open_leaves
from synapse_analytics.intake.mapping.model import FieldRule, Mapping
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.unnamed import unnamed_codes
from tests.raw_tables import mapping, raw_table, register

SITE = ("rows", 1, "fields", "site", "value")


def column(*place: str | int) -> tuple[str | int, ...]:
    return (*place, "from")


@pytest.fixture
def tables() -> list[RawTable]:
    text = """
    mrn  sex  dob         first       dx    Branch  State  Seen
    1    M    01/02/1960  13/01/2025  PIVD  East    fine   5
    2    F    01/02/1970  14/01/2025  LCS   West    open   7
    3    F    01/02/1980  15/01/2025  LCS   West    fine   7
    """
    return [raw_table("register", text)]


def field(changed: Mapping, name: str) -> FieldRule:
    return changed.rows[1].fields[name]


def test_the_columns_that_nothing_reads_are_offered_first(tables: list[RawTable]) -> None:
    assert columns_for(tables, mapping(register()), SITE) == ["Branch", "State", "Seen", "sex", "first", "dx", "mrn", "dob"]


def test_a_column_takes_the_place_of_what_was_open(tables: list[RawTable]) -> None:
    for open_one in ({"value": "?"}, {"ask": "No column was found for this: site."}, {"value": "S01"}):
        drafted = mapping(register(site=open_one), left_out={"register": {"Branch": "nothing says what it is", "Seen": "not needed"}})
        now = answered(tables, drafted, {column(*SITE[:4]): ("Branch",)})
        assert (field(now, "site").from_, field(now, "site").value, field(now, "site").ask) == (("Branch",), None, "")
        assert list(now.rows[1].fields) == list(drafted.rows[1].fields)
        assert now.left_out == {"register": {"Seen": "not needed"}}
        assert open_leaves(now) == []


def test_codes_of_the_column_that_nobody_named_are_asked_next(tables: list[RawTable]) -> None:
    now = answered(tables, mapping(register(status={"value": "?"})), {column("rows", 1, "fields", "status"): ("State",)})
    asked = open_leaves(now) or unnamed_codes(tables, now)
    assert [leaf.place for leaf in asked] == [("rows", 1, "fields", "status", "codes", "fine")]


def test_a_column_of_dates_fills_the_date_that_a_day_is_calculated_from() -> None:
    scores = raw_table("scores", "mrn odi When\n1 40 2025-01-13\n2 50 2025-01-15")
    drafted = mapping([*register(), {"from": "scores", "into": "scores", "fields": {"patient_id": "mrn", "day": {"ask": "When?"}}}])
    now = answered([scores], drafted, {column("rows", 2, "fields", "day"): ("When",)})
    assert {name: (one.from_, one.format) for name, one in now.rows[2].fields.items()} == {
        "patient_id": (("mrn",), ()),
        "date": (("When",), ("year-month-day",)),
    }


def test_a_date_whose_form_cannot_be_seen_is_asked(tables: list[RawTable]) -> None:
    drafted = mapping(register(closed_date={"ask": "When was it closed?"}))
    now = answered(tables, drafted, {column("rows", 1, "fields", "closed_date"): ("Seen",)})
    assert [(leaf.place[-1], leaf.answer) for leaf in open_leaves(now)] == [("format", "?")]


def test_several_columns_make_one_id(tables: list[RawTable]) -> None:
    drafted = mapping(register(patient_id={"ask": "Whose?"}))
    now = answered(tables, drafted, {column("rows", 1, "fields", "patient_id"): ("Branch", "mrn")})
    assert field(now, "patient_id").from_ == ("Branch", "mrn")


def test_in_the_table_a_value_becomes_a_column_and_a_column_another_one(tables: list[RawTable]) -> None:
    place = column(*SITE[:4])
    assert {leaf.place: leaf.answer for leaf in leaves(mapping(register()))}[place] == ""
    now = answered(tables, mapping(register()), {place: "Branch"})
    assert field(now, "site") == FieldRule.model_validate({"from": "Branch", "why": "the header is 'Branch'"})
    codes = field(now, "diagnosis").codes
    now = answered(tables, now, {column("rows", 1, "fields", "diagnosis"): "State", place: ""})
    assert (field(now, "diagnosis").from_, field(now, "diagnosis").codes, field(now, "site").from_) == (("State",), codes, ("Branch",))


def test_a_constant_takes_the_place_of_a_column(tables: list[RawTable]) -> None:
    drafted = mapping(register(red_flags={"from": "State", "codes": {"fine": "no"}, "ask": "Is it this?"}))
    now = answered(tables, drafted, {("rows", 1, "fields", "red_flags", "value"): "no"})
    assert field(now, "red_flags") == FieldRule.model_validate({"value": "no"})


def test_a_needed_field_that_the_mapping_does_not_have_is_asked_and_filled(tables: list[RawTable]) -> None:
    rows = register()
    del rows[1]["fields"]["site"], rows[0]["fields"]["date_of_birth"]
    place = ("rows", 0, "fields", "age_years", "value")
    assert [leaf.place for leaf in open_leaves(mapping(rows))] == [place, SITE]
    now = answered(tables, mapping(rows), {column(*place[:4]): ("dob",), SITE: "S01"})
    birth = now.rows[0].fields["date_of_birth"]
    assert (birth.from_, birth.format, field(now, "site").value) == (("dob",), ("?",), "S01")
    (leaf,) = open_leaves(now)
    assert leaf.ask.startswith("Are these dates day/month/year or month/day/year?")
    assert open_leaves(answered(tables, now, {leaf.place: "day/month/year"})) == []


def test_where_no_table_says_whose_rows_it_has_patients_and_episodes_are_asked() -> None:
    drafted = draft_mapping([raw_table("a", "zz qq\n1 x\n2 y\n1 x")], source="files")
    assert [rule.into for rule in drafted.rows] == ["patients", "episodes"]
    asked = {leaf.place[3] for leaf in open_leaves(drafted) if leaf.place[0] == "rows"}
    assert asked == {"patient_id", "sex", "age_years", "site", "clinician", "diagnosis", "red_flags", "status"}
