"""Items in, scores out: nothing is imputed, nothing is clipped, and a score that the source states is held against the calculated one."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synapse_analytics.intake.scoring.eq5d import DECREMENTS, eq5d5l_index, levels_of_profiles
from synapse_analytics.intake.scoring.odi import answered_items, odi
from synapse_analytics.intake.scoring.scale import rescaled
from synapse_analytics.intake.scoring.scored import Scored, half_up
from synapse_analytics.intake.scoring.stated import stated_against_computed, why_they_differ

NONE = math.nan
A_FEW = settings(max_examples=40, deadline=None)


def judged(scored: Scored) -> list[float | str]:
    """Each row's score, or why it has none."""
    rows = zip(scored.values.tolist(), scored.too_few.tolist(), scored.out_of_range.tolist(), strict=True)
    return ["out of range" if wrong else "too few" if few else "no answer" if math.isnan(value) else value for value, few, wrong in rows]


def rounded(value: Decimal, decimals: int) -> float:
    return float(value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("items", "score"),
    [
        ([0] * 10, 0.0),
        ([5] * 10, 100.0),
        ([1, 2, 3, 2, 1, 2, 3, 2, 1, 2], 38.0),
        ([3] * 9 + [NONE], 60.0),  # 27 of 45: the section left out lessens the highest sum
        ([2] * 8 + [3] + [NONE], 42.22),
        ([1] * 7 + [2] + [NONE] * 2, 22.5),  # eight answers are enough
        ([2] * 7 + [NONE] * 3, "too few"),
        ([NONE] * 10, "no answer"),
        ([2] * 9 + [6], "out of range"),
        ([2] * 9 + [-1], "out of range"),
        ([2] * 9 + [2.5], "out of range"),
        ([2] * 9 + [math.inf], "out of range"),
        ([9] + [NONE] * 9, "out of range"),
    ],
)
def test_odi_of_ten_items(items: list[float], score: float | str) -> None:
    assert judged(odi(np.array([items], dtype=float), coded="0-5")) == [score]


@pytest.mark.parametrize(("items", "score"), [([1] * 10, 0.0), ([6] * 10, 100.0), ([2] * 9 + [0], "out of range")])
def test_odi_of_items_coded_from_one(items: list[float], score: float | str) -> None:
    assert judged(odi(np.array([items], dtype=float), coded="1-6")) == [score]


def naive_odi(items: list[float | None], low: int) -> float | str:
    given_items = [item for item in items if item is not None]
    if any(item - low not in {0, 1, 2, 3, 4, 5} for item in given_items):
        return "out of range"
    if not given_items:
        return "no answer"
    if len(given_items) < 8:
        return "too few"
    return rounded(Decimal(sum(int(item) - low for item in given_items) * 100) / Decimal(5 * len(given_items)), 2)


ITEM = st.sampled_from([0, 1, 2, 3, 4, 5] * 8 + [None, None, 6, 0.5])


@A_FEW
@given(st.lists(st.lists(ITEM, min_size=10, max_size=10), min_size=1, max_size=20), st.sampled_from(["0-5", "1-6"]))
def test_odi_agrees_with_plain_python(rows: list[list[float | None]], coded: str) -> None:
    assert judged(odi(np.array(rows, dtype=float), coded=coded)) == [naive_odi(row, int(coded[0])) for row in rows]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("profile", "index"),
    [  # the published states: see eq5d.py
        ("11111", 1.0),
        ("12121", 0.897),
        ("31111", 0.901),
        ("41111", 0.746),
        ("51111", 0.613),
        ("12345", 0.223),
        ("34521", 0.224),
        ("55555", -0.923),
        ("1111", "out of range"),
        ("11116", "out of range"),
        ("21 232", "out of range"),
        ("٢١٢٣٢", "out of range"),
        (None, "no answer"),
    ],
)
def test_eq5d5l_index_of_a_profile(profile: str | None, index: float | str) -> None:
    assert judged(eq5d5l_index(levels_of_profiles(pa.array([profile], pa.string())))) == [index]


@pytest.mark.parametrize(
    ("levels", "index"),
    [
        ([1, 1, 1, 1, NONE], "too few"),
        ([NONE] * 5, "no answer"),
        ([0, 1, 1, 1, 1], "out of range"),
        ([1, 1, 1.5, 1, 1], "out of range"),
        ([6, NONE, NONE, NONE, NONE], "out of range"),
    ],
)
def test_eq5d5l_index_needs_five_levels(levels: list[float], index: str) -> None:
    assert judged(eq5d5l_index(np.array([levels], dtype=float))) == [index]


PUBLISHED = """
2  -0.0496623  -0.0512558  -0.0454892  -0.0513593  -0.0162728
3  -0.0988915  -0.1305876  -0.0886009  -0.1255064  -0.0626321
4  -0.2541657  -0.3014405  -0.2415260  -0.3897716  -0.1635654
5  -0.3874732  -0.3798653  -0.3239096  -0.5842377  -0.2470492
"""  # level, then mobility, self-care, usual activities, pain, anxiety; copied from the source a second time


def test_decrements_are_those_of_the_source() -> None:
    rows = [[float(text) for text in line.split()[1:]] for line in PUBLISHED.split("\n") if line]
    assert DECREMENTS.tolist() == [[0.0] * 5, *rows]


@A_FEW
@given(st.lists(st.lists(st.integers(1, 5), min_size=5, max_size=5), min_size=1, max_size=20))
def test_eq5d5l_index_agrees_with_plain_python(rows: list[list[int]]) -> None:
    def naive(levels: list[int]) -> float:
        return rounded(1 + sum(Decimal(repr(float(DECREMENTS[level - 1, place]))) for place, level in enumerate(levels)), 3)

    assert eq5d5l_index(np.array(rows, dtype=float)).values.tolist() == [naive(row) for row in rows]
    profiles = pa.chunked_array([pa.array(["".join(map(str, row)) for row in rows])])
    assert levels_of_profiles(profiles).tolist() == rows


@pytest.mark.parametrize(
    ("value", "raw", "instrument", "score"),
    [
        (73, (0, 100), "nrs_pain", 7.3),
        (72.5, (0, 100), "nrs_back", 7.3),  # half a decimal goes up
        (0.345, (0, 1), "nrs_leg", 3.5),
        (0.45, (0, 1), "odi", 45.0),
        (0.335, (0, 1), "eq_vas", 34.0),
        (7, (0, 10), "nrs_buttock", 7.0),
        (100, (0, 100), "nrs_pain", 10.0),
        (101, (0, 100), "nrs_pain", "out of range"),
        (-0.1, (0, 100), "nrs_pain", "out of range"),
        (2, (10, 0), "nrs_pain", 8.0),  # a scale of relief: 10 is no pain
        (math.inf, (0, 100), "nrs_pain", "out of range"),
        (NONE, (0, 100), "nrs_pain", "no answer"),
    ],
)
def test_score_on_another_scale(value: float, raw: tuple[float, float], instrument: str, score: float | str) -> None:
    assert judged(rescaled(np.array([value], dtype=float), raw, instrument)) == [score]


@A_FEW
@given(st.lists(st.decimals(-9999, 9999, places=4), min_size=1, max_size=30), st.integers(0, 3))
def test_half_goes_up_as_people_do_it(values: list[Decimal], decimals: int) -> None:
    assert half_up(np.array([float(value) for value in values]), decimals).tolist() == [rounded(value, decimals) for value in values]


@pytest.mark.parametrize(
    ("value", "decimals", "result"), [(1.005, 2, 1.01), (0.285, 2, 0.29), (2.5, 0, 3), (-2.5, 0, -3), (-0.0005, 3, -0.001), (2.4999, 0, 2)]
)
def test_half_that_binary_numbers_cannot_hold_goes_up(value: float, decimals: int, result: float) -> None:
    assert half_up(np.array([value]), decimals).tolist() == [result]


COMPUTED = np.array([44.44, 20.0, 62.0, 38.0, 80.0, NONE])


def test_rounding_is_no_conflict() -> None:
    rounded_ones = np.array([44.0, 20.0, 61.0, 40.0, NONE, 12.0])
    assert stated_against_computed(rounded_ones, COMPUTED, "odi").tolist() == [False, False, False, True, False, False]
    assert stated_against_computed(np.array([0.9, 0.89]), np.array([0.895, 0.897]), "eq5d5l_index").tolist() == [False, True]
    assert stated_against_computed(np.array([7.0, 8.0]), np.array([6.5, 7.4]), "nrs_pain").tolist() == [False, True]


ANSWERED = np.array([9, 10, 9, 10, 8, 0])


@pytest.mark.parametrize(
    ("stated", "computed", "instrument", "says"),
    [
        (COMPUTED - 20, COMPUTED, "odi", "coded 1-6, but read as 0-5"),
        (COMPUTED + 20, COMPUTED, "odi", "coded 0-5, but read as 1-6"),
        (np.round(COMPUTED * ANSWERED / 20), COMPUTED, "odi", "sum of the items"),
        (COMPUTED * ANSWERED / 10, COMPUTED, "odi", "without an answer as 0"),
        (COMPUTED / 100, COMPUTED, "odi", "fraction from 0 to 1"),
        (COMPUTED, COMPUTED / 10, "nrs_leg", "millimetres"),
        (np.array([1, 0.7, 0.5, -0.2]), np.array([1, 0.8, 0.65, 0.1]), "eq5d5l_index", "another value set"),
        (np.array([30.0, 70, 20, 90, 60, 1]), COMPUTED, "odi", ""),
        (np.array([10.0, 20, 62, 38, 60, 1]), COMPUTED, "odi", ""),  # two conflicts are no pattern
        (np.array([0.9, 0.7, 0.5, -0.2]), np.array([1, 0.8, 0.65, 0.1]), "eq5d5l_index", ""),
    ],
)
def test_one_cause_of_all_conflicts_is_named(stated: np.ndarray, computed: np.ndarray, instrument: str, says: str) -> None:
    why = why_they_differ(stated, computed, instrument, ANSWERED if instrument == "odi" else None)
    assert says in why
    assert bool(why) is bool(says)


def test_misread_items_are_found_from_the_items() -> None:
    items = np.random.default_rng(1).integers(1, 6, (40, 10)).astype(float)
    items[::4, 3] = NONE
    stated, misread = odi(items, coded="1-6").values, odi(items, coded="0-5").values
    assert "coded: 1-6" in why_they_differ(stated, misread, "odi", answered_items(items))


@pytest.mark.parametrize("wrong", [lambda: odi(np.zeros((2, 9)), coded="0-5"), lambda: eq5d5l_index(np.zeros((2, 4)))])
def test_wrong_number_of_items_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match="in each row"):
        wrong()


def test_scale_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="differ"):
        rescaled(np.zeros(2), (5, 5), "odi")
