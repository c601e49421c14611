"""Ids and codes that are somebody's number, date or name are refused by the shape of their column; honest ones never are."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from pathlib import Path
from random import Random

import pytest

from synapse_analytics.bundle import Check, check_bundle
from synapse_analytics.bundle.problems import mask
from tests.examples import DEEP
from tests.faults.disguised import CODES, COUNTERS, DISGUISED, HONEST, SRI, TOWNS, write_codes, write_ids
from tests.faults.drawn import swap, write_right

MANY = 40
SIZES = [12, 300, 3000] if DEEP else [12, 3000]  # a clinic's first and one of its later bundles
AS_CODES = [name for name, (rule, _) in DISGUISED.items() if rule in ("identity_name", "identity_phone", "spreadsheet_damage")]


def _values(name: str, count: int) -> list[str]:
    random = Random(name)
    return list(dict.fromkeys(DISGUISED[name][1](random) for _ in range(4 * count)))[:count]


def _told(check: Check) -> str:
    return json.dumps([asdict(problem) for problem in check.problems])


@pytest.mark.parametrize("name", DISGUISED)
def test_each_disguise_is_refused(name: str, tmp_path: Path) -> None:
    values = _values(name, MANY)
    check = check_bundle(write_ids(tmp_path / "bundle", values))
    problems = [problem for problem in check.problems if problem.column == "patient_id"]
    assert {problem.rule for problem in problems} == {DISGUISED[name][0]}
    assert {problem.file for problem in problems} == {"patients.csv"}
    assert not [value for value in values if value in _told(check)]
    assert all(problem.value in ("", *map(mask, values)) for problem in problems)


@pytest.mark.parametrize("name", ["D19611231", "P-9876543210", "UID-234123412346", "SHARMA_PRIYA", "D_001A2B3C4D5E"])
def test_a_column_is_one_problem_that_says_what_to_do(name: str, tmp_path: Path) -> None:
    honest = [f"P{k:06}" for k in range(10)]
    check = check_bundle(write_ids(tmp_path / "bundle", honest + _values(name, MANY)))
    (problem,) = check.problems
    assert (problem.rule, problem.line, problem.row, problem.value) == (DISGUISED[name][0], 12, 11, "")
    assert problem.hint == (
        "40 of the 50 values of this column are of this kind; this is the first. "
        "Replace them with ids that say nothing about a person, such as P000001"
    )


@pytest.mark.parametrize("name", [name for name in DISGUISED if "001A" not in name])
def test_three_patients_are_enough(name: str, tmp_path: Path) -> None:
    """But for addresses of devices without separators, which are any twelve hexadecimals."""
    assert DISGUISED[name][0] in check_bundle(write_ids(tmp_path / "bundle", _values(name, 3))).counts


@pytest.mark.parametrize("column", ["site", "clinician"])
@pytest.mark.parametrize("name", AS_CODES)
def test_codes_are_judged_as_ids_are(name: str, column: str, tmp_path: Path) -> None:
    codes = _values(name, 12)
    check = check_bundle(write_codes(tmp_path / "bundle", column, codes))
    rule = DISGUISED[name][0]
    assert set(check.counts) == {rule}
    assert {problem.column for problem in check.problems} == {column}
    assert all(problem.hint.endswith(("such as C07", "as text", "letters, digits, - and _")) for problem in check.problems)


@pytest.mark.parametrize("name", HONEST)
@pytest.mark.parametrize("count", SIZES)
def test_honest_ids_are_accepted(name: str, count: int, tmp_path: Path) -> None:
    random = Random(f"{name} {count}")
    ids = [text for text in dict.fromkeys(HONEST[name](random) for _ in range(count)) if any(map(str.isalpha, text))]
    assert check_bundle(write_ids(tmp_path / "bundle", ids)).counts == {}


@pytest.mark.parametrize("name", COUNTERS)
@pytest.mark.parametrize("count", SIZES)
def test_counters_are_accepted(name: str, count: int, tmp_path: Path) -> None:
    ids = list(dict.fromkeys(COUNTERS[name](k) for k in range(1, count + 1)))
    assert check_bundle(write_ids(tmp_path / "bundle", ids)).counts == {}


@pytest.mark.parametrize("column", ["site", "clinician"])
@pytest.mark.parametrize("name", CODES)
def test_honest_codes_are_accepted(name: str, column: str, tmp_path: Path) -> None:
    assert check_bundle(write_codes(tmp_path / "bundle", column, list(CODES[name]))).counts == {}


@pytest.mark.parametrize("places", [TOWNS, *((place,) for place in SRI)])
def test_places_are_no_names_of_sites(tmp_path: Path, places: tuple[str, ...]) -> None:
    assert check_bundle(write_codes(tmp_path / "sites", "site", list(places))).counts == {}
    assert check_bundle(write_codes(tmp_path / "clinicians", "clinician", list(places))).counts == {"identity_name": 1}


@pytest.mark.parametrize("name", SRI)
def test_a_title_that_places_have_too_is_one_in_an_id(tmp_path: Path, name: str) -> None:
    assert check_bundle(write_ids(tmp_path / "bundle", [name])).counts == {"identity_name": 1}


@pytest.mark.parametrize("damaged", ["Mar-24", "1-Mar"])
def test_one_damaged_code_is_told_with_its_row(damaged: str, tmp_path: Path) -> None:
    """A spreadsheet spoils only the codes that it takes for a date, so they are never many."""
    check = check_bundle(write_codes(tmp_path / "bundle", "site", ["DEL01", "GOA-02", "S1", damaged]))
    assert [(problem.rule, problem.line, problem.column) for problem in check.problems] == [
        ("spreadsheet_damage", line, "site") for line in (5, 9, 13)
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "column"),
    [
        ("episodes.csv", "S2", "3-Jan", "site"),
        ("episodes.csv", "2020-02", "Feb-20", "first_visit_month"),
        ("episodes.csv", "M48.0", "1.2E+05", "icd10"),
        ("episodes.csv", "spinal_stenosis", "#NAME?", "diagnosis"),
        ("patients.csv", "P3", "#REF!", "patient_id"),
        ("patients.csv", "P3", "4/12", "patient_id"),
        ("patients.csv", ",23.4,", ",23-Apr,", "bmi"),
        ("scores.csv", "E3,", "3-Mar,", "episode_id"),
        ("treatments.csv", "T3,", "Mar-2003,", "treatment_id"),
    ],
)
def test_damage_is_told_wherever_it_stands(file: str, old: str, new: str, column: str, tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    swap(file, old, new)(folder)
    found = [(problem.rule, problem.column) for problem in check_bundle(folder).problems if problem.file == file]
    assert found == [("spreadsheet_damage", column)]


@pytest.mark.parametrize("text", ["12/Dec/1961", "12.Dec.1961", "12_Dec_1961", "1961-Dec-12", "1961Dec12", "Dec-12-1961", "12th Dec 1961"])
def test_worded_dates_in_columns_of_other_kinds(text: str, tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    swap("patients.csv", "retired", text)(folder)
    assert check_bundle(folder).counts == {"identity_date": 1}


def test_a_reference_repeats_no_problem(tmp_path: Path) -> None:
    """The episodes name the same ids; who reads the list must find the cause once."""
    folder = write_ids(tmp_path / "bundle", _values("D19611231", MANY))
    with (folder / "episodes.csv").open(encoding="utf-8") as handle:
        assert len(list(csv.DictReader(handle))) == MANY
    assert check_bundle(folder).counts == {"identity_date": 1}
