"""The OMOP CDM from files of any spelling and from PostgreSQL: the same tables, with the names of their concepts."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources import omop
from tests.postgresql import server

PERSON = [
    ("person_id", "gender_concept_id", "year_of_birth", "birth_datetime", "person_source_value", "gender_source_value"),
    ("1", "8532", "1950", "1950-10-24 00:00:00", "MRN-77 Rossi", "F"),
    ("2", "8507", "1961", "", "MRN-78 Weiss", "M"),
]
CONDITION = [
    ("condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date", "condition_source_value", "stop_reason"),
    ("11", "1", "76107", "2021-02-03", "M48.06", 'said "ask Rossi"'),
    ("12", "2", "0", "2021-03-04", "X", ""),
]
CONCEPT = [
    ("concept_id", "concept_name", "vocabulary_id", "concept_code"),
    ("76107", '12" Spinal stenosis', "SNOMED", "76107001"),
    ("8532", "FEMALE", "Gender", "F"),
    ("999", "Never used", "SNOMED", "1"),
]
TABLES = {"person": PERSON, "condition_occurrence": CONDITION, "concept": CONCEPT}


def written(folder: Path, sign: str = ",", *, upper: bool = False) -> Path:
    """The three tables as CSV; with tabs there are no quotes, as OHDSI writes its vocabulary."""
    folder.mkdir(exist_ok=True)
    for name, rows in TABLES.items():
        quoted = [[cell if sign == "\t" else '"' + cell.replace('"', '""') + '"' for cell in row] for row in rows]
        header = [cell.upper() for cell in rows[0]] if upper else list(rows[0])
        lines = [sign.join(header), *(sign.join(row) for row in quoted[1:])]
        (folder / f"{name.upper() if upper else name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def read(source: str | Path, **readings: Reading) -> dict[str, RawTable]:
    return {table.name: table for table in omop.read(source, readings)}


def check(found: dict[str, RawTable]) -> None:
    """What every way of writing the three tables must give."""
    assert list(found) == ["person", "condition_occurrence", "concept"]
    person, condition = found["person"], found["condition_occurrence"]
    assert person.column("person_id").to_pylist() == ["1", "2"]
    assert person.column("birth_datetime").to_pylist() == ["1950-10-24", None]
    assert person.column("year_of_birth").to_pylist() == ["1950", "1961"]
    assert person.choices["gender_concept_id"] == {"8532": "FEMALE"}
    assert condition.choices["condition_concept_id"] == {"76107": '12" Spinal stenosis'}
    assert condition.column("condition_start_date").to_pylist() == ["2021-02-03", "2021-03-04"]
    assert condition.date_formats["condition_start_date"] == "year-month-day"
    assert sorted(found["concept"].column("concept_code").to_pylist()) == ["76107001", "F"], "only concepts that a row names"
    assert "Rossi" not in str([table.cells.to_pylist() for table in found.values()])


@pytest.mark.parametrize(("sign", "upper"), [(",", False), (",", True), ("\t", True), (";", False)])
def test_files_of_any_spelling(tmp_path: Path, sign: str, upper: bool) -> None:
    found = read(written(tmp_path / "cdm", sign, upper=upper))
    check(found)
    assert list(found["person"].rows) == [2, 3], "lines of the file"


def test_a_zip(tmp_path: Path) -> None:
    folder = written(tmp_path / "cdm")
    with zipfile.ZipFile(tmp_path / "cdm.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"cdm/{path.name}")
    check(read(tmp_path / "cdm.zip"))


def test_parquet_with_numbers_and_dates(tmp_path: Path) -> None:
    types = {"person_id": pa.int64(), "gender_concept_id": pa.float64(), "condition_concept_id": pa.float64(), "concept_id": pa.int64()}
    types |= {"condition_start_date": pa.date32(), "birth_datetime": pa.timestamp("us"), "year_of_birth": pa.int32()}
    for name, (header, *rows) in TABLES.items():
        columns = {column: pa.array([row[at] or None for row in rows], pa.string()) for at, column in enumerate(header)}
        typed = {column: cells.cast(types.get(column, pa.string())) for column, cells in columns.items()}
        pq.write_table(pa.table(typed), tmp_path / f"{name}.parquet")
    check(read(tmp_path))


def test_an_encoding_is_named_in_the_mapping(tmp_path: Path) -> None:
    folder = written(tmp_path / "cdm")
    path = folder / "concept.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace("FEMALE", "WEIBLICH Ü").encode("windows-1252"))
    with pytest.raises(IntakeRefused, match=r"cannot be read as CSV(.|\n)*concept.csv(.|\n)*encoding: windows-1252"):
        read(folder)
    found = read(folder, **{"concept.csv": Reading(encoding="windows-1252")})
    assert found["person"].choices["gender_concept_id"] == {"8532": "WEIBLICH Ü"}


def test_a_row_with_too_many_columns_is_named_without_its_values(tmp_path: Path) -> None:
    folder = written(tmp_path / "cdm")
    with (folder / "person.csv").open("a", encoding="utf-8") as file:
        file.write("3,8532,1950,,Rossi,F,one,more\n")
    with pytest.raises(IntakeRefused, match=r"A row has 8 columns where the header has 6(.|\n)*person.csv, row 4") as refusal:
        read(folder)
    assert "Rossi" not in str(refusal.value)


def test_no_persons_is_no_cdm(tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text("id,date\n1,2020-01-01\n", encoding="utf-8")
    with pytest.raises(IntakeRefused, match="no table person"):
        read(tmp_path)


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """A server with the three tables in the schema cdm, as real columns, and other persons in the schema other."""
    with server() as url:
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        with engine.begin() as connection:
            for statement in _statements():
                connection.exec_driver_sql(statement)
        yield url


def _statements() -> Iterator[str]:
    kinds = {
        "person_id": "bigint",
        "year_of_birth": "int",
        "birth_datetime": "timestamp",
        "condition_start_date": "date",
        "concept_id": "int",
    }
    for schema in ("cdm", "other"):
        yield f"create schema {schema}"
        for name, (header, *rows) in TABLES.items():
            columns = {column: kinds.get(column, "int" if column.endswith("concept_id") else "text") for column in header}
            yield f"create table {schema}.{name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})"
            for row in reversed(rows):
                cells = ", ".join("'" + cell.replace("'", "''") + "'" if cell else "null" for cell in row)
                yield f"insert into {schema}.{name} values ({cells})"  # noqa: S608  (our own rows)
    yield "drop table other.concept"


def test_postgresql(database: str) -> None:
    check(read(f"{database}&schema=cdm"))
    check(read(f"{database.replace('+psycopg', '')}&options=-csearch_path%3Dcdm"))


def test_postgresql_asks_for_the_schema_and_shows_no_password(database: str) -> None:
    with pytest.raises(IntakeRefused, match=r"Several schemas have a table person: cdm, other(.|\n)*\?schema=cdm"):
        read(database)
    with pytest.raises(IntakeRefused, match="did not answer") as refusal:
        read(database.replace("postgres@", "nobody:secret99@"))
    assert "secret99" not in str(refusal.value)


def test_an_address_that_is_none() -> None:
    with pytest.raises(IntakeRefused, match="driver of this database"):
        read("nosuchdatabase://x/y")
