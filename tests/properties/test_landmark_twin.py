"""The comparison from a landmark day agrees with a naive twin on drawn clinics, through real SQL."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.injection_before_surgery import HORIZONS, LANDMARKS
from synapse_analytics.bundle.problems import Check
from synapse_analytics.clinic import open_clinic
from synapse_analytics.disclosure import Released
from synapse_analytics.estimates.pseudo_values import mean_day, pseudo_values
from synapse_analytics.store import load
from tests.twins import landmark as twin
from tests.twins.checked import checked
from tests.twins.marts import Episode, episodes_of

pytestmark = pytest.mark.slow  # a store for each clinic


def drawn(seed: int) -> Check:
    """700 episodes, some of one patient, with injections, surgery, ends and answers on days that meet and miss every limit.

    All that the groups may differ in is the baseline, 5 or 8: an overlap weight is then the share of the other group at that baseline.
    """
    draw = Random(seed)
    files: dict[str, list] = {"episodes": [], "treatments": [], "scores": []}
    for number in range(700):
        name, status = f"E{number}", draw.choice((*v.codes(v.STATUSES), "open", "open"))
        closed = None if status == "open" else draw.choice((60, 90, 91, 180, 181, 300, 500, 730, 900))
        month = draw.choice(("2020-01", "2021-06", "2022-06", "2023-08", "2024-10"))
        row = {
            "episode_id": name,
            "patient_id": f"P{draw.randrange(600)}",
            "first_visit_month": month,
            "status": status,
            "closed_day": closed,
        }
        files["episodes"].append(row)
        worse = draw.random() < 0.5
        for treatment, part, days in (
            ("epidural_steroid_injection", 0.6 if worse else 0.3, (-20, 0, 30, 89, 90, 91, 180, 181, 300)),
            ("discectomy", 0.6 if worse else 0.4, (-3, 0, 60, 90, 91, 120, 180, 181, 200, 365, 366, 500, 730, 731)),
            ("discectomy", 0.1, (400, 700)),
        ):
            if draw.random() < part:
                files["treatments"].append({"episode_id": name, "treatment": treatment, "start_day": draw.choice(days)})
        for day in {-61, 1} if draw.random() < 0.05 else {0, draw.choice((270, 271, 365, 545)), draw.choice((0, 600, 720, 900))}:
            value = (8 if worse else 5) if day == 0 else draw.randint(0, 10)
            files["scores"].append({"episode_id": name, "day": day, "instrument": "nrs_pain", "value": value})
    return checked(**files)


Drawn = tuple[Released, list[Episode]]


@pytest.fixture(scope="module", params=[1, 2])
def answered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """The answer of a drawn clinic, and its episodes."""
    check = drawn(request.param)
    database = f"duckdb:///{tmp_path_factory.mktemp('landmark')}"
    load(check, database)
    return analyses.injection_before_surgery(open_clinic(database, policy="clinic")), episodes_of(check)


def rows(released: Released, table: str, **keys: Any) -> list[Any]:
    return [row for row in released.tables[table] if all(row[name] == value for name, value in keys.items())]


@pytest.mark.parametrize("day", LANDMARKS)
def test_nobody_vanishes(answered: Drawn, day: int) -> None:
    """Every episode stands under one reason or in one group, as the twin says."""
    released, episodes = answered
    found = {row["step"]: row["n"] for row in rows(released, "whom", landmark=day)}
    steps = [twin.step_of(episode, day, "nrs_pain") for episode in episodes]
    assert found == {"all": len(episodes), "unlike": 0} | {step: steps.count(step) for step in twin.STEPS}
    assert min(found[step] for step in twin.STEPS) > 0
    assert found["all"] == sum(n for step, n in found.items() if step != "all")


@pytest.mark.parametrize("month", HORIZONS)
@pytest.mark.parametrize("day", LANDMARKS)
def test_surgery_agrees(answered: Drawn, day: int, month: int) -> None:
    """Share and mean day of surgery, as they were and weighted by the share of the other group at the same baseline."""
    released, episodes = answered
    groups = twin.members(episodes, day, "nrs_pain", 12)
    horizon = HORIZONS[month] - day
    for method in ("crude", "overlap"):
        (share,) = rows(released, "estimates", landmark=day, month=month, measure="operated", method=method)
        (when,) = rows(released, "estimates", landmark=day, month=month, measure="day_of_surgery", method=method)
        for name, group in groups.items():
            known = sum(one.cause > 0 or one.days >= horizon for one in group)
            assert share[f"n_{name}"] == len(group)
            assert share[f"operated_{name}"] == sum(one.cause == 1 and one.days <= horizon for one in group)
            assert share[f"followed_{name}"] == pytest.approx(known / len(group))
            weights = [1.0] * len(group) if method == "crude" else overlap_weights(groups, name)
            expected, mean = weighed(group, horizon, weights)
            assert share[f"{name}_injection"] == pytest.approx(expected, abs=1e-9)
            assert when[f"{name}_injection"] == pytest.approx(mean + day, abs=1e-6)
        for row in (share, when):
            assert row["difference"] == pytest.approx(row["with_injection"] - row["without_injection"], abs=1e-9)
            assert row["low"] < row["difference"] < row["high"]


def overlap_weights(groups: dict[str, list[twin.Member]], name: str) -> list[float]:
    """Of each the share of the other group among those with the same baseline."""
    other = groups["without" if name == "with" else "with"]
    return [
        sum(one.baseline == own.baseline for one in other)
        / sum(one.baseline == own.baseline for one in (*groups["with"], *groups["without"]))
        for own in groups[name]
    ]


def weighed(group: list[twin.Member], horizon: int, weights: list[float]) -> tuple[float, float]:
    """The weighted share and mean day, through what each patient adds to both."""
    n, total = len(group), sum(weights)
    shares = twin.pseudo(group, horizon)
    whole = twin.incidence(group, horizon)
    sums = []
    for at in range(n):
        share, mean = twin.incidence([*group[:at], *group[at + 1 :]], horizon)
        sums.append(n * whole[0] * (whole[1] or 0) - (n - 1) * share * (mean or 0))
    share = sum(w * own for w, own in zip(weights, shares, strict=True)) / total
    return share, sum(w * own for w, own in zip(weights, sums, strict=True)) / total / share


@pytest.mark.parametrize("day", LANDMARKS)
def test_the_score_agrees(answered: Drawn, day: int) -> None:
    """The difference in change from the first visit, of those who answered at 12 months."""
    released, episodes = answered
    (row,) = rows(released, "estimates", landmark=day, measure="nrs_pain", method="crude")
    groups = {
        name: [one.change for one in group if one.change is not None] for name, group in twin.members(episodes, day, "nrs_pain", 12).items()
    }
    a, b = (sum(changes) / len(changes) / 1000 for changes in (groups["with"], groups["without"]))
    assert [row["n_with"], row["n_without"]] == [len(groups["with"]), len(groups["without"])]
    assert row["difference"] == pytest.approx(a - b)


def test_an_injection_that_does_nothing_looks_harmful_until_adjusted(answered: Drawn) -> None:
    """The drawn clinics give injections and surgery to those with more pain, and surgery whether or not there was an injection."""
    released, _ = answered
    shown = {row["method"]: row for row in rows(released, "estimates", landmark=90, measure="operated", month=24)}
    assert shown["crude"]["difference"] > shown["overlap"]["difference"]
    assert shown["overlap"]["low"] < 0 < shown["overlap"]["high"]


TIMES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), min_size=2, max_size=25)


@given(TIMES, st.integers(1, 12))
def test_pseudo_values_are_what_leaving_one_out_gives(times: list[tuple[int, int]], horizon: int) -> None:
    group = [twin.Member(None, day, cause, 0, None) for day, cause in times]  # type: ignore[arg-type]
    found = pseudo_values(np.array([day for day, _ in times]), np.array([cause for _, cause in times]), horizon)
    assert found.incidence == pytest.approx(twin.pseudo(group, horizon), abs=1e-9)
    share, mean = twin.incidence(group, horizon)
    if share:
        day, pull = mean_day(found, horizon)
        everybody_known = all(cause or day > horizon for day, cause in times)
        if everybody_known:  # then pseudo-values are what happened
            assert day == pytest.approx(mean)
        assert pull.mean() == pytest.approx(0, abs=1e-9)
