"""The words of the page Export about one row."""

from __future__ import annotations

from synapse_analytics.web import export


def test_one_row_is_left_out_in_the_singular() -> None:
    assert export._left_out(1).startswith("1 more row is left out: a value that a filter asks for is blank in it")
    assert export._left_out(1_200).startswith("1,200 more rows are left out: a value that a filter asks for is blank in them")
