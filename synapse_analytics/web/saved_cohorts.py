"""Saved cohorts in the sidebar: save, open, share or remove one; and above the page what has changed since one was saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from synapse_analytics import access, audit
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.saved import LONGEST_NAME, SavedCohort, as_of_today, from_yaml, to_share, to_yaml
from synapse_analytics.cohort.saved_file import remove_cohort, save_cohorts, saved_cohort, saved_cohorts
from synapse_analytics.cohort.since import what_changed
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import SynapseError, UsageError
from synapse_analytics.plain_yaml import shown, text_of
from synapse_analytics.web import address, frame, permitted
from synapse_analytics.web.door.uploads import forget, path_of
from synapse_analytics.web.leaving import leaving
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, person

NAME, FILE = "saved_name", "saved_upload"  # keys of the two inputs
# In the session: the cohort that is open, how the last action ended, and the name that the next click removes.
OPENED, DONE, DOOMED = "saved_opened", "saved_done", "saved_doomed"
LARGEST = 1  # MB of an uploaded file: two hundred cohorts are some 100 kB
LONGEST = 400  # characters of a complaint: a wrong file may repeat a lot of itself


def saved_cohorts_part(cohort: Cohort) -> None:
    """The part of the sidebar. Opening it does not run the script: a run before the filters of a link are in place would lose them."""
    if not access.may(person(), access.Permission.SEE_RESULTS):
        return
    with st.popover("Saved cohorts", icon=":material/bookmarks:", width="stretch"):
        if DONE in st.session_state:
            kind, text = st.session_state.pop(DONE)
            (st.success if kind == "done" else st.warning)(plain(text))
        _name_and_save(cohort)
        try:
            _list(saved_cohorts(clinic().home))
        except SynapseError as error:
            st.warning(plain(error))
        st.file_uploader("Load from a YAML file", type=["yaml", "yml"], key=FILE, on_change=_load, max_upload_size=LARGEST)


def _name_and_save(cohort: Cohort) -> None:
    with st.form("save_cohort", border=False), st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input("Name of this cohort", key=NAME, max_chars=LONGEST_NAME)
        st.form_submit_button("Save", on_click=_save, args=(cohort,))
    st.caption("Everybody who uses this dashboard can see the saved cohorts.")


def _list(entries: dict[str, SavedCohort]) -> None:
    policy = clinic().policy.name
    for name, entry in entries.items():
        with st.container(key=f"saved_{name}", gap="xsmall"):
            st.markdown(f"**{plain(name)}**")
            when = f"Saved on {entry.saved.on}. " if entry.saved else ""
            st.caption(plain(f"{when}{entry.cohort.sentence()}."))
            with st.container(horizontal=True, gap="xsmall"):
                st.button("Open", key=f"saved_open_{name}", on_click=_open, args=(name, entry))
                st.download_button(
                    "Download YAML",
                    data=_taken(name, to_share(entry, policy)),
                    file_name=f"cohort_{re.sub(r'[^A-Za-z0-9]+', '_', name).strip('_') or 'saved'}.yaml",
                    mime="application/yaml",
                    key=f"saved_share_{name}",
                    on_click="ignore",
                )
                sure = st.session_state.get(DOOMED) == name
                label = "Remove for everybody" if sure else "Remove"
                st.button(label, key=f"saved_remove_{name}", on_click=_remove if sure else _doom, args=(name,))


def _taken(name: str, entry: SavedCohort) -> Callable[[], bytes]:
    """The file of a cohort when somebody takes it; its name is not logged."""
    about = audit.Subject(entry.cohort.url(), detail={"answer": "saved_cohort"})
    return leaving(clinic(), lambda _: to_yaml({name: entry}).encode(), about)


@contextmanager
def _reporting() -> Iterator[None]:
    """Do what a button asked for; the next run shows the message in DONE, or why it was refused."""
    st.session_state.pop(DOOMED, None)
    try:
        permitted.check(person(), access.Permission.SEE_RESULTS, "saved_cohorts", clinic().home)
        yield
    except SynapseError as error:
        text = str(error)
        st.session_state[DONE] = ("refused", text if len(text) <= LONGEST else f"{text[:LONGEST]} ...")


def _save(cohort: Cohort) -> None:
    with _reporting():
        name = st.session_state[NAME].strip()
        entries = {name: SavedCohort(cohort, as_of_today(frame.ask("attrition", of=cohort)))}
        with _logged(audit.Event.COHORT_SAVE_ASKED, audit.Event.COHORT_SAVED, entries):
            save_cohorts(entries, clinic().home)
        st.session_state[NAME] = ""
        st.session_state[DONE] = ("done", f"Saved as '{name}'.")


@contextmanager
def _logged(asked: audit.Event, done: audit.Event, entries: Mapping[str, SavedCohort]) -> Iterator[None]:
    """One line before cohorts are saved or removed, and one for each after. A name is free text that may hold that of a patient: only its length is logged."""
    about = [audit.Subject(entry.cohort.url(), detail={"letters_of_name": len(name)}) for name, entry in entries.items()]
    together = about[0] if len(about) == 1 else audit.Subject(detail={"cohorts": len(about)})
    with audit.deed(asked, person(), together, home=clinic().home) as deed:
        yield
        for one in about:
            deed.ends(done, one, done="This was done")


def _doom(name: str) -> None:
    """The first click only asks, because a cohort is removed for everybody."""
    st.session_state[DOOMED] = name


def _remove(name: str) -> None:
    with _reporting():
        entries = {name: saved_cohort(name, clinic().home)}
        with _logged(audit.Event.COHORT_REMOVE_ASKED, audit.Event.COHORT_REMOVED, entries):
            remove_cohort(name, clinic().home)
        st.session_state[DONE] = ("done", f"Removed '{name}'.")


def _load() -> None:
    given = st.session_state.get(FILE)
    if not isinstance(given, UploadedFile):  # it was taken out again, or given back
        return
    with _reporting():
        try:
            entries = from_yaml(text_of(path_of(given)))
        except UsageError as error:
            raise UsageError(f"The file '{shown(given.name)}' cannot be used. {error}") from error
        finally:
            forget(given)
        with _logged(audit.Event.COHORT_SAVE_ASKED, audit.Event.COHORT_SAVED, entries):
            save_cohorts(entries, clinic().home)
        st.session_state[DONE] = ("done", f"Loaded: {', '.join(entries) or 'no cohort was in the file'}.")


def _open(name: str, entry: SavedCohort) -> None:
    """Set all filters to those of the entry; a site or clinician that is not in the data any more is left out, and a notice says so."""
    st.session_state.pop(DOOMED, None)
    known = clinic().generation
    cohort, left_out = Cohort.from_url(entry.cohort.url(), sites=known.sites, clinicians=known.clinicians)
    address.write_cohort(cohort)
    st.session_state[OPENED] = {"name": name, "entry": entry, "cohort": cohort, "left_out": left_out}


def notice(cohort: Cohort, left: Released) -> None:
    """Above the page, as long as its filters are those of the cohort that was opened: what has changed since it was saved."""
    opened: dict[str, Any] | None = st.session_state.get(OPENED)
    if opened is None:
        return
    if cohort != opened["cohort"]:
        del st.session_state[OPENED]
        return
    not_compared = (
        f"{' '.join(opened['left_out'])} The numbers are therefore not compared with those when the cohort was saved."
        if opened["left_out"]
        else None
    )
    changed = not_compared or what_changed(opened["entry"].saved, as_of_today(left))
    st.info(f"**{plain(opened['name'])}.** {plain(changed)}", icon=":material/bookmark:")
