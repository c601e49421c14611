"""A header of two rows, visits above scores: joined where nothing else can be meant, or where the mapping says so; else refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest
import xlsxwriter

from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.draft import draft_mapping
from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.mapping.reading import mapping_from
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources import read_source
from tests.raw_tables import uploaded

JOINED = ["MRN", "Sex", "Baseline ODI", "Baseline VAS", "6 weeks ODI", "6 weeks VAS"]
BELOW = "MRN,Sex,ODI,VAS,ODI,VAS\n"
ROWS = "p1,M,40,7,20,3\np2,F,50,8,30,4\n"


def read(text: str, **reading: object) -> RawTable:
    said = {"a.csv": Reading.model_validate(reading)} if reading else None
    return read_source(uploaded({"a.csv": text.encode()}), said)[0]


@pytest.mark.parametrize(
    "header",
    [
        f",,Baseline,,6 weeks,\n{BELOW}",
        f"Patient,,Baseline,,6 weeks,\n{BELOW}",
        "MRN,Sex,Baseline,,6 weeks,\n,,ODI,VAS,ODI,VAS\n",
        "MRN,Sex,Baseline,,6 weeks,\nMRN,Sex,ODI,VAS,ODI,VAS\n",
        "MRN,,Baseline,,6 weeks,\n,Sex,ODI,VAS,ODI,VAS\n",
    ],
)
def test_visits_above_scores_make_one_name(header: str) -> None:
    table = read(header + ROWS)
    assert table.cells.column_names == JOINED
    assert table.rows.tolist() == [3, 4]
    assert (table.n, table.left) == (2, {}), "the row of the visits is no row above the header"
    assert table.how.endswith("a header of two rows, the second in row 2")


def test_a_title_above_is_still_counted_and_the_visits_are_drafted() -> None:
    table = read(f"Spine clinic\n,,Baseline,,6 weeks,\n{BELOW}{ROWS}")
    assert (table.cells.column_names, table.left) == (JOINED, {"rows above the header": 1})
    scores = [one for one in draft_mapping([table], source="files").rows if one.into == "scores"]
    assert [one.fields["day"].value for one in scores] == ["0", "42"]


@pytest.mark.parametrize(
    "text",
    [
        f"Spine clinic,,,,,\n{BELOW}{ROWS}",  # a title is no visit
        f",,Baseline,,6 weeks,\nMRN,Sex,ODI,VAS,ODI,Remarks\n{ROWS}",  # does the last visit reach over the remarks?
        f",,Ravi Kumar,,Asha Devi,\n{BELOW}{ROWS}",  # these are people
        f",,12/03/2024,,13/06/2024,\n{BELOW}{ROWS}",
        f",,Baseline,,Baseline,\n{BELOW}{ROWS}",
        "MRN,Sex,Baseline,Baseline,6 weeks,6 weeks\nRavi,M,high,low,high,low\n",  # a record below a header
        "MRN,Sex,Leg,Leg,Back,Back\nRavi,M,yes,no,yes,no\n",
    ],
)
def test_where_it_is_in_doubt_it_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(IntakeRefused) as refusal:
        read(text)
    assert "Several columns have the same name." in str(refusal.value)
    assert "header_rows: 2" in str(refusal.value)
    assert not {"Ravi Kumar", "Asha Devi"} & set(str(refusal.value).split("'"))


def test_a_record_is_never_taken_for_a_row_of_the_header() -> None:
    table = read("MRN,Leg,,Back,\nRavi,yes,no,yes,no\nAsha,no,no,yes,no\n")
    assert (table.n, table.cells.column_names[:2]) == (2, ["MRN", "Leg"])


def test_the_mapping_may_say_it() -> None:
    table = read(f",,Baseline,,6 weeks,\nMRN,Sex,ODI,VAS,ODI,Remarks\n{ROWS}", header_rows=2)
    assert table.cells.column_names == [*JOINED[:5], "6 weeks Remarks"]
    full = ",,Baseline,Baseline,6 weeks,6 weeks\n"
    assert read(full + BELOW + ROWS, header=2, header_rows=2).cells.column_names == JOINED
    assert read(f"Clinic\n{full}{BELOW}{ROWS}", header=3, header_rows=2).cells.column_names == JOINED
    once = read("MRN,Sex,Baseline,,6 weeks,\n,,ODI,VAS,ODI,VAS\np1,M,40,7,20,3\n", header_rows=1)
    assert once.n == 2, "the mapping says that the second row is a record"
    with pytest.raises(IntakeRefused, match="The row that the mapping calls the header"):
        read(BELOW + ROWS, header=1, header_rows=2)


@pytest.mark.parametrize(
    "person",
    ["Zorabel Quixmar", "ZORABEL QUIXMAR", "2345 6789 0124", "ABCPQ1234Z", "MRN-0048213", "2024/048213", "0048213", "+91 98765 43210"],
)
def test_a_person_above_scores_is_in_no_name_even_if_the_mapping_says_two_rows(person: str) -> None:
    table = read(f",,Baseline,,{person},\nMRN,Sex,ODI,VAS,ODI,VAS\n{ROWS}", header_rows=2)
    assert table.cells.column_names == [*JOINED[:4], "ODI", "VAS"]
    titled = read(f"{person},,,\nMRN,Sex,ODI,VAS\np1,M,40,7\n", header=2, header_rows=2)
    assert titled.cells.column_names == ["MRN", "Sex", "ODI", "VAS"]


def test_a_table_of_many_columns_is_read_soon() -> None:
    """A minute and a half with 990 columns, when each column asked again which visits repeat."""
    start = perf_counter()
    table = read(
        ",".join(["MRN", *(f"MRI {box} done" for box in range(990))]) + "\n" + "\n".join(f"{n}," + ",".join("Y" * 990) for n in (1, 2))
    )
    assert table.cells.num_columns == 991
    assert perf_counter() - start < 20


def test_it_is_said_under_the_name_of_the_file() -> None:
    top = "format: synapse-mapping/1\nclinic: C\ndata_until: 2026-06\ndeidentified_by: D\nepisode: {is: one_per_patient}\nrows: []\n"
    found = mapping_from(f"{top}files: {{a.csv: {{header: 2, header_rows: 2}}}}", "m.yaml").files["a.csv"]
    assert (found.header, found.header_rows) == (2, 2)
    with pytest.raises(IntakeRefused, match="files, a.csv, header_rows: this number is not allowed"):
        mapping_from(f"{top}files: {{a.csv: {{header_rows: 3}}}}", "m.yaml")


def workbook(path: Path, draw: Callable[[xlsxwriter.worksheet.Worksheet], object]) -> RawTable:
    with xlsxwriter.Workbook(path) as book:
        draw(book.add_worksheet("Scores"))
    return read_source(path)[0]


def test_merged_cells_say_how_far_a_visit_reaches(tmp_path: Path) -> None:
    """The remarks stand beside the last visit, and one visit has a date more."""

    def draw(sheet: xlsxwriter.worksheet.Worksheet) -> None:
        sheet.merge_range(0, 0, 1, 0, "MRN")
        sheet.merge_range(0, 1, 0, 3, "Baseline")
        sheet.merge_range(0, 4, 0, 5, "6 weeks")
        sheet.write_row(1, 1, ["Date", "ODI", "VAS", "ODI", "VAS", "Remarks"])
        sheet.write_row(2, 0, ["p1", "2024-01-31", 40, 7, 20, 3, "well"])

    table = workbook(tmp_path / "a.xlsx", draw)
    assert table.cells.column_names == ["MRN", "Baseline Date", "Baseline ODI", "Baseline VAS", "6 weeks ODI", "6 weeks VAS", "Remarks"]
    assert table.cells.to_pylist()[0]["6 weeks VAS"] == "3"
    assert table.rows.tolist() == [3]
    assert table.how.startswith("a header of two rows, the second in row 2")
