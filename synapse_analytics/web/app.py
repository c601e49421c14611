"""The router: Streamlit runs this file. It knows the pages, draws what stands above them and gives them the cohort."""

from __future__ import annotations

from copy import copy
from pathlib import Path

import streamlit as st

from synapse_analytics.access import may_see, needed
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed, NothingLoaded, StoreError, SynapseError, UsageError
from synapse_analytics.places import page_file
from synapse_analytics.web import address, first_minute, frame, heading, link, permitted, refusal, saved_cohorts, undo, who
from synapse_analytics.web.cohort_bar import cohort_bar
from synapse_analytics.web.cohort_row import cohort_row
from synapse_analytics.web.menu import MENU, WITHOUT_COHORT, heading_of
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import COHORT, clinic, cohort, is_outdated, open_anew, person, wrongly_set
from synapse_analytics.web.turns import turn

FIRST = next(iter(MENU))
ICON = Path(__file__).parent / "icon.png"  # of the browser tab: the icon of a page would be fetched from Google


def main() -> None:
    """One run: first what stands above and beside every page, then the page."""
    st.set_page_config(page_icon=ICON, layout="wide", initial_sidebar_state="auto")  # no title here: it would override each page's own
    if link.OPENED not in st.session_state:
        link.opened({name: st.query_params.get_all(name) for name in st.query_params})
    address.note_link()
    if wrong := wrongly_set():
        heading.wrongly_set(wrong)
        return
    if who.is_nobody():
        return
    page = _navigation()
    try:
        open_anew()
    except NothingLoaded as error:
        first_minute.nothing_loaded(error)
    except StoreError as error:
        heading.cannot_open(error)
    except UsageError as error:
        heading.wrongly_set(error)
    else:
        with turn():
            _run(page)
        return
    who.signed_in()  # where nothing can be shown there is a way out, too


def _navigation() -> st.Page:
    return st.navigation(
        [
            st.Page(
                page_file(name),
                title=entry.word,
                icon=f":material/{entry.icon}:" if entry.icon else None,
                url_path=name,
                default=name == FIRST,
                visibility="visible" if may_see(person(), name) else "hidden",
            )
            for name, entry in MENU.items()
        ],
        position="top",
    )


def _run(page: st.Page) -> None:
    name = page.url_path or FIRST
    address.arrive(name)
    asked, notices = address.read_cohort()
    st.session_state[COHORT] = asked
    undo.remember(asked)
    if name not in WITHOUT_COHORT:
        cohort_bar(asked)
    left = _left(frame.EVERYBODY if name in WITHOUT_COHORT else asked)
    counted = None if isinstance(left, SynapseError) else left
    heading.line(counted)
    st.title(heading_of(name), anchor=False)
    if name not in WITHOUT_COHORT:
        cohort_row(asked, counted)
    link.banner(notices)
    _body(page, left)
    heading.foot()


def _left(asked: Cohort) -> Released | SynapseError:
    """The patients that the filters leave, or why nobody says."""
    try:
        return frame.ask("attrition", of=asked)
    except SynapseError as error:
        return error


@st.fragment
def _body(page: st.Page, left: Released | SynapseError) -> None:
    """What a tab or an option of the page changes: a click on one draws this anew, and not what stands around it."""
    if is_outdated():
        st.rerun()
    try:
        with turn():
            _answer(page, left)
    except NotAllowed as error:
        refusal.page(error)
    except SynapseError as error:
        st.warning(plain(error), icon=":material/info:")
    if link.has_news():
        st.rerun()  # with all that was not applied in the banner above


def _answer(page: st.Page, left: Released | SynapseError) -> None:
    name = page.url_path or FIRST
    permitted.check(person(), needed(name), name, clinic().home)
    if isinstance(left, SynapseError):
        raise left
    saved_cohorts.notice(cohort(), left)
    if page.url_path in WITHOUT_COHORT or not heading.too_few(cohort(), left):
        copy(page).run()  # Streamlit runs a page once; a fragment is run again and again


main()
