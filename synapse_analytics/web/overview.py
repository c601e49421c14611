"""The tiles of the overview with their verdicts, and the report for print."""

from __future__ import annotations

import streamlit as st

from synapse_analytics import exports
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.figures import overview
from synapse_analytics.indicators import OVERVIEW
from synapse_analytics.web import refusal, taking
from synapse_analytics.web.parts import say
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, cohort, look, still_allowed


def tiles(seen: Released, judged: Released) -> None:
    """One tile per indicator of the overview with the verdict of its control chart, sent as one piece."""
    with st.container(key="tiles"):
        st.html(overview.tiles(OVERVIEW, seen, judged, look()))
    for note in seen.notes:
        say(note)


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
        data=lambda: exports.report(still_allowed(handle), asked, policy=policy).encode(),
        file_name=exports.report_name(handle, asked, policy),
        mime="text/html",
        key="save_report",
        on_click="ignore",
        icon=":material/print:",
        help="One file to read, print or send. It needs nothing else.",
    )
