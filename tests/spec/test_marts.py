"""The definitions of docs/methods.md as drawn rows: what an episode holds, and what its mart rows then say.

Every case is an episode of one clinic per definition, so that a definition costs one load.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.pathways.links import FIRST_VISIT, link_parts
from synapse_analytics.queries.pathways import stored_pathways
from synapse_analytics.store import tables
from tests.builders import clinic_of

Rows = dict[str, list[dict[str, Any]]]
PAIN, ODI = v.position(v.INSTRUMENTS, "nrs_pain"), v.position(v.INSTRUMENTS, "odi")


def pain(*answers: tuple[int, float], instrument: str = "nrs_pain") -> list[dict]:
    """Answers as (day, value)."""
    return [{"day": day, "instrument": instrument, "value": value} for day, value in answers]


def given(*treatments: tuple) -> list[dict]:
    """Treatments as (treatment, start) or (treatment, start, end)."""
    return [{"treatment": row[0], "start_day": row[1], "end_day": row[2] if len(row) > 2 else None} for row in treatments]


def clinic_with(folder: Path, cases: dict[str, dict[str, Any]], *, data_until: str = "2024-12") -> Clinic:
    """A clinic with one episode per case; its keys are the columns of the episode, or the rows of a file."""
    files: Rows = {"episodes": [], "treatments": [], "scores": [], "adverse_events": [], "investigations": []}
    for number, case in enumerate(cases.values()):
        episode = f"E{number}"
        row = {name: value for name, value in case.items() if name not in files}
        files["episodes"].append({"episode_id": episode, "patient_id": f"P{number}"} | row)
        for name in ("treatments", "scores", "adverse_events", "investigations"):
            files[name] += [{"episode_id": episode} | row for row in case.get(name, [])]
    return clinic_of(folder, data_until=data_until, **files)


def by_case(clinic: Clinic, cases: dict[str, Any], table: sa.Table) -> dict[str, list[dict]]:
    """The rows of a mart, by the name of the case."""
    rows: dict[str, list[dict]] = {name: [] for name in cases}
    names = list(cases)
    for row in clinic.rows(sa.select(table)):
        rows[names[row["episode_key"]]].append(row)
    return rows


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Callable:
    """Loads the cases of a definition once and answers for the rest of the module."""
    clinics: dict[str, Clinic] = {}

    def load(definition: str, cases: dict[str, dict[str, Any]], *, data_until: str = "2024-12") -> Clinic:
        if definition not in clinics:
            clinics[definition] = clinic_with(tmp_path_factory.mktemp(definition), cases, data_until=data_until)
        return clinics[definition]

    return load


# name: (first visit, rows, days surely observed, follow-up end); the data end on 2020-03-31
FOLLOW_UP = {
    "days run from the last day of the month": ("2020-01", {}, 60, 60),
    "february of a leap year": ("2020-02", {}, 31, 31),
    "the last month itself": ("2020-03", {}, 0, 0),
    "a later answer prolongs it": ("2020-01", {"scores": pain((75, 3))}, 60, 75),
    "an earlier answer does not": ("2020-01", {"scores": pain((12, 3))}, 60, 60),
    "the end of a course prolongs it": ("2020-02", {"treatments": given(("physical_therapy", 0, 40))}, 31, 40),
    "so does a procedure": ("2020-02", {"treatments": given(("discectomy", 45))}, 31, 45),
    "so does a complication": ("2020-02", {"adverse_events": [{"day": 44, "event": "infection"}]}, 31, 44),
    "so does an investigation": ("2020-02", {"investigations": [{"day": 33, "investigation": "mri"}]}, 31, 33),
    "so does the closing": ("2020-02", {"status": "resolved", "closed_day": 50}, 31, 50),
}


@pytest.mark.parametrize("case", FOLLOW_UP)
def test_follow_up(case: str, loaded: Callable) -> None:
    cases = {name: {"first_visit_month": month} | rows for name, (month, rows, _, _) in FOLLOW_UP.items()}
    (row,) = by_case(loaded("follow-up", cases, data_until="2020-03"), cases, tables.episode_facts)[case]
    assert (row["days_surely_observed"], row["follow_up_end"]) == FOLLOW_UP[case][2:]


# name: (answers, first-visit baseline in points)
BASELINE = {
    "the answer on day 0": (pain((0, 7)), 7),
    "60 days before is in": (pain((-60, 6)), 6),
    "61 days before is out": (pain((-61, 6)), None),
    "the day after is out": (pain((1, 6)), None),
    "the nearest counts": (pain((-30, 4), (-2, 5)), 5),
    "the same answer twice on a day is one": (pain((0, 7), (0, 7)), 7),
}


@pytest.mark.parametrize("case", BASELINE)
def test_baseline(case: str, loaded: Callable) -> None:
    cases = {name: {"scores": answers} for name, (answers, _) in BASELINE.items()}
    (row,) = by_case(loaded("baseline", cases), cases, tables.episode_facts)[case]
    expected = BASELINE[case][1]
    assert row["baseline_nrs_pain"] == row["headline_baseline"] == (None if expected is None else expected * 1000)


# name: (rows of the episode, what visit_scores holds from the first visit as {visit: points})
VISITS = {
    "nearest to the target": ({"scores": pain((0, 8), (30, 5), (44, 4), (60, 3))}, {"week_6": 4}),
    "of two as near the earlier": ({"scores": pain((0, 8), (40, 5), (44, 4))}, {"week_6": 5}),
    "first and last day of a window": ({"scores": pain((0, 8), (28, 5), (64, 4))}, {"week_6": 5, "month_3": 4}),
    "between the first visit and the first window": ({"scores": pain((0, 8), (27, 5))}, {}),
    "last day of all": ({"scores": pain((0, 8), (910, 2), (911, 1))}, {"month_24": 2}),
    "no baseline, not expected": ({"scores": pain((42, 5))}, {}),
    "window not surely closed": ({"first_visit_month": "2024-10", "scores": pain((0, 8), (42, 5))}, {}),  # 61 days to the end, 63 needed
    "window just closed": ({"first_visit_month": "2024-09", "scores": pain((0, 8), (42, 5))}, {"week_6": 5}),
    "died inside the window": ({"status": "died", "closed_day": 62, "scores": pain((0, 8), (42, 5))}, {}),
    "died on its last day": ({"status": "died", "closed_day": 63, "scores": pain((0, 8), (42, 5))}, {"week_6": 5}),
    "lost stays expected": ({"status": "lost", "closed_day": 50, "scores": pain((0, 8), (42, 5))}, {"week_6": 5}),
}


@pytest.mark.parametrize("case", VISITS)
def test_reference_visits(case: str, loaded: Callable) -> None:
    cases = {name: rows for name, (rows, _) in VISITS.items()}
    rows = by_case(loaded("visits", cases), cases, tables.visit_scores)[case]
    found = {v.VISITS[row["visit"]].code: row["value"] / 1000 for row in rows if row["index_code"] == tables.FIRST_VISIT}
    assert found == VISITS[case][1]


INDEXES = {
    "first start from day 0 on": given(("discectomy", 30), ("discectomy", 90)),
    "procedure before day 0": given(("discectomy", -5), ("discectomy", 40)),
    "course begun before and still running": given(("physical_therapy", -20, 50)),
    "start on day 0": given(("anti_inflammatory", 0, 10)),
}
INDEX_DAYS = {
    "first start from day 0 on": {"discectomy": 30},
    "procedure before day 0": {"discectomy": 40},
    "course begun before and still running": {},
    "start on day 0": {"anti_inflammatory": 0},
}


@pytest.mark.parametrize("case", INDEXES)
def test_index_of_a_treatment(case: str, loaded: Callable) -> None:
    cases = {name: {"treatments": treatments} for name, treatments in INDEXES.items()}
    rows = by_case(loaded("indexes", cases), cases, tables.index_days)[case]
    assert {v.TREATMENTS[row["index_code"] - 1].code: row["index_day"] for row in rows if row["index_code"]} == INDEX_DAYS[case]


def test_treatment_has_a_fresh_baseline(tmp_path: Path) -> None:
    # The first-visit baseline (8) is 100 days old on the day of surgery; the answer 10 days before it counts.
    rows = {"scores": pain((0, 8), (90, 6), (142, 2)), "treatments": given(("discectomy", 100))}
    clinic = clinic_with(tmp_path, {"operated": rows})
    code = v.position(v.TREATMENTS, "discectomy") + 1
    (row,) = clinic.rows(sa.select(tables.visit_scores).where(tables.visit_scores.c.index_code == code))
    assert (row["visit"], row["baseline"], row["value"]) == (1, 6000, 2000)


def test_weeks_hold_the_last_answer(tmp_path: Path) -> None:
    answers = pain((-57, 9), (-56, 8), (-1, 7), (0, 6), (6, 5), (7, 4), (734, 3), (735, 2))
    clinic = clinic_with(tmp_path, {"answered": {"scores": answers}})
    rows = clinic.rows(sa.select(tables.week_scores))
    assert {row["week"]: row["value"] / 1000 for row in rows} == {-8: 8, -1: 7, 0: 5, 1: 4, 104: 3}


# name: (rows, end state); the data end long after day 730 unless said
END_STATES = {
    "died comes first": ({"status": "died", "closed_day": 300, "scores": pain((0, 8), (200, 2))}, "died"),
    "died after day 730": ({"status": "died", "closed_day": 800, "scores": pain((0, 8), (200, 2))}, "improved"),
    "resolved by then": ({"status": "resolved", "closed_day": 730}, "resolved"),
    "resolved later": ({"status": "resolved", "closed_day": 731}, "unknown"),
    "lost though treated": ({"status": "lost", "closed_day": 700, "treatments": given(("physical_therapy", 690, 729))}, "lost"),
    "course without an end": ({"treatments": given(("physical_therapy", 10)), "scores": pain((0, 8), (200, 2))}, "in_treatment"),
    "course that ends on day 730": ({"treatments": given(("physical_therapy", 10, 730))}, "in_treatment"),
    "course that ended on day 729": ({"treatments": given(("physical_therapy", 10, 729))}, "unknown"),
    "procedure 90 days before": ({"treatments": given(("discectomy", 640))}, "in_treatment"),
    "procedure 91 days before": ({"treatments": given(("discectomy", 639))}, "unknown"),
    "discharged goes by score": (
        {"status": "discharged", "closed_day": 700, "treatments": given(("discectomy", 690)), "scores": pain((0, 8), (300, 10))},
        "worse",
    ),
    "two points better": ({"scores": pain((0, 8), (300, 6))}, "improved"),
    "less than two points better": ({"scores": pain((0, 8), (300, 6.1))}, "unchanged"),
    "two points worse": ({"scores": pain((0, 8), (300, 10))}, "worse"),
    "the last answer counts": ({"scores": pain((0, 8), (300, 2), (700, 8), (731, 2))}, "unchanged"),
    "no answer later": ({"scores": pain((0, 8))}, "unknown"),
    "no baseline": ({"scores": pain((300, 2))}, "unknown"),
    "follow-up ends sooner": ({"first_visit_month": "2024-10", "treatments": given(("physical_therapy", 0, 61))}, "in_treatment"),
}


@pytest.mark.parametrize("case", END_STATES)
def test_end_state(case: str, loaded: Callable) -> None:
    cases = {name: rows for name, (rows, _) in END_STATES.items()}
    (row,) = by_case(loaded("end-states", cases), cases, tables.episode_facts)[case]
    assert v.END_STATES[row["end_state"]].code == END_STATES[case][1]


# name: (treatments, days before the first injection or surgery)
STEPPED_CARE = {
    "one course before": (given(("physical_therapy", 0, 42), ("discectomy", 60)), 42),
    "courses that overlap count once": (given(("physical_therapy", 0, 42), ("anti_inflammatory", 20, 50), ("discectomy", 60)), 50),
    "courses apart add up": (given(("physical_therapy", 0, 10), ("physical_therapy", 30, 40), ("discectomy", 60)), 20),
    "a course inside another": (
        given(("physical_therapy", 0, 50), ("heat_therapy", 10, 20), ("anti_inflammatory", 40, 55), ("discectomy", 60)),
        55,
    ),
    "only up to the event": (given(("physical_therapy", 30, 90), ("discectomy", 60)), 30),
    "only the last 180 days": (given(("physical_therapy", 0, 60), ("discectomy", 200)), 40),
    "a course without an end": (given(("physical_therapy", 10), ("discectomy", 60)), 50),
    "before day 0 counts": (given(("physical_therapy", -30, 10), ("discectomy", 60)), 40),
    "the injection comes first": (given(("physical_therapy", 0, 90), ("epidural_steroid_injection", 20), ("discectomy", 60)), 20),
    "none": (given(("discectomy", 60)), 0),
    "never escalated": (given(("physical_therapy", 0, 90)), None),
}


@pytest.mark.parametrize("case", STEPPED_CARE)
def test_conservative_days(case: str, loaded: Callable) -> None:
    cases = {name: {"treatments": treatments} for name, (treatments, _) in STEPPED_CARE.items()}
    (row,) = by_case(loaded("stepped-care", cases), cases, tables.episode_facts)[case]
    assert row["conservative_days_before_escalation"] == STEPPED_CARE[case][1]


# name: (treatments, highest stage, received)
RECEIVED = {
    "nothing": ([], "none", ()),
    "before day 0 and over": (given(("physical_therapy", -50, -10), ("discectomy", -5)), "none", ()),
    "running on day 0": (given(("physical_therapy", -50, 0)), "conservative", ("physical_therapy",)),
    "up to surgery": (given(("heat_therapy", 0, 9), ("laminectomy", 9)), "surgery", ("heat_therapy", "laminectomy")),
}


@pytest.mark.parametrize("case", RECEIVED)
def test_treatments_received(case: str, loaded: Callable) -> None:
    cases = {name: {"treatments": treatments} for name, (treatments, _, _) in RECEIVED.items()}
    (row,) = by_case(loaded("received", cases), cases, tables.episode_facts)[case]
    _treatments, stage, received = RECEIVED[case]
    assert v.STAGES[row["highest_stage"]].code == stage
    assert tuple(term.code for place, term in enumerate(v.TREATMENTS) if row["treatments"] >> place & 1) == received
    assert row["operated_before_day_0"] == (case == "before day 0 and over")


AFTER_SURGERY = {
    "a later operation": ({"treatments": given(("discectomy", 10), ("spinal_fusion", 100))}, 90, None),
    "two procedures of one day are one operation": ({"treatments": given(("discectomy", 10), ("laminectomy", 10))}, None, None),
    "a complication on the day": (
        {"treatments": given(("discectomy", 10)), "adverse_events": [{"day": 10, "event": "dural_tear"}]},
        None,
        0,
    ),
    "a complication before": ({"treatments": given(("discectomy", 10)), "adverse_events": [{"day": 9, "event": "infection"}]}, None, None),
}


@pytest.mark.parametrize("case", AFTER_SURGERY)
def test_after_surgery(case: str, loaded: Callable) -> None:
    cases = {name: rows for name, (rows, _, _) in AFTER_SURGERY.items()}
    (row,) = by_case(loaded("after-surgery", cases), cases, tables.episode_facts)[case]
    assert (row["next_surgery_days"], row["complication_days"]) == AFTER_SURGERY[case][1:]


BANDS = {  # pain, ODI -> positions of their bands
    (3, 20): (0, 0),
    (3.5, 20.9): (0, 0),
    (4, 21): (1, 1),
    (6.9, 60.99): (1, 2),
    (7, 61): (2, 3),
    (10, 100): (2, 3),
}


def test_bands_have_no_gaps(tmp_path: Path) -> None:
    cases = {f"{values}": {"scores": pain((0, values[0])) + pain((0, values[1]), instrument="odi")} for values in BANDS}
    rows = by_case(clinic_with(tmp_path, cases), cases, tables.episode_facts)
    assert {name: (row["pain_band"], row["odi_band"]) for name, (row,) in rows.items()} == {f"{k}": bands for k, bands in BANDS.items()}


def test_steps_carry_the_pain_around_them(tmp_path: Path) -> None:
    # before = nearest in start-60..start; after = last in start+14..min(next start, start+180)
    treatments = given(("physical_therapy", 0, 60), ("discectomy", 100))
    answers = pain((-2, 8), (14, 7), (95, 6), (113, 5), (280, 3), (281, 1))
    clinic = clinic_with(tmp_path, {"treated": {"treatments": treatments, "scores": answers}, "untreated": {}})
    steps = clinic.rows(sa.select(tables.treatment_steps).order_by(tables.treatment_steps.c.days))
    assert [(row["days"], row["change"]) for row in steps] == [(0, -2000), (100, -3000)]
    paths = stored_pathways(clinic).paths
    classes = [1 << v.position(v.TREATMENT_CLASSES, name) for name in ("physical_therapy", "discectomy")]
    assert [link_parts(paths.key[row["link"]]) for row in steps] == [(0, FIRST_VISIT, classes[0]), (1, *classes)]


def test_pathways_have_names(tmp_path: Path) -> None:
    cases = {"treated": {"treatments": given(("otc_analgesic", 0, 20), ("discectomy", 60), ("discectomy", 90))}, "untreated": {}}
    clinic = clinic_with(tmp_path, cases)
    facts, names = tables.episode_facts.c, tables.pathway_names.c
    statement = sa.select(facts.episode_key, names.steps, names.times, facts.pathway_days)
    rows = clinic.rows(statement.join(tables.pathway_names, names.pathway == facts.pathway).order_by(facts.episode_key))
    assert [(row["steps"], row["times"], row["pathway_days"]) for row in rows] == [
        ("medication|discectomy", "1|2", 60),
        ("untreated", "1", None),
    ]


def test_sets_and_patients(tmp_path: Path) -> None:
    clinic = clinic_of(
        tmp_path,
        episodes=[
            {"episode_id": "E0", "patient_id": "P0"},
            {"episode_id": "E1", "patient_id": "P0"},
            {"episode_id": "E2", "patient_id": "P2"},
        ],
        other_diagnoses=[{"episode_id": "E0", "diagnosis": "spinal_stenosis"}],
        symptoms=[{"episode_id": "E0", "symptom": "leg_weakness"}, {"episode_id": "E0", "symptom": "walking_intolerance"}],
        investigations=[{"episode_id": "E2", "day": 3, "investigation": "mri"}, {"episode_id": "E2", "day": 9, "investigation": "mri"}],
    )
    facts = tables.episode_facts.c
    rows = clinic.rows(sa.select(facts.repeat_patient, facts.diagnoses, facts.symptoms, facts.investigations).order_by(facts.episode_key))
    assert [row["repeat_patient"] is None for row in rows] == [False, False, True]
    assert [row["diagnoses"] for row in rows] == [0b11, 0b1, 0b1]  # herniated disc, and with it stenosis
    assert [row["symptoms"] for row in rows] == [1 << 2 | 1 << 5, 0, 0]
    assert [row["investigations"] for row in rows] == [0, 0, 1 << 2]


def test_same_bundle_same_numbers(tmp_path: Path) -> None:
    cases = {name: rows for name, (rows, _) in VISITS.items()}
    first = clinic_with(tmp_path / "one", cases)
    second = clinic_with(tmp_path / "two", cases)
    assert first.generation.sha256 == second.generation.sha256
    assert first.generation.id != second.generation.id
