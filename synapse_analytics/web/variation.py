"""The table of all verdicts, and how a funnel is adjusted for the mix of patients."""

from __future__ import annotations

import streamlit as st

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import indicators
from synapse_analytics.web import frame
from synapse_analytics.web.parts import card, say
from synapse_analytics.web.session import look


def case_mix_note(released: Released) -> None:
    """How the adjusted version of a funnel is made, if it has one."""
    if any(row["version"] == "adjusted" for row in released.tables["limits"]):
        say(released.tables["summary"][0]["model"])


def verdict_table(released: Released) -> None:
    """Every indicator with its value, its target and the verdict of its control chart."""
    words = (
        "By theme, in the order they are declared; nothing here is a rank. Variation and target are read from each control chart, "
        "by the period that is named."
    )
    with card("indicators", "How does every indicator stand?", words):
        st.html(indicators.by_theme(released, look()))
        if released.withheld:
            say(f"{released.withheld:,} numbers are withheld: too few patients.")
        frame.save(released, "indicators", "indicators")
