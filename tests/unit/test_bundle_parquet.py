"""Texts of a Parquet file, in every way that programs store them: read alike, told with their row when they are not UTF-8, never long."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from synapse_analytics.bundle import Check, check_bundle
from synapse_analytics.bundle.csv_file import read_csv
from synapse_analytics.bundle.problems import Report
from synapse_analytics.bundle.schema import PATIENTS
from synapse_analytics.bundle.source import Member
from synapse_analytics.progress import quiet
from tests.faults.columns import table_of
from tests.faults.drawn import write_right

KINDS = (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.dictionary(pa.int16(), pa.string()))


def _checked(folder: Path, columns: dict[str, pa.Array]) -> Check:
    right = write_right(folder / "bundle")
    (right / "scores.csv").unlink()
    parquet.write_table(pa.table(columns), right / "scores.parquet")
    return check_bundle(right)


def _columns(kind: pa.DataType | None = None) -> dict[str, pa.Array]:
    header, *rows = table_of("scores.csv")
    return {name: pa.array([row[at] for row in rows], pa.string()).cast(kind or pa.string()) for at, name in enumerate(header)}


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_kind_of_text_is_read(kind: pa.DataType, tmp_path: Path) -> None:
    check = _checked(tmp_path, _columns(kind))
    assert check.counts == {}
    assert check.tables["scores"] == check_bundle(write_right(tmp_path / "csv")).tables["scores"]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.dictionary(pa.int32(), pa.binary())], ids=str)
@pytest.mark.parametrize("column", ["episode_id", "instrument", "value"])
def test_what_is_not_utf8_is_told_with_its_row(column: str, kind: pa.DataType, tmp_path: Path) -> None:
    texts = [text.encode() for text in _columns()[column].to_pylist()]
    texts[3:5] = [b"\xe9", b"\xff"]
    check = _checked(tmp_path, _columns() | {column: pa.array(texts, pa.binary()).cast(kind)})
    assert [(p.rule, p.file, p.line, p.row, p.column) for p in check.problems] == [("not_utf8", "scores.parquet", None, 4, column)]


def test_a_column_name_that_is_not_utf8(tmp_path: Path) -> None:
    right = write_right(tmp_path / "bundle")
    (right / "scores.csv").unlink()
    parquet.write_table(pa.table(_columns() | {"abcdefgh": pa.array(["x"] * 6)}), right / "scores.parquet", store_schema=False)
    content = (right / "scores.parquet").read_bytes()
    (right / "scores.parquet").write_bytes(content.replace(b"abcdefgh", b"abcd\xff\xfegh"))
    assert {p.rule for p in check_bundle(right).problems} == {"not_utf8"}


@pytest.mark.parametrize(("length", "letter"), [(201, "x"), (900, "x"), (70_000, "x"), (900, "ü")])
def test_a_long_text_is_one_wrong_value(length: int, letter: str, tmp_path: Path) -> None:
    values = ["odi", letter * length, "", "odi", "odi", "odi"]
    check = _checked(tmp_path, _columns() | {"instrument": pa.array(values)})
    assert [(p.rule, p.row, p.column) for p in check.problems if p.column == "instrument"] == [
        ("unknown_code", 2, "instrument"),
        ("missing_value", 3, "instrument"),
    ]


@pytest.mark.parametrize("way", ["DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"])
def test_texts_without_a_dictionary_are_read(way: str, tmp_path: Path) -> None:
    """Writers of Parquet's second version store texts as lengths and letters, or as what differs from the text before."""
    columns = pa.table(_columns())
    right = write_right(tmp_path / "bundle")
    (right / "scores.csv").unlink()
    encoding = dict.fromkeys(columns.column_names, way)
    parquet.write_table(columns, right / "scores.parquet", use_dictionary=False, column_encoding=encoding)
    assert check_bundle(right).counts == {}


def test_numbers_of_sixteen_bits_are_read(tmp_path: Path) -> None:
    values = np.array([float(text) for text in _columns()["value"].to_pylist()], np.float16)
    assert _checked(tmp_path, _columns() | {"value": pa.array(values)}).counts == {}


KINDS_OF_NO_TEXT = {
    "lists": pa.array([[1.0]] * 6),
    "records": pa.array([{"Asha Verma": 1}] * 6),
    "bytes": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0123456789abcdef"] * 6, pa.binary(16))),
}


@pytest.mark.parametrize("kind", KINDS_OF_NO_TEXT)
def test_a_column_that_is_no_text_is_named(kind: str, tmp_path: Path) -> None:
    check = _checked(tmp_path, _columns() | {"value": KINDS_OF_NO_TEXT[kind]})
    assert [(p.rule, p.column, p.hint) for p in check.problems] == [("unreadable_column", "value", f"it holds {kind}")]


@pytest.mark.parametrize("name", ["__index_level_0__", "Unnamed: 0", "index", ""])
def test_the_index_of_pandas_is_told_as_one(name: str, tmp_path: Path) -> None:
    check = _checked(tmp_path, _columns() | {name: pa.array([str(k) for k in range(6)])})
    assert [(p.rule, p.hint) for p in check.problems] == [
        ("extra_column", "this looks like the index of pandas; write the file with index=False")
    ]


def test_a_long_id_is_not_kept(tmp_path: Path) -> None:
    """A bundle may hold thousands of them, as long as a line can be."""
    right = write_right(tmp_path / "bundle")
    with (right / "patients.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{k}{'a' * 58_000},female,50,,,,\n" for k in range(100))
    member = Member("patients.csv", (right / "patients.csv").stat().st_size, partial((right / "patients.csv").open, "rb"))
    read, _ = read_csv(member, PATIENTS, Report(), sha256=False, progress=quiet)
    assert read.table.nbytes < 100_000
