"""Buttons that save what was released; the file is made when the button is pressed."""

from __future__ import annotations

import streamlit as st

from synapse_analytics import exports
from synapse_analytics.disclosure import Released


def aggregate_button(released: Released, table: str, key: str) -> None:
    """Save a released table as CSV."""
    st.download_button(
        "Download CSV",
        data=lambda: exports.table_bytes(released, table, "csv"),
        file_name=exports.file_name(released, table, "csv"),
        mime="text/csv",
        key=f"save_{key}_{table}",
        on_click="ignore",
        icon=":material/download:",
    )
