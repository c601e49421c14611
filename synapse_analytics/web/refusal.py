"""Where the policy refuses: which filters and choices to drop, and a button that drops these and nothing else."""

from __future__ import annotations

import streamlit as st

from synapse_analytics.cohort import FILTERS, without
from synapse_analytics.disclosure import PUBLISH
from synapse_analytics.errors import NotAllowed
from synapse_analytics.web import address
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import cohort

# The labels of the choices of pages that can be too fine to be shared, by the option they set.
CHOICES = {
    "by": "Split by",
    "index": "Time since",
    "a": "Treatment",
    "b": "Compared with",
    "period": "Show by",
}
WHY = "Numbers to share are about broad groups only, so that nobody can be recognised."


def not_to_share(error: NotAllowed, *, key: str) -> None:
    """Inside a card that has nothing to share: why, and a button that leads to the same page as it may be shared."""
    if not error.drop:
        st.info(f"This cannot be shared. {plain(error)}", icon=":material/shield:")
        return
    st.info(f"To share this, remove {_named(error)}. {WHY}", icon=":material/shield:")
    st.button(
        "Show this page with numbers to share",
        key=f"share_{key}",
        icon=":material/share:",
        on_click=_drop,
        args=(error.drop, PUBLISH.name),
    )


def page(error: NotAllowed) -> None:
    """Instead of a page that the policy in force does not allow: why, and a button that drops what is too fine."""
    if not error.drop:
        st.warning(plain(error), icon=":material/shield:")
    else:
        st.warning(f"To see numbers to share, remove {_named(error)}. {WHY}", icon=":material/shield:")
        st.button("Remove and show the numbers", key="share_page", type="primary", on_click=_drop, args=(error.drop, None))
    way_back()


def way_back() -> None:
    """A button that leads back to the numbers as inside the clinic, if it was the URL that asked for those that may be shared."""
    if address.policy_asked():
        st.button("Show the numbers for use inside the clinic", key="share_not", on_click=address.set_policy, args=("",))


def _named(error: NotAllowed) -> str:
    """The filters and choices to drop, by their labels in the sidebar and on the page."""
    used = cohort().in_use()
    filters = [f"{FILTERS[name].label} ({FILTERS[name].words(used[name])})" for name in error.drop if name in used]
    choices = [f"\u201c{CHOICES[name]}\u201d" for name in error.drop if name in CHOICES]
    *first, last = [*(f"**{plain(text)}**" for text in filters), *choices]
    return f"{', '.join(first)} and {last}" if first else last


def _drop(names: tuple[str, ...], policy: str | None) -> None:
    """Callback: the same page without these filters and choices, under another policy if one is named."""
    for name in names:
        if name in CHOICES and name in st.session_state:
            address.write(name, "")
    if policy is not None:
        address.write(address.POLICY, policy)
    address.ask_about(without(cohort(), names))
