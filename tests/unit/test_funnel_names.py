"""Names beside the dots of a funnel: none meets another name or a dot, whatever the width of the page, and none leaves the drawing."""

from __future__ import annotations

import random
from itertools import combinations, cycle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.figures import funnel, labels
from synapse_analytics.figures.theme import LIGHT, SMALLEST
from tests.odd_codes import CLINICIANS
from tests.unit.leadership_answers import funnel_of, units

BOX = labels.Box((0.0, 100.0), (0.0, 10.0), funnel.HEIGHT - funnel.AROUND, funnel.WIDTHS)
WIDTHS = (140.0, 200.0, 330.0, 500.0, 730.0, 1000.0, 1400.0)
Points = list[tuple[float, float, str]]
Rectangle = tuple[float, float, float, float]
ANY = st.lists(st.tuples(st.floats(5, 95), st.floats(0.2, 9.8), st.sampled_from(["C01", "Smaller ones together"])), max_size=40)


def drawn(points: Points, placed: dict[int, labels.Place], width: float) -> tuple[dict[int, Rectangle], list[Rectangle]]:
    """Names and dots as rectangles in a drawing of this width, reckoned anew."""
    size = labels.letter(len(points))
    at = [(x / 100 * width, y / 10 * BOX.height) for x, y, _ in points]
    dots = [(x - labels.POINT, y - labels.POINT, x + labels.POINT, y + labels.POINT) for x, y in at]
    names = {}
    for number, place in placed.items():
        x, y, wide, tall = at[number][0] + place.right, at[number][1] + place.above, size * 7 / 12 * len(points[number][2]), size * 1.25
        names[number] = (x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)
    return names, dots


def overlap(one: Rectangle, other: Rectangle) -> bool:
    hair = 1e-6
    return one[0] < other[2] - hair and other[0] < one[2] - hair and one[1] < other[3] - hair and other[1] < one[3] - hair


def check(points: Points, placed: dict[int, labels.Place]) -> None:
    for width in WIDTHS:
        names, dots = drawn(points, placed, width)
        assert not any(overlap(one, other) for one, other in combinations(names.values(), 2))
        assert not any(overlap(name, dot) for name in names.values() for dot in dots)
        for left, low, right, high in names.values():
            assert min(left, low) >= -1e-6
            assert right <= width + 1e-6
            assert high <= BOX.height + 1e-6


def crossed(points: Points, placed: dict[int, labels.Place], width: float) -> int:
    """How many lines from a dot to its name lead over another dot or over a name, in a drawing of this width."""
    names, dots = drawn(points, placed, width)
    found = 0
    for number, place in placed.items():
        x, y = points[number][0] / 100 * width, points[number][1] / 10 * BOX.height
        here = [dot for dot in dots if not dot[0] <= x <= dot[2] or not dot[1] <= y <= dot[3]]
        others = [*here, *(name for other, name in names.items() if other != number)]
        steps = [(x + part * place.right, y + part * place.above) for part in np.linspace(0.1, 1, 40)] if place.line else []
        found += any(left <= px <= right and low <= py <= high for px, py in steps for left, low, right, high in others)
    return found


@given(ANY)
def test_names_do_not_collide(points: Points) -> None:
    check(points, labels.labels(BOX, points, range(len(points))))


@pytest.mark.parametrize("spread", [40.0, 12.0, 4.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_line_leads_to_one_dot_only(spread: float, seed: int) -> None:
    """Of forty units most have a name, however close they lie; a later name may stand on an earlier line, at most here and there."""
    chance = random.Random(seed)
    points = [
        (min(95.0, max(5.0, chance.gauss(50, spread))), min(9.7, max(0.3, chance.gauss(5, 1.2))), f"C{unit:02d}") for unit in range(40)
    ]
    placed = labels.labels(BOX, points, range(40))
    check(points, placed)
    assert len(placed) >= 18
    assert max(crossed(points, placed, width) for width in WIDTHS) <= 6


def test_one_alone_is_named_beside_itself() -> None:
    assert not labels.labels(BOX, [(50.0, 5.0, "C01")], [0])[0].line


def test_names_that_matter_are_never_left_out() -> None:
    crowd = [(50.0, 5.0, "Smaller ones together and a very long name that nothing has room for")] * 60
    assert set(labels.labels(BOX, crowd, range(60), always=60)) == set(range(60))


def test_letters_are_never_too_small() -> None:
    assert all(labels.letter(names) >= SMALLEST for names in (1, 20, 21, 40))


@pytest.mark.parametrize("by", ["clinician", "site"])
@pytest.mark.parametrize("version", ["crude", "adjusted"])
def test_every_unit_of_the_sample_is_named(sample_clinic: Clinic, by: str, version: str) -> None:
    answer = analyses.answer(sample_clinic, "funnel", by=by)
    notes = funnel.funnel(answer, LIGHT, version=version)["layout"]["annotations"]
    assert {row["group"] for row in answer.tables["units"]} <= {note["text"] for note in notes}


def named(rows: list[dict[str, Any]]) -> tuple[set[str], str]:
    """The names beside dots, and the sentence about those that have none."""
    texts = [note["text"] for note in funnel.funnel(funnel_of(rows), LIGHT)["layout"]["annotations"]]
    rest = [text for text in texts if "not named here" in text]
    return {text for text in texts if text in set(funnel.short_names([row["group"] for row in rows]))}, " ".join(rest).replace("<br>", " ")


@pytest.mark.parametrize("count", [2, 12, 20, 21, 40, 41, 90])
def test_every_unit_can_be_found_without_a_hover(count: int) -> None:
    chance = np.random.default_rng(1)
    rows = units([(f"C{unit:02d}", float(chance.uniform(12, 95)), float(chance.normal(3, 0.1)), None) for unit in range(count)])
    beside, rest = named(rows)
    missing = {row["group"] for row in rows} - beside
    assert not missing or count > labels.MANY
    assert not beside or count <= funnel.NAMED
    if len(missing) > funnel.LISTED:
        assert rest.split(" above")[0].endswith(f"{len(missing)} more, all in the table")
    assert all(name in rest for name in missing) or len(missing) > funnel.LISTED


@pytest.mark.parametrize("count", [12, 26, 60])
def test_who_lies_outside_is_named_whatever_the_code(count: int) -> None:
    """Long and odd codes, all of one size, so that their dots lie upon each other."""
    codes = [f"{start}{unit:02d}" for unit, start in zip(range(count), cycle((*CLINICIANS, "Surgeon_of_the_north_wing-")))]
    rows = units([(code, 95.0, 3.6 if unit % 9 == 8 else 3.02, "above" if unit % 9 == 8 else None) for unit, code in enumerate(codes)])
    beside, _ = named(rows)
    assert set(funnel.short_names(codes)[8::9]) <= beside
    assert all(len(name) <= funnel.LONGEST for name in beside)


def test_names_that_differ_in_the_middle_keep_it() -> None:
    names = ["Surgeon_of_north_the_wing", "Surgeon_of_south_the_wing"]
    assert funnel.short_names(names) == names
    assert funnel.short_names([names[0], "C01", "Smaller ones together"]) == ["Surgeon_\u2026_the_wing", "C01", "Smaller ones"]
