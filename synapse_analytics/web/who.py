"""Who is signed in, and the way out."""

from __future__ import annotations

import streamlit as st

from synapse_analytics.vocabulary.plurals import counted
from synapse_analytics.web.door.sessions import SESSIONS
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import person


def is_nobody() -> bool:
    """True where the run has no session, or one that has ended; then it says so, and nothing else may be drawn."""
    if person().roles:
        return False
    st.title("There is no session", anchor=False)
    st.info("Open the dashboard by its own address, and sign in.", icon=":material/lock:")
    return True


def signed_in() -> None:
    """The person's name, and behind a click the roles and the way out; nothing in local mode, where nobody has signed in."""
    if SESSIONS.local:
        return
    with st.popover(plain(person().name), icon=":material/account_circle:", key="who"):
        st.text(f"Signed in as {person().name}")  # in Markdown an address would become a link to write to oneself
        st.caption(plain(f"{counted(len(person().roles), 'role').partition(' ')[2].capitalize()}: {', '.join(sorted(person().roles))}."))
        st.button("Sign out", on_click=st.logout, icon=":material/logout:", key="sign_out")
        st.caption("This ends your session in all tabs.")
