"""The files of a clinic that this session holds: where they are dropped, what is known of them, and how they are let go.

They arrive on the disk of the server, where they are removed as soon as they are read; what was read is in the memory of this session
alone, as tables, and once: nothing of it is stored or logged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from synapse_analytics.errors import IntakeRefused, SynapseError
from synapse_analytics.intake.account import Accounting
from synapse_analytics.intake.draft import draft_mapping, note_on_months
from synapse_analytics.intake.mapping.leaves import Leaf
from synapse_analytics.intake.mapping.model import Mapping
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources import kind_of, read_source
from synapse_analytics.intake.sources.members import Uploaded
from synapse_analytics.intake.without_values import without_values
from synapse_analytics.vocabulary.plurals import counted
from synapse_analytics.web.door.uploads import forget, path_of
from synapse_analytics.web.parts import progress_bar
from synapse_analytics.web.plain import plain

WORK = "own_files"  # in the session: what is being mapped
NOT_LOADED = "Nothing was loaded."


@dataclass(frozen=True, slots=True)
class Own:
    """The files of this session: their tables, the mapping as far as it is answered, what it would give, and how it ended.

    After a load there are no tables any more.
    """

    tables: tuple[RawTable, ...]
    mapping: Mapping
    on_months: str = ""  # what helps to say which month is the last
    unnamed: tuple[Leaf, ...] | None = None  # codes that the mapping does not name; None: not looked for yet
    account: Accounting | None = None
    refusal: IntakeRefused | None = None
    ended: dict[str, Any] | None = None  # how its load ended (loading.py), with the report; None: not begun

    @property
    def is_loaded(self) -> bool:
        """True if a bundle of these files was loaded."""
        return "loaded" in (self.ended or ())

    @property
    def report(self) -> Accounting | None:
        """What became of every row of a bundle that was loaded."""
        return self.ended["report"] if self.ended and self.is_loaded else None


def drop() -> None:
    """A place for files. They are read at once, and this session keeps their tables; what cannot be read is told."""
    given = st.file_uploader("Files with records", accept_multiple_files=True, key="own_files_given")
    if not given:
        return
    try:
        with without_values(NOT_LOADED), progress_bar("Reading the files") as progress:
            source = Uploaded({file.name: path_of(file) for file in given})
            tables = read_source(source, {}, progress)
            mapping = draft_mapping(tables, source=kind_of(source))
    except SynapseError as error:
        say(error)
        return
    note = note_on_months(mapping, tables, datetime.now().astimezone().date())
    st.session_state[WORK] = Own(tuple(tables), mapping, note)
    for file in given:
        forget(file)
    st.rerun()


def held(own: Own) -> None:
    """Whose files these are, and a way to let go of them."""
    files = ", ".join(dict.fromkeys(table.file for table in own.tables))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(plain(f"In the memory of this session: {files}"))
        st.button(
            "Remove these files", on_click=_remove, icon=":material/delete:", help="The answers go with them: keep the mapping first."
        )


def _remove() -> None:
    st.session_state.pop(WORK, None)


def say(error: SynapseError) -> None:
    """A refusal: every fault with its places and what to do."""
    if not isinstance(error, IntakeRefused) or not error.faults:
        st.error(plain(str(error)), icon=":material/block:")
        return
    st.error(plain(str(error).partition("\n")[0]), icon=":material/block:")
    for fault in error.faults:
        with st.container(border=True):
            times = f" ({counted(fault.n, 'time')})" if fault.n > 1 else ""
            st.markdown(f"**{plain(fault.sentence)}**{plain(times)}")
            for spot in fault.spots:
                st.markdown(f"- {plain(spot.words())}")
            st.caption(plain(fault.advice))
