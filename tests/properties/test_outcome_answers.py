"""Every answer about outcomes, and the overview, agrees with its naive twin, cell by cell, through real SQL."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import GROUPINGS, Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.store import load
from synapse_analytics.store.tables import WEEK_STEPS
from tests.examples import tried
from tests.twins import outcomes as twin
from tests.twins.checked import checked
from tests.twins.cohort import group_of, kept, read_episodes
from tests.twins.drawn_cohorts import cohorts
from tests.twins.marts import Episode, episodes_of
from tests.twins.open_policy import EVERYTHING, changed, tightened
from tests.twins.outcome_rows import SCORED, followed_clinic

ASKED = tried(6)
SPLITS = st.sampled_from([None, *GROUPINGS])
COHORTS = cohorts(filters=1)
INDEXES = st.sampled_from(["first_visit", "discectomy", "physical_therapy"])
INSTRUMENTS = st.sampled_from(SCORED)
MONTHS = st.sampled_from([3, 6, 12, 24])


class Known:
    """A clinic with its episodes in plain Python. Not a dataclass: hypothesis prints all fields of one that fails."""

    def __init__(self, clinic: Clinic, attributes: list[dict[str, Any]], episodes: list[Episode]) -> None:
        self.clinic, self.attributes, self.episodes = clinic, attributes, episodes

    def of(self, cohort: Cohort, by: str | None = None) -> list[tuple[str, Episode]]:
        """(group, episode) of a cohort."""
        wanted = {row["episode_id"] for row in kept(self.attributes, cohort)}
        pairs = zip(self.attributes, self.episodes, strict=True)
        return [(group_of(row, by), episode) for row, episode in pairs if row["episode_id"] in wanted]


@pytest.fixture(scope="module", params=[3, 4])
def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """A clinic that was followed up, under a policy that withholds nothing."""
    rows = followed_clinic(request.param)
    filled = {name: [{k: None if x == "" else x for k, x in row.items()} for row in table] for name, table in rows.items()}
    check = checked(**filled)
    database = f"duckdb:///{tmp_path_factory.mktemp('followed') / 'store'}"
    load(check, database)
    clinic = changed(open_clinic(database, policy="clinic"), policy=EVERYTHING)
    return Known(clinic, read_episodes(rows), episodes_of(check))


def cells(released: Released, table: str, *labels: str) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    """The rows of a table by their labels."""
    return {tuple(row[name] for name in labels): row for row in released.tables[table]}


def agree(shown: Mapping[Any, Mapping[str, Any]], expected: Mapping[Any, Mapping[str, Any]]) -> None:
    """Every row the twin knows of is there with the same cells; rows it does not know of have n 0."""
    assert set(expected) <= set(shown)
    assert all(not row["n"] for key, row in shown.items() if key not in expected)
    for key, row in expected.items():
        assert not shown[key]["withheld"]
        for name, value in row.items():
            if name in shown[key]:
                assert shown[key][name] == (value if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)), (key, name)


@ASKED
@given(cohort=COHORTS, by=SPLITS, instrument=INSTRUMENTS, index=INDEXES)
def test_scores_over_time_agree(known: Known, cohort: Cohort, by: str | None, instrument: str, index: str) -> None:
    answer = analyses.score_over_time(known.clinic, cohort, instrument=instrument, index=index, by=by)
    members = known.of(cohort, by)
    agree(cells(answer, "visits", "group", "visit"), twin.visits(members, instrument, index))


@ASKED
@given(cohort=COHORTS, by=SPLITS, instrument=INSTRUMENTS, asked=st.tuples(INDEXES, st.sampled_from([None, *WEEK_STEPS])))
def test_scores_by_week_agree(known: Known, cohort: Cohort, by: str | None, instrument: str, asked: tuple[str, int | None]) -> None:
    index, step = asked
    members = known.of(cohort, by)
    answer = analyses.score_by_week(known.clinic, cohort, instrument=instrument, index=index, by=by, step=step)
    enough = known.clinic.policy.interval
    width = step or twin.step_of(members, instrument, index, enough)
    assert {row["step"] for row in answer.tables["weeks"]} <= {width}
    agree(cells(answer, "weeks", "group", "week"), twin.weeks(members, instrument, index, width))


@ASKED
@given(cohort=COHORTS, by=SPLITS, instrument=INSTRUMENTS, asked=st.tuples(MONTHS, INDEXES))
def test_verdicts_agree(known: Known, cohort: Cohort, by: str | None, instrument: str, asked: tuple[int, str]) -> None:
    month, index = asked
    answer = analyses.better_or_worse(known.clinic, cohort, instrument=instrument, month=month, index=index, by=by)
    points = {"nrs_pain": 2_000, "odi": 10_000, "eq5d5l_index": 300}[instrument]
    expected = twin.verdicts(known.of(cohort, by), instrument, points, month, index)
    agree(cells(answer, "verdicts", "group", "verdict"), expected)


@pytest.mark.parametrize("enough", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("by", [None, "sex"])
def test_the_step_of_weeks_agrees(known: Known, by: str | None, enough: int) -> None:
    """The narrowest step at which nearly every step holds enough patients, whatever is enough."""
    clinic = tightened(known.clinic, interval=enough)
    rows = analyses.score_by_week(clinic, by=by).tables["weeks"]
    assert {row["step"] for row in rows} == {twin.step_of(known.of(Cohort(), by), "nrs_pain", "first_visit", enough)}


@ASKED
@given(cohort=COHORTS, by=SPLITS, preset=st.sampled_from(v.PRESETS), asked=st.tuples(MONTHS, INDEXES))
def test_responders_agree(known: Known, cohort: Cohort, by: str | None, preset: v.Preset, asked: tuple[int, str]) -> None:
    month, index = asked
    answer = analyses.responders(known.clinic, cohort, preset=preset.code, month=month, index=index, by=by)
    instrument = answer.options["instrument"]
    expected = twin.responders(known.of(cohort, by), instrument, preset, month, index)
    agree(cells(answer, "groups", "group"), expected)
    for key, row in cells(answer, "bounds", "group").items():
        for name in ("worst", "best"):
            known_of = expected.get(key, {})
            assert row[name] == (pytest.approx(known_of[name]) if known_of.get("expected") else None)


@ASKED
@given(cohort=COHORTS, by=SPLITS, instrument=INSTRUMENTS, month=MONTHS)
def test_change_distribution_agrees(known: Known, cohort: Cohort, by: str | None, instrument: str, month: int) -> None:
    answer = analyses.change_distribution(known.clinic, cohort, instrument=instrument, month=month, by=by)
    pairs = twin.changes(known.of(cohort, by), instrument, month, "first_visit")
    top = max(row["to"] for row in answer.tables["bins"]) if answer.tables["bins"] else 0
    for row in answer.tables["bins"]:
        found = [(after - before) / 1000 for before, after in pairs.get(row["group"], [])]
        inside = [x for x in found if row["from"] <= x < row["to"] or (row["to"] == top and x == top)]
        assert row["n"] == len(inside)
        assert row["share"] == (pytest.approx(len(inside) / len(found)) if found else None)
    best = round(v.find(v.INSTRUMENTS, instrument).high)
    for row in answer.tables["by_baseline"]:
        found = [
            after / 1000
            for before, after in pairs.get(row["group"], [])
            if row["from"] <= before / 1000 < row["to"] or (row["to"] == best and before == best * 1000)
        ]
        assert row["n"] == len(found)
        assert row["mean"] == (pytest.approx(statistics.fmean(found)) if found else None)


@ASKED
@given(cohort=COHORTS, by=SPLITS, index=INDEXES)
def test_completeness_agrees(known: Known, cohort: Cohort, by: str | None, index: str) -> None:
    expected = twin.visits(known.of(cohort, by), "nrs_pain", index)
    shown = cells(analyses.completeness(known.clinic, cohort, index=index, by=by), "visits", "group", "visit")
    agree({key: {"n": row["answered"]} | row for key, row in shown.items()}, {key: _answered(row) for key, row in expected.items()})


def _answered(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"answered": row["n"], "expected": row["expected"], "share": row["completeness"]}


@ASKED
@given(cohort=COHORTS, instrument=INSTRUMENTS, month=MONTHS)
def test_baseline_by_response_agrees(known: Known, cohort: Cohort, instrument: str, month: int) -> None:
    shown = cells(analyses.baseline_by_response(known.clinic, cohort, instrument=instrument, month=month), "baselines", "variable", "group")
    visit = v.find(v.VISITS, f"month_{month}")
    expected = [e for _, e in known.of(cohort) if e.baseline(instrument, 0) is not None and e.window_counts(0, visit)]
    for group, answered in (("answered", True), ("not_answered", False)):
        members = [e for e in expected if (twin.visit_value(e, instrument, 0, visit) is not None) is answered]
        baselines = [e.baseline(instrument, 0) / 1000 for e in members]
        known_sex = [e for e in members if e.patient["sex"] != v.position(v.SEXES, v.UNKNOWN)]
        female = [e.patient["sex"] == v.position(v.SEXES, "female") for e in known_sex]
        assert shown["baseline", group]["n"] == len(members)
        assert shown["baseline", group]["mean"] == (pytest.approx(statistics.fmean(baselines)) if members else None)
        assert shown["female", group]["share"] == (pytest.approx(statistics.fmean(female)) if female else None)


def overview_of(episodes: list[Episode]) -> dict[str, tuple[int, float | None]]:
    """n and value of the indicators of some episodes."""
    found = {"patients_seen": (len(episodes), twin.patients_of(episodes))}
    for name, instrument in (("pain", "nrs_pain"), ("odi", "odi")):
        for months in (3, 12):
            found[f"{name}_improvement_{months}_months"] = twin.improvement(episodes, instrument, months)
            row = _responders(episodes, instrument, months)
            found[f"{name}_responders_{months}_months"] = (row["n"], row["share"])
            if name == "pain":
                complete = twin.visits([("all", e) for e in episodes], instrument, "first_visit")["all", f"month_{months}"]
                found[f"follow_up_completeness_{months}_months"] = (complete["expected"], complete["completeness"])
    waited = twin.waits(episodes)
    found["median_wait"] = (len(waited), statistics.median(waited) if waited else None)
    return found


def _responders(episodes: list[Episode], instrument: str, months: int) -> dict[str, Any]:
    preset = v.find(v.PRESETS, "nrs_2" if instrument == "nrs_pain" else "odi_10")
    found = twin.responders([("all", e) for e in episodes], instrument, preset, months, "first_visit")
    return found.get(("all",), {"n": 0, "share": None})


def surgical(episodes: list[Episode]) -> dict[str, tuple[int, float | None]]:
    """n and value of the indicators of what follows a surgery."""
    return {
        "complications_within_90_days": twin.after_surgery(episodes, 90, event="complication"),
        "reoperation_within_90_days": twin.after_surgery(episodes, 90, event="reoperation"),
        "reoperation_within_12_months": twin.after_surgery(episodes, 365, event="reoperation"),
    }


def same(shown: Mapping[str, Any], expected: tuple[int, float | None]) -> bool:
    """n and value are the same."""
    n, value = expected
    if value is None or shown["value"] is None:
        return shown["n"] == n and shown["value"] is value
    return shown["n"] == n and math.isclose(shown["value"], value, rel_tol=1e-9, abs_tol=1e-9)


@ASKED
@given(cohort=COHORTS)
def test_the_overview_agrees(known: Known, cohort: Cohort) -> None:
    episodes = [episode for _, episode in known.of(cohort)]
    shown = {row["name"]: row for row in analyses.overview(known.clinic, cohort).tables["indicators"]}
    if not episodes:
        assert all(not row["n"] for row in shown.values())
        return
    for name, expected in (overview_of(episodes) | surgical(episodes)).items():
        assert same(shown[name], expected), (name, dict(shown[name]), expected)
    assert same(shown["surgery_within_12_months"], twin.operated_within_a_year(episodes))


@ASKED
@given(cohort=COHORTS)
def test_the_quarters_agree(known: Known, cohort: Cohort) -> None:
    episodes = [episode for _, episode in known.of(cohort)]
    expected: dict[tuple[str, str], tuple[int, float | None]] = {}
    for quarter in {twin.quarter_of(e) for e in episodes}:
        inside = [e for e in episodes if twin.quarter_of(e) == quarter]
        expected |= {(name, quarter): row for name, row in overview_of(inside).items() if row[0]}
    operated = [e for e in episodes if twin.first_surgery(e) is not None]
    for quarter in {twin.surgery_quarter(e) for e in operated}:
        inside = [e for e in operated if twin.surgery_quarter(e) == quarter]
        expected |= {(name, quarter): row for name, row in surgical(inside).items() if row[0]}
    for name in dict.fromkeys(name for name, _ in expected):
        points = analyses.control_chart(known.clinic, cohort, indicator=name, period="quarter").tables["points"]
        shown = {(name, row["period"]): row for row in points if row["n"]}
        known_of = {key: row for key, row in expected.items() if key[0] == name}
        if name == "patients_seen":  # of a count whole quarters only
            known_of = {key: row for key, row in known_of.items() if key in shown}
        assert set(shown) == set(known_of)
        for key, row in known_of.items():
            assert same(shown[key], row), (key, dict(shown[key]), row)
