"""How pathways end by their first treatment, of a clinic drawn by hand: what is pooled before it is shown, and what is published."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.disclosure import PUBLISH, Released
from synapse_analytics.figures import ends
from synapse_analytics.figures.stacks import EDGE
from synapse_analytics.figures.theme import LIGHT
from tests.builders import clinic_of


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """60 with medication: 40 better, 12 worse, 8 about the same. 30 with therapy, all better. Of 6 and 5 the first treatment is rare."""
    files: dict[str, list[dict[str, Any]]] = {"episodes": [], "treatments": [], "scores": []}
    groups = (
        ("otc_analgesic", 40, 2),
        ("otc_analgesic", 12, 9),
        ("otc_analgesic", 8, 6),
        ("physical_therapy", 30, 2),
        ("heat_therapy", 6, 2),
    )
    for treatment, size, last in (*groups, ("laminectomy", 5, 9)):
        for _ in range(size):
            name = f"E{len(files['episodes'])}"
            files["episodes"].append({"episode_id": name, "patient_id": name.replace("E", "P")})
            end = "" if treatment == "laminectomy" else 60
            files["treatments"].append({"episode_id": name, "treatment": treatment, "start_day": 10, "end_day": end})
            files["scores"] += [
                {"episode_id": name, "day": day, "instrument": "nrs_pain", "value": value} for day, value in ((0, 6), (365, last))
            ]
    return clinic_of(tmp_path_factory.mktemp("drawn"), **files)


def shown(answer: Released) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    return {(row["first_step"], row["end_state"]): (row["n"], row["of"]) for row in answer.tables["ends"]}


def test_rare_first_treatments_are_one_bar(clinic: Clinic) -> None:
    answer = analyses.pathways(clinic)
    assert shown(answer) == {
        ("medication", "improved"): (40, 60),
        ("medication", "unchanged"): (8, 60),
        ("medication", "worse"): (12, 60),
        ("physical_therapy", "improved"): (30, 30),
        ("other", "improved"): (6, 11),
        ("other", "worse"): (5, 11),
    }
    said = ends.by_first(answer, LIGHT)["layout"]["title"]["subtitle"]["text"]
    assert (
        said
        == "75 of 100 resolved or improved and 17 got worse; none of 100 were lost to follow-up. Within two years of the first visit, n = 101."
    )


def test_rare_ends_are_one_before_they_are_published(clinic: Clinic) -> None:
    """12 and 8 are 20; the 11 with a rare first treatment stand with the 30, and of their ends the 5 are withheld, as most of them have the other."""
    assert shown(analyses.pathways(clinic.under(PUBLISH))) == {
        ("medication", "improved"): (40, 60),
        ("medication", "other"): (20, 60),
        ("other", "improved"): (35, 40),
        ("other", "worse"): (None, 40),
    }


def test_ways_beyond_the_most_frequent_are_one_row(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["synapse_analytics.analyses.ways"], "MOST_WAYS", 1)
    rows = analyses.pathways(clinic).tables["ways"]
    assert [(row["steps"], row["n"], row["improved"], row["worse"]) for row in rows] == [
        (("medication",), 60, 40, 12),
        (("other",), 41, 36, 5),
    ]


def test_a_bar_of_rounded_shares_stays_on_the_chart(tmp_path: Path) -> None:
    """13, 13 and 13 of 39 are published as 15, 15 and 15 of 40: more than all."""
    files: dict[str, list[dict[str, Any]]] = {"episodes": [], "treatments": [], "scores": []}
    for last in (2, 6, 9):
        for _ in range(13):
            name = f"E{len(files['episodes'])}"
            files["episodes"].append({"episode_id": name, "patient_id": name.replace("E", "P")})
            files["treatments"].append({"episode_id": name, "treatment": "otc_analgesic", "start_day": 10, "end_day": 60})
            files["scores"] += [
                {"episode_id": name, "day": day, "instrument": "nrs_pain", "value": value} for day, value in ((0, 6), (365, last))
            ]
    answer = analyses.pathways(clinic_of(tmp_path, **files).under(PUBLISH))
    assert {row["share"] for row in answer.tables["ends"]} == {0.38}
    assert ends.by_first(answer, LIGHT)["layout"]["xaxis"]["range"][1] == pytest.approx(3 * 0.38 + EDGE)
