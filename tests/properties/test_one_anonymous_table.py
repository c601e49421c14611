"""Every export of a generation is cut out of its one anonymous table: what one export blanks no other gives back."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.records import preview_records, record_columns, release_records
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.errors import NotAllowed
from synapse_analytics.queries.records import RECORD_TABLES
from synapse_analytics.store.tables import anonymous_episodes, episode_facts
from tests.builders import clinic_of, person
from tests.examples import DEEP

ANA = person("ana", "analyst")
CELLS = ("age_band", "sex", "diagnosis", "year", "site")
YEARS, SITES = (2019, 2020, 2021), ("S01", "S02", "S03")
Row = dict[str, Any]


def drawn(seed: int) -> dict[str, list[Row]]:
    """A clinic of rare and common combinations; symptom weeks and the day of an answer are marks that tell every episode apart."""
    draw = Random(seed)
    files: dict[str, list[Row]] = {name: [] for name in ("patients", "episodes", "treatments", "scores")}
    for number in range(draw.choice((120, 250, 350))):
        age = draw.choice((draw.randint(0, 90), 17, *(40, 42, 44) * 4))
        # The body mass marks the patient.
        files["patients"].append(
            {
                "patient_id": f"P{number}",
                "sex": draw.choice(("female", "female", "female", "male", "male", "other")),
                "age_years": age,
                "bmi": 15 + number / 10,
            }
        )
        for _ in range(draw.choice((1, 1, 2))):
            mark = len(files["episodes"])
            files["episodes"].append(
                {
                    "episode_id": f"E{mark}",
                    "patient_id": f"P{number}",
                    "first_visit_month": f"{draw.choice(YEARS)}-{draw.randint(1, 12):02}",
                    "site": draw.choice((*SITES, "S01", "S01")),
                    "diagnosis": draw.choice((*v.codes(v.DIAGNOSES), *v.codes(v.DIAGNOSES)[:1] * 4)),
                    "symptom_weeks": mark,
                }
            )
            if draw.random() < 0.4:
                files["treatments"].append({"episode_id": f"E{mark}", "treatment": "discectomy", "start_day": mark})
            if draw.random() < 0.7:
                files["scores"].append({"episode_id": f"E{mark}", "day": mark, "instrument": "odi", "value": 40})
    return files


@pytest.fixture(scope="module", params=range(6 if DEEP else 2))
def clinic(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    return clinic_of(tmp_path_factory.mktemp("drawn"), **drawn(request.param))


def stored_cells(clinic: Clinic) -> dict[str, dict[int, Row]]:
    """The blanked cells of every episode by its mark, and of every patient by theirs."""
    table, facts = anonymous_episodes, episode_facts.c
    rows = clinic.rows(sa.select(table, facts.symptom_weeks, facts.bmi).join(episode_facts, facts.episode_key == table.c.episode_key))
    terms: dict[str, tuple[Any, ...]] = {"age_band": v.FIVE_YEAR_BANDS, "sex": v.SEXES, "diagnosis": v.DIAGNOSES}
    found: dict[str, dict[int, Row]] = {"episode": {}, "patient": {}}
    for row in rows:
        cells = {name: row[name] if name not in terms or row[name] is None else terms[name][row[name]].code for name in CELLS}
        found["episode"][row["symptom_weeks"]] = cells
        found["patient"][row["bmi"]] = {name: cells[name] for name in ("age_band", "sex")}
    return found


def rows_of(clinic: Clinic, cohort: Cohort, table: str, columns: list[str] | None = None) -> list[Row]:
    """The exported rows; none where too few patients are chosen."""
    try:
        return release_records(clinic, cohort, columns, "a test", ANA, table=table).rows.to_pylist()
    except NotAllowed as why:
        assert "fewer than 5 patients" in str(why)  # noqa: PT017 - a refusal for another reason is a fault
        return []


def previewed(clinic: Clinic, cohort: Cohort, table: str, columns: list[str]) -> list[Row]:
    """The rows of the preview; none where too few patients are chosen."""
    try:
        return list(preview_records(clinic, cohort, columns, "a test", ANA, table=table).rows)
    except NotAllowed:
        return []


def drawn_cohort(draw: Random, table: str) -> Cohort:
    ages = sorted(draw.sample(range(19), 2))
    asked: dict[str, Any] = {
        "sex": draw.sample(v.codes(v.SEXES), draw.randint(1, 2)),
        "age_from": ages[0] * 5,
        "age_to": ages[1] * 5 + 4 if ages[1] < 18 else 90,
        "diagnosis": draw.sample(v.codes(v.DIAGNOSES), draw.randint(1, 4)),
        "month_from": f"{draw.choice(YEARS[:2])}-01",
        "month_to": f"{draw.choice(YEARS[1:])}-12",
        "site": draw.sample(SITES, draw.randint(1, 2)),
    }
    legal = [name for name in asked if table != "patients" or name in ("sex", "age_from", "age_to")]
    return Cohort(**{name: asked[name] for name in draw.sample(legal, draw.randint(0, 2))})


EXPORTS = 50 if DEEP else 15  # of cohorts and columns drawn anew
MARKS = {"patients": "bmi", "episodes": "symptom_weeks", "wide": "symptom_weeks", "treatments": "start_day", "scores": "day"}


@pytest.mark.parametrize("table", RECORD_TABLES)
def test_every_exported_cell_is_the_one_of_the_generation(clinic: Clinic, table: str) -> None:
    """So two exports joined by what marks a row (here: a value of its own) give no blank back."""
    draw, stored = Random(table), stored_cells(clinic)
    seen = 0
    for _ in range(EXPORTS):
        cohort = drawn_cohort(draw, table)
        cells = [name for name in CELLS if name in record_columns(table)]
        chosen = draw.sample(cells, draw.randint(1, len(cells)))
        asked = [*chosen, MARKS[table]]
        for row in rows_of(clinic, cohort, table, asked) + previewed(clinic, cohort, table, asked):
            mark = row[MARKS[table]]
            if mark is None:  # an episode without a treatment or a score
                continue
            one = stored["patient"][round(mark * 1000)] if table == "patients" else stored["episode"][mark]
            assert {name: row[name] for name in chosen} == {name: one[name] for name in chosen}
            seen += 1
    assert seen > 100


@pytest.mark.parametrize("table", RECORD_TABLES)
def test_every_export_has_five_patients_in_every_combination(clinic: Clinic, table: str) -> None:
    draw = Random(f"{table} once more")
    for _ in range(EXPORTS):
        shared: dict[tuple[Any, ...], set[str]] = defaultdict(set)
        cells = [name for name in CELLS if name in record_columns(table)]
        chosen = draw.sample(cells, draw.randint(1, len(cells)))
        for row in rows_of(clinic, drawn_cohort(draw, table), table, [*chosen, "patient_id"]):
            shared[tuple(row[name] for name in chosen)].add(row["patient_id"])
        assert all(len(patients) >= 5 for patients in shared.values())


def test_sixty_small_exports_are_one_large_one(clinic: Clinic) -> None:
    """By year, site and diagnosis: together the rows of the whole export whose three cells are not blank, and no other."""

    def counted(rows: list[Row]) -> Counter[tuple[Any, ...]]:
        return Counter(tuple(value for name, value in row.items() if not name.endswith("_id")) for row in rows)

    together: Counter[tuple[Any, ...]] = Counter()
    for year, site, diagnosis in product(YEARS, SITES, v.codes(v.DIAGNOSES)):
        small = Cohort(month_from=f"{year}-01", month_to=f"{year}-12", site=(site,), diagnosis=(diagnosis,))
        together += counted(rows_of(clinic, small, "episodes"))
    whole = [row for row in rows_of(clinic, Cohort(), "episodes") if None not in (row["year"], row["site"], row["diagnosis"])]
    assert together == counted(whole)
    assert together.total() > 10


def test_the_table_says_what_is_so_or_nothing(clinic: Clinic) -> None:
    """The blanked cells are the true ones but for the blanks, and not all are blank."""
    facts = episode_facts.c
    rows = clinic.rows(
        sa.select(anonymous_episodes, facts.age_years, *(facts[name].label(f"true_{name}") for name in CELLS[1:])).join(
            episode_facts, facts.episode_key == anonymous_episodes.c.episode_key
        )
    )
    for row in rows:
        true = {name: row[f"true_{name}"] for name in CELLS[1:]} | {"age_band": min(row["age_years"] // 5, 18)}
        assert all(row[name] in (None, true[name]) for name in CELLS)
    assert np.mean([row[name] is None for row in rows for name in CELLS]) < 0.8


def test_loaded_again_the_same_cells_are_blank(tmp_path: Path) -> None:
    """Two loads of one bundle are no two versions of its blanks that could be joined."""
    once, again = (stored_cells(clinic_of(tmp_path / name, **drawn(1))) for name in ("once", "again"))
    assert once == again
