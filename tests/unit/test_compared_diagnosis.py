"""The list of diagnoses on the page Compare treatments: its labels hold numbers, and a browser may still say those of the click before."""

from __future__ import annotations

import pytest

from synapse_analytics.cohort import Cohort
from synapse_analytics.web import compare_treatments


@pytest.mark.parametrize(
    ("said", "narrowed"),
    [
        ("spinal_stenosis", [Cohort(sex=("female",), diagnosis=("spinal_stenosis",))]),
        ("", [Cohort(sex=("female",))]),
        (compare_treatments.SEVERAL, []),
        ("All diagnoses (101,332)", []),  # drawn before the filter that is in force by now
    ],
)
def test_a_label_of_the_click_before_chooses_nothing(monkeypatch: pytest.MonkeyPatch, said: str, narrowed: list[Cohort]) -> None:
    asked: list[Cohort] = []
    monkeypatch.setattr(compare_treatments.st, "session_state", {compare_treatments.DIAGNOSIS: said})
    monkeypatch.setattr(compare_treatments, "cohort", lambda: Cohort(sex=("female",)))
    monkeypatch.setattr(compare_treatments.address, "ask_about", asked.append)
    compare_treatments._narrow()
    assert asked == narrowed
