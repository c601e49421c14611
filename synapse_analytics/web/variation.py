"""The matrix and the table of all verdicts, the funnels of sites and clinicians, and what is said where there are none."""

from __future__ import annotations

from functools import partial

import streamlit as st

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import funnel, indicators
from synapse_analytics.figures.verdict_matrix import matrix
from synapse_analytics.findings import funnel as says
from synapse_analytics.findings.indicators import standing
from synapse_analytics.indicators import NAMES
from synapse_analytics.web import address, browser, frame, refusal
from synapse_analytics.web.choices import allowed_splits
from synapse_analytics.web.indicators import CHART
from synapse_analytics.web.parts import card, say
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import look

UNITS = {"clinician": "Clinicians", "site": "Sites"}
MATRIX = "verdict_matrix"  # its key
INSIDE_ONLY = "Sites and clinicians are compared inside the clinic only. The other two tabs may be shared."
GO_BACK = "To compare them here, switch to the numbers for use inside the clinic."
ASK_INSIDE = "This dashboard shows only numbers to share; a colleague who sees the numbers for use inside the clinic can compare them."


def every_indicator(released: Released, chosen: str) -> None:
    """All indicators by course and target; a click opens the chart of one under them."""
    said = standing(released)
    with card("verdicts", said.question, said.answer):
        if said.drawn:
            html = matrix(released, look(), chosen=chosen, opens=f"card_{CHART}")
            browser.linked(html, MATRIX, partial(_opened, MATRIX))
            say(
                "Better and worse: the indicator has changed in its latest two years by more than chance, compared with its own level before. "
                "Among so many indicators, one will sometimes change by chance alone. Click on a name to see its chart below."
            )


def _opened(key: str) -> None:
    """Callback: the indicator that was clicked on becomes that of the URL; what is no indicator is ignored."""
    name = browser.chosen_code(key)
    if name in NAMES:
        address.write("indicator", name)


def verdict_table(released: Released) -> None:
    """Every indicator with its value, its target and the verdict of its control chart, behind the matrix."""
    part = st.expander("All indicators as a list", key="verdict_list", on_change="rerun", icon=":material/list:")
    if not part.open:
        return
    with part:
        say("By theme; the order is no ranking. Values are for all years.")
        st.html(indicators.by_theme(released, look()))
        frame.save(released, "indicators", "indicators")


def may_compare_units() -> bool:
    """True if the policy in force allows to compare sites and clinicians; else it is said what to do."""
    if set(UNITS) <= set(allowed_splits()):
        return True
    st.info(plain(f"{INSIDE_ONLY} {GO_BACK if address.policy_asked() else ASK_INSIDE}"), icon=":material/shield:")
    refusal.way_back()
    return False


def funnels(released: Released) -> None:
    """The funnel as it is, and below it on the same axes with the same mix of patients; the second only where the first shows something."""
    frame.show(funnel.funnel, released, table="units", key="funnel_crude", version="crude")
    if says.funnel(released).drawn:
        frame.show(funnel.funnel, released, table="units", key="funnel_adjusted", version="adjusted")
        case_mix_note(released)


def case_mix_note(released: Released) -> None:
    """How the adjusted version of a funnel is made, if it has one."""
    if any(row["version"] == "adjusted" for row in released.tables["limits"]):
        say(released.tables["summary"][0]["model"])
