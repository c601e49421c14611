"""Three families of colour that every eye tells apart, and nothing that a surgeon could take for "better" in the wrong place.

Thresholds are CIEDE2000, for dots of 7 px and lines of 2 px. Where two patches touch, 1 is just seen and 2.3 is seen by nearly everybody
(Mahy, Van Eycken and Oosterlinck 1994, Color Research and Application 19:105); small marks far from each other need several times that
(Szafir 2018, IEEE TVCG 24:392). So colours that alone carry a meaning keep 18 for normal sight and 12 for any other. Where a second
cue beside the colour always says the same, less is enough; EXCEPTIONS names the cue.
"""

from __future__ import annotations

import tomllib
from dataclasses import fields, is_dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.groups import ALL, GROUPINGS, NOT_RECORDED, POOLED
from synapse_analytics.disclosure import POLICIES, Question, Released, release
from synapse_analytics.figures import arms, colours, stacks, verdicts
from synapse_analytics.figures.arms import STAGES, SYMBOLS
from synapse_analytics.figures.theme import DARK, LIGHT, Look
from synapse_analytics.findings.verdicts import USUAL
from tests import colours as measured

LOOKS = pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
CARRIES = {"normal": 18.0, "other": 12.0}
CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"
LOOK = {"light": LIGHT, "dark": DARK}
PUBLISHED = (
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -1, 2), (50, 0, 0), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
)
# What stands close to each other, why it may, and how far apart it still is: for normal sight, and for any other.
EXCEPTIONS = {
    "classes of one stage": (
        "each bar and node has its name beside it; two of one stage are compared by the colour and no colour",
        10.0,
        5.5,
    ),
    "classes of different stages": ("each bar and node has its name beside it", 14.0, 8.5),
    "a diagnosis and another": ("each line, bar or panel has its name beside it", 10.0, 5.5),
    "neighbours in a bar of ends": ("parts lie in the order of the key, with an edge and their share inside", 10.0, 9.0),
    "a verdict and a class": ("verdicts are flows and ends, classes nodes with names", 14.0, 7.5),
    "a verdict and a diagnosis": ("never in one chart", 13.0, 5.0),
    "a treatment and a diagnosis": ("never in one chart", 9.0, 3.0),
    "one and a group": ("every row has its name beside it", 12.0, 8.0),
}


@pytest.mark.parametrize("kind", sorted(measured.families(LIGHT)))
@LOOKS
def test_families_are_told_apart(look: Look, kind: str) -> None:
    normal, other = EXCEPTIONS[kind][1:] if kind in EXCEPTIONS else CARRIES.values()
    for sight in measured.SIGHTS:
        nearest = measured.nearest(measured.families(look)[kind], sight)
        assert nearest.distance >= (normal if sight == "normal" else other), (sight, nearest)


def test_every_exception_is_one() -> None:
    assert set(EXCEPTIONS) < set(measured.families(LIGHT))


@LOOKS
def test_marks_stand_out(look: Look) -> None:
    """Also a pale part of a bar, by its edge, which is `same`; lines behind a panel and an interval are read with what stands before them."""
    assert not [found for found in measured.marks(look) if found[1] < measured.MARK]


@LOOKS
def test_letters_stand_out(look: Look) -> None:
    assert not [found for found in measured.texts(look) if found[1] < measured.TEXT]


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_letters_stand_out_on_any_colour(parts: tuple[int, int, int]) -> None:
    colour = "#" + "".join(f"{part:02x}" for part in parts)
    assert measured.contrast(stacks.ink(colour), colour) >= measured.TEXT


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_frame_has_the_colours_of_the_figures(mode: str) -> None:
    """What Streamlit draws: words, links and the names of chosen controls, on the page and beside it."""
    theme = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"][mode]
    assert (theme["backgroundColor"], theme["linkColor"]) == (LOOK[mode].paper, LOOK[mode].link)
    for colour in (theme["textColor"], theme["linkColor"], theme["primaryColor"]):
        for ground in (theme["backgroundColor"], theme["secondaryBackgroundColor"], *theme["sidebar"].values()):
            assert measured.contrast(colour, ground) >= measured.TEXT, (colour, ground)


@pytest.mark.parametrize("by", [by for by in GROUPINGS if by not in colours.SPLITS])
@LOOKS
def test_what_has_no_clinical_colour_has_none(look: Look, by: str) -> None:
    assert {look.colour(by, code) for code in ("S01", "pooled", "herniated_disc", "surgery", "2024", "all", NOT_RECORDED)} == {look.one}


@LOOKS
def test_whatever_can_be_split_by_a_clinical_group_has_a_colour(look: Look) -> None:
    for by, terms in (("diagnosis", v.DIAGNOSES), ("highest_stage", v.STAGES), ("first_treatment", v.TREATMENTS)):
        assert look.one not in {look.colour(by, code) for code in v.codes(terms)}
        assert look.colour(by, POOLED) == look.quiet
        assert look.colour(by, ALL) == look.one


@LOOKS
def test_only_verdicts_have_the_colours_of_verdicts(look: Look) -> None:
    said = {look.better, look.worse, look.resolved}
    others = {name: value for name in ("text", "quiet", "grid", "line", "link", "one", "same") if (value := getattr(look, name)) in said}
    assert not others
    assert not said & {look.of(shade) for shades in (colours.DIAGNOSES, colours.TREATMENTS) for shade in shades.values()}
    assert verdicts.colour_of(look, "change") == look.text  # neither better nor worse
    assert verdicts.colour_of(look, USUAL) == look.same


def compared(a: str, b: str) -> Released:
    return release(Question("compare_treatments", Cohort(), "drawn", POLICIES["clinic"], {"a": a, "b": b}, frozenset()), (100, 100), [])


@LOOKS
def test_two_treatments_are_told_apart(look: Look) -> None:
    """By colour, and by the symbol of their points; two of one stage by a colour and none."""
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)
    for a, b in permutations(STAGES, 2):
        found = arms.colours(compared(a, b), look)
        for sight in measured.SIGHTS:
            assert measured.apart(found["a"], found["b"], sight) >= (12 if sight == "normal" else 8), (a, b, sight)


def test_the_distance_is_that_of_its_paper() -> None:
    """Of the pairs of Sharma, Wu and Dalal 2005, table 1."""
    for one, other, distance in PUBLISHED:
        assert measured.ciede2000(np.array(one), np.array(other)) == pytest.approx(distance, abs=1e-4)


def test_a_confusion_is_found() -> None:
    """Red and green of equal lightness: far apart, but not without the cones for red or green."""
    red, green = "#b5482f", "#5f7d1f"
    assert measured.apart(red, green) > 40
    assert measured.apart(red, green, "deutan") < 15


def test_the_table_is_printed() -> None:
    lines = list(measured.report())
    assert sum("verdicts" in line for line in lines) == 2
    assert all(len(line) < 120 for line in lines)


def test_every_diagnosis_and_treatment_has_a_colour() -> None:
    assert set(colours.DIAGNOSES) == set(v.codes(v.DIAGNOSES))
    assert set(colours.CLASSES) == set(v.codes(v.TREATMENT_CLASSES))
    assert set(colours.STAGES) == set(v.codes(v.STAGES))
    assert set(colours.TREATMENTS) >= {*v.codes(v.TREATMENTS), *v.codes(v.STRATEGIES)}


def test_a_colour_is_no_part_of_what_is_stored() -> None:
    """A clinic need not load its data anew for another colour: none stands in the lists that the digest of a store is made of."""
    terms = [term for terms in vars(v).values() if isinstance(terms, tuple) for term in terms if is_dataclass(term)]
    assert terms
    assert not [term for term in terms if {field.name for field in fields(term)} & {"colour", "color", "shade"}]
