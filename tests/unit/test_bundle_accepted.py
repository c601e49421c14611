"""Right bundles in every form are accepted, and their tables hold exactly what was written."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle import check_bundle
from synapse_analytics.bundle.schema import FILES, Kind
from synapse_analytics.bundle.values import TYPES
from tests.examples import tried
from tests.faults.drawn import MANIFEST, RIGHT, write_right
from tests.unit.drawn_bundles import bundles, stored, write_rows


@pytest.mark.slow
@tried(20)
@given(bundle=bundles(), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), end=st.sampled_from(["\n", "\r\n"]))
def test_random_bundle_is_read_back(
    bundle: dict[str, list[dict[str, str]]], quoting: int, end: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = write_rows(tmp_path_factory.mktemp("drawn"), bundle, quoting=quoting, end=end)
    check = check_bundle(folder)
    assert check.problems == []
    assert check.rows == {f"{name}.csv": len(rows) for name, rows in bundle.items()}
    for name, rows in bundle.items():
        assert check.tables[name].to_pylist() == [stored(name, row) for row in rows]


def test_tables_are_typed_as_declared(tmp_path: Path) -> None:
    tables = check_bundle(write_right(tmp_path / "bundle")).tables
    assert list(tables) == [file.name.removesuffix(".csv") for file in FILES]
    for file in FILES:
        schema = tables[file.name.removesuffix(".csv")].schema
        assert list(zip(schema.names, schema.types, strict=True)) == [(c.name, TYPES[c.kind]) for c in file.columns]


def test_absent_files_and_columns_are_empty(tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    (folder / "symptoms.csv").unlink()
    (folder / "patients.csv").write_text("age_years,sex,patient_id\n50,female,P1\n61,male,P2\n44,female,P3\n", encoding="utf-8")
    check = check_bundle(folder)
    assert check.accepted
    assert check.tables["symptoms"].num_rows == 0
    assert check.tables["patients"].column("bmi").null_count == 3
    assert check.tables["patients"].column("age_years").to_pylist() == [50, 61, 44]
    assert "symptoms.csv" not in check.rows


def test_byte_order_mark_and_no_last_line_end(tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    (folder / "scores.csv").write_bytes(b"\xef\xbb\xbf" + RIGHT["scores.csv"].rstrip("\n").encode())
    check = check_bundle(folder)
    assert check.accepted
    assert check.rows["scores.csv"] == 6


@pytest.mark.parametrize("top", ["", "bundle/"])
def test_zip_is_a_bundle(tmp_path: Path, top: str) -> None:
    folder = write_right(tmp_path / "bundle")
    wanted = check_bundle(folder)
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for item in folder.iterdir():
            archive.write(item, f"{top}{item.name}")
    check = check_bundle(tmp_path / "bundle.zip")
    assert check.accepted
    assert check.tables == wanted.tables


def _parquet_twin(name: str, *, typed: bool) -> pa.Table:
    options = arrow_csv.ConvertOptions(strings_can_be_null=True, null_values=[""])
    if not typed:
        file = next(file for file in FILES if file.name == name)
        options.column_types = {column.name: pa.string() for column in file.columns}
    return arrow_csv.read_csv(pa.BufferReader(RIGHT[name].encode()), convert_options=options)


@pytest.mark.parametrize("typed", [True, False])
def test_parquet_equals_csv(tmp_path: Path, typed: bool) -> None:
    folder = write_right(tmp_path / "bundle")
    wanted = check_bundle(folder).tables
    for name in RIGHT:
        (folder / name).unlink()
        parquet.write_table(_parquet_twin(name, typed=typed), folder / name.replace(".csv", ".parquet"))
    check = check_bundle(folder)
    assert check.problems == []
    assert check.tables == wanted


def test_parquet_faults_name_the_row(tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    (folder / "scores.csv").unlink()
    table = _parquet_twin("scores.csv", typed=True).to_pylist()
    table[2]["value"] = 11.0
    parquet.write_table(pa.Table.from_pylist(table), folder / "scores.parquet")
    problems = [p for p in check_bundle(folder).problems if p.rule == "out_of_range"]
    assert [(p.file, p.line, p.row, p.column) for p in problems] == [("scores.parquet", None, 3, "value")]


def test_manifest_may_describe_its_files(tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    files = {name: {"rows": text.count("\n") - 1, "sha256": hashlib.sha256(text.encode()).hexdigest()} for name, text in RIGHT.items()}
    (folder / "manifest.json").write_text(json.dumps(MANIFEST | {"files": files}), encoding="utf-8")
    assert check_bundle(folder).accepted


def test_readme_and_system_files_are_ignored(tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    (folder / "README.md").write_text("made up", encoding="utf-8")
    (folder / ".DS_Store").write_bytes(b"\0")
    assert check_bundle(folder).accepted


def test_small_blocks_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_right(tmp_path / "bundle")
    wanted = check_bundle(folder)
    monkeypatch.setattr("synapse_analytics.bundle.blocks.BLOCK_BYTES", 40)
    monkeypatch.setattr("synapse_analytics.bundle.csv_file._FIRST_READ", 150)
    check = check_bundle(folder)
    assert {name: table.to_pylist() for name, table in check.tables.items()} == {
        name: table.to_pylist() for name, table in wanted.tables.items()
    }


def test_progress_counts_rows(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    check_bundle(write_right(tmp_path / "bundle"), lambda *said: told.append(said))
    assert ("Checking scores.csv", 6, 6) in told
    assert all(done <= total for _, done, total in told)


def test_voter_like_surrogates_are_accepted(tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    for name in ("patients.csv", "episodes.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        for number in "123":
            text = text.replace(f"P{number},", f"PAT000000{number},")
        (folder / name).write_text(text, encoding="utf-8")
    assert check_bundle(folder).accepted


def test_codes_follow_the_vocabulary(tmp_path: Path) -> None:
    tables: dict[str, Any] = check_bundle(write_right(tmp_path / "bundle")).tables
    assert tables["scores"].column("instrument")[1].as_py() == v.position(v.INSTRUMENTS, "odi")
    assert {c.kind for file in FILES for c in file.columns} == set(Kind)
