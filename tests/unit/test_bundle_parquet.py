"""Texts of a Parquet file, in every way that programs store them: read alike, told with their row when they are not UTF-8, never long."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from synapse_analytics.bundle import Check, check_bundle
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


def test_texts_without_a_dictionary_are_read(tmp_path: Path) -> None:
    """Writers of Parquet's second version store texts as lengths and letters."""
    columns = pa.table(_columns())
    right = write_right(tmp_path / "bundle")
    (right / "scores.csv").unlink()
    encoding = dict.fromkeys(columns.column_names, "DELTA_LENGTH_BYTE_ARRAY")
    parquet.write_table(columns, right / "scores.parquet", use_dictionary=False, column_encoding=encoding)
    assert check_bundle(right).counts == {}
