"""The page Data, its part for a clinic's own files: first rows, mapping, counts, then anonymise, check and load.

The files and their rows are in the memory of this session alone (clinic_held.py). What is stored, if somebody asks for it, is the mapping:
names of columns and what codes mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from synapse_analytics import audit
from synapse_analytics.errors import IntakeRefused, SynapseError
from synapse_analytics.intake import SECRET_FILE
from synapse_analytics.intake.account import Accounting
from synapse_analytics.intake.accounted import accounted
from synapse_analytics.intake.anonymise import Options, anonymise_tables
from synapse_analytics.intake.disguise import stored_secret
from synapse_analytics.intake.draft import answered, columns_for, draft_mapping
from synapse_analytics.intake.mapping.kept import LONGEST_NAME, keep_mapping, kept_mapping, kept_mappings
from synapse_analytics.intake.mapping.model import OPEN, Mapping
from synapse_analytics.intake.mapping.reading import read_mapping
from synapse_analytics.intake.mapping.writing import to_yaml
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.report import as_html, total, verdict
from synapse_analytics.intake.taking import taken
from synapse_analytics.intake.unnamed import unnamed_codes
from synapse_analytics.intake.without_values import without_values
from synapse_analytics.places import page_file
from synapse_analytics.progress import Progress
from synapse_analytics.store import store_home
from synapse_analytics.web.data.clinic_held import NOT_LOADED, WORK, Own, drop, held, say
from synapse_analytics.web.data.clinic_mapping import Answers, edit, questions
from synapse_analytics.web.data.loading import begun, bring_in, loader, may_load, outcome, wait_until_over
from synapse_analytics.web.door.uploads import forget, path_of
from synapse_analytics.web.parts import listed, progress_bar, section
from synapse_analytics.web.plain import plain

DATA_PAGE, OVERVIEW = page_file("data"), page_file("overview")
OF_FILES = "files"  # whose outcome: of these files, not of a bundle
FIRST_ROWS = 5
COUNTED_AT_ONCE = 100_000  # rows; above, counting waits for a click


def own_files() -> None:
    """Drop files, answer what is open, see what would be kept, and load it."""
    if not may_load():
        st.info("Who may load data can bring the files of the clinic here.", icon=":material/lock:")
        return
    st.markdown(
        "Drop the exports of your clinic as they are: Excel, CSV, Parquet, a REDCap export with its data dictionary, an OMOP extract or FHIR "
        "resources. Names, numbers and dates stay in the memory of this session until they are loaded or you remove them; what is loaded is "
        "anonymous."
    )
    own: Own | None = st.session_state.get(WORK)
    if own is not None and own.ended is not None:
        wait_until_over(own.ended)
    if own is None or own.is_loaded:
        drop()
        if own is not None:
            st.session_state[WORK] = own = Own((), own.mapping, ended=own.ended)
            _finish(own)
        return
    held(own)
    _first_rows(own.tables)
    _which_mapping()
    section("The mapping")
    own = st.session_state[WORK]
    own = _with_unnamed(own)
    if own.mapping.data_until == OPEN and own.on_months:
        st.caption(plain(own.on_months))
    is_open = questions(own.mapping, list(own.unnamed or ()), partial(columns_for, own.tables, own.mapping), _answer)
    edit(own.mapping, _answer)
    _counts(st.session_state[WORK], is_open=is_open)
    _finish(st.session_state[WORK])


def _with_unnamed(own: Own) -> Own:
    """The same with the codes that the mapping does not name, looked for once for each mapping."""
    if own.unnamed is None:
        with without_values(NOT_LOADED):
            own = replace(own, unnamed=tuple(unnamed_codes(own.tables, own.mapping)))
        st.session_state[WORK] = own
    return own


def _first_rows(tables: Sequence[RawTable]) -> None:
    section("What was found")
    rows = [{"table": one.name, "rows": one.n, "columns": one.cells.num_columns, "how it was read": one.how} for one in tables]
    listed(rows, "Tables that were found")
    with st.expander("The first rows, as they are in your files", icon=":material/visibility:"):
        st.caption("Only you see them.")
        for table in tables:
            if table.n:
                st.markdown(f"**{plain(table.name)}**")
                first = table.cells.slice(0, FIRST_ROWS).to_pydict()
                st.dataframe({name: [cell or "" for cell in cells] for name, cells in first.items()}, hide_index=True)


def _which_mapping() -> None:
    """Use a kept mapping, or one from a file, in place of the proposal."""
    kept = kept_mappings(_folder())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if kept:
            name = st.selectbox("A mapping that was kept", kept, key="own_kept")
            st.button("Use this mapping", on_click=_use_kept, args=(name,), icon=":material/history:")
        with st.popover("Use a mapping from a file", icon=":material/upload_file:"):
            st.file_uploader("Mapping (YAML)", type=["yaml", "yml"], key="own_mapping_file", on_change=_use_file)
        st.button("Propose anew", on_click=_propose, icon=":material/refresh:")


def _folder() -> Path:
    return store_home() / "mappings"


def _use(mapping: Mapping) -> None:
    """Go on with this mapping; what was counted under the old one no longer holds."""
    st.session_state[WORK] = replace(st.session_state[WORK], mapping=mapping, unnamed=None, account=None, refusal=None, ended=None)


def _answer(answers: Answers) -> None:
    own: Own = st.session_state[WORK]
    _use(answered(own.tables, own.mapping, answers))


def _use_kept(name: str) -> None:
    _try(lambda: _use(kept_mapping(_folder(), name)))


def _use_file() -> None:
    file = st.session_state["own_mapping_file"]
    if isinstance(file, UploadedFile):  # else it was taken away again, or given back: the mapping stays
        _try(lambda: _use(read_mapping(path_of(file), file.name)))
        forget(file)


def _propose() -> None:
    own = st.session_state[WORK]
    _use(draft_mapping(list(own.tables), source=own.mapping.source))


def _try(change: Any) -> None:
    """A change of the mapping; a refusal is shown with the counts, and the mapping stays as it was."""
    try:
        change()
    except SynapseError as fault:
        refusal = fault if isinstance(fault, IntakeRefused) else IntakeRefused(str(fault))
        st.session_state[WORK] = replace(st.session_state[WORK], refusal=refusal, account=None)


def _counts(own: Own, *, is_open: bool) -> None:
    """What the mapping would keep, or what stops it; nothing is counted while a question is open."""
    section("What would be kept")
    bar = st.container()  # always there, so that nothing below it moves when nothing is counted
    if is_open and own.refusal is None:
        st.caption("The rows are counted when no question is open.")
        return
    if own.account is None and own.refusal is None:
        rows = sum(table.n for table in own.tables)
        if rows > COUNTED_AT_ONCE and not st.button("Count", icon=":material/calculate:"):
            return
        with bar:
            own = _counted(own)
    if own.refusal is not None:
        say(own.refusal)
    elif own.account is not None:
        _account(own.account)


def _counted(own: Own) -> Own:
    try:
        with without_values(NOT_LOADED), progress_bar("Counting rows") as progress:
            own = replace(own, account=accounted(*taken(own.tables, own.mapping, progress)))
    except IntakeRefused as refusal:
        own = replace(own, refusal=refusal)
    except SynapseError as fault:
        own = replace(own, refusal=IntakeRefused(str(fault)))
    st.session_state[WORK] = own
    return own


def _account(account: Accounting) -> None:
    st.markdown(plain(verdict(account)))
    rows = [
        {"table": one.table, "read": one.read, "kept": one.kept, "merged": one.merged, "left out": sum(one.dropped.values()),
         "why": "; ".join(f"{reason} ({n:,})" for reason, n in one.dropped.items())}
        for one in account.tables
    ]  # fmt: skip
    listed(rows, "Rows of each table")
    if not total(account).kept:
        st.warning("No row would be kept, so there is nothing to load. The table says why: change the mapping or the files.")


def _finish(own: Own) -> None:
    """Anonymise, check and load; keep or download the mapping; the report."""
    ready = own.account is not None and total(own.account).kept > 0
    with st.container(horizontal=True, vertical_alignment="bottom"):
        is_asked = not own.is_loaded and st.button(
            "Anonymise, check and load", type="primary", icon=":material/shield:", disabled=not ready
        )
        st.download_button("Download the mapping", to_yaml(own.mapping), "mapping.yaml", "application/yaml", icon=":material/download:")
        if own.report is not None:
            st.download_button("Download the report", as_html(own.report), "report.html", "text/html", icon=":material/description:")
    with st.container():  # the row of buttons stays as it is while the work runs
        if is_asked:
            # A click on a button waits for the end of the run, as the page is a fragment; one that opens a page stops it.
            st.page_link(DATA_PAGE, label="Cancel", icon=":material/close:", query_params={"data_tab": "Your own files"})
            _load(own)
        elif own.ended is not None:
            outcome(OF_FILES)
            if own.is_loaded:
                st.page_link(OVERVIEW, label="Look at the overview", icon=":material/arrow_forward:")
    with st.form("keep_mapping", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Keep this mapping for next time as", max_chars=LONGEST_NAME, key="own_keep_name")
        if st.form_submit_button("Keep it"):
            try:
                keep_mapping(_folder(), name, own.mapping)
                st.toast(plain(f"The mapping {name} is kept."))
            except SynapseError as error:
                st.warning(plain(str(error)))


def _load(own: Own) -> None:
    home = store_home()
    try:
        with begun(OF_FILES) as ended, without_values(NOT_LOADED), TemporaryDirectory() as folder, progress_bar("Anonymising") as progress:
            st.session_state[WORK] = replace(own, ended=ended)
            bundle = Path(folder) / "bundle"
            with audit.deed(audit.Event.ANONYMISE_ASKED, loader(), home=home, so_far="Nothing was loaded") as deed:
                ended["report"] = _anonymised(own, bundle, deed, progress)
            bring_in(lambda: bundle, ended)
    except SynapseError as error:
        ended["error"] = str(error)
        say(error)
        return
    if "loaded" in ended:
        st.toast("Loaded. The report of every row is on the page Data, tab Your own files.", icon=":material/check:")
        st.rerun()
    outcome(OF_FILES)


def _anonymised(own: Own, bundle: Path, deed: audit.Deed, progress: Progress) -> Accounting:
    """What became of every row of the bundle that is written, or why it is not, told to the log as well."""
    try:
        options = Options(stored_secret(store_home() / SECRET_FILE), None, progress)
        written = anonymise_tables(own.tables, own.mapping, bundle, options)
    except SynapseError:
        deed.ends(audit.Event.ANONYMISE, audit.Subject(detail={"accepted": False}), done="Nothing was loaded")
        raise
    deed.ends(audit.Event.ANONYMISE, _counts_of(written), done="Nothing was loaded")
    return written


def _counts_of(written: Accounting) -> audit.Subject:
    whole = total(written)
    counts = {"kept": whole.kept, "merged": whole.merged, "left_out": sum(whole.dropped.values())}
    detail = {"accepted": True, "source": written.source, "tables": len(written.tables)} | counts
    return audit.Subject(rows=whole.read, detail=detail)
