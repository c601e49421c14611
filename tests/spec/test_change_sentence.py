"""What the distribution of changes says is true of everybody who answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.figures import changes
from tests.spec.test_outcomes import clinic_with


def said(clinic: Clinic, **options: str) -> str:
    return str(changes.changes(analyses.change_distribution(clinic, **options))["layout"]["title"]["subtitle"]["text"])


def test_better_worse_and_the_same_are_shares_of_all_who_answered(tmp_path: Path) -> None:
    pairs = {"better": (7, 5), "a_little": (7, 6.5), "same": (7, 7), "little_worse": (7, 7.5), "worse": (7, 8)}
    scores = {f"{name}{number}": [(0, before), (365, after)] for name, (before, after) in pairs.items() for number in range(4)}
    assert said(clinic_with(tmp_path, scores)).startswith(
        "Of 20 patients who answered, 40 % improved by any amount, 40 % stayed the same or got worse by less than 1 point, 20 % got worse by 1 point or more."
    )


def test_where_higher_is_better_the_bar_of_no_change_lies_on_the_better_side(tmp_path: Path) -> None:
    scores = {f"{name}{k}": [(0, 0.5), (365, after)] for name, after in {"up": 0.8, "same": 0.5, "down": 0.4}.items() for k in range(3)}
    assert said(clinic_with(tmp_path, scores, "eq5d5l_index"), instrument="eq5d5l_index").startswith(
        "Of 9 patients who answered, 33 % got worse by any amount, 33 % stayed the same or improved by less than 0.1 points, 33 % improved by 0.1 points or more."
    )


def test_the_bars_of_the_sample_add_up(sample_clinic: Clinic) -> None:
    answer = analyses.change_distribution(sample_clinic)
    assert sum(row["n"] for row in answer.tables["bins"]) == 929
    (trace,) = changes.changes(answer)["data"]
    assert sum(trace["y"]) == pytest.approx(1)
    assert len(trace["y"]) == len(answer.tables["bins"])
