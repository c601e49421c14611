"""The dated exports in sample_data/raw are what the generator makes, and nobody in them exists."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from synapse_analytics.bundle.identity import is_verhoeff
from synapse_analytics.intake.scoring.eq5d import eq5d5l_index
from synapse_analytics.intake.scoring.odi import odi
from synapse_analytics.synthetic.raw import expected, write_raw
from synapse_analytics.synthetic.raw.truth import LAST_DAY, Truth

RAW = Path(__file__).resolve().parents[2] / "sample_data" / "raw"


@pytest.fixture(scope="module")
def truth() -> Truth:
    return expected()


def _made(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*") if path.parent != folder}


def test_the_files_are_what_the_generator_makes(tmp_path: Path) -> None:
    write_raw(tmp_path)
    made, kept = _made(tmp_path), _made(RAW)
    assert sorted(made) == sorted(kept)
    assert [name for name in made if made[name] != kept[name]] == [], "run `make sample`"
    assert sum(map(len, kept.values())) < 3_000_000


def test_no_number_can_be_that_of_a_person(truth: Truth) -> None:
    for person in truth.people.values():
        assert re.fullmatch(r"0\d{11}", person.aadhaar)
        assert is_verhoeff(person.aadhaar)
        assert re.fullmatch(r"[A-Z]{3}Z[A-Z]\d{4}[A-Z]", person.pan)
        assert person.phone.startswith("+91 0")
        assert person.email.endswith("@example.com")


def test_ages_fit_dates_of_birth(truth: Truth) -> None:
    first: dict[str, date] = {}
    for row in truth.rows["episodes"]:
        day = truth.first_visit[row["episode_id"]]
        first[row["patient_id"]] = min(day, first.get(row["patient_id"], day))
    for row in truth.rows["patients"]:
        born, day = truth.people[row["patient_id"]].born, first[row["patient_id"]]
        assert min(90, day.year - born.year - ((day.month, day.day) < (born.month, born.day))) == int(row["age_years"])


def test_nothing_is_later_than_the_data(truth: Truth) -> None:
    columns = {"episodes": ["closed_day"], "treatments": ["start_day", "end_day"], "scores": ["day"], "investigations": ["day"]}
    days = [truth.day(row, column) for name, held in columns.items() for row in truth.rows[name] for column in held]
    assert max(day for day in days if day) <= LAST_DAY


def test_items_give_the_scores(truth: Truth) -> None:
    forms = truth.forms()
    assert sum(len(form.scores) for form in forms) == len(truth.rows["scores"])
    items = odi(np.array([form.odi for form in forms], dtype=float), coded="0-5").values
    index = eq5d5l_index(np.array([form.eq5d for form in forms], dtype=float)).values
    np.testing.assert_allclose(items, [form.scores.get("odi", np.nan) for form in forms])
    np.testing.assert_allclose(index, [form.scores.get("eq5d5l_index", np.nan) for form in forms])
