"""Loading a bundle in the browser and choosing which generation serves: for admins only."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st

from synapse_analytics import access, audit
from synapse_analytics.bundle import Check, check_bundle
from synapse_analytics.errors import SynapseError
from synapse_analytics.figures import table
from synapse_analytics.store import list_generations, load, use_generation
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, look, person

SHOWN = 200  # problems on the screen
OUTCOME = "load_outcome"


def generations() -> None:
    """The generations that are kept; an admin can make another one current."""
    kept = list_generations()
    rows = [
        {
            "generation": g.id,
            "clinic": g.clinic,
            "loaded": g.loaded_at[:16].replace("T", " "),
            "data until": g.data_until,
            "in use": g.current,
        }
        for g in kept
    ]
    st.html(table.table(rows, look(), caption="Generations"))
    others = [info.id for info in kept if not info.current]
    if not others or not access.may(person(), access.Permission.MANAGE_DATA):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Another generation", others, key="other_generation")
        st.button("Make it current", on_click=_use, args=(chosen,), icon=":material/history:")


def _use(generation: str) -> None:
    done = f"Generation {generation} serves now"
    try:
        use_generation(generation)
        _log(audit.Event.GENERATION_USED, audit.Subject(detail={"generation": generation}), done)
    except SynapseError as error:
        st.session_state[OUTCOME] = {"error": str(error)}
        return
    st.toast(plain(f"{done}."))


def _log(event: audit.Event, subject: audit.Subject, done: str) -> None:
    audit.append(event, person(), subject, home=clinic().home, done=done)


def upload() -> None:
    """Drop a bundle: it is checked, built and only then published; what is wrong with it is listed."""
    if not access.may(person(), access.Permission.MANAGE_DATA):
        return
    st.caption("A .zip with the CSV files and the manifest. Nothing changes unless the whole bundle is accepted.")
    given = st.file_uploader("Bundle", type="zip", key="bundle_upload")
    if given is not None and st.button("Check and load", type="primary", icon=":material/upload:"):
        st.session_state[OUTCOME] = _load(given)
        if st.session_state[OUTCOME].get("loaded"):
            st.rerun()
    outcome = st.session_state.get(OUTCOME)
    if outcome:
        _report(outcome)


def _load(given: Any) -> dict[str, Any]:
    bar = st.progress(0.0, "Reading the bundle")

    def progress(what: str, done: int, total: int) -> None:
        bar.progress(min(done / total, 1.0) if total else 0.0, f"{what}: {done:,} of {total:,}" if total else what)

    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "bundle.zip"
            path.write_bytes(given.getbuffer())
            check = check_bundle(path, progress)
            verdict = {"accepted": check.accepted, "problems": sum(check.counts.values())}
            _log(audit.Event.LOAD, audit.Subject(detail=verdict), "Nothing was loaded")
            if not check.accepted:
                return {"refused": _problems(check), "count": sum(check.counts.values())}
            info = load(check, progress=progress)
        subject = audit.Subject(rows=info.rows["patients"], detail={"generation": info.id})
        _log(audit.Event.PUBLISH, subject, f"Generation {info.id} was loaded and serves")
    except SynapseError as error:
        return {"error": str(error)}
    finally:
        bar.empty()
    return {"loaded": info.id, "warnings": len(info.warnings)}


def _problems(check: Check) -> list[dict[str, Any]]:
    return [
        {
            "file": p.file,
            "line": p.line,
            "row": p.row,
            "column": p.column,
            "rule": p.rule.replace("_", " "),
            "value": p.value,
            "hint": p.hint,
        }
        for p in check.problems[:SHOWN]
    ]


def _report(outcome: dict[str, Any]) -> None:
    if "error" in outcome:
        st.error(plain(outcome["error"]), icon=":material/block:")
    elif "refused" in outcome:
        st.error(
            f"The bundle was refused: {outcome['count']:,} problems. Nothing was loaded; what was there still serves.",
            icon=":material/block:",
        )
        st.html(table.table(outcome["refused"], look(), caption="Problems"))
    else:
        st.success(f"Loaded as generation {outcome['loaded']}, with {outcome['warnings']} warnings.")
