"""A number in a sentence is never none or all where it is neither, and what is clear stays clear with its digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics.findings import words as w
from synapse_analytics.findings.early_and_late import _of_100
from synapse_analytics.findings.injection_before_surgery import difference


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.764, "76 %"),
        (0.004, "0.4 %"),
        (0.996, "99.6 %"),
        (0.0003, "under 0.1 %"),
        (0.9997, "over 99.9 %"),
        (0.99996, "over 99.9 %"),
    ],
)
def test_a_share_has_the_digits_it_needs(value: float, said: str) -> None:
    assert w.share(value) == said


@given(st.integers(1, 1_000_000), st.data())
def test_a_share_is_none_or_all_only_where_it_is(of: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, of))
    text = w.share(n / of)
    said = float(text.removesuffix(" %").removeprefix("under ").removeprefix("over "))
    assert (said == 0, said == 100) == (n == 0, n == of)
    assert (text.startswith("under"), text.startswith("over")) == (0 < n / of < 0.0005, 0.9995 <= n / of < 1)
    few, _, hundred = w.of_hundred(n, of, n / of).partition(" of ")
    assert (few in ("0", "none"), few == hundred) == (n == 0, n == of)
    assert abs(said - 100 * n / of) <= 0.5


def test_all_but_one_are_not_all() -> None:
    assert w.of_hundred(999, 1000, 0.999) == "more than 99 of 100"
    assert w.of_hundred(1000, 1000, 1.0) == "100 of 100"


@pytest.mark.parametrize(
    ("change", "low", "high", "said"),
    [
        (-0.2, -0.36, -0.04, "fell by 0.20 points (0.04 to 0.36)"),
        (0.04, 0.01, 0.07, "rose by 0.04 points (0.01 to 0.07)"),
        (-0.2, -0.4, 0.04, "did not clearly change: \u22120.2 points (\u22120.4 to 0.0)"),
        (-3.1, -3.4, -2.8, "fell by 3.1 points (2.8 to 3.4)"),
        (0.04, None, None, "did not change"),
    ],
)
def test_a_clear_change_has_no_limit_that_reads_as_zero(change: float, low: float | None, high: float | None, said: str) -> None:
    assert w.moved("nrs_pain", change, low, high) == said


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((0.05, 0.003, 0.1), "5.0 of 100 more (0.3 to 10.0)"),
        ((-0.05, -0.1, -0.003), "5.0 of 100 fewer (0.3 to 10.0)"),
        ((0.05, -0.003, 0.1), "5 of 100 more (0 to 10 more)"),
        ((0.05, 0.02, 0.1), "5 of 100 more (2 to 10)"),
    ],
)
def test_a_clear_difference_has_no_limit_that_reads_as_zero(ends: tuple[float, float, float], said: str) -> None:
    row = dict(zip(("difference", "low", "high"), ends, strict=True)) | {"measure": "operated", "withheld": ()}
    assert difference(row) == said


def test_patients_of_a_hundred_are_neither_none_nor_all_where_they_are_not() -> None:
    assert _of_100({"share_a": 0.002, "share_b": 0.998}) == ["fewer than 1", "more than 99"]
    assert _of_100({"share_a": 0.714, "share_b": 0.52}) == ["71", "52"]
