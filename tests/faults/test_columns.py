"""A column that is missing, renamed, doubled or empty, in any file and form, is told as such and stops nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from synapse_analytics.bundle import check_bundle
from synapse_analytics.bundle.schema import FILES, RecordFile
from synapse_analytics.store import load
from tests.faults.columns import spoilt_columns, table_of, write_table
from tests.faults.drawn import write_right

FORMS = ["csv", "parquet"]
EACH_FILE = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)


@pytest.mark.parametrize("form", FORMS)
@EACH_FILE
def test_every_column_and_two_columns(file: RecordFile, form: str, tmp_path: Path) -> None:
    wrong = []
    for what, table, wanted in spoilt_columns(file):
        if not table[0]:
            wanted = {"empty_file": 1} if form == "csv" else {"missing_header": 1}  # noqa: PLW2901 - nothing is left of the file
        folder = write_right(tmp_path / "bundle")
        write_table(folder, file.name, table, form)
        check = check_bundle(folder)
        if check.counts != wanted or check.accepted != (not wanted):
            wrong.append((what, check.counts, wanted))
        shutil.rmtree(folder)
    assert wrong == []


@pytest.mark.parametrize("form", FORMS)
@EACH_FILE
def test_empty_and_header_only_files(file: RecordFile, form: str, tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    (folder / file.name).unlink()
    (folder / file.name.replace("csv", form)).write_bytes(b"")
    assert check_bundle(folder).counts == {"empty_file" if form == "csv" else "not_a_parquet": 1}
    shutil.rmtree(folder)
    write_table(write_right(folder), file.name, table_of(file.name)[:1], form)
    check = check_bundle(folder)
    assert (check.counts.get("no_rows") == 1) is (file.name in {"patients.csv", "episodes.csv"})
    assert check.accepted is (not check.counts)


@pytest.mark.parametrize("names", [["scores.csv"], ["treatments.csv", "adverse_events.csv"], ["symptoms.csv", "other_diagnoses.csv"]])
def test_files_without_rows_are_loaded(names: list[str], tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    for name in names:
        write_table(folder, name, table_of(name)[:1], "csv")
    generation = load(check_bundle(folder), f"duckdb:///{tmp_path / 'store'}")
    assert [generation.rows[name.removesuffix(".csv")] for name in names] == [0] * len(names)
