"""The page Data: what is loaded, the warnings of the last load, and loading another bundle (for admins only)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from synapse_analytics import access, audit
from synapse_analytics.bundle import RULES, Check, explained
from synapse_analytics.bundle.labels import file_label
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import BundleRefused, SynapseError
from synapse_analytics.findings import words as w
from synapse_analytics.store import GenerationInfo, check_private, list_generations, load_apart, same_data, store_home, use_generation
from synapse_analytics.store.found import audit_pointer
from synapse_analytics.vocabulary.periods import spoken
from synapse_analytics.vocabulary.plurals import counted
from synapse_analytics.web import permitted
from synapse_analytics.web.door.uploads import forget, path_of
from synapse_analytics.web.parts import listed, progress_bar
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import person

FACTS = {
    "clinic": "Clinic",
    "loaded_at": "Loaded",
    "data_until": "Data complete to",
    "first_month": "First visits from",
    "last_month": "First visits to",
    "headline": "Main score",
    "synthetic": "Synthetic data",
}
# Long codes, each in a box of its own: whole, and copied by a click.
CODES = {"generation": "Data version", "sha256": "Fingerprint of the data (sha256)"}
BASE = ("patients", "episodes", "other_diagnoses", "symptoms", "investigations", "treatments", "scores", "adverse_events")
OUTCOME = "load_outcome"  # in the session: how the last load ended
JUDGED = "bundles_judged"  # in the session: how many were loaded or refused
OVER = "over"  # in the outcome: an event, set when the run of the load has ended
STOPPED = "The work was stopped before its end. Nothing was loaded, and the data in use are as they were."


def facts(released: Released) -> None:
    """What is loaded, and how many rows of each file."""
    if _is_refused(released):
        return
    known = released.tables["generation"][0]
    left, right = st.columns([4, 3], gap="medium")
    with left:
        about = [{"about": label.replace(" ", "\u00a0"), "value": _fact(name, known[name])} for name, label in FACTS.items()]
        listed(about, "What is loaded")
        with st.container(key="data_codes"):
            for name, label in CODES.items():
                st.caption(plain(label))
                st.code(str(known[name]), language=None, wrap_lines=True)
    with right:
        rows = {row["file"].removesuffix(".csv"): row["rows"] for row in released.tables["rows"]}
        shown = [{"what": file_label(name), "file": f"{name}.csv", "rows": rows[name]} for name in BASE if name in rows]
        listed(shown, "Rows of each file")


def _is_refused(released: Released) -> bool:
    if released.refused:
        st.info(plain(released.refused), icon=":material/visibility_off:")
    return bool(released.refused)


def _fact(name: str, value: Any) -> str:
    if name == "synthetic":
        return "yes, these patients do not exist" if value else "no"
    if name == "headline":
        return w.instrument(str(value)).label
    if name in ("data_until", "first_month", "last_month"):
        return spoken(str(value))
    return _moment(str(value)) if name == "loaded_at" else str(value)


def _moment(at: str) -> str:
    """A time of loading as people read it: 2026-11-28 17:17 UTC."""
    return f"{at[:16].replace('T', ' ')} UTC"


def warnings(released: Released) -> None:
    """The warnings of the last load in words, with how often each was found."""
    if _is_refused(released):
        return
    rows = [
        {
            "warning": RULES[row["rule"]].sentence if row["rule"] in RULES else row["rule"],
            "file": row["file"],
            "times found": row["n"],
            "withheld": ["times found"] if "n" in row["withheld"] else [],
        }
        for row in released.tables["warnings"]
    ]
    if not rows:
        st.success("The checks of this bundle gave no warning.")
        return
    listed(rows, "Warnings")
    st.caption(
        "A warning does not stop a load. The rows were loaded and are counted in every answer; look at them in the system they come from."
    )


def generations() -> None:
    """The data versions that are kept; an admin can use another one."""
    kept = list_generations()
    rows = [
        {
            "loaded": _moment(g.loaded_at),
            "clinic": g.clinic,
            "data complete to": spoken(g.data_until),
            "in use": g.current,
            "data version": g.id,
        }
        for g in kept
    ]
    listed(rows, "Data versions")
    others = {info.id: info for info in kept if not info.current}
    if not others or not may_load():
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Another data version", list(others), format_func=lambda one: _named(others[one]), key="other_generation")
        st.button("Use this version", on_click=_use, args=(chosen,), icon=":material/history:")


def _named(info: GenerationInfo) -> str:
    return f"Loaded {_moment(info.loaded_at)}, data complete to {spoken(info.data_until)}"


def _use(generation: str) -> None:
    done, subject = f"Data version {generation} is now in use", audit.Subject(detail={"generation": generation})
    try:
        asker = loader("use of a data version")
        audit_pointer()  # a pointer that somebody else moved is noted before it moves again
        with audit.deed(audit.Event.GENERATION_USE_ASKED, asker, subject, home=store_home()) as deed:
            use_generation(generation)
            deed.ends(audit.Event.GENERATION_USED, subject, done=done)
    except SynapseError as error:
        with begun() as ended:
            ended["error"] = str(error)
        return
    st.session_state.pop(OUTCOME, None)  # what was loaded before is no longer in use
    st.toast(plain(f"{done}."))


def may_load() -> bool:
    """True if the person may load data."""
    return access.may(person(), access.Permission.MANAGE_DATA)


def loader(of: str = "load") -> access.Person:
    """The person, asked anew at the moment of a deed; NotAllowed, and a line in the log, for who may not load data or whose session has ended."""
    asker = person()
    permitted.check(asker, access.Permission.MANAGE_DATA, of, store_home())
    return asker


def upload() -> None:
    """Take a bundle as a .zip: it is checked, built and only then published; if it is refused, its problems are listed."""
    if not may_load():
        return
    st.caption("Choose a .zip file that holds the CSV files and the manifest. The data in use change only if the whole bundle is accepted.")
    # A file that was judged is given back, and its name leaves the page: the next place for a file is another one.
    given = st.file_uploader("Bundle", type="zip", key=f"bundle_upload{st.session_state.get(JUDGED, '')}")
    if given is not None and st.button("Check and load", type="primary", icon=":material/upload:"):
        with begun() as ended:
            bring_in(partial(path_of, given), ended)
        if ended.keys() & {"loaded", "refused"}:
            forget(given)
            st.session_state[JUDGED] = st.session_state.get(JUDGED, 0) + 1
            st.rerun()
    outcome()


def outcome(of: str = "bundle") -> None:
    """How the last load of this session ended, if it was one of a bundle or of a clinic's own files; nothing before the first."""
    ended: dict[str, Any] | None = st.session_state.get(OUTCOME)
    if ended is not None and ended.get("of", of) == of:
        wait_until_over(ended)
        _report(ended)


@contextmanager
def begun(of: str = "bundle") -> Iterator[dict[str, Any]]:
    """How the load that begins now ends, told at once and in what is there already, as a click may stop whatever draws on the page."""
    ended: dict[str, Any] = {OVER: threading.Event(), "of": of}
    st.session_state[OUTCOME] = ended
    try:
        yield ended
    finally:
        ended[OVER].set()


def wait_until_over(ended: dict[str, Any]) -> None:
    """Streamlit begins the next run before the one that a click stops has ended: only then is it known how."""
    if not ended[OVER].is_set():
        with st.spinner("Stopping the work"):
            ended[OVER].wait()


def load_bundle(path: Path) -> bool:
    """Check and load a bundle, with a bar that says how far it is; False if it was not loaded: then the page says why."""
    with begun() as ended:
        bring_in(lambda: path, ended)
    return "loaded" in ended


def bring_in(place: Callable[[], Path], ended: dict[str, Any]) -> None:
    """Check and load the bundle at this place, and tell how it ended."""
    home = store_home()
    try:
        with audit.deed(audit.Event.LOAD_ASKED, loader(), home=home, so_far="Nothing was loaded") as deed:
            check_private(home)
            audit_pointer()
            with progress_bar("Reading the bundle") as progress:
                try:
                    info = load_apart(place(), progress=progress, before_publish=partial(_before_publish, deed))
                except BundleRefused as refusal:
                    problems = {"problems": sum(refusal.check.counts.values())}
                    deed.ends(audit.Event.LOAD_REFUSED, audit.Subject(detail=problems), done="Nothing was loaded")
                    ended["refused"] = refusal.check
                    return
                ended |= {"loaded": info.id, "warnings": len(info.warnings), "same": ""}
                subject = audit.Subject(rows=info.rows["patients"], sha256=info.sha256, detail={"generation": info.id})
                deed.ends(audit.Event.PUBLISH, subject, done=f"Data version {info.id} was loaded and is in use")
                ended["same"] = same_data(info)
    except SynapseError as error:
        ended["error"] = str(error)


def _before_publish(deed: audit.Deed, generation: str) -> None:
    """The person is asked for once more, and the log told, before a data version comes into use."""
    loader()
    deed.asks(audit.Event.PUBLISH_ASKED, audit.Subject(detail={"generation": generation}))


def _report(outcome: dict[str, Any]) -> None:
    if "error" in outcome:
        st.error(plain(outcome["error"]), icon=":material/block:")
    elif "refused" in outcome:
        _why_refused(outcome["refused"])
    elif "loaded" not in outcome:
        st.info(plain(STOPPED), icon=":material/cancel:")
    else:
        st.success(plain(f"Loaded as data version {outcome['loaded']}, with {counted(outcome['warnings'], 'warning')}. {outcome['same']}"))


def _why_refused(check: Check) -> None:
    """The verdict, and every reason with its first places and what to do: the words of the command line."""
    st.error(plain(check.sentence()), icon=":material/block:")
    for reason in explained(check):
        with st.container(border=True):
            st.markdown(f"**{plain(reason.heading)}**")
            for place in reason.places:
                st.markdown(f"- {plain(place)}")
            st.caption(plain(reason.advice))
