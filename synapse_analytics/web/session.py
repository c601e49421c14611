"""The clinic, the cohort, the look and the person of one run of a page."""

from __future__ import annotations

import streamlit as st

from synapse_analytics import access
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.errors import NotAllowed, SynapseError
from synapse_analytics.figures.theme import LOOKS, Look
from synapse_analytics.places import PROGRAM
from synapse_analytics.settings import read_settings
from synapse_analytics.store import store_home
from synapse_analytics.web.door.sessions import SESSIONS

CLINIC, COHORT = "clinic_of_this_run", "cohort_of_this_run"


def clinic() -> Clinic:
    """The clinic the router opened for this run: the current generation under the policy of the deployment."""
    return st.session_state.get(CLINIC) or _opened()


def cohort() -> Cohort:
    """The cohort the router read from the URL; everybody if a page runs without the router."""
    return st.session_state.get(COHORT) or Cohort()


def open_anew() -> None:
    """Open the current generation for this run; raises what says why there is none."""
    st.session_state[CLINIC] = _opened()


def _opened() -> Clinic:
    """Nothing is opened for nobody: who runs the file of a page, and not the dashboard, has no door before it."""
    asker = person()
    if not asker.roles:
        raise NotAllowed(f"There is no session. Start the dashboard with `{PROGRAM} serve`, and open it by its own address.")
    return open_clinic(asker=asker)


def is_outdated() -> bool:
    """True if a load, other settings, other roles or a fault came after the run that drew the whole page: it has to be drawn anew, or say why not."""
    then, asker = clinic(), person()
    if asker != then.asker:
        return True
    try:
        now = open_clinic(asker=asker)
    except SynapseError:
        return True
    return (now.generation.id, now.settings) != (then.generation.id, then.settings)


def look() -> Look:
    """The colours of the mode the browser shows."""
    return LOOKS.get(st.context.theme.type or "light", LOOKS["light"])


def wrongly_set() -> SynapseError | None:
    """What is wrong with the settings, so that they give this session no role until they are corrected; None if that is not the reason."""
    if person().roles or SESSIONS.find(str(st.user.get("session", ""))) is None:
        return None
    try:
        read_settings(store_home())
    except SynapseError as error:
        return error
    return None


def person() -> access.Person:
    """The person of this run, with the roles of this moment: that of the session the tab was opened in; nobody when it has ended."""
    return SESSIONS.person(str(st.user.get("session", ""))) if SESSIONS.needed else access.local_person()
