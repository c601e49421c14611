"""One wrong cell gives one problem, in every column, whatever stands in it and whichever rules look at it."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from itertools import zip_longest
from pathlib import Path

import pytest

from synapse_analytics.bundle import Check, check_bundle
from synapse_analytics.bundle.schema import FILES, Column, RecordFile
from tests.faults.columns import table_of
from tests.faults.drawn import Spoil, add_column, line, swap, write_right

WRONG = ["400.0", "-99999", " 3", "NaN", "9812345645", "asha@example.org", "1960-05-17", "MRN0048213", "x y", "=1", "\u0663", "a" * 70]
KEYS_OF_OTHERS = {("patients.csv", "patient_id"), ("episodes.csv", "episode_id"), ("treatments.csv", "treatment_id")}
Cell = tuple[RecordFile, Column]
CELLS: list[Cell] = [(file, column) for file in FILES for column in file.columns]
LONE = [cell for cell in CELLS if (cell[0].name, cell[1].name) in KEYS_OF_OTHERS]
# A file's columns one after another, beside those of the other files: a wrong cell of one file is no matter of another's.
TOGETHER = [
    [cell for cell in row if cell]
    for row in zip_longest(*([cell for cell in CELLS if cell[0] is file and cell not in LONE] for file in FILES))
]


def spoilt(folder: Path, cells: list[Cell], text: str) -> Check:
    """The check of the right bundle with this text in one cell of each of these columns."""
    right = write_right(folder)
    for file, column in cells:
        table = table_of(file.name)
        table[min(2, len(table) - 1)][table[0].index(column.name)] = text
        with (right / file.name).open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows(table)
    check = check_bundle(right)
    shutil.rmtree(right)
    return check


@pytest.mark.parametrize("text", WRONG)
def test_each_wrong_text_is_one_problem(text: str, tmp_path: Path) -> None:
    for cells in TOGETHER:
        check = spoilt(tmp_path / "bundle", cells, text)
        assert Counter((p.file, p.column) for p in check.problems) == {(file.name, column.name): 1 for file, column in cells}
        assert sum(check.counts.values()) == len(cells)


@pytest.mark.parametrize("text", WRONG)
def test_each_wrong_key_is_one_problem(text: str, tmp_path: Path) -> None:
    """Rows elsewhere that name the lost key lead nowhere, which is their own problem."""
    for file, column in LONE:
        check = spoilt(tmp_path / "bundle", [(file, column)], text)
        in_cell = [p for p in check.problems if (p.file, p.column) == (file.name, column.name)]
        assert len(in_cell) == 1, column.name
        assert {p.rule for p in check.problems if p not in in_cell} <= {"orphan"}, column.name


@pytest.mark.parametrize(
    ("rule", "column", "spoil"),
    [
        ("wrong_type", "closed_day", swap("episodes.csv", "resolved,400", "resolved,400.0")),
        ("out_of_range", "closed_day", swap("episodes.csv", "resolved,400", "resolved,7301")),
        ("closed_before_opened", "closed_day", swap("episodes.csv", "no,open,", "no,open,-5")),
        ("after_data_until", "closed_day", swap("episodes.csv", "no,open,", "no,open,6000")),
        ("after_data_until", "start_day", swap("treatments.csv", "7,60", "6000,60")),
        ("end_before_start", "end_day", swap("treatments.csv", "7,60", "60,7")),
        ("out_of_range", "value", line("scores.csv", 3, "E1,0,nrs_pain,101")),
        ("identity_record_number", "treatment_id", swap("treatments.csv", "T3,", "MRN0048213,")),
        ("duplicate_key", "treatment_id", swap("treatments.csv", "T3,", "T1,")),
        ("identity_email", "other", add_column("patients.csv", "other", ["", "asha@example.org", ""])),
    ],
)
def test_cells_that_two_rules_look_at(rule: str, column: str, spoil: Spoil, tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    spoil(folder)
    check = check_bundle(folder)
    assert {name: count for name, count in check.counts.items() if name != "extra_column"} == {rule: 1}
    assert [p.column for p in check.problems if p.rule == rule] == [column]


def test_missing_closed_day_is_still_told(tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    swap("episodes.csv", "resolved,400", "resolved,400.0")(folder)
    swap("episodes.csv", "discharged,90", "discharged,")(folder)
    assert check_bundle(folder).counts == {"wrong_type": 1, "missing_closed_day": 1}
