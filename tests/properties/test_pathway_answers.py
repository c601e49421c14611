"""Every answer about pathways and escalation agrees with its naive twin, cell by cell, through real SQL."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.analyses import link_counts
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import GROUPINGS, Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.figures.flow_links import drawn_links
from synapse_analytics.store import load
from tests.examples import tried
from tests.twins import pathway_answers as twin
from tests.twins.checked import checked
from tests.twins.clinic_rows import drawn_clinic
from tests.twins.cohort import group_of, kept, read_episodes
from tests.twins.drawn_cohorts import cohorts
from tests.twins.marts import Episode, episodes_of
from tests.twins.open_policy import EVERYTHING, changed

ASKED = tried(15)
SPLITS = st.sampled_from([None, *GROUPINGS])
COHORTS = cohorts(filters=1)
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "unit": st.sampled_from(["treatment", "class", "stage"]),
        "gap_collapse": st.sampled_from([0, 30, 60]),
        "combination_overlap": st.sampled_from([0, 14, 30]),
        "repeats": st.sampled_from(["changes", "first", "all"]),
        "max_steps": st.integers(1, 4),
    },
)


class Known:
    """A clinic with its episodes in plain Python: once for filters and groups, once for what happened in them.

    Not a dataclass, because hypothesis prints all fields of one that fails.
    """

    def __init__(self, clinic: Clinic, attributes: list[dict[str, Any]], episodes: list[Episode]) -> None:
        self.clinic, self.attributes, self.episodes = clinic, attributes, episodes

    def of(self, cohort: Cohort, by: str | None = None) -> list[tuple[str, Episode]]:
        """(group, episode) of a cohort."""
        wanted = {row["episode_id"] for row in kept(self.attributes, cohort)}
        pairs = zip(self.attributes, self.episodes, strict=True)
        return [(group_of(row, by), episode) for row, episode in pairs if row["episode_id"] in wanted]


def busy_rows(seed: int) -> dict[str, list[dict[str, Any]]]:
    """A drawn clinic with many more treatments and pain scores, over two years."""
    rows, draw = drawn_clinic(seed), Random(seed)
    rows["treatments"], rows["scores"] = [], [row for row in rows["scores"] if row["instrument"] != "nrs_pain"]
    for episode in rows["episodes"]:
        for _ in range(draw.choice((0, 1, 2, 3, 5, 7))):
            term = draw.choice(v.TREATMENTS if draw.random() < 0.5 else v.TREATMENTS[:5])
            start = draw.choice((-30, -4, 0, 0, 3, 10, 30, 44, 60, 100, 150, 400, 725, 730, 731))
            end = start + draw.choice((0, 3, 13, 14, 30, 60, 90)) if term.kind == "course" and draw.random() < 0.9 else ""
            named = {"treatment_id": f"T{len(rows['treatments'])}", "episode_id": episode["episode_id"]}
            rows["treatments"].append(named | {"treatment": term.code, "start_day": start, "end_day": end})
        for day in sorted(draw.sample(range(-70, 720, 5), draw.choice((0, 2, 6, 12)))):
            value = draw.choice((0, 2, 3.5, 5, 6, 8, 10))
            rows["scores"].append({"episode_id": episode["episode_id"], "day": day, "instrument": "nrs_pain", "value": value})
    return rows


@pytest.fixture(scope="module", params=[3, 4])
def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """Two busy clinics; the data of some episodes end after half a year."""
    rows = busy_rows(request.param)
    recorded = {name: [{k: None if x == "" else x for k, x in row.items()} for row in table] for name, table in rows.items()}
    check = checked(data_until="2023-06", **recorded)
    folder: Path = tmp_path_factory.mktemp("pathways")
    load(check, f"duckdb:///{folder / 'store'}")
    clinic = changed(open_clinic(f"duckdb:///{folder / 'store'}", policy="clinic"), policy=EVERYTHING)
    return Known(clinic, read_episodes(rows), episodes_of(check))


@pytest.fixture(autouse=True, scope="module")
def every_node() -> Any:
    """Nothing is pooled for being one node too many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(link_counts, "MOST_NODES", 10_000)
        yield


def agree(released: Released, table: str, labels: tuple[str, ...], expected: Mapping[tuple, Mapping[str, Any]]) -> None:
    """The same rows, and every cell the twin knows of is the same."""
    shown = {tuple(row[name] for name in labels): row for row in released.tables[table]}
    assert len(shown) == len(released.tables[table])
    assert set(shown) == set(expected)
    for key, row in expected.items():
        for name, value in row.items():
            assert shown[key][name] == (value if value is None else pytest.approx(value, rel=1e-9, abs=1e-12)), (key, name)


@ASKED
@given(cohort=COHORTS, parameters=PARAMETERS, instrument=st.sampled_from(["nrs_pain", "odi"]))
def test_pathways_agree(known: Known, cohort: Cohort, parameters: dict[str, Any], instrument: str) -> None:
    members = [episode for _, episode in known.of(cohort)]
    released = analyses.pathways(known.clinic, cohort, instrument=instrument, **parameters)
    agree(released, "pathways", ("steps", "times", "end_state"), twin.pathways(members, parameters, instrument))
    agree(released, "links", ("step", "source", "target"), twin.links(members, parameters, instrument))


@ASKED
@given(cohort=COHORTS, parameters=PARAMETERS)
def test_step_times_agree(known: Known, cohort: Cohort, parameters: dict[str, Any]) -> None:
    released = analyses.step_times(known.clinic, cohort, **parameters)
    agree(released, "steps", ("source", "target"), twin.step_times([episode for _, episode in known.of(cohort)], parameters))


@pytest.mark.parametrize("instrument", ["nrs_pain"])
def test_marts_and_base_tables_agree(known: Known, instrument: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from synapse_analytics.analyses.pathways import pathways  # noqa: F401 (the module, whose name the package gives to the function)

    module = __import__("sys").modules["synapse_analytics.analyses.pathways"]
    stored = analyses.pathways(known.clinic, instrument=instrument)
    monkeypatch.setattr(module, "DEFAULT", None)
    built = analyses.pathways(known.clinic, instrument=instrument)
    assert stored.tables == built.tables


@ASKED
@given(cohort=COHORTS)
def test_branching_agrees(known: Known, cohort: Cohort) -> None:
    members = [episode for _, episode in known.of(cohort)]
    released = analyses.branching(known.clinic, cohort)
    agree(released, "branches", ("first_stage", "second_stage", "third_stage"), twin.branches(members))
    agree(released, "stages", ("stage",), twin.stages(members))


@ASKED
@given(cohort=COHORTS, parameters=PARAMETERS)
def test_ways_and_their_ends_agree(known: Known, cohort: Cohort, parameters: dict[str, Any]) -> None:
    members = [episode for _, episode in known.of(cohort)]
    released = analyses.pathways(known.clinic, cohort, instrument="odi", **parameters)
    agree(released, "ways", ("steps",), twin.ways(members, parameters, "odi"))
    agree(released, "end", ("ended",), twin.ended(members))
    apart = {key for key in twin.ends(members, parameters) if key[0] in {row["first_step"] for row in released.tables["ends"]}}
    assert {(row["first_step"], row["end_state"]) for row in released.tables["ends"] if row["first_step"] != "other"} == apart
    for row in released.tables["ends"]:
        if row["first_step"] != "other":
            assert {name: row[name] for name in ("n", "of", "share")} == twin.ends(members, parameters)[row["first_step"], row["end_state"]]


@ASKED
@given(cohort=COHORTS, parameters=PARAMETERS)
def test_every_picture_holds_the_whole_cohort(known: Known, cohort: Cohort, parameters: dict[str, Any]) -> None:
    """The tree of stages at each place, the flow in its last column and the bars of the ends: each adds up to n, and the ends are the same."""
    tree, answer = (
        analyses.answer(known.clinic, name, cohort, **options) for name, options in (("branching", {}), ("pathways", parameters))
    )
    n = answer.episodes
    at: dict[tuple[Any, ...], int] = {(): n or 0}
    for row in tree.tables["branches"]:
        at[tuple(code for code in (row["first_stage"], row["second_stage"], row["third_stage"]) if code)] = row["n"]
    for place, here in at.items():
        after = [number for other, number in at.items() if other and other[:-1] == place]
        assert not after or sum(after) == here
    bars: dict[str, int] = {}
    for row in answer.tables["ends"]:
        bars[row["end_state"]] = bars.get(row["end_state"], 0) + row["n"]
    firsts = {row["first_step"]: row["of"] for row in answer.tables["ends"]}
    flowing: dict[str, int] = {}
    links = drawn_links(answer)
    last = max((link.target[0] for link in links), default=0)
    for link in links:
        if link.target[0] == last:
            flowing[link.target[1]] = flowing.get(link.target[1], 0) + link.n
    assert bars == flowing
    assert sum(bars.values()) == sum(firsts.values()) == n


@ASKED
@given(
    cohort=COHORTS,
    by=SPLITS,
    event=st.sampled_from(["escalation", "injection", "surgery"]),
    min_days=st.sampled_from([28, 42, 56, 84]),
)
def test_stepped_care_agrees(known: Known, cohort: Cohort, by: str | None, event: str, min_days: int) -> None:
    released = analyses.stepped_care(known.clinic, cohort, event=event, min_days=min_days, by=by)
    agree(released, "groups", ("group",), twin.stepped_care(known.of(cohort, by), event, min_days))


@ASKED
@given(cohort=COHORTS, by=SPLITS, event=st.sampled_from(["injection", "surgery"]))
def test_time_to_escalation_agrees(known: Known, cohort: Cohort, by: str | None, event: str) -> None:
    released = analyses.time_to_escalation(known.clinic, cohort, event=event, by=by)
    expected = twin.incidence(known.of(cohort, by), event)
    points = {(group, day): {"incidence": value, "at_risk": at_risk} for group, curve in expected.items() for day, value, at_risk in curve}
    agree(released, "curve", ("group", "day"), points)
    for row in released.tables["horizons"]:
        week = {0: 0, 3: 91, 6: 182}.get(row["month"])
        if week is not None and (row["group"], week) in points:
            assert row["incidence"] == pytest.approx(points[row["group"], week]["incidence"])
