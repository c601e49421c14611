"""Reports: masked values, complete counts, a bounded list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics.bundle.problems import LISTED_PER_RULE, Place, Report, mask, shown_name
from synapse_analytics.bundle.rules import RULES


@pytest.mark.parametrize(
    ("text", "masked"), [("9812345645", "98******45"), ("", ""), ("93", "**"), ("Mumbai", "******"), ("Chennai", "C*****i")]
)
def test_values_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@given(st.text(min_size=1, max_size=100))
def test_no_mask_shows_a_value(text: str) -> None:
    masked = mask(text)
    assert masked != text or set(text) == {"*"}
    assert len(masked.replace("*", "")) <= 4
    assert masked.isprintable()


def test_long_lists_are_cut_and_counted() -> None:
    report = Report()
    for row in range(LISTED_PER_RULE + 5):
        report.add("orphan", Place("scores.csv", row + 2, row + 1, "episode_id"), "E999")
    report.count("orphan", 7)
    assert report.counts["orphan"] == LISTED_PER_RULE + 12
    assert len(report.problems) == LISTED_PER_RULE
    assert report.room("orphan") == 0


@pytest.mark.parametrize("name", ["9876543210", "a\nb", "+91", "x" * 80])
def test_odd_names_are_masked(name: str) -> None:
    assert shown_name(name) != name


def test_every_rule_has_a_sentence() -> None:
    assert all(rule.sentence.endswith(".") and rule.name == name for name, rule in RULES.items())
