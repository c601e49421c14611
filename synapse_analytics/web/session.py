"""What one run of a page works with: the clinic that is open, the cohort, the look and the person."""

from __future__ import annotations

import streamlit as st

from synapse_analytics import access
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.figures.theme import LOOKS, Look

CLINIC, COHORT = "clinic_of_this_run", "cohort_of_this_run"


def clinic() -> Clinic:
    """The clinic the router opened for this run: the current generation under the policy of the deployment."""
    return st.session_state.get(CLINIC) or open_clinic(asker=person())


def cohort() -> Cohort:
    """The cohort the router read from the URL; everybody, where a page runs alone."""
    return st.session_state.get(COHORT) or Cohort()


def look() -> Look:
    """The colours of the mode the browser shows."""
    return LOOKS.get(st.context.theme.type or "light", LOOKS["light"])


def person() -> access.Person:
    """Who asks: until sign-in exists the one person of local mode."""
    return access.local_person()
