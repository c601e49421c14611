"""Findings without their pictures: the answer is told, how to read the picture is not."""

from __future__ import annotations

import re

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.figures import changes, flow
from synapse_analytics.findings import Finding, findings_of
from synapse_analytics.findings import words as w
from synapse_analytics.findings.changes import COLOURS

OF_A_PICTURE = re.compile(r"\b(blue|orange|grey|colours?|line|bars?|dotted|width|rows|columns)\b", re.IGNORECASE)


def test_no_answer_tells_how_to_read_a_picture(sample_clinic: Clinic) -> None:
    told = [said for name in analyses.answers() for said in findings_of(analyses.answer(sample_clinic, name))]
    assert len(told) > 30
    assert [said for said in told if not said.answer] == []
    spoken = [said.answer for said in told if said.drawn and not said.answer.endswith("of the rows.")]  # of a file, not of a picture
    assert [answer for answer in spoken if OF_A_PICTURE.search(answer)] == []


def test_a_picture_shows_the_answer_with_its_reading(sample_clinic: Clinic) -> None:
    released = analyses.pathways(sample_clinic)
    subtitle = flow.flow(released)["layout"]["title"]["subtitle"]["text"]
    told = next(said.answer for said in findings_of(released) if said.answer.startswith("Most common: "))
    assert subtitle.startswith(f"{told} Width: episodes. Blue: ")


def test_a_caution_is_told_and_stands_last_above_the_picture(sample_clinic: Clinic) -> None:
    released = analyses.change_distribution(sample_clinic, by="diagnosis")
    subtitle = changes.changes(released)["layout"]["title"]["subtitle"]["text"]
    told = next(said.answer for said in findings_of(released) if said.drawn)
    assert COLOURS in subtitle
    assert told == subtitle.replace(f"{COLOURS} ", "").removesuffix(f" {COLOURS}")


def test_a_finding_of_its_reading_alone_has_nothing_to_tell() -> None:
    said = Finding("Where do patients end up?", "", "On the dotted line nothing changed.")
    assert (said.above_picture, said.without_picture) == ("On the dotted line nothing changed.", "")


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (0.0142, 0.0100, 0.0203, "1.4 % (1.0 to 2.0 %)"),  # 2,151 patients bear a decimal ...
        (0.0142, 0.0050, 0.0402, "1 % (0 to 4 %)"),  # ... 210 do not
        (0.3775, 0.3700, 0.3850, "38 % (37 to 38 %)"),
        (0.0, 0.0, 0.0150, "0 % (0 to 2 %)"),
        (0.0065, 0.0010, 0.0402, "0.7 % (0.1 to 4.0 %)"),
        (0.0004, None, None, "under 0.1 %"),
        (0.9997, None, None, "over 99.9 %"),
    ],
)
def test_a_share_has_the_digits_that_its_interval_bears(value: float, low: float | None, high: float | None, said: str) -> None:
    assert w.with_interval(value, low, high, w.share) == said
    if low is not None:
        assert f"{w.share(value, width=w.width(low, high))} ({w.between(low, high, w.share, value)})" == said
