"""What the URL holds: the cohort and the options of a page, in codes.

Streamlit can bind a widget to the URL, but then it writes labels, not the codes of Cohort.url(), and a parameter that is
written by hand is lost when the page changes. So each parameter is bound to a hidden input that holds codes; the visible
widgets are filled from it and write to it. Back, forward, reload and links work. A parameter that neither the URL
nor this session has ever held needs no input: it would be sent with every click.

The session keeps what is in force, and what a browser says of an input counts only where somebody went back or forward: a click
that comes before the browser has drawn the inputs of a link, or before it has heard of the last click, says nothing of them or says
what they held before.
"""

from __future__ import annotations

from time import monotonic
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from synapse_analytics.clinic import deployment_policy
from synapse_analytics.cohort import FILTERS, Cohort
from synapse_analytics.cohort.filters import RANGES
from synapse_analytics.disclosure import PUBLISH
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.web.session import CLINIC, clinic, cohort

IN_FORCE = "parameters_in_force"  # in the session: every parameter that has an input, and what it holds
ARRIVED = "arrived_at"  # in the session: which page is open, and since when
SLOWEST = 20  # s in which the slowest browser has drawn what a new page shows
READ = "parameters_read"  # in the session: the options that a page has asked for
POLICY = "policy"  # the parameter that asks for the stricter policy: `policy=publish`
PICK = "pick_"  # before the name of a parameter: the key of its visible widget


def read_cohort() -> tuple[Cohort, tuple[str, ...]]:
    """The cohort of the URL, and in words which parts of the URL were ignored; the policy the URL asks for is in force afterwards."""
    with st.container(key="address"):
        notices = _put_under(_held(POLICY))
        given = {name: _held(name) for name in FILTERS}
    known = clinic().generation
    asked = urlencode({name: value for name, value in given.items() if value}, doseq=True)
    cohort, ignored = Cohort.from_url(asked, sites=known.sites, clinicians=known.clinicians)
    return cohort, (*notices, *ignored)


def note_link() -> None:
    """Keep what the link says as the first thing a session does: whoever clicks on the menu at once leaves its address before any input is drawn."""
    if IN_FORCE in st.session_state:
        return
    given = {name: st.query_params.get_all(name) for name in (*FILTERS, POLICY) if name in st.query_params}
    many = {name for name in given if name != POLICY and FILTERS[name].many}
    st.session_state[IN_FORCE] = {name: values if name in many else ",".join(values) for name, values in given.items()}


def arrive(page: str) -> None:
    """Note when a page was opened: its first clicks may come from a browser that has not drawn all of it."""
    if st.session_state.get(ARRIVED, ("", 0.0))[0] != page:
        st.session_state[ARRIVED] = (page, monotonic())


def _put_under(asked: str) -> tuple[str, ...]:
    """Put this run under the policy the URL asks for, if it is the stricter one; any other wish gives a notice, and no weaker one is granted."""
    try:
        st.session_state[CLINIC] = clinic().under(asked) if asked else clinic()
    except NotAllowed:
        return (
            "The link asks for numbers for use inside the clinic. This dashboard shows only numbers to share, and a link cannot change that.",
        )
    except UsageError:  # who mistypes the stricter policy must not see more than was asked for
        st.session_state[CLINIC] = clinic().under(PUBLISH.name)
        return ("The link names a policy that does not exist. Numbers to share are shown instead.",)
    return ()


def policy_asked() -> bool:
    """True if the URL, and not the deployment, asked for the stricter policy."""
    return st.session_state.get(POLICY) == PUBLISH.name and deployment_policy(clinic().settings) is not PUBLISH


def _held(name: str, longest: int = 20) -> Any:
    """What the URL holds under a name: a list of codes where the filter takes many, else a text; empty where it holds nothing."""
    if not _is_known(name):
        return ""
    in_force = st.session_state.setdefault(IN_FORCE, {})
    if name in in_force and not _goes_back():  # set as if it were new, so that a browser gets it that has not drawn the input yet
        if in_force[name] and name not in st.session_state and name not in st.query_params:
            st.query_params[name] = in_force[name]  # the address was left before this was drawn for the first time
        st.session_state[name] = in_force[name]
    held: Any
    if name in FILTERS and FILTERS[name].many:
        held = st.multiselect(name, FILTERS[name].legal, key=name, bind="query-params", accept_new_options=True)
    else:
        held = st.text_input(name, key=name, bind="query-params", max_chars=longest)
    if name not in in_force or _goes_back():
        in_force[name] = held
    return in_force[name]


def _goes_back() -> bool:
    """True if this run shows an earlier or a later address of the browser: then the address says what is in force."""
    run = get_script_run_ctx()
    return run is not None and run.is_history_navigation


def _is_known(name: str) -> bool:
    """True if the URL or this session holds the parameter, or has held it: its input remembers it while another page is open."""
    return name in st.session_state or name in st.query_params or name in st.session_state.get(IN_FORCE, ())


def write(name: str, value: Any) -> None:
    """Set a parameter from a callback; an empty value removes it from the URL."""
    held = _as_held(name, value)
    if not _is_known(name):
        if not held:
            return  # nothing holds it, and nothing needs to
        st.query_params[name] = held  # an input writes to the URL only what changes after it was drawn
    st.session_state[name] = held
    st.session_state.setdefault(IN_FORCE, {})[name] = held


def _as_held(name: str, value: Any) -> Any:
    if name in FILTERS and FILTERS[name].many:
        return list(value or ())
    return "" if value is None else str(value)


def write_cohort(cohort: Cohort) -> None:
    """Set all filters from a callback."""
    for name in FILTERS:
        write(name, getattr(cohort, name))


def ask_about(cohort: Cohort) -> None:
    """Callback of a button: set all filters and draw everything anew, the filters in the sidebar too."""
    write_cohort(cohort)
    st.rerun()


def set_policy(policy: str) -> None:
    """Callback of a button: ask for a policy, the empty text for that of the deployment, and draw everything anew."""
    write(POLICY, policy)
    st.rerun()


def picked(name: str) -> None:
    """Callback of a visible widget: its value becomes the parameter. A range of the URL may be the wrong way round: its other end is set right, too."""
    write(name, st.session_state[PICK + name])
    for other in {end for ends in RANGES if name in ends for end in ends} - {name}:
        write(other, getattr(cohort(), other))


def show_as(name: str, value: Any) -> str:
    """Fill the visible widget of a parameter before it is drawn; returns its key.

    What is new is told to the browser. On a new page everything is: a click there may come before the browser has drawn the widget, which
    would then be drawn empty, and with the next click the browser would say so.
    """
    key = PICK + name
    _, since = st.session_state.get(ARRIVED, ("", 0.0))
    if key not in st.session_state or st.session_state[key] != value or monotonic() - since < SLOWEST:
        st.session_state[key] = value
    return key


def option(name: str, default: str) -> str:
    """The text of a page option as the URL holds it, else the default."""
    st.session_state.setdefault(READ, set()).add(name)
    with st.container(key=f"address_{name}"):
        return _held(name, 60) or default
