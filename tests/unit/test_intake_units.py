"""Ages, days and durations in the unit of the source: an age counts birthdays, a visit after so many years or months has a day."""

from __future__ import annotations

import pytest

from synapse_analytics.intake.faults import Faults
from synapse_analytics.intake.mapping.checking_fields import check_field
from synapse_analytics.intake.mapping.fields import record_kind
from synapse_analytics.intake.mapping.model import FieldRule
from synapse_analytics.intake.values import judge_of

UNITS = [  # the file of the bundle, its field, the unit of the source, the text there, what it becomes
    ("patients", "age_years", None, "33.9", 33),
    ("patients", "age_years", "months", "407", 33),
    ("patients", "age_years", None, "90.5", 90),
    ("scores", "day", "years", "0.038329911", 14),
    ("scores", "day", "months", "-3", -91),
    ("treatments", "start_day", "weeks", "6", 42),
    ("episodes", "symptom_weeks", "years", "0.5", 26),
]


@pytest.mark.parametrize(("into", "name", "unit", "text", "becomes"), UNITS)
def test_a_number_is_read_in_the_unit_of_the_source(into: str, name: str, unit: str | None, text: str, becomes: int) -> None:
    field, rule, faults = record_kind(into).field(name), FieldRule.model_validate({"from": "column", "unit": unit}), Faults()
    check_field(faults, ("rows", 0, "fields", name), rule, field)
    assert not faults
    assert judge_of(field, rule)(text).value == becomes


def test_a_day_without_a_unit_is_a_whole_number() -> None:
    judged = judge_of(record_kind("scores").field("day"), FieldRule.model_validate("column"))("14.5")
    assert judged.wrong == "The number is not whole."


@pytest.mark.parametrize("name", ["comorbidities", "bmi"])
def test_what_is_no_time_has_no_unit(name: str) -> None:
    faults = Faults()
    check_field(faults, ("rows", 0), FieldRule.model_validate({"from": "column", "unit": "weeks"}), record_kind("patients").field(name))
    assert faults


def test_a_date_whose_form_nobody_said_is_not_told_to_have_another_form() -> None:
    judged = judge_of(record_kind("episodes").field("first_visit_date"), FieldRule.model_validate("column"))("soon")
    assert judged.wrong == "It is not known how this date is written."
