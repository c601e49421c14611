"""The page Data: what is loaded, the warnings of the last load, and loading another bundle (for admins only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st

from synapse_analytics import access, audit
from synapse_analytics.bundle import check_bundle
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import SynapseError
from synapse_analytics.findings import words as w
from synapse_analytics.store import list_generations, load, store_home, use_generation
from synapse_analytics.web.parts import listed, progress_bar
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import person

FACTS = {
    "clinic": "Clinic",
    "generation": "Generation",
    "loaded_at": "Loaded (UTC)",
    "data_until": "Complete until",
    "first_month": "First visits from",
    "last_month": "First visits to",
    "headline": "Headline score",
    "synthetic": "Synthetic",
    "sha256": "Fingerprint of the bundle (sha256)",
}
BASE = ("patients", "episodes", "other_diagnoses", "symptoms", "investigations", "treatments", "scores", "adverse_events")
SHOWN = 200  # problems on the screen
OUTCOME = "load_outcome"  # in the session: how the last load ended


def facts(released: Released) -> None:
    """What is loaded, and how many rows of each file."""
    if _is_refused(released):
        return
    known = released.tables["generation"][0]
    left, right = st.columns([3, 2], gap="large")
    with left:
        about = [{"about": label.replace(" ", "\u00a0"), "value": _fact(name, known[name])} for name, label in FACTS.items()]
        listed(about, "What is loaded")
    with right:
        rows = {row["file"].removesuffix(".csv"): row["rows"] for row in released.tables["rows"]}
        listed([{"file": name.replace("_", " ").capitalize(), "rows": rows[name]} for name in BASE if name in rows], "Rows of each file")


def _is_refused(released: Released) -> bool:
    if released.refused:
        st.info(plain(released.refused), icon=":material/visibility_off:")
    return bool(released.refused)


def _fact(name: str, value: Any) -> str:
    if name == "synthetic":
        return "yes, these patients do not exist" if value else "no"
    if name == "headline":
        return w.instrument(str(value)).label
    return str(value).replace("T", " ").removesuffix("+00:00") if name == "loaded_at" else str(value)


def warnings(released: Released, words: Mapping[str, str]) -> None:
    """The warnings of the last load in words, with how many rows each concerns."""
    if _is_refused(released):
        return
    rows = [
        {
            "warning": words.get(row["rule"], row["rule"].replace("_", " ").capitalize()),
            "file": row["file"],
            "rows": row["n"],
            "withheld": ["rows"] if "n" in row["withheld"] else [],
        }
        for row in released.tables["warnings"]
    ]
    if not rows:
        st.success("The checks had nothing to warn of.")
        return
    listed(rows, "Warnings")
    st.caption("Warnings do not stop a load: the rows are loaded and counted, and named here so that nobody is surprised.")


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
    listed(rows, "Generations")
    others = [info.id for info in kept if not info.current]
    if not others or not may_load():
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
    audit.append(event, person(), subject, home=store_home(), done=done)


def may_load() -> bool:
    """True if the person may load data."""
    return access.may(person(), access.Permission.MANAGE_DATA)


def upload() -> None:
    """Take a bundle as a .zip: it is checked, built and only then published; if it is refused, its problems are listed."""
    if not may_load():
        return
    st.caption("A .zip with the CSV files and the manifest. Nothing changes unless the whole bundle is accepted.")
    given = st.file_uploader("Bundle", type="zip", key="bundle_upload")
    if given is not None and st.button("Check and load", type="primary", icon=":material/upload:"):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "bundle.zip"
            path.write_bytes(given.getbuffer())
            loaded = load_bundle(path)
        if loaded:
            st.rerun()
    if st.session_state.get(OUTCOME):
        _report(st.session_state[OUTCOME])


def load_bundle(path: Path) -> bool:
    """Check and load a bundle, with a bar that says how far it is; False if it was refused: then the page says why."""
    st.session_state[OUTCOME] = _load(path)
    return "loaded" in st.session_state[OUTCOME]


def _load(path: Path) -> dict[str, Any]:
    """Load the bundle; how it ended, for the session."""
    try:
        with progress_bar("Reading the bundle") as progress:
            check = check_bundle(path, progress)
            verdict = {"accepted": check.accepted, "problems": sum(check.counts.values())}
            _log(audit.Event.LOAD, audit.Subject(detail=verdict), "Nothing was loaded")
            if not check.accepted:
                shown = [asdict(problem) | {"rule": problem.rule.replace("_", " ")} for problem in check.problems[:SHOWN]]
                return {"refused": shown, "sentence": check.sentence()}
            info = load(check, progress=progress)
        subject = audit.Subject(rows=info.rows["patients"], detail={"generation": info.id})
        _log(audit.Event.PUBLISH, subject, f"Generation {info.id} was loaded and serves")
    except SynapseError as error:
        return {"error": str(error)}
    return {"loaded": info.id, "warnings": len(info.warnings)}


def _report(outcome: dict[str, Any]) -> None:
    if "error" in outcome:
        st.error(plain(outcome["error"]), icon=":material/block:")
    elif "refused" in outcome:
        st.error(plain(outcome["sentence"]), icon=":material/block:")
        listed(outcome["refused"], "Problems")
    else:
        st.success(f"Loaded as generation {outcome['loaded']}, with {outcome['warnings']} warnings.")
