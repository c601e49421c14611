"""Recognisers of what gives people away, and of what only looks like it."""

from __future__ import annotations

import pytest

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.column_names import is_identity_name, normalise
from synapse_analytics.bundle.identity import identity_rule, is_date, is_name, is_verhoeff
from synapse_analytics.bundle.schema import FILES

CODES = [code for file in FILES for column in file.columns for code in v.codes(column.terms)]


@pytest.mark.parametrize("code", CODES)
def test_no_legal_code_is_identity(code: str) -> None:
    assert identity_rule(code) is None
    assert not is_name(code)


@pytest.mark.parametrize("column", [column.name for file in FILES for column in file.columns])
def test_no_declared_column_is_identity(column: str) -> None:
    assert not is_identity_name(column)


@pytest.mark.parametrize("text", ["P1", "E00000001", "a3f9-77", "12.5", "-0.923", "7300", "2020-01", "M51.1", "S01", "confirmed"])
def test_ordinary_values_pass(text: str) -> None:
    assert identity_rule(text) is None


@pytest.mark.parametrize(
    ("text", "legal"), [("2363", True), ("2364", False), ("123451", True), ("84736430954837284567892", True), ("123452", False)]
)
def test_verhoeff_agrees_with_published_numbers(text: str, legal: bool) -> None:
    assert is_verhoeff(text) is legal


@pytest.mark.parametrize("text", ["2021-02-30", "31/31/2021", "14 Foo 2021", "2021-13-01", "1/2", "12.5.7"])
def test_impossible_dates_are_none(text: str) -> None:
    assert not is_date(text)


@pytest.mark.parametrize("text", ["3 Mar 21", "Mar 3, 2021", "03-Mar-2021", "3.3.21", "20210303", "2021/03/03 10:00"])
def test_dates_are_seen(text: str) -> None:
    assert is_date(text)


@pytest.mark.parametrize(
    ("name", "normal"), [("E-Mail", "e_mail"), ("eMail", "e_mail"), ("Date Of  Birth", "date_of_birth"), ("\uff24\uff2f\uff22", "dob")]
)
def test_header_names_are_normalised(name: str, normal: str) -> None:
    assert normalise(name) == normal


@pytest.mark.parametrize("name", ["work_kind", "pain_before", "height_cm", "diet", "spine_level", "template", "panel", "identical"])
def test_harmless_names_pass(name: str) -> None:
    assert not is_identity_name(name)
