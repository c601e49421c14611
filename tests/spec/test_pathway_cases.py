"""What a pathway is, in drawn cases: A, B and C are courses of different class, P and Q procedures."""

from __future__ import annotations

import numpy as np
import pytest

from synapse_analytics import vocabulary as v
from synapse_analytics.pathways import NO_END, PathwayDefinition, build_steps, step_code
from synapse_analytics.pathways.numbering import codes_of, number_pathways
from tests.twins.pathways import Given, pathway

CODES = {"A": "otc_analgesic", "B": "physical_therapy", "C": "heat_therapy", "P": "discectomy", "Q": "laminectomy"}
CLASSES = {"medication": "A", "physical_therapy": "B", "heat_cold_therapy": "C", "discectomy": "P", "laminectomy": "Q"}
FOLLOW_UP_END = 300

# (events, repeats, steps); the first 22 are the cases of the issue, in its order
CASES = [
    ("A 0-60, B 70-120", "changes", "A, B"),
    ("A 0-60, A 80-120", "all", "A"),  # gap 20: one course
    ("A 0-60, A 100-160", "all", "A, A"),
    ("A 0-60, A 100-160", "changes", "Ax2"),
    ("A 0-60, A 100-160, B 170-200, A 210-260", "changes", "Ax2, B, A"),
    ("A 0-60, A 100-160, B 170-200, A 210-260", "first", "A, B"),
    ("A 0-60, B 0-60", "all", "A+B"),
    ("A 0-60, B 30-90", "all", "A, A+B, B"),
    ("A 0-60, B 50-120", "all", "A, B"),  # overlap 10 is too short
    ("A 0-60, B 20-25", "all", "A, A+B, A"),  # contained
    ("A 0-90, P 40", "changes", "A, P"),  # a procedure neither ends nor joins a course
    ("A 0-90, P 40, P 100", "changes", "A, Px2"),
    ("P 40, Q 40", "all", "P+Q"),
    ("A 720-800", "all", "A"),  # starts inside the window
    ("A 740-800", "all", ""),
    ("", "all", ""),
    ("A 0-", "all", "A"),
    ("A 0-30, P 40, A 50-90", "all", "A, P"),
    ("A -20-30, P -5", "all", "A"),
    ("A 0-90, B 20-60, C 30-50", "all", "A, A+B, A+B+C, A+B, A"),
    ("A 0-40, B 3-45", "all", "A+B"),  # pieces under 14 days are absorbed
    ("A 40-60, P 40", "all", "A, P"),  # course before procedure on one day
    # the edges of the rules
    ("A 0-60, A 90-120", "all", "A"),  # gap of exactly 30
    ("A 0-60, A 91-120", "all", "A, A"),
    ("A 0-60, B 46-120", "all", "A, A+B, B"),  # overlap of exactly 14
    ("A 0-60, B 47-120", "all", "A, B"),
    ("A 0-60, B 60-120", "all", "A, B"),  # the end is exclusive: touching is no overlap
    ("A 10-10", "all", "A"),  # a course that ends on the day it starts lasts that day
    ("A 0-60, B 30-30", "all", "A, A+B, A"),
    ("A 730-760, P 730", "all", "A, P"),  # day 730 is in
    ("P 731", "all", ""),
    ("A -40--1", "all", ""),  # over before the first visit
    ("A -40-0", "all", "A"),  # its last day is the first visit
    ("A 700-900, B 720-800", "all", "A, A+B"),  # what starts after the window is no step
    ("P 0, P 0", "all", "P"),  # twice on one day is one
    ("A 0-40, B 3-30", "all", "A, A+B, A"),  # contained: nothing is absorbed
    ("A 0-40, B 0-45", "all", "A+B, B"),  # B contains A
    ("A 0-60, B 50-120, C 55-200", "all", "A, B+C, C"),  # B alone for 5 days goes into B+C
    ("A 0-40, B 20-70, C 50-100", "all", "A, A+B, B, B+C, C"),  # neither first nor last: stays
    ("A 0-20, P 30, P 40, A 80-90, P 100", "changes", "A, Px2, A, P"),
    ("A 0-5, P 10, B 20-25, P 30, C 40-45, P 50, A 60-70, P 80", "all", "A, P, B, P, C, P, more"),
]


def read(events: str) -> list[Given]:
    """The treatments of "A 0-60, P 40"."""
    found = []
    for event in filter(None, events.split(", ")):
        letter, days = event.split(" ")
        cut = days.find("-", 1)
        start, end = (days, "") if cut < 0 else (days[:cut], days[cut + 1 :])
        found.append(Given(CODES[letter], int(start), int(end) if end else None))
    return found


def steps_in_letters(events: str, definition: PathwayDefinition) -> str:
    given = read(events)
    treatment = np.array([v.position(v.TREATMENTS, one.treatment) for one in given], dtype=np.int16)
    start = np.array([one.start for one in given], dtype=np.int32)
    end = np.array([NO_END if one.end is None else one.end for one in given], dtype=np.int32)
    steps = build_steps(np.full(len(given), 7), treatment, start, end, np.full(len(given), FOLLOW_UP_END), definition)
    words = [letters(step_code(int(units), "class").split("+"), int(times)) for units, times in zip(steps.units, steps.times, strict=True)]
    return ", ".join(words)


def letters(units: list[str], times: int) -> str:
    return "+".join(CLASSES.get(unit, unit) for unit in units) + (f"x{times}" if times > 1 else "")


@pytest.mark.parametrize(("events", "repeats", "expected"), CASES)
def test_drawn_pathways_are_told(events: str, repeats: str, expected: str) -> None:
    assert steps_in_letters(events, PathwayDefinition(repeats=repeats)) == expected


@pytest.mark.parametrize(("events", "repeats", "expected"), CASES)
def test_twin_tells_the_same(events: str, repeats: str, expected: str) -> None:
    steps = pathway(read(events), FOLLOW_UP_END, unit="class", gap=30, overlap=14, repeats=repeats, max_steps=6)
    assert ", ".join(letters(list(step.units) or ["more"], step.times) for step in steps) == expected


def test_stage_makes_one_course_of_conservative_care() -> None:
    given = PathwayDefinition(unit="stage", repeats="all")
    steps = build_steps(*(np.array(column) for column in ([1, 1, 1], [0, 4, 14], [0, 30, 60], [60, 90, NO_END], [300] * 3)), given)
    assert [step_code(int(units), "stage") for units in steps.units] == ["conservative", "surgery"]


def test_pathways_have_names() -> None:
    columns = ([1, 2, 2, 2], [0, 0, 13, 13], [0, 0, 50, 90], [60, 60, NO_END, NO_END], [300] * 4)
    steps = build_steps(*(np.array(column) for column in columns), PathwayDefinition())
    episode, number, examples = number_pathways(steps)
    names = codes_of(steps, examples[number].tolist(), PathwayDefinition())
    assert dict(zip(episode.tolist(), names, strict=True)) == {
        1: ("medication", "1"),
        2: ("medication|discectomy", "1|2"),
    }
    assert 0 not in number  # untreated
