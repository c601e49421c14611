"""Which treatments can be compared, how many of 100 improved and where everybody went: against naive twins on random clinics, through real SQL."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from random import Random

import numpy as np
import pytest

from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.comparison import responders
from synapse_analytics.analyses.comparison.arms import arms_of
from synapse_analytics.analyses.comparison.flow import flow_rows
from synapse_analytics.analyses.comparison.models import analysed_of, compare
from synapse_analytics.analyses.comparison.study import Study, gather
from synapse_analytics.bundle.problems import Check
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import CLINIC
from synapse_analytics.queries.comparison import Asked
from synapse_analytics.store import load
from tests.twins import comparison as twin
from tests.twins.checked import checked
from tests.twins.marts import Episode, episodes_of

PAIRS = [
    ("discectomy", "physical_therapy"),
    ("medication", "physical_therapy"),
    ("lifestyle_modification", "otc_analgesic"),
    ("injection_by_day_90", "no_injection_by_day_90"),
    ("no_surgery_by_day_180", "surgery_by_day_180"),
]
DIAGNOSES = ("herniated_disc", "spinal_stenosis", "piriformis_syndrome")


def drawn(seed: int, episodes: int = 300) -> Check:
    """Episodes of three diagnoses, some of one patient, with few treatments, so that every reason to be left out occurs."""
    draw = Random(seed)
    files: dict[str, list] = {"episodes": [], "treatments": [], "scores": []}
    usual = [
        term for term in v.TREATMENTS if term.code in ("physical_therapy", "discectomy", "otc_analgesic", "epidural_steroid_injection")
    ]
    for number in range(episodes):
        name, status = f"E{number}", draw.choice(("open", "resolved", "died", "discharged"))
        row = {
            "episode_id": name,
            "patient_id": f"P{draw.randrange(220)}",
            "first_visit_month": draw.choice(("2020-01", "2022-06", "2024-09")),
        }
        row |= {"status": status, "closed_day": None if status == "open" else draw.choice((60, 90, 180, 400, 900))}
        files["episodes"].append(row | {"diagnosis": draw.choices(DIAGNOSES, (10, 8, 1))[0]})
        for _ in range(draw.randrange(4)):
            term, start = draw.choice([*v.TREATMENTS, *usual, *usual, *usual]), draw.choice((-20, 0, 5, 30, 30, 90, 91, 180, 300))
            end = start + 40 if term.kind == "course" else None
            files["treatments"].append({"episode_id": name, "treatment": term.code, "start_day": start, "end_day": end})
        days = {draw.randint(-80, 800) for _ in range(14)} | {day for day in (-60, 0, 30, 118, 365, 395) if draw.random() < 0.6}
        files["scores"] += [
            {"episode_id": name, "day": day, "instrument": "nrs_pain", "value": draw.randint(0, 10)} for day in sorted(days)
        ]
    return checked(**files)


@pytest.fixture(scope="module", params=[1, 2])
def clinic(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Clinic, Check]:
    check = drawn(request.param)
    database = f"duckdb:///{tmp_path_factory.mktemp('comparable')}"
    load(check, database)
    return open_clinic(database, policy="clinic"), check


# Which treatments can be compared.


def began(episode: Episode, code: str) -> list[int]:
    """The index days at which an episode counts as one that started a treatment with a fresh baseline; of a strategy the first visit."""
    if "_day_" in code:
        days = [0] if twin._by_landmark(episode, code) else []
    else:
        own = {term.code for term in twin.treatments_of(code)}
        starts: dict[str, list[int]] = defaultdict(list)
        for row in episode.treatments:
            if row["treatment"] in own and row["start_day"] >= 0:
                starts[row["treatment"]].append(row["start_day"])
        days = [min(mine) for mine in starts.values()]
    return [day for day in days if episode.baseline("nrs_pain", day) is not None]


def answered(episode: Episode, day: int) -> bool:
    asked = twin.Question("", "", "nrs_pain", (1, 2, 3, 4), censored=False)
    return twin._answer(episode, asked, day, None, 4)[1] is not None


@pytest.mark.parametrize("within", [DIAGNOSES, DIAGNOSES[:2], DIAGNOSES[1:2]])
def test_who_started_and_answered_agrees(clinic: tuple[Clinic, Check], within: tuple[str, ...]) -> None:
    """Of everybody, then of parts of the clinic: nothing that is remembered of one cohort answers for another."""
    opened, check = clinic
    episodes = [one for one in episodes_of(check) if one.row["diagnosis"] in within]
    released = analyses.comparable(opened, Cohort(diagnosis=() if within == DIAGNOSES else within))
    of = {
        code: [episode for episode in episodes if began(episode, code)] for code in (row["treatment"] for row in released.tables["started"])
    }
    assert {row["treatment"]: row["n"] for row in released.tables["started"]} == {code: len(mine) for code, mine in of.items()}
    assert any(row["n_a"] and row["n_b"] for row in released.tables["pairs"])
    for row in released.tables["pairs"]:
        counts = [[sum(one.row["diagnosis"] == code for one in of[row[side]]) for code in DIAGNOSES] for side in ("first", "second")]
        shared = {code for code, a, b in zip(DIAGNOSES, *counts, strict=True) if min(a, b) >= CLINIC.arm}
        for side, column in (("first", "n_a"), ("second", "n_b")):
            mine = [one for one in of[row[side]] if one.row["diagnosis"] in shared]
            assert row[column] == sum(any(answered(one, day) for day in began(one, row[side])) for one in mine), row


def test_no_comparison_has_more_than_was_offered(clinic: tuple[Clinic, Check]) -> None:
    """The counts are upper limits wherever both treatments share a diagnosis: what they rule out surely is."""
    opened, _ = clinic
    offered = {(row["first"], row["second"]): (row["n_a"], row["n_b"]) for row in analyses.comparable(opened).tables["pairs"]}
    seen = 0
    for a, b in PAIRS:
        most = offered[a, b] if (a, b) in offered else offered[b, a][::-1]
        study = studied(opened, (a, b), censored=False)
        of = [np.bincount(study.people.numbers["diagnosis"][side].astype(int), minlength=6) for side in study.sides.values()]
        if (np.minimum(*of) >= CLINIC.arm).any():
            seen += 1
            assert all(np.count_nonzero(study.analysed & side) <= n for side, n in zip(study.sides.values(), most, strict=True)), (a, b)
    assert seen


# Where everybody went.


def studied(clinic: Clinic, pair: tuple[str, str], *, censored: bool, fewest: int = 10, cohort: Cohort | None = None) -> Study:
    visits = (4, 5) if "_day_" in pair[0] else (1, 2, 3, 4)
    return gather(Asked(clinic, cohort or Cohort(), arms_of(clinic, *pair), 0, censored), visits, fewest)


def adds_up(rows: list[dict], everybody: int) -> None:
    """From all episodes to those compared, by the sums a reader makes."""
    step = {row["step"]: row for row in rows}
    assert rows[0]["step"] == "cohort"
    assert step["cohort"]["n"] == everybody
    assert step["cohort"]["n"] - step["neither"]["n"] == step["either"]["n"]
    assert step["either"]["n"] + step["twice"]["n"] == step["started"]["n"]
    for column in ("n", "n_a", "n_b"):
        still = step["started"][column]
        for row in rows[5:]:
            still -= row[column] if row["left_out"] else 0
            assert row["left_out"] or row[column] == still, row
    for row in rows[4:]:
        assert row["n"] == row["n_a"] + row["n_b"]


@pytest.mark.parametrize("censored", [False, True], ids=["policy", "censored"])
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_nobody_vanishes(clinic: tuple[Clinic, Check], pair: tuple[str, str], *, censored: bool) -> None:
    opened, check = clinic
    episodes = episodes_of(check)
    for fewest in (1, 10, 40):
        rows = flow_rows(studied(opened, pair, censored=censored, fewest=fewest))
        adds_up(rows, len(episodes))
    sides = [{one.key for one in episodes if _enters(one, code)} for code in pair]
    counts = {row["step"]: (row["n"], row["patients"]) for row in rows if row["step"] in ("neither", "either", "twice")}
    patients = {one.key: one.row["patient_id"] for one in episodes}
    groups = {"neither": set(patients) - sides[0] - sides[1], "either": sides[0] | sides[1], "twice": sides[0] & sides[1]}
    assert counts == {step: (len(mine), len({patients[key] for key in mine})) for step, mine in groups.items()}


def _enters(episode: Episode, code: str) -> bool:
    return (twin._by_landmark(episode, code) if "_day_" in code else twin._first_start(episode, code)) is not None


def test_nobody_vanishes_from_a_part_of_the_clinic(clinic: tuple[Clinic, Check]) -> None:
    opened, check = clinic
    cohort = Cohort(diagnosis=("spinal_stenosis",))
    everybody = sum(one.row["diagnosis"] == "spinal_stenosis" for one in episodes_of(check))
    for pair in PAIRS:
        adds_up(flow_rows(studied(opened, pair, censored=False, cohort=cohort)), everybody)


def test_a_lost_episode_is_seen(clinic: tuple[Clinic, Check]) -> None:
    """Sabotage: a flow in which one of those who did not answer vanishes does not add up."""
    rows = flow_rows(studied(clinic[0], PAIRS[0], censored=False))
    next(row for row in rows if row["step"] == "not_answered")["n_a"] -= 1
    with pytest.raises(AssertionError):
        adds_up(rows, rows[0]["n"])


# How many of 100 improved.


def chance(columns: list[list[float]], is_a: list[bool]) -> list[float]:
    """The probability of a for each row, by Newton's method for the logistic likelihood, one row at a time."""
    width = len(columns[0])
    beta = np.zeros(width)
    for _ in range(60):
        score, bend = np.zeros(width), np.zeros((width, width))
        for row, a in zip(columns, is_a, strict=True):
            p = 1 / (1 + math.exp(-float(np.dot(row, beta))))
            score += (a - p) * np.array(row)
            bend += p * (1 - p) * np.outer(row, row)
        beta = beta + np.linalg.solve(bend, score)
    return [1 / (1 + math.exp(-float(np.dot(row, beta)))) for row in columns]


@pytest.mark.parametrize("censored", [False, True], ids=["policy", "censored"])
@pytest.mark.parametrize("pair", [("discectomy", "physical_therapy"), ("medication", "physical_therapy")], ids="-".join)
def test_shares_of_responders_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pair: tuple[str, str], *, censored: bool) -> None:
    """Weighted by the chance of the other treatment among those who answered at that visit; improved by 2 points of pain or more."""
    monkeypatch.setattr(responders, "LEAST_EFFECTIVE", 5)
    check = drawn(7, episodes=700)
    database = f"duckdb:///{tmp_path}"
    load(check, database)
    study = studied(open_clinic(database, policy="clinic"), pair, censored=censored)
    analysed = analysed_of(study)
    rows = responders.responder_rows(study, analysed, compare(study, analysed), v.INSTRUMENTS[0], CLINIC)
    assert [row["visit"] for row in rows] == ["month_3", "month_12"]
    told = dict(twin.arms(episodes_of(check), twin.Question(*pair, "nrs_pain", (1, 2, 3, 4), censored)))
    kept = list(zip(study.people.arm.tolist(), study.people.episode.tolist(), strict=True))
    for row, place in zip(rows, (1, 3), strict=True):
        answers = [(told[key]["baseline"], told[key]["visits"][place + 1][1], key[0]) for key in kept]
        given = [number for number, (_, answer, _) in enumerate(answers) if answer is not None]
        model = analysed_of(study, place).model
        is_a = [answers[number][2] == 0 for number in given]
        shares = chance([[1.0, *model[at]] for at in range(len(given))], is_a)
        top, bottom, people = [0.0, 0.0], [0.0, 0.0], [0, 0]
        for number, a, p in zip(given, is_a, shares, strict=True):
            baseline, answer, _ = answers[number]
            weight, side = (1 - p, 0) if a else (p, 1)
            top[side] += weight * (baseline - answer >= 2000)
            bottom[side] += weight
            people[side] += 1
        assert (row["share_a"], row["share_b"]) == pytest.approx((top[0] / bottom[0], top[1] / bottom[1]), abs=1e-7)
        assert row["difference"] == pytest.approx(row["share_a"] - row["share_b"], abs=1e-12)
        assert (row["n_a"], row["n_b"]) == tuple(people)
        assert row["low"] < row["difference"] < row["high"]
