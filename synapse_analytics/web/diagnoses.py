"""The baseline table on the page Diagnoses."""

from __future__ import annotations

import streamlit as st

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import table_one as figure
from synapse_analytics.findings.table_one import TABLE_ONE
from synapse_analytics.web import frame
from synapse_analytics.web.parts import card
from synapse_analytics.web.session import look


def table_one(released: Released) -> None:
    """The baseline table of a paper, with the standardised differences."""
    with card("table_one", TABLE_ONE.question, TABLE_ONE.reading):
        st.html(figure.table_one(released, look()))
        frame.small_print(released, "baseline_table")
        frame.save(released, "baseline_table", "table_one")
