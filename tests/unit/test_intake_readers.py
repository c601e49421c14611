"""A clinic's own files: what is found is stated, every row is counted, and what cannot be read is a sentence with its place."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources import files, kind_of, members, read_source, textfile
from synapse_analytics.intake.sources.texts import column_of_texts
from tests.raw_tables import uploaded

PLANTED = "Ramaswamy-7788"


def read_csv(folder: Path, content: str | bytes, name: str = "visits.csv", **reading: object) -> RawTable:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_source(path, {name: Reading.model_validate(reading)} if reading else None)[0]


def refusal(folder: Path, content: str | bytes, name: str = "visits.csv") -> str:
    with pytest.raises(IntakeRefused) as raised:
        read_csv(folder, content, name)
    assert PLANTED not in str(raised.value)
    assert raised.value.__cause__ is None
    return str(raised.value)


def values(table: RawTable) -> list[list[str | None]]:
    return [list(row) for row in zip(*table.cells.to_pydict().values(), strict=True)]


def workbook(path: Path, draw: Callable[[xlsxwriter.Workbook], object]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        draw(book)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_and_stated(tmp_path: Path, separator: str) -> None:
    table = read_csv(tmp_path, "id,day,nrs\np1,2024-01-02,7\np2,2024-01-03,\n".replace(",", separator))
    assert values(table) == [["p1", "2024-01-02", "7"], ["p2", "2024-01-03", None]]
    said = {",": "comma", ";": "semicolon", "\t": "tab"}.get(separator, separator)
    assert table.how == f"{said} between columns, encoding utf-8, decimal point, header in row 1"
    assert table.rows.tolist() == [2, 3]


CELL = st.text("aZß5,;|. -\t\"'", max_size=8)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    rows=ROWS,
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "windows-1252", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_table_comes_out_as_it_was_written(rows: list[list[str]], separator: str, encoding: str, end: str) -> None:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, lineterminator=end)
    writer.writerows([["id", "note", "nrs", "odi"], *([f"p{number}", *row] for number, row in enumerate(rows))])
    (table,) = read_source(uploaded({"a.csv": written.getvalue().encode(encoding)}))
    assert values(table) == [[f"p{number}", *(cell.strip() or None for cell in row)] for number, row in enumerate(rows)]
    assert table.rows.tolist() == list(range(2, len(rows) + 2))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_the_encoding_is_found_and_stated(tmp_path: Path, encoding: str) -> None:
    table = read_csv(tmp_path, "id;Größe;Ort\np1;1,5;Zürich\np2;2,5;Bern\n".encode(encoding))
    assert values(table) == [["p1", "1,5", "Zürich"], ["p2", "2,5", "Bern"]]
    assert f"encoding {encoding.removesuffix('-sig')}, decimal comma" in table.how
    assert table.decimal == ","


def test_titles_blank_rows_totals_and_a_repeated_header_are_counted(tmp_path: Path) -> None:
    content = "Spine clinic\n\nid;date;nrs;odi\np1;a;7;1\n\n;;;\nid;date;nrs;odi\np2;b;5;2\nTotal;;12;\nExported by the ward;;;\nn = 2\n"
    table = read_csv(tmp_path, content)
    assert [row[0] for row in values(table)] == ["p1", "p2"]
    assert table.rows.tolist() == [4, 8]
    assert table.left == {
        "rows above the header": 1,
        "blank rows": 2,
        "the header again": 1,
        "totals below the table": 2,
        "notes below the table": 1,
    }
    assert table.read == 9


def test_lines_of_spaces_are_blank_rows(tmp_path: Path) -> None:
    table = read_csv(tmp_path, "id,nrs\np1,7\n  \np2,8\n\n\x1a")
    assert (table.rows.tolist(), table.left) == ([2, 4], {"blank rows": 3})
    assert read_csv(tmp_path, "id,nrs\n\n \n").left == {"blank rows": 2}


@pytest.mark.parametrize(
    ("said", "fault"), [({"header": 9}, "not there.*\n  visits.csv, row 9"), ({"encoding": "hex"}, "encoding in the mapping is not known")]
)
def test_what_the_mapping_says_wrongly_is_a_fault(tmp_path: Path, said: dict[str, object], fault: str) -> None:
    with pytest.raises(IntakeRefused, match=fault):
        read_csv(tmp_path, "id,nrs\np1,7\n", **said)


def test_a_record_at_the_end_is_no_total(tmp_path: Path) -> None:
    table = read_csv(tmp_path, "id,date,nrs,odi\np1,a,7,1\nTotala,,,\nN2,b,,\n")
    assert table.n == 3
    assert not table.left


def test_a_total_of_two_columns_is_a_total(tmp_path: Path) -> None:
    table = read_csv(tmp_path, "id,nrs\np1,5\nMax,6\nTotal,11\n")
    assert (table.n, table.left) == (2, {"totals below the table": 1})


@pytest.mark.parametrize(
    "last", ["Total,13,2", "Summe,13,", "n = 2", '"Printed on Monday, by the ward"', "This list has no doubles", "Total,13"]
)
def test_a_total_or_note_below_the_last_record_is_counted(tmp_path: Path, last: str) -> None:
    table = read_csv(tmp_path, f"id,nrs,odi\np1,7,1\np2,6,1\n{last}\n")
    assert (table.n, sum(table.left.values())) == (2, 1)


def test_quoted_line_breaks_are_one_row(tmp_path: Path) -> None:
    table = read_csv(tmp_path, 'id,note,nrs\np1,"two\nlines, here",7\np2,x,"5"\n')
    assert values(table) == [["p1", "two\nlines, here", "7"], ["p2", "x", "5"]]


def test_a_long_remark_with_commas_is_one_cell(tmp_path: Path) -> None:
    remark = "\n".join(["asthma, gout, back", *["a line"] * 50])
    assert values(read_csv(tmp_path, f'id,note,nrs\np1,"{remark}",7\n')) == [["p1", remark, "7"]]


def test_spaces_are_stripped_and_nothing_is_null(tmp_path: Path) -> None:
    table = read_csv(tmp_path, "id,a,b\n p1 ,\u00a0x\u00a0y , \np2,\u00a0,z\n")
    assert values(table) == [["p1", "x y", None], ["p2", None, "z"]]


def test_a_separator_at_the_end_of_every_row_is_no_column(tmp_path: Path) -> None:
    assert read_csv(tmp_path, "id,nrs\np1,7,\np2,5,\n").cells.column_names == ["id", "nrs"]


def test_the_mapping_overrules_what_is_found(tmp_path: Path) -> None:
    content = "a;b\nid;nrs\np1;7,5\np2;1\n9;9\n".encode("latin-1")
    table = read_csv(tmp_path, content, encoding="latin-1", separator=";", decimal=".", header=2, rows_below=1)
    assert table.cells.column_names == ["id", "nrs"]
    assert (table.n, table.decimal, table.left) == (2, ".", {"rows above the header": 1, "rows below the table, as the mapping says": 1})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"id,name,nrs\np1,{PLANTED},7\np2,{PLANTED}\n", "A row has fewer cells than the header, which has 3.\n  visits.csv, row 3"),
        (f"id,name,nrs\np1,{PLANTED},7,8\np2,x,7\np3,x,7\n", "A row has more cells than the header, which has 3.\n  visits.csv, row 2"),
        ("id,nrs,nrs\np1,1,2\n", "Several columns have the same name.\n  visits.csv, row 1, column nrs"),
        (b"id,town\np1,Z\xc3\xbcrich\np2,Z\xfcrich\n", "not in UTF-8.\n  visits.csv, row 3"),
        (b"id,nrs\np1,7\np2,\x005\n", "(NUL): the file is damaged.\n  visits.csv, row 3"),
        ("<html><table><tr><td>1</td></tr></table></html>", "a web page"),
        ("", "The file is empty."),
        (b"PK\x03\x04....", "a workbook, although"),
        (f"p1,2024-01-02,{PLANTED}\np2,2024-01-03,x\n", "looks like a header"),
        (",".join(f"c{number}" for number in range(1000)) + "\n", "1,000 columns"),
        (f'id,note,nrs\np0,x,1\np1,"a\np2,{PLANTED},3\np3,c",5\n', "not closed.\n  visits.csv, row 3, column note"),
        ("id,note,nrs\n" + "".join(f'p{row},"{PLANTED},7\n' if row == 3 else f"p{row},x,7\n" for row in range(9)), "not closed"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert said in refusal(tmp_path, content)


def test_a_text_without_columns_is_no_table_and_no_fault(tmp_path: Path) -> None:
    prose = "Licence\n\nPermission is granted, free of charge, to any person\nwho obtains a copy, to use it.\nThere is no warranty\0.\n"
    (tmp_path / "licence.txt").write_text(prose * 3, encoding="utf-8")
    (tmp_path / "visits.txt").write_text("Visits\nid,nrs\np1,7\np2,8\n", encoding="utf-8")
    licence, visits = read_source(tmp_path)
    assert (licence.how, licence.read) == ("not read: no separator makes columns of this text", 0)
    assert visits.n == 2


def test_what_the_mapping_says_of_a_file_holds_in_any_folder(tmp_path: Path) -> None:
    (tmp_path / "2024").mkdir()
    (tmp_path / "2024/a.csv").write_text("id,nrs\nid,vas\np1,7\n", encoding="utf-8")
    workbook(tmp_path / "2024/b.xlsx", lambda book: book.add_worksheet("S").write_column("C2", ["id", "nrs", "p1"]))
    said = {"a.csv": Reading.model_validate({"header": 2}), "b.xlsx#S": Reading.model_validate({"header": 3})}
    assert [(table.cells.column_names, table.rows.tolist()) for table in read_source(tmp_path, said)] == [
        (["id", "vas"], [3]),
        (["nrs"], [4]),
    ]


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textfile, "MOST_BYTES", 10)
    assert "larger than" in refusal(tmp_path, "id,nrs\np1,7\n")


def test_every_fault_of_a_source_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("", encoding="utf-8")
    (tmp_path / "b.csv").write_text("id,id\n1,2\n", encoding="utf-8")
    with pytest.raises(IntakeRefused, match="(?s)empty.*same name") as raised:
        read_source(tmp_path)
    assert len(raised.value.faults) == 2


def _clinic(book: xlsxwriter.Workbook) -> None:
    day, clock = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet("Scores")
    sheet.write(0, 0, "Spine clinic")
    sheet.write_row(2, 0, ["id", "seen", "nrs", "fusion"])
    sheet.write_row(3, 0, ["p1", None, 7.0, True])
    sheet.write_datetime(3, 1, dt.datetime(2024, 1, 2), day)  # noqa: DTZ001
    sheet.write_row(4, 0, ["p2", None, 0.1 + 0.2, False])
    sheet.write_datetime(4, 1, dt.datetime(2024, 1, 2, 13, 5), clock)  # noqa: DTZ001
    sheet.merge_range(5, 0, 6, 0, "p3")
    sheet.write_formula(5, 2, "=2+3", None, 5)
    sheet.write(6, 2, 6)
    sheet.write(7, 0, "Total")
    sheet.merge_range(0, 9, 4, 9, "")
    sheet.merge_range(40, 0, 50, 0, "")
    book.add_worksheet("Empty")
    hidden = book.add_worksheet("Old")
    hidden.write_column(0, 0, ["id", "p9"])
    hidden.hide()


def test_a_workbook_is_read_sheet_by_sheet(tmp_path: Path) -> None:
    scores, empty, old = read_source(workbook(tmp_path / "clinic.xlsx", _clinic))
    assert scores.name == "clinic.xlsx#Scores"
    assert values(scores) == [
        ["p1", "2024-01-02", "7", "yes"],
        ["p2", "2024-01-02 13:05", "0.3", "no"],
        ["p3", None, "5", None],
        ["p3", None, "6", None],  # the cell above goes down over this row
    ]
    assert scores.rows.tolist() == [4, 5, 6, 7]
    assert scores.left == {"rows above the header": 1, "totals below the table": 1}
    assert scores.how == "header in row 3, 3 merged areas (rows 6-7, 1-5, 41-51): those that go down have their value in every row"
    assert (empty.how, empty.cells.num_columns) == ("an empty sheet", 0)
    assert (old.how, values(old)) == ("header in row 1, a hidden sheet", [["p9"]])


def test_a_cell_in_error_is_named(tmp_path: Path) -> None:
    def draw(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Scores")
        sheet.write_row(0, 0, ["id", "nrs"])
        sheet.write(1, 0, "p1")
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")

    with pytest.raises(IntakeRefused, match=r"error of a formula.*\n  broken.xlsx, sheet Scores, row 2, column B"):
        read_source(workbook(tmp_path / "broken.xlsx", draw))


def test_a_formula_without_its_result_is_named_with_its_sheet(tmp_path: Path) -> None:
    def draw(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("First")
        sheet = book.add_worksheet("Sums")
        sheet.write_row(0, 0, ["id", "nrs"])
        sheet.write_formula(1, 27, '=IF(1<2,3,"")', None, 0)

    with zipfile.ZipFile(workbook(tmp_path / "whole.xlsx", draw)) as whole:
        parts = {name: whole.read(name).replace(b"<v>0</v>", b"") for name in whole.namelist()}
    with pytest.raises(IntakeRefused, match="without its result.*\n  sums.xlsx, sheet Sums, row 2, column AB"):
        read_source(zipped(tmp_path / "sums.xlsx", parts))


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "locked.xlsx", "protected by a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.xls", "damaged or no workbook"),
        (b"<html><table><tr><td>id</td></tr></table>", "clinic.xls", "a web page"),
        (b"PK\x03\x04 no zip", "clinic.xlsx", "damaged or no workbook"),
        (b"id,nrs\np1,7\n", "clinic.xlsx", "damaged or no workbook"),
        (b"", "clinic.xlsx", "The file is empty."),
        (b"PAR1 no table", "clinic.parquet", "cannot be read as Parquet"),
    ],
)
def test_a_damaged_file_is_said(tmp_path: Path, content: bytes, name: str, said: str) -> None:
    assert said in refusal(tmp_path, content, name)


@pytest.mark.parametrize(("row", "column", "said"), [(0, 999, "1,000 columns"), (1_048_575, 700, "cells. Allowed")])
def test_a_sheet_that_is_too_wide_or_large_is_refused_before_it_is_opened(tmp_path: Path, row: int, column: int, said: str) -> None:
    path = workbook(tmp_path / "wide.xlsx", lambda book: book.add_worksheet().write(row, column, "x"))
    with pytest.raises(IntakeRefused, match=said):
        read_source(path)


ODS = """<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="Visits">
<table:table-row><table:table-cell office:value-type="string"><text:p>id</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>nrs</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>p1</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
ODS_FILES = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/></manifest:manifest>'
)


def ods(path: Path, content: str) -> Path:
    parts = {"mimetype": ODS_TYPE, "content.xml": content.replace("\n<", "<"), "META-INF/manifest.xml": ODS_FILES}
    return zipped(path, {name: part.encode() for name, part in parts.items()})


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("</table:table>", "", "damaged"),
        ("table-cell office", 'table-cell table:number-columns-repeated="900000000" office', "900,000,000 columns|columns. Allowed"),
        ("table:table-row>", 'table:table-row table:number-rows-repeated="99000000">', "cells. Allowed|damaged"),
    ],
)
def test_an_ods_that_would_never_end_is_refused(tmp_path: Path, before: str, after: str, said: str) -> None:
    with pytest.raises(IntakeRefused, match=said):
        read_source(ods(tmp_path / "clinic.ods", ODS.replace(before, after, 1)))


def test_a_cell_in_error_of_an_ods_is_named(tmp_path: Path) -> None:
    content = ODS.replace('"float"', '"string" calcext:value-type="error"')
    with pytest.raises(IntakeRefused, match="error of a formula.*\n  clinic.ods, sheet Visits, row 2, column B"):
        read_source(ods(tmp_path / "clinic.ods", content))


def test_an_ods_is_read(tmp_path: Path) -> None:
    (table,) = read_source(ods(tmp_path / "clinic.ods", ODS))
    assert (table.name, values(table)) == ("clinic.ods#Visits", [["p1", "7"]])


def test_parquet_is_read_as_text(tmp_path: Path) -> None:
    columns = {"id": ["p1", None], "seen": [dt.date(2024, 1, 2), None], "nrs": [7.0, 1.5], "yes": [True, None]}
    parquet.write_table(pa.table(columns), tmp_path / "t.parquet")
    (table,) = read_source(tmp_path / "t.parquet")
    assert values(table) == [["p1", "2024-01-02", "7", "yes"], [None, None, "1.5", None]]


def test_a_nested_column_of_parquet_is_a_fault(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"id": ["p1"], "all": [[1, 2]]}), tmp_path / "t.parquet")
    with pytest.raises(IntakeRefused, match="(?s)lists.*column all"):
        read_source(tmp_path / "t.parquet")


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        (pa.array([dt.datetime(2024, 1, 2), dt.datetime(2024, 1, 2, 3, 4, 5)]), ["2024-01-02", "2024-01-02 03:04"]),  # noqa: DTZ001
        (pa.array([1e20, float("nan"), -0.5, None]), ["1e+20", None, "-0.5", None]),
        (pa.array(["a", " a "]).dictionary_encode(), ["a", "a"]),
        (pa.array([dt.time(3, 4)]), ["03:04"]),
        (pa.array([None, None]), [None, None]),
        (pa.array([3, -4], pa.int16()), ["3", "-4"]),
    ],
)
def test_typed_columns_are_written_as_people_do(typed: pa.Array, texts: list[str | None]) -> None:
    assert column_of_texts(typed).to_pylist() == texts


def zipped(path: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def test_a_zip_of_a_folder_is_read_and_other_files_are_listed(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with xlsxwriter.Workbook(inner) as book:
        book.add_worksheet("S").write_column(0, 0, ["id", "p1"])
    contents = {"export/a.csv": b"id,nrs\np1,7\n", "export/sub/b.xlsx": inner.getvalue(), "export/letter.pdf": b"%PDF", "export/.x": b""}
    tables = read_source(zipped(tmp_path / "all.zip", contents))
    assert {table.name: table.n for table in tables} == {"a.csv": 1, "letter.pdf": 0, "sub/b.xlsx#S": 1}
    assert tables[1].how == "not read: PDF is no table"


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "x/../../a.csv"])
def test_a_name_that_leads_out_of_the_zip_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(IntakeRefused, match="leads out of it"):
        read_source(zipped(tmp_path / "all.zip", {name: b"id,nrs\np1,7\n"}))


def test_a_zip_that_unpacks_to_a_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeRefused, match="unpacks to more than 200 times"):
        read_source(zipped(tmp_path / "all.zip", {"a.csv": b"0" * (11 << 20)}))


def test_a_zip_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MOST_MEMBERS", 1)
    with pytest.raises(IntakeRefused, match="zip is too large"):
        read_source(zipped(tmp_path / "all.zip", {"a.csv": b"id\n1\n", "b.csv": b"id\n1\n"}))


def test_a_link_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to("/etc/hostname")
    with pytest.raises(IntakeRefused, match="link to another place"):
        read_source(tmp_path)


def test_a_source_without_tables_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF")
    for source in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(IntakeRefused, match=r"No table was found|no such file or folder"):
            read_source(source)


def test_progress_ends_at_all_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,nrs\np1,7\n", encoding="utf-8")
    seen: list[tuple[str, int, int]] = []
    files.read(tmp_path, progress=lambda *step: seen.append(step))
    assert seen == [("Reading a.csv", 0, 12), ("Reading files", 12, 12)]


@pytest.mark.parametrize(
    ("contents", "kind"),
    [
        ({"a.csv": "id,nrs\n"}, "files"),
        ({"person.csv": "person_id\n"}, "files"),
        ({"PERSON.csv": "person_id\n", "condition_occurrence.csv": "x\n"}, "omop"),
        ({"a.ndjson": '{"resourceType": "Patient"}\n'}, "fhir"),
        ({"a.json": '{"format": 1}\n', "a.csv": "id,nrs\n"}, "files"),
        ({"a.csv": "record_id,redcap_event_name\n"}, "redcap"),
        ({"a.csv": "record_id,nrs\n", "dict.csv": '"Variable / Field Name","Form Name"\n"record_id",x\n'}, "redcap"),
    ],
)
def test_the_kind_of_a_source(tmp_path: Path, contents: dict[str, str], kind: str) -> None:
    for name, content in contents.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert kind_of(tmp_path) == kind
    assert kind_of(zipped(tmp_path / "all.zip", {name: content.encode() for name, content in contents.items()})) == kind
    assert kind_of("postgresql://clinic/omop") == "omop"
    if kind == "redcap":
        assert kind_of(tmp_path / "a.csv") == "redcap"


DICTIONARY = "Variable / Field Name,Form Name,Field Type,Field Label\nrecord_id,x,text,Number\n"


@pytest.mark.parametrize(
    ("dropped", "kind", "tables"),
    [
        ({"a.csv": "id,nrs\np1,7\n", "letter.pdf": "%PDF"}, "files", ["a.csv", "letter.pdf"]),
        ({"a.json": '{"resourceType": "Patient", "id": "p1", "text": "see https://clinic"}'}, "fhir", ["Patient"]),
        ({"person.csv": "person_id\n1\n", "condition_occurrence.csv": "person_id\n1\n"}, "omop", ["person", "condition_occurrence"]),
        ({"data.csv": "record_id\n1\n", "dictionary.csv": DICTIONARY}, "redcap", ["data.csv"]),
    ],
)
def test_what_is_dropped_on_a_page_is_read_where_it_lies(dropped: dict[str, str], kind: str, tables: list[str]) -> None:
    source = uploaded({name: content.encode() for name, content in dropped.items()})
    assert "p1" not in repr(source)
    assert kind_of(source) == kind
    assert [table.name for table in read_source(source)] == tables


def test_a_zip_that_is_dropped_on_a_page_is_read_where_it_lies(tmp_path: Path) -> None:
    content = zipped(tmp_path / "all.zip", {"export/a.csv": b"id,nrs\np1,7\n"}).read_bytes()
    assert [table.name for table in read_source(uploaded({"all.zip": content, "b.csv": b"id\np2\n"}))] == ["a.csv", "b.csv"]


def test_an_export_of_redcap_is_read_with_the_dictionary_beside_it(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("record_id\n1\n", encoding="utf-8")
    (tmp_path / "dictionary.csv").write_text(DICTIONARY, encoding="utf-8")
    (table,) = read_source(tmp_path / "data.csv")
    assert (table.name, table.labels) == ("data.csv", {"record_id": "Number"})
