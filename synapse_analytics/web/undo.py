"""The cohorts that this session has asked about, one after the other, so that the last change of the filters can be taken back."""

from __future__ import annotations

import streamlit as st

from synapse_analytics.cohort import Cohort
from synapse_analytics.web import address

TRAIL = "cohorts_so_far"  # in the session; the last one is in force
LONGEST = 50  # steps back


def remember(cohort: Cohort) -> None:
    """Add the cohort of this run, if it is not the one of the run before."""
    trail = st.session_state.setdefault(TRAIL, [])
    if not trail or trail[-1] != cohort:
        trail.append(cohort)
        del trail[: -LONGEST - 1]


def can_undo() -> bool:
    """True if there was another cohort before this one."""
    return len(st.session_state.get(TRAIL, ())) > 1


def undo() -> None:
    """Callback: ask about the cohort before this one."""
    trail = st.session_state[TRAIL]
    if len(trail) > 1:
        trail.pop()
        address.write_cohort(trail[-1])
