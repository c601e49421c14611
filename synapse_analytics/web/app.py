"""The router: Streamlit runs this file. It knows the pages, draws what stands above them and gives them the cohort."""

from __future__ import annotations

from copy import copy
from pathlib import Path

import streamlit as st

from synapse_analytics.access import may_see
from synapse_analytics.errors import NotAllowed, NothingLoaded, StoreError, SynapseError, UsageError
from synapse_analytics.web import address, frame, heading, refusal, saved_cohorts
from synapse_analytics.web.cohort_bar import cohort_bar
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import COHORT, cohort, is_outdated, open_anew, person
from synapse_analytics.web.turns import turn

PAGES = Path(__file__).resolve().parents[2] / "pages"
ICONS = {  # by the name of the page, in the order of the menu
    "overview": "dashboard",
    "diagnoses": "stethoscope",
    "pathways": "route",
    "outcomes": "trending_down",
    "compare_treatments": "compare_arrows",
    "patients_like_mine": "group",
    "variation": "monitoring",
    "export": "download",
    "data": "database",
    "methods": "menu_book",
}
ICON = Path(__file__).parent / "icon.png"  # of the browser tab: the icon of a page would be fetched from Google
WITHOUT_COHORT = ("data", "methods")  # these pages are shown even where a cohort is too small to be shown


def main() -> None:
    """One run: first what stands above and beside every page, then the page."""
    st.set_page_config(page_icon=ICON, layout="wide", initial_sidebar_state="auto")  # no title here: it would override each page's own
    page = _navigation()
    try:
        open_anew()
    except NothingLoaded as error:
        heading.nothing_loaded(error)
    except StoreError as error:
        heading.cannot_open(error)
    except UsageError as error:
        heading.wrongly_set(error)
    else:
        with turn():
            _run(page)


def _navigation() -> st.Page:
    return st.navigation(
        [
            st.Page(
                PAGES / f"{name}.py",
                title=name.replace("_", " ").capitalize(),
                icon=f":material/{icon}:",
                url_path=name,
                default=name == "overview",
            )
            for name, icon in ICONS.items()
            if may_see(person(), name)
        ],
        position="top",
    )


def _run(page: st.Page) -> None:
    asked, notices = address.read_cohort()
    st.session_state[COHORT] = asked
    cohort_bar(asked)
    heading.banners()
    st.title(page.title, anchor=False)
    _body(page, notices)


@st.fragment
def _body(page: st.Page, notices: tuple[str, ...]) -> None:
    """What a tab or an option of the page changes: a click on one draws this anew, and not what stands around it."""
    if is_outdated():
        st.rerun()
    try:
        with turn():
            _answer(page, notices)
    except NotAllowed as error:
        refusal.page(error)
    except SynapseError as error:
        st.warning(plain(error), icon=":material/info:")


def _answer(page: st.Page, notices: tuple[str, ...]) -> None:
    left = frame.ask("attrition")
    heading.sentence(cohort(), notices, left)
    saved_cohorts.notice(cohort(), left)
    if page.url_path in WITHOUT_COHORT or not heading.too_few(cohort(), left):
        copy(page).run()  # Streamlit runs a page once; a fragment is run again and again


main()
