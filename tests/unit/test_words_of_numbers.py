"""A number in a sentence is never none or all where it is neither, and what is clear stays clear with its digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics.findings import words as w


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.764, "76 %"),
        (0.004, "0.4 %"),
        (0.996, "99.6 %"),
        (0.0003, "0.03 %"),
        (0.9997, "99.97 %"),
        (0.99996, "99.996 %"),
    ],
)
def test_a_share_has_the_digits_it_needs(value: float, said: str) -> None:
    assert w.share(value) == said


@given(st.integers(1, 1_000_000), st.data())
def test_a_share_is_none_or_all_only_where_it_is(of: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, of))
    said = float(w.share(n / of).removesuffix(" %"))
    assert (said == 0, said == 100) == (n == 0, n == of)
    few, _, hundred = w.of_hundred(n, of, n / of).partition(" of ")
    assert (few in ("0", "none"), few == hundred) == (n == 0, n == of)
    assert abs(said - 100 * n / of) <= 0.5


def test_all_but_one_are_not_all() -> None:
    assert w.of_hundred(999, 1000, 0.999) == "more than 99 of 100"
    assert w.of_hundred(1000, 1000, 1.0) == "100 of 100"
