"""In which order the stages of care came, of clinics drawn by hand: what comes first, what counts, and what is published."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import PUBLISH, Released
from synapse_analytics.figures import branching
from tests.builders import clinic_of

Given = tuple[str, int, int | str]  # a treatment with its first and last day
PILLS, NEEDLE, KNIFE = "otc_analgesic", "epidural_steroid_injection", "discectomy"


def drawn(folder: Path, *groups: tuple[int, tuple[Given, ...]]) -> Clinic:
    """So many patients with these treatments, each with one episode."""
    episodes, treatments = [], []
    for k, (size, given) in enumerate(groups):
        for number in range(size):
            episodes.append({"episode_id": f"E{k}-{number}", "patient_id": f"P{k}-{number}"})
            treatments += [
                {"episode_id": f"E{k}-{number}", "treatment": code, "start_day": start, "end_day": end} for code, start, end in given
            ]
    return clinic_of(folder, episodes=episodes, treatments=treatments)


def tree(answer: Released) -> Mapping[tuple[str, ...], int | None]:
    """The number of each way so far."""
    return {tuple(row[k] for k in ("first_stage", "second_stage", "third_stage") if row[k]): row["n"] for row in answer.tables["branches"]}


def stages(answer: Released) -> Mapping[str, tuple[Any, Any]]:
    return {row["stage"]: (row["n"], row["of"]) for row in answer.tables["stages"]}


@pytest.mark.parametrize(
    ("given", "way"),
    [
        ((), ("none",)),
        (((PILLS, 3, 40),), ("conservative", "none")),
        (((NEEDLE, 50, ""), (PILLS, 3, 40)), ("conservative", "injection", "none")),
        (((PILLS, 80, 90), (NEEDLE, 50, "")), ("injection", "conservative", "none")),
        (((PILLS, 5, 9), (KNIFE, 90, ""), (NEEDLE, 120, "")), ("conservative", "surgery", "injection")),
        (((KNIFE, 30, ""), (NEEDLE, 30, ""), (PILLS, 30, 40)), ("conservative", "injection", "surgery")),  # on one day
        (((PILLS, -40, 5), (NEEDLE, 0, "")), ("conservative", "injection", "none")),  # running on day 0: it begins there
        (((PILLS, -40, -1), (NEEDLE, -3, ""), (KNIFE, 10, "")), ("surgery", "none")),  # over before the first visit
        (((PILLS, 0, 5), (KNIFE, 730, "")), ("conservative", "surgery", "none")),
        (((PILLS, 0, 5), (KNIFE, 731, "")), ("conservative", "none")),  # after two years
    ],
)
def test_the_order_of_the_first_days(tmp_path: Path, given: tuple[Given, ...], way: tuple[str, ...]) -> None:
    found = tree(analyses.branching(drawn(tmp_path, (6, given))))
    assert found == {way[: depth + 1]: 6 for depth in range(len(way))}


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """100 patients; 30 operated, of whom 6 had an injection before and 4 after."""
    return drawn(
        tmp_path_factory.mktemp("drawn"),
        (30, ((PILLS, 0, 40),)),
        (20, ((PILLS, 0, 40), (NEEDLE, 60, ""))),
        (6, ((PILLS, 0, 40), (NEEDLE, 60, ""), (KNIFE, 90, ""))),
        (16, ((PILLS, 0, 40), (KNIFE, 90, ""))),
        (4, ((PILLS, 0, 40), (KNIFE, 90, ""), (NEEDLE, 120, ""))),
        (4, ((KNIFE, 5, ""),)),
        (20, ()),
    )


def test_the_tree_adds_up(clinic: Clinic) -> None:
    answer = analyses.branching(clinic)
    assert tree(answer) == {
        ("conservative",): 76,
        ("conservative", "injection"): 26,
        ("conservative", "injection", "surgery"): 6,
        ("conservative", "injection", "none"): 20,
        ("conservative", "surgery"): 20,
        ("conservative", "surgery", "injection"): 4,
        ("conservative", "surgery", "none"): 16,
        ("conservative", "none"): 30,
        ("surgery",): 4,
        ("surgery", "none"): 4,
        ("none",): 20,
    }
    assert stages(answer) == {"conservative": (76, 100), "injection": (30, 100), "surgery": (30, 100), "no_injection_before": (24, 30)}


def test_the_sentence_says_it(clinic: Clinic) -> None:
    said = branching.branching(analyses.branching(clinic))["layout"]["title"]["subtitle"]["text"]
    assert said.startswith(
        "Within two years 76 % had conservative care, 30 % an injection and 30 % surgery; of 30 who had surgery, 24 had no injection first. "
    )


def test_rare_ways_are_pooled_before_they_are_published(clinic: Clinic) -> None:
    """4 began with surgery: they and the 20 untreated are one. A rare way whose only neighbour is most of its place is withheld instead."""
    answer = analyses.branching(clinic.under(PUBLISH))
    assert tree(answer) == {
        ("conservative",): 75,
        ("conservative", "injection"): 25,
        ("conservative", "injection", "surgery"): None,
        ("conservative", "injection", "none"): 20,
        ("conservative", "surgery"): 20,
        ("conservative", "surgery", "injection"): None,
        ("conservative", "surgery", "none"): 15,
        ("conservative", "none"): 30,
        ("pooled",): 25,
    }
    assert stages(answer)["no_injection_before"] == (25, 30)


def boxes(answer: Released) -> list[tuple[float, float, float]]:
    """(row, left, right) of every box, as it is drawn."""
    upper, lower = branching.branching(answer)["data"]
    assert (upper["x"], upper["base"]) == (lower["x"], lower["base"])
    assert all(width > 0 for width in upper["x"])
    return [(round(y), left, left + width) for y, left, width in zip(upper["y"], upper["base"], upper["x"], strict=True)]


@pytest.mark.parametrize("policy", ["clinic", "publish"])
def test_no_two_boxes_overlap_and_each_stands_under_the_one_before(clinic: Clinic, sample_clinic: Clinic, policy: str) -> None:
    for asked in (clinic, sample_clinic):
        found = boxes(analyses.branching(asked.under(policy)))
        for row in range(4):
            mine = sorted((left, right) for y, left, right in found if y == row)
            assert mine[0][0] >= 0
            assert mine[-1][1] <= 1
            assert all(left >= before - 1e-9 for (_, before), (left, _) in zip(mine, mine[1:], strict=False))
            above = [(left, right) for y, left, right in found if y == row - 1]
            assert not row or all(any(a <= left + 1e-9 and right <= b + 0.002 for a, b in above) for left, right in mine)
        if policy == "clinic":
            assert sum(right - left for y, left, right in found if y == 1) == pytest.approx(1, abs=0.01)


def test_untreated_are_the_same_in_every_picture(sample_clinic: Clinic) -> None:
    untreated = next(row["n"] for row in analyses.branching(sample_clinic).tables["branches"] if row["first_stage"] == "none")
    assert untreated == next(row["of"] for row in analyses.pathways(sample_clinic).tables["ends"] if row["first_step"] == "untreated")


def test_nobody_has_no_branches(sample_clinic: Clinic) -> None:
    answer = analyses.branching(sample_clinic, Cohort(diagnosis=("spinal_stenosis",), age_to=20))
    assert answer.tables["branches"] == ()
    assert stages(answer) == {"conservative": (0, 0), "injection": (0, 0), "surgery": (0, 0), "no_injection_before": (0, 0)}
    assert not analyses.pathways(sample_clinic, answer.cohort).tables["ends"]


def test_a_rare_way_is_not_followed_when_it_is_published(tmp_path: Path) -> None:
    """Of 43 with conservative care 3 were operated, and had an injection later: not even that is told."""
    clinic = drawn(tmp_path, (40, ((PILLS, 0, 40),)), (3, ((PILLS, 0, 40), (KNIFE, 90, ""), (NEEDLE, 99, ""))))
    found = tree(analyses.branching(clinic.under(PUBLISH)))
    assert found == {("conservative",): 45, ("conservative", "surgery"): None, ("conservative", "none"): 40}
