"""Who is compared, and with which answers, agrees with a naive twin on random clinics, through real SQL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.comparison.arms import arms_of
from synapse_analytics.analyses.comparison.flow import flow_rows
from synapse_analytics.analyses.comparison.study import Study, gather
from synapse_analytics.bundle.problems import Check
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.queries.comparison import Asked
from synapse_analytics.store import load
from tests.twins import comparison as twin
from tests.twins.checked import checked
from tests.twins.marts import episodes_of

PAIRS = [
    ("discectomy", "physical_therapy"),
    ("medication", "physical_therapy"),
    ("epidural_steroid_injection", "discectomy"),
    ("lifestyle_modification", "otc_analgesic"),
    ("injection_by_day_90", "no_injection_by_day_90"),
    ("no_surgery_by_day_180", "surgery_by_day_180"),
]


def drawn(seed: int) -> Check:
    """120 episodes, some of one patient, with treatments and answers on days that meet and miss every limit."""
    draw = Random(seed)
    files: dict[str, list] = {"episodes": [], "treatments": [], "scores": []}
    for number in range(120):
        name, status = f"E{number}", draw.choice(v.codes(v.STATUSES))
        closed = None if status == "open" else draw.choice((60, 90, 91, 180, 400, 900))
        month = draw.choice(("2020-01", "2022-06", "2023-12"))
        files["episodes"].append(
            {"episode_id": name, "patient_id": f"P{draw.randrange(70)}", "first_visit_month": month, "status": status, "closed_day": closed}
        )
        for _ in range(draw.randrange(5)):
            term = draw.choice([*v.TREATMENTS, *(t for t in v.TREATMENTS if t.code in ("physical_therapy", "discectomy"))])
            start = draw.choice((-20, 0, 0, 5, 30, 30, 89, 90, 91, 180, 181, 300))
            end = start + 40 if term.kind == "course" else None
            files["treatments"].append({"episode_id": name, "treatment": term.code, "start_day": start, "end_day": end})
        days = {draw.randint(-80, 800) for _ in range(20)} | {day for day in (-60, 0, 30, 90, 118, 365, 395) if draw.random() < 0.5}
        files["scores"] += [
            {"episode_id": name, "day": day, "instrument": "nrs_pain", "value": draw.randint(0, 10)} for day in sorted(days)
        ]
    return checked(**files)


@pytest.fixture(scope="module", params=[1, 2])
def clinic(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Clinic, Check]:
    """A random clinic and the rows it was made of."""
    check = drawn(request.param)
    database = f"duckdb:///{tmp_path_factory.mktemp('compared')}"
    load(check, database)
    return open_clinic(database, policy="clinic"), check


def studied(clinic: Clinic, asked: twin.Question) -> Study:
    question = Asked(clinic, Cohort(), arms_of(clinic, asked.a, asked.b), v.position(v.INSTRUMENTS, asked.instrument), asked.censored)
    return gather(question, asked.visits, 1)


@pytest.mark.parametrize("censored", [False, True], ids=["policy", "censored"])
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_arms_and_answers_agree(clinic: tuple[Clinic, Check], pair: tuple[str, str], *, censored: bool) -> None:
    opened, check = clinic
    asked = twin.Question(*pair, "nrs_pain", (4, 5) if "_day_" in pair[0] else (1, 2, 3, 4, 5), censored)
    expected = dict(twin.arms(episodes_of(check), asked))
    study = studied(opened, asked)
    found = study.people
    keys = list(zip(found.arm.tolist(), found.episode.tolist(), strict=True))
    assert sorted(keys) == sorted(expected)
    for row, key in enumerate(keys):
        own = expected[key]
        assert found.numbers["outcome"][row] == own["baseline"]
        crossover = found.numbers["crossover_day"][row]
        assert (None if np.isnan(crossover) else crossover) == own["crossover"]
        assert [bool(cell) for cell in study.expected[row]] == [cell[0] for cell in own["visits"].values()]
        values = [None if np.isnan(cell) else round(cell) for cell in study.answers[row].tolist()]
        assert values == [cell[1] for cell in own["visits"].values()]


@pytest.mark.parametrize("censored", [False, True], ids=["policy", "censored"])
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_every_reason_counts_the_same(clinic: tuple[Clinic, Check], pair: tuple[str, str], *, censored: bool) -> None:
    """Who is left out on the way, and why; everybody has one diagnosis, so that nobody is unlike the other arm."""
    opened, check = clinic
    asked = twin.Question(*pair, "nrs_pain", (4, 5) if "_day_" in pair[0] else (1, 2, 3, 4, 5), censored)
    expected = twin.flow(episodes_of(check), asked)
    rows = {row["step"]: row for row in flow_rows(studied(opened, asked))}
    found = {code: [[rows[code][f"n_{arm}"], rows[code][f"n_{arm}_patients"]] for arm in "ab"] for code in expected}
    assert found == expected
    assert [rows["unlike"][name] for name in ("n_a", "n_b")] == [0, 0]


def test_the_twin_sees_a_crossover_forgotten(clinic: tuple[Clinic, Check]) -> None:
    """Sabotage: arms whose rivals are empty do not agree with the twin."""
    opened, check = clinic
    asked = twin.Question("discectomy", "physical_therapy", "nrs_pain", (4,), censored=True)
    a, b = arms_of(opened, asked.a, asked.b)
    careless = gather(Asked(opened, Cohort(), (replace(a, rivals=()), replace(b, rivals=())), 0, censored=True), (4,), 1)
    assert len(careless.people.arm) > len(dict(twin.arms(episodes_of(check), asked)))


def test_nobody_else_gets_in(tmp_path: Path) -> None:
    """A cohort limits both arms."""
    check = drawn(3)
    database = f"duckdb:///{tmp_path}"
    load(check, database)
    opened = open_clinic(database, policy="clinic")
    question = Asked(opened, Cohort(month_from="2022-01"), arms_of(opened, "medication", "physical_therapy"), 0, censored=False)
    months = {episode.key: episode.row["first_visit_month"] for episode in episodes_of(check)}
    kept = gather(question, (1, 2), 1).people.episode
    assert len(kept)
    assert all(months[key] >= 2022 * 12 for key in kept.tolist())
