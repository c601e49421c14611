"""One text in one column: what it is stored as, or which rule it breaks."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.cells import read_cell
from synapse_analytics.bundle.schema import DAY_RANGE, FILES, Column, Kind, record_file

AGE = record_file("patients").column("age_years")
BMI = record_file("patients").column("bmi")
SMOKER = record_file("patients").column("smoker")
MONTH = record_file("episodes").column("first_visit_month")
ICD10 = record_file("episodes").column("icd10")
DAY = record_file("scores").column("day")
VALUE = record_file("scores").column("value")
SITE = record_file("episodes").column("site")


@pytest.mark.parametrize(
    ("column", "text", "stored"),
    [
        (AGE, "0", 0),
        (AGE, "90", 90),
        (BMI, "10", 10_000),
        (BMI, "23.45", 23_450),
        (SMOKER, "yes", 1),
        (SMOKER, "no", 0),
        (MONTH, "2020-01", 2020 * 12),
        (MONTH, "2020-12", 2020 * 12 + 11),
        (DAY, "-3650", -3650),
        (DAY, "7300", 7300),
        (VALUE, "-0.923", -923),
        (VALUE, "3.14159", 3142),
        (VALUE, "0.0005", 1),
        (VALUE, "-0", 0),
    ],
)
def test_legal_texts_are_stored(column: Column, text: str, stored: int) -> None:
    cell = read_cell(column, text)
    assert (cell.rule, cell.value) == ("", stored)


@pytest.mark.parametrize("column", [c for file in FILES for c in file.columns if c.kind is Kind.CODE], ids=lambda c: c.name)
def test_every_code_is_its_position(column: Column) -> None:
    assert [read_cell(column, code).value for code in v.codes(column.terms)] == list(range(len(column.terms)))


@pytest.mark.parametrize(
    ("column", "text", "rule"),
    [
        (AGE, "91", "age_over_90"),
        (AGE, "9999", "out_of_range"),
        (AGE, "-1", "out_of_range"),
        (AGE, "50.0", "wrong_type"),
        (BMI, "9.99", "out_of_range"),
        (BMI, ".5", "wrong_type"),
        (BMI, "5.", "wrong_type"),
        (BMI, "--5", "wrong_type"),
        (BMI, "+25", "formula_cell"),
        (BMI, "1_000", "wrong_type"),
        (BMI, "inf", "missing_word"),
        (SMOKER, "true", "unknown_code"),
        (SMOKER, "Y", "unknown_code"),
        (MONTH, "2020-1", "wrong_form"),
        (MONTH, "2020-00", "out_of_range"),
        (MONTH, "1020-01", "out_of_range"),
        (MONTH, "01/2020", "wrong_form"),
        (ICD10, "m51.1", "wrong_form"),
        (ICD10, "M5", "wrong_form"),
        (SITE, "NaN", "missing_word"),
        (SITE, "-", "digit_only_id"),
        (SITE, "S 1", "wrong_form"),
        (SITE, "7", "digit_only_id"),
        (SITE, "1-2", "digit_only_id"),
    ],
)
def test_illegal_texts_break_a_rule(column: Column, text: str, rule: str) -> None:
    assert read_cell(column, text).rule == rule


@pytest.mark.parametrize("text", ["A00", "M51", "M51.1", "M511", "G55.1", "M51.16", "S32.000A"])
def test_icd10_forms_are_taken(text: str) -> None:
    assert read_cell(ICD10, text).rule == ""


def test_nearest_code_is_the_hint() -> None:
    diagnosis = record_file("episodes").column("diagnosis")
    assert read_cell(diagnosis, "Herniated Disk").hint == "herniated_disc"


@given(st.integers(*DAY_RANGE))
def test_days_are_read_back(day: int) -> None:
    assert read_cell(DAY, str(day)).value == day


@given(st.decimals(-99_999, 99_999, allow_nan=False, places=5))
def test_scores_are_rounded_from_their_text(score: Decimal) -> None:
    cell = read_cell(VALUE, f"{score:f}")
    assert cell.value == int((score * 1000).quantize(Decimal(1), ROUND_HALF_UP))
    assert abs(cell.reach) >= abs(score * 1000)


@given(st.text(min_size=1, max_size=30), st.sampled_from([c for file in FILES for c in file.columns]))
def test_any_text_is_judged(text: str, column: Column) -> None:
    cell = read_cell(column, text)
    assert bool(cell.rule) or len(text) <= 64
