"""The export of rows: what is chosen, what for, ten rows to look at, and the file. Whoever looks is logged, too."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st

from synapse_analytics import access, exports
from synapse_analytics.analyses.records import LONGEST_PURPOSE, preview_records, record_columns
from synapse_analytics.cohort import FILTERS, Cohort, check_rows_allowed, filters_unknown_to_rows
from synapse_analytics.cohort.saved import SavedCohort, to_yaml
from synapse_analytics.disclosure import RecordsPreview
from synapse_analytics.errors import SynapseError
from synapse_analytics.figures.table import table as table_of
from synapse_analytics.web.address import write_cohort
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, cohort, look, person

TABLES = {
    "patients": "Patients: one row each",
    "episodes": "Episodes: one row each",
    "treatments": "Treatments: one row each; an episode without any has one empty row",
    "scores": "Scores: one row per answer; an episode without any has one empty row",
    "wide": "Episodes, wide: one row with scores and treatments beside each other",
}
FORMATS = {"csv": "CSV", "excel": "CSV for Excel", "parquet": "Parquet", "xlsx": "Excel workbook (.xlsx)"}
READY, SEEN = "prepared_export", "previewed_export"


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
    ask = (clinic().generation.id, clinic().policy.name, cohort().url(), table, tuple(columns), purpose)
    if st.button("Preview", icon=":material/preview:", disabled=not columns):
        _preview(ask)
    seen = st.session_state.get(SEEN)
    if seen and seen["ask"] == ask:
        _show(seen["preview"])
        if st.button("Prepare the file", type="primary", icon=":material/inventory_2:"):
            _prepare((*ask, style))
    ready = st.session_state.get(READY)
    if ready and ready["ask"] == (*ask, style):
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
    rest = Cohort(**{name: value for name, value in cohort().in_use().items() if name not in unknown})
    st.button(f"Drop: {names}", icon=":material/filter_alt_off:", key="drop_for_rows", on_click=write_cohort, args=(rest,))
    return True


def _asked(ask: tuple[Any, ...]) -> dict[str, Any]:
    return {"table": ask[3], "columns": ask[4], "purpose": ask[5], "user": person()}


def _preview(ask: tuple[Any, ...]) -> None:
    try:
        st.session_state[SEEN] = {"ask": ask, "preview": preview_records(clinic(), cohort(), **_asked(ask))}
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
    st.html(table_of(shown, look(), caption="Preview of the rows"))


def _prepare(ask: tuple[Any, ...]) -> None:
    """Write the zip with a bar that says how far it is, and keep it for the button below."""
    table, style = ask[3], ask[-1]
    bar = st.progress(0.0, "Selecting the rows")

    def progress(what: str, done: int, total: int) -> None:
        bar.progress(min(done / total, 1.0) if total else 0.0, f"{what}: {done:,} of {total:,}" if total else what)

    try:
        with TemporaryDirectory() as folder:
            out = Path(folder) / f"{table}.zip"
            manifest = exports.export_records(clinic(), cohort(), out, form=style, progress=progress, **_asked(ask))
            st.session_state[READY] = {"ask": ask, "manifest": manifest, "content": out.read_bytes(), "name": out.name}
    except SynapseError as error:
        st.session_state.pop(READY, None)
        st.error(plain(error), icon=":material/block:")
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
    st.code(to_yaml({"my cohort": SavedCohort(asked)}), language="yaml")
    st.markdown("**Python**")
    st.code(
        f"from synapse_analytics import Cohort, analyses, open_clinic\n\ncohort = {asked.python()}\nanalyses.diagnosis_mix(open_clinic(), cohort)",
        language="python",
    )
