"""One wrong cell gives one problem, in every column, whatever stands in it and whichever rules look at it."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from synapse_analytics.bundle import check_bundle
from synapse_analytics.bundle.schema import FILES, Column, RecordFile
from tests.faults.columns import table_of
from tests.faults.drawn import Spoil, add_column, line, swap, write_right

WRONG = ["400.0", "-99999", " 3", "NaN", "9812345645", "asha@example.org", "1960-05-17", "MRN0048213", "x y", "=1", "\u0663", "a" * 70]
COLUMNS = [pytest.param(file, column, id=f"{file.name}-{column.name}") for file in FILES for column in file.columns]
KEYS_OF_OTHERS = {("patients.csv", "patient_id"), ("episodes.csv", "episode_id"), ("treatments.csv", "treatment_id")}


@pytest.mark.parametrize(("file", "column"), COLUMNS)
def test_each_wrong_text(file: RecordFile, column: Column, tmp_path: Path) -> None:
    for text in WRONG:
        right = write_right(tmp_path / "bundle")
        table = table_of(file.name)
        table[min(2, len(table) - 1)][table[0].index(column.name)] = text
        with (right / file.name).open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows(table)
        check = check_bundle(right)
        shutil.rmtree(right)
        in_cell = [p for p in check.problems if (p.file, p.column) == (file.name, column.name)]
        if (file.name, column.name) in KEYS_OF_OTHERS:  # rows elsewhere that name the lost key lead nowhere, which is their own problem
            assert {p.rule for p in check.problems if p not in in_cell} <= {"orphan"}, text
        else:
            assert sum(check.counts.values()) == 1, text
        assert len(in_cell) == 1, text


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
