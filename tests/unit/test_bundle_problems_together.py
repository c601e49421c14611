"""All problems in one run: one fault never hides another, nor floods the report with its consequences."""

from __future__ import annotations

from pathlib import Path

import pytest

from synapse_analytics.bundle import check_bundle
from synapse_analytics.bundle.problems import LISTED_PER_RULE
from tests.faults.drawn import add_column, line, swap, whole, write_right


def test_all_problems_are_found_at_once(tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    for spoil in (
        line("patients.csv", 3, "P2,male,61"),
        line("scores.csv", 3, "E1,0,odi,101"),
        line("scores.csv", 7, "E999,0,eq_vas,60"),
        swap("treatments.csv", "discectomy", "9812345645"),
        add_column("symptoms.csv", "date_of_birth", ["", "", ""]),
    ):
        spoil(folder)
    check = check_bundle(folder)
    assert check.counts == {"short_row": 1, "out_of_range": 1, "orphan": 1, "identity_phone": 1, "identity_column": 1}
    assert [problem.file for problem in check.problems] == ["patients.csv", "symptoms.csv", "treatments.csv", "scores.csv", "scores.csv"]


def test_broken_parent_row_orphans_nobody(tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    line("episodes.csv", 2, "E1,P1,2020-01")(folder)
    assert check_bundle(folder).counts == {"short_row": 1}


def test_rows_after_broken_rows_keep_their_number(tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    line("scores.csv", 3, "E1")(folder)
    line("scores.csv", 5, "E2,0,eq5d5l_index,7")(folder)
    places = [(p.rule, p.line, p.row) for p in check_bundle(folder).problems]
    assert places == [("short_row", 3, 2), ("out_of_range", 5, 4)]


@pytest.mark.parametrize("row", ["E1,0,odi,101", "E9,0,odi,50", "E1,0", "E1,0,odi,", "E1,0,asha@example.org,5"])
def test_counts_are_complete(tmp_path: Path, row: str) -> None:
    folder = write_right(tmp_path / "bundle")
    whole("scores.csv", ("episode_id,day,instrument,value\n" + f"{row}\n" * 2500).encode())(folder)
    check = check_bundle(folder)
    assert set(check.counts.values()) == {2500}
    assert len(check.problems) == LISTED_PER_RULE
    assert check.rows["scores.csv"] == 2500


def test_zip_and_folder_report_alike(tmp_path: Path) -> None:
    import shutil

    folder = write_right(tmp_path / "bundle")
    line("scores.csv", 3, "E1,0,odi,101")(folder)
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", folder)
    assert check_bundle(packed).problems == check_bundle(folder).problems


def test_unknown_code_hints_at_the_nearest(tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    swap("episodes.csv", "spinal_stenosis", "spinal stenosis")(folder)
    assert [p.hint for p in check_bundle(folder).problems] == ["spinal_stenosis"]
