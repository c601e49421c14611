"""Files that people open in a spreadsheet: no cell becomes a formula, every text comes back, numbers stay numbers."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import CLINIC, PUBLISH, Kind, Measure, Question, Released, TableRule, release
from synapse_analytics.errors import UsageError
from synapse_analytics.exports import file_name, table_bytes
from synapse_analytics.exports.spreadsheets import BOM, MOST_XLSX_ROWS, csv_header, csv_rows, safe_table, safe_text, write_xlsx
from synapse_analytics.terminal import Format, write_rows
from tests.faults.formulas import FORMULAS
from tests.twins.open_policy import changed

NUMBERS = ["-3", "-3.5", "+2", "0", "1e5", "-1.5E-10", "12"]
NAUGHTY = [
    "",
    " ",
    "null",
    "NaN",
    "1/0",
    "0x1F",
    "TRUE",
    "'=1+1",
    '"quoted"',
    'half " quote',
    "comma, inside",
    "line\nbreak",
    "line\r\nbreak",
    "tab\tinside",
    "S01-5",
    "Ω≈ç√∫",
    "田中さん",
    "الكل",
    "e\u0301\u0302\u0303",
    "\u202etest\u202c",
    "😀👩🏽‍⚕️",
    "<script>alert(1)</script>",
    "'; drop table patients; --",
    "../../etc/passwd",
    "{{7*7}}",
    "\ufeffbom",
    "x" * 5000,
]


def read_back(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def as_csv(*texts: str) -> list[str]:
    rows = read_back(csv_header(["text"]) + csv_rows(safe_table(pa.table({"text": pa.array(texts, pa.string())}))))
    return [row[0] if row else "" for row in rows[1:]]


def answer_with(text: str) -> Released:
    rule = TableRule("t", (Measure("name", Kind.LABEL), Measure("n", Kind.COUNT), Measure("change", Kind.MEAN)))
    row = {"name": text, "n": 12, "change": -3.0, "patients": 12}
    return release(
        Question("answer", Cohort(), "g", CLINIC, {}, frozenset({text, "a"})),
        (12, 12),
        [(rule, [row, {**row, "name": "a", "change": None}])],
    )


Save = Callable[..., bytes]


@pytest.fixture
def saved(sample_clinic: Clinic) -> Save:
    """Saves a table of an answer, under a handle of the same generation and policy."""
    handle = changed(sample_clinic, generation=replace(sample_clinic.generation, id="g"))
    return lambda answer, table, form="csv": table_bytes(answer, table, handle.under(answer.policy), form)


def numbers(content: bytes) -> list[list[str]]:
    """The table of a CSV, below the lines that say what it is."""
    return [row for row in read_back(content) if not row[0].startswith("# ")]


def test_there_are_33_formulas() -> None:
    assert len(set(FORMULAS)) == 33


@pytest.mark.parametrize("formula", FORMULAS)
def test_formula_gets_an_apostrophe(formula: str) -> None:
    assert safe_text(formula) == f"'{formula}"
    assert as_csv(formula) == [f"'{formula}"]


@pytest.mark.parametrize("number", NUMBERS)
def test_plain_number_stays(number: str) -> None:
    assert safe_text(number) == number


@pytest.mark.parametrize("digits", ["-٣", "-３"])
def test_other_digits_are_no_number(digits: str) -> None:
    assert safe_text(digits).startswith("'")


@pytest.mark.parametrize("text", NAUGHTY)
def test_naughty_text_comes_back(text: str) -> None:
    assert as_csv(text, "next") == [text, "next"]


def test_dictionary_texts_are_made_safe() -> None:
    rows = csv_rows(safe_table(pa.table({"site": pa.array(["S01", "-S1", None, "S01"]).dictionary_encode()})))
    assert rows == b'"S01"\r\n"\'-S1"\r\n\r\n"S01"\r\n'


def test_header_is_made_safe() -> None:
    assert csv_header(["n", "=x", 'a"b']) == b'"n","\'=x","a""b"\r\n'


def test_everything_is_quoted_and_crlf() -> None:
    content = csv_rows(pa.table({"change": [-3.0, None, 0.1], "name": ["a", "b", "c"]}))
    assert content == b'"-3","a"\r\n,"b"\r\n"0.1","c"\r\n'


def test_excel_gets_a_mark(saved: Save) -> None:
    answer = answer_with("a")
    assert saved(answer, "t", "excel") == BOM + saved(answer, "t", "csv")


@pytest.mark.parametrize("text", [*FORMULAS, *NAUGHTY])
def test_xlsx_holds_no_formula(text: str, tmp_path: Path, saved: Save) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(saved(answer_with(text), "t", "xlsx"))
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert not [name for name in archive.namelist() if "externalLink" in name or "vba" in name.lower()]
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower() or "hyperlink" in text.lower()
    assert "<v>-3</v>" in sheet


def test_parquet_keeps_types(saved: Save) -> None:
    table = pq.read_table(io.BytesIO(saved(answer_with("=1"), "t", "parquet")))
    assert table.to_pylist()[0] == {"name": "=1", "n": 12, "change": -3.0, "withheld": ""}


def test_answer_reads_back_from_csv(saved: Save) -> None:
    rows = numbers(saved(answer_with("a > b"), "t", "csv"))
    assert rows == [["name", "n", "change", "withheld"], ["a > b", "12", "-3", ""], ["a", "12", "", ""]]


def test_steps_stand_in_one_cell(saved: Save) -> None:
    rule = TableRule("t", (Measure("steps", Kind.LABEL), Measure("n", Kind.COUNT)))
    answer = release(
        Question("a", Cohort(), "g", PUBLISH, {}), (13, 13), [(rule, [{"steps": ["medication", "discectomy"], "n": 3, "patients": 3}])]
    )
    assert numbers(saved(answer, "t"))[1] == ["medication > discectomy", "", "n"]


def test_empty_table_has_no_row(saved: Save) -> None:
    answer = release(Question("a", Cohort(), "g", CLINIC, {}), (0, 0), [(TableRule("t", (Measure("n", Kind.COUNT),)), [])])
    assert numbers(saved(answer, "t")) == []


@pytest.mark.parametrize(("table", "form", "word"), [("other", "csv", "no table"), ("t", "ods", "no format")])
def test_wrong_names_list_the_legal_ones(table: str, form: str, word: str, saved: Save) -> None:
    with pytest.raises(UsageError, match=word):
        saved(answer_with("a"), table, form)


def test_file_name_says_what_it_is() -> None:
    assert file_name(answer_with("a"), "t") == "answer-t-everybody-inside.csv"


@pytest.mark.slow
def test_xlsx_stops_at_its_limit() -> None:
    rows: Any = ((k,) for k in range(MOST_XLSX_ROWS + 1))
    with pytest.raises(UsageError, match="50,000 rows"):
        write_xlsx(io.BytesIO(), [("t", ["n"], rows)])


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_a_command_writes_as_csv_is_no_formula(formula: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The purpose of an export stands in `audit list --format csv`, and a person wrote it."""
    write_rows([{"user": formula, "rows": -3}], Format.CSV)
    written = list(csv.reader(io.StringIO(capsys.readouterr().out, newline="")))
    assert [row[1:] for row in written] == [["rows"], ["-3"]]
    assert written[1][0].replace("\n", "\r") == f"'{formula}".replace("\n", "\r")
