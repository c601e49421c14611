"""The page Export: rows are chosen, shown, prepared and saved as a file; what is shown is logged, too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st

from synapse_analytics import access, audit, exports
from synapse_analytics.analyses.records import LONGEST_PURPOSE, preview_records, record_columns
from synapse_analytics.analyses.rows_behind import ROWS_BEHIND
from synapse_analytics.cohort import FILTERS, check_rows_allowed, filters_unknown_to_rows, without
from synapse_analytics.cohort.saved import SavedCohort, to_yaml
from synapse_analytics.disclosure import RecordsPreview
from synapse_analytics.errors import SynapseError
from synapse_analytics.figures.table import title
from synapse_analytics.vocabulary.plurals import counted as number
from synapse_analytics.web import permitted
from synapse_analytics.web.address import ARRIVED, write_cohort
from synapse_analytics.web.leaving import leaving
from synapse_analytics.web.parts import listed, progress_bar
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, cohort, person
from synapse_analytics.web.taking import ROWS_OF

TABLES = {
    "patients": "Patients: one row each",
    "episodes": "Episodes: one row each",
    "treatments": "Treatments: one row each; an episode without any has one empty row",
    "scores": "Scores: one row per answer; an episode without any has one empty row",
    "wide": "Episodes, wide: one row with scores and treatments beside each other",
}
FORMATS = {"csv": "CSV", "excel": "CSV for Excel", "parquet": "Parquet", "xlsx": "Excel workbook (.xlsx)"}
FIRST = "Write what the rows are for. Ten of them, and how many values will be blank, are then shown here before the file is made."
NO_COLUMNS = "Choose a column."
TABLE, COLUMNS = "export_table", "export_columns_"  # in the session: the table, and before the name of each the columns of it
FOLLOWED = "followed_rows_of"  # in the session: which answer's rows were last asked for, and when the page was opened
SEEN, READY = "previewed_export", "prepared_export"  # in the session, each with the state of the form it belongs to


def may_have_rows() -> bool:
    """True if the person may export rows; who may not is not offered them."""
    return access.may(person(), access.Permission.EXPORT_RECORDS)


def form() -> None:
    """Choose table, columns, format and purpose; ten rows and what is blanked are shown at once; prepare the file; save it."""
    permitted.check(person(), access.Permission.EXPORT_RECORDS, "export_rows", clinic().home)
    _behind_an_answer()
    st.session_state.setdefault(TABLE, "episodes")
    table = st.selectbox("Table", list(TABLES), format_func=TABLES.__getitem__, key=TABLE, persist_state="session")
    if _offer_to_drop(table):
        return
    legal = record_columns(table)
    st.session_state.setdefault(f"{COLUMNS}{table}", list(legal))
    columns = st.multiselect("Columns", legal, key=f"{COLUMNS}{table}", persist_state="session")
    one, two = st.columns([1, 2])
    style = one.selectbox("Format", list(FORMATS), format_func=FORMATS.__getitem__, key="export_format", persist_state="session")
    purpose = two.text_input(
        "Purpose",
        max_chars=LONGEST_PURPOSE,
        key="export_purpose",
        placeholder="What the rows are for; it is logged: name no patient",
        persist_state="session",
    )
    asked = {"table": table, "columns": tuple(columns), "purpose": purpose, "user": person()}
    state = (clinic().generation.id, clinic().policy.name, cohort().url(), asked)
    if not columns or not purpose.strip():
        st.info(plain(FIRST if columns else NO_COLUMNS), icon=":material/preview:")
        return
    preview = _preview(state)
    if preview is None:
        return
    _show(preview)
    if st.button("Prepare the file", type="primary", icon=":material/inventory_2:"):
        _prepare(state, style)
    ready = st.session_state.get(READY)
    if ready and ready["of"] == (*state, style):
        _offer(ready)


def _behind_an_answer() -> None:
    """Choose the table and the columns of the answer that a link names, once each time the link is followed: what is chosen afterwards stays.

    The name stays in the address. Taking it out would be a step in the history of the browser, and its way back would end on this page.
    """
    answer = st.query_params.get(ROWS_OF, "")
    followed = (answer, st.session_state.get(ARRIVED))
    if answer not in ROWS_BEHIND or st.session_state.get(FOLLOWED) == followed:
        return
    st.session_state[FOLLOWED] = followed
    table, columns = ROWS_BEHIND[answer]
    st.session_state[TABLE] = table
    st.session_state[f"{COLUMNS}{table}"] = list(columns or record_columns(table))


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
    st.button(f"Remove: {names}", icon=":material/filter_alt_off:", key="drop_for_rows", on_click=write_cohort, args=(rest,))
    return True


def _preview(state: tuple[Any, ...]) -> RecordsPreview | None:
    """Ten of the rows, asked (and logged) once for each state of the form; None where they may not be shown, and why."""
    seen = st.session_state.get(SEEN)
    if not seen or seen["of"] != state:
        seen = st.session_state[SEEN] = {"of": state} | _asked(state)
    if seen["why_not"]:
        st.error(plain(seen["why_not"]), icon=":material/block:")
    return seen["preview"]


def _asked(state: tuple[Any, ...]) -> dict[str, Any]:
    try:
        return {"preview": preview_records(clinic(), cohort(), **state[-1]), "why_not": ""}
    except SynapseError as error:
        return {"preview": None, "why_not": str(error)}


def _show(preview: RecordsPreview) -> None:
    """What the file will hold and what will be blank in it, and ten of its rows."""
    counted = preview.counted
    st.markdown(f"**The file will have {counted.rows:,} rows of {counted.patients:,} patients.** {plain(_blanked(counted.blanked))}")
    if counted.left_out:
        st.caption(plain(_left_out(counted.left_out)))
    shown = [{name: "" if value is None else str(value) for name, value in row.items()} for row in preview.rows]
    st.caption(f"{len(shown)} of these rows. The file will have different patient numbers.")
    listed(shown, "Preview of the rows", names=True)


def _left_out(rows: int) -> str:
    """How many rows nobody can tell to be of the cohort, and why."""
    if rows == 1:
        return "1 more row is left out: a value that a filter asks for is blank in it, so nobody can tell whether it belongs here."
    return f"{rows:,} more rows are left out: a value that a filter asks for is blank in them, so nobody can tell whether they belong here."


def _blanked(blanked: Mapping[str, int]) -> str:
    """What will be blank in the file, and why."""
    parts = [f"{title(name).lower()} in {rows:,} {'row' if rows == 1 else 'rows'}" for name, rows in blanked.items() if rows]
    if not parts:
        return "No value had to be left blank."
    return f"Left blank to protect small groups: {', '.join(parts)}."


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
    """The button that saves the zip. It may wait there for hours, so role and session are asked again at the click, and the log says so."""
    manifest = ready["manifest"]
    rows, blank = number(manifest["rows"], "row is", "rows are"), number(manifest["blanked_cells"], "value was", "values were")
    st.success(plain(f"{rows} ready; {blank} left blank. The zip also holds a manifest and a data dictionary."))
    st.download_button(
        "Save the zip",
        leaving(clinic(), lambda _: ready["content"], _logged(ready), needs=access.Permission.EXPORT_RECORDS),
        file_name=ready["name"],
        mime="application/zip",
        on_click="ignore",
        type="primary",
        icon=":material/download:",
        key="save_rows",
    )


def _logged(ready: dict[str, Any]) -> audit.Subject:
    manifest = ready["manifest"]
    detail = {"answer": "records", "table": manifest["table"], "columns": ",".join(manifest["columns"]), "file": ready["name"]}
    return audit.Subject(manifest["cohort"]["url"], manifest["rows"], detail=detail)


def cohort_forms() -> None:
    """The same cohort as a link, as YAML and in Python, to be shared and repeated."""
    asked = cohort()
    st.markdown("**Link**: add it to the address of any page")
    st.code(f"?{asked.url()}" if asked.url() else "(no filter in use)", language=None, wrap_lines=True)
    st.markdown("**YAML**: load it under Saved cohorts, here or in another clinic")
    st.code(to_yaml({"my cohort": SavedCohort(asked)}), language="yaml")
    st.markdown("**Python**")
    st.code(
        f"from synapse_analytics import Cohort, analyses, open_clinic\n\ncohort = {asked.python()}\nanalyses.diagnosis_mix(open_clinic(), cohort)",
        language="python",
    )
