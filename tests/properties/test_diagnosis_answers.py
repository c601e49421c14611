"""Every answer about diagnoses agrees with its naive twin, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics import analyses
from synapse_analytics.cohort import GROUPINGS, Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.queries.diagnoses import investigations_done, primary_diagnoses, symptoms_present
from tests.examples import tried
from tests.properties.drawn import Drawn
from tests.twins import diagnoses as twin
from tests.twins.cohort import kept, patients_of
from tests.twins.drawn_cohorts import cohorts

ASKED = tried(8)
SPLITS = st.sampled_from([None, *GROUPINGS])
COHORTS = cohorts(filters=2)


def cells(released: Released, table: str, *labels: str) -> dict[tuple[str, ...], Mapping[str, Any]]:
    """The rows of a table by their labels."""
    return {tuple(row[name] for name in labels): row for row in released.tables[table]}


def agree(shown: Mapping[Any, Mapping[str, Any]], expected: Mapping[Any, Mapping[str, Any]]) -> None:
    """The same rows, and every cell the twin knows of is the same."""
    assert set(shown) == set(expected)
    for key, row in expected.items():
        for name, value in row.items():
            if name in shown[key]:
                assert shown[key][name] == (value if value is None else pytest.approx(value, rel=1e-9)), (key, name)


@ASKED
@given(cohort=COHORTS, by=SPLITS)
def test_diagnosis_mix_agrees(drawn: Drawn, cohort: Cohort, by: str | None) -> None:
    shown = cells(analyses.diagnosis_mix(drawn.clinic, cohort, by=by), "diagnoses", "group", "diagnosis")
    agree(shown, twin.diagnosis_mix(kept(drawn.episodes, cohort), by))


@ASKED
@given(cohort=COHORTS, by=SPLITS)
def test_symptoms_agree(drawn: Drawn, cohort: Cohort, by: str | None) -> None:
    shown = cells(analyses.symptoms(drawn.clinic, cohort, by=by), "symptoms", "group", "symptom")
    agree(shown, twin.symptoms(kept(drawn.episodes, cohort), by))


@ASKED
@given(cohort=COHORTS, by=SPLITS)
def test_co_diagnoses_agree(drawn: Drawn, cohort: Cohort, by: str | None) -> None:
    shown = cells(analyses.co_diagnoses(drawn.clinic, cohort, by=by), "co_diagnoses", "group", "diagnosis", "other_diagnosis")
    agree(shown, twin.co_diagnoses(kept(drawn.episodes, cohort), by))


@ASKED
@given(cohort=COHORTS, by=SPLITS)
def test_investigations_agree(drawn: Drawn, cohort: Cohort, by: str | None) -> None:
    shown = cells(analyses.investigations(drawn.clinic, cohort, by=by), "investigations", "group", "investigation")
    agree(shown, twin.investigations(kept(drawn.episodes, cohort), by))


@ASKED
@given(cohort=COHORTS, by=SPLITS)
def test_baseline_table_agrees(drawn: Drawn, cohort: Cohort, by: str | None) -> None:
    rows = cells(analyses.baseline_table(drawn.clinic, cohort, by=by), "baseline_table", "group", "variable", "level")
    members = kept(drawn.episodes, cohort)
    lists = ("sex", "occupation", "episodes")
    agree(
        {(group, name): row for (group, name, level), row in rows.items() if level is None and name not in lists},
        twin.baseline_numbers(members, by),
    )
    agree({key: row for key, row in rows.items() if key[2] is not None}, twin.baseline_levels(members, by))


@ASKED
@given(cohort=COHORTS)
def test_attrition_agrees(drawn: Drawn, cohort: Cohort) -> None:
    shown = [dict(row) for row in analyses.attrition(drawn.clinic, cohort).tables["steps"]]
    expected = [{name: step[name] for name in ("filter", "patients", "episodes")} for step in twin.attrition(drawn.episodes, cohort)]
    assert [{name: row[name] for name in ("filter", "patients", "episodes")} for row in shown] == expected


@ASKED
@given(cohort=COHORTS)
def test_support_counts_patients(drawn: Drawn, cohort: Cohort) -> None:
    members = kept(drawn.episodes, cohort)
    if not members:
        return
    primary = primary_diagnoses(drawn.clinic, cohort, None)
    for code in ("herniated_disc", "other_spinal"):
        own = [episode for episode in members if episode["diagnosis"] == code]
        others = [episode for episode in members if episode["diagnosis"] != code]
        assert (primary.patients(code)[0], primary.outside(code)[0]) == (patients_of(own), patients_of(others))
    weak = [episode for episode in members if "leg_weakness" in episode["symptoms"]]
    assert symptoms_present(drawn.clinic, cohort, None).patients("leg_weakness")[0] == patients_of(weak)
    done = investigations_done(drawn.clinic, cohort, None)
    for code in ("xray", "mri"):
        had = [episode for episode in members if any(row["investigation"] == code for row in episode["done"])]
        found = {("investigation", code), ("finding", "confirmed")}
        confirmed = [episode for episode in had if any(found <= set(row.items()) for row in episode["done"])]
        rest = [episode for episode in had if episode not in confirmed]
        assert done.patients(code)[0] == patients_of(had)
        assert done.patients(f"{code}:confirmed")[0] == patients_of(confirmed)
        assert done.outside(f"{code}:confirmed", code)[0] == patients_of(rest)
