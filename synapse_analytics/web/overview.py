"""The tiles of the overview with their verdicts, and the report for print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from synapse_analytics import exports
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.figures import overview
from synapse_analytics.indicators import OVERVIEW
from synapse_analytics.web import refusal, taking
from synapse_analytics.web.parts import say
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, cohort, look


def tiles(released: Released) -> Mapping[str, Any]:
    """One bordered tile per indicator of the overview, as many beside each other as fit; returns the place of each by name."""
    rows = {row["name"]: row for row in released.tables["indicators"]}
    grid = st.grid(min_column_width=250, key="tiles", border=True)
    places = {}
    for name in OVERVIEW:
        periods = [row for row in released.tables["periods"] if row["name"] == name]
        places[name] = grid.container()
        places[name].html(overview.tile(rows[name], periods, look()))
    for note in released.notes:
        say(note)
    return places


def verdicts(places: Mapping[str, Any], released: Released) -> None:
    """Write under each tile the verdict of its control chart; verdicts take longer than tiles, which stand by then."""
    rows = {row["name"]: row for row in released.tables["indicators"]}
    for name, place in places.items():
        place.html(overview.verdict(rows[name], look()))


def report_button(released: Released) -> None:
    """Save the printable report about the cohort of this answer, for use inside the clinic or to share; nothing for a person who may not take it away."""
    if not taking.is_permitted():
        return
    part = st.expander("Report for print", key="open_report", on_change="rerun", icon=":material/print:")
    if part.open:
        with part:
            _offer(released)


def _offer(released: Released) -> None:
    handle, asked = clinic(), cohort()
    if taking.chosen("report") == taking.TO_SHARE:
        handle = handle.under("publish")
    policy = handle.policy.name
    try:
        exports.check_reportable(asked, released.n, policy=policy)
    except NotAllowed as error:
        refusal.not_to_share(error, key="report")
        return
    st.caption(plain(exports.stamp(handle)))
    st.download_button(
        "Download the report",
        data=lambda: exports.report(handle, asked, policy=policy).encode(),
        file_name=exports.report_name(handle, asked, policy),
        mime="text/html",
        key="save_report",
        on_click="ignore",
        icon=":material/print:",
        help="One file to read, print or send. It needs nothing else.",
    )
