"""The choices that outcomes share, and the warning of regression to the mean."""

from __future__ import annotations

from typing import Any

import streamlit as st

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures.panels import MOST
from synapse_analytics.findings import words
from synapse_analytics.findings.compared import in_order
from synapse_analytics.web.choices import choose, instrument, split
from synapse_analytics.web.parts import columns

Asked = dict[str, Any]  # options of an answer
STARTS = {"first_visit": "First visit"} | {term.code: f"Start of {v.inside(term.label)}" for term in v.TREATMENTS}


def asked_scores() -> Asked:
    """The score, from when time is counted, and what to split by."""
    one, two, three = columns(3)
    with one:
        score = instrument()
    with two:
        index = choose("index", "Time since", STARTS, "first_visit")
    with three:
        by = split("outcome_by")
    return {"instrument": score, "index": index, "by": by}


def chosen_group(released: Released) -> str:
    """The group that is shown before all others, of more groups than have a panel; empty: the largest, a panel each."""
    by = released.options.get("by")
    groups = in_order(next(iter(released.tables.values()), ()), "group")
    if len(groups) <= MOST:
        return ""
    names = {"": f"The {MOST} largest groups"} | {group: words.group(by, group) for group in groups}
    return choose("shown", "Groups shown", names, "")


def regression_note(released: Released) -> None:
    """Warn of regression to the mean where the cohort was chosen by its baseline, and say how large it would be."""
    for row in released.tables.get("regression_to_the_mean", ()):
        if row["expected_change"] is not None:
            change = f"{row['expected_change']:+.1f}".replace("-", "\u2212")
            st.info(
                f"These patients were chosen by their score at the first visit ({row['band']}). Part of the change is regression to the mean: "
                f"about {change} points would be expected without any effect of treatment.",
                icon=":material/info:",
            )
