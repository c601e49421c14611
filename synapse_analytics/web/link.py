"""What the address of a link asks for and a page cannot give: all of it is named in one banner, with what was done instead.

Filters and the policy are read before the page is drawn; a choice or a tab is refused while it is drawn, and then the page is drawn
once more with the banner above it. Nothing is said of an address that was understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from synapse_analytics.clinic import deployment_policy
from synapse_analytics.cohort import FILTERS
from synapse_analytics.cohort.link import PAGE_CHOICES
from synapse_analytics.cohort.url import LISTED, quoted
from synapse_analytics.disclosure import PUBLISH
from synapse_analytics.web import address
from synapse_analytics.web.menu import MENU
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, cohort

OPENED, OPENED_ON, SAID, NEW = "link_as_opened", "link_opened_on", "said_of_link", "new_of_link"  # in the session
NO_CHOICE = "There is no such choice here."
REPEATED = "The link gives this more than once."


@dataclass(frozen=True, slots=True)
class Refused:
    """A parameter of a page that could not be applied: under which policy, what it held, and in words why and what was done instead."""

    page: str
    policy: str
    name: str
    held: str
    words: str


def opened(parameters: Mapping[str, Sequence[str]]) -> None:
    """Keep what the link of a new session holds, before any input is drawn that might change the address."""
    st.session_state[OPENED] = {name: tuple(values) for name, values in parameters.items()}


def asked(name: str) -> str:
    """What the link that opened this session held under a name; empty where it held nothing."""
    return ",".join(_values(name))


def is_repeated(name: str, held: str) -> bool:
    """True if the link holds several values of a choice that takes one: a browser keeps the last."""
    return len(set(_values(name))) > 1 and _values(name)[-1] == held


def _values(name: str) -> tuple[str, ...]:
    return tuple(st.session_state.get(OPENED, {}).get(name, ()))


def _came_with_link(name: str, held: str) -> bool:
    """True if the link held this, perhaps more of it than an input takes, or beside other values."""
    return asked(name) == held or any(held and value.startswith(held) for value in _values(name))


def refuse(name: str, held: str, instead: str, why: str = "") -> None:
    """Say in the banner that this parameter was not applied, if it came with the link or if a policy is the reason (`why`)."""
    if not why and not _came_with_link(name, held):
        return
    done = f" {instead} is used instead." if instead else ""
    words = f"{name}={quoted(held)}: {why or NO_CHOICE}{done}"
    said = st.session_state.setdefault(SAID, [])
    found = Refused(_page(), clinic().policy.name, name, held, words)
    if found not in said:
        said.append(found)
        st.session_state[NEW] = True


def has_news() -> bool:
    """True, once, if this run refused what the banner above it does not name yet."""
    return bool(st.session_state.pop(NEW, False))


def banner(notices: Iterable[str]) -> None:
    """One banner that names everything in the address that was not understood or not applied, and a button that cleans the address."""
    st.session_state.pop(NEW, None)
    if st.session_state.setdefault(OPENED_ON, _page()) != _page():
        _forget()  # whoever has gone on to another page has left the link behind
    lines = [*notices, *_not_here(), *(refused.words for refused in _in_force())]
    if not lines:
        return
    with st.container(key="link_notice"):
        listed = "\n".join(f"- {plain(line)}" for line in lines)
        st.info(f"**Parts of this link could not be applied.**\n\n{listed}", icon=":material/link_off:")
        st.button("Correct the link and close this note", key="clean_address", icon=":material/close:", on_click=_clean)


def _in_force() -> list[Refused]:
    """What was refused on this page, under this policy, and is still in the address."""
    now = (_page(), clinic().policy.name)
    held = st.session_state.get(address.IN_FORCE, {})
    return [
        one
        for one in st.session_state.get(SAID, ())
        if (one.page, one.policy) == now and (one.name not in held or str(held[one.name]) == one.held)
    ]


def _names_unknown() -> list[str]:
    """The names in the address that are no filter and no choice of this page."""
    known = {*FILTERS, address.POLICY, *PAGE_CHOICES.get(_page(), ()), *st.session_state.get(address.READ, ())}
    return [name for name in st.session_state.get(OPENED, {}) if name not in known and name in st.query_params]


def _not_here() -> list[str]:
    """A line for each name that means nothing here; of very many the first, and how many more there are."""
    names = _names_unknown()
    more = [f"{len(names) - LISTED:,} more names in the link are not known here."] if len(names) > LISTED else []
    return [*map(_elsewhere, names[:LISTED]), *more]


def _elsewhere(name: str) -> str:
    pages = [MENU[page].word for page, names in PAGE_CHOICES.items() if name in names]
    if pages:
        return f"{quoted(name)} belongs to the page {' or '.join(pages)}."
    return f"{quoted(name)} is not the name of a filter or a choice."


def _page() -> str:
    return str(st.session_state.get(address.ARRIVED, ("",))[0])


def _clean() -> None:
    """Callback: keep in the address what is in force, and nothing that was not applied."""
    for name in _names_unknown():
        del st.query_params[name]
    for refused in _in_force():
        if refused.name in st.session_state.get(address.IN_FORCE, {}):
            address.write(refused.name, "")
    address.write(address.POLICY, PUBLISH.name if _is_stricter() else "")
    address.write_cohort(cohort())
    _forget()


def _forget() -> None:
    st.session_state[OPENED], st.session_state[SAID], st.session_state[OPENED_ON] = {}, [], _page()


def _is_stricter() -> bool:
    """True if this run is under the stricter policy and the deployment would allow the other: a mistyped policy is never a way out of it."""
    return clinic().policy.name == PUBLISH.name and deployment_policy(clinic().settings) is not PUBLISH
