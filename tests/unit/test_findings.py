"""Findings without their pictures: the answer is told, how to read the picture is not."""

from __future__ import annotations

import re

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.figures import changes, flow
from synapse_analytics.findings import Finding, findings_of
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
