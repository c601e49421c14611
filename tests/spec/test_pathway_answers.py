"""What the answers about pathways and escalation say of clinics drawn by hand, and what of the sample data may be shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.disclosure import PUBLISH
from tests.builders import clinic_of


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """Forty patients: 20 medication then discectomy, 10 medication alone, 6 untreated, 2 + 2 with pathways of their own."""
    folder: Path = tmp_path_factory.mktemp("drawn")
    episodes, treatments, scores = [], [], []

    def seen(number: int, *given: tuple[str, int, int | str], red_flags: str = "no", last: float = 3) -> None:
        name = f"E{number}"
        episodes.append({"episode_id": name, "patient_id": f"P{number}", "red_flags": red_flags})
        treatments.extend({"episode_id": name, "treatment": code, "start_day": start, "end_day": end} for code, start, end in given)
        scores.extend({"episode_id": name, "day": day, "instrument": "nrs_pain", "value": value} for day, value in ((0, 7), (365, last)))

    for number in range(20):  # the first 12 had 60 days of medication before surgery, the next 8 only 20; one of those has red flags
        days = 60 if number < 12 else 20
        seen(number, ("otc_analgesic", 0, days), ("discectomy", 100, ""), red_flags="yes" if number == 19 else "no")
    for number in range(20, 30):
        seen(number, ("otc_analgesic", 10, 40), last=6.5)
    for number in range(30, 36):
        seen(number)
    for number in range(36, 38):
        seen(number, ("physical_therapy", 0, 30))
    for number in range(38, 40):
        seen(number, ("laminectomy", 30, ""))
    return clinic_of(folder, episodes=episodes, treatments=treatments, scores=scores)


def ways(clinic: Clinic) -> dict[tuple[str, str], int]:
    """How many went each way, by steps and end state."""
    return {("|".join(row["steps"]), row["end_state"]): row["n"] for row in analyses.pathways(clinic).tables["pathways"]}


def test_rare_pathways_are_counted_inside_the_clinic(clinic: Clinic) -> None:
    assert ways(clinic) == {
        ("medication|discectomy", "improved"): 20,
        ("medication", "unchanged"): 10,
        ("untreated", "improved"): 6,
        ("laminectomy", "improved"): 2,
        ("physical_therapy", "improved"): 2,
    }
    rare = analyses.pathways(clinic).tables["pathways"][-1]
    assert rare["withheld"] == ("change", "change_low", "change_high", "completeness")  # two patients: their counts alone


def test_rare_pathways_are_pooled_before_they_are_published(clinic: Clinic) -> None:
    # 6 + 2 + 2 improved patients and 10 unchanged ones are still fewer than eleven each, so they stand together.
    assert ways(clinic.under(PUBLISH)) == {("medication|discectomy", "improved"): 20, ("other", "other"): 20}


def test_change_has_its_interval(clinic: Clinic) -> None:
    row = analyses.pathways(clinic).tables["pathways"][1]
    assert (row["change"], row["change_low"], row["change_high"], row["completeness"]) == (-0.5, -0.5, -0.5, 1.0)
    assert row["share_of_treated"] == pytest.approx(10 / 34)


def test_links_end_in_end_states(clinic: Clinic) -> None:
    links = {(row["step"], row["source"], row["target"]): row for row in analyses.pathways(clinic).tables["links"]}
    assert links[0, "first_visit", "medication"]["n"] == 30
    assert links[1, "medication", "discectomy"]["share_of_source"] == pytest.approx(20 / 30)
    assert links[1, "medication", "discectomy"]["median_days"] == 100
    assert links[2, "discectomy", "improved"]["n"] == 20
    assert links[2, "discectomy", "improved"]["median_days"] is None


def test_red_flags_leave_stepped_care(clinic: Clinic) -> None:
    (row,) = analyses.stepped_care(clinic, event="surgery", min_days=42).tables["groups"]
    # 19 + 2 laminectomies without red flags, 12 with 60 days before; one episode with red flags, which is not published.
    assert (row["n"], row["adherent"], row["red_flags"]) == (21, 12, 1)
    (row,) = analyses.stepped_care(clinic.under(PUBLISH), event="surgery", min_days=42).tables["groups"]
    assert (row["n"], row["adherent"], row["red_flags"]) == (20, None, None)  # 12 would be rounded to 10


def test_one_step_takes_no_days(clinic: Clinic) -> None:
    days = {row["steps"]: row["median_days"] for row in analyses.pathways(clinic).tables["pathways"]}
    assert days["medication", "discectomy"] == 100
    assert days["medication",] is None  # from its start to its start 0 days pass, which says nothing


def test_every_way_has_its_ends_beside_it(clinic: Clinic) -> None:
    first, second, *_ = analyses.pathways(clinic).tables["ways"]
    assert (first["steps"], first["n"], first["improved"], first["unchanged"], first["worse"]) == (
        ("medication", "discectomy"),
        20,
        20,
        0,
        0,
    )
    assert (second["steps"], second["n"], second["improved"], second["unchanged"]) == (("medication",), 10, 0, 10)


def test_ends_by_the_first_treatment(clinic: Clinic) -> None:
    """Six untreated, and two each that began otherwise: together four."""
    rows = {(row["first_step"], row["end_state"]): (row["n"], row["of"], row["share"]) for row in analyses.pathways(clinic).tables["ends"]}
    assert rows == {
        ("medication", "improved"): (20, 30, pytest.approx(2 / 3)),
        ("medication", "unchanged"): (10, 30, pytest.approx(1 / 3)),
        ("other", "improved"): (4, 4, None),  # four patients: their counts alone
        ("untreated", "improved"): (6, 6, 1),
    }
    ends = {row["ended"]: row["n"] for row in analyses.pathways(clinic).tables["end"]}
    assert ends == {"resolved+improved": 30, "worse": 0, "lost": 0}


@pytest.mark.parametrize("options", [{}, {"unit": "treatment"}, {"unit": "stage", "repeats": "all"}, {"max_steps": 2}])
def test_no_small_cell_is_published(sample_clinic: Clinic, options: dict) -> None:
    clinic = sample_clinic.under(PUBLISH)
    tables = dict(analyses.pathways(clinic, **options).tables) | dict(analyses.step_times(clinic, **options).tables)
    assert all(row["n"] is None or row["n"] >= 10 and row["n"] % 5 == 0 for rows in tables.values() for row in rows)


@pytest.mark.parametrize("options", [{}, {"unit": "treatment"}, {"unit": "stage", "repeats": "all"}, {"max_steps": 2}])
def test_every_count_is_shown_inside_the_clinic(sample_clinic: Clinic, options: dict) -> None:
    rows = analyses.pathways(sample_clinic, **options).tables["pathways"]
    assert all("n" not in row["withheld"] and "share_of_all" not in row["withheld"] for row in rows)
    small = [row for row in rows if row["n"] < 5]
    assert all(row["change"] is row["median_days"] is row["completeness"] is None for row in small)


def test_pathways_add_up(sample_clinic: Clinic) -> None:
    released = analyses.pathways(sample_clinic)
    assert sum(row["n"] for row in released.tables["pathways"]) == released.episodes
    assert sum(row["n"] for row in released.tables["links"] if row["step"] == 0) == released.episodes
