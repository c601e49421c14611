"""The export of rows: what is chosen, what for, and the file. The rows themselves are never on the screen."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st

from synapse_analytics import access, exports
from synapse_analytics.analyses.records import LONGEST_PURPOSE, record_columns
from synapse_analytics.cohort import to_yaml
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import SynapseError
from synapse_analytics.web.session import clinic, cohort, person

TABLES = {
    "patients": "Patients: one row each",
    "episodes": "Episodes: one row each",
    "treatments": "Treatments: one row each",
    "scores": "Scores: one row per answer",
    "wide": "Episodes, wide: one row with scores and treatments beside each other",
}
FORMATS = {"csv": "CSV", "excel": "CSV for Excel", "parquet": "Parquet", "xlsx": "Excel workbook (.xlsx)"}
READY = "prepared_export"


def form(left: Released) -> None:
    """Choose table, columns, format and purpose; prepare the file; save it."""
    if not access.may_export_records(person()):
        st.info("Rows may be exported by analysts. The numbers behind each chart can be saved on their pages.", icon=":material/lock:")
        return
    table = st.selectbox("Table", list(TABLES), index=1, format_func=TABLES.__getitem__, key="export_table", persist_state="session")
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
    about = "" if left.n is None else f"{left.n:,} patients, {left.episodes:,} episodes. "
    st.caption(
        f"{about}Ids are new in every export. Rare combinations of age band, sex, diagnosis, year and site are blanked cell by cell "
        "until at least five patients share each."
    )
    ask = (clinic().generation.id, cohort().url(), table, tuple(columns), style, purpose)
    if st.button("Prepare the file", type="primary", icon=":material/inventory_2:", disabled=not columns):
        _prepare(ask)
    ready = st.session_state.get(READY)
    if ready and ready["ask"] == ask:
        _offer(ready)


def _prepare(ask: tuple[Any, ...]) -> None:
    """Write the zip with a bar that says how far it is, and keep it for the button below."""
    _, _, table, columns, style, purpose = ask
    bar = st.progress(0.0, "Selecting the rows")

    def progress(what: str, done: int, total: int) -> None:
        bar.progress(min(done / total, 1.0) if total else 0.0, f"{what}: {done:,} of {total:,}" if total else what)

    try:
        with TemporaryDirectory() as folder:
            out = Path(folder) / f"{table}.zip"
            asked = {"table": table, "columns": columns, "purpose": purpose, "user": person()}
            manifest = exports.export_records(clinic(), cohort(), out, form=style, progress=progress, **asked)
            st.session_state[READY] = {"ask": ask, "manifest": manifest, "content": out.read_bytes(), "name": out.name}
    except SynapseError as error:
        st.session_state.pop(READY, None)
        st.error(str(error), icon=":material/block:")
    bar.empty()


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
    st.code(to_yaml({"my cohort": asked}), language="yaml")
    st.markdown("**Python**")
    st.code(
        f"from synapse_analytics import Cohort, analyses, open_clinic\n\ncohort = {asked.python()}\nanalyses.diagnosis_mix(open_clinic(), cohort)",
        language="python",
    )
