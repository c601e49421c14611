"""The page Export: rows are chosen, previewed, prepared and saved as a file; a preview is logged, too."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st

from synapse_analytics import access, exports
from synapse_analytics.analyses.records import LONGEST_PURPOSE, preview_records, record_columns
from synapse_analytics.cohort import FILTERS, check_rows_allowed, filters_unknown_to_rows, without
from synapse_analytics.cohort.saved import SavedCohort, to_yaml
from synapse_analytics.disclosure import RecordsPreview
from synapse_analytics.errors import SynapseError
from synapse_analytics.web.address import write_cohort
from synapse_analytics.web.parts import listed, progress_bar
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, cohort, person

TABLES = {
    "patients": "Patients: one row each",
    "episodes": "Episodes: one row each",
    "treatments": "Treatments: one row each; an episode without any has one empty row",
    "scores": "Scores: one row per answer; an episode without any has one empty row",
    "wide": "Episodes, wide: one row with scores and treatments beside each other",
}
FORMATS = {"csv": "CSV", "excel": "CSV for Excel", "parquet": "Parquet", "xlsx": "Excel workbook (.xlsx)"}
SEEN, READY = "previewed_export", "prepared_export"  # in the session, each with the state of the form it belongs to


def form() -> None:
    """Choose table, columns, format and purpose; look at ten rows; prepare the file; save it."""
    if not access.may(person(), access.Permission.EXPORT_RECORDS):
        st.info("Rows may be exported by analysts. The numbers behind each chart can be saved on their pages.", icon=":material/lock:")
        return
    table = st.selectbox("Table", list(TABLES), index=1, format_func=TABLES.__getitem__, key="export_table", persist_state="session")
    if _offer_to_drop(table):
        return
    legal = record_columns(table)
    columns = st.multiselect("Columns", legal, default=legal, key=f"export_columns_{table}", persist_state="session")
    one, two = st.columns([1, 2])
    style = one.selectbox("Format", list(FORMATS), format_func=FORMATS.__getitem__, key="export_format", persist_state="session")
    purpose = two.text_input(
        "Purpose",
        max_chars=LONGEST_PURPOSE,
        key="export_purpose",
        placeholder="What the rows are for; it is logged",
        persist_state="session",
    )
    st.caption(
        "Ids are new in every export. Rare combinations of age band, sex, diagnosis, year and site were blanked cell by cell when the data "
        "were loaded, until at least five patients shared each; the same cells are blank in every export."
    )
    asked = {"table": table, "columns": tuple(columns), "purpose": purpose, "user": person()}
    state = (clinic().generation.id, clinic().policy.name, cohort().url(), asked)
    if st.button("Preview", icon=":material/preview:", disabled=not columns):
        _preview(state)
    seen = st.session_state.get(SEEN)
    if seen and seen["of"] == state:
        _show(seen["preview"])
        if st.button("Prepare the file", type="primary", icon=":material/inventory_2:"):
            _prepare(state, style)
    ready = st.session_state.get(READY)
    if ready and ready["of"] == (*state, style):
        _offer(ready)


def _offer_to_drop(table: str) -> bool:
    """Where the cohort has filters that rows cannot be chosen by: which, why, and a button that drops them."""
    unknown = filters_unknown_to_rows(cohort(), table)
    if not unknown:
        return False
    try:
        check_rows_allowed(cohort(), table)
    except SynapseError as why:
        st.warning(plain(why), icon=":material/filter_alt_off:")
    names = ", ".join(FILTERS[name].label for name in unknown)
    rest = without(cohort(), unknown)
    st.button(f"Drop: {names}", icon=":material/filter_alt_off:", key="drop_for_rows", on_click=write_cohort, args=(rest,))
    return True


def _preview(state: tuple[Any, ...]) -> None:
    try:
        st.session_state[SEEN] = {"of": state, "preview": preview_records(clinic(), cohort(), **state[-1])}
    except SynapseError as error:
        st.session_state.pop(SEEN, None)
        st.error(plain(error), icon=":material/block:")


def _show(preview: RecordsPreview) -> None:
    """What the file will hold, and ten of its rows."""
    counted = preview.counted
    blanked = ", ".join(f"{name} {cells:,}" for name, cells in counted.blanked.items()) or "none of these columns"
    st.markdown(f"**{counted.rows:,} rows of {counted.patients:,} patients.** Blanked cells by column: {blanked}.")
    if counted.left_out:
        st.caption(
            f"{counted.left_out:,} rows are left out: a cell that a filter asks for is blanked in them, so they may or may not belong here."
        )
    shown = [{name: "" if value is None else str(value) for name, value in row.items()} for row in preview.rows]
    st.caption(f"{len(shown)} of the rows as they would leave; the ids in the file will be others.")
    listed(shown, "Preview of the rows")


def _prepare(state: tuple[Any, ...], style: str) -> None:
    """Write the zip with a bar that says how far it is, and keep it for the button below."""
    asked = state[-1]
    try:
        with progress_bar("Selecting the rows") as progress, TemporaryDirectory() as folder:
            out = Path(folder) / f"{asked['table']}.zip"
            manifest = exports.export_records(clinic(), cohort(), out, form=style, progress=progress, **asked)
            st.session_state[READY] = {"of": (*state, style), "manifest": manifest, "content": out.read_bytes(), "name": out.name}
    except SynapseError as error:
        st.session_state.pop(READY, None)
        st.error(plain(error), icon=":material/block:")


def _offer(ready: dict[str, Any]) -> None:
    manifest = ready["manifest"]
    st.success(
        f"{manifest['rows']:,} rows are ready; {manifest['blanked_cells']:,} cells were blanked. The manifest and the data dictionary are inside."
    )
    st.download_button(
        "Save the zip",
        ready["content"],
        file_name=ready["name"],
        mime="application/zip",
        on_click="ignore",
        type="primary",
        icon=":material/download:",
        key="save_rows",
    )


def cohort_forms() -> None:
    """The same cohort as a link, as YAML and in Python, to be shared and repeated."""
    asked = cohort()
    st.markdown("**Link**: add it to the address of any page")
    st.code(f"?{asked.url()}" if asked.url() else "(no filter in use)", language=None, wrap_lines=True)
    st.markdown("**YAML**: to be loaded under Saved cohorts, here or elsewhere")
    st.code(to_yaml({"my cohort": SavedCohort(asked)}), language="yaml")
    st.markdown("**Python**")
    st.code(
        f"from synapse_analytics import Cohort, analyses, open_clinic\n\ncohort = {asked.python()}\nanalyses.diagnosis_mix(open_clinic(), cohort)",
        language="python",
    )
