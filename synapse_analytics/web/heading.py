"""What frames every page: a line above it, a note below it, and what is said where there are no patients or no data."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from html import escape

import streamlit as st

from synapse_analytics import exports
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import SynapseError
from synapse_analytics.exports.stamps import spoken_day
from synapse_analytics.places import PROGRAM
from synapse_analytics.vocabulary.plurals import counted, plural
from synapse_analytics.web import address, browser
from synapse_analytics.web.cohort_row import step
from synapse_analytics.web.door.sessions import SESSIONS
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, look
from synapse_analytics.web.who import signed_in

PRODUCT = "Synapse Spine Outcomes"
SHARED = "These numbers may be shared: they are rounded, and small groups are left out (policy publish)."
INSIDE = "These numbers are for use inside the clinic and must not be passed on (policy clinic)."
LOCAL = "This dashboard runs without sign-in and can be opened only on this computer."
# Streamlit writes white on the primary colour; no colour is dark enough for that and light enough to be read on a dark page.
READABLE = (
    '<style>[data-testid="stMultiSelect"] span[title], [data-testid="stMultiSelect"] span[title] ~ *, '
    '[data-testid^="stBaseButton-primary"]:not(:disabled) * {color: #0b1118 !important}</style>'
)


def readable() -> None:
    """Words on the primary colour that can be read, also on a dark page."""
    if look().name == "dark":
        st.html(READABLE)


def line(left: Released | None) -> None:
    """One line: product, clinic, how far the data go, the patients of the cohort, whether they exist and whether the numbers may be passed on."""
    with st.container(key="address_look"):  # not to be seen
        browser.watch(look().name)
    readable()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="head_line"):
        st.html(_facts(left) + _tags())
        browser.actions()
        signed_in()


def _facts(left: Released | None) -> str:
    info = clinic().generation
    year, month = (int(part) for part in info.data_until.split("-")[:2])
    until = spoken_day(date(year, month, monthrange(year, month)[1]))
    parts = [
        f'<strong data-head="product">{PRODUCT}</strong>',
        f"<span>{escape(info.clinic)}</span>",
        f'<span><span data-head="wide">data complete </span>to {until}</span>',
    ]
    if left is not None:
        parts.append(f'<span data-head="count">{escape(exports.how_many(left))}</span>')
    return "".join(parts)


def _tags() -> str:
    made_up = ["synthetic data"] if clinic().generation.synthetic else []
    policy = "numbers to share" if exports.may_leave(clinic().policy) else "for use inside the clinic"
    return "".join(f'<span data-head="tag">{text}</span>' for text in (*made_up, policy))


def foot() -> None:
    """In full what the line above says in a word, and the stamp of a print."""
    made_up = "Synthetic data: these patients do not exist. " if clinic().generation.synthetic else ""
    policy = SHARED if exports.may_leave(clinic().policy) else INSIDE
    strong = f'<strong style="color:{look().text}">{made_up}</strong>'
    note = f'<div role="note" style="font-size:13px;line-height:1.5;color:{look().quiet}">{strong}{LOCAL if SESSIONS.local else ""} {policy}</div>'
    with st.container(key="foot"):
        st.html(f'{note}<div id="printed">{escape(exports.stamp(clinic()))}</div>')


def too_few(cohort: Cohort, left: Released) -> bool:
    """True if the cohort is too small or empty; then it says why nothing is shown."""
    if left.refused:
        st.warning(plain(left.refused), icon=":material/shield:")
        st.caption("Include more patients: remove a filter, or choose more values in one.")
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
            had = "" if before is None else f" {counted(before, 'patient')} {plural(before, 'fits', 'fit')} the filters before it."
            return f"The filter \u201c{step(row['filter'])}\u201d leaves nobody.{had}"
        before = row["patients"]
    return ""


def wrongly_set(error: SynapseError) -> None:
    """A page for settings that cannot be used: no number is shown, because the policy may be among the wrong settings."""
    st.title("The settings need to be corrected", anchor=False)
    st.warning(plain(error), icon=":material/settings_alert:")
    st.caption(
        "No numbers are shown until the settings are right. Correct the file on the computer where the dashboard runs, then reload this page."
    )


def cannot_open(error: SynapseError) -> None:
    """A page for data that cannot be opened: what is wrong, and how to find another data version."""
    st.title("The data cannot be opened", anchor=False)
    st.warning(plain(error), icon=":material/database_off:")
    st.markdown(
        "This command looks at every data version that is kept, and says what is wrong and what to do. "
        "Run it where the dashboard was started, do what it says, and reload this page:"
    )
    st.code(f"{PROGRAM} store verify", language="bash")
