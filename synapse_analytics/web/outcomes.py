"""The choices that every outcome shares, and the warning of regression to the mean."""

from __future__ import annotations

import streamlit as st

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.web.choices import choose, instrument, split
from synapse_analytics.web.parts import columns

STARTS = {"first_visit": "First visit"} | {term.code: f"Start: {term.label}" for term in v.TREATMENTS}


def asked_scores() -> tuple[str, str, str | None]:
    """The score, from when time is counted, and what to split by."""
    one, two, three = columns(3)
    with one:
        score = instrument()
    with two:
        index = choose("index", "Time since", STARTS, "first_visit")
    with three:
        by = split("outcome_by")
    return score, index, by


def regression_note(released: Released) -> None:
    """Warn of regression to the mean where the cohort was chosen by its baseline, and say how large it would be."""
    for row in released.tables.get("regression_to_the_mean", ()):
        if row["expected_change"] is not None:
            change = f"{row['expected_change']:+.1f}".replace("-", "\u2212")
            st.info(
                f"This cohort was chosen by its score at the first visit (band {row['band']}). Part of the change is regression to the mean: "
                f"about {change} points would be expected without any effect.",
                icon=":material/info:",
            )
