"""The data dictionary says what the declarations say."""

from __future__ import annotations

from pathlib import Path

from synapse_analytics.bundle.schema import FILES, Kind
from synapse_analytics.dictionary import data_dictionary_rows
from tests.data_dictionary import LISTS, data_dictionary

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data_dictionary.md"


def test_page_is_up_to_date() -> None:
    """Made anew by `make docs`."""
    assert PAGE.read_text(encoding="utf-8") == data_dictionary()


def test_every_column_has_a_row() -> None:
    rows = [(row["file"], row["column"]) for row in data_dictionary_rows()]
    assert rows == [(file.name, column.name) for file in FILES for column in file.columns]


def test_every_column_is_explained() -> None:
    assert all(row["meaning"] and row["legal"] for row in data_dictionary_rows())


def test_every_closed_list_has_a_section() -> None:
    listed = list(LISTS.values())
    assert all(column.terms in listed for file in FILES for column in file.columns if column.kind is Kind.CODE)


def test_every_code_is_on_the_page() -> None:
    page = data_dictionary()
    assert all(f"`{term.code}`" in page for terms in LISTS.values() for term in terms)
