"""What stands above every page: banners, the cohort as a sentence with its n, and what is said where there are no patients or no data."""

from __future__ import annotations

from html import escape

import streamlit as st

from synapse_analytics import exports
from synapse_analytics.cohort import FILTERS, Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import SynapseError
from synapse_analytics.findings import words as w
from synapse_analytics.web import address, browser
from synapse_analytics.web.parts import listed
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, look

SHARED = "Numbers as they may be shared: rounded, small groups left out (policy publish)."
INSIDE = "Numbers as inside the clinic: not to be passed on (policy clinic)."
LOCAL = "Local mode: sign-in is not configured, only this computer can open this page."
LEFT = "Patients left after each filter"
# Streamlit writes white on the primary colour; no colour is dark enough for that and light enough to be read on a dark page.
READABLE = (
    '<style>[data-testid="stMultiSelect"] span[title], [data-testid="stMultiSelect"] span[title] ~ *, '
    '[data-testid="stBaseButton-primary"] * {color: #0b1118 !important}</style>'
)
# Every sheet that the browser prints says whether it may leave; without the filters beside it a chart fits on the paper.
ONLY_IN_PRINT = """<style>#printed {display: none !important}
@page {size: A4 landscape; margin: 8mm}
@media print {[data-testid="stSidebar"], [data-testid="stHeader"] {display: none !important}
#printed {display: block !important; position: fixed; bottom: 0; left: 0; right: 0; z-index: 1000000;
padding: 4px 10px; background: #fff; color: #1c2733; font-size: 11px}}</style>"""


def banners() -> None:
    """Whether the patients exist, who can open this page and whether its numbers may be passed on; always in sight."""
    with st.container(key="address_look"):  # not to be seen
        browser.watch(look().name)
    if look().name == "dark":
        st.html(READABLE)
    made_up = "Synthetic data: these patients do not exist. " if clinic().generation.synthetic else ""
    policy = SHARED if exports.may_leave(clinic().policy) else INSIDE
    strong = f'<strong style="color:{look().text}">{made_up}</strong>'
    line = f"border-left:3px solid {look().line};padding:2px 10px;font-size:13px;line-height:1.5;color:{look().quiet}"
    printed = f'{ONLY_IN_PRINT}<div id="printed">{escape(exports.stamp(clinic()))}</div>'
    with st.container(key="banner"):
        st.html(f'<div role="note" style="{line}">{strong}{LOCAL} {policy}</div>{printed}')


def sentence(cohort: Cohort, notices: tuple[str, ...], left: Released) -> None:
    """The cohort in words with its n, the patients left after each filter, and what was left out of the URL."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="cohort_sentence"):
        size = "" if left.refused else f"; {exports.how_many(left)}"
        st.markdown(f"**{plain(cohort.sentence())}**{plain(size)}", width="stretch")
        with st.popover("Who is left", icon=":material/filter_alt:", help=LEFT):
            _attrition(left)
    for notice in notices:
        st.info(plain(notice), icon=":material/info:")


def _attrition(left: Released) -> None:
    st.markdown("**Patients left after each filter**")
    if left.refused:
        st.caption(plain(left.refused))
        return
    listed([dict(row) | {"filter": _step(row["filter"])} for row in left.tables["steps"]], LEFT)
    if left.policy == "publish":
        st.caption("A step that drops only a few patients is shown together with the next.")


def _step(name: str) -> str:
    """A step in words: the filters joined in it by their labels."""
    return " and ".join(FILTERS[part].label if part in FILTERS else {"all": "Everybody"}.get(part, part) for part in name.split(" + "))


def too_few(cohort: Cohort, left: Released) -> bool:
    """True if the cohort is too small or empty; then it says why nothing is shown."""
    if left.refused:
        st.warning(plain(left.refused), icon=":material/shield:")
        st.caption("Widen the cohort: fewer filters, or more values in one.")
    elif left.n == 0:
        st.info(f"No patients match these filters. {plain(_which_emptied(left))}", icon=":material/search_off:")
    else:
        return False
    st.button("Reset all filters", key="reset_here", on_click=address.ask_about, args=(Cohort(),), disabled=not cohort.in_use())
    return True


def _which_emptied(left: Released) -> str:
    before = None
    for row in left.tables["steps"]:
        if row["patients"] == 0:
            had = "" if before is None else f" Before it there were {w.count(before)} patients."
            return f"The filter that left nobody is: {_step(row['filter'])}.{had}"
        before = row["patients"]
    return ""


def wrongly_set(error: SynapseError) -> None:
    """A page for settings that cannot be used: no number is shown, because the policy may be among the wrong settings."""
    st.title("The settings need mending", anchor=False)
    st.warning(plain(error), icon=":material/settings_alert:")
    st.caption("Nothing is shown until they are right. Mend them where the dashboard runs, then reload this page.")


def cannot_open(error: SynapseError) -> None:
    """A page for data that cannot be opened: what is wrong, and how to find another generation."""
    st.title("The data cannot be opened", anchor=False)
    st.warning(plain(error), icon=":material/database_off:")
    st.markdown(
        "This lists the generations that are kept. Run it where the dashboard was started, mend what it names and reload this page:"
    )
    st.code("python -m synapse_analytics generations", language="bash")


def nothing_loaded(error: SynapseError) -> None:
    """A page for a store without data: how to load some."""
    st.title("Welcome", anchor=False)
    st.markdown("Nothing can be shown yet.")
    st.info(plain(error), icon=":material/database:")
    st.markdown(
        "To look around with made-up patients, or to load your own bundle, run one of these where the dashboard was started and reload this page:"
    )
    st.code("python -m synapse_analytics load sample_data\npython -m synapse_analytics load PATH/TO/YOUR/BUNDLE", language="bash")
    st.caption("A bundle is a folder or .zip of CSV files without names, record numbers or dates. Nothing leaves this computer.")
